// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/parse.h"

#include <QProcess>
#include <QtTest>

#include <string>

namespace gantry::lab {

/// Standard output of a shell line, trimmed; its errors too where `withErrors`. A line that fails where it must work, or
/// takes more than `seconds`, is told.
inline std::string shell(const std::string &line, bool mustWork = true, bool withErrors = true, int seconds = 30)
{
    QProcess process;
    process.setProcessChannelMode(withErrors ? QProcess::MergedChannels : QProcess::ForwardedErrorChannel);
    process.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QString::fromStdString(line)});
    const bool ended = process.waitForFinished(seconds * 1'000);
    const std::string out = process.readAll().trimmed().toStdString();
    if (mustWork && (!ended || process.exitCode() != 0))
        qCritical("%s: %s", line.c_str(), out.c_str());
    return out;
}

} // namespace gantry::lab
