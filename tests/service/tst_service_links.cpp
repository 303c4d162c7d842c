// SPDX-License-Identifier: GPL-3.0-or-later
// Bad cables and bad readers: a link that splits every message, or is cut at byte k or in the middle of a stream; a
// client that reads nothing.
#include <QtTest>

#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "tests/service/cutting_proxy.h"
#include "tests/service/service_host.h"
#include "tests/support/scratch_cgroup.h"

#include <algorithm>
#include <set>

#include <grpcpp/create_channel_posix.h>

using namespace gantry;
using gantry::test::BoundedContext;
using gantry::test::CuttingProxy;
using gantry::test::ScratchCgroup;
using gantry::test::ServiceHost;

namespace {

grpc::Status hello(const std::shared_ptr<grpc::Channel> &channel)
{
    BoundedContext context;
    v1::HelloRequest request;
    request.set_protocol_major(1);
    v1::HelloReply reply;
    return v1::Host::NewStub(channel)->Hello(&context, request, &reply);
}

std::set<std::uint64_t> firstTree(const std::shared_ptr<grpc::Channel> &channel)
{
    BoundedContext context;
    const auto stub = v1::Inventory::NewStub(channel);
    const auto reader = stub->Watch(&context, {});
    std::set<std::uint64_t> out;
    v1::InventoryUpdate update;
    if (reader->Read(&update)) {
        for (const v1::Node &node : update.upserted())
            out.insert(node.id());
    }
    context.TryCancel();
    return out;
}

/// A channel that takes no more than 64 KiB before it is read from: gRPC widens it otherwise, by measuring the link.
std::shared_ptr<grpc::Channel> narrowChannel(UniqueFd socket)
{
    grpc::ChannelArguments arguments = service::clientArguments();
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    arguments.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 64 << 10);
    if (!service::makeNonBlocking(socket.get()))
        qFatal("fcntl: %s", strerror(errno));
    return grpc::CreateCustomInsecureChannelFromFd("engine", socket.release(), arguments);
}

/// Reads that many frames of one node. @return milliseconds of the longest wait for one; -1 if the stream ended.
qint64 worstWait(const std::shared_ptr<grpc::Channel> &channel, int frames)
{
    v1::WatchMetricsRequest request;
    request.set_interval_ms(100);
    request.add_node_ids(NodeId::host().v);
    BoundedContext context(std::chrono::seconds(30));
    const auto reader = v1::Metrics::NewStub(channel)->Watch(&context, request);
    v1::Frame frame;
    qint64 worst = 0;
    QElapsedTimer timer;
    for (timer.start(); frames > 0; --frames) {
        if (!reader->Read(&frame))
            return -1;
        worst = std::max(worst, timer.restart());
    }
    context.TryCancel();
    return worst;
}

} // namespace

class TestServiceLinks : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { m_host = std::make_unique<ServiceHost>(); }
    void cleanupTestCase() { m_host.reset(); }

    void link_splitsBytes_changesNothing_data()
    {
        QTest::addColumn<int>("piece");
        for (const int piece : {1, 2, 7, 100})
            QTest::addRow("%d bytes at once", piece) << piece;
    }
    void link_splitsBytes_changesNothing()
    {
        QFETCH(int, piece);
        CuttingProxy proxy(m_host->serve(), {.piece = static_cast<std::size_t>(piece)});
        const auto channel = ServiceHost::channelTo(proxy.clientEnd());
        QVERIFY(hello(channel).ok());
        // Not compared with another tree: other programs make cgroups meanwhile.
        QVERIFY(!firstTree(channel).empty());
    }

    void link_cutAtByte_endsTheCallOnly_data()
    {
        QTest::addColumn<int>("bytes");
        for (const int bytes : {0, 1, 9, 24, 33, 64, 100, 150, 200, 300})
            QTest::addRow("after %d bytes", bytes) << bytes;
    }
    void link_cutAtByte_endsTheCallOnly()
    {
        QFETCH(int, bytes);
        {
            CuttingProxy proxy(m_host->serve(), {.cutAfter = static_cast<std::size_t>(bytes)});
            const grpc::Status status = hello(ServiceHost::channelTo(proxy.clientEnd()));
            if (!status.ok()) {
                QCOMPARE(status.error_code(), grpc::StatusCode::UNAVAILABLE);
                QCOMPARE(service::errorFrom(status).posix(), ECONNRESET);
            }
        }
        QVERIFY(hello(m_host->channel(true)).ok());
    }

    void link_cutInTheMiddleOfAStream_endsItAndTheEngineLives()
    {
        CuttingProxy proxy(m_host->serve(), {});
        const auto stub = v1::Inventory::NewStub(ServiceHost::channelTo(proxy.clientEnd()));
        BoundedContext context;
        const auto reader = stub->Watch(&context, {});
        v1::InventoryUpdate update;
        QVERIFY(reader->Read(&update));
        proxy.cut();
        while (reader->Read(&update)) {
        }
        QCOMPARE(service::errorFrom(reader->Finish()).posix(), ECONNRESET);
        QVERIFY(hello(m_host->channel(true)).ok());
    }

    void reader_readsNothing_harmsNobodyElse_data()
    {
        QTest::addColumn<bool>("isCut");
        QTest::newRow("its link is cut, then the engine ends") << true;
        QTest::newRow("the engine ends while it hangs") << false;
    }
    void reader_readsNothing_harmsNobodyElse()
    {
        QFETCH(bool, isCut);
        constexpr int kCgroups = 200;
        const ScratchCgroup scratch("stall", {"pids"});
        for (int i = 0; i < kCgroups; ++i)
            (void)scratch.makeChild("n" + std::to_string(i));
        auto host = std::make_unique<ServiceHost>();
        CuttingProxy proxy(host->serve(), {});
        const auto stub = v1::Metrics::NewStub(narrowChannel(proxy.clientEnd()));
        v1::WatchMetricsRequest everything;
        everything.set_interval_ms(100);
        BoundedContext context(std::chrono::seconds(30));
        const auto stalled = stub->Watch(&context, everything);
        v1::Frame frame;
        QVERIFY(stalled->Read(&frame));
        QVERIFY(frame.node_ids_size() > kCgroups);

        const auto other = host->channel(true);
        const qint64 wait = worstWait(other, 30);
        qInfo("longest wait of another reader for a frame: %lld ms", wait);
        QVERIFY(wait >= 0 && wait < 10'000); // bounded: a hang fails, a slow machine does not
        v1::SetLimitsRequest request;
        request.mutable_target()->set_cgroup_path(scratch.path().text());
        v1::LimitSetting &setting = *request.add_settings();
        setting.set_key("pids.max");
        setting.mutable_value()->set_number(44);
        v1::SetLimitsReply reply;
        BoundedContext call;
        QVERIFY(v1::Control::NewStub(other)->SetLimits(&call, request, &reply).ok());
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("44\n"));

        // What it was too slow for is told: so it really was held up.
        do {
            QVERIFY(stalled->Read(&frame));
        } while (frame.skipped() == 0);
        QVERIFY(worstWait(other, 10) >= 0);
        if (isCut)
            proxy.cut();
        QElapsedTimer timer;
        timer.start();
        host.reset();
        qInfo("the engine ended after %lld ms", timer.elapsed());
        QVERIFY(timer.elapsed() < 20'000);
        while (stalled->Read(&frame)) {
        }
        QVERIFY(!stalled->Finish().ok());
    }

    void link_garbage_harmsNobody()
    {
        const UniqueFd client = m_host->serve();
        const std::string garbage(20'000, '\xA5');
        QVERIFY(::send(client.get(), garbage.data(), garbage.size(), MSG_NOSIGNAL) > 0);
        QVERIFY(hello(m_host->channel(true)).ok());
    }

private:
    std::unique_ptr<ServiceHost> m_host;
};

QTEST_GUILESS_MAIN(TestServiceLinks)
#include "tst_service_links.moc"
