// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/link/host_client.h"
#include "widgets/models/hosts_tree_model.h"

namespace gantry {
class NodeTreePanel;
} // namespace gantry

namespace gantry::console {

/// Selects a node of one host by what a person calls it, as soon as it is there. Thread: GUI.
class NodeSelector : public QObject
{
    Q_OBJECT
public:
    /// @param host whose nodes these are.
    NodeSelector(HostClient &client, const NodeTreeModel &tree, HostKey host, NodeTreePanel &panel, QObject *parent);

    /// @param target cgroup path, container name or id, or "pid:N". A path that does not exist yet is waited for until
    /// something else is selected; the engine is asked for the others.
    void select(const QString &target);
    /// Selects the host itself as soon as it is live, if nothing is selected then. What another host's selector waits
    /// for is waited for all the same.
    void selectHostByDefault() { m_isDefault = true; }
    /// A node by its id. A namespace is waited for: the engine lists them only while the tree is grouped by them.
    /// @return false: there is no such node (any more).
    [[nodiscard]] bool select(NodeId id);
    /// What is still waited for; empty: nothing.
    [[nodiscard]] const QString &waitingFor() const { return m_target; }

Q_SIGNALS:
    /// The engine knows no such node.
    void failed(const QString &sentence);

private:
    void attempt();
    void ask();
    [[nodiscard]] bool choose(NodeId id);

    HostClient &m_client;
    const NodeTreeModel &m_tree;
    const HostKey m_host;
    NodeTreePanel &m_panel;
    QString m_target;
    NodeId m_namespace;  ///< waited for
    bool m_isDefault = false;
    bool m_ours = false; ///< the selection that changes now is this object's doing
};

} // namespace gantry::console
