// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/actions.h"

#include <QAction>
#include <QApplication>
#include <QMenu>
#include <QMenuBar>
#include <QToolBar>
#include <QWidget>

#include "widgets/style/theme.h"

#include <algorithm>

namespace gantry::console {

Actions::Actions(QWidget *window) : QObject(window)
{
    for (const ActionSpec &spec : actionTable()) {
        auto *action = new QAction(actionText(spec.id, 0, false), window);
        action->setObjectName(QString::fromLatin1(spec.name));
        action->setCheckable(spec.scope == ActionScope::Switch);
        action->setShortcuts(QKeySequence::listFromString(QString::fromLatin1(spec.keys)));
        connect(action, &QAction::triggered, this, [this, id = spec.id] { Q_EMIT triggered(id); });
        window->addAction(action);
        m_actions.emplace(spec.id, action);
    }
    updateIcons();
    update({}, {}, {});
}

QList<QAction *> Actions::all() const
{
    QList<QAction *> out;
    for (const ActionSpec &spec : actionTable())
        out.append(m_actions.at(spec.id));
    return out;
}

void Actions::fill(QMenu *menu, ActionMenu which) const
{
    menu->setToolTipsVisible(true); // they say why an action is grey
    for (const ActionSpec &spec : actionTable()) {
        if (spec.menu == which)
            menu->addAction(m_actions.at(spec.id));
    }
}

void Actions::fill(QMenuBar *bar, QMenu *more) const
{
    QMenu *host = bar->addMenu(tr("&Host"));
    fill(host, ActionMenu::Host);
    host->insertMenu(m_actions.at(ActionId::Quit), more);
    fill(bar->addMenu(tr("&Node")), ActionMenu::Node);
    fill(bar->addMenu(tr("&View")), ActionMenu::View);
    fill(bar->addMenu(tr("H&elp")), ActionMenu::Help);
}

void Actions::fill(QToolBar *bar) const
{
    // Ways through the window left, verbs after them.
    for (const ActionMenu menu : {ActionMenu::View, ActionMenu::Host, ActionMenu::Node}) {
        for (const ActionSpec &spec : actionTable()) {
            if (spec.onToolBar && spec.menu == menu)
                bar->addAction(m_actions.at(spec.id));
        }
        if (menu != ActionMenu::Node)
            bar->addSeparator();
    }
}

void Actions::fillNodeMenu(QMenu *menu) const
{
    fill(menu, ActionMenu::Node);
}

QString Actions::reasonFor(const ActionSpec &spec, const std::vector<NodeFacts> &nodes) const
{
    if (spec.changesHost && !m_readOnlyReason.isEmpty())
        return m_readOnlyReason;
    if (QString reason = spec.call != nullptr && m_missing ? m_missing(spec.call) : QString(); !reason.isEmpty())
        return reason;
    if (spec.scope == ActionScope::Window || spec.scope == ActionScope::Switch) {
        const auto it = m_windowReasons.find(spec.id);
        return it == m_windowReasons.end() ? QString() : it->second;
    }
    if (nodes.empty())
        return tr("Nothing is selected.");
    if (spec.scope == ActionScope::OneNode && nodes.size() > 1)
        return tr("Select a single node for this.");
    for (const NodeFacts &node : nodes) {
        if (QString reason = spec.refusal ? spec.refusal(node) : QString(); !reason.isEmpty())
            return reason;
    }
    return {};
}

void Actions::apply(const ActionSpec &spec, const QString &reason)
{
    QAction *action = m_actions.at(spec.id);
    action->setEnabled(reason.isEmpty());
    const QString keys = action->shortcut().toString(QKeySequence::NativeText);
    const QString plain = action->text().remove(u'&');
    QString tip = keys.isEmpty() ? plain : tr("%1 (%2)", "tool tip: action and its keys").arg(plain, keys);
    if (!reason.isEmpty())
        tip += u'\n' + reason;
    action->setToolTip(tip);
    action->setStatusTip(reason);
}

void Actions::update(const std::vector<NodeFacts> &nodes, const QString &readOnlyReason, const Missing &missing)
{
    m_readOnlyReason = readOnlyReason;
    m_missing = missing;
    const bool thaws = !nodes.empty() && std::ranges::all_of(nodes, &NodeFacts::isFrozen);
    if (thaws != m_thaws) {
        m_thaws = thaws;
        updateIcons();
    }
    for (const ActionSpec &spec : actionTable()) {
        m_actions.at(spec.id)->setText(actionText(spec.id, static_cast<int>(nodes.size()), thaws));
        apply(spec, reasonFor(spec, nodes));
    }
}

void Actions::setReason(ActionId id, const QString &reason)
{
    m_windowReasons[id] = reason;
    apply(actionSpec(id), reasonFor(actionSpec(id), {}));
}

void Actions::updateIcons()
{
    for (const ActionSpec &spec : actionTable()) {
        const QString name =
            spec.id == ActionId::Freeze && m_thaws ? QStringLiteral("thaw") : QString::fromLatin1(spec.icon);
        if (spec.icon)
            m_actions.at(spec.id)->setIcon(theme::icon(name, qApp->palette()));
    }
}

} // namespace gantry::console
