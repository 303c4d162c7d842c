// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "engine/base/ids.h"
#include "widgets/models/node_tree_model.h"

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QTreeView;

namespace gantry {

/// The tree of a host with its filter field and grouping switch. Thread: GUI.
class NodeTreePanel final : public QWidget
{
    Q_OBJECT
public:
    /// The model must outlive the panel.
    explicit NodeTreePanel(NodeTreeModel *model, QWidget *parent = nullptr);

    [[nodiscard]] QTreeView *view() const { return m_view; }
    /// Node of the current row, 0 if there is none.
    [[nodiscard]] NodeId currentNode() const;
    /// Selected nodes in the order shown.
    [[nodiscard]] std::vector<NodeId> selectedNodes() const;
    /// Makes the node current, expands its ancestors and scrolls to it. Switches the grouping to cgroups or namespaces
    /// and clears the filter where the node would not be a row otherwise.
    /// @return false if the model does not know the node.
    bool selectNode(NodeId id);
    void focusFilter();
    void setGrouping(NodeTreeModel::Grouping grouping);
    /// The label that the grouping by label goes by; empty: the first there is.
    void setLabelKey(const QString &key);

    /// Header layout and sorting; and the expanded nodes by cgroup path, since ids do not outlive a boot.
    [[nodiscard]] QByteArray saveHeader() const;
    bool restoreHeader(const QByteArray &state);
    [[nodiscard]] QStringList expandedPaths() const;
    /// Expands those that exist now and remembers the others until they appear.
    void setExpandedPaths(const QStringList &paths);

    /// The rows shown as CSV (expanded or not).
    [[nodiscard]] QString csv() const;

Q_SIGNALS:
    void currentNodeChanged(gantry::NodeId id);
    void selectionChanged();
    /// Right click or menu key on the selection; the window opens its menu there.
    void menuRequested(const QPoint &globalPosition);
    void groupingChanged(gantry::NodeTreeModel::Grouping grouping);
    /// Nodes whose values are on screen: for Metrics.Watch. Reported with ticks and changes of the tree.
    void visibleNodesChanged(const std::vector<gantry::NodeId> &ids);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildBar();
    void buildView();
    void offerLabelKeys();
    void applyFilter(const QString &typed);
    void expandWanted();
    void reportVisible();

    NodeTreeModel *m_model;
    QTreeView *m_view;
    QLineEdit *m_filter;
    QComboBox *m_grouping;
    QComboBox *m_labelKey;
    QLabel *m_labelText;
    QLabel *m_problem;
    QStringList m_wantedPaths;
    std::vector<NodeId> m_visible;
    bool m_openedOnce = false;
};

} // namespace gantry
