// SPDX-License-Identifier: GPL-3.0-or-later
// What CRIU's log is explained by: excerpts of real ones (tests/data/criu), and logs that are empty, cut, huge or
// forged.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/log_story.h"

#include <random>
#include <set>

using namespace gantry;
using namespace gantry::checkpoint;

namespace {

std::string recorded(const char *name)
{
    return readFile(strCat(GANTRY_TEST_DATA, "/criu/", name, ".log")).value_or("");
}

QByteArray causeName(const FailureStory &story)
{
    return story.cause ? QByteArray(causeInfo(*story.cause).name.data()) : QByteArray();
}

QByteArray bytes(const std::string &text)
{
    return QByteArray::fromStdString(text);
}

} // namespace

class TestLogStory : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void recordedLog_isExplained_data()
    {
        QTest::addColumn<QByteArray>("cause");
        QTest::addColumn<int>("pid");
        QTest::addColumn<QByteArray>("object");
        const auto row = [](const char *name, const char *cause, int pid, const char *object) {
            QTest::newRow(name) << QByteArray(cause) << pid << QByteArray(object);
        };
        row("big-deleted-file", "big-deleted-file", 17755, "fd 3 -> /srv/test/target of pid 17755 (checkpoint_targ)");
        row("child-traced", "traced", 17585, "pid 17585");
        row("device-fuse", "device", 17458, "fd 3 -> character device 10:229 of pid 17458 (checkpoint_targ)");
        row("file-lock", "file-lock", 17739, "pid 17739 (checkpoint_targ)");
        row("file-outside", "file-outside", 17603, "fd 3 -> /etc/passwd of pid 17603 (checkpoint_targ)");
        row("io-uring-mapped", "io-uring", 17406, "mapping anon_inode:[io_uring] of pid 17406 (checkpoint_targ)");
        row("io-uring", "io-uring", 17389, "pid 17389 (checkpoint_targ)");
        row("leader-gone", "", 17635, "pid 17635 (checkpoint_targ)");
        row("mptcp", "socket-protocol", 17357, "fd 3 of pid 17357 (checkpoint_targ)");
        row("no-session", "not-session-leader", 17787, "pid 17787 (checkpoint_targ)");
        row("other-uid", "other-uid", 17651, "pid 17651 (checkpoint_targ)");
        row("own-pid", "nested-namespace", 17514, "pid 17514");
        row("own-time", "nested-namespace", 17548, "pid 17548");
        row("own-uts", "nested-namespace", 17477, "pid 17477");
        row("perf", "unsupported-file", 17438, "fd 3 -> anon_inode:[perf_event] of pid 17438 (checkpoint_targ)");
        row("pid-namespace-without-init", "pid-namespace-without-init", 17825, "pid 17825 (checkpoint_targ)");
        row("restore-connection", "tcp-connection", 18372, "fd 4 of pid 18372");
        row("restore-datagram-peer", "unix-peer-missing", 18423, "fd 3 of pid 18423");
        row("restore-file-grown", "file-changed", 18196, "fd 3 -> /srv/test/target of pid 18196");
        row("restore-file-removed", "file-missing", 18158, "fd 3 -> /srv/test/target of pid 18158");
        row("restore-file-rights", "file-changed", 18226, "fd 3 -> /srv/test/target of pid 18226");
        row("restore-image-cut", "damaged-checkpoint", 0, "");
        row("restore-image-missing", "damaged-checkpoint", 0, "");
        row("restore-image-spoilt", "damaged-checkpoint", 0, "");
        row("restore-pid-taken", "pid-taken", 18466, "pid 18466");
        row("restore-port-taken", "address-taken", 18502, "fd 3 -> port 51777 of pid 18502");
        row("sysv-shared-memory", "host-shared-memory", 17619, "pid 17619 (checkpoint_targ)");
        row("tcp-connection", "tcp-connection", 17667, "fd 4 of pid 17667 (checkpoint_targ)");
        row("traced", "", 17565, "pid 17565 (checkpoint_targ)");
        row("unix-nameless-outside", "unix-nameless-peer", 17339, "fd 3 of pid 17339 (checkpoint_targ)");
        row("unix-stream-outside", "unix-peer-outside", 17300, "fd 3 of pid 17300 (checkpoint_targ)");
        row("vforked", "uninterruptible", 17803, "pid 17803 (checkpoint_targ)");
        row("vsock", "socket-protocol", 17373, "fd 3 of pid 17373 (checkpoint_targ)");
    }
    void recordedLog_isExplained()
    {
        QFETCH(QByteArray, cause);
        QFETCH(int, pid);
        QFETCH(QByteArray, object);
        const std::string log = recorded(QTest::currentDataTag());
        QVERIFY(!log.empty());
        const FailureStory story = explainLog(log);
        QCOMPARE(causeName(story), cause);
        QCOMPARE(story.pid, pid);
        QCOMPARE(bytes(story.object), object);
        QVERIFY(!story.line.empty());
        QVERIFY(story.around.size() > 1 && story.around.size() <= kStoryLinesBefore + 1 + kStoryLinesAfter);
    }

    void line_isExplained_data()
    {
        QTest::addColumn<QByteArray>("cause");
        QTest::addColumn<QByteArray>("object");
        const auto row = [](const char *line, const char *cause, const char *object = "") {
            QTest::newRow(line) << QByteArray(cause) << QByteArray(object);
        };
        row("Can't dump file 7 of that type [600] (anon anon_inode:[io_uring])", "io-uring",
            "fd 7 -> anon_inode:[io_uring]");
        row("Can't dump file 7 of that type [600] (anon anon_inode:kvm-vm)", "unsupported-file",
            "fd 7 -> anon_inode:kvm-vm");
        row("Can't dump file 7 of that type [20666] (chr 195:0)", "device", "fd 7 -> character device 195:0");
        row("Can't dump file 7 of that type [60660] (unknown /dev/sda)", "device", "fd 7 -> /dev/sda");
        row("Can't dump file 7 of that type [100600] (reg secretmem)", "unsupported-file", "fd 7 -> secretmem");
        row("Unknown shit 600 (anon_inode:[io_uring])", "io-uring", "mapping anon_inode:[io_uring]");
        row("Unknown shit 600 (anon_inode:[perf_event])", "device-mapping", "mapping anon_inode:[perf_event]");
        row("Can't handle non-regular mapping on 812's map 7f0012340000", "device-mapping",
            "mapping 7f0012340000 of pid 812");
        row("Unsupported mapping found 00007f0000000000-00007f0000001000", "device-mapping",
            "mapping 00007f0000000000-00007f0000001000");
        row("PID 812 has uprobes vma. Consider using --allow-uprobes.", "uprobes", "pid 812");
        row("inet: Unsupported proto 262 for socket 1f", "socket-protocol");
        row("inet: Can't dump 5 inet socket 1f. Only stream, dgram and raw are supported.", "socket-protocol");
        row("Unknown socket family 40", "socket-protocol");
        row("inet: Connected TCP socket, consider using --tcp-established option.", "tcp-connection");
        row("inet: In-flight connection (l) for 1f", "tcp-handshake");
        row("inet: Can't dump corked dgram socket 1f", "socket-busy");
        row("netlink: The socket has data to read", "socket-busy");
        row("skqueue: Control messages in queue, not supported", "socket-busy");
        row("unix: External socket is used. Consider using --ext-unix-sk option.", "unix-peer-outside");
        row("unix: Can't dump half of stream unix connection. name: (null); peer name: /run/dbus", "unix-peer-outside");
        row("unix: Can't dump name-less external socket.", "unix-nameless-peer");
        row("The root process 812 is not a session leader. Consider using --shell-job option", "not-session-leader",
            "pid 812");
        row("Can't find a session leader for 812", "session-outside", "pid 812");
        row("A session leader of 812(0) is outside of its pid namespace", "session-outside-namespace", "pid 812");
        row("tty: Found dangling tty with sid 5 pgid 6 (ttyS0) on peer fd 0.", "terminal");
        row("Some file locks are hold by dumping tasks! You can try --file-locks to dump them.", "file-lock");
        row("Can't dump ghost file /tmp/a of b of 3145728 size, increase limit", "big-deleted-file", "/tmp/a of b");
        row("Can't create link remap for ./tmp/a. Use link-remap option.", "deleted-name");
        row("Can't lookup mount=25 for fd=3 path=/etc/passwd", "file-outside", "fd 3 -> /etc/passwd");
        row("Open files on overmounted mounts are not supported yet; mount=5 fd=4 path=./x", "overmounted-file",
            "fd 4 -> /x");
        row("fsnotify: \tCan't dump that handle", "inotify-overlay");
        row("/mnt is a fuse mount but not external", "fuse-mount");
        row("mnt: FS mnt ./mnt dev 0x2f root / unsupported id 4a", "unknown-filesystem");
        row("Can't dump nested uts namespace for 812", "nested-namespace", "pid 812");
        row("Can't dump a pid namespace without the process init", "pid-namespace-without-init");
        row("Unseizable non-zombie 812 found, state S, err -1/1", "traced", "pid 812");
        row("Timeout reached. Try to interrupt: 812", "uninterruptible", "pid 812");
        row("Can't get rlimit 0: Operation not permitted", "other-uid");
        row("Can't get rlimit 0: Invalid argument", "");
        row("can't dump unprivileged task whose /proc doesn't belong to it", "not-dumpable");
        row("The criu itself is within dumped tree.", "holds-gantry");
        row("Zombies with threads are not supported", "leader-gone");
        row("Individually stopped threads not supported", "stopped-threads");
        row("Task 812 with SysVIPC shmem map @7f00 doesn't live in IPC ns", "host-shared-memory", "pid 812");
        row("mnt: Mount 5 ./x (master_id: 1 shared_id: 0) has unreachable sharing. Try --enable-external-masters.",
            "host-mount");
        row("mnt: 31:./data doesn't have a proper root mount", "host-mount");
        row("Tracking memory is not available. Consider omitting --track-mem option.", "no-dirty-tracking");
        row("net: Locking network failed: iptables-restore returned 1.", "network-lock");
        row("BUG at criu/mem.c:46", "criu-bug");
        row("vdso: Unexpected rt vDSO area bounds", "criu-fails");
        row("Can't write img file: No space left on device", "disk-full");
        row("Magic doesn't match for pstree.img", "damaged-checkpoint");
        row("Unable to open pstree.img: No such file or directory", "damaged-checkpoint");
        row("Can't fork for 812: File exists", "pid-taken", "pid 812");
        row("Can't fork for 812: Cannot allocate memory", "", "pid 812");
        row("Pid 9 do not match expected 812", "pid-taken");
        row("Can't open file var/log/a: b on restore: No such file or directory", "file-missing", "/var/log/a: b");
        row("Can't open file var/log/a: Permission denied", "", "/var/log/a");
        row("File tmp/x has bad size 25195 (expect 16965)", "file-changed", "/tmp/x");
        row("File usr/lib/y.so has bad build-ID", "file-changed", "/usr/lib/y.so");
        row("inet: Can't bind inet socket (id 5): Address already in use", "address-taken");
        row("inet: Can't bind inet socket (id 5): Cannot assign requested address", "address-missing");
        row("Can't connect inet socket back: Cannot assign requested address", "address-missing");
        row("unix: Can't connect 5 socket: No such file or directory", "unix-peer-missing");
        row("unix: Can't connect 5 socket: Permission denied", "");
        row("mnt: The --root option is required to restore a mount namespace", "mount-missing");
        row("cg: Failed writing 5 to memory.max: Invalid argument", "cgroup-refused");
        row("cpu: FPU feature required by image is not supported on host (fpu:1 fxsr:1 osxsave:1 xsaves:0)",
            "other-cpu");
        row("Something that nobody has seen yet", "");
    }
    void line_isExplained()
    {
        QFETCH(QByteArray, cause);
        QFETCH(QByteArray, object);
        const std::string line = strCat("Error (criu/x.c:5): ", QTest::currentDataTag());
        for (const std::string &log : {strCat("(00.000001) ", line, "\n"), line,
                                       strCat("(00.1) rlimit: RLIMIT_NOFILE\n(10.000001) ", line, "\nmore\n")}) {
            const FailureStory story = explainLog(log);
            QCOMPARE(causeName(story), cause);
            QCOMPARE(bytes(story.line), bytes(printable(line)));
            if (!object.isEmpty() || cause.isEmpty())
                QCOMPARE(bytes(story.object), object);
        }
    }

    void everyLineOfTheTable_isItsCause()
    {
        // Those whose line means nothing without the rest of it.
        const std::set<Cause> withMore{Cause::OtherUid,         Cause::IoUring,      Cause::UnsupportedFile,
                                       Cause::Device,           Cause::PidTaken,     Cause::FileMissing,
                                       Cause::FileChanged,      Cause::AddressTaken, Cause::AddressMissing,
                                       Cause::UnixDatagramPeer, Cause::DiskFull};
        int seen = 0;
        for (const CauseInfo &info : causeTable()) {
            if (info.log.empty() || withMore.contains(info.cause))
                continue;
            ++seen;
            QCOMPARE(causeName(explainLog(strCat("Error (criu/x.c:5): ", info.log))), QByteArray(info.name.data()));
        }
        QVERIFY(seen > 30);
    }

    void datagramPeer_isToldFromAStream()
    {
        const std::string before =
            "(00.1) Dumping task (pid: 7 comm: node)\n(00.1) 7 fdinfo 4: pos: 0 flags: 2/0\n"
            "(00.1) unix: \tDumping: ino 50 peer_ino 60 family    1 type    2 state  1 name (null)\n"
            "(00.1) Dumping task (pid: 8 comm: sh)\n(00.1) 8 fdinfo 0: pos: 0 flags: 2/0\n"
            "(00.1) unix: \tRunaway socket: ino 60 peer_ino 0 family    1 type    ";
        const std::string after =
            " state  1 name /run/x\n(00.1) Error (criu/sk-unix.c:9): unix: External socket is used. "
            "Consider using --ext-unix-sk option.\n";
        const FailureStory datagram = explainLog(before + "2" + after);
        QCOMPARE(causeName(datagram), QByteArray("unix-datagram-outside"));
        QCOMPARE(bytes(datagram.object), QByteArray("fd 4 of pid 7 (node)")); // not of the process that came last
        QCOMPARE(datagram.pid, 7);
        QCOMPARE(causeName(explainLog(before + "1" + after)), QByteArray("unix-peer-outside"));
    }

    void refusalOfTheKernel_isToldByWhatPreflightFound()
    {
        // CRIU says the same of all of them, and alone it means neither.
        const std::string log = recorded("traced");
        for (const Cause cause : {Cause::Traced, Cause::LeaderGone, Cause::NotDumpable}) {
            const std::vector<Finding> findings{{Cause::IoUring, "", "", 17'565}, {cause, "", "", 17'565}};
            QCOMPARE(explainLog(log, findings).cause, std::optional(cause));
        }
        const std::vector<Finding> others{{Cause::Traced, "", "", 5}, {Cause::IoUring, "", "", 17'565}};
        QCOMPARE(explainLog(log, others).cause, std::optional<Cause>());
        // A child that has ended cannot be stopped either, which is no failure.
        const std::string zombie =
            "(00.1) Warn  (compel/src/lib/infect.c:132): Unable to interrupt task: 7 (Operation not "
            "permitted)\n(00.1) Seized task 7, state 2\n";
        QVERIFY(explainLog(zombie).line.empty());
        QCOMPARE(explainLog(zombie + "(00.2) Error (criu/x.c:5): BUG at criu/mem.c:46\n").cause,
                 std::optional(Cause::CriuBug));
    }

    void benignError_isNotTheReason()
    {
        const std::string benign = "(00.000130) Error (criu/util.c:1735): rlimit: Can't setup RLIMIT_NOFILE for self: "
                                   "Operation not permitted\n";
        const FailureStory none = explainLog(benign + "(00.2) Dumping finished successfully\n");
        QVERIFY(none.line.empty() && !none.cause && none.object.empty());
        QCOMPARE(none.around.size(), std::size_t{2});
        QCOMPARE(causeName(explainLog(benign + "(00.2) Error (criu/x.c:1): BUG at criu/mem.c:46\n")),
                 QByteArray("criu-bug"));
    }

    void nothing_isExplainedByNothing()
    {
        for (const char *log :
             {"", "\n", "\n\n\n", "(", "(00.1)", "Error (", "Error (criu/x.c:5)", "Error (criu/x.c:5): "}) {
            const FailureStory story = explainLog(log);
            QVERIFY2(story.line.empty() && !story.cause && story.pid == 0, log);
        }
    }

    void namesOfProcessesAndFiles_areNotTakenForCriusWords()
    {
        // What a program chose: its name, its files, its sockets.
        const FailureStory story =
            explainLog("(00.1) Dumping task (pid: 7 comm: (pid: 9 comm: Error (criu/x.c:5): BUG at)\n"
                       "(00.1) Collected [/tmp/Error (criu/x.c:5): The criu itself is within dumped tree.] ID 5\n"
                       "(00.1) Error (criu/files reg.c:5): no place has a blank\n"
                       "(00.1) Error (criu/x.c:5): File tmp/Unsupported proto, BUG at: No space left on device has bad "
                       "size 5 (expect 6)\n");
        QCOMPARE(causeName(story), QByteArray("file-changed"));
        QCOMPARE(bytes(story.object), QByteArray("/tmp/Unsupported proto, BUG at: No space left on device of pid 7 "
                                                 "((pid: 9 comm: Error (criu/x.c:5): BUG at)"));
        QCOMPARE(story.pid, 7);
        const FailureStory control = explainLog("Error (criu/x.c:5): File a\x1b[2J\xff has bad size 5 (expect 6)\n");
        QVERIFY(control.line.find('\x1b') == std::string::npos && isUtf8(control.line) && isUtf8(control.object));
    }

    void cutLog_neverNamesAnotherCause()
    {
        const std::string log = recorded("io-uring");
        QVERIFY(log.size() > 500);
        const QByteArray whole = causeName(explainLog(log));
        QCOMPARE(whole, QByteArray("io-uring"));
        for (std::size_t length = 0; length < log.size(); ++length) {
            const FailureStory story = explainLog(std::string_view(log).substr(0, length));
            // Until "[io_uring]" is whole it is some file that cannot be saved.
            QVERIFY2(!story.cause || causeName(story) == whole || causeName(story) == "unsupported-file",
                     causeName(story).constData());
        }
    }

    void hugeLog_isReadInOnePass()
    {
        std::string log;
        for (int i = 1; i <= 200'000; ++i)
            log += strCat("(00.1) Dumping task (pid: ", i, " comm: x)\n(00.1) ", i, " fdinfo 3: pos: 0 flags: 2/0\n");
        log += strCat("(00.1) Error (criu/x.c:5): ", std::string(1 << 20, 'x'), "\n");
        QElapsedTimer clock;
        clock.start();
        const FailureStory story = explainLog(log);
        QVERIFY2(clock.elapsed() < 5'000, QByteArray::number(clock.elapsed()).constData()); // some 50 ms
        QCOMPARE(story.pid, 200'000);
        QVERIFY(story.line.size() <= kMostStoryLine + 3);
        for (const std::string &line : story.around)
            QVERIFY(line.size() <= kMostStoryLine + 3);
    }

    void garbage_isNoStory()
    {
        std::minstd_rand random(7); // NOLINT(cert-msc51-cpp): the same each time
        for (int round = 0; round < 200; ++round) {
            std::string log(static_cast<std::size_t>(random() % 3'000), '\0');
            for (char &byte : log)
                byte = static_cast<char>(random());
            const FailureStory story = explainLog(log);
            QVERIFY(story.line.empty() && !story.cause);
            QVERIFY(story.around.size() <= kStoryLinesBefore + 1);
        }
    }
};

QTEST_GUILESS_MAIN(TestLogStory)
#include "tst_log_story.moc"
