// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/checkpoint.pb.h"
#include "widgets/models/roles.h"

#include <string>

namespace gantry {

/// What was saved on a host, keyed by id. Thread: GUI.
class CheckpointModel final : public KeyedTable<v1::CheckpointInfo, std::string>
{
    Q_OBJECT
public:
    enum Column { Time, Subject, Name, Processes, Size, Fresh, Stored, Trigger, Note, Id, ColumnCount };

    using KeyedTable::KeyedTable;

    void setList(const v1::ListCheckpointsReply &reply);
    /// A cell of this table, and its head, for another view of the same.
    [[nodiscard]] static QVariant cell(const v1::CheckpointInfo &row, int column, int role);
    [[nodiscard]] static QVariant header(int section, Qt::Orientation orientation, int role);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::string keyOf(const v1::CheckpointInfo &row) const override;
};

} // namespace gantry
