// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/causes.h"

#include <array>

namespace gantry::checkpoint {

namespace {

using enum Cause;
using enum Severity;

constexpr std::array<CauseInfo, kCauseCount> kTable{{
    {CriuMissing, "criu-missing", Error, "CRIU, which does the checkpoint, is not installed.",
     "Install the package criu, or name its path in GANTRY_CRIU.", "", ""},
    {CriuFails, "criu-fails", Error, "CRIU does not work on this kernel.",
     "Install a newer CRIU: 4.2.1 works on kernels up to 6.18.", "", ""},
    {NoRights, "no-rights", Error, "Gantry may not look at this process, and CRIU could not either.", "Run it as root.",
     "", ""},
    {OtherUid, "other-uid", Error,
     "CRIU may not read the resource limits of another user's process: CAP_SYS_RESOURCE is missing on this machine.",
     "Run the workload as the user of CRIU, or in a user namespace of its own.", "", "Can't get rlimit"},
    {IoUring, "io-uring", Error, "CRIU cannot save an io_uring.",
     "Turn it off in the program (Node.js: UV_USE_IO_URING=0; databases have a setting for it).", "", "Unknown shit"},
    {UnsupportedFile, "unsupported-file", Error, "CRIU cannot save a file of this kind.",
     "Close it, or end the feature that uses it, before the checkpoint.", "", "Can't dump file"},
    {Device, "device", Error, "CRIU cannot save an open device of this kind.",
     "Close it before the checkpoint; GPUs need CRIU's plugin for them.", "", "Can't dump file"},
    {DeviceMapping, "device-mapping", Error, "Memory of a device is mapped, which CRIU cannot save.",
     "Close the device before the checkpoint.", "", "Can't handle non-regular mapping"},
    {UprobesMapping, "uprobes", Warning, "A tracer (bpftrace, perf) has put probes into this process.",
     "The probes are gone after a restore: remove them first.", "allow-uprobes", "has uprobes vma"},
    {UnixStreamPeer, "unix-peer-outside", Error,
     "A UNIX stream connection leads to a process that is not part of it, and cannot be made anew at a restore.",
     "Let the program close it first (D-Bus, X11 and the journal's stdout are the usual ones), or save both ends.", "",
     "External socket is used"},
    {UnixDatagramPeer, "unix-datagram-outside", Info,
     "A datagram socket sends to a UNIX socket outside, which must be there again at a restore.", "", "ext-unix-sk",
     "External socket is used"},
    {TcpConnection, "tcp-connection", Info,
     "An established TCP connection is saved with it; it lives on only if it is restored soon, with the same address.",
     "", "tcp-established", "Connected TCP socket"},
    {TcpHandshake, "tcp-handshake", Warning, "A TCP connection is just being made: it will be dropped.", "",
     "skip-in-flight", "In-flight connection"},
    {SocketProtocol, "socket-protocol", Error, "CRIU cannot save a socket of this protocol.",
     "Close it before the checkpoint (Go programs listen by MPTCP unless GODEBUG=multipathtcp=0 is set).", "",
     "Unsupported proto"},
    {Terminal, "terminal", Warning, "It uses a terminal that belongs to a process outside.",
     "A restore needs another terminal in its place; start it without one where it is not needed.", "shell-job",
     "Found dangling tty"},
    {NotSessionLeader, "not-session-leader", Info, "Its first process does not lead its session.", "", "shell-job",
     "is not a session leader"},
    {SessionLeaderOutside, "session-outside", Error,
     "A process is in a session or process group whose leader is not part of it.",
     "Checkpoint the whole session, or start the workload with setsid.", "", "Can't find a session leader"},
    {FileLock, "file-lock", Info, "It holds locks on files.", "", "file-locks", "Some file locks are hold"},
    {DeletedFile, "deleted-file", Info, "A file that is open was deleted: its content goes into the checkpoint.", "",
     "", ""},
    {BigDeletedFile, "big-deleted-file", Info,
     "A big file that is open was deleted: its content goes into the checkpoint, while the program stands still.", "",
     "ghost-limit", "Can't dump ghost file"},
    {LinkedDeletedFile, "deleted-name", Info, "The name of an open file was deleted, but the file has another one.", "",
     "link-remap", "Can't create link"},
    {FileOutsideMounts, "file-outside", Error, "A file was opened outside of its mount namespace.",
     "Give the program a pipe instead, or let it open the file inside.", "", "Can't lookup mount"},
    {OvermountedFile, "overmounted-file", Error, "Something is mounted over an open file.",
     "Unmount it, or let the program open the file anew.", "", "Open files on overmounted mounts"},
    {InotifyOnOverlay, "inotify-overlay", Error, "It watches files of an overlay by inotify, which CRIU cannot find.",
     "Turn watching off in the program, or put the watched folder on a volume.", "", "Can't dump that handle"},
    {FuseMount, "fuse-mount", Error, "A FUSE file system is mounted in it, whose server is elsewhere.",
     "Unmount it before the checkpoint.", "", "is a fuse mount but not external"},
    {UnknownFilesystem, "unknown-filesystem", Error, "CRIU does not know this file system in a container.",
     "Unmount it before the checkpoint.", "", "unsupported id"},
    {NestedNamespace, "nested-namespace", Error, "A process inside has a namespace of its own, which CRIU cannot nest.",
     "Start it without (systemd: ProtectHostname=no, PrivateIPC=no), or checkpoint that process alone.", "",
     "Can't dump nested"},
    {PidNamespaceWithoutInit, "pid-namespace-without-init", Error,
     "It is in a pid namespace, whose first process is not part of it.", "Checkpoint the whole container.", "",
     "without the process init"},
    {Traced, "traced", Error, "A debugger or tracer is attached.", "Detach it (gdb, strace).", "", "Unseizable"},
    {Uninterruptible, "uninterruptible", Warning, "It waits for the kernel and cannot be stopped meanwhile.",
     "Often that passes in a moment; if not, the disk or network file system it waits for hangs.", "",
     "Timeout reached"},
    {NotDumpable, "not-dumpable", Error, "The process forbade that it is looked at (PR_SET_DUMPABLE).",
     "Programs that change their user must allow it again.", "", "can't dump unprivileged task"},
    {HoldsGantry, "holds-gantry", Error, "Gantry itself runs in it.", "Start Gantry elsewhere.", "",
     "The criu itself is within"},
    {OutsideTree, "outside-tree", Warning,
     "A process in it was not started by its first one (podman exec), and is not part of the checkpoint.",
     "Let it end first.", "", ""},
    {Unreadable, "unreadable", Warning, "A part of it could not be looked at.", "", "", ""},
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
