// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/parse.h"

#include <QProcess>
#include <QtTest>

#include <string>

namespace gantry::lab {

/// Standard output of a shell line, trimmed; its errors too where `withErrors`. A line that fails where it must work, or
/// takes more than `seconds`, is told.
inline std::string shell(const std::string &line, bool mustWork = true, bool withErrors = true, int seconds = 120)
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

/// What a control file holds, trimmed, or why it cannot be read.
inline std::string kernelFile(const std::string &path, const std::string &file)
{
    const auto text = readFile(strCat("/sys/fs/cgroup", path, "/", file));
    return text ? std::string(trim(*text)) : text.error().message();
}

} // namespace gantry::lab
