// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/runtime/facts.h"
#include "engine/runtime/oci_config.h"
#include "engine/runtime/recognise.h"

#include <map>
#include <set>

using namespace gantry::runtime;

namespace {

const std::string kId = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const std::string kUuid = "6f8b1a52-35cd-4c8e-9a8f-0e6a1c9d2b71";

/// The pattern with something that fits in each placeholder.
std::string example(std::string_view pattern)
{
    static const std::map<std::string, std::string, std::less<>> kFillings{
        {"id", kId}, {"id64", kId}, {"uuid", kUuid}, {"n", "42"}, {"name", "web"}, {"any", "x1"}};
    std::string out;
    for (std::size_t at = 0; at < pattern.size();) {
        if (pattern[at] == '{') {
            const std::size_t close = pattern.find('}', at);
            out += kFillings.at(std::string(pattern.substr(at + 1, close - at - 1)));
            at = close + 1;
        } else {
            out += pattern[at++];
        }
    }
    return out.starts_with('/') ? out : "/some.slice/" + out;
}

} // namespace

class TestRuntime : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyConvention_isRecognised_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("runtime");
        for (const Convention &row : conventions())
            QTest::newRow(std::string(row.pattern).c_str())
                << QString::fromStdString(example(row.pattern))
                << QString::fromUtf8(row.runtime.data(), static_cast<qsizetype>(row.runtime.size()));
    }
    void everyConvention_isRecognised()
    {
        QFETCH(QString, path);
        QFETCH(QString, runtime);
        const auto match = recognise(path.toStdString());
        QCOMPARE(match ? QString::fromStdString(match->runtime) : QString(), runtime);
        if (match) {
            QCOMPARE(QString::fromStdString(match->root), path);
            QVERIFY(!match->name.empty());
            // What is below belongs to the same container.
            const auto below = recognise(path.toStdString() + "/init.scope");
            QVERIFY(below);
            QCOMPARE(*below, *match);
        }
    }

    void realPaths_giveIdAndName_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("runtime");
        QTest::addColumn<QString>("id");
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("root");
        const QString id = QString::fromStdString(kId);
        const QString shortId = id.first(12);
        const auto row = [](const char *what, const QString &path, const char *runtime, const QString &rowId,
                            const QString &name, const QString &root) {
            QTest::newRow(what) << path << QString::fromLatin1(runtime) << rowId << name << root;
        };
        const QString docker = QStringLiteral("/system.slice/docker-%1.scope").arg(id);
        row("docker", docker, "docker", id, shortId, docker);
        row("docker in docker", docker + QStringLiteral("/docker/") + id, "docker", id, shortId,
            docker + QStringLiteral("/docker/") + id);
        const QString podman =
            QStringLiteral("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-%1.scope").arg(id);
        row("podman rootless, crun's child", podman + QStringLiteral("/container"), "podman", id, shortId, podman);
        const QString quadlet = QStringLiteral("/system.slice/web.service/libpod-payload-%1").arg(id);
        row("quadlet", quadlet, "podman", id, shortId, quadlet);
        const QString pod = QStringLiteral("/kubepods.slice/kubepods-burstable.slice/"
                                           "kubepods-burstable-pod6f8b1a52_35cd_4c8e_9a8f_0e6a1c9d2b71.slice/");
        row("containerd below Kubernetes", pod + QStringLiteral("cri-containerd-%1.scope").arg(id), "containerd", id,
            shortId, pod + QStringLiteral("cri-containerd-%1.scope").arg(id));
        const QString cgroupfs = QStringLiteral("/kubepods/burstable/pod6f8b1a52-35cd-4c8e-9a8f-0e6a1c9d2b71/") + id;
        row("Kubernetes, cgroupfs driver", cgroupfs, "kubernetes", id, shortId, cgroupfs);
        const QString machine = QStringLiteral("/machine.slice/machine-qemu\\x2d3\\x2dweb\\x2d1.scope");
        row("libvirt, escaped", machine + QStringLiteral("/libvirt/vcpu0"), "libvirt", QStringLiteral("3"),
            QStringLiteral("web-1"), machine);
        const QString nspawn = QStringLiteral("/machine.slice/systemd-nspawn@debian.service");
        row("nspawn payload", nspawn + QStringLiteral("/payload/init.scope"), "nspawn", QString(),
            QStringLiteral("debian"), nspawn);
        row("lxc", QStringLiteral("/lxc.payload.web/system.slice"), "lxc", QString(), QStringLiteral("web"),
            QStringLiteral("/lxc.payload.web"));
        row("flatpak", QStringLiteral("/user.slice/app.slice/app-flatpak-org.gimp.GIMP-2817.scope"), "flatpak",
            QStringLiteral("2817"), QStringLiteral("org.gimp.GIMP"),
            QStringLiteral("/user.slice/app.slice/app-flatpak-org.gimp.GIMP-2817.scope"));
        row("slurm", QStringLiteral("/system.slice/slurmstepd.scope/job_77/step_0/user/task_0"), "slurm",
            QStringLiteral("77"), QStringLiteral("77"), QStringLiteral("/system.slice/slurmstepd.scope/job_77"));
        const QString nomad =
            QStringLiteral("/nomad.slice/share.slice/%1.web.scope").arg(QString::fromStdString(kUuid));
        row("nomad", nomad, "nomad", QString::fromStdString(kUuid), QStringLiteral("web"), nomad);
        const QString ofPod = QStringLiteral("/machine.slice/machine-libpod_pod_%1.slice/libpod-%1.scope").arg(id);
        row("podman, in a pod", ofPod + QStringLiteral("/container"), "podman", id, shortId, ofPod);
        const QString rootless =
            QStringLiteral("/user.slice/user-1000.slice/user@1000.service/user.slice/docker-%1.scope").arg(id);
        row("docker rootless", rootless, "docker", id, shortId, rootless);
        const QString kind = QStringLiteral("/system.slice/docker-%1.scope/kubelet.slice/kubelet-kubepods.slice/"
                                            "kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod1_2.slice/"
                                            "cri-containerd-%1.scope")
                                 .arg(id);
        row("kind: Kubernetes in docker", kind, "containerd", id, shortId, kind);
        const QString kindFiles =
            QStringLiteral("/docker/%1/kubelet/kubepods/besteffort/pod1-2/%1").arg(id);
        row("kind, cgroupfs driver", kindFiles, "kubernetes", id, shortId, kindFiles);
        row("LXD project", QStringLiteral("/lxc.payload.proj_web/init.scope"), "lxc", QString(),
            QStringLiteral("proj_web"), QStringLiteral("/lxc.payload.proj_web"));
        row("Incus", QStringLiteral("/incus.payload/web/init.scope"), "incus", QString(), QStringLiteral("web"),
            QStringLiteral("/incus.payload/web"));
        row("OpenVZ", QStringLiteral("/machine.slice/101/init.scope"), "openvz", QStringLiteral("101"),
            QStringLiteral("101"), QStringLiteral("/machine.slice/101"));
        const QString virtuozzo = QStringLiteral("/machine.slice/") + QString::fromStdString(kUuid);
        row("Virtuozzo", virtuozzo, "openvz", QString::fromStdString(kUuid), QString::fromStdString(kUuid).first(12),
            virtuozzo);
        const QString nspawnScope = QStringLiteral("/machine.slice/machine-nbox.scope");
        row("nspawn by hand", nspawnScope + QStringLiteral("/payload"), "nspawn", QString(), QStringLiteral("nbox"),
            nspawnScope);
        row("docker inside lxc", QStringLiteral("/lxc.payload.web/docker/") + id, "docker", id, shortId,
            QStringLiteral("/lxc.payload.web/docker/") + id);
    }
    void realPaths_giveIdAndName()
    {
        QFETCH(QString, path);
        QFETCH(QString, runtime);
        QFETCH(QString, id);
        QFETCH(QString, name);
        QFETCH(QString, root);
        const auto match = recognise(path.toStdString());
        QVERIFY(match);
        QCOMPARE(QString::fromStdString(match->runtime), runtime);
        QCOMPARE(QString::fromStdString(match->id), id);
        QCOMPARE(QString::fromStdString(match->name), name);
        QCOMPARE(QString::fromStdString(match->root), root);
    }

    void otherPaths_areNoContainers_data()
    {
        QTest::addColumn<QString>("path");
        for (const char *path :
             {"/", "", "//", "/system.slice", "/system.slice/docker.service", "/docker", "/docker/buildx",
              "/system.slice/docker-xyz.scope", "/lxc.monitor.web", "/kubepods.slice/kubepods-burstable.slice",
              "/user.slice/user-1000.slice/session-2.scope", "/machine.slice", "/default", "/a\\x", "/a\\x2",
              "/machine.slice/libpod_pod_1.slice", "/system.slice/101", "/machine.slice/101x",
              "/user.slice/app.slice/app-gnome-org.gnome.Terminal-1234.scope", "/user.slice/app.slice/firefox.service",
              "/lxc.monitor.web/x", "/system.slice/web.service/supervisor",
              "/process_api/1db28f5f082f9a953dd6012755374312", "/system.slice/slurmstepd.scope/system"})
            QTest::newRow(path) << QString::fromLatin1(path);
        const QString id = QString::fromStdString(kId);
        QTest::newRow("conmon") << QStringLiteral("/machine.slice/libpod-conmon-%1.scope").arg(id);
        QTest::newRow("id too long") << QStringLiteral("/system.slice/docker-%1a.scope").arg(id);
        QTest::newRow("default not at the root") << QStringLiteral("/x/default/") + id;
    }
    void otherPaths_areNoContainers()
    {
        QFETCH(QString, path);
        QVERIFY(!recognise(path.toStdString()));
    }

    void longHostileName_isQuick()
    {
        // Would take minutes if patterns tried every split.
        const std::string name(255, '-');
        std::string path;
        for (int i = 0; i < 100; ++i)
            path += "/machine.slice/machine-qemu-" + name;
        QVERIFY(!recognise(path + "/app-flatpak-" + name));
    }

    void keeper_isToldWithWhatToType()
    {
        Facts facts;
        facts.name = facts.podName = "web";
        QCOMPARE(keepingUnit(facts), std::string());
        QCOMPARE(keeperCommand(facts, Verb::Stop), std::string());
        facts.labels["PODMAN_SYSTEMD_UNIT"] = "web.service";
        QCOMPARE(keepingUnit(facts), std::string("web.service"));
        QCOMPARE(keeperCommand(facts, Verb::Stop), std::string("systemctl stop web.service"));
        QCOMPARE(keeperCommand(facts, Verb::Kill), std::string("systemctl stop web.service"));
        QCOMPARE(keeperCommand(facts, Verb::Restart), std::string("systemctl restart web.service"));
        facts.userUid = 1000;
        QCOMPARE(keeperCommand(facts, Verb::Start), std::string("systemctl --user start web.service"));
        // Whoever makes a container may label it as they like.
        for (const std::string bad : {"", "web", "-x.service", "web.service; reboot", "../web.service"}) {
            facts.labels["PODMAN_SYSTEMD_UNIT"] = bad;
            QCOMPARE(keepingUnit(facts), std::string());
            QCOMPARE(keeperCommand(facts, Verb::Stop), std::string());
        }
        facts = {};
        facts.name = facts.podName = "web";
        facts.cgroupPath = "/system.slice/web.service/libpod-payload-0123456789ab";
        QCOMPARE(keepingUnit(facts), std::string("web.service"));
        for (const std::string other : {"/machine.slice/libpod-payload-0123456789ab", "/libpod-payload-0123456789ab",
                                        "/system.slice/web.service/libpod-payload-0123456789ab/x.service"}) {
            facts.cgroupPath = other;
            QCOMPARE(keepingUnit(facts), std::string());
        }
        facts.labels = {{"io.kubernetes.cri.sandbox-namespace", "prod"}};
        QCOMPARE(keeperCommand(facts, Verb::Stop), std::string("kubectl -n prod delete pod web"));
        facts.podName = "a b";
        QCOMPARE(keeperCommand(facts, Verb::Stop), std::string("kubectl -n prod delete pod 'a b'"));
        facts.podName.clear();
        QCOMPARE(keeperCommand(facts, Verb::Stop), std::string());
    }

    void cgroupPaths_ofOci_data()
    {
        QTest::addColumn<QString>("told");
        QTest::addColumn<QString>("path");
        QTest::newRow("cgroupfs") << QStringLiteral("/default/web") << QStringLiteral("/default/web");
        QTest::newRow("relative") << QStringLiteral("web") << QStringLiteral("/web");
        QTest::newRow("systemd") << QStringLiteral("system.slice:docker:ab")
                                 << QStringLiteral("/system.slice/docker-ab.scope");
        QTest::newRow("nested slices") << QStringLiteral("kubepods-burstable-pod1_2.slice:cri-containerd:ab")
                                       << QStringLiteral("/kubepods.slice/kubepods-burstable.slice/"
                                                         "kubepods-burstable-pod1_2.slice/cri-containerd-ab.scope");
        QTest::newRow("no prefix") << QStringLiteral("a.slice::x") << QStringLiteral("/a.slice/x.scope");
        QTest::newRow("root slice") << QStringLiteral("-.slice:a:b") << QStringLiteral("/a-b.scope");
        QTest::newRow("a slice") << QStringLiteral("a.slice:x:b.slice") << QStringLiteral("/a.slice/b.slice");
        QTest::newRow("empty") << QString() << QString();
        QTest::newRow("no slice") << QStringLiteral("a:b:c") << QString();
        QTest::newRow("half") << QStringLiteral("a.slice:b") << QString();
    }
    void cgroupPaths_ofOci()
    {
        QFETCH(QString, told);
        QFETCH(QString, path);
        QCOMPARE(QString::fromStdString(cgroupOfOci(told.toStdString())), path);
    }
};

QTEST_GUILESS_MAIN(TestRuntime)
#include "tst_runtime.moc"
