// SPDX-License-Identifier: GPL-3.0-or-later
// The verdict of pre-flight on trees that cannot be had on every machine, and the parsers below it.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/host_mounts.h"
#include "engine/checkpoint/preflight.h"

#include <set>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespaces::Ref;
using namespaces::Type;

namespace {

constexpr std::uint64_t kHost = 100;       ///< inode of every namespace of the host
constexpr std::uint64_t kOwn = 200;        ///< of those of a container
constexpr std::int32_t kGone = 0x3fffffff; ///< no process: above pid_max

std::vector<Ref> spaces(std::uint64_t inode)
{
    std::vector<Ref> out;
    for (const Type type : namespaces::kTypes)
        out.push_back({type, inode});
    return out;
}

TaskLook task(std::int32_t pid, std::int32_t parent, std::uint64_t inode)
{
    TaskLook out;
    out.key = {pid, 1};
    out.comm = "node";
    out.state = 'S';
    out.parentPid = parent;
    out.session = out.processGroup = 812;
    out.uid = out.procOwner = ::geteuid();
    out.namespacePids = {pid, pid == 812 ? 1 : 2};
    out.spaces = spaces(inode);
    return out;
}

OpenFile file(std::string target, mode_t mode, dev_t rdev = 0)
{
    OpenFile out;
    out.fd = 14;
    out.target = std::move(target);
    out.mode = mode;
    out.rdev = rdev;
    out.inode = 5;
    out.links = 1;
    return out;
}

/// A container of two processes in namespaces of its own that can be saved as it is.
TreeLook container()
{
    TreeLook out;
    out.tasks = {task(812, 1, kOwn), task(813, 812, kOwn)};
    out.hostSpaces = spaces(kHost);
    out.ownPid = 4;
    out.hostMounts = {{1, makedev(8, 1), "/", "ext4"}};
    out.mounts[kOwn] = {{30, makedev(0, 40), "/", "overlay"}, {31, makedev(8, 1), "/data", "ext4"}};
    out.sockets[kOwn] = {};
    return out;
}

const CriuFacts kCriu{"/usr/sbin/criu", "4.2.1", ""};

QByteArray causes(const std::vector<Finding> &findings)
{
    std::set<std::string> names;
    for (const Finding &finding : findings)
        names.insert(std::string(finding.info().name));
    return QByteArray::fromStdString(joined(std::vector<std::string>(names.begin(), names.end())));
}

using Change = void (*)(TreeLook &);

} // namespace

Q_DECLARE_METATYPE(Change)

class TestPreflight : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void table_saysAllThatAnAdminNeeds()
    {
        std::set<std::string_view> names;
        Stage last = Stage::Check;
        for (const CauseInfo &info : causeTable()) {
            QVERIFY2(names.insert(info.name).second, info.name.data());
            QVERIFY(info.why.ends_with('.'));
            QVERIFY(info.remedy.empty() || info.remedy.ends_with('.'));
            // What only a log tells stands behind the rest, and has a line to be told by.
            QVERIFY2(info.stage == Stage::Check || !info.log.empty(), info.name.data());
            QVERIFY2(info.stage >= last, info.name.data());
            last = info.stage;
            // What CRIU refuses has no option; what it takes with one needs no remedy.
            QVERIFY2(info.severity != Severity::Error || (info.option.empty() && !info.remedy.empty()),
                     info.name.data());
        }
    }

    void mountsOfTheHost_areBoundAgain()
    {
        TreeLook look = container();
        QVERIFY(mountOptions(look).restore.empty()); // its root is none of the host
        look.hostMounts = {{1, makedev(8, 1), "/", "ext4", "/"},
                           {2, makedev(0, 5), "/proc", "proc", "/"},
                           {3, makedev(8, 2), "/srv", "ext4", "/"},
                           {4, makedev(0, 6), "/dev/shm", "tmpfs", "/"},
                           {5, makedev(0, 7), "/dev/shm", "tmpfs", "/"},
                           {6, makedev(0, 8), "/a b", "tmpfs", "/"}};
        look.mounts[kOwn] = {{31, makedev(8, 1), "/", "ext4", "/"},
                             {32, makedev(0, 5), "/proc", "proc", "/"},
                             {33, makedev(0, 9), "/proc", "proc", "/"}, // over it: both are its own to make
                             {34, makedev(8, 2), "/data", "ext4", "/"},
                             {35, makedev(8, 2), "/part", "ext4", "/part"}, // the host does not have that alone
                             {36, makedev(0, 6), "/dev/shm", "tmpfs", "/"},
                             {37, makedev(0, 7), "/dev/shm", "tmpfs", "/"},
                             {38, makedev(0, 8), "/a b", "tmpfs", "/"},
                             {39, makedev(0, 10), "/run/own", "tmpfs", "/"}};
        const MountOptions options = mountOptions(look);
        QCOMPARE(joined(options.dump), std::string("external=mnt[/data]:gantry-0 external=mnt[/dev/shm]:gantry-1"));
        QCOMPARE(joined(options.restore), std::string("root=/ external=mnt[gantry-0]:/srv "
                                                      "external=mnt[gantry-1]:/dev/shm"));
        look.ownMounts = kOwn;
        QVERIFY(mountOptions(look).restore.empty());
    }

    void look_isJudged_data()
    {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char *name, const char *expected, Change change) {
            QTest::newRow(name) << change << QByteArray(expected);
        };
        row("nothing", "", [](TreeLook &) {});
        row("terminal without its master", "terminal",
            [](TreeLook &look) { look.tasks[0].files = {file("/dev/pts/0", S_IFCHR, makedev(136, 0))}; });
        row("terminal and its master", "", [](TreeLook &look) {
            look.tasks[0].files = {file("/dev/pts/0", S_IFCHR, makedev(136, 0)),
                                   file("/dev/ptmx", S_IFCHR, makedev(5, 2))};
        });
        row("controlling terminal", "terminal", [](TreeLook &look) { look.tasks[1].terminal = 34816; });
        row("session of a process that lives outside", "session-outside",
            [](TreeLook &look) { look.tasks[1].session = ::getpid(); });
        row("session of an outer pid namespace", "session-outside-namespace", [](TreeLook &look) {
            look.tasks[0].session = 0;
            look.tasks[0].sessionOutsideNamespace = true;
        });
        row("session whose leader has ended", "", [](TreeLook &look) { look.tasks[1].session = kGone; });
        row("session of another pid namespace", "session-outside", [](TreeLook &look) { look.tasks[1].session = 0; });
        row("no init of its pid namespace", "pid-namespace-without-init", [](TreeLook &look) {
            look.tasks[0].namespacePids = {812, 7};
        });
        row("host's pid namespace", "", [](TreeLook &look) {
            for (TaskLook &one : look.tasks) {
                one.spaces = spaces(kHost);
                one.namespacePids = {one.key.pid};
            }
        });
        row("nested time namespace", "nested-namespace",
            [](TreeLook &look) { std::ranges::find(look.tasks[1].spaces, Type::Time, &Ref::type)->inode = 7; });
        row("time namespace of children to come", "nested-namespace", [](TreeLook &look) {
            look.tasks[0].timeForChildren = kOwn;
            look.tasks[1].timeForChildren = 7;
        });
        row("nested mount namespace", "",
            [](TreeLook &look) { std::ranges::find(look.tasks[1].spaces, Type::Mnt, &Ref::type)->inode = 7; });
        row("waits for a disk", "uninterruptible", [](TreeLook &look) { look.tasks[1].state = 'D'; });
        row("zombie", "", [](TreeLook &look) {
            look.tasks[1] = task(813, 812, 0);
            look.tasks[1].state = 'Z';
            look.tasks[1].tracerPid = 3;
        });
        row("main thread that ended before the others", "leader-gone", [](TreeLook &look) {
            look.tasks[1] = task(813, 812, 0);
            look.tasks[1].state = 'Z';
            look.tasks[1].threads = 3;
        });
        row("traced", "traced", [](TreeLook &look) { look.tasks[1].tracerPid = 3; });
        row("not dumpable", "not-dumpable", [](TreeLook &look) {
            look.tasks[1].uid = 1000;
            look.tasks[1].procOwner = 0;
        });
        row("other user without the capability, in a user namespace", "", [](TreeLook &look) {
            look.hasSysResource = false;
            look.tasks[1].uid = look.tasks[1].procOwner = 70'000;
        });
        row("other user without the capability", "other-uid", [](TreeLook &look) {
            look.hasSysResource = false;
            look.tasks[1].uid = look.tasks[1].procOwner = 70'000;
            for (TaskLook &one : look.tasks)
                std::ranges::find(one.spaces, Type::User, &Ref::type)->inode = kHost;
        });
        row("Gantry itself", "holds-gantry", [](TreeLook &look) { look.ownPid = 813; });
        row("started from outside", "outside-tree", [](TreeLook &look) { look.tasks[1].parentPid = 77; });
        row("no right to look", "no-rights",
            [](TreeLook &look) { look.tasks[1].problems = {failErrno("open", "/proc/813/fd", EACCES).error()}; });
        row("a part that failed", "unreadable",
            [](TreeLook &look) { look.tasks[1].problems = {failErrno("recv", "sock_diag", ETIMEDOUT).error()}; });
        row("probes", "uprobes",
            [](TreeLook &look) { look.tasks[0].mappings = {{"1-2", "[uprobes]", OddMapping::Kind::Uprobes}}; });
        row("memory of a device", "device-mapping",
            [](TreeLook &look) { look.tasks[0].mappings = {{"1-2", "/dev/nvidia0", OddMapping::Kind::Device}}; });
        row("System V shared memory of its own", "", [](TreeLook &look) {
            look.tasks[1].mappings = {{"1-2", "/SYSV00000000 (deleted)", OddMapping::Kind::SharedMemory}};
        });
        row("System V shared memory of the host", "host-shared-memory", [](TreeLook &look) {
            look.tasks[1].mappings = {{"1-2", "/SYSV00000000 (deleted)", OddMapping::Kind::SharedMemory}};
            for (TaskLook &one : look.tasks)
                std::ranges::find(one.spaces, Type::Ipc, &Ref::type)->inode = kHost;
        });
        row("block device", "device",
            [](TreeLook &look) { look.tasks[0].files = {file("/dev/sda", S_IFBLK, makedev(8, 0))}; });
        row("tun", "", [](TreeLook &look) { look.tasks[0].files = {file("/dev/net/tun", S_IFCHR, makedev(10, 200))}; });
        row("namespace held open", "",
            [](TreeLook &look) { look.tasks[0].files = {file("net:[4026531840]", S_IFREG)}; });
        row("file of an unknown kind", "unsupported-file",
            [](TreeLook &look) { look.tasks[0].files = {file("secretmem", S_IFREG)}; });
        row("file below a later mount", "overmounted-file", [](TreeLook &look) {
            look.mounts[kOwn].push_back({32, makedev(0, 41), "/etc", "tmpfs"});
            look.tasks[0].files = {file("/etc/passwd", S_IFREG)};
            look.tasks[0].files[0].mountId = 30;
        });
        row("file of a later mount", "", [](TreeLook &look) {
            look.tasks[0].files = {file("/data/x", S_IFREG)};
            look.tasks[0].files[0].mountId = 31;
        });
        row("file of no mount inside", "file-outside", [](TreeLook &look) {
            look.tasks[0].files = {file("/var/log/x", S_IFREG)};
            look.tasks[0].files[0].mountId = 1;
        });
        row("shared memory of the kernel's own mount", "", [](TreeLook &look) {
            look.tasks[0].files = {file("/memfd:x (deleted)", S_IFREG), file("/SYSV00000001 (deleted)", S_IFREG)};
            look.tasks[0].files[0].mountId = look.tasks[0].files[1].mountId = 3;
        });
        row("watch on an overlay", "inotify-overlay", [](TreeLook &look) {
            look.tasks[0].files = {file("anon_inode:inotify", 0)};
            look.tasks[0].files[0].watchedDevices = {makedev(0, 40)};
        });
        row("watch on a volume", "", [](TreeLook &look) {
            look.tasks[0].files = {file("anon_inode:inotify", 0)};
            look.tasks[0].files[0].watchedDevices = {makedev(8, 1)};
        });
        row("program of no mount inside", "file-outside", [](TreeLook &look) {
            look.tasks[1].program = "/usr/bin/x";
            look.tasks[1].programMountId = 1;
        });
        row("program of a mount inside", "", [](TreeLook &look) { look.tasks[1].programMountId = 31; });
        row("device of no mount inside", "file-outside", [](TreeLook &look) {
            look.tasks[0].files = {file("/dev/null", S_IFCHR, makedev(1, 3))};
            look.tasks[0].files[0].mountId = 1;
        });
        row("FIFO of no mount inside", "file-outside", [](TreeLook &look) {
            look.tasks[0].files = {file("/tmp/fifo", S_IFIFO)};
            look.tasks[0].files[0].mountId = 1;
        });
        row("message queue", "unsupported-file", [](TreeLook &look) {
            look.tasks[0].files = {file("/queue", S_IFREG)};
            look.tasks[0].files[0].mountId = 1;
            look.tasks[0].files[0].isMessageQueue = true;
        });
        row("semaphore of an eventfd", "eventfd-semaphore", [](TreeLook &look) {
            look.tasks[0].files = {file("anon_inode:[eventfd]", 0)};
            look.tasks[0].files[0].isSemaphore = true;
        });
        row("timer that is due", "timerfd-due", [](TreeLook &look) {
            look.tasks[0].files = {file("anon_inode:[timerfd]", 0)};
            look.tasks[0].files[0].isDue = true;
        });
        row("user namespace without a pid namespace", "user-namespace", [](TreeLook &look) {
            for (TaskLook &one : look.tasks) {
                std::ranges::find(one.spaces, Type::Pid, &Ref::type)->inode = kHost;
                one.namespacePids = {one.key.pid};
            }
        });
        row("user namespace among our mounts", "user-namespace", [](TreeLook &look) { look.ownMounts = kOwn; });
        row("user namespace with the host's root", "user-namespace",
            [](TreeLook &look) { look.mounts[kOwn][0].device = makedev(8, 1); });
        row("FUSE inside", "fuse-mount", [](TreeLook &look) {
            look.mounts[kOwn].push_back({33, makedev(0, 50), "/mnt", "fuse.sshfs"});
        });
        row("FUSE bound from the host", "", [](TreeLook &look) {
            look.mounts[kOwn].push_back({33, makedev(0, 50), "/mnt", "fuse.sshfs"});
            look.hostMounts.push_back({2, makedev(0, 50), "/mnt", "fuse.sshfs"});
        });
        row("NFS inside", "unknown-filesystem", [](TreeLook &look) {
            look.mounts[kOwn].push_back({33, makedev(0, 50), "/mnt", "nfs4"});
        });
        row("connection to a UNIX socket outside", "unix-peer-outside", [](TreeLook &look) {
            look.tasks[0].files = {file("socket:[5]", S_IFSOCK)};
            look.tasks[0].files[0].protocol = "UNIX-STREAM";
            look.sockets[kOwn].unixPeers[5] = {99, SOCK_STREAM};
        });
        row("sequenced packets to outside", "unix-peer-outside", [](TreeLook &look) {
            look.tasks[0].files = {file("socket:[5]", S_IFSOCK)};
            look.tasks[0].files[0].protocol = "UNIX";
            look.sockets[kOwn].unixPeers[5] = {99, SOCK_SEQPACKET};
        });
        row("datagrams to a name outside", "unix-datagram-outside", [](TreeLook &look) {
            look.tasks[0].files = {file("socket:[5]", S_IFSOCK)};
            look.tasks[0].files[0].protocol = "UNIX";
            look.sockets[kOwn].unixPeers[5] = {99, SOCK_DGRAM};
            look.sockets[kOwn].unixNamed = {99};
        });
        row("datagrams to a nameless socket outside", "unix-nameless-peer", [](TreeLook &look) {
            look.tasks[0].files = {file("socket:[5]", S_IFSOCK)};
            look.tasks[0].files[0].protocol = "UNIX";
            look.sockets[kOwn].unixPeers[5] = {99, SOCK_DGRAM};
        });
        row("closed TCP socket", "", [](TreeLook &look) {
            look.tasks[0].files = {file("socket:[5]", S_IFSOCK)};
            look.tasks[0].files[0].protocol = "TCP";
            look.sockets[kOwn].tcp[5] = {7, 80};
        });
    }
    void look_isJudged()
    {
        QFETCH(Change, change);
        QFETCH(QByteArray, expected);
        TreeLook look = container();
        change(look);
        QCOMPARE(causes(judge(look, kCriu)), expected);
    }

    void objects_nameProcessAndFile()
    {
        TreeLook look = container();
        look.tasks[1].files = {file("anon_inode:[io_uring]", 0)};
        const auto findings = judge(look, kCriu);
        QCOMPARE(findings.size(), std::size_t{1});
        QCOMPARE(findings[0].object, std::string("fd 14 -> anon_inode:[io_uring] of pid 813 (node)"));
        QCOMPARE(findings[0].pid, 813);
        QVERIFY(!isPossible(findings));
    }

    void criu_thatIsMissingOrFails_isAFinding()
    {
        QCOMPARE(causes(judge(container(), {})), QByteArray("criu-missing"));
        const auto findings = judge(container(), {"/usr/sbin/criu", "3.17.1", "Unexpected rt vDSO area bounds"});
        QCOMPARE(causes(findings), QByteArray("criu-fails"));
        QCOMPARE(findings[0].object, std::string("criu 3.17.1: Unexpected rt vDSO area bounds"));
    }

    void worstIsFirst_andManyAreCounted()
    {
        TreeLook look = container();
        look.tasks[0].files.assign(kMostOfOneCause + 7, file("/x (deleted)", S_IFREG));
        for (OpenFile &one : look.tasks[0].files)
            one.links = 0;
        look.tasks[1].tracerPid = 3;
        const auto findings = judge(look, kCriu);
        QCOMPARE(findings.size(), kMostOfOneCause + 2);
        QCOMPARE(findings.front().cause, Cause::Traced);
        QCOMPARE(findings.back().object, std::string("and 7 more"));
    }

    void options_areChosenOnce_withTheGreatestValue()
    {
        const std::vector<Finding> findings{{Cause::BigDeletedFile, "", "3000000", 0},
                                            {Cause::BigDeletedFile, "", "9000000", 0},
                                            {Cause::TcpConnection, "", "", 0},
                                            {Cause::TcpConnection, "", "", 0},
                                            {Cause::DeletedFile, "", "", 0}};
        QCOMPARE(chosenOptions(findings), (std::vector<std::string>{"ghost-limit=9000000", "tcp-established"}));
    }

    void tcp_isReadWithItsPortAndState()
    {
        SocketLook out;
        parseTcp(
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100\n"
            "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4\n"
            "   2: 00000000000000000000000001000000:0050 00:0 06 0:0 00:0 0 0 0 0\n"
            "   3: rubbish\n",
            out);
        QCOMPARE(out.tcp.size(), std::size_t{1});
        QCOMPARE(out.tcp.at(4711).state, std::uint8_t{10});
        QCOMPARE(out.tcp.at(4711).port, std::uint16_t{8080});
        QCOMPARE(out.pending, std::vector<std::uint16_t>{8080});
    }

    void mounts_areRead()
    {
        const auto mounts = parseMounts("30 29 0:40 / / rw - overlay overlay rw,lowerdir=/l\n"
                                        "31 30 8:1 /v /a\\040b rw shared:1 master:2 - ext4 /dev/sda1 rw\n");
        QVERIFY(mounts);
        QCOMPARE(mounts->size(), std::size_t{2});
        QCOMPARE(mounts->at(1).mountPoint, std::string("/a b"));
        QCOMPARE(mounts->at(1).id, 31);
        QCOMPARE(mounts->at(1).device, makedev(8, 1));
        QVERIFY(!parseMounts("31 30 8 / /a rw - ext4 x rw\n"));
        QVERIFY(!parseMounts("no mount\n"));
    }
};

QTEST_GUILESS_MAIN(TestPreflight)
#include "tst_preflight.moc"
