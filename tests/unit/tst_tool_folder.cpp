// SPDX-License-Identifier: GPL-3.0-or-later
// The folder that a runtime works in: what a Gantry that was killed has left of them.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/oci_container.h"

#include <QProcess>
#include <QTemporaryDir>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
namespace fs = std::filesystem;

namespace {

Result<ToolFolder> make(const QTemporaryDir &state)
{
    return ToolFolder::create(state.path().toStdString(), CriuFacts{"/bin/true", "4.2", {}}, {"tcp-established"});
}

QStringList foldersIn(const QTemporaryDir &state)
{
    return QDir(state.path()).entryList({QStringLiteral("runtime.*")}, QDir::Dirs);
}

/// As a Gantry that was killed leaves it. @return its path; empty: it was not made.
std::string leave(const QTemporaryDir &state)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        const auto folder = make(state);
        if (folder)
            std::ofstream(folder->file("work/pages-1.img")) << "what it restored from";
        ::kill(::getpid(), SIGKILL);
    }
    ::waitpid(pid, nullptr, 0);
    const QStringList left = foldersIn(state);
    return left.size() == 1 ? state.filePath(left.first()).toStdString() : std::string();
}

} // namespace

class TestToolFolder : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void inUse_stays_andGoesWithItsObject()
    {
        const QTemporaryDir state;
        {
            auto first = make(state);
            QVERIFY(first);
            QVERIFY(fs::is_directory(first->work()));
            const auto second = make(state);
            QVERIFY(second);
            QVERIFY(fs::exists(first->file("criu.conf")));
            const ToolFolder moved = *std::move(first);
            QVERIFY(make(state));
            QVERIFY(fs::exists(moved.file("criu.conf")));
            QCOMPARE(foldersIn(state).size(), 2);
        }
        QVERIFY(foldersIn(state).isEmpty());
    }

    void leftByAKilledOne_isRemovedByTheNext()
    {
        const QTemporaryDir state;
        const std::string left = leave(state);
        QVERIFY(fs::exists(left + "/work/pages-1.img"));
        const auto next = make(state);
        QVERIFY(next);
        QVERIFY(!fs::exists(left));
        QCOMPARE(foldersIn(state).size(), 1);
    }

    /// The runtime, or the keeper that waits for it, goes on when Gantry dies.
    void leftWithARuntimeInIt_staysUntilThatEnds()
    {
        const QTemporaryDir state;
        const std::string left = leave(state);
        QVERIFY(!left.empty());
        QProcess runtime;
        runtime.start(QStringLiteral("/bin/sh"), {QStringLiteral("-c"), QStringLiteral("read end"),
                                                  QStringLiteral("runc"), QString::fromStdString(left + "/tool.log")});
        QVERIFY(runtime.waitForStarted());
        QVERIFY(make(state));
        QVERIFY(fs::exists(left + "/work/pages-1.img"));
        runtime.closeWriteChannel();
        QVERIFY(runtime.waitForFinished());
        QVERIFY(make(state));
        QVERIFY(foldersIn(state).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestToolFolder)
#include "tst_tool_folder.moc"
