// SPDX-License-Identifier: GPL-3.0-or-later
// A program that asks for a checkpoint of itself, and is told of it, through the real engine, by real CRIU.
#include <QtTest>

#include "engine/base/child.h"
#include "engine/base/fd.h"
#include "engine/checkpoint/program_talk.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/service/status.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/launch.grpc.pb.h"
#include "tests/kernel/criu_target.h"
#include "tests/service/service_host.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <csignal>
#include <thread>

#include <sys/wait.h>

using namespace gantry;
using gantry::test::BoundedContext;
using gantry::test::ServiceHost;
using gantry::test::Target;
using namespace std::chrono_literals;

namespace {

constexpr int kPatience = 30'000; ///< generous: other tests run beside

} // namespace

class TestServiceProgram : public QObject
{
    Q_OBJECT
    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<v1::Checkpoint::Stub> m_checkpoints;
    std::unique_ptr<v1::Launch::Stub> m_launch;
    std::unique_ptr<v1::Control::Stub> m_control;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_container; ///< that was started; empty: none
private Q_SLOTS:
    void initTestCase() { QVERIFY(test::adoptTargets()); }
    void init()
    {
        m_host = std::make_unique<ServiceHost>();
        const auto channel = m_host->channel(true);
        m_checkpoints = v1::Checkpoint::NewStub(channel);
        m_launch = v1::Launch::NewStub(channel);
        m_control = v1::Control::NewStub(channel);
        m_folder = std::make_unique<QTemporaryDir>();
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(socketPath()), kPatience);
        QFile place(m_folder->filePath(QStringLiteral("ask-at")));
        QVERIFY(place.open(QIODevice::WriteOnly));
        place.write(socketPath().toUtf8());
    }
    void cleanup()
    {
        if (!m_container.empty()) {
            v1::RemoveLaunchedRequest remove;
            remove.set_name(m_container);
            grpc::Status done;
            // One that was restored a moment ago is not known as a container yet, and cannot be killed as one.
            const bool removed = QTest::qWaitFor(
                [&] {
                    kill();
                    v1::RemoveLaunchedReply reply;
                    BoundedContext context(60s);
                    return (done = m_launch->Remove(&context, remove, &reply)).ok();
                },
                kPatience);
            m_container.clear();
            QVERIFY2(removed, done.error_message().c_str());
        }
        test::endAllBelow();
        m_launch.reset();
        m_control.reset();
        m_checkpoints.reset();
        m_host.reset();
    }

    void asksForItsOwn_oneIsTaken_andItIsToldBeforeAfterAndWhenRestored()
    {
        const Target target("told", m_folder->path().toStdString());
        QVERIFY(target.isReady());
        const Target other("remember", m_folder->path().toStdString());
        QVERIFY(other.isReady());
        ::kill(target.pid(), SIGUSR1);
        QTRY_VERIFY_WITH_TIMEOUT(heard().contains("after-checkpoint "), kPatience);
        const auto taken = list();
        QCOMPARE(taken.checkpoints_size(), 1);
        const v1::CheckpointInfo one = taken.checkpoints(0);
        QCOMPARE(one.trigger(), std::string("program"));
        QVERIFY2(one.subject().starts_with("pid " + std::to_string(target.pid()) + " "), one.subject().c_str());
        QCOMPARE(one.processes(), 1U);
        QCOMPARE(heard(), QByteArray("before-checkpoint\nready\nafter-checkpoint ") +
                              QByteArray::fromStdString(one.id()) + "\n");
        if (!QFile::exists(QStringLiteral("/run/systemd/journal/socket"))) {
            const QByteArray who = "itself via checkpoint_targ (uid 0, pid " + QByteArray::number(target.pid()) + ")";
            const std::string log = m_host->statePath(QStringLiteral("audit.log")).toStdString();
            QTRY_VERIFY_WITH_TIMEOUT(QByteArray::fromStdString(readFile(log).value_or("")).contains(who), kPatience);
        }

        // Not twice in a row.
        ::kill(target.pid(), SIGUSR1);
        QTRY_VERIFY_WITH_TIMEOUT(heard().contains("\nrefused one is being made, or was less than 10 s ago"), kPatience);
        QCOMPARE(list().checkpoints_size(), 1);

        ::kill(target.pid(), SIGKILL);
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        v1::RestoreCheckpointRequest request;
        request.set_checkpoint(one.id());
        v1::RestoreCheckpointReply reply;
        BoundedContext context(60s);
        const grpc::Status done = m_checkpoints->Restore(&context, request, &reply);
        QVERIFY2(done.ok(), done.error_message().c_str());
        QTRY_VERIFY_WITH_TIMEOUT(heard().endsWith("restored " + QByteArray::fromStdString(one.id()) + "\n"), kPatience);
    }

    /// In a container of "gantryctl run": the container is what is saved, by its runtime.
    void asksInAContainer_theContainerIsSaved()
    {
        const QDir root(m_folder->filePath(QStringLiteral("root")));
        QVERIFY(root.mkpath(QStringLiteral(".")));
        QVERIFY(QFile::copy(QStringLiteral(TOLD_STATIC), root.filePath(QStringLiteral("told"))));
        QFile place(root.filePath(QStringLiteral("ask-at")));
        QVERIFY(place.open(QIODevice::WriteOnly));
        place.write("/run/gantry/checkpoint.sock");
        place.close();
        v1::RunRequest wanted;
        wanted.set_name("asker" + std::to_string(::getpid()));
        wanted.set_rootfs_folder(root.path().toStdString());
        wanted.add_command("/told");
        v1::RunReply started;
        BoundedContext context(60s);
        const grpc::Status run = m_launch->Run(&context, wanted, &started);
        QVERIFY2(run.ok(), run.error_message().c_str());
        m_container = wanted.name();
        const QString changed =
            m_host->statePath(QStringLiteral("containers/%1/upper/heard").arg(QString::fromStdString(m_container)));
        const auto heardInside = [&] {
            return QByteArray::fromStdString(readFile(changed.toStdString()).value_or(""));
        };
        // Known as a container a moment later; until then it is a tree of root's, which would be saved, too.
        QTRY_VERIFY_WITH_TIMEOUT(hasCgroup(m_container), kPatience);
        ::kill(started.root_pid(), SIGUSR1);
        QTRY_VERIFY_WITH_TIMEOUT(heardInside().contains("after-checkpoint ") || heardInside().contains("refused"),
                                 kPatience);
        QVERIFY2(heardInside().startsWith("before-checkpoint\nready\nafter-checkpoint "), heardInside());
        const auto taken = list();
        QCOMPARE(taken.checkpoints_size(), 1);
        QCOMPARE(taken.checkpoints(0).trigger(), std::string("program"));
        QCOMPARE(taken.checkpoints(0).subject(), m_container);

        endContainer();
        v1::RestoreCheckpointRequest back;
        back.set_checkpoint(taken.checkpoints(0).id());
        v1::RestoreCheckpointReply restored;
        BoundedContext again(60s);
        const grpc::Status came = m_checkpoints->Restore(&again, back, &restored);
        QVERIFY2(came.ok(), came.error_message().c_str());
        QTRY_VERIFY_WITH_TIMEOUT(
            heardInside().endsWith("restored " + QByteArray::fromStdString(back.checkpoint()) + "\n"), kPatience);
    }

    /// The example of the help.
    void example_isReadyInTime_andIsRestored()
    {
        const QString path = m_folder->filePath(QStringLiteral("py.gantry-checkpoint"));
        auto python = Child::start("/usr/bin/setsid",
                                   {"setsid", "--wait", "/usr/bin/python3", EXAMPLE_PROGRAM, path.toStdString()}, {});
        QVERIFY2(python, python ? "" : python.error().message().c_str());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), kPatience);
        std::int32_t pid = 0;
        for (const std::int32_t one : checkpoint::treeOf(::getpid()).value_or(std::vector<std::int32_t>()))
            pid = process::readStat(one).value_or(process::Stat()).comm.starts_with("python") ? one : pid;
        QVERIFY(pid > 0);
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_pid(pid);
        v1::CreateCheckpointReply reply;
        BoundedContext context(60s);
        const grpc::Status done = m_checkpoints->Create(&context, request, &reply);
        QVERIFY2(done.ok(), done.error_message().c_str());
        for (const v1::CheckFinding &finding : reply.findings())
            QVERIFY2(finding.cause() != "silent-program", finding.object().c_str());
        ::kill(pid, SIGKILL);
        (void)python->reap();
        v1::RestoreCheckpointRequest back;
        back.set_checkpoint(reply.checkpoint().id());
        v1::RestoreCheckpointReply restored;
        BoundedContext again(60s);
        const grpc::Status came = m_checkpoints->Restore(&again, back, &restored);
        QVERIFY2(came.ok(), came.error_message().c_str());
        // It has read what it was told, and listens.
        auto talk = checkpoint::ProgramTalk::with(std::vector<std::int32_t>{pid});
        QCOMPARE(talk.size(), std::size_t{1});
        QVERIFY(talk.untilReady({}).empty());
    }

    void neverAnswers_theCheckpointIsTaken_andNamesIt()
    {
        const Target target("told-silent", m_folder->path().toStdString());
        QVERIFY(target.isReady());
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_pid(target.pid());
        v1::CreateCheckpointReply reply;
        BoundedContext context(60s);
        const grpc::Status done = m_checkpoints->Create(&context, request, &reply);
        QVERIFY2(done.ok(), done.error_message().c_str());
        bool named = false;
        for (const v1::CheckFinding &finding : reply.findings())
            named = named || finding.object().ends_with("/told.gantry-checkpoint");
        QVERIFY(named);
    }

private:
    [[nodiscard]] QString socketPath() const { return m_host->statePath(QStringLiteral("programs/checkpoint.sock")); }
    [[nodiscard]] QByteArray heard() const
    {
        return QByteArray::fromStdString(
            readFile(m_folder->filePath(QStringLiteral("heard")).toStdString()).value_or(""));
    }
    bool isContainer(const std::string &name)
    {
        v1::CheckRequest request;
        request.mutable_target()->set_container(name);
        v1::CheckReply reply;
        BoundedContext context;
        return m_checkpoints->Check(&context, request, &reply).ok();
    }
    /// Its runtime's files tell of a container a moment before the tree has its cgroup, by which an asker is known.
    bool hasCgroup(const std::string &name)
    {
        v1::CreateCheckpointRequest request;
        request.mutable_target()->set_container(name);
        request.set_dry_run(true);
        v1::CreateCheckpointReply reply;
        BoundedContext context;
        return m_checkpoints->Create(&context, request, &reply).ok();
    }
    /// Waits until its runtime has no process of it any more.
    void endContainer() { QTRY_VERIFY_WITH_TIMEOUT((kill(), !isContainer(m_container)), kPatience); }
    void kill()
    {
        v1::KillRequest request;
        request.mutable_target()->set_container(m_container);
        v1::KillReply reply;
        BoundedContext context;
        (void)m_control->Kill(&context, request, &reply);
    }
    v1::ListCheckpointsReply list()
    {
        v1::ListCheckpointsReply reply;
        BoundedContext context;
        const grpc::Status done = m_checkpoints->List(&context, {}, &reply);
        if (!done.ok())
            QTest::qFail(done.error_message().c_str(), __FILE__, __LINE__);
        return reply;
    }
};

QTEST_GUILESS_MAIN(TestServiceProgram)
#include "tst_service_program.moc"
