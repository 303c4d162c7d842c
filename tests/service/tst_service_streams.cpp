// SPDX-License-Identifier: GPL-3.0-or-later
// The real services and the real client, in process and over a socketpair.
#include <QtTest>

#include "engine/base/metric.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "tests/service/service_host.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>

using namespace gantry;
using gantry::test::BoundedContext;
using gantry::test::ScratchCgroup;
using gantry::test::ServiceHost;

namespace {

/// What a reader of Inventory.Watch knows.
using Tree = std::map<std::uint64_t, std::string>;

void follow(Tree &tree, const v1::InventoryUpdate &update)
{
    if (update.snapshot())
        tree.clear();
    for (const v1::Node &node : update.upserted())
        tree[node.id()] = node.has_cgroup() ? node.cgroup().path() : node.name();
    for (const std::uint64_t id : update.removed())
        tree.erase(id);
}

bool hasPath(const Tree &tree, const std::string &path)
{
    return std::ranges::any_of(tree, [&path](const auto &entry) { return entry.second == path; });
}

grpc::Status hello(const std::shared_ptr<grpc::Channel> &channel, v1::HelloReply &reply, std::uint32_t major = 1)
{
    BoundedContext context;
    v1::HelloRequest request;
    request.set_protocol_major(major);
    return v1::Host::NewStub(channel)->Hello(&context, request, &reply);
}

} // namespace

class TestServiceStreams : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hello_versions_data()
    {
        QTest::addColumn<bool>("overSocket");
        QTest::addColumn<uint>("major");
        QTest::addColumn<bool>("agrees");
        QTest::newRow("in process, same") << false << 1U << true;
        QTest::newRow("socket, same") << true << 1U << true;
        QTest::newRow("socket, newer") << true << 2U << false;
        QTest::newRow("socket, unspecified") << true << 0U << false;
    }
    void hello_versions()
    {
        QFETCH(bool, overSocket);
        QFETCH(uint, major);
        QFETCH(bool, agrees);
        v1::HelloReply reply;
        const grpc::Status status = hello(m_host->channel(overSocket), reply, major);
        QCOMPARE(status.ok(), agrees);
        if (agrees) {
            QVERIFY(reply.calls_size() > 10);
        } else {
            QCOMPARE(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
            QVERIFY(status.error_message().find("protocol 1") != std::string::npos);
        }
    }

    void info_thisHost_isTold()
    {
        BoundedContext context;
        v1::HostInfo info;
        QVERIFY(v1::Host::NewStub(m_host->channel(true))->Info(&context, {}, &info).ok());
        QVERIFY(info.cgroup_count() >= 1);
        QVERIFY(info.hierarchies_size() >= 1);
        QVERIFY(!info.boot_id().empty());
        const auto watches = std::ranges::find(info.probes(), "alerts.watches", &v1::HostInfo::Probe::key);
        QVERIFY(watches != info.probes().end() && watches->works());
        const auto story = std::ranges::find(info.probes(), "oom.story", &v1::HostInfo::Probe::key);
        QVERIFY(story != info.probes().end());
        const UniqueFd log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        QCOMPARE(story->works(), static_cast<bool>(log));
        QCOMPARE(story->detail().empty(), story->works());
        const auto criu = std::ranges::find(info.probes(), "criu", &v1::HostInfo::Probe::key);
        QVERIFY(criu != info.probes().end() && !criu->detail().empty());
    }

    void watchInventory_changes_comeAsDeltas_data() { bothWays(); }
    void watchInventory_changes_comeAsDeltas()
    {
        QFETCH(bool, overSocket);
        const auto stub = v1::Inventory::NewStub(m_host->channel(overSocket));
        BoundedContext context;
        const auto reader = stub->Watch(&context, {});
        v1::InventoryUpdate update;
        QVERIFY(reader->Read(&update));
        QVERIFY(update.snapshot());
        Tree tree;
        follow(tree, update);
        QVERIFY(hasPath(tree, "/"));

        std::string path;
        {
            const ScratchCgroup scratch("delta", {"memory", "unified"});
            path = scratch.path().text();
            while (!hasPath(tree, path)) {
                QVERIFY(reader->Read(&update));
                QVERIFY(!update.snapshot());
                follow(tree, update);
            }
        }
        while (hasPath(tree, path)) {
            QVERIFY(reader->Read(&update));
            follow(tree, update);
        }
        context.TryCancel();
    }

    void watchInventory_slowReader_getsTheSameTreeInFewMessages()
    {
        const auto stub = v1::Inventory::NewStub(m_host->channel(true));
        BoundedContext context(std::chrono::seconds(30));
        const auto reader = stub->Watch(&context, {});
        v1::InventoryUpdate update;
        QVERIFY(reader->Read(&update));
        Tree tree;
        follow(tree, update);

        const ScratchCgroup scratch("slow", {"memory"});
        constexpr int kRounds = 200;
        for (int i = 0; i < kRounds; ++i) {
            scratch.makeChild("child");
            scratch.remove("child");
        }
        scratch.makeChild("last");
        const std::string last = scratch.path().text() + "/last";
        int messages = 0;
        while (!hasPath(tree, last)) {
            QVERIFY(reader->Read(&update));
            follow(tree, update);
            ++messages;
        }
        QVERIFY2(messages < kRounds, QByteArray::number(messages).constData());
        QVERIFY(!hasPath(tree, scratch.path().text() + "/child"));
        context.TryCancel();
    }

    void watchMetrics_chosenNode_comesEachTick()
    {
        const ScratchCgroup scratch("frames", {"memory", "cpu", "cpuacct", "pids"});
        const std::uint64_t node = nodeAt(scratch.path().text());
        v1::WatchMetricsRequest request;
        request.add_node_ids(node);
        request.add_metrics(static_cast<std::uint32_t>(Metric::MemoryCurrent));
        request.add_detail_node_ids(node);
        BoundedContext context;
        const auto stub = v1::Metrics::NewStub(m_host->channel(true));
        const auto reader = stub->Watch(&context, request);
        v1::Frame frame;
        std::uint64_t sequence = 0;
        std::uint64_t time = 0;
        for (int rows = 0; rows < 3;) {
            QVERIFY(reader->Read(&frame));
            QVERIFY(frame.sequence() > sequence);
            QVERIFY(frame.monotonic_usec() > time);
            sequence = frame.sequence();
            time = frame.monotonic_usec();
            QCOMPARE(frame.columns_size(), 1);
            QCOMPARE(frame.columns(0).states().size(), static_cast<std::size_t>(frame.node_ids_size()));
            QCOMPARE(frame.columns(0).integers_size(), frame.node_ids_size());
            if (frame.node_ids_size() == 0)
                continue; // the sampler hears of a new cgroup one tick later
            QCOMPARE(frame.node_ids(0), node);
            QCOMPARE(static_cast<int>(frame.columns(0).states()[0]), static_cast<int>(v1::CELL_STATE_VALUE));
            rows += frame.details_size();
        }
        QVERIFY(frame.details(0).values_size() > 20);
        context.TryCancel();
    }

    void watchMetrics_badRequest_isRefused_data()
    {
        QTest::addColumn<uint>("metric");
        QTest::addColumn<uint>("interval");
        QTest::newRow("no such metric") << 60'000U << 0U;
        QTest::newRow("metric not of the tree") << static_cast<uint>(Metric::MemoryPeak) << 0U;
        QTest::newRow("too often") << static_cast<uint>(Metric::MemoryCurrent) << 10U;
        QTest::newRow("too seldom") << static_cast<uint>(Metric::MemoryCurrent) << 60'001U;
    }
    void watchMetrics_badRequest_isRefused()
    {
        QFETCH(uint, metric);
        QFETCH(uint, interval);
        v1::WatchMetricsRequest request;
        request.add_metrics(metric);
        request.set_interval_ms(interval);
        BoundedContext context;
        const auto reader = v1::Metrics::NewStub(m_host->channel(true))->Watch(&context, request);
        v1::Frame frame;
        QVERIFY(!reader->Read(&frame));
        QCOMPARE(reader->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    }

    void streams_tooMany_areRefusedAndCallsGoOn()
    {
        const auto channel = m_host->channel(true);
        const auto stub = v1::Alerts::NewStub(channel);
        std::vector<std::unique_ptr<BoundedContext>> contexts;
        std::vector<std::unique_ptr<grpc::ClientReader<v1::AlertUpdate>>> readers;
        int refused = 0;
        for (int i = 0; i < 40; ++i) {
            auto &context = contexts.emplace_back(std::make_unique<BoundedContext>());
            auto &reader = readers.emplace_back(stub->Watch(context.get(), {}));
            v1::AlertUpdate update;
            if (reader->Read(&update))
                continue;
            const Error error = service::errorFrom(reader->Finish());
            QCOMPARE(error.posix(), EMFILE);
            ++refused;
        }
        QVERIFY(refused > 0 && refused < 40);
        v1::HelloReply reply;
        QVERIFY(hello(channel, reply).ok());
        for (const auto &context : contexts)
            context->TryCancel();
    }

    void engine_endsWhileStreamsAreOpen_quickly()
    {
        auto host = std::make_unique<ServiceHost>();
        const auto stub = v1::Inventory::NewStub(host->channel(true));
        BoundedContext context;
        const auto reader = stub->Watch(&context, {});
        v1::InventoryUpdate update;
        QVERIFY(reader->Read(&update));
        QElapsedTimer timer;
        timer.start();
        host.reset();
        QVERIFY2(timer.elapsed() < 2'000, QByteArray::number(timer.elapsed()).constData());
        while (reader->Read(&update)) {
        }
        QVERIFY(!reader->Finish().ok());
    }

    void initTestCase() { m_host = std::make_unique<ServiceHost>(); }
    void cleanupTestCase() { m_host.reset(); }

private:
    static void bothWays()
    {
        QTest::addColumn<bool>("overSocket");
        QTest::newRow("in process") << false;
        QTest::newRow("socket") << true;
    }

    /// Id of a cgroup once the tree has it; 0 after the test's patience.
    std::uint64_t nodeAt(const std::string &path)
    {
        const auto stub = v1::Inventory::NewStub(m_host->channel(false));
        v1::GetNodeRequest request;
        request.mutable_target()->set_cgroup_path(path);
        v1::Node node;
        [&] {
            QTRY_VERIFY([&] {
                BoundedContext context;
                return stub->Get(&context, request, &node).ok();
            }());
        }();
        return node.id();
    }

    std::unique_ptr<ServiceHost> m_host;
};

QTEST_GUILESS_MAIN(TestServiceStreams)
#include "tst_service_streams.moc"
