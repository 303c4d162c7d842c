// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/jobs.pb.h"
#include "widgets/models/roles.h"

namespace gantry {

/// Operations with their results, keyed by number. Thread: GUI.
class JobModel final : public KeyedTable<v1::Job, std::uint64_t>
{
    Q_OBJECT
public:
    enum Column { Started, Verb, Subject, State, Duration, Result, Actor, ColumnCount };

    using KeyedTable::KeyedTable;

    void apply(const v1::JobUpdate &update);
    /// Jobs queued or running.
    [[nodiscard]] int activeCount() const;
    /// Queued or running.
    [[nodiscard]] static bool isActive(const v1::Job &job);
    /// "running: checking".
    [[nodiscard]] static QString stateText(const v1::Job &job);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::uint64_t keyOf(const v1::Job &row) const override;
};

} // namespace gantry
