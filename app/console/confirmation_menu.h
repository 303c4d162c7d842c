// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMenu>
#include <QSet>

namespace gantry::console {

class VerbFlow;

/// "Ask before": which kinds of action still ask when the dry run found nothing to warn of. What cannot be undone, and
/// what a warning was found for, always asks. Thread: GUI.
class ConfirmationMenu : public QMenu
{
    Q_OBJECT
public:
    ConfirmationMenu(VerbFlow &flow, QWidget *parent);

private:
    void add(const QString &text, const QString &kind);
    void addFixed(const QString &text);
    void refresh();

    VerbFlow &m_flow;
};

} // namespace gantry::console
