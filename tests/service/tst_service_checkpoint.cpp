// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints through the real client and server: a real process, real CRIU, a store of the test's own.
#include <QtTest>

#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "tests/kernel/criu_target.h"
#include "tests/service/service_host.h"

#include <QTemporaryDir>

#include <csignal>

#include <sys/wait.h>

using namespace gantry;
using gantry::test::Answer;
using gantry::test::ask;
using gantry::test::BoundedContext;
using gantry::test::ServiceHost;
using gantry::test::Target;
using namespace std::chrono_literals;

class TestServiceCheckpoint : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        m_host = std::make_unique<ServiceHost>();
        m_stub = v1::Checkpoint::NewStub(m_host->channel(true));
        m_jobs = v1::Jobs::NewStub(m_host->channel(true));
    }
    void cleanupTestCase()
    {
        m_stub.reset();
        m_jobs.reset();
        m_host.reset();
        test::endAllBelow();
    }

    void emptyStore_listsNothingAndFindsNothing()
    {
        QVERIFY(list().checkpoints().empty());
        QCOMPARE(restore("12345678").error().posix(), ENOENT);
        QCOMPARE(remove("12345678", false).error().posix(), ENOENT);
    }

    void created_listed_restored_removed()
    {
        const QTemporaryDir folder;
        const Target target("remember", folder.path().toStdString());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder.path().toStdString());
        v1::CreateCheckpointRequest request = requestFor(target);
        request.set_name("first");
        request.set_note("a note");
        const auto first = create(request);
        QVERIFY2(first, first ? "" : text(first.error()));
        QVERIFY(first->frozen_usec() > 0);
        QCOMPARE(first->not_recorded(), std::string());
        QCOMPARE(first->checkpoint().name(), std::string("first"));
        QCOMPARE(first->checkpoint().processes(), 1u);
        const v1::Job job = jobOf(first->job_id());
        QCOMPARE(job.verb(), std::string("checkpoint"));
        QCOMPARE(job.state(), v1::JOB_STATE_DONE);
        QVERIFY(ask(target.pid(), folder.path().toStdString()).count > before.count);

        changeLabels(first->checkpoint().id());
        request.set_name("last");
        request.set_stop(true);
        request.set_dry_run(true);
        const auto preview = create(request);
        QVERIFY2(preview, preview ? "" : text(preview.error()));
        QCOMPARE(preview->checkpoint().processes(), 1u);
        QCOMPARE(list().checkpoints_size(), 1);
        request.set_dry_run(false);
        const auto last = create(request);
        QVERIFY2(last, last ? "" : text(last.error()));
        QVERIFY(last->checkpoint().fresh_bytes() < first->checkpoint().fresh_bytes() / 4);
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        QCOMPARE(list().checkpoints_size(), 2);

        QVERIFY(restore("last", true));
        QVERIFY(!process::readStat(target.pid()));
        const auto back = restore("last");
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(back->root_pid(), target.pid());
        QCOMPARE(ask(target.pid(), folder.path().toStdString()).sum, before.sum);
        // Its end is noticed, and its pid is free for the next one.
        ::kill(target.pid(), SIGKILL);
        QVERIFY(QTest::qWaitFor([&target] { return !process::readStat(target.pid()); }, 10'000));
        const auto again = restore(first->checkpoint().id().substr(0, 8));
        QCOMPARE(restore("last", true).error().posix(), EEXIST); // it runs
        QVERIFY2(again, again ? "" : text(again.error()));
        QCOMPARE(ask(target.pid(), folder.path().toStdString()).sum, before.sum);

        QVERIFY(remove("first", true));
        QCOMPARE(list().checkpoints_size(), 2);
        const auto whole = call(&v1::Checkpoint::Stub::Verify, v1::VerifyRequest());
        QVERIFY2(whole, whole ? "" : text(whole.error()));
        QCOMPARE(whole->checkpoints(), std::uint64_t{2});
        QVERIFY(whole->damages().empty());
        const auto stats = call(&v1::Checkpoint::Stub::Stats, v1::StoreStatsRequest());
        QVERIFY(stats && stats->stored_bytes() > (std::uint64_t{8} << 20));
        QVERIFY(remove("first", false));
        QVERIFY(remove("last", false));
        QVERIFY(list().checkpoints().empty());
        const auto collected = call(&v1::Checkpoint::Stub::Collect, v1::CollectRequest());
        QVERIFY2(collected, collected ? "" : text(collected.error()));
        QVERIFY(collected->freed_bytes() > (std::uint64_t{8} << 20));
        QCOMPARE(collected->not_recorded(), std::string());
        QVERIFY(m_host->hasAudited("\"verb\":\"collect\",\"target\":\"repository\""));
        QVERIFY(call(&v1::Checkpoint::Stub::Stats, v1::StoreStatsRequest())->stored_bytes() < stats->stored_bytes() / 4);
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<int>("error");
        QTest::newRow("option with a dash") << QByteArray("dash") << EINVAL;
        QTest::newRow("option that runs a program") << QByteArray("program") << EINVAL;
        QTest::newRow("option with a line break") << QByteArray("line") << EINVAL;
        QTest::newRow("name that is too long") << QByteArray("name") << EINVAL;
        QTest::newRow("no target") << QByteArray("target") << EINVAL;
        QTest::newRow("no such process") << QByteArray("pid") << ESRCH;
        QTest::newRow("what pre-flight refuses") << QByteArray("io-uring") << ENOTSUP;
    }
    void refused()
    {
        QFETCH(QByteArray, what);
        QFETCH(int, error);
        const QTemporaryDir folder;
        const Target target(what == "io-uring" ? "io-uring" : "plain", folder.path().toStdString());
        QVERIFY(target.isReady());
        v1::CreateCheckpointRequest request = requestFor(target);
        if (what == "dash")
            request.add_options("--tcp-close");
        else if (what == "program")
            request.add_options("action-script=/bin/true");
        else if (what == "line")
            request.add_options("tcp-close\nroot=/");
        else if (what == "name")
            request.set_name(std::string(5'000, 'x'));
        else if (what == "target")
            request.clear_target();
        else if (what == "pid")
            request.mutable_target()->set_pid(0x3fffff);
        const auto made = create(request);
        QVERIFY(!made);
        QCOMPARE(made.error().posix(), error);
        QVERIFY(process::readStat(target.pid())->state != 'Z');
        QVERIFY(list().checkpoints().empty());
    }

private:
    /// All that an admin may change, and back; each with its record.
    void changeLabels(const std::string &id)
    {
        v1::UpdateCheckpointRequest update;
        update.set_checkpoint(id.substr(0, 8));
        QCOMPARE(call(&v1::Checkpoint::Stub::Update, update).error().posix(), EINVAL);
        update.set_name("renamed");
        update.set_note("");
        update.set_pinned(true);
        const auto changed = call(&v1::Checkpoint::Stub::Update, update);
        QVERIFY2(changed, changed ? "" : text(changed.error()));
        QCOMPARE(changed->not_recorded(), std::string());
        const v1::CheckpointInfo listed = list().checkpoints(0);
        QCOMPARE(changed->checkpoint().SerializeAsString(), listed.SerializeAsString());
        QCOMPARE(listed.name(), std::string("renamed"));
        QCOMPARE(listed.note(), std::string());
        QVERIFY(listed.pinned());
        QVERIFY(m_host->hasAudited("\"key\":\"name\",\"old\":\"first\",\"new\":\"renamed\""));
        QVERIFY(m_host->hasAudited("\"key\":\"note\",\"old\":\"a note\",\"new\":\"\""));
        QVERIFY(m_host->hasAudited("\"key\":\"pinned\",\"old\":\"not pinned\",\"new\":\"pinned\""));
        update.Clear();
        update.set_checkpoint("renamed");
        update.set_name(std::string(5'000, 'x'));
        QCOMPARE(call(&v1::Checkpoint::Stub::Update, update).error().posix(), EINVAL);
        update.set_name("first");
        update.set_pinned(false);
        QVERIFY(call(&v1::Checkpoint::Stub::Update, update));
        QCOMPARE(list().checkpoints(0).name(), std::string("first"));
        QVERIFY(!list().checkpoints(0).pinned());
        QCOMPARE(call(&v1::Checkpoint::Stub::Update, update).error().posix(), ENOENT); // it has this name no more
    }
    static QByteArray text(const Error &error) { return QByteArray::fromStdString(error.message()); }
    static v1::CreateCheckpointRequest requestFor(const Target &target)
    {
        v1::CreateCheckpointRequest out;
        out.mutable_target()->set_pid(target.pid());
        out.mutable_actor()->set_program("test");
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
    Result<v1::CreateCheckpointReply> create(const v1::CreateCheckpointRequest &request)
    {
        return call(&v1::Checkpoint::Stub::Create, request);
    }
    v1::ListCheckpointsReply list() { return *call(&v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest()); }
    Result<v1::RestoreCheckpointReply> restore(const std::string &what, bool dryRun = false)
    {
        v1::RestoreCheckpointRequest request;
        request.set_dry_run(dryRun);
        request.set_checkpoint(what);
        return call(&v1::Checkpoint::Stub::Restore, request);
    }
    Result<v1::RemoveCheckpointReply> remove(const std::string &what, bool dryRun)
    {
        v1::RemoveCheckpointRequest request;
        request.set_checkpoint(what);
        request.set_dry_run(dryRun);
        return call(&v1::Checkpoint::Stub::Remove, request);
    }
    v1::Job jobOf(std::uint64_t id)
    {
        BoundedContext context(20s);
        const auto reader = m_jobs->Watch(&context, v1::WatchJobsRequest());
        v1::JobUpdate update;
        v1::Job out;
        if (reader->Read(&update)) {
            for (const v1::Job &job : update.jobs()) {
                if (job.id() == id)
                    out = job;
            }
        }
        context.TryCancel();
        return out;
    }

    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<v1::Checkpoint::Stub> m_stub;
    std::unique_ptr<v1::Jobs::Stub> m_jobs;
};

QTEST_GUILESS_MAIN(TestServiceCheckpoint)
#include "tst_service_checkpoint.moc"
