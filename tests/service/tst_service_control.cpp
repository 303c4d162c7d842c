// SPDX-License-Identifier: GPL-3.0-or-later
// Verbs through the real client and server, on cgroups of the test's own.
#include <QTemporaryFile>
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "tests/service/service_host.h"
#include "tests/support/scratch_cgroup.h"

#include <atomic>
#include <functional>
#include <future>

#include <sys/mman.h>
#include <unistd.h>

using namespace gantry;
using gantry::test::BoundedContext;
using gantry::test::ScratchCgroup;
using gantry::test::ServiceHost;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

v1::SetLimitsRequest pidsMax(std::uint64_t value, bool dryRun)
{
    v1::SetLimitsRequest out;
    v1::LimitSetting &setting = *out.add_settings();
    setting.set_key("pids.max");
    setting.mutable_value()->set_number(value);
    out.set_dry_run(dryRun);
    out.mutable_actor()->set_program("test");
    out.mutable_actor()->set_user("tester");
    return out;
}

/// Body of a child that maps a file, touches every page of it, one by one, and sleeps for ever.
std::function<int()> mapPageByPage(int file, std::uint64_t bytes)
{
    return [file, bytes] {
        void *const map = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file, 0);
        if (map == MAP_FAILED)
            return 1;
        ::madvise(map, bytes, MADV_RANDOM); // small folios
        char sum = 0;
        for (std::uint64_t at = 0; at < bytes; at += 4096)
            sum = static_cast<char>(sum + static_cast<const volatile char *>(map)[at]);
        return test::sleepForEver() + sum;
    };
}

} // namespace

class TestServiceControl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<ServiceHost>();
        m_control = v1::Control::NewStub(m_host->channel(true));
    }
    void cleanupTestCase()
    {
        m_control.reset();
        m_host.reset();
    }

    void setLimits_dryRun_writesNothing()
    {
        const ScratchCgroup scratch("dry", {"memory", "pids"});
        v1::SetLimitsRequest request = pidsMax(77, true);
        request.mutable_target()->set_cgroup_path(scratch.path().text());
        v1::SetLimitsReply reply;
        QVERIFY(set(request, reply).ok());
        QCOMPARE(reply.changes_size(), 1);
        QVERIFY(reply.changes(0).old_value().has_max());
        QCOMPARE(reply.changes(0).new_value().number(), std::uint64_t{77});
        QCOMPARE(reply.changes(0).limiting_path(), scratch.path().text());
        QCOMPARE(reply.job_id(), std::uint64_t{0});
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("max\n"));
    }

    void setLimits_applied_isReadBackRecordedAndAJob()
    {
        const ScratchCgroup scratch("set", {"memory", "pids"});
        v1::SetLimitsRequest request = pidsMax(78, false);
        request.mutable_target()->set_cgroup_path(scratch.path().text());
        v1::SetLimitsReply reply;
        QVERIFY(set(request, reply).ok());
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("78\n"));
        QVERIFY(reply.job_id() > 0);

        BoundedContext jobContext;
        const auto jobs = v1::Jobs::NewStub(m_host->channel(false));
        const auto jobReader = jobs->Watch(&jobContext, {});
        v1::JobUpdate update;
        QVERIFY(jobReader->Read(&update));
        const auto job = std::ranges::find(update.jobs(), reply.job_id(), &v1::Job::id);
        QVERIFY(job != update.jobs().end());
        QCOMPARE(job->state(), v1::JOB_STATE_DONE);
        QCOMPARE(job->results(0), std::string("pids.max: max -> 78"));
        jobContext.TryCancel();

        BoundedContext eventContext;
        const auto alerts = v1::Alerts::NewStub(m_host->channel(false));
        const auto events = alerts->WatchEvents(&eventContext, {});
        bool seen = false;
        for (v1::EventBatch batch; events->Read(&batch);) {
            for (const v1::Event &event : batch.events()) {
                if (event.kind() == v1::EVENT_KIND_LIMIT_CHANGED && event.cgroup_path() == scratch.path().text()) {
                    QVERIFY(!seen); // once, not again as a foreign write
                    // What the caller says, and what the kernel says of the other end of the socket.
                    QCOMPARE(event.actor(), strCat("tester via test (uid ", ::getuid(), ", pid ", ::getpid(), ")"));
                    QCOMPARE(event.new_value(), std::string("78"));
                    seen = true;
                }
            }
        }
        QVERIFY(seen);
    }

    void setLimits_recreatedSincePreview_isStaleAndNothingIsWritten()
    {
        const ScratchCgroup scratch("stale", {"memory", "pids"});
        scratch.makeChild("x");
        const std::string path = scratch.path().text() + "/x";
        v1::SetLimitsRequest request = pidsMax(79, true);
        request.mutable_target()->set_cgroup_path(path);
        v1::SetLimitsReply reply;
        QVERIFY(set(request, reply).ok());
        scratch.remove("x");
        scratch.makeChild("x");

        request.set_dry_run(false);
        request.mutable_target()->set_node_id(reply.node_id());
        const grpc::Status status = set(request, reply);
        QCOMPARE(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
        QCOMPARE(service::errorFrom(status).posix(), ESTALE);
        TextBuffer text;
        const auto *const pids = scratch.hierarchies()->forController("pids");
        const auto now = cgroup::CgroupPath::parse(path);
        const auto dir = cgroup::openCgroup(*pids, *now);
        QVERIFY(dir.has_value());
        QCOMPARE(std::string(*text.readAt(dir->get(), "pids.max")), std::string("max\n"));
    }

    void setLimits_whileTheKernelReclaims_holdsUpNobody()
    {
        // Kernel: the write returns when the pages are reclaimed; mapped one by one, that takes it a while.
        constexpr std::uint64_t kMapped = 512 * kMiB;
        // Not in /tmp, which may be memory itself: there is nothing to reclaim then.
        QTemporaryFile file(QCoreApplication::applicationDirPath() + QStringLiteral("/mapped-XXXXXX"));
        QVERIFY(file.open() && file.resize(kMapped));
        test::ChildProcess child(mapPageByPage(file.handle(), kMapped));
        const ScratchCgroup slow("slow", {"memory"});
        const ScratchCgroup other("fast", {"memory", "pids"});
        slow.attach(child.pid());
        child.go();
        QTRY_VERIFY_WITH_TIMEOUT(std::stoull(slow.read("memory", slow.file("memory.current"))) >= kMapped, 60'000);

        std::atomic<bool> written = false;
        const auto write = [&] {
            v1::SetLimitsRequest request;
            request.mutable_target()->set_cgroup_path(slow.path().text());
            v1::LimitSetting &setting = *request.add_settings();
            setting.set_key("memory.max");
            setting.mutable_value()->set_number(16 * kMiB);
            v1::SetLimitsReply reply;
            BoundedContext context(std::chrono::seconds(60));
            const grpc::Status status = m_control->SetLimits(&context, request, &reply);
            written = true;
            return status;
        };
        BoundedContext frameContext(std::chrono::seconds(60));
        const auto metrics = v1::Metrics::NewStub(m_host->channel(true));
        const auto frames = metrics->Watch(&frameContext, {});
        v1::Frame frame;
        QVERIFY(frames->Read(&frame));
        auto blocked = std::async(std::launch::async, write);

        int writes = 0;
        int samples = 0;
        v1::SetLimitsRequest request = pidsMax(100, false);
        request.mutable_target()->set_cgroup_path(other.path().text());
        while (!written) {
            request.mutable_settings(0)->mutable_value()->set_number(100 + static_cast<std::uint64_t>(writes));
            v1::SetLimitsReply reply;
            QVERIFY(set(request, reply).ok());
            writes += written ? 0 : 1;
            if (writes % 3 == 0 && frames->Read(&frame))
                samples += written ? 0 : 1;
        }
        frameContext.TryCancel();
        const grpc::Status status = blocked.get();
        QVERIFY2(status.ok() || service::errorFrom(status).posix() == EBUSY, status.error_message().c_str());
        qInfo() << "while one write was in the kernel:" << writes << "other writes," << samples << "frames";
        QVERIFY(writes >= 3);
        QVERIFY(samples >= 1);
    }

    void setLimits_protected_isRefusedWithAReason()
    {
        v1::SetLimitsRequest request = pidsMax(80, false);
        request.mutable_target()->set_cgroup_path("/");
        v1::SetLimitsReply reply;
        const grpc::Status status = set(request, reply);
        QCOMPARE(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
        const Error error = service::errorFrom(status);
        QCOMPARE(error.posix(), EPERM);
        QVERIFY(!error.detail.empty());
        QVERIFY(!error.remedy.empty());
    }

    void request_malformed_isRefused_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("posix");
        const char *const names[] = {"no target",    "no settings",        "same key twice",   "unknown key",
                                     "no value",     "number for cpu.max", "dots in the path", "newline in the path",
                                     "no such node", "number too great"};
        const int errors[] = {EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, EINVAL, ESTALE, ERANGE};
        for (int i = 0; i < 10; ++i)
            QTest::newRow(names[i]) << i << errors[i];
    }
    void request_malformed_isRefused()
    {
        QFETCH(int, which);
        QFETCH(int, posix);
        v1::SetLimitsRequest request = pidsMax(5, false);
        request.mutable_target()->set_cgroup_path("/gantry-test-none");
        v1::LimitSetting &first = *request.mutable_settings(0);
        const std::function<void()> spoil[] = {[&] { request.clear_target(); },
                                               [&] { request.clear_settings(); },
                                               [&] { *request.add_settings() = first; },
                                               [&] { first.set_key("pids.most"); },
                                               [&] { first.clear_value(); },
                                               [&] { first.set_key("cpu.max"); },
                                               [&] { request.mutable_target()->set_cgroup_path("/a/../b"); },
                                               [&] { request.mutable_target()->set_cgroup_path("/a\nb"); },
                                               [&] { request.mutable_target()->set_node_id(12345); },
                                               [&] { first.mutable_value()->set_number(kMiB * kMiB); }};
        spoil[which]();
        v1::SetLimitsReply reply;
        QCOMPARE(service::errorFrom(set(request, reply)).posix(), posix);
    }

    void signal_badRequests_areRefused()
    {
        v1::SignalRequest request;
        request.set_signal(65);
        request.add_processes()->set_pid(1);
        v1::SignalReply reply;
        BoundedContext outOfRange;
        QCOMPARE(m_control->Signal(&outOfRange, request, &reply).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        request.set_signal(15);
        request.mutable_target()->set_cgroup_path("/");
        BoundedContext both;
        QCOMPARE(m_control->Signal(&both, request, &reply).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    }

    void kill_namedByProcess_isRefused()
    {
        test::ChildProcess child(test::sleepForEver);
        const ScratchCgroup scratch("kill", {"memory", "freezer"});
        scratch.attach(child.pid());
        child.go();
        v1::KillRequest request;
        request.mutable_target()->set_pid(child.pid());
        v1::KillReply reply;
        BoundedContext context;
        const grpc::Status status = m_control->Kill(&context, request, &reply);
        QCOMPARE(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
        QVERIFY(status.error_message().find(scratch.path().text()) != std::string::npos);
    }

    void freezeMoveKill_realProcess_works()
    {
        test::ChildProcess child(test::sleepForEver);
        const ScratchCgroup scratch("verbs");
        const ScratchCgroup other("other");
        scratch.attach(child.pid());
        child.go();
        v1::FreezeRequest freeze;
        freeze.mutable_target()->set_cgroup_path(scratch.path().text());
        v1::FreezeReply frozen;
        BoundedContext freezeContext;
        QVERIFY(m_control->Freeze(&freezeContext, freeze, &frozen).ok());
        QCOMPARE(frozen.new_state(), v1::FREEZER_STATE_FROZEN);
        BoundedContext thawContext;
        QVERIFY(m_control->Thaw(&thawContext, freeze, &frozen).ok());
        QCOMPARE(frozen.new_state(), v1::FREEZER_STATE_THAWED);

        v1::MoveProcessesRequest move;
        move.add_processes()->set_pid(child.pid());
        move.mutable_target()->set_cgroup_path(other.path().text());
        v1::MoveProcessesReply moved;
        BoundedContext moveContext;
        QVERIFY(m_control->MoveProcesses(&moveContext, move, &moved).ok());
        QCOMPARE(moved.items(0).from_path(), scratch.path().text());

        v1::KillRequest kill;
        kill.mutable_target()->set_cgroup_path(other.path().text());
        v1::KillReply killed;
        BoundedContext killContext;
        QVERIFY(m_control->Kill(&killContext, kill, &killed).ok());
        QCOMPARE(killed.process_count(), 1U);
        QCOMPARE(killed.remaining(), 0U);
        QVERIFY(WIFSIGNALED(child.wait()));
    }

    void read_ownCgroup_givesItsNumbers()
    {
        const ScratchCgroup scratch("read", {"memory", "pids"});
        v1::ReadRequest request;
        request.mutable_target()->set_cgroup_path(scratch.path().text());
        v1::ReadReply reply;
        BoundedContext context;
        QVERIFY(v1::Metrics::NewStub(m_host->channel(true))->Read(&context, request, &reply).ok());
        QCOMPARE(reply.cgroup_path(), scratch.path().text());
        QVERIFY(reply.metrics().values_size() > 20);
    }

private:
    grpc::Status set(const v1::SetLimitsRequest &request, v1::SetLimitsReply &reply)
    {
        BoundedContext context;
        return m_control->SetLimits(&context, request, &reply);
    }

    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<v1::Control::Stub> m_control;
};

QTEST_GUILESS_MAIN(TestServiceControl)
#include "tst_service_control.moc"
