// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/freeze_text.h"

#include "widgets/text/format.h"

#include <QCoreApplication>

namespace gantry::text {

namespace {

QString sentences(std::uint64_t expected, std::uint64_t speed, const std::string &reason)
{
    const QString time =
        expected == 0
            ? QCoreApplication::translate(
                  "Freeze", "How long it will stand still is not known yet: this host has saved nothing like it.")
            : QCoreApplication::translate("Freeze",
                                          "It will stand still for about %1 (this host's last checkpoints: %2/s).")
                  .arg(duration(Micros(expected)), bytes(speed));
    const QString rounds =
        reason.empty()
            ? QCoreApplication::translate("Freeze", "Before that its memory is saved in rounds while it runs.")
            : QCoreApplication::translate("PreDump", reason.c_str());
    return time + QLatin1Char(' ') + rounds;
}

} // namespace

QString expectedFreeze(const v1::CheckReply &reply)
{
    return sentences(reply.expected_freeze_usec(), reply.freeze_bytes_per_second(), reply.no_pre_dump_reason());
}

QString expectedFreeze(const v1::CreateCheckpointReply &reply)
{
    return sentences(reply.expected_freeze_usec(), reply.freeze_bytes_per_second(), reply.no_pre_dump_reason());
}

} // namespace gantry::text
