// SPDX-License-Identifier: GPL-3.0-or-later
// Going back in place, suspend and resume of containers that a runtime keeps, through the real client and server: real
// runc, real CRIU, in a mount namespace with nothing in /run and /var/lib (runApart).
#include <QtTest>

#include "engine/launch/keeper.h"
#include "engine/repository/store.h"
#include "tests/service/checkpoint_calls.h"
#include "tests/service/counting_container.h"
#include "tests/support/apart.h"
#include "tests/support/keeper_parent.h"
#include "tests/support/verify.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <thread>

using namespace gantry;
using namespace std::chrono_literals;
using gantry::test::CountingContainer;
using gantry::test::ServiceHost;
using gantry::test::text;

namespace {

constexpr int kPatience = test::kCountingPatience;

/// Sends a signal to the first CRIU that restores, alone or with all that it has forked. It gives itself the title
/// "criu: restore
/// ..." once it knows what it is to do.
class RestoreKiller
{
public:
    explicit RestoreKiller(bool all, int number = SIGKILL)
        : m_all(all), m_number(number), m_thread([this](const std::stop_token &stop) { run(stop); })
    {}
    /// Other tests run beside.
    static bool isOurs(std::int32_t pid)
    {
        for (auto stat = process::readStat(pid); stat && stat->parentPid > 1;
             stat = process::readStat(stat->parentPid)) {
            if (stat->parentPid == ::getpid())
                return true;
        }
        return false;
    }
    [[nodiscard]] bool hasKilled() const { return m_killed; }

private:
    void run(const std::stop_token &stop)
    {
        for (bool any = false; !stop.stop_requested() && (any || !m_killed);) {
            any = false;
            for (const std::int32_t pid : process::listPids().value_or(std::vector<std::int32_t>())) {
                const auto words = isOurs(pid) ? process::readArguments(pid) : std::unexpected(Error());
                if (m_killed && !m_all)
                    return;
                if (!words || joined(*words).find("criu: restore") == std::string::npos || ::kill(pid, m_number) != 0)
                    continue;
                any = m_killed = true;
            }
            std::this_thread::sleep_for(1ms);
        }
    }

    const bool m_all;
    const int m_number;
    std::atomic<bool> m_killed = false;
    std::jthread m_thread;
};

} // namespace

class TestServiceKept : public QObject, private test::CheckpointCalls
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        test::becomeParentOfKeepers();
        qputenv("TMPDIR", "/var/lib"); // a tmpfs here: overlays want their own
    }
    void init()
    {
        m_container.reset(); // where the case before ended early
        m_host = std::make_unique<ServiceHost>();
        openCalls(m_host->channel(true));
        m_container = std::make_unique<CountingContainer>(*m_host, "kept");
        QVERIFY(m_container->startedPid() != 0);
        QVERIFY(m_container->reaches(3));
        v1::CreateCheckpointRequest known;
        known.mutable_target()->set_container("kept");
        known.set_dry_run(true);
        Result<v1::CreateCheckpointReply> seen;
        QVERIFY2(
            QTest::qWaitFor([&] { return (seen = call(&v1::Checkpoint::Stub::Create, known)).has_value(); }, kPatience),
            seen ? "" : text(seen.error())); // the tree learns of it
        QVERIFY(seen->files());
        m_container->write("kept", "as it was");
    }
    void cleanup()
    {
        m_container.reset();
        closeCalls();
        m_host.reset();
    }

    void inPlace_goesBack_andForthAgain()
    {
        const auto x = create("x");
        QVERIFY2(x, x ? "" : text(x.error()));
        QVERIFY(x->files()); // as the dry run has said
        const std::int64_t then = m_container->count();
        QVERIFY(m_container->reaches(then + 20));
        m_container->write("kept", "changed");
        m_container->write("late", "made afterwards");
        auto request = inPlace("x");
        request.set_dry_run(true);
        auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(back->ended_count() > 0);
        QCOMPARE(back->ended(0).pid(), m_container->pid());
        QVERIFY(m_container->goesOn());

        request.set_dry_run(false);
        const std::int64_t present = m_container->count();
        m_container->forgetLog();
        back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->safety().trigger(), std::string("before-restore"));
        QCOMPARE(back->safety().parent(), x->checkpoint().id());
        QCOMPARE(back->root_pid(), m_container->pid());
        QCOMPARE(back->notes_size(), 0);
        // The new log has what it does now: it goes on from the past.
        QTRY_VERIFY_WITH_TIMEOUT(m_container->count() < present && m_container->count() > then, kPatience);
        QCOMPARE(m_container->read("kept"), std::string("as it was"));
        QCOMPARE(m_container->read("late"), std::string());
        QVERIFY(m_container->place().asides().empty()); // they are in the store
        QCOMPARE(head(), x->checkpoint().id());

        // The present of then is a checkpoint like any other, with its files.
        const std::string future = back->safety().id();
        back = call(inPlace(future));
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->safety().parent(), x->checkpoint().id());
        QVERIFY(m_container->reaches(present + 1));
        QCOMPARE(m_container->read("kept"), std::string("changed"));
        QCOMPARE(m_container->read("late"), std::string("made afterwards"));
        QCOMPARE(head(), future);
    }

    void inPlace_criuIsKilled_presentRunsAgain_data()
    {
        QTest::addColumn<bool>("all");
        QTest::newRow("all of it") << true;
        QTest::newRow("the first process, which the runtime waits for") << false;
    }
    void inPlace_criuIsKilled_presentRunsAgain()
    {
        QFETCH(bool, all);
        QCOMPARE(made("x"), QByteArray());
        QVERIFY(m_container->reaches(m_container->count() + 20));
        m_container->write("late", "made afterwards");
        const std::int64_t present = m_container->count();
        const std::int32_t before = m_container->pid();
        const RestoreKiller killer(all);
        const auto back = call(inPlace("x"));
        QVERIFY(killer.hasKilled());
        QVERIFY2(!back, "it was restored");
        const v1::CheckpointInfo safety = list().checkpoints(1);
        QCOMPARE(safety.trigger(), std::string("before-restore"));
        QVERIFY2(text(back.error()).contains(("the present runs again from checkpoint " + safety.id()).c_str()),
                 text(back.error()));
        QVERIFY(m_container->pid() != 0 && m_container->pid() != before);
        QVERIFY(m_container->goesOn());
        QVERIFY(m_container->count() > present);
        QCOMPARE(m_container->read("late"), std::string("made afterwards"));
        QCOMPARE(head(), safety.id());
        // Nothing is mounted but its root.
        const std::string mounts = readFile("/proc/self/mountinfo").value_or("");
        QVERIFY2(mounts.find(m_host->statePath("runtime.").toStdString()) == std::string::npos, mounts.c_str());
    }

    void inPlace_safetyFails_runsOnUntouched()
    {
        QCOMPARE(made("x"), QByteArray());
        const std::int32_t pid = m_container->pid();
        // A second engine that writes keeps the store from this one.
        auto store = repository::Store::open(m_host->statePath("repository").toStdString(), {});
        QVERIFY(store);
        m_container->write("late", "made afterwards");
        const auto back = call(inPlace("x"));
        QCOMPARE(back.error().posix(), EBUSY);
        QCOMPARE(m_container->pid(), pid);
        QVERIFY(m_container->goesOn());
        QCOMPARE(m_container->read("late"), std::string("made afterwards"));
    }

    void inPlace_withoutSafety_keepsNothing()
    {
        QCOMPARE(made("x"), QByteArray());
        m_container->write("late", "made afterwards");
        auto request = inPlace("x");
        request.set_skip_safety(true);
        const auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(!back->has_safety());
        QCOMPARE(list().checkpoints_size(), 1);
        QVERIFY(m_container->goesOn());
        QCOMPARE(m_container->read("late"), std::string());
        QVERIFY(m_container->place().asides().empty());
    }

    void inPlace_paused_comesBackRunning()
    {
        QCOMPARE(made("x"), QByteArray());
        CountingContainer::runc({"pause", "kept"});
        const auto back = call(inPlace("x"));
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(back->has_safety());
        QVERIFY(m_container->goesOn());
    }

    void ended_itsFilesOfNowArePutAside()
    {
        QCOMPARE(made("x"), QByteArray());
        m_container->write("late", "made afterwards");
        end("7");
        QCOMPARE(launch::lastEnd(m_container->place().log())->status, 7 << 8);
        auto request = inPlace("x");
        request.set_dry_run(true);
        auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(back->ended_count() == 0 && back->notes_size() == 1);
        request.set_dry_run(false);
        back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(!back->has_safety());
        const std::vector<std::string> asides = m_container->place().asides();
        QCOMPARE(asides.size(), std::size_t{1});
        QCOMPARE(back->notes_size(), 1);
        QVERIFY2(back->notes(0).find(asides.front()) != std::string::npos, back->notes(0).c_str());
        QCOMPARE(readFile(asides.front() + "/data/late").value_or(""), std::string("made afterwards"));
        QVERIFY(m_container->goesOn());
        QCOMPARE(m_container->read("late"), std::string());
    }

    void suspended_resumes_andNothingIsPutAside()
    {
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_container("kept");
        request.set_stop(true);
        request.set_trigger("suspend");
        m_container->write("late", "made before");
        const auto suspended = call(&v1::Checkpoint::Stub::Create, request);
        QVERIFY2(suspended, suspended ? "" : text(suspended.error()));
        QCOMPARE(m_container->pid(), 0);
        QVERIFY(list().heads().empty()); // nothing lives
        const std::int64_t last = m_container->count();
        QVERIFY(m_container->place().unmount()); // as after a boot
        v1::RestoreCheckpointRequest back;
        back.set_checkpoint("kept");
        back.set_resume(true);
        back.set_make_cgroups(true);
        const auto resumed = call(back);
        QVERIFY2(resumed, resumed ? "" : text(resumed.error()));
        QCOMPARE(resumed->notes_size(), 0);
        QVERIFY(m_container->reaches(last + 3));
        QCOMPARE(m_container->read("late"), std::string("made before"));
        QVERIFY(m_container->place().asides().empty());
        QCOMPARE(head(), suspended->checkpoint().id());
    }

    void restoreHangs_isEndedAtItsDeadline_andLeavesNothing()
    {
        QVERIFY(create("x", true));
        const std::int64_t last = m_container->count();
        v1::RestoreCheckpointRequest request;
        request.set_checkpoint("x");
        request.set_deadline_ms(3'000);
        {
            const RestoreKiller stopper(false, SIGSTOP);
            const auto back = call(request);
            QVERIFY(stopper.hasKilled());
            QCOMPARE(back.error().posix(), ETIMEDOUT);
        }
        // Its job ends a moment later.
        QTRY_VERIFY_WITH_TIMEOUT(!std::filesystem::exists("/run/runc/kept") && !isRestoring(), kPatience);
        QCOMPARE(m_container->count(), last);
        request.set_deadline_ms(0);
        const auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(m_container->reaches(last + 3));
    }

    void anothersContainer_isNotEnded()
    {
        const auto x = create("x", true);
        QVERIFY2(x, x ? "" : text(x.error()));
        // Of the same name, by hand, from another bundle.
        const std::string bundle = m_host->statePath("other").toStdString();
        std::filesystem::create_directory(bundle);
        std::filesystem::copy_file(m_container->place().config(), bundle + "/config.json");
        std::filesystem::copy(m_container->place().root(), bundle + "/rootfs",
                              std::filesystem::copy_options::recursive | std::filesystem::copy_options::copy_symlinks);
        const auto started = runtime::runTool(
            {"sh", "-c", "exec runc --log \"$0/out\" run --detach --bundle \"$0\" kept </dev/null >/dev/null 2>&1",
             bundle},
            {runtime::Clock::now() + 60s});
        QVERIFY2(started && started->exitCode == 0, readFile(bundle + "/out").value_or("").c_str());
        const std::int32_t pid = m_container->pid();
        QVERIFY(pid != 0);
        v1::CreateCheckpointRequest look;
        look.mutable_target()->set_container("kept");
        look.set_dry_run(true);
        Result<v1::CreateCheckpointReply> seen;
        QVERIFY2(
            QTest::qWaitFor([&] { return (seen = call(&v1::Checkpoint::Stub::Create, look)).has_value(); }, kPatience),
            seen ? "" : text(seen.error()));
        QVERIFY(!seen->files()); // its root is no overlay
        for (const bool skip : {false, true}) {
            auto request = inPlace("x");
            request.set_skip_safety(skip);
            const auto back = call(request);
            QCOMPARE(back.error().posix(), EEXIST);
            QVERIFY2(text(back.error()).contains(bundle.c_str()), text(back.error()));
            QCOMPARE(m_container->pid(), pid);
        }
    }

private:
    /// By a keeper, a runtime or a CRIU of ours.
    static bool isRestoring()
    {
        const std::vector<std::int32_t> all = process::listPids().value_or(std::vector<std::int32_t>());
        return std::ranges::any_of(all, [](std::int32_t pid) {
            const auto words = RestoreKiller::isOurs(pid) ? process::readArguments(pid) : std::unexpected(Error());
            return words && joined(*words).find("restore") != std::string::npos;
        });
    }
    Result<v1::CreateCheckpointReply> create(const std::string &name, bool stop = false)
    {
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_container("kept");
        request.set_name(name);
        request.set_stop(stop);
        return call(&v1::Checkpoint::Stub::Create, request);
    }
    /// @return why it is not; empty: it is.
    QByteArray made(const std::string &name)
    {
        const auto done = create(name);
        return done ? QByteArray() : text(done.error());
    }
    v1::ListCheckpointsReply list() { return *call(&v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest()); }
    /// What the only one that lives goes on from.
    std::string head()
    {
        const v1::ListCheckpointsReply all = list();
        if (all.heads_size() != 1 || all.heads(0).subject() != "kept" || all.heads(0).pid() != m_container->pid())
            return "not one";
        return all.heads(0).checkpoint();
    }
    /// It ends by itself.
    void end(const std::string &code)
    {
        m_container->write("end", code);
        QTRY_COMPARE_WITH_TIMEOUT(m_container->pid(), 0, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(CountingContainer::runc({"state", "kept"}).find("stopped") != std::string::npos,
                                 kPatience);
    }

    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<CountingContainer> m_container;
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestServiceKept suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_service_kept.moc"
