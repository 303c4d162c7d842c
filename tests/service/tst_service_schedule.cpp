// SPDX-License-Identifier: GPL-3.0-or-later
// Schedules through the real client and server: checkpoints by the clock, retention, and what dies comes back. Real
// processes, real CRIU, a store of the test's own.
#include <QtTest>

#include "engine/process/process.h"
#include "engine/repository/store.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/schedules.grpc.pb.h"
#include "tests/kernel/criu_target.h"
#include "tests/service/service_host.h"
#include "tests/support/scratch_cgroup.h"

#include <QFile>
#include <QTemporaryDir>

#include <csignal>
#include <thread>

#include <sys/wait.h>

using namespace gantry;
using gantry::test::ask;
using gantry::test::BoundedContext;
using gantry::test::ScratchCgroup;
using gantry::test::ServiceHost;
using gantry::test::Target;
using namespace std::chrono_literals;

namespace {

constexpr int kPatience = 20'000; ///< generous: other tests run beside

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

void reap(std::int32_t pid)
{
    std::thread([pid] { ::waitpid(pid, nullptr, 0); }).detach(); // it ends with its Target at the latest
}

} // namespace

class TestServiceSchedule : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QVERIFY(test::adoptTargets()); }
    void init()
    {
        m_host = std::make_unique<ServiceHost>();
        const auto channel = m_host->channel(true);
        m_schedules = v1::Schedules::NewStub(channel);
        m_checkpoints = v1::Checkpoint::NewStub(channel);
        m_control = v1::Control::NewStub(channel);
        m_folder = std::make_unique<QTemporaryDir>();
    }
    void cleanup()
    {
        test::endAllBelow();
        m_schedules.reset();
        m_checkpoints.reset();
        m_control.reset();
        m_host.reset();
    }

    void set_listed_replaced_removed()
    {
        const Target target("plain", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        QVERIFY(list().schedules().empty());
        auto request = requestFor(target.pid(), 3'600'000);
        request.set_dry_run(true);
        QVERIFY(set(request));
        QVERIFY(list().schedules().empty());
        request.set_dry_run(false);
        request.mutable_retention()->set_count(3);
        auto done = set(request);
        QVERIFY2(done, done ? "" : text(done.error()));
        QCOMPARE(done->not_recorded(), std::string());
        QVERIFY(!done->replaced());
        request.set_period_ms(1'800'000);
        QVERIFY(set(request)->replaced());
        QCOMPARE(list().schedules_size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(list().runner_pid(), ::getpid(), kPatience);
        const v1::Schedule one = list().schedules(0);
        QCOMPARE(one.period_ms(), std::uint64_t{1'800'000});
        QCOMPARE(one.retention().count(), std::uint64_t{3});
        QVERIFY(!one.retention().has_bytes());
        QVERIFY(QFile::exists(m_host->statePath(QStringLiteral("schedules.json"))));

        request.set_period_ms(5);
        QCOMPARE(set(request).error().posix(), EINVAL);
        request.set_period_ms(60'000);
        request.mutable_retention()->set_count(0);
        QCOMPARE(set(request).error().posix(), EINVAL);
        request.mutable_target()->set_pid(0x3fffff);
        QCOMPARE(set(request).error().posix(), ESRCH);

        v1::RemoveScheduleRequest remove;
        remove.set_schedule("nothing");
        QCOMPARE(call(*m_schedules, &v1::Schedules::Stub::Remove, remove).error().posix(), ENOENT);
        remove.set_schedule("pid:" + std::to_string(target.pid()));
        remove.set_dry_run(true);
        QVERIFY(call(*m_schedules, &v1::Schedules::Stub::Remove, remove));
        QCOMPARE(list().schedules_size(), 1);
        remove.set_dry_run(false);
        QVERIFY(call(*m_schedules, &v1::Schedules::Stub::Remove, remove));
        QVERIFY(list().schedules().empty());
        if (!QFile::exists(QStringLiteral("/run/systemd/journal/socket"))) {
            QFile audit(m_host->statePath(QStringLiteral("audit.log")));
            QVERIFY(audit.open(QIODevice::ReadOnly));
            const QByteArray all = audit.readAll();
            QVERIFY(all.contains("setSchedule") && all.contains("removeSchedule") && all.contains("every 1800000 ms"));
        }
    }

    void impossible_isRefused()
    {
        const Target target("io-uring", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        QCOMPARE(set(requestFor(target.pid(), 60'000)).error().posix(), ENOTSUP);
    }

    void ticks_areTaken_andRetentionKeepsTheNewest()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        auto request = requestFor(target.pid(), 1'000);
        request.mutable_retention()->set_count(2);
        QVERIFY(set(request));
        QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() >= 4, kPatience);
        QCOMPARE(schedule().last_error(), std::string());
        QVERIFY(schedule().next_usec() > 0 && schedule().last_usec() > 0);
        QVERIFY(ask(target.pid(), place()).count >= 0);
        removeSchedule();
        const auto all = checkpoints();
        QVERIFY2(all.size() >= 2 && all.size() <= 3, qPrintable(QString::number(all.size()))); // one may be on its way
        for (const v1::CheckpointInfo &one : all)
            QCOMPARE(one.trigger(), std::string("schedule"));
        QVERIFY(!all.back().parent().empty());

        // By hand, and pinned ones stay.
        v1::UpdateCheckpointRequest pin;
        pin.set_checkpoint(all.front().id());
        pin.set_pinned(true);
        QVERIFY(call(*m_checkpoints, &v1::Checkpoint::Stub::Update, pin));
        v1::ExpireRequest expire;
        expire.mutable_retention()->set_bytes(0);
        expire.set_dry_run(true);
        const auto preview = call(*m_schedules, &v1::Schedules::Stub::Expire, expire);
        QVERIFY2(preview, preview ? "" : text(preview.error()));
        QCOMPARE(static_cast<std::size_t>(preview->checkpoints_size()), all.size() - 1);
        QCOMPARE(checkpoints().size(), all.size());
        expire.set_dry_run(false);
        QVERIFY(call(*m_schedules, &v1::Schedules::Stub::Expire, expire));
        QCOMPARE(checkpoints().size(), std::size_t{1});
        expire.set_subject("nobody");
        QCOMPARE(call(*m_schedules, &v1::Schedules::Stub::Expire, expire).error().posix(), ENOENT);
    }

    void failedTick_isTold_andTheWorkloadRuns()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        // Another process writes the store.
        auto store = repository::Store::create(m_host->statePath("repository").toStdString(), {});
        QVERIFY(store);
        QVERIFY(set(requestFor(target.pid(), 1'000)));
        QTRY_VERIFY_WITH_TIMEOUT(!schedule().last_error().empty(), kPatience);
        QCOMPARE(schedule().taken(), std::uint64_t{0});
        QVERIFY(ask(target.pid(), place()).count >= 0);
    }

    void dies_comesBackFromTheNewest_overAndOver()
    {
        const Target target("remember", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        auto request = requestFor(target.pid(), 1'000);
        request.set_restart(true);
        request.mutable_retention()->set_count(2);
        QVERIFY(set(request));
        const std::int64_t sum = ask(target.pid(), place()).sum;
        for (std::uint64_t times = 1; times <= 2; ++times) {
            const std::uint64_t taken = schedule().taken();
            QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() > taken && schedule().state() == "runs", kPatience);
            ::kill(target.pid(), SIGKILL); // as the OOM killer does
            QTRY_COMPARE_WITH_TIMEOUT(schedule().restarts(), times, kPatience);
            QCOMPARE(ask(target.pid(), place()).sum, sum);
        }
    }

    void endedOnPurpose_staysAway_data()
    {
        QTest::addColumn<QByteArray>("how");
        for (const char *how : {"signal", "kill", "suspend", "exit"})
            QTest::newRow(how) << QByteArray(how);
    }
    void endedOnPurpose_staysAway()
    {
        QFETCH(QByteArray, how);
        const ScratchCgroup scratch("schedule");
        const Target target("remember", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        scratch.attach(target.pid());
        auto request = requestFor(target.pid(), 1'000);
        request.set_restart(true);
        QVERIFY(set(request));
        QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() > 0, kPatience);
        if (how == "signal") {
            v1::SignalRequest signal;
            signal.mutable_target()->set_pid(target.pid());
            signal.set_signal(SIGKILL);
            QVERIFY(call(*m_control, &v1::Control::Stub::Signal, signal));
        } else if (how == "kill") {
            v1::KillRequest kill;
            kill.mutable_target()->set_cgroup_path(scratch.path().text());
            const auto killed = call(*m_control, &v1::Control::Stub::Kill, kill);
            QVERIFY2(killed, killed ? "" : text(killed.error()));
        } else if (how == "suspend") {
            v1::CreateCheckpointRequest suspend;
            suspend.mutable_target()->set_pid(target.pid());
            suspend.set_stop(true);
            suspend.set_trigger("suspend");
            const auto suspended = call(*m_checkpoints, &v1::Checkpoint::Stub::Create, suspend);
            QVERIFY2(suspended, suspended ? "" : text(suspended.error()));
        } else {
            // One that this engine has restored, so that it learns how it ends.
            ::kill(target.pid(), SIGKILL);
            QTRY_COMPARE_WITH_TIMEOUT(schedule().restarts(), std::uint64_t{1}, kPatience);
            QVERIFY(process::readStat(target.pid()));
            ::kill(target.pid(), SIGUSR2); // ends with 0
        }
        const std::uint64_t restarts = how == "exit" ? 1 : 0;
        QTRY_VERIFY2_WITH_TIMEOUT(schedule().state().starts_with("does not run: "), schedule().state().c_str(),
                                  kPatience);
        QTest::qWait(1'000); // four looks
        QVERIFY(!process::readStat(target.pid()));
        QCOMPARE(schedule().restarts(), restarts);
        QCOMPARE(schedule().last_error(), std::string());
    }

    void cgroup_isFollowed_whoeverIsInIt()
    {
        const ScratchCgroup scratch("followed");
        {
            const Target first("remember", place());
            QVERIFY(first.isReady());
            scratch.attach(first.pid());
            v1::SetScheduleRequest request;
            request.mutable_target()->set_cgroup_path(scratch.path().text());
            request.set_period_ms(1'000);
            QTRY_VERIFY_WITH_TIMEOUT(set(request), kPatience); // the tree learns of the cgroup
            QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() > 0, kPatience);
        }
        QTRY_COMPARE_WITH_TIMEOUT(schedule().state(), std::string("does not run"), kPatience);
        const QTemporaryDir folder;
        const Target second("remember", folder.path().toStdString());
        QVERIFY(second.isReady());
        scratch.attach(second.pid());
        const std::uint64_t taken = schedule().taken();
        QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() > taken, kPatience);
        QCOMPARE(schedule().subject(), scratch.path().text());
        QVERIFY(checkpoints().back().parent().empty()); // another life
        removeSchedule();
    }

    void anotherEngine_waitsForItsTurn()
    {
        QTRY_COMPARE_WITH_TIMEOUT(list().runner_pid(), ::getpid(), kPatience);
        service::Engine::Options options;
        options.stateFolder = m_host->statePath(QStringLiteral(".")).toStdString();
        const auto second = service::Engine::start(std::move(options));
        QVERIFY(second);
        const Target target("remember", place());
        QVERIFY(target.isReady());
        reap(target.pid());
        QVERIFY(set(requestFor(target.pid(), 1'000)));
        QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() >= 2, kPatience);
        QCOMPARE(schedule().last_error(), std::string()); // both would be in each other's way
        removeSchedule();
    }

private:
    [[nodiscard]] std::string place() const { return m_folder->path().toStdString(); }
    static v1::SetScheduleRequest requestFor(std::int32_t pid, std::uint64_t millis)
    {
        v1::SetScheduleRequest out;
        out.mutable_target()->set_pid(pid);
        out.set_period_ms(millis);
        return out;
    }
    template <class Stub, class Request, class Reply>
    Result<Reply> call(Stub &stub, grpc::Status (Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                       const Request &request)
    {
        BoundedContext context(120s);
        Reply reply;
        if (const grpc::Status status = (stub.*method)(&context, request, &reply); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }
    Result<v1::SetScheduleReply> set(const v1::SetScheduleRequest &request)
    {
        return call(*m_schedules, &v1::Schedules::Stub::Set, request);
    }
    v1::ListSchedulesReply list()
    {
        return *call(*m_schedules, &v1::Schedules::Stub::List, v1::ListSchedulesRequest());
    }
    /// The only one; empty where there is none.
    v1::Schedule schedule()
    {
        const v1::ListSchedulesReply all = list();
        return all.schedules_size() == 1 ? all.schedules(0) : v1::Schedule();
    }
    void removeSchedule()
    {
        v1::RemoveScheduleRequest request;
        request.set_schedule(schedule().id());
        QVERIFY(call(*m_schedules, &v1::Schedules::Stub::Remove, request));
    }
    std::vector<v1::CheckpointInfo> checkpoints()
    {
        const auto all = *call(*m_checkpoints, &v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest());
        return {all.checkpoints().begin(), all.checkpoints().end()};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<v1::Schedules::Stub> m_schedules;
    std::unique_ptr<v1::Checkpoint::Stub> m_checkpoints;
    std::unique_ptr<v1::Control::Stub> m_control;
};

QTEST_GUILESS_MAIN(TestServiceSchedule)
#include "tst_service_schedule.moc"
