// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QString>
#include <QVariant>

#include <vector>

namespace gantry {

/// A cell as it is read, and what it is sorted by; invalid: by its text.
struct TextCell
{
    TextCell() = default;
    TextCell(QString shown) : text(std::move(shown)) {} // NOLINT: most cells are no more than their text
    TextCell(QString shown, QVariant by) : text(std::move(shown)), sort(std::move(by)) {}

    QString text;
    QVariant sort;
};

/// A table that is filled once and does not change: facts about what is past. Thread: GUI.
class TextTable final : public QAbstractTableModel
{
    Q_OBJECT
public:
    struct Column
    {
        QString title;
        bool isNumber = false;
    };
    using Row = std::vector<TextCell>;

    explicit TextTable(std::vector<Column> columns, QObject *parent = nullptr);

    /// @param rows a cell a column. They come behind those that are there.
    void append(std::vector<Row> rows);

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const std::vector<Column> m_columns;
    std::vector<Row> m_rows;
};

} // namespace gantry
