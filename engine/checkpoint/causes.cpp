// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/causes.h"

#include <array>

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::checkpoint {

namespace {

using enum Cause;
using enum Severity;
using enum Stage;

constexpr std::array<CauseInfo, kCauseCount> kTable{{
    {CriuMissing, "criu-missing", Error, GANTRY_TEXT("Causes", "CRIU, which does the checkpoint, is not installed."),
     GANTRY_TEXT("Causes", "Install the package criu, or name its path in GANTRY_CRIU."), "", ""},
    {CriuFails, "criu-fails", Error, GANTRY_TEXT("Causes", "CRIU does not work on this kernel."),
     GANTRY_TEXT("Causes", "Install a newer CRIU: 4.2.1 works on kernels up to 6.18."), "", ""},
    {NoRights, "no-rights", Error,
     GANTRY_TEXT("Causes", "Gantry may not look at this process, and CRIU could not either."),
     GANTRY_TEXT("Causes", "Run it as root."), "", ""},
    {OtherUid, "other-uid", Error,
     GANTRY_TEXT("Causes", "CRIU may not read the resource limits of another user's process: CAP_SYS_RESOURCE is "
                           "missing on this machine."),
     GANTRY_TEXT("Causes", "Run the workload as the user of CRIU, or in a user namespace of its own."), "",
     "Can't get rlimit"},
    {IoUring, "io-uring", Error, GANTRY_TEXT("Causes", "CRIU cannot save an io_uring."),
     GANTRY_TEXT("Causes", "Turn it off in the program (Node.js: UV_USE_IO_URING=0; databases have a setting for it)."),
     "", "Unknown shit"},
    {UnsupportedFile, "unsupported-file", Error, GANTRY_TEXT("Causes", "CRIU cannot save a file of this kind."),
     GANTRY_TEXT("Causes", "Close it, or end the feature that uses it, before the checkpoint."), "", "Can't dump file"},
    {Device, "device", Error, GANTRY_TEXT("Causes", "CRIU cannot save an open device of this kind."),
     GANTRY_TEXT("Causes", "Close it before the checkpoint; GPUs need CRIU's plugin for them."), "", "Can't dump file"},
    {DeviceMapping, "device-mapping", Error,
     GANTRY_TEXT("Causes", "Memory of a device is mapped, which CRIU cannot save."),
     GANTRY_TEXT("Causes", "Close the device before the checkpoint."), "", "Can't handle non-regular mapping"},
    {UprobesMapping, "uprobes", Warning,
     GANTRY_TEXT("Causes", "A tracer (bpftrace, perf) has put probes into this process."),
     GANTRY_TEXT("Causes", "The probes are gone after a restore: remove them first."), "allow-uprobes",
     "has uprobes vma"},
    {UnixStreamPeer, "unix-peer-outside", Error,
     GANTRY_TEXT(
         "Causes",
         "A UNIX stream connection leads to a process that is not part of it, and cannot be made anew at a restore."),
     GANTRY_TEXT(
         "Causes",
         "Let the program close it first (D-Bus, X11 and the journal's stdout are the usual ones), or save both ends."),
     "", "External socket is used"},
    {UnixDatagramPeer, "unix-datagram-outside", Info,
     GANTRY_TEXT("Causes", "A datagram socket sends to a UNIX socket outside, which must be there again at a restore."),
     "", "ext-unix-sk", "External socket is used"},
    {TcpConnection, "tcp-connection", Info,
     GANTRY_TEXT("Causes", "An established TCP connection is saved with it; it lives on only if it is restored soon, "
                           "with the same address."),
     "", "tcp-established", "Connected TCP socket"},
    {TcpHandshake, "tcp-handshake", Warning,
     GANTRY_TEXT("Causes", "A TCP connection is just being made: it will be dropped."), "", "skip-in-flight",
     "In-flight connection"},
    {SocketProtocol, "socket-protocol", Error, GANTRY_TEXT("Causes", "CRIU cannot save a socket of this protocol."),
     GANTRY_TEXT("Causes",
                 "Close it before the checkpoint (Go programs listen by MPTCP unless GODEBUG=multipathtcp=0 is set)."),
     "", "Unsupported proto"},
    {Terminal, "terminal", Warning, GANTRY_TEXT("Causes", "It uses a terminal that belongs to a process outside."),
     GANTRY_TEXT("Causes",
                 "A restore needs another terminal in its place; start it without one where it is not needed."),
     "shell-job", "Found dangling tty"},
    {NotSessionLeader, "not-session-leader", Info,
     GANTRY_TEXT("Causes", "Its first process does not lead its session."), "", "shell-job", "is not a session leader"},
    {SessionLeaderOutside, "session-outside", Error,
     GANTRY_TEXT("Causes", "A process is in a session or process group whose leader is not part of it."),
     GANTRY_TEXT("Causes", "Checkpoint the whole session, or start the workload with setsid."), "",
     "Can't find a session leader"},
    {SessionOutsideNamespace, "session-outside-namespace", Error,
     GANTRY_TEXT("Causes", "The leader of its session is outside of its pid namespace."),
     GANTRY_TEXT("Causes", "Start it with setsid (nsenter and unshare do not by themselves)."), "",
     "is outside of its pid namespace"},
    {FileLock, "file-lock", Info, GANTRY_TEXT("Causes", "It holds locks on files."), "", "file-locks",
     "Some file locks are hold"},
    {DeletedFile, "deleted-file", Info,
     GANTRY_TEXT("Causes", "A file that is open was deleted: its content goes into the checkpoint."), "", "", ""},
    {BigDeletedFile, "big-deleted-file", Info,
     GANTRY_TEXT(
         "Causes",
         "A big file that is open was deleted: its content goes into the checkpoint, while the program stands still."),
     "", "ghost-limit", "Can't dump ghost file"},
    {LinkedDeletedFile, "deleted-name", Warning,
     GANTRY_TEXT("Causes", "The name of an open file was deleted, but the file has another one: CRIU gives it a name "
                           "for the restore, which is there only if the program ends with the checkpoint."),
     GANTRY_TEXT("Causes", "Let it end (--stop), or let it close the file first."), "link-remap",
     "Can't create link"},
    {FileOutsideMounts, "file-outside", Error,
     GANTRY_TEXT("Causes", "A file was opened outside of its mount namespace."),
     GANTRY_TEXT("Causes", "Give the program a pipe instead, or let it open the file inside."), "",
     "Can't lookup mount"},
    {OvermountedFile, "overmounted-file", Error, GANTRY_TEXT("Causes", "Something is mounted over an open file."),
     GANTRY_TEXT("Causes", "Unmount it, or let the program open the file anew."), "",
     "Open files on overmounted mounts"},
    {InotifyOnOverlay, "inotify-overlay", Error,
     GANTRY_TEXT("Causes", "It watches files of an overlay by inotify, which CRIU cannot find."),
     GANTRY_TEXT("Causes", "Turn watching off in the program, or put the watched folder on a volume."), "",
     "Can't dump that handle"},
    {FuseMount, "fuse-mount", Error,
     GANTRY_TEXT("Causes", "A FUSE file system is mounted in it, whose server is elsewhere."),
     GANTRY_TEXT("Causes", "Unmount it before the checkpoint."), "", "is a fuse mount but not external"},
    {UnknownFilesystem, "unknown-filesystem", Error,
     GANTRY_TEXT("Causes", "CRIU does not know this file system in a container."),
     GANTRY_TEXT("Causes", "Unmount it before the checkpoint."), "", "unsupported id"},
    {NestedNamespace, "nested-namespace", Error,
     GANTRY_TEXT("Causes", "A process inside has a namespace of its own, which CRIU cannot nest."),
     GANTRY_TEXT("Causes",
                 "Start it without (systemd: ProtectHostname=no, PrivateIPC=no), or checkpoint that process alone."),
     "", "Can't dump nested"},
    {PidNamespaceWithoutInit, "pid-namespace-without-init", Error,
     GANTRY_TEXT("Causes", "It is in a pid namespace, whose first process is not part of it."),
     GANTRY_TEXT("Causes", "Checkpoint the whole container."), "", "without the process init"},
    {Traced, "traced", Error, GANTRY_TEXT("Causes", "A debugger or tracer is attached."),
     GANTRY_TEXT("Causes", "Detach it (gdb, strace)."), "", "Unseizable"},
    {Uninterruptible, "uninterruptible", Warning,
     GANTRY_TEXT("Causes", "It waits for the kernel and cannot be stopped meanwhile."),
     GANTRY_TEXT("Causes",
                 "Often that passes in a moment; if not, the disk or network file system it waits for hangs."),
     "", "Timeout reached"},
    {NotDumpable, "not-dumpable", Error,
     GANTRY_TEXT("Causes", "The process forbade that it is looked at (PR_SET_DUMPABLE)."),
     GANTRY_TEXT("Causes", "Programs that change their user must allow it again."), "", "can't dump unprivileged task"},
    {HoldsGantry, "holds-gantry", Error, GANTRY_TEXT("Causes", "Gantry itself runs in it."),
     GANTRY_TEXT("Causes", "Start Gantry elsewhere."), "", "The criu itself is within"},
    {OutsideTree, "outside-tree", Warning,
     GANTRY_TEXT("Causes",
                 "A process in it was not started by its first one (podman exec), and is not part of the checkpoint."),
     GANTRY_TEXT("Causes", "Let it end first."), "", ""},
    {Unreadable, "unreadable", Warning, GANTRY_TEXT("Causes", "A part of it could not be looked at."), "", "", ""},
    {HostSharedMemory, "host-shared-memory", Error,
     GANTRY_TEXT("Causes", "System V shared memory is attached that belongs to the whole host."),
     GANTRY_TEXT("Causes", "Run the workload in an IPC namespace of its own, as a container has."), "",
     "doesn't live in IPC ns"},
    {UnixNamelessPeer, "unix-nameless-peer", Error,
     GANTRY_TEXT("Causes", "A datagram socket is connected to one outside that has no name to find it by."),
     GANTRY_TEXT("Causes", "Let the program close it first, or save both ends."), "",
     "Can't dump name-less external socket"},
    {LeaderGone, "leader-gone", Error, GANTRY_TEXT("Causes", "Its first thread has ended while others run on."),
     GANTRY_TEXT("Causes", "Programs that end their main thread cannot be saved: let it wait for the others instead."),
     "", "Zombies with threads"},
    {EventSemaphore, "eventfd-semaphore", Warning,
     GANTRY_TEXT("Causes", "An eventfd counts down by one at each read (EFD_SEMAPHORE), which CRIU does not know."),
     GANTRY_TEXT("Causes", "After a restore a read takes the whole count: let the program make it anew."), "", ""},
    {DueTimer, "timerfd-due", Warning,
     GANTRY_TEXT("Causes", "A timerfd has fired and was not read yet: CRIU restores it without its next times."),
     GANTRY_TEXT("Causes", "Try again: it passes as soon as the program reads it."), "", ""},
    {UserNamespace, "user-namespace", Error,
     GANTRY_TEXT("Causes", "It has a user namespace of its own, but not a pid namespace and a root of its own as well: "
                           "the kernel does not let CRIU save or restore that."),
     GANTRY_TEXT("Causes", "Start it as a container is: with all namespaces, and a root folder of its own."), "",
     "Unable to open the proc file system"},
    {SilentProgram, "silent-program", Warning,
     GANTRY_TEXT("Causes", "A program that wants to be told before a checkpoint was not ready in time: it was saved "
                           "wherever it was."),
     GANTRY_TEXT("Causes", "It has to answer \"ready\" within 2 s, or first \"wait SECONDS\" for up to 10 s."), "", ""},
    {SocketBusy, "socket-busy", Error,
     GANTRY_TEXT("Causes", "Just then a socket held something on its way that CRIU cannot save."),
     GANTRY_TEXT("Causes", "Try again: it passes as soon as the program reads or sends."), "",
     "Can't dump corked dgram socket", Checkpoint},
    {HostMount, "host-mount", Error,
     GANTRY_TEXT("Causes", "A mount comes from the host, and CRIU was not told what to put in its place."),
     GANTRY_TEXT("Causes", "Let the container's own runtime make the checkpoint: it tells CRIU of its mounts."), "",
     "has unreachable sharing", Checkpoint},
    {StoppedThreads, "stopped-threads", Error,
     GANTRY_TEXT("Causes", "Some of its threads stand still while the others run."),
     GANTRY_TEXT("Causes", "Let it go on (SIGCONT), or detach the debugger that stopped them."), "",
     "Individually stopped threads", Checkpoint},
    {NoDirtyTracking, "no-dirty-tracking", Error,
     GANTRY_TEXT("Causes", "This kernel cannot tell which memory has changed, which a checkpoint in rounds needs."),
     GANTRY_TEXT("Causes", "Make a whole checkpoint instead, or use a kernel with CONFIG_MEM_SOFT_DIRTY."), "",
     "Tracking memory is not available", Checkpoint},
    {NetworkLock, "network-lock", Error,
     GANTRY_TEXT("Causes", "CRIU could not hold back the network meanwhile, or save what is set up in it."),
     GANTRY_TEXT("Causes", "Install the tools it calls on this host: iptables or nftables, and ip."), "",
     "Locking network failed", Checkpoint},
    {DiskFull, "disk-full", Error, GANTRY_TEXT("Causes", "There was no room for it on the disk."),
     GANTRY_TEXT("Causes", "Make room where checkpoints are kept, or keep fewer of them."), "",
     "No space left on device", Checkpoint},
    {CriuBug, "criu-bug", Error, GANTRY_TEXT("Causes", "CRIU gave up over an error of its own."),
     GANTRY_TEXT("Causes", "Install a newer CRIU; if it stays, report it there with this log."), "", "BUG at",
     Checkpoint},
    {DamagedCheckpoint, "damaged-checkpoint", Error,
     GANTRY_TEXT("Causes", "Files of the checkpoint are missing or damaged, or another version of CRIU wrote them."),
     GANTRY_TEXT("Causes",
                 "Restore another checkpoint, or use the version of CRIU that made this one, or a newer one."),
     "", "Magic doesn't match", Restore},
    {PidTaken, "pid-taken", Error,
     GANTRY_TEXT("Causes", "Another process, session or thread has a number that this one needs again."),
     GANTRY_TEXT("Causes", "End that process, or restore into a pid namespace of its own. One that has ended keeps its "
                           "number until its parent asks for it."),
     "", "Can't fork for", Restore},
    {FileMissing, "file-missing", Error,
     GANTRY_TEXT("Causes", "A file that was open at the checkpoint is not there any more."),
     GANTRY_TEXT("Causes", "Put it back, or restore the checkpoint with its files."), "", "Can't open file", Restore},
    {FileChanged, "file-changed", Error,
     GANTRY_TEXT("Causes", "A file that was open at the checkpoint is not the same any more."),
     GANTRY_TEXT("Causes", "Put back the one of that time (a log that grew: cut it to its old size), or restore the "
                           "checkpoint with its files."),
     "", "has bad size", Restore},
    {AddressMissing, "address-missing", Error,
     GANTRY_TEXT("Causes", "A socket needs an address that this host or network namespace does not have."),
     GANTRY_TEXT("Causes", "Give the interface its old address, or restore without connections (tcp-close)."), "",
     "Can't connect inet socket back", Restore},
    {AddressTaken, "address-taken", Error, GANTRY_TEXT("Causes", "Another program uses the port of a socket."),
     GANTRY_TEXT("Causes", "End it, or restore into a network namespace of its own."), "", "Can't listen on a socket",
     Restore},
    {UnixPeerMissing, "unix-peer-missing", Error,
     GANTRY_TEXT("Causes", "The UNIX socket outside that it was connected to is not there."),
     GANTRY_TEXT("Causes", "Start the program that has it (journald, D-Bus) first."), "",
     "External socket found in image", Restore},
    {MountMissing, "mount-missing", Error,
     GANTRY_TEXT("Causes", "A file system or folder that was mounted in it cannot be mounted again."),
     GANTRY_TEXT("Causes", "Bring back what was mounted there, or let the container's own runtime restore it."), "",
     "--root option is required to restore a mount namespace", Restore},
    {CgroupRefused, "cgroup-refused", Error,
     GANTRY_TEXT("Causes", "Its cgroup could not be made again as it was: another host has other controllers."),
     GANTRY_TEXT("Causes", "Let the runtime make the cgroup and CRIU leave it alone (manage-cgroups ignore)."), "",
     "Cgroup dir", Restore},
    {OtherCpu, "other-cpu", Error,
     GANTRY_TEXT("Causes", "The processor lacks something that the program found when it started."),
     GANTRY_TEXT("Causes", "Restore it on a machine with the same processor or a newer one of its maker."), "",
     "FPU feature required by image", Restore},
}};

constexpr bool inOrder()
{
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].cause) != i)
            return false;
    }
    return true;
}
static_assert(inOrder(), "kTable is indexed by Cause");

} // namespace

std::span<const CauseInfo, kCauseCount> causeTable()
{
    return kTable;
}

const CauseInfo &causeInfo(Cause cause)
{
    return kTable[static_cast<std::size_t>(cause)];
}

} // namespace gantry::checkpoint
