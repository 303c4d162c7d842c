// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>
#include <QSet>

namespace gantry::console {

/// "Ask before": which kinds of action still ask when the dry run found nothing to warn of. What cannot be undone, and
/// what a warning was found for, always asks. Thread: GUI.
class ConfirmationMenu : public QMenu
{
    Q_OBJECT
public:
    /// @param silenced those that do not ask; must outlive the menu.
    ConfirmationMenu(QSet<QString> &silenced, QWidget *parent);

private:
    void add(const QString &text, const QString &kind);
    void addFixed(const QString &text);
    void refresh();

    QSet<QString> &m_silenced;
};

} // namespace gantry::console
