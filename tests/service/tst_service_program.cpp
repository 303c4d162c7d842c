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
#include "tests/kernel/criu_target.h"
#include "tests/service/service_host.h"

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
    std::unique_ptr<QTemporaryDir> m_folder;
private Q_SLOTS:
    void initTestCase() { QVERIFY(test::adoptTargets()); }
    void init()
    {
        m_host = std::make_unique<ServiceHost>();
        m_checkpoints = v1::Checkpoint::NewStub(m_host->channel(true));
        m_folder = std::make_unique<QTemporaryDir>();
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(socketPath()), kPatience);
        QFile place(m_folder->filePath(QStringLiteral("ask-at")));
        QVERIFY(place.open(QIODevice::WriteOnly));
        place.write(socketPath().toUtf8());
    }
    void cleanup()
    {
        test::endAllBelow();
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
            QFile audit(m_host->statePath(QStringLiteral("audit.log")));
            QVERIFY(audit.open(QIODevice::ReadOnly));
            const QByteArray all = audit.readAll();
            QVERIFY2(all.contains("itself via checkpoint_targ (uid 0, pid " + QByteArray::number(target.pid()) + ")"),
                     all);
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
        QCOMPARE(python->reap(), 128 + SIGKILL);
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
    [[nodiscard]] QString socketPath() const { return m_host->statePath(QStringLiteral("checkpoint.sock")); }
    [[nodiscard]] QByteArray heard() const
    {
        return QByteArray::fromStdString(
            readFile(m_folder->filePath(QStringLiteral("heard")).toStdString()).value_or(""));
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
