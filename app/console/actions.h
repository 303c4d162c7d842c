// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/action_table.h"

#include <functional>
#include <map>
#include <vector>

QT_FORWARD_DECLARE_CLASS(QAction)
QT_FORWARD_DECLARE_CLASS(QMenu)
QT_FORWARD_DECLARE_CLASS(QMenuBar)
QT_FORWARD_DECLARE_CLASS(QToolBar)

namespace gantry::console {

/// The QActions behind actionTable(): texts, keys, and whether each fits all of the selected nodes; one that does not
/// is greyed and its tool tip and status tip name the node that prevents it. Thread: GUI.
class Actions : public QObject
{
    Q_OBJECT
public:
    /// The actions belong to `window`, whose keys trigger them.
    explicit Actions(QWidget *window);

    [[nodiscard]] QAction *action(ActionId id) const { return m_actions.at(id); }
    /// In the order of the table.
    [[nodiscard]] QList<QAction *> all() const;

    /// @param more stands in the menu of the host.
    void fill(QMenuBar *bar, QMenu *more) const;
    void fill(QToolBar *bar) const;
    /// The actions of a node, for its context menu.
    void fillNodeMenu(QMenu *menu) const;

    /// Why the engine cannot take a call, in a sentence; empty: it can. @param call its path.
    using Missing = std::function<QString(const char *call)>;

    /// What is selected, and why nothing may be changed (empty: it may).
    void update(const std::vector<NodeFacts> &nodes, const QString &readOnlyReason, const Missing &missing);
    /// Greys a window action with its reason; empty makes it available (unless it changes a host one may only look at).
    void setReason(ActionId id, const QString &reason);
    /// Icons again, after the palette changed.
    void updateIcons();

Q_SIGNALS:
    void triggered(gantry::console::ActionId id);

private:
    [[nodiscard]] QString reasonFor(const ActionSpec &spec, const std::vector<NodeFacts> &nodes) const;
    void apply(const ActionSpec &spec, const QString &reason);
    void fill(QMenu *menu, ActionMenu which) const;

    std::map<ActionId, QAction *> m_actions;
    std::map<ActionId, QString> m_windowReasons;
    QString m_readOnlyReason;
    Missing m_missing;
    bool m_thaws = false; ///< the freeze toggle would thaw
};

} // namespace gantry::console
