// SPDX-License-Identifier: GPL-3.0-or-later
// Schedules of a container that a runtime keeps: real runc, real CRIU, in a mount namespace with nothing in /run and
// /var/lib (runApart).
#include <QtTest>

#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/schedules.grpc.pb.h"
#include "tests/service/counting_container.h"
#include "tests/support/apart.h"
#include "tests/support/keeper_parent.h"

#include <csignal>

using namespace gantry;
using namespace std::chrono_literals;
using gantry::test::BoundedContext;
using gantry::test::CountingContainer;
using gantry::test::ServiceHost;

namespace {

constexpr int kPatience = test::kCountingPatience;

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

} // namespace

class TestServiceKeptSchedule : public QObject
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
        const auto channel = m_host->channel(true);
        m_schedules = v1::Schedules::NewStub(channel);
        m_checkpoints = v1::Checkpoint::NewStub(channel);
        m_control = v1::Control::NewStub(channel);
        m_container = std::make_unique<CountingContainer>(*m_host, "ticked");
        QVERIFY(m_container->startedPid() != 0);
        QVERIFY(m_container->reaches(3));
        v1::SetScheduleRequest request;
        request.mutable_target()->set_container("ticked");
        request.set_period_ms(1'000);
        request.mutable_retention()->set_count(2);
        request.set_restart(true);
        Result<v1::SetScheduleReply> set;
        QVERIFY2(
            QTest::qWaitFor([&] { return (set = call(*m_schedules, &v1::Schedules::Stub::Set, request)).has_value(); },
                            kPatience),
            set ? "" : text(set.error())); // the tree learns of it
        QCOMPARE(set->schedule().subject(), std::string("ticked"));
    }
    void cleanup()
    {
        v1::RemoveScheduleRequest request;
        request.set_schedule("ticked");
        QVERIFY(call(*m_schedules, &v1::Schedules::Stub::Remove, request));
        m_container.reset();
        m_schedules.reset();
        m_checkpoints.reset();
        m_control.reset();
        m_host.reset();
    }

    void ticks_areTaken_andRetentionKeepsTheNewest()
    {
        QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() >= 4, kPatience);
        QCOMPARE(schedule().last_error(), std::string());
        QCOMPARE(schedule().state(), std::string("runs"));
        QCOMPARE(m_container->pid(), m_container->startedPid());
        QVERIFY(m_container->goesOn());
        const auto all = checkpoints();
        QVERIFY2(all.size() >= 2 && all.size() <= 3, qPrintable(QString::number(all.size()))); // one may be on its way
        for (const v1::CheckpointInfo &one : all) {
            QCOMPARE(one.trigger(), std::string("schedule"));
            QCOMPARE(one.runtime(), std::string("runc"));
        }
    }

    void dies_comesBackFromTheNewest_withItsFiles_data()
    {
        QTest::addColumn<bool>("bySignal");
        QTest::newRow("killed by somebody else") << true;
        QTest::newRow("ends with a code that is not 0") << false;
    }
    void dies_comesBackFromTheNewest_withItsFiles()
    {
        QFETCH(bool, bySignal);
        m_container->write("kept", "as it was");
        for (std::uint64_t times = 1; times <= (bySignal ? 2U : 1U); ++times) {
            const std::uint64_t taken = schedule().taken();
            QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() > taken + 1 && schedule().state() == "runs", kPatience);
            const std::int64_t count = m_container->count();
            if (bySignal)
                ::kill(m_container->pid(), SIGKILL); // as the OOM killer does
            else
                m_container->write("end", "3");
            QTRY_COMPARE_WITH_TIMEOUT(schedule().restarts(), times, kPatience);
            QVERIFY2(schedule().last_error().empty(), schedule().last_error().c_str());
            QVERIFY(m_container->pid() != 0);
            QVERIFY(m_container->goesOn());
            QVERIFY(m_container->count() > count / 2); // from its memory, not from the start
            QCOMPARE(m_container->read("kept"), std::string("as it was"));
        }
        // How it was when it died can be looked at.
        QVERIFY(!m_container->place().asides().empty());
    }

    void endedOnPurpose_staysAway_data()
    {
        QTest::addColumn<QByteArray>("how");
        for (const char *how : {"kill", "suspend", "exit"})
            QTest::newRow(how) << QByteArray(how);
    }
    void endedOnPurpose_staysAway()
    {
        QFETCH(QByteArray, how);
        QTRY_VERIFY_WITH_TIMEOUT(schedule().taken() > 0, kPatience);
        if (how == "kill") {
            v1::KillRequest kill;
            kill.mutable_target()->set_container("ticked");
            const auto killed = call(*m_control, &v1::Control::Stub::Kill, kill);
            QVERIFY2(killed, killed ? "" : text(killed.error()));
        } else if (how == "suspend") {
            v1::CreateCheckpointRequest suspend;
            suspend.mutable_target()->set_container("ticked");
            suspend.set_stop(true);
            suspend.set_trigger("suspend");
            const auto suspended = call(*m_checkpoints, &v1::Checkpoint::Stub::Create, suspend);
            QVERIFY2(suspended, suspended ? "" : text(suspended.error()));
        } else {
            m_container->write("end", "0");
        }
        QTRY_VERIFY2_WITH_TIMEOUT(schedule().state().starts_with("does not run: "), schedule().state().c_str(),
                                  kPatience);
        QTest::qWait(1'000); // four looks
        QCOMPARE(m_container->pid(), 0);
        QCOMPARE(schedule().restarts(), std::uint64_t{0});
        QCOMPARE(schedule().last_error(), std::string());
    }

private:
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
    /// The only one; empty where there is none.
    v1::Schedule schedule()
    {
        const auto all = *call(*m_schedules, &v1::Schedules::Stub::List, v1::ListSchedulesRequest());
        return all.schedules_size() == 1 ? all.schedules(0) : v1::Schedule();
    }
    std::vector<v1::CheckpointInfo> checkpoints()
    {
        const auto all = *call(*m_checkpoints, &v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest());
        return {all.checkpoints().begin(), all.checkpoints().end()};
    }

    std::unique_ptr<ServiceHost> m_host;
    std::unique_ptr<CountingContainer> m_container;
    std::unique_ptr<v1::Schedules::Stub> m_schedules;
    std::unique_ptr<v1::Checkpoint::Stub> m_checkpoints;
    std::unique_ptr<v1::Control::Stub> m_control;
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestServiceKeptSchedule suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_service_kept_schedule.moc"
