// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "widgets/pages/host_tree_view.h"

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;

namespace gantry {

/// The tree of the hosts with its filter field and grouping switch. Thread: GUI.
class NodeTreePanel final : public QWidget
{
    Q_OBJECT
public:
    /// The model must outlive the panel.
    explicit NodeTreePanel(HostsTreeModel *model, QWidget *parent = nullptr);

    [[nodiscard]] HostTreeView *view() const { return m_view; }
    /// Host and node of the current row; none for a group of hosts.
    [[nodiscard]] NodeRef current() const;
    /// Node of the current row, 0 if there is none.
    [[nodiscard]] NodeId currentNode() const { return current().node; }
    /// The host of the current row, else the first.
    [[nodiscard]] HostKey currentHost() const;
    /// Hosts of the selected rows, each once, those of groups included, in the order shown.
    [[nodiscard]] std::vector<HostKey> selectedHosts() const;
    /// Selected nodes of the current host in the order shown.
    [[nodiscard]] std::vector<NodeId> selectedNodes() const;
    /// Makes the node current, expands its ancestors and scrolls to it. Switches the grouping to cgroups or namespaces
    /// and clears the filter where the node would not be a row otherwise.
    /// @return false if the model does not know the node.
    bool selectNode(NodeRef ref);
    /// The same, by nobody's wish: isByDefault() while that is announced.
    void selectByDefault(NodeRef ref);
    [[nodiscard]] bool isByDefault() const { return m_isByDefault; }
    /// The same for a node of currentHost().
    bool selectNode(NodeId id) { return selectNode({currentHost(), id}); }
    void focusFilter();
    void setGrouping(NodeTreeModel::Grouping grouping);
    /// The label that the grouping by label goes by; empty: the first there is.
    void setLabelKey(const QString &key);

    /// Header layout and sorting; and the expanded nodes by host name and cgroup path ("lab1:/a"; "/a" on the host
    /// without a name), since ids do not outlive a boot.
    [[nodiscard]] QByteArray saveHeader() const;
    bool restoreHeader(const QByteArray &state);
    [[nodiscard]] QStringList expandedPaths() const;
    /// Expands those that exist now and remembers the others until they appear.
    void setExpandedPaths(const QStringList &paths);

    /// The rows shown as CSV (expanded or not).
    [[nodiscard]] QString csv() const;

Q_SIGNALS:
    void currentNodeChanged(gantry::NodeRef ref);
    void selectionChanged();
    /// Right click or menu key on the selection; the window opens its menu there.
    void menuRequested(const QPoint &globalPosition);
    void groupingChanged(gantry::NodeTreeModel::Grouping grouping);
    /// A double click on a host that is not connected.
    void connectRequested(gantry::HostKey host);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildBar();
    void buildView();
    void openHosts();
    [[nodiscard]] QModelIndexList selectedRows() const;
    void offerLabelKeys();
    void applyFilter(const QString &typed);
    void expandWanted();

    HostsTreeModel *m_model;
    HostTreeView *m_view;
    QLineEdit *m_filter;
    QComboBox *m_grouping;
    QComboBox *m_labelKey;
    QLabel *m_labelText;
    QLabel *m_problem;
    QStringList m_wantedPaths;
    bool m_isByDefault = false;
    std::vector<HostKey> m_opened; ///< hosts that were expanded once
};

} // namespace gantry
