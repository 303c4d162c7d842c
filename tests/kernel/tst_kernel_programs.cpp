// SPDX-License-Identifier: GPL-3.0-or-later
// Real programs under load: saved while they run on, saved and ended, restored; a client in the same tree asks all the
// time, and knows what each answer has to be (tests/kernel/coverage/programs.cpp).
#include <QtTest>

#include "engine/checkpoint/coverage.h"
#include "tests/kernel/coverage_run.h"

using namespace gantry;
using namespace gantry::checkpoint;
using test::Covered;
using test::SavePlace;
using test::Told;
using test::wrong;

class TestKernelPrograms : public QObject
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
        Covered target(std::string(program.name), m_place.folder());
        QVERIFY(target.isReady());
        const Told before = target.ask();
        QVERIFY2(before.differs.empty(), before.differs.c_str());
        const auto saved = m_place.save(target, true);
        QVERIFY2(saved, wrong(saved));
        const Told between = target.ask();
        QVERIFY2(between.differs.empty(), between.differs.c_str());
        // What it has in files is not saved: it goes on from where it ended, not from where it was before.
        const auto ended = m_place.save(target, false);
        QVERIFY2(ended, wrong(ended));
        target.reap();
        const auto back = m_place.restore(ended->id);
        QVERIFY2(back, wrong(back));
        target.isNow(back->pid);
        const Told after = target.ask();
        QCOMPARE(after.secret, before.secret);
        QVERIFY2(after.differs.empty(), after.differs.c_str());
    }
};

QTEST_GUILESS_MAIN(TestKernelPrograms)
#include "tst_kernel_programs.moc"
