// SPDX-License-Identifier: GPL-3.0-or-later
// What a caller may do is decided for each connection, and never taken for another's.
#include "engine/base/metric.h"
#include "engine/base/strings.h"
#include "engine/service/peers.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "gantry/v1/launch.grpc.pb.h"
#include "gantry/v1/migration.grpc.pb.h"
#include "gantry/v1/schedules.grpc.pb.h"
#include "gantry/v1/transfer.grpc.pb.h"
#include "service_host.h"

#include <QtTest>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

using namespace gantry;
using namespace gantry::service;
using test::BoundedContext;
using test::ServiceHost;

namespace {

const Caller kLooker{Access::Look, "group gantry (yours is gantry-view)", "usermod -aG gantry NAME", {}};

std::shared_ptr<grpc::Channel> channelFor(ServiceHost &host, const Caller &caller)
{
    auto [client, server] = test::connectedPair();
    if (auto served = host.engine().serveFd(std::move(server), caller); !served)
        qFatal("serveFd: %s", served.error().message().c_str());
    return ServiceHost::channelTo(std::move(client));
}

/// errno of a call's end, 0 where it worked; `words` gets what it says.
int errnoOf(const grpc::Status &status, QByteArray *words)
{
    if (status.ok())
        return 0;
    const Error error = errorFrom(status);
    if (words != nullptr)
        *words = QByteArray::fromStdString(error.message() + ": " + error.remedy);
    return error.posix();
}

/// The same of one call.
template <class Service, class Request, class Reply>
int call(const std::shared_ptr<grpc::Channel> &channel,
         grpc::Status (Service::Stub::*method)(grpc::ClientContext *, const Request &, Reply *), const Request &request,
         QByteArray *words = nullptr)
{
    const auto stub = Service::NewStub(channel);
    BoundedContext context;
    Reply reply;
    return errnoOf((stub.get()->*method)(&context, request, &reply), words);
}

using Attempt = std::function<int(const std::shared_ptr<grpc::Channel> &, QByteArray &)>;

/// A row of the test below.
template <class Service, class Request, class Reply>
void addRow(const char *name, grpc::Status (Service::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
            const Request &request)
{
    QTest::newRow(name) << Attempt([=](const std::shared_ptr<grpc::Channel> &channel, QByteArray &words) {
        return call<Service>(channel, method, request, &words);
    });
}

v1::SetRuleRequest someRule()
{
    v1::SetRuleRequest out;
    v1::AlertRule &rule = *out.mutable_rule();
    rule.set_name("Swap in use");
    rule.set_source(v1::ALERT_SOURCE_METRIC);
    rule.set_metric(static_cast<std::uint32_t>(Metric::MemorySwapCurrent));
    rule.mutable_hard()->set_enabled(true);
    rule.mutable_hard()->set_value(1 << 20);
    return out;
}

std::string reasonOf(const std::shared_ptr<grpc::Channel> &channel)
{
    BoundedContext context;
    v1::HelloRequest request;
    request.set_protocol_major(1);
    v1::HelloReply reply;
    const grpc::Status status = v1::Host::NewStub(channel)->Hello(&context, request, &reply);
    return status.ok() ? reply.read_only_reason() : status.error_message();
}

/// The process may have fewer descriptors for as long as it lives.
class FewDescriptors
{
public:
    explicit FewDescriptors(rlim_t most)
    {
        ::getrlimit(RLIMIT_NOFILE, &m_before);
        const rlimit few{most, m_before.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
    }
    FewDescriptors(const FewDescriptors &) = delete;
    FewDescriptors &operator=(const FewDescriptors &) = delete;
    ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &m_before); }

private:
    rlimit m_before{};
};

int numberOfNew(Peers &peers)
{
    auto connection = peers.add(test::connectedPair().first, {});
    return connection ? connection->get() : -1; // which is closed at once
}

} // namespace

class TestServiceRights : public QObject
{
    Q_OBJECT
    std::unique_ptr<ServiceHost> m_host;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::getuid() == 0, "root is wanted");
        m_host = std::make_unique<ServiceHost>();
    }

    void hello_tellsEachCallerItsOwn()
    {
        const auto looker = channelFor(*m_host, kLooker);
        const auto root = channelFor(*m_host, {});
        const auto second = channelFor(*m_host, kLooker);
        QCOMPARE(reasonOf(looker), kLooker.missing);
        QCOMPARE(reasonOf(root), std::string());
        QCOMPARE(reasonOf(second), kLooker.missing);
        const std::string own = reasonOf(m_host->engine().inProcessChannel());
        QVERIFY2(own.empty(), own.c_str());
    }

    void looker_everyChange_isRefusedInWords_data()
    {
        QTest::addColumn<Attempt>("attempt");
        v1::CreateCgroupRequest create;
        create.set_path("/gantry-rights");
        addRow<v1::Control>("control", &v1::Control::Stub::CreateCgroup, create);
        addRow<v1::Alerts>("rule", &v1::Alerts::Stub::SetRule, someRule());
        v1::AcknowledgeRequest acknowledge;
        acknowledge.add_alert_ids(1);
        addRow<v1::Alerts>("acknowledge", &v1::Alerts::Stub::Acknowledge, acknowledge);
        v1::CancelJobRequest cancel;
        cancel.set_job_id(1);
        addRow<v1::Jobs>("cancel", &v1::Jobs::Stub::Cancel, cancel);
        addRow<v1::Checkpoint>("store", &v1::Checkpoint::Stub::InitStore, v1::InitStoreRequest());
        addRow<v1::Checkpoint>("collect", &v1::Checkpoint::Stub::Collect, v1::CollectRequest());
        addRow<v1::Checkpoint>("verify", &v1::Checkpoint::Stub::Verify, v1::VerifyRequest());
        addRow<v1::Checkpoint>("unlock", &v1::Checkpoint::Stub::UnlockStore, v1::UnlockStoreRequest());
        addRow<v1::Schedules>("schedule", &v1::Schedules::Stub::Set, v1::SetScheduleRequest());
        addRow<v1::Schedules>("expire", &v1::Schedules::Stub::Expire, v1::ExpireRequest());
        QTest::newRow("export") << Attempt([](const auto &channel, QByteArray &words) {
            const auto stub = v1::Transfer::NewStub(channel);
            BoundedContext context;
            const auto reader = stub->Export(&context, v1::ExportRequest());
            v1::ExportPart part;
            while (reader->Read(&part)) {
            }
            return errnoOf(reader->Finish(), &words);
        });
        QTest::newRow("listen") << Attempt([](const auto &channel, QByteArray &words) {
            const auto stub = v1::Migration::NewStub(channel);
            BoundedContext context;
            v1::ListenMigrationRequest request;
            request.set_address("127.0.0.1");
            const auto reader = stub->Listen(&context, request);
            v1::MigrationListening told;
            const bool opened = reader->Read(&told);
            if (opened)
                context.TryCancel();
            const grpc::Status end = reader->Finish();
            return opened ? 0 : errnoOf(end, &words);
        });
    }
    void looker_everyChange_isRefusedInWords()
    {
        QFETCH(const Attempt, attempt);
        QByteArray words;
        QCOMPARE(attempt(channelFor(*m_host, kLooker), words), EPERM);
        QVERIFY2(words.contains("group gantry (yours is gantry-view)") && words.contains("usermod -aG gantry"), words);
    }

    void looker_looksAndTriesDry()
    {
        const auto channel = channelFor(*m_host, kLooker);
        QCOMPARE(call<v1::Host>(channel, &v1::Host::Stub::Info, v1::HostInfoRequest()), 0);
        QCOMPARE(call<v1::Alerts>(channel, &v1::Alerts::Stub::ListRules, v1::ListRulesRequest()), 0);
        v1::CreateCgroupRequest request;
        request.set_path("/gantry-rights");
        request.set_dry_run(true);
        QCOMPARE(call<v1::Control>(channel, &v1::Control::Stub::CreateCgroup, request), 0);
    }

    void actor_besideALooker_acts_andIsRecordedWithItsOrigin()
    {
        const auto looker = channelFor(*m_host, kLooker);
        const auto root = channelFor(*m_host, {.origin = "uid 1234 by sudo"});
        QCOMPARE(call<v1::Alerts>(looker, &v1::Alerts::Stub::SetRule, someRule()), EPERM);
        QByteArray words;
        QVERIFY2(call<v1::Alerts>(root, &v1::Alerts::Stub::SetRule, someRule(), &words) == 0, words);
        QVERIFY(m_host->hasAudited(", for uid 1234 by sudo)"));
        v1::CancelJobRequest cancel;
        cancel.set_job_id(77);
        QCOMPARE(call<v1::Jobs>(root, &v1::Jobs::Stub::Cancel, cancel), ENOENT);
        QVERIFY(m_host->hasAudited("job 77"));
    }

    void number_ofAConnectionThatEnded_comesAgainOnlyAfterManyOthers()
    {
        const FewDescriptors few(600);
        Peers peers({});
        const int first = numberOfNew(peers);
        QVERIFY(first >= 300);
        for (int before = first, count = 1; count < 250; ++count) { // some numbers are the engine's
            const int number = numberOfNew(peers);
            QVERIFY(number > before);
            before = number;
        }
        int number = numberOfNew(peers);
        for (int most = 300; most > 0 && number > first; --most)
            number = numberOfNew(peers);
        QCOMPARE(number, first);
        // What is in use is left out.
        const auto kept = peers.add(test::connectedPair().first, {});
        QVERIFY(kept);
        for (int i = 0; i < 700; ++i)
            QVERIFY(numberOfNew(peers) != kept->get());
    }

    void connections_oneAfterTheOther_haveTheirOwnRights()
    {
        for (int i = 0; i < 40; ++i) {
            const bool looks = i % 2 == 0;
            const auto channel = channelFor(*m_host, looks ? kLooker : Caller{});
            QCOMPARE(reasonOf(channel).empty(), !looks);
            QCOMPARE(call<v1::Alerts>(channel, &v1::Alerts::Stub::SetRule, someRule()) == EPERM, looks);
        }
    }

    void account_ofUsersConnections_isOne_butRootsAreMany()
    {
        Peers peers({});
        const auto one = peers.add(test::connectedPair().first, {});
        QVERIFY(one);
        const std::string name = strCat("fd:", one->get());
        QCOMPARE(peers.accountOf(name).owner, name); // root
        QVERIFY(!peers.accountOf(name).looks);
        QVERIFY(peers.accountOf("fd:1").looks);    // not known at all
        QVERIFY(peers.accountOf("unknown").looks); // nor is that, as long as nobody in this process is expected
        peers.expectInProcess();
        QVERIFY(!peers.accountOf("unknown").looks);
    }

    void streams_ofLookers_leaveRoomForOthers()
    {
        StreamGate gate([](const std::string &peer) {
            return StreamGate::Account{peer.substr(0, 1), peer.starts_with("l") || peer.starts_with("m")};
        });
        std::vector<StreamGate::Ticket> open;
        const auto fill = [&](const std::string &peer) {
            std::size_t count = 0;
            for (;;) {
                auto ticket = gate.enter(peer);
                if (!ticket)
                    return count;
                open.push_back(*std::move(ticket));
                ++count;
            }
        };
        QCOMPARE(fill("l1"), StreamGate::kMostStreamsOfPeer);
        QCOMPARE(fill("l2"), std::size_t{0}); // the same owner
        QCOMPARE(fill("m1"), StreamGate::kMostStreamsOfLookers - StreamGate::kMostStreamsOfPeer);
        QCOMPARE(fill("a1"), StreamGate::kMostStreamsOfPeer);
        open.clear();
        QCOMPARE(fill("m1"), StreamGate::kMostStreamsOfPeer);
    }

    void answers_aLoopThatRuns() { QVERIFY(m_host->engine().answers(std::chrono::seconds(10))); }
};

QTEST_GUILESS_MAIN(TestServiceRights)
#include "tst_service_rights.moc"
