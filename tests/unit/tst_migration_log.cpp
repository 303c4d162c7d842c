// SPDX-License-Identifier: GPL-3.0-or-later
// The commit log of migrations: its steps, its files, and that by its rules exactly one copy runs, whatever crashes and
// whatever is lost between the hosts. That is played: two hosts with real logs, messages that are lost, doubled and
// late, and a crash between any two steps.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/migration/log.h"

#include <deque>
#include <filesystem>
#include <random>

#include <unistd.h>

using namespace gantry;
using namespace gantry::migration;
namespace fs = std::filesystem;

namespace {

const std::string kId = "0123456789abcdef0123456789abcdef";

Record recordOf(Side side)
{
    return {.id = kId,
            .side = side,
            .step = Step::Begun,
            .subject = "web",
            .peer = "lab2",
            .by = "root",
            .begunMicros = 5,
            .held = {"/gantry/web"}};
}

/// A world of two hosts and a link. What runs is told apart from what the logs say of it.
class World
{
public:
    World(const std::string &folder, unsigned seed)
        : m_random(seed), m_source(folder + "/source"), m_target(folder + "/target")
    {
        m_logged = m_source.begin(recordOf(Side::Source)).has_value();
    }

    [[nodiscard]] bool sourceRuns() const { return !m_sourceFrozen && !m_sourceEnded; }
    [[nodiscard]] bool targetRuns() const { return m_targetThere && !m_targetFrozen; }
    [[nodiscard]] bool isSound() const { return m_logged && !(sourceRuns() && targetRuns()); }
    [[nodiscard]] Step step(Side side) const
    {
        const auto record = (side == Side::Source ? m_source : m_target).find(kId, side);
        return record && *record ? (*record)->step : Step::Aborted;
    }

    /// One small step of somebody, or a mishap.
    void happen()
    {
        switch (pick(12)) {
        case 0:
        case 1:
        case 2:
            workSource();
            break;
        case 3:
        case 4:
        case 5:
            workTarget();
            break;
        case 6:
        case 7:
        case 8:
            deliver();
            break;
        case 9: // the lease is over, or somebody cancels
            m_cancelled = m_cancelled || pick(4) == 0;
            break;
        case 10:
            if (pick(3) == 0)
                crashSource();
            break;
        default:
            if (pick(3) == 0)
                crashTarget();
        }
    }

    /// No more mishaps: both do what is left to do. The lease ends at some time: a target that has aborted is waited
    /// for no longer.
    void settle()
    {
        m_reliable = true;
        for (int i = 0; i < 100; ++i) {
            m_cancelled = m_cancelled || i == 50;
            workSource();
            workTarget();
            deliver();
        }
    }

private:
    enum class Message { Start, Held, Go, Abort, Ask, Ack };

    unsigned pick(unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(m_random); }

    void send(Message message)
    {
        const unsigned chance = m_reliable ? 1 : pick(5);
        if (chance != 0)
            m_link.push_back(message);
        if (chance == 4)
            m_link.push_back(message);
    }

    bool logged(const Log &log, Side side, Step to) { return log.advance(kId, side, to).has_value(); }

    // Each of these does one thing and returns, so that a crash may come between it and the next.
    void workSource()
    {
        if (!m_sourceJob) {
            recoverSource();
            return;
        }
        if (m_cancelled && step(Side::Source) == Step::Begun) {
            m_sourceJob = !logged(m_source, Side::Source, Step::Aborted);
        } else if (!m_sourceFrozen && step(Side::Source) == Step::Begun) {
            m_sourceFrozen = true;
        } else if (step(Side::Source) == Step::Begun && m_heardHeld) {
            if (logged(m_source, Side::Source, Step::Committed))
                send(Message::Go);
        } else if (step(Side::Source) == Step::Begun) {
            send(Message::Start);
        } else {
            m_sourceJob = false;
        }
    }

    void recoverSource()
    {
        const auto record = m_source.find(kId, Side::Source);
        switch (record && *record ? dutyOf(**record) : Duty::None) {
        case Duty::RunSource:
            (void)logged(m_source, Side::Source, Step::Aborted);
            break;
        case Duty::EndSource:
            if (!m_sourceEnded)
                m_sourceEnded = true;
            else
                send(Message::Go);
            break;
        default:
            if (step(Side::Source) == Step::Aborted && m_sourceFrozen)
                m_sourceFrozen = false;
        }
    }

    void workTarget()
    {
        const auto record = m_target.find(kId, Side::Target);
        if (!record || !*record)
            return;
        switch ((*record)->step) {
        case Step::Begun:
            if (!m_targetJob) {
                if (logged(m_target, Side::Target, Step::Aborted))
                    m_targetThere = false;
            } else if (!m_targetThere) {
                m_targetThere = m_targetFrozen = true;
            } else {
                (void)logged(m_target, Side::Target, Step::Held);
            }
            break;
        case Step::Held:
            send(pick(2) == 0 ? Message::Held : Message::Ask);
            break;
        case Step::Committed:
            if (m_targetFrozen)
                m_targetFrozen = false;
            else
                send(Message::Ack);
            break;
        case Step::Aborted:
            m_targetThere = false;
            break;
        case Step::Done:
            break;
        }
    }

    void deliver()
    {
        if (m_link.empty())
            return;
        const auto at = m_link.begin() + pick(static_cast<unsigned>(m_link.size()));
        const Message message = *at;
        m_link.erase(at);
        switch (message) {
        case Message::Start:
            if (step(Side::Source) == Step::Begun && m_target.begin(recordOf(Side::Target)))
                m_targetJob = m_targetJob || step(Side::Target) == Step::Begun;
            break;
        case Message::Held:
            m_heardHeld = true;
            break;
        case Message::Ask:
            if (const auto decision = m_source.decide(kId, m_sourceJob); decision) {
                if (*decision != Decision::Undecided)
                    send(*decision == Decision::Commit ? Message::Go : Message::Abort);
            }
            break;
        case Message::Go:
            (void)logged(m_target, Side::Target, Step::Committed);
            break;
        case Message::Abort:
            (void)logged(m_target, Side::Target, Step::Aborted);
            break;
        case Message::Ack:
            (void)logged(m_source, Side::Source, Step::Done);
            break;
        }
    }

    /// The engine is killed. Its guard looks at the log, and thaws only what may run.
    void crashSource()
    {
        m_sourceJob = false;
        m_heardHeld = false;
        if (step(Side::Source) == Step::Committed || step(Side::Source) == Step::Done)
            m_sourceEnded = true;
        else if (logged(m_source, Side::Source, Step::Aborted))
            m_sourceFrozen = false;
        m_link.clear();
    }

    /// What stands still goes on to do so.
    void crashTarget()
    {
        m_targetJob = false;
        m_link.clear();
    }

    std::mt19937 m_random;
    Log m_source;
    Log m_target;
    std::deque<Message> m_link;
    bool m_logged = false;
    bool m_reliable = false;
    bool m_cancelled = false;
    bool m_sourceJob = true;
    bool m_sourceFrozen = false;
    bool m_sourceEnded = false;
    bool m_heardHeld = false;
    bool m_targetJob = false;
    bool m_targetThere = false;
    bool m_targetFrozen = false;
};

} // namespace

class TestMigrationLog : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>(QStringLiteral("/dev/shm/gantry-migration-XXXXXX"));
        if (!m_folder->isValid())
            m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    void steps_followOneAnother_andAreOnTheDisk()
    {
        const Log log(path());
        QVERIFY(log.begin(recordOf(Side::Source)) && log.begin(recordOf(Side::Target)));
        QVERIFY(log.begin(recordOf(Side::Source))); // the same once more
        Record other = recordOf(Side::Source);
        other.subject = "db";
        QCOMPARE(log.begin(other).error().posix(), EEXIST);

        QCOMPARE(log.advance(kId, Side::Source, Step::Held).error().posix(), EINVAL);
        QCOMPARE(log.advance(kId, Side::Source, Step::Done).error().posix(), EINVAL);
        QCOMPARE(log.advance(kId, Side::Target, Step::Committed).error().posix(), EINVAL);
        QVERIFY(log.advance(kId, Side::Target, Step::Held));
        QVERIFY(log.advance(kId, Side::Source, Step::Committed));
        QVERIFY(log.advance(kId, Side::Source, Step::Committed)); // what was interrupted is done again
        const auto refused = log.advance(kId, Side::Source, Step::Aborted);
        QCOMPARE(refused.error().posix(), EALREADY);
        QVERIFY2(refused.error().message().find("committed") != std::string::npos, refused.error().message().c_str());
        QCOMPARE(log.forget(kId, Side::Source).error().posix(), EBUSY);

        // Another process finds the same.
        const Log again(path());
        QCOMPARE((*again.find(kId, Side::Source))->step, Step::Committed);
        QCOMPARE((*again.find(kId, Side::Target))->held, std::vector<std::string>{"/gantry/web"});
        std::vector<std::string> unreadable;
        QCOMPARE(again.unfinished(unreadable)->size(), 2U);
        QVERIFY(again.advance(kId, Side::Source, Step::Done) && again.forget(kId, Side::Source));
        QVERIFY(again.forget(kId, Side::Source));
        QVERIFY(!*again.find(kId, Side::Source));
        QCOMPARE(again.advance(kId, Side::Source, Step::Done).error().posix(), ENOENT);
    }

    void source_thatKnowsNothing_hasAborted()
    {
        const Log log(path());
        QCOMPARE(log.decide(kId, false), Decision::Abort);
        QVERIFY(log.begin(recordOf(Side::Source)));
        QCOMPARE(log.decide(kId, true), Decision::Undecided);
        QCOMPARE(log.decide(kId, false), Decision::Abort);
        // And stands by it.
        QCOMPARE(log.advance(kId, Side::Source, Step::Committed).error().posix(), EALREADY);
        QCOMPARE(log.decide("../../etc/passwd", false).error().posix(), EINVAL);
    }

    void unreadableRecord_decidesNothing_andIsTold()
    {
        const Log log(path());
        QVERIFY(log.begin(recordOf(Side::Source)));
        const std::string file = path() + "/" + kId + ".source.json";
        const std::string whole = *readFile(file);
        for (const std::string &bad :
             {std::string(), whole.substr(0, whole.size() / 2), std::string("{}"), std::string("[1]"),
              std::string(whole).replace(whole.find("begun\""), 5, "gone!"),
              std::string(whole).replace(whole.find("012"), 3, "zzz")}) {
            QVERIFY(replaceFile(file, bad));
            QVERIFY2(!log.decide(kId, false), bad.c_str());
            QVERIFY(!log.advance(kId, Side::Source, Step::Committed));
            std::vector<std::string> unreadable;
            QVERIFY(log.unfinished(unreadable)->empty());
            QCOMPARE(unreadable, std::vector<std::string>{file});
        }
        // What was being written when the machine stopped is no record.
        QVERIFY(replaceFile(file, whole));
        QVERIFY(replaceFile(file + ".new", "{"));
        std::vector<std::string> unreadable;
        QCOMPARE(log.unfinished(unreadable)->size(), 1U);
        QVERIFY(unreadable.empty());
    }

    void stepThatCannotBeWritten_isNotTaken()
    {
        const Log log(path());
        QVERIFY(log.begin(recordOf(Side::Source)));
        // Something is where the next one is written, as it would be on a full disk, also for root.
        const std::string next = path() + "/" + kId + ".source.json.new";
        fs::create_directory(next);
        QVERIFY(!log.advance(kId, Side::Source, Step::Committed));
        QCOMPARE((*log.find(kId, Side::Source))->step, Step::Begun);
        QVERIFY(!log.decide(kId, false)); // nothing is known, so nothing follows
        fs::remove(next);
        QCOMPARE(log.decide(kId, false), Decision::Abort);
    }

    void ids_areNew()
    {
        const std::string one = *newId();
        QVERIFY(isId(one) && one != *newId());
        QVERIFY(!isId(one.substr(1)) && !isId(one + "/"));
    }

    /// At no moment do both run, and in the end exactly one does, on the side that the logs say.
    void oneCopyRuns_whateverFails_data()
    {
        QTest::addColumn<unsigned>("first");
        for (unsigned part = 0; part < 4; ++part)
            QTest::addRow("%u", part) << part * 150;
    }
    void oneCopyRuns_whateverFails()
    {
        QFETCH(unsigned, first);
        int moved = 0;
        for (unsigned seed = first; seed < first + 150; ++seed) {
            fs::remove_all(path() + "/source");
            fs::remove_all(path() + "/target");
            World world(path(), seed);
            for (int step = 0; step < 60; ++step) {
                world.happen();
                QVERIFY2(world.isSound(), qPrintable(QStringLiteral("seed %1, step %2").arg(seed).arg(step)));
            }
            world.settle();
            QVERIFY2(world.isSound(), qPrintable(QString::number(seed)));
            QVERIFY2(world.sourceRuns() != world.targetRuns(), qPrintable(QString::number(seed)));
            const bool committed = world.step(Side::Source) == Step::Done;
            QVERIFY2(world.targetRuns() == committed, qPrintable(QString::number(seed)));
            moved += committed ? 1 : 0;
        }
        QVERIFY2(moved > 15 && moved < 135, qPrintable(QString::number(moved))); // both ends were played
    }

private:
    [[nodiscard]] std::string path() const { return m_folder->path().toStdString(); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_GUILESS_MAIN(TestMigrationLog)
#include "tst_migration_log.moc"
