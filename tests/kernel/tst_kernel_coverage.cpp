// SPDX-License-Identifier: GPL-3.0-or-later
// Each kind of thing that a process can have: saved while it runs on, killed, restored, and looked at each time by the
// process itself (tests/kernel/coverage). The rows are those of the table that the help tells.
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

/// Lets the kernel make huge pages while it lives: none are kept for anybody.
class HugePages
{
public:
    HugePages() : m_before(QString::fromStdString(readFile(kFile).value_or("0"))) { write("8"); }
    HugePages(const HugePages &) = delete;
    HugePages &operator=(const HugePages &) = delete;
    HugePages(HugePages &&) = delete;
    HugePages &operator=(HugePages &&) = delete;
    ~HugePages() { write(m_before.trimmed().toUtf8()); }

private:
    static constexpr const char *kFile = "/proc/sys/vm/nr_overcommit_hugepages";
    static void write(const QByteArray &text)
    {
        QFile file(QString::fromLatin1(kFile));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qWarning("%s: %s", kFile, qPrintable(file.errorString()));
    }
    QString m_before;
};

/// True if pre-flight said what the table says of it.
bool toldOf(const Saved &saved, const CoverageRow &row)
{
    return row.cause && std::ranges::find(saved.findings, *row.cause, &Finding::cause) != saved.findings.end();
}

runtime::Patience patience()
{
    return {runtime::Clock::now() + 60s, {}};
}

} // namespace

class TestKernelCoverage : public QObject
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

    void kind_comesBackAsItWas_data()
    {
        QTest::addColumn<int>("row");
        for (std::size_t i = 0; i < coverageTable().size(); ++i)
            QTest::newRow(std::string(coverageTable()[i].name).c_str()) << static_cast<int>(i);
    }
    void kind_comesBackAsItWas()
    {
        QFETCH(int, row);
        const CoverageRow &covered = coverageTable()[static_cast<std::size_t>(row)];
        const HugePages pages; // the kernel makes them where they are asked for
        Covered target(std::string(covered.name), folder());
        QVERIFY(target.isReady());
        const Told before = target.ask();
        QVERIFY2(before.differs.empty(), before.differs.c_str());
        // A file that grows may not have grown (what is in files is not saved), and see the test of the deleted name.
        static constexpr std::array<std::string_view, 3> kEnds{"process", "appended-file", "deleted-name"};
        const bool runsOn = std::ranges::find(kEnds, covered.name) == kEnds.end();
        SaveWish wish = wishFor(target);
        wish.leaveRunning = runsOn;
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        if (covered.outcome == Outcome::Refused) {
            QCOMPARE(saved.error().posix(), ENOTSUP);
            QVERIFY2(saved.error().detail.find(causeInfo(*covered.cause).why) != std::string::npos,
                     text(saved.error()));
            QCOMPARE(target.ask(), before);
            return;
        }
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        if (runsOn) {
            QCOMPARE(target.ask(), before);
            test::endAllBelow();
        }
        target.reap();
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        target.isNow(back->pid);
        const Told after = target.ask();
        QCOMPARE(after.secret, before.secret);
        QVERIFY2(after.differs.empty() == (covered.outcome == Outcome::Saved), after.differs.c_str());
        QCOMPARE(toldOf(*saved, covered), covered.cause.has_value());
    }

    /// CRIU takes back the name that it gives such a file for the restore, where the program runs on.
    void deletedName_runsOn_isRefused()
    {
        const Covered target("deleted-name", folder());
        QVERIFY(target.isReady());
        const Told before = target.ask();
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QCOMPARE(saved.error().posix(), ENOTSUP);
        QVERIFY2(saved.error().remedy.find("--stop") != std::string::npos, text(saved.error()));
        QCOMPARE(target.ask(), before);
        QVERIFY(m_store->list()->checkpoints.empty());
    }

    /// Files are not part of a checkpoint: said, and nothing of it runs.
    void fileThatHasGrown_isNamed()
    {
        Covered target("appended-file", folder());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(target.ask().differs.empty());
        test::endAllBelow();
        target.reap();
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY(!back);
        QVERIFY2(back.error().detail.find(causeInfo(Cause::FileChanged).why) != std::string::npos, text(back.error()));
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

QTEST_GUILESS_MAIN(TestKernelCoverage)
#include "tst_kernel_coverage.moc"
