// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/shell.h"

#include <algorithm>

namespace gantry::text {

QString shellWord(const QString &word)
{
    const bool plain = !word.isEmpty() && std::ranges::all_of(word, [](QChar c) {
        return c.unicode() < 128 && (c.isLetterOrNumber() || QStringLiteral("/._-:@+=,%").contains(c));
    });
    return plain ? word
                 : QStringLiteral("'%1'").arg(QString(word).replace(QStringLiteral("'"), QStringLiteral("'\\''")));
}

} // namespace gantry::text
