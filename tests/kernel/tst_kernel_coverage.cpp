// SPDX-License-Identifier: GPL-3.0-or-later
// Each kind of thing that a process can have: saved while it runs on, killed, restored, and looked at each time by the
// process itself (tests/kernel/coverage). The rows are those of the table that the help tells.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/checkpoint/coverage.h"
#include "tests/kernel/coverage_run.h"
#include "tests/kernel/criu_target.h"

using namespace gantry;
using namespace gantry::checkpoint;
using test::Covered;
using test::SavePlace;
using test::Told;
using test::wrong;

namespace {

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

} // namespace

class TestKernelCoverage : public QObject
{
    Q_OBJECT
    SavePlace m_place;
private Q_SLOTS:
    void initTestCase()
    {
        const std::string missing = m_place.prepare();
        QVERIFY2(missing.empty(), missing.c_str());
    }
    void init()
    {
        const std::string failed = m_place.open();
        QVERIFY2(failed.empty(), failed.c_str());
    }
    void cleanup() { m_place.close(); }

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
        Covered target(std::string(covered.name), m_place.folder());
        QVERIFY(target.isReady());
        const Told before = target.ask();
        QVERIFY2(before.differs.empty(), before.differs.c_str());
        // What is in a log is not saved (tst_kernel_save has one that grew); and see the test of the deleted name.
        static constexpr std::array<std::string_view, 3> kEnds{"process", "appended-file", "deleted-name"};
        const bool runsOn = std::ranges::find(kEnds, covered.name) == kEnds.end();
        const auto saved = m_place.save(target, runsOn);
        if (covered.outcome == Outcome::Refused) {
            QCOMPARE(saved.error().posix(), ENOTSUP);
            QVERIFY2(saved.error().detail.find(causeInfo(*covered.cause).why) != std::string::npos, wrong(saved));
            QCOMPARE(target.ask(), before);
            return;
        }
        QVERIFY2(saved, wrong(saved));
        if (runsOn) {
            QCOMPARE(target.ask(), before);
            test::endAllBelow();
        }
        target.reap();
        const auto back = m_place.restore(saved->id);
        QVERIFY2(back, wrong(back));
        target.isNow(back->pid);
        const Told after = target.ask();
        QCOMPARE(after.secret, before.secret);
        QVERIFY2(after.differs.empty() == (covered.outcome == Outcome::Saved), after.differs.c_str());
        QCOMPARE(toldOf(*saved, covered), covered.cause.has_value());
    }

    /// CRIU takes back the name that it gives such a file for the restore, where the program runs on.
    void deletedName_runsOn_isRefused()
    {
        const Covered target("deleted-name", m_place.folder());
        QVERIFY(target.isReady());
        const Told before = target.ask();
        const auto saved = m_place.save(target, true);
        QCOMPARE(saved.error().posix(), ENOTSUP);
        QVERIFY2(saved.error().remedy.find("--stop") != std::string::npos, wrong(saved));
        QCOMPARE(target.ask(), before);
        QVERIFY(m_place.store().list()->checkpoints.empty());
    }
};

QTEST_GUILESS_MAIN(TestKernelCoverage)
#include "tst_kernel_coverage.moc"
