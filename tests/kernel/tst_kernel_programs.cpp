// SPDX-License-Identifier: GPL-3.0-or-later
// Real programs under load: saved while they run on, saved and ended, restored; a client in the same tree asks all the
// time, and knows what each answer has to be (tests/kernel/coverage/programs.cpp).
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/checkpoint/coverage.h"
#include "engine/checkpoint/save.h"
#include "tests/kernel/coverage_run.h"
#include "tests/kernel/criu_target.h"

#include <QTemporaryDir>

#include <csignal>

#include <sys/stat.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using repository::Store;
using test::Covered;
using test::Told;

namespace {

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

runtime::Patience patience()
{
    return {runtime::Clock::now() + 60s, {}};
}

} // namespace

class TestKernelPrograms : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder; ///< the store, and the target's working directory
    std::optional<Store> m_store;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        m_means.criu = probeCriu(criuPath(), patience());
        QVERIFY2(!m_means.criu.path.empty(), "no CRIU: packaging/setup.sh installs one");
        QCOMPARE(m_means.criu.problem, std::string());
        m_means.hierarchies = *cgroup::Hierarchies::discover();
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        ::chmod(folder().c_str(), 0777); // those in a user namespace are others
        m_means.spillFolder = folder();
        auto store = Store::create(folder() + "/store", {});
        QVERIFY2(store, store ? "" : text(store.error()));
        m_store = *std::move(store);
    }
    void cleanup()
    {
        test::endAllBelow();
        m_store.reset();
        m_folder.reset();
    }

    void program_runsOnAndComesBack_withoutALostAnswer_data()
    {
        QTest::addColumn<int>("row");
        for (std::size_t i = 0; i < programTable().size(); ++i)
            QTest::newRow(std::string(programTable()[i].name).c_str()) << static_cast<int>(i);
    }
    void program_runsOnAndComesBack_withoutALostAnswer()
    {
        QFETCH(int, row);
        const CoverageRow &program = programTable()[static_cast<std::size_t>(row)];
        Covered target(std::string(program.name), folder());
        QVERIFY(target.isReady());
        const Told before = target.ask();
        QVERIFY2(before.differs.empty(), before.differs.c_str());
        SaveWish wish = wishFor(target);
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        const Told between = target.ask();
        QVERIFY2(between.differs.empty(), between.differs.c_str());
        // What it has in files is not saved: it goes on from where it ended, not from where it was before.
        wish.leaveRunning = false;
        wish.manifest.parent = saved->id;
        const auto ended = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(ended, ended ? "" : text(ended.error()));
        target.reap();
        const auto back = restore(ended->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        target.isNow(back->pid);
        const Told after = target.ask();
        QCOMPARE(after.secret, before.secret);
        QVERIFY2(after.differs.empty(), after.differs.c_str());
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    static SaveWish wishFor(const Covered &target)
    {
        SaveWish wish;
        wish.pids = *treeOf(target.pid());
        wish.manifest.container.runtime = "bare";
        wish.manifest.trigger = "manual";
        return wish;
    }
};

QTEST_GUILESS_MAIN(TestKernelPrograms)
#include "tst_kernel_programs.moc"
