// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/limit_change_text.h"

#include "engine/base/limit.h"
#include "engine/proto/convert.h"
#include "widgets/text/format.h"

#include <QCoreApplication>

namespace gantry::text {

namespace {

/// Gives this file's texts their context for translators.
struct LimitChangeText
{
    Q_DECLARE_TR_FUNCTIONS(LimitChangeText)
};

QString changeOf(const v1::LimitChange &change)
{
    const auto key = limitKeyByName(change.key());
    const auto fresh = valueOf(change.new_value());
    if (!key || !fresh)
        return utf8(change.key());
    if (const auto old = valueOf(change.old_value()))
        return limitChange(*key, *old, *fresh);
    return LimitChangeText::tr("%1: %2 → %3", "limit: old to new")
        .arg(utf8(change.key()), absent(), limitValue(*key, *fresh));
}

} // namespace

QString changesOf(const v1::SetLimitsReply &reply)
{
    QStringList out;
    for (const v1::LimitChange &change : reply.changes())
        out << changeOf(change);
    return out.join(QStringLiteral("; "));
}

} // namespace gantry::text
