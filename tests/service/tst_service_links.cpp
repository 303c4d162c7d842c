// SPDX-License-Identifier: GPL-3.0-or-later
// Bad cables: a link that splits every message, or is cut at byte k or in the middle of a stream.
#include <QtTest>

#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "tests/service/cutting_proxy.h"
#include "tests/service/service_host.h"

#include <set>

using namespace gantry;
using gantry::test::BoundedContext;
using gantry::test::CuttingProxy;
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
