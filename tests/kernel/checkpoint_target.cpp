// SPDX-License-Identifier: GPL-3.0-or-later
// A process that has one thing CRIU can save, or cannot: checkpoint_target CASE. Says "ready" on standard output, puts
// /dev/null in its place and waits for ever. No sanitizers: their books are mapped memory, too.
#include "tests/kernel/busy_memory.h"
#include "tests/kernel/tcp_talk.h"
#include "tests/kernel/told_program.h"
#include "tests/kernel/written_memory.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/perf_event.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr std::size_t kBig = std::size_t{3} << 20;

[[noreturn]] void fail(const char *what)
{
    std::fprintf(stderr, "checkpoint_target: %s: %s\n", what, std::strerror(errno));
    std::_Exit(1);
}

int must(long result, const char *what)
{
    if (result < 0)
        fail(what);
    return static_cast<int>(result);
}

[[noreturn]] void rest()
{
    while (true)
        ::pause();
}

/// A name in the working directory, which is the test's own.
std::string scratch()
{
    std::array<char, 4'096> folder{};
    if (::getcwd(folder.data(), folder.size()) == nullptr)
        fail("getcwd");
    return std::string(folder.data()) + "/target";
}

/// The end of a pipe that says that all is done, and the one that waits for it.
void tell(const int (&ends)[2])
{
    must(::write(ends[1], "x", 1), "write");
    ::close(ends[0]);
    ::close(ends[1]);
}
void hear(const int (&ends)[2])
{
    char byte = 0;
    if (::read(ends[0], &byte, 1) != 1)
        std::_Exit(1);
    ::close(ends[0]);
    ::close(ends[1]);
}

/// A child that does that and then waits. Returns when it said that it is done.
pid_t child(const std::function<void()> &body)
{
    int ends[2];
    must(::pipe2(ends, O_CLOEXEC), "pipe");
    const pid_t pid = must(::fork(), "fork");
    if (pid == 0) {
        body();
        tell(ends);
        rest();
    }
    hear(ends);
    return pid;
}

/// Puts another process's end of something outside of this tree: a child that leaves the tree by a double fork.
void outside(const std::function<void()> &body)
{
    int ends[2];
    must(::pipe2(ends, O_CLOEXEC), "pipe");
    const pid_t pid = must(::fork(), "fork");
    if (pid == 0) {
        if (must(::fork(), "fork") != 0)
            std::_Exit(0);
        must(::setsid(), "setsid");
        body();
        ::dup2(::open("/dev/null", O_RDWR | O_CLOEXEC), 1);
        tell(ends);
        ::alarm(60); // nobody else ends it
        rest();
    }
    ::waitpid(pid, nullptr, 0);
    hear(ends);
}

void deleted(std::size_t size, bool linked)
{
    const std::string name = scratch();
    const int fd = must(::open(name.c_str(), O_RDWR | O_CREAT, 0600), "open");
    const std::string data(size, 'x'); // CRIU counts blocks that are there
    must(::write(fd, data.data(), data.size()), "write");
    if (linked)
        must(::link(name.c_str(), (name + "-too").c_str()), "link");
    must(::unlink(name.c_str()), "unlink");
}

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int listener(int protocol, std::uint16_t &port)
{
    const int fd = must(::socket(AF_INET, SOCK_STREAM, protocol), "socket");
    sockaddr_in address = loopback(0);
    must(::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), "bind");
    must(::listen(fd, 4), "listen");
    socklen_t size = sizeof address;
    must(::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size), "getsockname");
    port = ntohs(address.sin_port);
    return fd;
}

void connectTo(std::uint16_t port)
{
    const int fd = must(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    sockaddr_in address = loopback(port);
    must(::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), "connect");
}

sockaddr_un unixName(const char *suffix)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s%s", scratch().c_str(), suffix);
    return address;
}

/// Connected to a socket that a process outside holds.
void unixOutside(int type)
{
    sockaddr_un address = unixName("-sock");
    outside([&] {
        const int fd = must(::socket(AF_UNIX, type, 0), "socket");
        must(::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), "bind");
        if (type != SOCK_DGRAM)
            must(::listen(fd, 4), "listen");
        if (type != SOCK_DGRAM && must(::fork(), "fork") == 0) {
            ::alarm(60);
            must(::accept(fd, nullptr, nullptr), "accept");
            rest();
        }
    });
    const int fd = must(::socket(AF_UNIX, type, 0), "socket");
    must(::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), "connect");
    ::usleep(200'000); // accepted by then
}

void own(int space)
{
    child([space] {
        must(::unshare(space), "unshare");
        if (space == CLONE_NEWPID)
            child([] {});
    });
}

/// One end of a pair of datagram sockets is another process's.
void namelessOutside()
{
    int ends[2];
    must(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), "socketpair");
    outside([&] { ::close(ends[0]); });
    ::close(ends[1]);
}

/// The main thread ends, and another one stays.
[[noreturn]] void endMainThread()
{
    std::thread([] { rest(); }).detach();
    ::pthread_exit(nullptr);
}

/// Waits for the child as the kernel makes vfork(2) wait: it cannot be stopped meanwhile.
[[noreturn]] void waitInVfork()
{
    if (::vfork() == 0) // NOLINT(clang-analyzer-security.insecureAPI.vfork)
        rest();
    std::_Exit(1);
}

void traced()
{
    const pid_t self = ::getpid();
    (void)::prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); // where Yama asks for it
    // The end of the child between would stop it for a tracer that never lets it go on.
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    must(::sigprocmask(SIG_BLOCK, &children, nullptr), "sigprocmask");
    outside([self] { must(::ptrace(PTRACE_SEIZE, self, nullptr, nullptr), "ptrace"); });
}

/// A file that was opened in another mount namespace than the program runs in.
void fileOutside(const char *self)
{
    if (std::getenv("SECOND") != nullptr)
        return;
    must(::open("/etc/passwd", O_RDONLY), "open");
    must(::unshare(CLONE_NEWNS), "unshare");
    ::setenv("SECOND", "1", 1);
    ::execl(self, self, "file-outside", nullptr);
    fail("exec");
}

/// What only its memory knows.
struct Memory
{
    long secret = 0;
    std::vector<char> bytes;
};
Memory memory;
std::atomic<bool> asked = false;

void learn()
{
    memory.secret = static_cast<long>(::getpid()) * 7'919 + ::time(nullptr);
    memory.bytes.resize(std::size_t{8} << 20);
    auto random = static_cast<unsigned long>(memory.secret); // so that no page is like another
    for (char &byte : memory.bytes) {
        random = random * 6'364'136'223'846'793'005UL + 1'442'695'040'888'963'407UL;
        byte = static_cast<char>(random >> 56);
    }
    ::signal(SIGUSR1, [](int) { asked = true; });
    ::signal(SIGUSR2, [](int) { std::_Exit(0); });
}

int logFile = -1;

/// Writes each count into it, at its end but not with O_APPEND, as ">" in a shell does; and reads it, as tail(1) does.
void openLog()
{
    logFile = must(::open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600), "open");
    must(::open("log", O_RDONLY), "open");
    learn();
}

/// A file that is written in its midst, as a data base does.
void openData()
{
    const int fd = must(::open("data", O_RDWR | O_CREAT | O_TRUNC, 0600), "open");
    must(::ftruncate(fd, 8'192), "ftruncate");
    must(::lseek(fd, 4'096, SEEK_SET), "lseek");
    learn();
}

int server = -1;

/// Takes every connection to the port that it writes into the file "port", and keeps it.
void openServer()
{
    server = must(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    must(::bind(server, reinterpret_cast<const sockaddr *>(&address), size), "bind");
    must(::listen(server, 8), "listen");
    must(::getsockname(server, reinterpret_cast<sockaddr *>(&address), &size), "getsockname");
    const int file = must(::open("port", O_WRONLY | O_CREAT | O_TRUNC, 0600), "open");
    must(::dprintf(file, "%d", ntohs(address.sin_port)), "dprintf");
    ::close(file);
    learn();
}

std::atomic<long> counted = 0;

/// Counts, and tells what it has in memory in the file "answer" each time it gets SIGUSR1. SIGUSR2 ends it well.
[[noreturn]] void remember()
{
    for (long count = 0;; ++count) {
        counted = count; // in memory, not in a register alone: it is a page that changes
        if (logFile >= 0)
            must(::dprintf(logFile, "%ld\n", count), "dprintf");
        if (server >= 0)
            (void)::accept(server, nullptr, nullptr); // most times there is none
        if (asked.exchange(false)) {
            long sum = 0;
            for (const char byte : memory.bytes)
                sum += byte;
            std::FILE *file = std::fopen("answer.new", "w");
            if (file == nullptr)
                fail("fopen");
            std::fprintf(file, "%ld %ld %ld\n", memory.secret, sum, count);
            std::fclose(file);
            must(std::rename("answer.new", "answer"), "rename");
        }
        ::usleep(2'000);
    }
}

/// Waits for ever, as the case wants it.
[[noreturn]] void finish(std::string_view name)
{
    if (name == "remember" || name == "log" || name == "data" || name == "server")
        remember();
    if (name == "busy-memory")
        gantry::test::useMemory();
    if (name == "tcp-talk" || name == "tcp-talk-apart")
        gantry::test::talkToSelf();
    if (name.starts_with("told"))
        gantry::test::listenTold(name);
    if (name == "write-memory")
        gantry::test::writeMemory();
    if (name == "leader-gone")
        endMainThread();
    if (name == "vforked")
        waitInVfork();
    rest();
}

using Case = std::function<void()>; ///< empty: what finish() does is the case
std::map<std::string_view, Case> cases(const char *self)
{
    static std::uint16_t port = 0;
    return {
        {"plain", [] {}},
        {"no-session", [] {}},
        {"remember", [] { learn(); }}, // and remember(), once its output is /dev/null
        {"log", openLog},   // and remember(), so for the next
        {"data", openData},
        {"server", openServer},
        {"busy-memory", [] { gantry::test::fillMemory(); }}, // and useMemory()
        {"write-memory", [] { gantry::test::fillWrittenMemory(); }}, // and writeMemory()
        {"eventfd", [] { must(::eventfd(1, 0), "eventfd"); }},
        {"timerfd", [] { must(::timerfd_create(CLOCK_MONOTONIC, 0), "timerfd"); }},
        {"epoll",
         [] {
             const int fd = must(::epoll_create1(0), "epoll");
             epoll_event event{.events = EPOLLIN, .data = {}};
             must(::epoll_ctl(fd, EPOLL_CTL_ADD, must(::eventfd(0, 0), "eventfd"), &event), "epoll_ctl");
         }},
        {"signalfd",
         [] {
             sigset_t set;
             ::sigemptyset(&set);
             must(::signalfd(-1, &set, 0), "signalfd");
         }},
        {"inotify", [] { must(::inotify_add_watch(must(::inotify_init1(0), "inotify"), "/etc", IN_CREATE), "watch"); }},
        {"memfd", [] { must(::ftruncate(must(::memfd_create("m", 0), "memfd"), 4'096), "ftruncate"); }},
        {"shared-memory", [] { ::mmap(nullptr, 8'192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0); }},
        {"pipe",
         [] {
             int ends[2];
             must(::pipe(ends), "pipe");
             must(::write(ends[1], "x", 1), "write");
         }},
        {"fifo",
         [] {
             must(::mkfifo(scratch().c_str(), 0600), "mkfifo");
             must(::open(scratch().c_str(), O_RDWR), "open");
         }},
        {"socketpair",
         [] {
             int ends[2];
             must(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
         }},
        {"unix-listening",
         [] {
             sockaddr_un address = unixName("-own");
             const int fd = must(::socket(AF_UNIX, SOCK_STREAM, 0), "socket");
             must(::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), "bind");
             must(::listen(fd, 4), "listen");
         }},
        {"udp", [] { must(::socket(AF_INET, SOCK_DGRAM, 0), "socket"); }},
        {"netlink", [] { must(::socket(AF_NETLINK, SOCK_RAW, 0), "socket"); }},
        {"packet", [] { must(::socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), "socket"); }},
        {"tcp-listening", [] { listener(0, port); }},
        {"tcp-inside",
         [] {
             const int fd = listener(0, port);
             connectTo(port);
             must(::accept(fd, nullptr, nullptr), "accept");
         }},
        {"tcp-talk", [] { must(gantry::test::connectToSelf(false) ? 0 : -1, "connect"); }}, // and talkToSelf()
        {"tcp-talk-apart", [] { must(gantry::test::connectToSelf(true) ? 0 : -1, "connect"); }},
        {"told", [] { must(gantry::test::bindTold() ? 0 : -1, "bind"); }}, // and listenTold(), so for the next two
        {"told-waits", [] { must(gantry::test::bindTold() ? 0 : -1, "bind"); }},
        {"told-silent", [] { must(gantry::test::bindTold() ? 0 : -1, "bind"); }},
        {"tcp-outside",
         [] {
             auto *shared = static_cast<std::uint16_t *>(
                 ::mmap(nullptr, 4'096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
             outside([shared] { listener(0, *shared); });
             connectTo(*shared);
             ::munmap(shared, 4'096);
         }},
        {"tcp-pending",
         [] {
             auto *shared = static_cast<std::uint16_t *>(
                 ::mmap(nullptr, 4'096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
             listener(0, *shared);
             outside([shared] { connectTo(*shared); });
             ::munmap(shared, 4'096);
         }},
        {"mptcp", [] { listener(262 /* IPPROTO_MPTCP */, port); }},
        {"vsock", [] { must(::socket(AF_VSOCK, SOCK_STREAM, 0), "socket"); }},
        {"unix-stream-outside", [] { unixOutside(SOCK_STREAM); }},
        {"unix-datagram-outside", [] { unixOutside(SOCK_DGRAM); }},
        {"threads", [] { std::thread([] { rest(); }).detach(); }},
        {"children", [] { child([] { child([] {}); }); }},
        {"zombie",
         [] {
             if (must(::fork(), "fork") == 0)
                 std::_Exit(3);
             ::usleep(50'000);
         }},
        {"session-inside", [] { child([] { must(::setsid(), "setsid"); }); }},
        {"file-lock",
         [] { must(::flock(must(::open(scratch().c_str(), O_RDWR | O_CREAT, 0600), "open"), LOCK_EX), "flock"); }},
        {"deleted-small", [] { deleted(4'096, false); }},
        {"deleted-big", [] { deleted(kBig, false); }},
        {"deleted-linked", [] { deleted(4'096, true); }},
        {"device-null", [] { must(::open("/dev/zero", O_RDWR), "open"); }},
        {"device-fuse", [] { must(::open("/dev/fuse", O_RDWR), "open"); }},
        {"io-uring",
         [] {
             std::array<char, 256> parameters{};
             must(::syscall(SYS_io_uring_setup, 4, parameters.data()), "io_uring");
         }},
        {"userfaultfd", [] { must(::syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */), "userfaultfd"); }},
        {"perf",
         [] {
             perf_event_attr attributes{};
             attributes.size = sizeof attributes;
             attributes.type = PERF_TYPE_SOFTWARE;
             attributes.config = PERF_COUNT_SW_TASK_CLOCK;
             must(::syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0), "perf_event_open");
         }},
        {"own-uts", [] { own(CLONE_NEWUTS); }},
        {"own-ipc", [] { own(CLONE_NEWIPC); }},
        {"own-pid", [] { own(CLONE_NEWPID); }},
        {"own-user", [] { own(CLONE_NEWUSER); }},
        {"own-time",
         [] {
             child([] {
                 must(::unshare(CLONE_NEWTIME), "unshare"); // holds for children only
                 child([] {});
             });
         }},
        {"pid-namespace",
         [] {
             child([] {
                 must(::unshare(CLONE_NEWPID), "unshare");
                 child([] {});
                 child([] { must(::setsid(), "setsid"); });
             });
         }},
        {"unix-nameless-outside", [] { namelessOutside(); }},
        {"unix-packets-outside", [] { unixOutside(SOCK_SEQPACKET); }},
        {"io-uring-mapped",
         [] {
             std::array<char, 256> parameters{};
             const int fd = must(::syscall(SYS_io_uring_setup, 4, parameters.data()), "io_uring");
             if (::mmap(nullptr, 4'096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == reinterpret_cast<void *>(-1))
                 fail("mmap");
         }},
        {"file-open",
         [] {
             const int fd = must(::open(scratch().c_str(), O_RDWR | O_CREAT, 0600), "open");
             must(::write(fd, "hello", 5), "write");
         }},
        {"leader-gone", nullptr}, // see finish()
        {"vforked", nullptr},
        {"own-net", [] { own(CLONE_NEWNET); }},
        {"sysv-shared-memory",
         [] {
             const int id = must(::shmget(IPC_PRIVATE, 4'096, 0600), "shmget");
             void *memory = ::shmat(id, nullptr, 0);
             (void)::shmctl(id, IPC_RMID, nullptr); // it goes with the last process
             if (memory == reinterpret_cast<void *>(-1))
                 fail("shmat");
         }},
        {"traced", [] { traced(); }},
        {"child-traced", [] { child([] { traced(); }); }},
        {"other-uid", [] { must(::setresuid(65'534, 65'534, 65'534), "setresuid"); }},
        {"file-outside", [self] { fileOutside(self); }},
    };
}

} // namespace

int main(int argc, char **argv)
{
    const auto all = cases(argv[0]);
    if (argc != 2 || !all.contains(argv[1])) {
        for (const auto &[name, body] : all)
            std::printf("%s\n", std::string(name).c_str());
        return argc == 1 ? 0 : 2;
    }
    if (std::getenv("SECOND") == nullptr && std::string_view(argv[1]) != "no-session")
        ::setsid();
    if (const Case &body = all.at(argv[1]); body)
        body();
    if (::write(1, "ready\n", 6) != 6)
        return 1;
    const int null = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2})
        ::dup2(null, fd);
    if (null > 2)
        ::close(null);
    finish(argv[1]);
}
