// SPDX-License-Identifier: GPL-3.0-or-later
// RuntimeWatch over a played runtime: which of its CRIUs is the one that restores, and what is left of it.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/runtime_watch.h"
#include "engine/runtime/tool.h"

using namespace gantry;
using namespace std::chrono_literals;
using runtime::Clock;

namespace {

/// A keeper, and below it a runtime; both have the folder of the log in their arguments. @param work of the runtime,
/// for bash; its $1 is the folder.
Result<runtime::ToolOutput> play(const std::string &folder, const std::string &work)
{
    return runtime::runTool({"/bin/bash", "-c", R"(bash -c "$0" inner "$1"; exit $?)", work, folder},
                            {Clock::now() + 60s});
}

} // namespace

class TestRestoreWatch : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void askedForItsVersion_isNotTheOneThatRestores()
    {
        const QTemporaryDir folder;
        const checkpoint::RuntimeWatch watch(folder.path().toStdString(), {Clock::now() + 60s});
        // The first one lives long enough to be seen; the second longer than the patience with what is left behind.
        const auto told =
            play(folder.path().toStdString(),
                 "(exec -a 'criu swrk 3' sleep 0.4); "
                 "(exec -a 'criu: restore --rpc' sleep 7) & sleep 0.2; touch $1/restore.log; wait $!; echo $?");
        QVERIFY(told);
        QCOMPARE(told->standardOutput, std::string("0\n"));
    }

    void leftBehind_isEnded()
    {
        const QTemporaryDir folder;
        const checkpoint::RuntimeWatch watch(folder.path().toStdString(), {Clock::now() + 60s});
        const auto begin = Clock::now();
        const auto told = play(folder.path().toStdString(),
                               "(exec -a 'criu swrk 3' sleep 0.4) & sleep 0.1; touch $1/restore.log; sleep 0.1; "
                               "(exec -a 'criu: restore --rpc' sleep 50) & wait $!; echo $?");
        QVERIFY(told);
        QCOMPARE(told->standardOutput, std::string("137\n")); // SIGKILL
        QVERIFY(Clock::now() - begin < 45s);
    }
};

QTEST_GUILESS_MAIN(TestRestoreWatch)
#include "tst_restore_watch.moc"
