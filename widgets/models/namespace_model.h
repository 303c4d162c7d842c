// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/inventory.pb.h"
#include "widgets/models/roles.h"

namespace gantry {

/// Namespaces with members, owner, parent and pins, keyed by node id. Thread: GUI.
class NamespaceModel final : public KeyedTable<v1::Node, std::uint64_t>
{
    Q_OBJECT
public:
    enum Column { Type, Inode, Members, FirstProcess, Owner, Parent, Pins, Note, ColumnCount };

    using KeyedTable::KeyedTable;

    void setNamespaces(const v1::NamespaceList &list);

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] std::uint64_t keyOf(const v1::Node &row) const override;
};

} // namespace gantry
