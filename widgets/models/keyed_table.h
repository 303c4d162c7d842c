// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry {

/// A flat table whose rows have keys: a new list is diffed against the old one, so that selection and scroll position
/// survive and nothing is ever reset. Removals and insertions are announced in runs, changes as one range.
/// @tparam Row value of a row; @tparam Key what identifies it, hashable. Thread: GUI.
template <class Row, class Key> class KeyedTable : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }
    /// The row behind an index of this model; the index must be valid.
    [[nodiscard]] const Row &rowAt(int row) const { return m_rows.at(static_cast<std::size_t>(row)); }
    [[nodiscard]] const std::vector<Row> &rows() const { return m_rows; }
    /// Row number of a key, -1 if there is none.
    [[nodiscard]] int rowOf(const Key &key) const
    {
        const auto it = m_rowOf.find(key);
        return it == m_rowOf.end() ? -1 : it->second;
    }

protected:
    [[nodiscard]] virtual Key keyOf(const Row &row) const = 0;

    /// Makes the table hold exactly `rows`; the rows that stay keep their place, new ones come at the end.
    void replaceAll(std::vector<Row> rows)
    {
        std::unordered_map<Key, std::size_t> wanted;
        for (std::size_t i = 0; i < rows.size(); ++i)
            wanted.emplace(keyOf(rows[i]), i);
        removeWhere([&](const Row &row) { return !wanted.contains(keyOf(row)); });
        upsert(std::move(rows));
    }

    /// Replaces rows that are there and appends the others.
    void upsert(std::vector<Row> rows)
    {
        int first = rowCount();
        int last = -1;
        std::vector<Row> fresh;
        std::unordered_map<Key, std::size_t> freshAt;
        for (Row &row : rows) {
            Key key = keyOf(row);
            if (const int at = rowOf(key); at >= 0) {
                m_rows[static_cast<std::size_t>(at)] = std::move(row);
                first = std::min(first, at);
                last = std::max(last, at);
            } else if (const auto [it, isNew] = freshAt.emplace(std::move(key), fresh.size()); isNew) {
                fresh.push_back(std::move(row));
            } else {
                fresh[it->second] = std::move(row);
            }
        }
        if (last >= 0)
            Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
        append(std::move(fresh));
    }

    /// Removes every row `gone` is true for, in runs from the end.
    template <class Predicate> void removeWhere(Predicate gone)
    {
        for (int end = rowCount(); end > 0;) {
            int begin = end;
            while (begin > 0 && gone(rowAt(begin - 1)))
                --begin;
            if (begin == end) {
                --end;
                continue;
            }
            beginRemoveRows({}, begin, end - 1);
            m_rows.erase(m_rows.begin() + begin, m_rows.begin() + end);
            reindex();
            endRemoveRows();
            end = begin;
        }
    }

private:
    void append(std::vector<Row> fresh)
    {
        if (fresh.empty())
            return;
        beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(fresh.size()) - 1);
        std::move(fresh.begin(), fresh.end(), std::back_inserter(m_rows));
        reindex();
        endInsertRows();
    }

    void reindex()
    {
        m_rowOf.clear();
        for (int i = 0; i < rowCount(); ++i)
            m_rowOf.emplace(keyOf(rowAt(i)), i);
    }

    std::vector<Row> m_rows;
    std::unordered_map<Key, int> m_rowOf;
};

} // namespace gantry
