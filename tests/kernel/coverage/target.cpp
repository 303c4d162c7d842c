// SPDX-License-Identifier: GPL-3.0-or-later
// coverage_target KIND: makes the namespaces of this kind, prints the pid of its first process in the one it was
// started from, ends, and leaves that process, which says "ready" and answers each SIGUSR1 in the file "answer".
#include "tests/kernel/coverage/target.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::coverage {

void Report::add(std::string_view line)
{
    m_text += m_text.empty() ? "" : "; ";
    m_text += line;
}

void Report::same(std::string_view what, std::int64_t is, std::int64_t was)
{
    if (is != was)
        add(std::string(what) + " is " + std::to_string(is) + ", and was " + std::to_string(was));
}

void Report::same(std::string_view what, std::string_view is, std::string_view was)
{
    if (is != was)
        add(std::string(what) + " is other (" + std::to_string(is.size()) + " bytes, and was " +
            std::to_string(was.size()) + ")");
}

void Report::holds(std::string_view what, bool holds)
{
    if (!holds)
        add("not so: " + std::string(what));
}

std::int64_t Report::call(std::string_view what, std::int64_t result)
{
    if (result < 0)
        add(std::string(what) + ": " + std::strerror(errno));
    return result;
}

std::int64_t must(std::int64_t result, const char *what)
{
    if (result < 0) {
        std::fprintf(stderr, "coverage_target: %s: %s\n", what, std::strerror(errno));
        std::_Exit(1);
    }
    return result;
}

void rest()
{
    while (true)
        ::pause();
}

std::string scratch(std::string_view name)
{
    std::array<char, 4'096> folder{};
    must(::getcwd(folder.data(), folder.size()) == nullptr ? -1 : 0, "getcwd");
    return std::string(folder.data()) + "/" + std::string(name);
}

std::string contentOf(const std::string &path)
{
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
}

std::string randomBytes(std::size_t size)
{
    std::string out(size, '\0');
    for (std::size_t done = 0; done < size;)
        done += static_cast<std::size_t>(must(::getrandom(out.data() + done, size - done, 0), "getrandom"));
    return out;
}

bool hasInput(int fd, int patience)
{
    pollfd wait{fd, POLLIN, 0};
    return ::poll(&wait, 1, patience) == 1 && (wait.revents & POLLIN) != 0;
}

std::string readSome(int fd, std::size_t most, int patience)
{
    if (!hasInput(fd, patience))
        return {};
    std::string out(most, '\0');
    const ssize_t got = ::read(fd, out.data(), out.size());
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
}

Child::Child(const Answer &answer)
{
    int to[2];
    int from[2];
    must(::pipe2(to, O_CLOEXEC), "pipe");
    must(::pipe2(from, O_CLOEXEC), "pipe");
    m_pid = static_cast<pid_t>(must(::fork(), "fork"));
    if (m_pid == 0) {
        closeOutput();
        ::close(to[1]);
        ::close(from[0]);
        std::int64_t question = 0;
        while (::read(to[0], &question, sizeof question) == sizeof question) {
            const std::int64_t said = answer(question);
            must(::write(from[1], &said, sizeof said), "write");
        }
        std::_Exit(0);
    }
    ::close(to[0]);
    ::close(from[1]);
    m_to = to[1];
    m_from = from[0];
}

std::int64_t Child::ask(std::int64_t question) const
{
    std::int64_t out = -1;
    if (::write(m_to, &question, sizeof question) != sizeof question || !hasInput(m_from) ||
        ::read(m_from, &out, sizeof out) != sizeof out)
        return -1;
    return out;
}

void closeOutput()
{
    const int null = static_cast<int>(must(::open("/dev/null", O_RDWR), "/dev/null"));
    for (const int fd : {0, 1, 2})
        ::dup2(null, fd);
    if (null > 2)
        ::close(null);
}

void raiseLoopback()
{
    const int fd = static_cast<int>(must(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    must(::ioctl(fd, SIOCSIFFLAGS, &request), "lo");
    ::close(fd);
}

namespace {

/// Ids of the host that a user namespace's own begin with.
constexpr const char *kIdMap = "0 100000 65536\n";
/// Hours that a time namespace is ahead.
constexpr const char *kTimeOffsets = "monotonic 7200 0\nboottime 7200 0\n";

const Kind *kindOf(std::string_view name)
{
    for (const auto &kinds : {processKinds(), memoryKinds(), fileKinds(), pipeKinds(), networkKinds(), eventKinds(),
                              spaceKinds(), programKinds()}) {
        if (const auto found = std::ranges::find(kinds, name, &Kind::name); found != kinds.end())
            return &*found;
    }
    return nullptr;
}

void put(const std::string &path, std::string_view text)
{
    const int fd = static_cast<int>(must(::open(path.c_str(), O_WRONLY | O_CLOEXEC), path.c_str()));
    must(::write(fd, text.data(), text.size()), path.c_str());
    ::close(fd);
}

/// Makes the namespaces and the first process in them, which starts this program anew.
int launch(const Kind &kind, char **argv)
{
    if ((kind.spaces & CLONE_NEWTIME) != 0) {
        must(::unshare(CLONE_NEWTIME), "unshare");
        put("/proc/self/timens_offsets", kTimeOffsets);
    }
    int ends[2];
    must(::pipe2(ends, O_CLOEXEC), "pipe");
    // fork(2) with namespaces; the C library's books of it do not matter before execve(2).
    const auto pid =
        must(::syscall(SYS_clone, (kind.spaces & ~CLONE_NEWTIME) | SIGCHLD, nullptr, nullptr, nullptr, 0), "clone");
    if (pid == 0) {
        char byte = 0;
        ::close(ends[1]);
        must(::read(ends[0], &byte, 1) - 1, "the starter has gone");
        if ((kind.spaces & CLONE_NEWUSER) != 0) { // before execve(2), which takes the rights of those who are not root
            must(::setresgid(0, 0, 0), "setresgid");
            must(::setresuid(0, 0, 0), "setresuid");
        }
        ::setenv("COVERAGE_INSIDE", "1", 1);
        ::execv(argv[0], argv); // by its name: /proc/self/exe would be a file of the mounts outside
        must(-1, "exec");
    }
    if ((kind.spaces & CLONE_NEWUSER) != 0) {
        put("/proc/" + std::to_string(pid) + "/uid_map", kIdMap);
        put("/proc/" + std::to_string(pid) + "/gid_map", kIdMap);
    }
    std::printf("%d\n", static_cast<int>(pid));
    std::fflush(stdout);
    must(::write(ends[1], "x", 1), "write");
    return 0;
}

void enter(const Kind &kind)
{
    ::setsid();
    if ((kind.spaces & CLONE_NEWNET) != 0)
        raiseLoopback();
    if ((kind.spaces & CLONE_NEWNS) != 0)
        must(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "mount");
    if ((kind.spaces & (CLONE_NEWNS | CLONE_NEWPID)) == (CLONE_NEWNS | CLONE_NEWPID))
        must(::mount("proc", "/proc", "proc", 0, nullptr), "mount");
}

[[noreturn]] void answer(const Look &look)
{
    // What only this one's memory knows: another one that was started in its place would tell another number.
    std::int64_t secret = 0;
    must(::getrandom(&secret, sizeof secret, 0), "getrandom");
    sigset_t asked;
    ::sigemptyset(&asked);
    ::sigaddset(&asked, SIGUSR1);
    while (true) {
        if (::sigwaitinfo(&asked, nullptr) != SIGUSR1)
            continue;
        Report report;
        look(report);
        {
            std::ofstream file("answer.new");
            file << secret << ' ' << report.text() << '\n';
        }
        must(std::rename("answer.new", "answer"), "rename");
    }
}

} // namespace

} // namespace gantry::coverage

int main(int argc, char **argv)
{
    using namespace gantry::coverage;
    const Kind *kind = argc == 2 ? kindOf(argv[1]) : nullptr;
    if (kind == nullptr) {
        std::fprintf(stderr, "coverage_target: one of its kinds is wanted\n");
        return 2;
    }
    if (::getenv("COVERAGE_INSIDE") == nullptr) {
        ::close_range(3, ~0U, 0); // what whoever started it left open
        return launch(*kind, argv);
    }
    sigset_t asked;
    ::sigemptyset(&asked);
    ::sigaddset(&asked, SIGUSR1);
    must(::sigprocmask(SIG_BLOCK, &asked, nullptr), "sigprocmask"); // before there is a thread
    enter(*kind);
    const Look look = kind->setUp();
    must(::write(1, "ready\n", 6), "write");
    closeOutput();
    answer(look);
}
