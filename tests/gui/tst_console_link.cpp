// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "app/console/link/host_client.h"
#include "app/console/link/slices.h"
#include "engine/proto/calls.h"
#include "engine/service/status.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

using namespace gantry;
using namespace gantry::console;

namespace {

/// Writes one message and holds the stream open until the client or the server ends it.
template <class Message>
grpc::Status writeOnce(grpc::ServerContext *context, grpc::ServerWriter<Message> *writer, const Message &message)
{
    writer->Write(message);
    while (!context->IsCancelled())
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return grpc::Status::CANCELLED;
}

/// A host that answers with what a test put in.
class FakeHost final : public v1::Host::Service,
                       public v1::Inventory::Service,
                       public v1::Metrics::Service,
                       public v1::Alerts::Service,
                       public v1::Jobs::Service,
                       public v1::Control::Service
{
public:
    std::atomic<std::uint64_t> detailNode{0};
    std::atomic<bool> holdFreeze{false};
    std::atomic<std::uint64_t> burst{0}; ///< nodes of a delta after the snapshot

    FakeHost()
    {
        grpc::ServerBuilder builder;
        for (grpc::Service *service : {static_cast<grpc::Service *>(static_cast<v1::Host::Service *>(this)),
                                       static_cast<grpc::Service *>(static_cast<v1::Inventory::Service *>(this)),
                                       static_cast<grpc::Service *>(static_cast<v1::Metrics::Service *>(this)),
                                       static_cast<grpc::Service *>(static_cast<v1::Alerts::Service *>(this)),
                                       static_cast<grpc::Service *>(static_cast<v1::Jobs::Service *>(this)),
                                       static_cast<grpc::Service *>(static_cast<v1::Control::Service *>(this))})
            builder.RegisterService(service);
        m_server = builder.BuildAndStart();
    }
    ~FakeHost() override { m_server->Shutdown(std::chrono::system_clock::now()); }

    std::shared_ptr<grpc::Channel> channel() { return m_server->InProcessChannel({}); }

private:
    grpc::Status Hello(grpc::ServerContext *, const v1::HelloRequest *, v1::HelloReply *reply) override
    {
        reply->set_protocol_major(1);
        reply->set_engine_version("fake");
        return grpc::Status::OK;
    }
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchInventoryRequest *request,
                       grpc::ServerWriter<v1::InventoryUpdate> *writer) override
    {
        v1::InventoryUpdate update;
        update.set_snapshot(true);
        update.add_upserted()->set_id(request->include_namespaces() ? 2 : 1);
        if (burst > 0) {
            writer->Write(update);
            update.Clear();
            for (std::uint64_t id = 10; id < 10 + burst; ++id)
                update.add_upserted()->set_id(id);
            update.add_removed(1);
            update.add_removed(10); // came again
        }
        return writeOnce(context, writer, update);
    }
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchMetricsRequest *request,
                       grpc::ServerWriter<v1::Frame> *writer) override
    {
        v1::Frame frame;
        frame.set_sequence(1);
        if (request->detail_node_ids_size() > 0)
            frame.add_details()->set_node_id(request->detail_node_ids(0));
        return writeOnce(context, writer, frame);
    }
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchAlertsRequest *,
                       grpc::ServerWriter<v1::AlertUpdate> *writer) override
    {
        return writeOnce(context, writer, v1::AlertUpdate());
    }
    grpc::Status WatchEvents(grpc::ServerContext *context, const v1::WatchEventsRequest *,
                             grpc::ServerWriter<v1::EventBatch> *writer) override
    {
        return writeOnce(context, writer, v1::EventBatch());
    }
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchJobsRequest *,
                       grpc::ServerWriter<v1::JobUpdate> *writer) override
    {
        return writeOnce(context, writer, v1::JobUpdate());
    }
    grpc::Status Freeze(grpc::ServerContext *context, const v1::FreezeRequest *, v1::FreezeReply *reply) override
    {
        if (!holdFreeze)
            return service::toStatus(fail(EPERM, "freeze", "/a", "protected").error());
        while (!context->IsCancelled())
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        reply->set_process_count(1);
        return grpc::Status::CANCELLED;
    }

    std::unique_ptr<grpc::Server> m_server;
};

} // namespace

class TestConsoleLink : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_host = std::make_shared<FakeHost>();
        m_client =
            std::make_unique<HostClient>([this](const std::stop_token &) -> Result<std::shared_ptr<grpc::Channel>> {
                const std::scoped_lock lock(m_mutex);
                if (!m_host)
                    return fail(ECONNREFUSED, "dial", "fake", "no host");
                auto channel = m_host->channel();
                m_channel = channel;
                return channel;
            });
    }
    void cleanup()
    {
        m_client.reset();
        m_host.reset();
    }

    void start_bringsEveryStream()
    {
        int inventory = 0, frames = 0, alerts = 0, events = 0, jobs = 0;
        connect(m_client.get(), &HostClient::inventoryUpdated, this, [&] { ++inventory; });
        connect(m_client.get(), &HostClient::frameArrived, this, [&] { ++frames; });
        connect(m_client.get(), &HostClient::alertsUpdated, this, [&] { ++alerts; });
        connect(m_client.get(), &HostClient::eventsArrived, this, [&] { ++events; });
        connect(m_client.get(), &HostClient::jobsUpdated, this, [&] { ++jobs; });
        m_client->start();
        QTRY_VERIFY(inventory == 1 && frames == 1 && alerts == 1 && events == 1 && jobs == 1);
        QCOMPARE(m_client->state(), LinkState::Live);
        QCOMPARE(m_client->hello()->engine_version(), std::string("fake"));
    }

    void destroyedWithCallsUnderWay_letsGoOfTheChannel()
    {
        m_host->holdFreeze = true;
        m_client->start();
        QTRY_COMPARE(m_client->state(), LinkState::Live);
        for (int i = 0; i < 8; ++i)
            m_client->call(method::kFreeze, v1::FreezeRequest(), this, [](const Result<v1::FreezeReply> &) {});
        m_client.reset();
        // Held by nobody else: were it let go of later, on a thread of gRPC, that thread would join itself.
        const std::scoped_lock lock(m_mutex);
        QVERIFY(m_channel.expired());
    }

    void bigDelta_leavesTheWindowItsTurns()
    {
        constexpr int kSlices = 5;
        m_host->burst = kSlices * kSliceNodes - 1;
        std::vector<InventoryUpdatePtr> deltas;
        std::vector<int> turns;
        int turn = 0;
        bool frameBetween = false;
        QTimer clock;
        connect(&clock, &QTimer::timeout, this, [&] { ++turn; });
        clock.start();
        connect(m_client.get(), &HostClient::inventoryUpdated, this, [&](const InventoryUpdatePtr &update) {
            if (update->snapshot())
                return;
            deltas.push_back(update);
            turns.push_back(turn);
        });
        connect(m_client.get(), &HostClient::frameArrived, this,
                [&] { frameBetween = frameBetween || (!deltas.empty() && deltas.size() < std::size_t{kSlices}); });
        m_client->start();
        QTRY_COMPARE(deltas.size(), std::size_t{kSlices});
        std::uint64_t next = 10;
        for (std::size_t i = 0; i < deltas.size(); ++i) {
            for (const v1::Node &node : deltas[i]->upserted())
                QCOMPARE(node.id(), next++);
            QVERIFY(i == 0 || turns[i] > turns[i - 1]);
            QCOMPARE(deltas[i]->removed_size(), i + 1 == deltas.size() ? 1 : 0);
        }
        QCOMPARE(next, 10 + m_host->burst);
        QCOMPARE(deltas.back()->removed(0), 1u);
        QVERIFY(!frameBetween);
    }

    void detailNodes_reopenTheMetricsStream()
    {
        std::uint64_t node = 0;
        connect(m_client.get(), &HostClient::frameArrived, this,
                [&](const FramePtr &frame) { node = frame->details_size() > 0 ? frame->details(0).node_id() : 0; });
        m_client->start();
        QTRY_COMPARE(m_client->state(), LinkState::Live);
        m_client->setDetailNodes({7});
        QTRY_COMPARE(node, 7u);
        m_client->setDetailNodes({8});
        QTRY_COMPARE(node, 8u);
        QCOMPARE(m_client->state(), LinkState::Live);
    }

    void call_refusal_keepsTheErrorOfTheEngine()
    {
        m_client->start();
        QTRY_COMPARE(m_client->state(), LinkState::Live);
        std::optional<Error> error;
        m_client->call(method::kFreeze, v1::FreezeRequest(), this,
                       [&](const Result<v1::FreezeReply> &reply) { error = reply.error(); });
        QTRY_VERIFY(error);
        QCOMPARE(error->posix(), EPERM);
        QCOMPARE(error->subject, std::string("/a"));
    }

    void lostLink_endsPendingCallsAndConnectsAgain()
    {
        m_host->holdFreeze = true;
        QList<LinkState> states;
        connect(m_client.get(), &HostClient::stateChanged, this, [&](LinkState state) { states.append(state); });
        m_client->start();
        QTRY_COMPARE(m_client->state(), LinkState::Live);
        std::optional<Error> error;
        m_client->call(method::kFreeze, v1::FreezeRequest(), this,
                       [&](const Result<v1::FreezeReply> &reply) { error = reply.error(); });
        {
            const std::scoped_lock lock(m_mutex);
            m_host.reset();
        }
        QTRY_VERIFY(error);
        QTRY_COMPARE(m_client->state(), LinkState::Lost);
        QVERIFY(error->posix() == ECONNRESET || error->posix() == ECANCELED);
        {
            const std::scoped_lock lock(m_mutex);
            m_host = std::make_shared<FakeHost>();
        }
        QTRY_COMPARE(m_client->state(), LinkState::Live);
        QVERIFY(states.contains(LinkState::Lost));
    }

    void call_withoutLink_isConnectionReset()
    {
        std::optional<Error> error;
        m_client->call(method::kFreeze, v1::FreezeRequest(), this,
                       [&](const Result<v1::FreezeReply> &reply) { error = reply.error(); });
        QTRY_VERIFY(error);
        QCOMPARE(error->posix(), ECONNRESET);
    }

    void call_contextGone_neverAnswers()
    {
        m_client->start();
        QTRY_COMPARE(m_client->state(), LinkState::Live);
        bool answered = false;
        bool later = false;
        auto context = std::make_unique<QObject>();
        m_client->call(method::kFreeze, v1::FreezeRequest(), context.get(),
                       [&](const Result<v1::FreezeReply> &) { answered = true; });
        context.reset();
        m_client->call(method::kFreeze, v1::FreezeRequest(), this,
                       [&](const Result<v1::FreezeReply> &) { later = true; });
        QTRY_VERIFY(later);
        QVERIFY(!answered);
    }

    void calls_areAllOfTheProtocol()
    {
        // As protoc reads it: "rpc Create(CreateCheckpointRequest) returns ..."
        std::size_t rpcs = 0;
        const QDir folder(QStringLiteral(PROTOCOL));
        const QStringList files = folder.entryList({QStringLiteral("*.proto")});
        QVERIFY(!files.isEmpty());
        for (const QString &name : files) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            for (const QByteArray &line : file.readAll().split('\n'))
                rpcs += line.trimmed().startsWith("rpc ") ? 1U : 0U;
        }
        const std::vector<std::string> calls = knownCalls();
        QCOMPARE(calls.size(), rpcs);
        QVERIFY(std::ranges::find(calls, "Checkpoint/Create") != calls.end());
    }

    void missingCalls_areThoseOfAnOlderEngine()
    {
        v1::HelloReply hello;
        QVERIFY(missingCalls(hello).empty()); // it does not tell
        for (const std::string &call : knownCalls()) {
            if (call != "Host/Info")
                hello.add_calls(call);
        }
        hello.add_calls("Host/FromTheFuture");
        QCOMPARE(missingCalls(hello), std::vector<std::string>{"Host/Info"});
    }

    void methods_matchTheProtocol()
    {
        const auto check = []<class Request, class Reply>(const Method<Request, Reply> &method) {
            std::string path(method.path + 1);
            path.replace(path.find('/'), 1, ".");
            const auto *found = google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(path);
            return found && found->input_type() == Request::descriptor() &&
                   found->output_type() == Reply::descriptor() && !found->server_streaming();
        };
        QVERIFY(check(method::kHostInfo) && check(method::kGetNode) && check(method::kListProcesses) &&
                check(method::kListNamespaces));
        QVERIFY(check(method::kHistory) && check(method::kListLimits) && check(method::kSetLimits));
        QVERIFY(check(method::kSetControllers) && check(method::kReclaim) && check(method::kReadFiles) &&
                check(method::kOomd));
        QVERIFY(check(method::kFreeze) && check(method::kThaw) && check(method::kKill) && check(method::kSignal));
        QVERIFY(check(method::kMoveProcesses) && check(method::kCreateCgroup) && check(method::kRemoveCgroup));
        QVERIFY(check(method::kListRules) && check(method::kSetRule) && check(method::kDeleteRule));
        QVERIFY(check(method::kAcknowledge) && check(method::kCancelJob) && check(method::kCheck));
        QVERIFY(check(method::kInspectCheckpoint) && check(method::kDiffCheckpoints));
    }

private:
    std::mutex m_mutex;
    std::weak_ptr<grpc::Channel> m_channel; ///< the last one dialled
    std::shared_ptr<FakeHost> m_host;
    std::unique_ptr<HostClient> m_client;
};

QTEST_GUILESS_MAIN(TestConsoleLink)
#include "tst_console_link.moc"
