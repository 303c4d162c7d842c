// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/shell.h"

#include "engine/base/limit.h"
#include "engine/proto/convert.h"
#include "widgets/text/format.h"

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

QString setLimitsCommand(const QString &path, const v1::SetLimitsRequest &request)
{
    QStringList words{QStringLiteral("gantryctl"), QStringLiteral("set"), shellWord(path)};
    for (const v1::LimitSetting &setting : request.settings()) {
        const auto key = limitKeyByName(setting.key());
        const auto value = valueOf(setting.value());
        if (key && value)
            words << shellWord(QStringLiteral("%1=%2").arg(utf8(setting.key()), limitInput(*key, *value)));
    }
    if (request.by_file())
        words << QStringLiteral("--by-file");
    else if (request.persistence() == v1::PERSISTENCE_PERMANENT)
        words << QStringLiteral("--permanent");
    return words.join(QLatin1Char(' '));
}

} // namespace gantry::text
