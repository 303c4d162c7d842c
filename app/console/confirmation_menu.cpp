// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/confirmation_menu.h"

#include <QAction>

namespace gantry::console {

ConfirmationMenu::ConfirmationMenu(QSet<QString> &silenced, QWidget *parent)
    : QMenu(tr("&Ask before"), parent), m_silenced(silenced)
{
    setToolTipsVisible(true);
    add(tr("&Freeze"), QStringLiteral("freeze"));
    add(tr("&Thaw"), QStringLiteral("thaw"));
    add(tr("&Move processes"), QStringLiteral("move"));
    add(tr("&Signal"), QStringLiteral("signal"));
    add(tr("St&art container"), QStringLiteral("startContainer"));
    add(tr("Sto&p container"), QStringLiteral("stopContainer"));
    add(tr("R&estart container"), QStringLiteral("restartContainer"));
    add(tr("Rest&ore checkpoint"), QStringLiteral("restore"));
    addFixed(tr("&Kill"));
    addFixed(tr("&Remove cgroup"));
    addFixed(tr("Remo&ve container"));
    addFixed(tr("Remove c&heckpoint"));
    connect(this, &QMenu::aboutToShow, this, &ConfirmationMenu::refresh);
    refresh();
}

void ConfirmationMenu::add(const QString &text, const QString &kind)
{
    QAction *action = addAction(text);
    action->setObjectName(kind);
    action->setCheckable(true);
    action->setToolTip(tr("Warnings are shown in any case."));
    connect(action, &QAction::triggered, this, [this, kind](bool asks) {
        asks ? static_cast<void>(m_silenced.remove(kind)) : static_cast<void>(m_silenced.insert(kind));
    });
}

void ConfirmationMenu::addFixed(const QString &text)
{
    QAction *action = addAction(text);
    action->setCheckable(true);
    action->setChecked(true);
    action->setEnabled(false);
    action->setToolTip(tr("What cannot be undone always asks."));
}

void ConfirmationMenu::refresh()
{
    // "Do not ask again" in a dialog says the same.
    for (QAction *action : actions()) {
        if (!action->objectName().isEmpty())
            action->setChecked(!m_silenced.contains(action->objectName()));
    }
}

} // namespace gantry::console
