// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/metrics.pb.h"
#include "widgets/models/roles.h"

#include <string>

namespace gantry {

/// Every control and statistics file of a cgroup with its text, keyed by mount and name. Thread: GUI.
class FileModel final : public KeyedTable<v1::ReadFilesReply::File, std::string>
{
    Q_OBJECT
public:
    enum Column { Name, Hierarchy, Writable, Text, ColumnCount };

    using KeyedTable::KeyedTable;

    void setFiles(const v1::ReadFilesReply &files);
    void clear();
    /// Path of a row's file on the host ("/sys/fs/cgroup/a/memory.max").
    [[nodiscard]] QString pathOf(int row) const;
    /// What a row's file says, whole; where it could not be read, why.
    [[nodiscard]] QString textOf(int row) const;

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::string keyOf(const v1::ReadFilesReply::File &row) const override;

private:
    [[nodiscard]] QString display(int row, int column) const;

    std::string m_cgroupPath;
};

} // namespace gantry
