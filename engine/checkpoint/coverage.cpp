// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/coverage.h"

#include <array>

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::checkpoint {

namespace {

using enum Outcome;

constexpr std::array kTable{
    CoverageRow{"process", GANTRY_TEXT("Coverage", "A process: memory, registers, working directory")},
    CoverageRow{"attributes", GANTRY_TEXT("Coverage", "Limits, niceness, processors, name, umask")},
    CoverageRow{"tree", GANTRY_TEXT("Coverage", "A tree of processes")},
    CoverageRow{"sessions", GANTRY_TEXT("Coverage", "Sessions and process groups")},
    CoverageRow{"zombies", GANTRY_TEXT("Coverage", "Zombies, with how they ended")},
    CoverageRow{"stopped", GANTRY_TEXT("Coverage", "A process that is stopped (SIGSTOP)")},
    CoverageRow{"threads", GANTRY_TEXT("Coverage", "Threads")},
    CoverageRow{"rseq", GANTRY_TEXT("Coverage", "Restartable sequences (rseq)")},
    CoverageRow{"seccomp", GANTRY_TEXT("Coverage", "A seccomp filter")},
    CoverageRow{"shared-memory", GANTRY_TEXT("Coverage", "Shared memory without a name")},
    CoverageRow{"memfd", GANTRY_TEXT("Coverage", "memfd, with its seals")},
    CoverageRow{"huge-pages", GANTRY_TEXT("Coverage", "Huge pages, private and shared")},
    CoverageRow{"huge-memfd", GANTRY_TEXT("Coverage", "memfd of huge pages")},
    CoverageRow{"mapped-file", GANTRY_TEXT("Coverage", "Mapped files, private and shared")},
    CoverageRow{"protections", GANTRY_TEXT("Coverage", "What may be done with memory (mprotect, madvise)")},
    CoverageRow{"file", GANTRY_TEXT("Coverage", "Open files: position, flags, copies")},
    CoverageRow{"deleted-file", GANTRY_TEXT("Coverage", "Deleted files, with what is in them")},
    CoverageRow{"big-deleted-file", GANTRY_TEXT("Coverage", "Big deleted files")},
    CoverageRow{"deleted-name", GANTRY_TEXT("Coverage", "Files that have another name by now, where the program ends"),
                Saved, Cause::LinkedDeletedFile},
    CoverageRow{"appended-file", GANTRY_TEXT("Coverage", "Files that are appended to")},
    CoverageRow{"file-locks", GANTRY_TEXT("Coverage", "File locks: flock, POSIX, of an open file description")},
    CoverageRow{"pipe", GANTRY_TEXT("Coverage", "Pipes, with what is in them")},
    CoverageRow{"fifo", GANTRY_TEXT("Coverage", "FIFOs, with what is in them")},
    CoverageRow{"socketpair", GANTRY_TEXT("Coverage", "Socket pairs, with what is in them")},
    CoverageRow{"unix-sockets", GANTRY_TEXT("Coverage", "UNIX sockets: listening, and connections inside")},
    CoverageRow{"descriptor-sent", GANTRY_TEXT("Coverage", "A descriptor on its way through a UNIX socket")},
    CoverageRow{"pty", GANTRY_TEXT("Coverage", "Pseudo terminals with a session")},
    CoverageRow{"udp", GANTRY_TEXT("Coverage", "UDP sockets, in a network namespace")},
    CoverageRow{"tcp-listening", GANTRY_TEXT("Coverage", "Listening TCP sockets")},
    CoverageRow{"tcp", GANTRY_TEXT("Coverage", "TCP connections inside, in a network namespace")},
    CoverageRow{"tcp-half-closed", GANTRY_TEXT("Coverage", "TCP connections that one end has closed")},
    CoverageRow{"tcp-host-net", GANTRY_TEXT("Coverage", "TCP connections inside, in the host's network")},
    CoverageRow{"signals-pending", GANTRY_TEXT("Coverage", "Signals that wait")},
    CoverageRow{"signal-handlers", GANTRY_TEXT("Coverage", "Signal handlers, masks, alternate stack")},
    CoverageRow{"itimer", GANTRY_TEXT("Coverage", "Interval timers (setitimer)")},
    CoverageRow{"posix-timers", GANTRY_TEXT("Coverage", "POSIX timers")},
    CoverageRow{"timerfd", GANTRY_TEXT("Coverage", "timerfd")},
    CoverageRow{"timerfd-due", GANTRY_TEXT("Coverage", "timerfd that has fired and was not read"), Lost,
                Cause::DueTimer},
    CoverageRow{"eventfd", GANTRY_TEXT("Coverage", "eventfd")},
    CoverageRow{"eventfd-semaphore", GANTRY_TEXT("Coverage", "eventfd as a semaphore"), Lost, Cause::EventSemaphore},
    CoverageRow{"epoll", GANTRY_TEXT("Coverage", "epoll")},
    CoverageRow{"inotify", GANTRY_TEXT("Coverage", "inotify")},
    CoverageRow{"signalfd", GANTRY_TEXT("Coverage", "signalfd")},
    CoverageRow{"pidfd", GANTRY_TEXT("Coverage", "pidfd")},
    CoverageRow{"sysv-ipc", GANTRY_TEXT("Coverage", "System V IPC in an IPC namespace")},
    CoverageRow{"posix-ipc", GANTRY_TEXT("Coverage", "POSIX shared memory and semaphores")},
    CoverageRow{"message-queue", GANTRY_TEXT("Coverage", "POSIX message queues"), Refused, Cause::UnsupportedFile},
    CoverageRow{"pid-namespace", GANTRY_TEXT("Coverage", "A pid namespace")},
    CoverageRow{"mount-namespace", GANTRY_TEXT("Coverage", "A mount namespace")},
    CoverageRow{"uts-namespace", GANTRY_TEXT("Coverage", "A UTS namespace")},
    CoverageRow{"net-namespace", GANTRY_TEXT("Coverage", "A network namespace")},
    CoverageRow{"user-namespace", GANTRY_TEXT("Coverage", "A user namespace alone"), Refused, Cause::UserNamespace},
    CoverageRow{"time-namespace", GANTRY_TEXT("Coverage", "A time namespace")},
    CoverageRow{"container", GANTRY_TEXT("Coverage", "All of a container's namespaces at once")},
    CoverageRow{"user-container", GANTRY_TEXT("Coverage", "All of them and a user namespace, with the host's root"),
                Refused, Cause::UserNamespace},
};

constexpr std::array kPrograms{
    CoverageRow{"redis", "redis"},
    CoverageRow{"nginx", "nginx"},
    CoverageRow{"postgresql", "PostgreSQL"},
    CoverageRow{"python", "Python"},
    CoverageRow{"java", GANTRY_TEXT("Coverage", "A Java virtual machine")},
};

} // namespace

std::span<const CoverageRow> coverageTable()
{
    return kTable;
}

std::span<const CoverageRow> programTable()
{
    return kPrograms;
}

} // namespace gantry::checkpoint
