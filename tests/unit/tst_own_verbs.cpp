// SPDX-License-Identifier: GPL-3.0-or-later
// What is read of podman, Docker and LXC for their own verbs, without any of them.
#include <QtTest>

#include "engine/checkpoint/by_podman.h"
#include "engine/checkpoint/own_verb.h"

#include <array>
#include <cerrno>

using namespace gantry;
using namespace gantry::checkpoint;

namespace {

const std::string kId(64, 'a');

} // namespace

class TestOwnVerbs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    /// As podman 5.4 makes them on cgroup v2: by crun and runc, in a pod, with another parent, and a systemd inside.
    void podmansCgroup_isItsRuntimes_data()
    {
        QTest::addColumn<std::string>("path");
        QTest::addColumn<std::string>("cgroup");
        const std::string scope = "/machine.slice/libpod-" + kId + ".scope";
        QTest::newRow("crun") << scope + "/container" << scope + "/container";
        QTest::newRow("crun, systemd inside") << scope + "/container/init.scope" << scope + "/container";
        QTest::newRow("runc") << scope << scope;
        QTest::newRow("runc, systemd inside") << scope + "/init.scope" << scope;
        QTest::newRow("a folder of that name inside") << scope + "/containers" << scope;
        QTest::newRow("cgroupfs") << "/libpod_parent/libpod-" + kId << "/libpod_parent/libpod-" + kId;
        QTest::newRow("below another parent") << "/web.slice/libpod-" + kId + ".scope/container"
                                              << "/web.slice/libpod-" + kId + ".scope/container";
        QTest::newRow("a quadlet's") << "/system.slice/web.service/libpod-payload-" + kId
                                     << "/system.slice/web.service/libpod-payload-" + kId;
        QTest::newRow("another container")
            << "/machine.slice/libpod-" + std::string(64, 'b') + ".scope" << std::string();
        QTest::newRow("its monitor") << "/machine.slice/libpod-conmon-" + kId + ".scope" << std::string();
        QTest::newRow("nothing") << std::string() << std::string();
    }
    void podmansCgroup_isItsRuntimes()
    {
        QFETCH(std::string, path);
        QFETCH(std::string, cgroup);
        QCOMPARE(podmansCgroup(path, kId), cgroup);
        QCOMPARE(podmansCgroup(path, ""), std::string());
    }

    void end_isWaitedFor_orItsErrorTold()
    {
        int asked = 0;
        QVERIFY(waitUntilEnded("web", "podman", [&asked]() -> Result<bool> { return ++asked == 3; }));
        QCOMPARE(asked, 3);
        const auto failed =
            waitUntilEnded("web", "podman", []() -> Result<bool> { return failErrno("ask", "web", EIO); });
        QCOMPARE(failed.error().posix(), EIO);
    }

    void options_thatAnEngineHasNoWordFor_areRefused()
    {
        constexpr std::array<std::string_view, 2> kKnown{"tcp-established", "file-locks"};
        const runtime::Facts facts{.runtime = "podman", .name = "web"};
        SaveWish wish;
        wish.options = {"file-locks"};
        QCOMPARE(optionsForEngine({}, wish, kKnown, facts).value_or(std::vector<std::string>()), wish.options);
        wish.options.emplace_back("ghost-limit=1");
        const auto refused = optionsForEngine({}, wish, kKnown, facts);
        QVERIFY(!refused && refused.error().posix() == ENOTSUP);
        QVERIFY(refused.error().message().find("--ghost-limit=1") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestOwnVerbs)
#include "tst_own_verbs.moc"
