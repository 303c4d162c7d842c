// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "engine/base/ids.h"
#include "gantry/v1/inventory.pb.h"
#include "widgets/models/roles.h"

#include <optional>

namespace gantry {

/// A process with the CPU rate between the last two lists.
struct ProcessRow
{
    v1::Process process;
    std::optional<double> cpuPercent; ///< of one CPU; nullopt until a second list came
};

/// The processes of a node, keyed by node id of the process (pid + start time). Thread: GUI.
class ProcessModel final : public KeyedTable<ProcessRow, std::uint64_t>
{
    Q_OBJECT
public:
    enum Column { Pid, Comm, User, Cpu, Memory, Threads, State, Cgroup, CommandLine, ColumnCount };

    using KeyedTable::KeyedTable;

    /// Replaces the list; CPU rates come from the interval between the two lists' clocks.
    void setProcesses(const v1::ProcessList &list);
    /// Another node was chosen: empties the table and forgets the rates.
    void clear();

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::uint64_t keyOf(const ProcessRow &row) const override;

private:
    std::uint64_t m_monotonicUsec = 0;
};

} // namespace gantry
