// SPDX-License-Identifier: GPL-3.0-or-later
// Both ends of a migration over a played way: real logs, real threads, the way cut before every single frame, the
// source cancelled there, a step of either host refused. Afterwards exactly one copy runs, or it is said that the
// target holds until it is told, and telling it ends that.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/migration/direct.h"
#include "tests/service/cutting_proxy.h"
#include "tests/unit/migration_ends.h"

#include <random>
#include <thread>

#include <poll.h>
#include <sys/socket.h>

using namespace gantry;
using namespace gantry::migration;
using namespace std::chrono_literals;

namespace {

Record recordOf(Side side)
{
    return {.id = kId, .side = side, .subject = "web", .peer = "b", .by = "root", .begunMicros = 1, .held = {"/web"}};
}

constexpr auto kSoon = 20ms; ///< how often a target says that it is there

struct Ended
{
    std::optional<Result<Moved>> moved;
    std::optional<Result<Landed>> landed;
};

/// The whole of it. The way is gone when either end is.
Ended play(Hosts &hosts, unsigned rounds)
{
    Ended out;
    const Wait wait{steady_clock::now() + kPatience, hosts.stop.get_token()};
    std::thread target([&] {
        auto end = hosts.way.target();
        const auto hello = expect(end, Frame::kHello, {steady_clock::now() + kPatience});
        if (hello)
            out.landed = runTarget(end, hosts.targetLog, {recordOf(Side::Target), {}, hosts.rests, kSoon},
                                   hosts.landing(), {steady_clock::now() + kPatience});
        if (out.landed && !*out.landed) // as a call that has failed
            hosts.way.breakOff();
    });
    auto end = hosts.way.source();
    SourcePlan plan{recordOf(Side::Source), {}, rounds, 500ms};
    plan.hello.set_id(kId);
    out.moved = runSource(end, hosts.sourceLog, plan, hosts.workload(), {}, wait);
    if (*out.moved) {
        Frame done;
        done.mutable_done();
        static_cast<void>(end.send(done));
    }
    if (!*out.moved || (*out.moved)->unconfirmed)
        hosts.way.breakOff();
    target.join();
    return out;
}

/// One end of a connection of two hosts, over a socket that is connected. Null: it did not come about.
std::unique_ptr<DirectFrames> connected(TlsContext::Side side, const Identity &own, const std::string &other,
                                        UniqueFd socket)
{
    const auto context = TlsContext::create(side, own, other);
    auto end = TlsEnd::create(*context, std::move(socket));
    for (const auto until = steady_clock::now() + kPatience; steady_clock::now() < until;) {
        const auto state = end->handshake();
        if (!state)
            return nullptr;
        if (*state == TlsEnd::State::Done)
            return std::make_unique<DirectFrames>(*std::move(end), "the other host");
        pollfd one{end->fd(), TlsEnd::events(*state), 0};
        ::poll(&one, 1, 1'000);
    }
    return nullptr;
}

/// As play(), over a connection of the two hosts that is cut after so many bytes of the source. @return those that
/// went.
std::size_t playDirect(Hosts &hosts, std::size_t cutAfter, Ended &out)
{
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        qFatal("socketpair");
    UniqueFd there(fds[1]);
    test::CuttingProxy proxy{UniqueFd(fds[0]), {.cutAfter = cutAfter}};
    const Identity source = *newIdentity();
    const Identity own = *newIdentity();
    std::thread target([&] {
        const auto end = connected(TlsContext::Side::Server, own, source.certificate, std::move(there));
        if (end && expect(*end, Frame::kHello, {steady_clock::now() + kPatience}))
            out.landed = runTarget(*end, hosts.targetLog, {recordOf(Side::Target), {}}, hosts.landing(),
                                   {steady_clock::now() + kPatience});
    });
    {
        const auto end = connected(TlsContext::Side::Client, source, own.certificate, proxy.clientEnd());
        SourcePlan plan{recordOf(Side::Source), {}, 0, 500ms};
        plan.hello.set_id(kId);
        if (end)
            out.moved = runSource(*end, hosts.sourceLog, plan, hosts.workload(), {},
                                  {steady_clock::now() + kPatience, hosts.stop.get_token()});
        if (out.moved && *out.moved && !(*out.moved)->unconfirmed) {
            Frame done;
            done.mutable_done();
            static_cast<void>(end->send(done));
        }
    }
    target.join();
    return proxy.passed();
}

/// As the caller settles it once both answer.
void settle(Hosts &hosts)
{
    const auto decided = hosts.sourceLog.decide(kId, false);
    QVERIFY(decided);
    QVERIFY(*decided != Decision::Undecided);
    const auto record = hosts.targetLog.find(kId, Side::Target);
    QVERIFY(record);
    if (*record) {
        const auto told = concludeTarget(hosts.targetLog, kId, *decided == Decision::Commit, hosts.landing());
        QVERIFY2(told, told ? "" : told.error().message().c_str());
    }
    if (*decided == Decision::Commit) {
        QVERIFY(hosts.sourceLog.advance(kId, Side::Source, Step::Done));
    }
}

void isExactlyOne(const Hosts &hosts)
{
    const bool there = hosts.target == Hosts::Copy::Runs;
    QVERIFY((hosts.source == Hosts::Copy::Runs) != there);
    QCOMPARE(hosts.source == Hosts::Copy::Runs ? hosts.target.load() : hosts.source.load(), Hosts::Copy::None);
    std::vector<std::string> unreadable;
    QVERIFY(hosts.sourceLog.unfinished(unreadable)->empty());
    QVERIFY(hosts.targetLog.unfinished(unreadable)->empty());
    QVERIFY(unreadable.empty());
    QCOMPARE(hosts.stored.empty(), !there);
}

} // namespace

class TestMigrationEnds : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void goesOver()
    {
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        const Ended ended = play(hosts, 3);
        QVERIFY2(*ended.moved, *ended.moved ? "" : ended.moved->error().message().c_str());
        QCOMPARE(**ended.landed, Landed::Runs);
        const Moved &moved = **ended.moved;
        QVERIFY(!moved.unconfirmed);
        QVERIFY(moved.rounds >= 1 && moved.rounds <= 3);
        QCOMPARE(moved.bytes, moved.unpacked); // nothing makes it smaller
        QCOMPARE(moved.bytes, (moved.rounds + 1) * ((std::uint64_t{1} << 20) + kId.size()));
        QVERIFY(moved.total >= moved.downtime && moved.downtime.count() > 0);
        for (std::size_t i = 0; i < hosts.sentBases.size(); ++i)
            QCOMPARE(hosts.sentBases[i], i); // each round spares what those before have brought
        QVERIFY(moved.notes.empty());
        isExactlyOne(hosts);
        QVERIFY(hosts.target == Hosts::Copy::Runs);
        // Once more is refused: it was decided.
        QCOMPARE(concludeTarget(hosts.targetLog, kId, true, hosts.landing()).value(), std::string("web: all is done"));
    }

    void cutAnywhere_oneRuns_data()
    {
        QTest::addColumn<int>("rounds");
        QTest::newRow("stop and copy") << 0;
        QTest::newRow("after a round") << 2;
    }
    void cutAnywhere_oneRuns()
    {
        QFETCH(const int, rounds);
        int moved = 0;
        int stayed = 0;
        int held = 0;
        for (std::size_t cut = 0;; ++cut) {
            const QTemporaryDir folder;
            Hosts hosts(folder.path().toStdString());
            hosts.way.cut = cut;
            const Ended ended = play(hosts, static_cast<unsigned>(rounds));
            QVERIFY(!(hosts.source == Hosts::Copy::Runs && hosts.target == Hosts::Copy::Runs));
            held += ended.landed && *ended.landed && **ended.landed == Landed::Holds ? 1 : 0;
            settle(hosts);
            isExactlyOne(hosts);
            if (QTest::currentTestFailed()) {
                qWarning("cut before frame %zu", cut);
                return;
            }
            (hosts.target == Hosts::Copy::Runs ? moved : stayed) += 1;
            if (hosts.way.carried() < cut)
                break; // nothing was cut
        }
        QVERIFY(moved >= 3); // commit, running, done; and none
        QVERIFY(stayed >= 8);
        QVERIFY(held >= 1);
    }

    void cutConnectionOfTheHosts_oneRuns()
    {
        const QTemporaryDir whole;
        Hosts uncut(whole.path().toStdString());
        Ended ended;
        const std::size_t all = playDirect(uncut, SIZE_MAX, ended);
        QVERIFY(*ended.moved && !(*ended.moved)->unconfirmed);
        isExactlyOne(uncut);
        QVERIFY(uncut.target == Hosts::Copy::Runs);
        QVERIFY(all > std::size_t{1} << 20);
        // In the handshake, in a file, between files, and in each of the last words.
        std::vector<std::size_t> cuts{50, 700, 1'500, 3'000, all / 4, all / 2, all * 3 / 4};
        for (std::size_t before = 1; before < 400; before += 16)
            cuts.push_back(all - before);
        int moved = 0;
        int held = 0;
        for (const std::size_t cut : cuts) {
            const QTemporaryDir folder;
            Hosts hosts(folder.path().toStdString());
            Ended out;
            (void)playDirect(hosts, cut, out);
            held += hosts.target == Hosts::Copy::Still ? 1 : 0;
            if (out.moved) // else the source has not begun
                settle(hosts);
            isExactlyOne(hosts);
            if (QTest::currentTestFailed()) {
                qWarning("cut after %zu bytes of %zu", cut, all);
                return;
            }
            moved += hosts.target == Hosts::Copy::Runs ? 1 : 0;
        }
        QVERIFY(moved >= 2);
        QVERIFY(held >= 1);
        QVERIFY(static_cast<std::size_t>(moved) + 10 < cuts.size());
    }

    void cancelledAnywhere_oneRuns()
    {
        int moved = 0;
        int stayed = 0;
        for (std::size_t at = 0;; ++at) {
            const QTemporaryDir folder;
            Hosts hosts(folder.path().toStdString());
            hosts.way.onFrame = [&hosts, at](std::size_t frame) {
                if (frame == at)
                    hosts.stop.request_stop();
            };
            const Ended ended = play(hosts, 1);
            const bool over = hosts.target == Hosts::Copy::Runs;
            if (over)
                QVERIFY(*ended.moved && !(**ended.moved).unconfirmed);
            else
                QVERIFY(!*ended.moved);
            if (!over && ended.landed && *ended.landed) // it was told nothing, or not in time
                settle(hosts);
            isExactlyOne(hosts);
            if (QTest::currentTestFailed()) {
                qWarning("cancelled before frame %zu", at);
                return;
            }
            (over ? moved : stayed) += 1;
            if (hosts.way.carried() < at)
                break;
        }
        QVERIFY(moved >= 2);
        QVERIFY(stayed >= 6);
    }

    void refusedStep_staysHere_data()
    {
        QTest::addColumn<int>("step");
        QTest::newRow("a round is not saved") << static_cast<int>(Refused::SaveRunning);
        QTest::newRow("it is not saved") << static_cast<int>(Refused::SaveStill);
        QTest::newRow("it is not read") << static_cast<int>(Refused::Export);
        QTest::newRow("the target cannot store") << static_cast<int>(Refused::Store);
        QTest::newRow("the target cannot restore") << static_cast<int>(Refused::Hold);
    }
    void refusedStep_staysHere()
    {
        QFETCH(const int, step);
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        hosts.refused = static_cast<Refused>(step);
        const Ended ended = play(hosts, 1);
        QVERIFY(!*ended.moved);
        QCOMPARE(ended.moved->error().posix(), EIO); // the one that it was, also from the other host
        QVERIFY(ended.moved->error().detail.find("refused") != std::string::npos);
        QVERIFY(hosts.source == Hosts::Copy::Runs);
        isExactlyOne(hosts);
    }

    void targetCannotRun_afterTheCommit_isToldAndTried()
    {
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        hosts.refused = Refused::Run;
        const Ended ended = play(hosts, 0);
        QVERIFY(*ended.moved);
        QVERIFY((**ended.moved).unconfirmed);
        QVERIFY(hosts.source == Hosts::Copy::None);
        QVERIFY(hosts.target == Hosts::Copy::Still);
        hosts.refused = Refused::Nothing;
        settle(hosts);
        isExactlyOne(hosts);
        QVERIFY(hosts.target == Hosts::Copy::Runs);
    }

    void restoresForLong_isWaitedFor()
    {
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        hosts.onHold = [] { std::this_thread::sleep_for(2 * kMissed * kSoon); };
        const Ended ended = play(hosts, 0);
        QVERIFY2(*ended.moved, ended.moved->has_value() ? "" : ended.moved->error().message().c_str());
        isExactlyOne(hosts);
        QVERIFY(hosts.target == Hosts::Copy::Runs);
    }

    /// A cable that is cut: who sends finds nothing wrong, and nothing comes.
    void restoresAndIsNotHeard_runsOnWhereItWas()
    {
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        hosts.way.isMute = true;
        hosts.onHold = [&hosts] {
            for (const auto until = steady_clock::now() + kPatience;
                 hosts.source != Hosts::Copy::Runs && steady_clock::now() < until;)
                std::this_thread::sleep_for(kSoon);
        };
        const Ended ended = play(hosts, 0);
        QVERIFY(!*ended.moved);
        QCOMPARE(ended.moved->error().posix(), ECONNRESET);
        settle(hosts);
        isExactlyOne(hosts);
        QVERIFY(hosts.source == Hosts::Copy::Runs);
    }

    void wrongWord_isNamed()
    {
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        auto source = hosts.way.source();
        Frame held;
        held.mutable_held();
        QVERIFY(source.send(held));
        auto target = hosts.way.target();
        const auto heard = expect(target, Frame::kReady, {steady_clock::now() + kPatience});
        QVERIFY(!heard);
        QCOMPARE(heard.error().posix(), EPROTO);
        QVERIFY(heard.error().detail.find("\"held\" where \"ready\"") != std::string::npos);
        // A file that is shorter than its end says.
        Frame end;
        end.mutable_file_end()->set_bytes(7);
        FrameSource file(target, end, {steady_clock::now() + kPatience});
        std::array<std::byte, 8> some{};
        QCOMPARE(file.read(some).error().posix(), EBADMSG);
    }

    void rests_areLeftOutOnce_whereTheyAreTrue()
    {
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        const auto id = repository::CheckpointId::parse(kId);
        hosts.rests = {{*id, 5}, {*id, 8}};
        const Ended ended = play(hosts, 1);
        QVERIFY2(*ended.moved, *ended.moved ? "" : ended.moved->error().message().c_str());
        QVERIFY((hosts.sentRests == std::vector<std::size_t>{1, 0})); // the second file has the first one before it
        QCOMPARE((*ended.moved)->resumed, std::uint64_t{1});
    }

    void restsThatMakeNoSense_areRefused()
    {
        Frame ready;
        v1::MigrationRest &rest = *ready.mutable_ready()->add_rests();
        rest.set_checkpoint(kId);
        rest.set_digest("short");
        const QTemporaryDir folder;
        Hosts hosts(folder.path().toStdString());
        QVERIFY(hosts.way.target().send(ready));
        auto end = hosts.way.source();
        const auto moved = runSource(end, hosts.sourceLog, {recordOf(Side::Source), {}}, hosts.workload(), {},
                                     {steady_clock::now() + kPatience});
        QVERIFY(!moved);
        QCOMPARE(moved.error().posix(), EPROTO);
        QVERIFY(hosts.source == Hosts::Copy::Runs);
    }

    void rounds_endWhereTheyAreNotWorthIt()
    {
        const std::vector<std::uint64_t> none;
        constexpr double kRate = 1e6; // so 500 ms are 500 000 bytes
        QVERIFY(!isRoundWorth(none, 0, 500ms, 0));
        QVERIFY(isRoundWorth(none, 0, 500ms, 1));
        QVERIFY(isRoundWorth(std::vector<std::uint64_t>{100'000'000}, kRate, 500ms, 8));
        QVERIFY(!isRoundWorth(std::vector<std::uint64_t>{100'000'000}, kRate, 500ms, 1));
        QVERIFY(isRoundWorth(std::vector<std::uint64_t>{100'000'000, 20'000'000}, kRate, 500ms, 8));
        QVERIFY(!isRoundWorth(std::vector<std::uint64_t>{100'000'000, 400'000}, kRate, 500ms, 8)); // fits
        const std::vector<std::uint64_t> same{100'000'000, 20'000'000, 19'000'000};
        QVERIFY(isRoundWorth(same, kRate, 500ms, 8)); // once no tenth smaller
        const std::vector<std::uint64_t> twice{100'000'000, 20'000'000, 19'000'000, 18'500'000};
        QVERIFY(!isRoundWorth(twice, kRate, 500ms, 8));
        QVERIFY(!isRoundWorth(std::vector<std::uint64_t>(8, 100'000'000), kRate, 500ms, 100));
    }
};

QTEST_GUILESS_MAIN(TestMigrationEnds)
#include "tst_migration_ends.moc"
