// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/migration_options.h"

namespace gantry {

QString MigrationOptions::words() const
{
    constexpr unsigned kMebi = 20;
    QString out;
    if (rounds != kUsualRounds)
        out += QStringLiteral(" --rounds %1").arg(rounds);
    if (way != MigrationWay::Auto)
        out +=
            way == MigrationWay::Direct ? QStringLiteral(" --transport direct") : QStringLiteral(" --transport relay");
    if (limit != 0)
        out += QStringLiteral(" --limit-rate %1M").arg(limit >> kMebi);
    if (keep)
        out += QStringLiteral(" --keep-source");
    if (timeline)
        out += QStringLiteral(" --with-timeline");
    if (!skip.isEmpty())
        out += QStringLiteral(" --skip ") + skip.join(u',');
    return out;
}

} // namespace gantry
