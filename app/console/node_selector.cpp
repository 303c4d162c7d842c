// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/node_selector.h"

#include <QScopedValueRollback>

#include "widgets/pages/node_tree_panel.h"
#include "widgets/text/error_text.h"

namespace gantry::console {

NodeSelector::NodeSelector(HostClient &client, const NodeTreeModel &tree, HostKey host, NodeTreePanel &panel,
                           QObject *parent)
    : QObject(parent), m_client(client), m_tree(tree), m_host(host), m_panel(panel)
{
    connect(&tree, &NodeTreeModel::structureChanged, this, &NodeSelector::attempt);
    connect(&panel, &NodeTreePanel::currentNodeChanged, this, [this] {
        if (!m_ours && !m_panel.isByDefault()) {
            m_target.clear();
            m_namespace = {};
        }
    });
}

void NodeSelector::select(const QString &target)
{
    m_target = target;
    m_namespace = {};
    attempt();
}

bool NodeSelector::select(NodeId id)
{
    const QScopedValueRollback ours(m_ours, true);
    m_target.clear();
    m_namespace = {};
    if (choose(id))
        return true;
    if (id.kind() != NodeKind::Namespace)
        return false;
    m_namespace = id;
    m_panel.setGrouping(NodeTreeModel::Grouping::Namespaces);
    return true;
}

void NodeSelector::attempt()
{
    if (m_client.state() != LinkState::Live || m_tree.nodeCount() == 0)
        return;
    const QScopedValueRollback ours(m_ours, true);
    if (m_namespace && choose(m_namespace))
        m_namespace = {};
    if (m_target.startsWith(u'/')) {
        if (const NodeId id = m_tree.idOfPath(m_target); id && choose(id))
            m_target.clear();
    } else if (!m_target.isEmpty()) {
        ask();
    }
    if (m_isDefault && !m_panel.current())
        m_panel.selectByDefault({m_host, NodeId::host()});
}

bool NodeSelector::choose(NodeId id)
{
    return m_panel.selectNode({m_host, id});
}

void NodeSelector::ask()
{
    v1::GetNodeRequest request;
    const QString pidPrefix = QStringLiteral("pid:");
    if (m_target.startsWith(pidPrefix))
        request.mutable_target()->set_pid(m_target.sliced(pidPrefix.size()).toInt());
    else
        request.mutable_target()->set_container(m_target.toStdString());
    m_target.clear();
    m_client.call(method::kGetNode, request, this, [this](const Result<v1::Node> &node) {
        if (!node) {
            Q_EMIT failed(text::errorSentence(node.error()));
            return;
        }
        // A process is shown at its cgroup.
        const NodeId cgroup =
            node->has_cgroup() ? m_tree.idOfPath(QString::fromStdString(node->cgroup().path())) : NodeId{};
        if (!choose(NodeId{node->id()}) && !choose(cgroup))
            Q_EMIT failed(tr("The tree does not show %1.").arg(QString::fromStdString(node->name())));
    });
}

} // namespace gantry::console
