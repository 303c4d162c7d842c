// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "engine/base/ids.h"
#include "gantry/v1/inventory.pb.h"
#include "widgets/models/namespace_model.h"

namespace gantry {

class TablePanel;

/// The namespaces of the selected node (or of the host). Thread: GUI.
class NamespacesPage final : public QWidget
{
    Q_OBJECT
public:
    explicit NamespacesPage(QWidget *parent = nullptr);

    void setNamespaces(const v1::NamespaceList &list);
    void setFailure(const v1::Failure &failure);
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    /// "Show in tree": this namespace, its owner or its parent.
    void jumpRequested(gantry::NodeId id);

private:
    void openMenu(const QPoint &position);

    NamespaceModel m_model;
    TablePanel *m_table;
};

} // namespace gantry
