// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/alerts.pb.h"
#include "widgets/models/roles.h"

namespace gantry {

/// What happened on the host, keyed by sequence number; keeps the newest kMostEvents. Thread: GUI.
class EventModel final : public KeyedTable<v1::Event, std::uint64_t>
{
    Q_OBJECT
public:
    enum Column { Time, Level, What, Where, Who, ColumnCount };
    static constexpr int kMostEvents = 10'000;

    using KeyedTable::KeyedTable;

    void add(const v1::EventBatch &batch);
    void clear();
    /// Events the engine's ring lost before we read them.
    [[nodiscard]] std::uint64_t lost() const { return m_lost; }

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::uint64_t keyOf(const v1::Event &row) const override;

private:
    std::uint64_t m_lost = 0;
};

} // namespace gantry
