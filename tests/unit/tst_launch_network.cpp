// SPDX-License-Identifier: GPL-3.0-or-later
// What is said of a container's network, without one.
#include <QtTest>

#include "engine/launch/network.h"

#include <cerrno>

using namespace gantry;
using namespace gantry::launch;
using namespace std::string_literals;

class TestLaunchNetwork : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void said_isReadBack()
    {
        const auto made = networkOf("br0", "10.0.0.5/24", "10.0.0.1");
        QVERIFY2(made.has_value(), made ? "" : made.error().message().c_str());
        QCOMPARE(addressText(made->address), std::string("10.0.0.5"));
        QCOMPARE(made->prefix, 24U);
        QCOMPARE(made->mac[0] & 0x03, 0x02); // of one host, not of the IEEE's
        const auto read = parseNetwork(made->text());
        QVERIFY(read.has_value());
        QCOMPARE(read->text(), made->text());
        const auto without = networkOf("br0", "10.0.0.5/30", "");
        QVERIFY(without.has_value() && !without->gateway);
        QCOMPARE(parseNetwork(without->text())->text(), without->text());
        QVERIFY(made->mac != without->mac);
    }

    void wrong_isRefused_data()
    {
        QTest::addColumn<std::string>("bridge");
        QTest::addColumn<std::string>("address");
        QTest::addColumn<std::string>("gateway");
        const std::string good = "10.0.0.5/24";
        QTest::newRow("no bridge") << std::string() << good << std::string();
        QTest::newRow("a path") << "../br0"s << good << std::string();
        QTest::newRow("too long") << "bridge-of-sixteen"s << good << std::string();
        QTest::newRow("two words") << "br0 mac="s << good << std::string();
        QTest::newRow("no prefix") << "br0"s
                                   << "10.0.0.5"s << std::string();
        QTest::newRow("prefix 0") << "br0"s
                                  << "10.0.0.5/0"s << std::string();
        QTest::newRow("prefix 31") << "br0"s
                                   << "10.0.0.5/31"s << std::string();
        QTest::newRow("no number") << "br0"s
                                   << "10.0.0/24"s << std::string();
        QTest::newRow("IPv6") << "br0"s
                              << "fd00::5/24"s << std::string();
        QTest::newRow("the network itself") << "br0"s
                                            << "10.0.0.0/24"s << std::string();
        QTest::newRow("everybody in it") << "br0"s
                                         << "10.0.0.255/24"s << std::string();
        QTest::newRow("loopback") << "br0"s
                                  << "127.0.0.5/8"s << std::string();
        QTest::newRow("multicast") << "br0"s
                                   << "224.0.0.5/24"s << std::string();
        QTest::newRow("gateway elsewhere") << "br0"s << good << "10.0.1.1"s;
        QTest::newRow("gateway is itself") << "br0"s << good << "10.0.0.5"s;
        QTest::newRow("gateway is no address") << "br0"s << good << "router"s;
    }
    void wrong_isRefused()
    {
        QFETCH(const std::string, bridge);
        QFETCH(const std::string, address);
        QFETCH(const std::string, gateway);
        const auto made = networkOf(bridge, address, gateway);
        QVERIFY(!made && made.error().posix() == EINVAL);
    }

    void config_tellsIt()
    {
        const auto none = networkIn(R"({"annotations": {"other": "x"}})");
        QVERIFY(none.has_value() && !none->has_value());
        const auto one =
            networkIn(R"({"annotations": {"gantry.network": "bridge=br0 address=10.0.0.5/24 mac=02:00:5e:10:00:01"}})");
        QVERIFY(one.has_value() && one->has_value());
        QCOMPARE(macText((*one)->mac), std::string("02:00:5e:10:00:01"));
        for (const char *bad : {"bridge=br0", "bridge=br0 address=10.0.0.5/24", "bridge=br0 address=10.0.0.5/24 mac=02",
                                "bridge=br0 address=10.0.0.5/24 mac=02:00:5e:10:00:zz", "color=red",
                                "bridge=br0 address=10.0.0.5/24 mac=02-00-5e-10-00-01"}) {
            const auto read = parseNetwork(bad);
            QVERIFY2(!read && read.error().posix() == EBADMSG, bad);
        }
        QVERIFY(!networkIn("no JSON"));
    }

    void noBridge_isSaid()
    {
        const auto none = checkBridge("gantry-none");
        QVERIFY(!none && none.error().posix() == ENODEV);
        const auto lo = checkBridge("lo");
        QVERIFY(!lo && lo.error().posix() == ENOTSUP);
    }
};

QTEST_GUILESS_MAIN(TestLaunchNetwork)
#include "tst_launch_network.moc"
