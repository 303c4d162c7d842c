// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/host.pb.h"
#include "widgets/models/roles.h"

#include <string>

namespace gantry {

/// The cgroups systemd-oomd watches, with the limit of each and how it stands, keyed by path and reason. Thread: GUI.
class OomdWatchedModel final : public KeyedTable<v1::OomdState::Watched, std::string>
{
    Q_OBJECT
public:
    enum Column { Cgroup, Reason, LimitPercent, NowPercent, State, First, ColumnCount };

    using KeyedTable::KeyedTable;

    void setState(const v1::OomdState &state);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::string keyOf(const v1::OomdState::Watched &row) const override;
};

/// A candidate with its place in the order of killing, 1 first.
struct OomdCandidateRow
{
    int rank = 0;
    v1::OomdState::Candidate candidate;
};

/// What systemd-oomd would kill for one watched cgroup, keyed by path. Thread: GUI.
class OomdCandidateModel final : public KeyedTable<OomdCandidateRow, std::string>
{
    Q_OBJECT
public:
    enum Column { Rank, Cgroup, Scanned, Swap, Memory, Preference, Kills, ColumnCount };

    using KeyedTable::KeyedTable;

    /// The order of the message is the order of killing.
    void setCandidates(const v1::OomdState::Watched &watched);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::string keyOf(const OomdCandidateRow &row) const override;
};

} // namespace gantry
