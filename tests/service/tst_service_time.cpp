// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints on the time axis through the real client and server: parents and branches, going back in place, suspend
// and resume. Real processes, real CRIU, a store of the test's own.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/repository/store.h"
#include "engine/service/lives.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "tests/kernel/criu_target.h"
#include "tests/service/service_host.h"
#include "tests/support/scratch_cgroup.h"

#include <QFile>
#include <QTemporaryDir>

#include <csignal>
#include <filesystem>
#include <thread>

#include <linux/sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using gantry::test::Answer;
using gantry::test::ask;
using gantry::test::BoundedContext;
using gantry::test::ScratchCgroup;
using gantry::test::ServiceHost;
using gantry::test::Target;
using namespace std::chrono_literals;

namespace {

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

bool runs(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    return stat && stat->state != 'Z';
}

/// Reaps a target when it ends, as a shell does with what it started. It ends with its Target at the latest.
class Reaper
{
public:
    explicit Reaper(std::int32_t pid)
    {
        std::thread([pid] { ::waitpid(pid, nullptr, 0); }).detach();
    }
};

/// A child that has this very pid and waits for its end. @return false: errno.
bool startAs(pid_t pid)
{
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = reinterpret_cast<std::uint64_t>(&pid); // clone(2); what CRIU does
    arguments.set_tid_size = 1;
    const long child = ::syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0) {
        for (;;)
            ::pause();
    }
    return child == pid;
}

} // namespace

class TestServiceTime : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(test::adoptTargets()); }
    void init()
    {
        m_host = std::make_unique<ServiceHost>();
        m_stub = v1::Checkpoint::NewStub(m_host->channel(true));
        m_folder = std::make_unique<QTemporaryDir>();
    }
    void cleanup()
    {
        test::endAllBelow();
        m_stub.reset();
        m_other.reset();
        m_host.reset();
    }

    void lifeText_isReadBack()
    {
        const auto own = service::lifeOf(::getpid());
        QVERIFY(own);
        QVERIFY(*service::parseLife(own->text()) == *own);
        for (const char *bad : {"", "boot", "boot 0 5", "boot 5", "boot 5 6 7", "boot -1 6"})
            QVERIFY2(!service::parseLife(bad), bad);
    }

    void parents_branchAfterARestore()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        const auto x = create(target.pid(), "x");
        QVERIFY2(x, x ? "" : text(x.error()));
        QCOMPARE(x->checkpoint().parent(), std::string());
        const auto y = create(target.pid(), "y");
        QCOMPARE(y->checkpoint().parent(), x->checkpoint().id());
        const auto z = create(target.pid(), "z", true);
        QCOMPARE(z->checkpoint().parent(), y->checkpoint().id());
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(target.pid()); }, 10'000));
        QVERIFY(restore("x"));
        // Another engine, as after this one was restarted, knows it, too.
        restartEngine();
        const auto branch = create(target.pid(), "branch");
        QVERIFY2(branch, branch ? "" : text(branch.error()));
        QCOMPARE(branch->checkpoint().parent(), x->checkpoint().id());
        QCOMPARE(saved(target.pid(), "on").parent(), branch->checkpoint().id());
        // What others have run under is no parent, and what is kept of those that are gone is forgotten.
        const QTemporaryDir folder;
        const Target other("plain", folder.path().toStdString());
        QCOMPARE(saved(other.pid(), "other").parent(), std::string());
        QCOMPARE(kept(), 1);
    }

    void inPlace_presentIsKeptAndEnds()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        const auto x = create(target.pid(), "x");
        QVERIFY2(x, x ? "" : text(x.error()));
        const Answer present = waitForCount(ask(target.pid(), place()).count + 200);
        auto request = inPlace("x");
        request.set_dry_run(true);
        auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->ended_size(), 1);
        QCOMPARE(back->ended(0).pid(), target.pid());
        QCOMPARE(back->ended(0).comm(), std::string("checkpoint_targ").substr(0, 15));
        QVERIFY(ask(target.pid(), place()).count > present.count); // it runs on

        request.set_dry_run(false);
        back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->root_pid(), target.pid());
        QCOMPARE(back->safety().trigger(), std::string("before-restore"));
        QCOMPARE(back->safety().parent(), x->checkpoint().id());
        const Answer past = ask(target.pid(), place());
        QCOMPARE(past.sum, present.sum);
        QVERIFY2(past.count >= 0 && past.count < present.count, qPrintable(QString::number(past.count)));

        // And forth again: the present of then is a checkpoint like any other.
        back = call(inPlace(back->safety().id()));
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->safety().parent(), x->checkpoint().id());
        QVERIFY(ask(target.pid(), place()).count >= present.count);
        // Nothing lives: it is a restore like any other.
        ::kill(target.pid(), SIGKILL);
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(target.pid()); }, 10'000));
        back = call(inPlace("x"));
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(!back->has_safety());
        QCOMPARE(back->ended_count(), 0u);
    }

    void inPlace_withoutSafety_keepsNothing()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        QVERIFY(create(target.pid(), "x"));
        auto request = inPlace("x");
        request.set_skip_safety(true);
        const auto back = call(request);
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(!back->has_safety());
        QCOMPARE(back->ended_count(), 1u);
        QVERIFY(ask(target.pid(), place()).count >= 0);
        QCOMPARE(count(), 1);
    }

    void inPlace_restoreFails_presentRunsAgain()
    {
        const Target target("fifo", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        QVERIFY(create(target.pid(), "x"));
        // What it had open is gone. CRIU finds out when it restores; the present has it all the same.
        QVERIFY(QFile::remove(QString::fromStdString(place() + "/target")));
        const std::uint64_t before = process::readStat(target.pid())->startTicks;
        const auto back = call(inPlace("x"));
        QVERIFY(!back);
        const v1::CheckpointInfo safety = list().checkpoints(1);
        QCOMPARE(safety.trigger(), std::string("before-restore"));
        QVERIFY2(text(back.error()).contains(("the present runs again from checkpoint " + safety.id()).c_str()),
                 text(back.error()));
        QVERIFY(runs(target.pid()));
        QVERIFY(process::readStat(target.pid())->startTicks != before);
        // It goes on from there.
        QCOMPARE(saved(target.pid(), "next").parent(), safety.id());
    }

    void inPlace_safetyFails_nothingIsTouched()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        QVERIFY(create(target.pid(), "x"));
        const std::uint64_t before = process::readStat(target.pid())->startTicks;
        // A second engine that writes keeps the store from this one.
        auto store = repository::Store::open(m_host->statePath("repository").toStdString(), {});
        QVERIFY(store);
        const auto back = call(inPlace("x"));
        QCOMPARE(back.error().posix(), EBUSY);
        QVERIFY(runs(target.pid()));
        QCOMPARE(process::readStat(target.pid())->startTicks, before);
    }

    void inPlace_damaged_isFoundBeforeTheEnd()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        QVERIFY(create(target.pid(), "x"));
        const std::uint64_t before = process::readStat(target.pid())->startTicks;
        for (const auto &pack :
             std::filesystem::directory_iterator(m_host->statePath("repository/packs").toStdString())) {
            QFile file(QString::fromStdString(pack.path().string()));
            QVERIFY(file.open(QIODevice::ReadWrite));
            file.seek(file.size() / 2);
            file.write(QByteArray(512, 'x'));
        }
        const auto back = call(inPlace("x"));
        QCOMPARE(back.error().posix(), EBADMSG);
        QVERIFY(runs(target.pid()));
        QCOMPARE(process::readStat(target.pid())->startTicks, before);
        QCOMPARE(count(), 1);
    }

    void inPlace_stranger_isNotEnded()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        QVERIFY(create(target.pid(), "x", true));
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(target.pid()); }, 10'000));
        QVERIFY2(startAs(target.pid()), strerror(errno));
        const std::uint64_t started = process::readStat(target.pid())->startTicks;
        for (const bool skip : {false, true}) {
            auto request = inPlace("x");
            request.set_skip_safety(skip);
            const auto back = call(request);
            QCOMPARE(back.error().posix(), EEXIST);
            QVERIFY(runs(target.pid()));
            QCOMPARE(process::readStat(target.pid())->startTicks, started);
        }
    }

    void suspended_resumesInCgroupsMadeAgain()
    {
        const ScratchCgroup scratch("suspend");
        scratch.makeChild("home");
        const std::string home = scratch.path().text() + "/home";
        const Target target("remember", place());
        QVERIFY(target.isReady());
        const Reaper reaper(target.pid());
        scratch.attach(target.pid(), "home");
        scratch.write("pids", "home/pids.max", "77");
        const Answer before = ask(target.pid(), place());
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_cgroup_path(home);
        request.set_stop(true);
        request.set_trigger("whim");
        QCOMPARE(create(request).error().posix(), EINVAL);
        request.set_trigger("suspend");
        QVERIFY(QTest::qWaitFor([&] { return create(request).has_value(); }, 10'000)); // the tree learns of the cgroup
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(target.pid()); }, 10'000));
        QCOMPARE(list().checkpoints(0).trigger(), std::string("suspend"));
        scratch.remove("home");

        v1::RestoreCheckpointRequest back;
        back.set_checkpoint(home);
        QCOMPARE(call(back).error().posix(), ENOENT); // no checkpoint has this name
        back.set_resume(true);
        const auto gone = call(back);
        QVERIFY2(text(gone.error()).contains(home.c_str()), text(gone.error()));
        back.set_make_cgroups(true);
        back.set_dry_run(true);
        auto resumed = call(back);
        QVERIFY2(resumed, resumed ? "" : text(resumed.error()));
        QVERIFY(!resumed->notes().empty());
        back.set_dry_run(false);
        resumed = call(back);
        QVERIFY2(resumed, resumed ? "" : text(resumed.error()));
        QCOMPARE(ask(target.pid(), place()).sum, before.sum);
        QCOMPARE(scratch.read("pids", "home/pids.max"), std::string("77\n"));
        QVERIFY(resumed->notes(0).find("pids.max 77") != std::string::npos);
        back.set_checkpoint("nothing of this name");
        QCOMPARE(call(back).error().posix(), ENOENT);
        test::endAllBelow();
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(target.pid()); }, 10'000));
    }

private:
    [[nodiscard]] std::string place() const { return m_folder->path().toStdString(); }
    void restartEngine()
    {
        // Its state folder goes with it, so another engine looks at a copy.
        m_second = std::make_unique<QTemporaryDir>();
        QFile::remove(m_host->statePath(QStringLiteral("programs/checkpoint.sock"))); // a socket is not copied
        // It runs, and exchanges small files: one may be gone when it is to be copied.
        std::error_code failed;
        QVERIFY2(QTest::qWaitFor(
                     [&] {
                         using std::filesystem::copy_options;
                         std::filesystem::copy(m_host->statePath(QStringLiteral(".")).toStdString(),
                                               m_second->path().toStdString(),
                                               copy_options::recursive | copy_options::overwrite_existing, failed);
                         return !failed;
                     },
                     10'000),
                 failed.message().c_str());
        service::Engine::Options options;
        options.stateFolder = m_second->path().toStdString();
        auto engine = service::Engine::start(std::move(options));
        QVERIFY(engine);
        m_other = *std::move(engine);
        m_stub = v1::Checkpoint::NewStub(m_other->inProcessChannel());
    }
    /// How many lives are kept that began with a restore.
    [[nodiscard]] int kept() const
    {
        int out = 0;
        for ([[maybe_unused]] const auto &file :
             std::filesystem::directory_iterator(m_second->path().toStdString() + "/restored"))
            ++out;
        return out;
    }
    Answer waitForCount(std::int64_t least)
    {
        Answer out;
        for (int tries = 0; tries < 100 && out.count < least; ++tries)
            out = ask(m_pid, place());
        return out;
    }

    template <class Request, class Reply>
    Result<Reply> call(grpc::Status (v1::Checkpoint::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                       const Request &request)
    {
        BoundedContext context(120s);
        Reply reply;
        if (const grpc::Status status = ((*m_stub).*method)(&context, request, &reply); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }
    Result<v1::RestoreCheckpointReply> call(const v1::RestoreCheckpointRequest &request)
    {
        return call(&v1::Checkpoint::Stub::Restore, request);
    }
    Result<v1::CreateCheckpointReply> create(const v1::CreateCheckpointRequest &request)
    {
        return call(&v1::Checkpoint::Stub::Create, request);
    }
    Result<v1::CreateCheckpointReply> create(std::int32_t pid, const std::string &name, bool stop = false)
    {
        m_pid = pid;
        v1::CreateCheckpointRequest out;
        out.mutable_target()->set_pid(pid);
        out.set_name(name);
        out.set_stop(stop);
        return create(out);
    }
    /// Empty, and the case has failed, where it cannot be.
    v1::CheckpointInfo saved(std::int32_t pid, const std::string &name)
    {
        const auto made = create(pid, name);
        if (!made)
            QTest::qFail(text(made.error()), __FILE__, __LINE__);
        return made ? made->checkpoint() : v1::CheckpointInfo();
    }
    static v1::RestoreCheckpointRequest inPlace(const std::string &what)
    {
        v1::RestoreCheckpointRequest out;
        out.set_checkpoint(what);
        out.set_in_place(true);
        return out;
    }
    Result<v1::RestoreCheckpointReply> restore(const std::string &what)
    {
        v1::RestoreCheckpointRequest request;
        request.set_checkpoint(what);
        return call(request);
    }
    v1::ListCheckpointsReply list() { return *call(&v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest()); }
    int count() { return list().checkpoints_size(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<QTemporaryDir> m_second;
    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<service::Engine> m_other;
    std::unique_ptr<v1::Checkpoint::Stub> m_stub;
    std::int32_t m_pid = 0; ///< of the last that was saved
};

QTEST_GUILESS_MAIN(TestServiceTime)
#include "tst_service_time.moc"
