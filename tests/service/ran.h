// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>

namespace gantry::test {

/// How a program ended, and what it wrote.
struct Ran
{
    int exitStatus = -1; ///< -1: it did not end by itself, or not in time
    QByteArray out{};
    QByteArray err{};

    [[nodiscard]] QJsonObject json() const { return QJsonDocument::fromJson(out).object(); }
    [[nodiscard]] QByteArray all() const { return out + err; }
};

/// Waits for the end of a program that was started.
inline Ran finish(QProcess &process, int mostMillis)
{
    if (!process.waitForFinished(mostMillis) || process.exitStatus() != QProcess::NormalExit)
        return {};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

} // namespace gantry::test
