// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/action_text.h"

#include <QAction>
#include <QKeySequence>

namespace gantry {

QString actionName(const QAction &action)
{
    QString name = action.text();
    name.replace(QStringLiteral("&&"), QStringLiteral("\u0001"));
    name.remove(QLatin1Char('&'));
    name.replace(QStringLiteral("\u0001"), QStringLiteral("&"));
    if (name.endsWith(QStringLiteral("\u2026")))
        name.chop(1);
    return name;
}

QString actionKeys(const QAction &action)
{
    return QKeySequence::listToString(action.shortcuts(), QKeySequence::NativeText);
}

} // namespace gantry
