// SPDX-License-Identifier: GPL-3.0-or-later
// gantry-keeper: the process that stays with a container when Gantry has ended. A program of its own, so small that one
// beside each container costs nothing, and without threads.
//   gantry-keeper keep LOG MOST LINK PROGRAM [ARGUMENT...]
//       Runs PROGRAM, which starts a container in the background. What both write goes into LOG; a log of MOST bytes
//       becomes LOG.1, in place of the one before. Writes PROGRAM's exit code to descriptor 3, a socket, and, where
//       that is 0, stays until the container has ended: it adopts the container's first process and reaps it. How that
//       one ended is in LOG.exit before anybody can see it gone: "PID STATUS", STATUS as waitpid(2) has it. Where the
//       code is not 0, it first ends all that PROGRAM has left running. A byte that comes from descriptor 3, also after
//       the code, means that the container is not wanted: PROGRAM and all below it are ended then. Its end without a
//       byte means that nobody asks any more, and changes nothing: PROGRAM goes on when Gantry dies. LINK is a network
//       device that goes down when the container has ended, or empty: its address is nobody's then.
//   gantry-keeper guard MARK PROGRAM [ARGUMENT...]
//       Waits for descriptor 3: a byte means that all is well, its end without one that whoever held it died; then
//       PROGRAM is run (which lets a paused container go on). As long as another process has MARK in its arguments, it
//       stays, and runs PROGRAM once more then: a CRIU that is left behind freezes at its end what it found frozen.
//   gantry-keeper plug LINK PROGRAM [ARGUMENT...]
//       Sets the network device LINK up, if there is one, and becomes PROGRAM.
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kReport = 3; ///< the line to whoever started this

/// The log: bounded, and no reason for the container to wait: what the disk does not take is lost.
class Log
{
public:
    Log(std::string path, long most) : m_path(std::move(path)), m_most(most) { open(); }
    void add(const char *text, std::size_t bytes)
    {
        struct stat facts
        {};
        if (m_fd >= 0 && ::fstat(m_fd, &facts) == 0 && facts.st_size > 0 &&
            facts.st_size + static_cast<long>(bytes) > m_most) {
            ::close(m_fd);
            (void)std::rename(m_path.c_str(), (m_path + ".1").c_str());
            open();
        }
        while (m_fd >= 0 && bytes > 0) {
            const ssize_t wrote = ::write(m_fd, text, bytes);
            if (wrote < 0 && errno == EINTR)
                continue;
            if (wrote < 0)
                return;
            text += wrote;
            bytes -= static_cast<std::size_t>(wrote);
        }
    }

private:
    void open() { m_fd = ::open(m_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600); }

    std::string m_path;
    long m_most;
    int m_fd = -1;
};

/// Takes over what is in the pipe by now, and more than any pipe holds at most: somebody who writes without a pause
/// must not keep the rest from being done. @return false: nothing comes any more.
bool drain(int output, Log &log)
{
    constexpr int kMostChunks = 64;
    std::array<char, 65'536> chunk;
    for (int i = 0; i < kMostChunks;) {
        const ssize_t got = ::read(output, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN;
        if (got == 0)
            return false;
        log.add(chunk.data(), static_cast<std::size_t>(got));
        ++i;
    }
    return true;
}

/// Ends the program, if it still runs, and what it has left: a CRIU that was killed leaves what it had restored by
/// then, which would wait for it for ever, in the cgroup of the next container of this name. All that comes here is the
/// program's, and what that had started. At most 10 s. Source: proc_pid_task_children(5).
void endOrphans()
{
    constexpr int kRounds = 1'000;
    constexpr timespec kPause{0, 10'000'000};
    const std::string path = "/proc/self/task/" + std::to_string(::getpid()) + "/children";
    for (int i = 0; i < kRounds; ++i) {
        pid_t ended = 0;
        while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0 || (ended < 0 && errno == EINTR)) {
        }
        if (ended < 0)
            return;
        if (std::FILE *children = std::fopen(path.c_str(), "re"); children != nullptr) {
            for (pid_t child = 0; std::fscanf(children, "%d", &child) == 1;)
                (void)::kill(child, SIGKILL);
            (void)std::fclose(children);
        }
        (void)::nanosleep(&kPause, nullptr);
    }
}

/// Ends what there is; what it said last is why.
void endAll(int output, Log &log)
{
    endOrphans();
    (void)drain(output, log);
}

/// The code is told when the log has all there is: where the program failed, whoever hears of it looks there.
void report(int status, int output, Log &log)
{
    std::array<char, 16> text{};
    const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (code != 0)
        endAll(output, log);
    const int length = std::snprintf(text.data(), text.size(), "%d\n", code);
    (void)::send(kReport, text.data(), static_cast<std::size_t>(length), MSG_NOSIGNAL);
    if (code != 0)
        std::exit(1);
}

/// What the line has to tell.
enum class Word { None, GiveUp, Over };

Word heard()
{
    char byte = 0;
    ssize_t got = 0;
    while ((got = ::recv(kReport, &byte, 1, MSG_DONTWAIT)) < 0 && errno == EINTR) {
    }
    if (got > 0)
        return Word::GiveUp;
    return got < 0 && errno == EAGAIN ? Word::None : Word::Over;
}

/// Tells how it ended, for whoever wants to know whether it died.
void keepEnd(const std::string &path, pid_t pid, int status)
{
    const std::string fresh = path + ".new";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    std::array<char, 48> text{};
    const int length = std::snprintf(text.data(), text.size(), "%d %d\n", pid, status);
    if (file >= 0 && ::write(file, text.data(), static_cast<std::size_t>(length)) == length)
        (void)std::rename(fresh.c_str(), path.c_str());
    ::close(file);
}

/// The status of a child that has ended and is not reaped yet.
int statusOf(const siginfo_t &info)
{
    // Source: waitpid(2), the macros of wait.h: the code in the second byte, or the signal in the first.
    if (info.si_code == CLD_EXITED)
        return (info.si_status & 0xff) << 8;
    return info.si_status | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

/// Reaps who has ended. @param exits file that the end of all but the program is told in. @param output, log for
/// report(). @return false: no child is left.
bool reap(pid_t program, const std::string &exits, int output, Log &log)
{
    while (true) {
        siginfo_t info{};
        if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0 && info.si_pid != program)
            keepEnd(exits, info.si_pid, statusOf(info));
        int status = 0;
        const pid_t ended = ::waitpid(info.si_pid > 0 ? info.si_pid : -1, &status, WNOHANG);
        if (ended == program)
            report(status, output, log);
        else if (ended == 0)
            return true;
        else if (ended < 0 && errno != EINTR)
            return false;
    }
}

pid_t start(char **words, int output, const sigset_t &before)
{
    const pid_t pid = ::fork();
    if (pid != 0)
        return pid;
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    ::execv(words[0], words);
    ::_exit(127);
}

/// Source: netdevice(7).
void setLink(const char *name, bool up)
{
    ifreq device{};
    const std::size_t length = std::strlen(name);
    const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (length > 0 && length < sizeof device.ifr_name)
        std::memcpy(device.ifr_name, name, length);
    if (control >= 0 && ::ioctl(control, SIOCGIFFLAGS, &device) == 0) {
        device.ifr_flags = static_cast<short>(up ? device.ifr_flags | IFF_UP : device.ifr_flags & ~IFF_UP);
        (void)::ioctl(control, SIOCSIFFLAGS, &device);
    }
    ::close(control);
}

int keep(const char *path, const char *most, const char *link, char **words)
{
    long bytes = 0;
    if (std::from_chars(most, most + std::strlen(most), bytes).ec != std::errc() || bytes <= 0)
        return 2;
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    sigset_t ends{};
    sigset_t before{};
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &ends, &before);
    const int signals = ::signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    std::array<int, 2> pipe{};
    if (signals < 0 || ::pipe2(pipe.data(), O_CLOEXEC) != 0 || ::fcntl(pipe[0], F_SETFL, O_NONBLOCK) != 0)
        return 1;
    Log log(path, bytes);
    const std::string exits = std::string(path) + ".exit";
    const pid_t program = start(words, pipe[1], before);
    if (program < 0)
        return 1;
    ::close(pipe[1]);
    std::array<pollfd, 3> waits{{{signals, POLLIN, 0}, {pipe[0], POLLIN, 0}, {kReport, POLLIN, 0}}};
    while (true) {
        if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR)
            return 1;
        const Word word = waits[2].fd >= 0 ? heard() : Word::None;
        if (word == Word::GiveUp) {
            endAll(pipe[0], log);
            return 1;
        }
        if (word == Word::Over)
            waits[2].fd = -1;
        signalfd_siginfo info{};
        while (::read(signals, &info, sizeof info) > 0) {
        }
        const bool alone = !reap(program, exits, pipe[0], log);
        if (waits[1].fd >= 0 && !drain(pipe[0], log))
            waits[1].fd = -1;
        if (alone) {
            setLink(link, false);
            return 0;
        }
    }
}

/// Whether a process besides this one has this text in its arguments. Source: proc_pid_cmdline(5).
bool isAtWork(const std::string &mark)
{
    DIR *all = ::opendir("/proc");
    bool found = false;
    for (const dirent *entry = nullptr; all != nullptr && !found && (entry = ::readdir(all)) != nullptr;) {
        const std::string name(static_cast<const char *>(entry->d_name));
        if (name.find_first_not_of("0123456789") != std::string::npos || name == std::to_string(::getpid()))
            continue;
        const int file = ::open(("/proc/" + name + "/cmdline").c_str(), O_RDONLY | O_CLOEXEC);
        std::array<char, 4'096> text{};
        const ssize_t got = file < 0 ? 0 : ::read(file, text.data(), text.size());
        ::close(file);
        found = got > 0 && std::string(text.data(), static_cast<std::size_t>(got)).find(mark) != std::string::npos;
    }
    if (all != nullptr)
        ::closedir(all);
    return found;
}

void runOnce(char **words)
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::execv(words[0], words);
        ::_exit(127);
    }
    while (pid > 0 && ::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

int guard(const std::string &mark, char **words)
{
    constexpr int kRounds = 18'000; // an hour: the most that a checkpoint may take
    constexpr timespec kPause{0, 200'000'000};
    char byte = 0;
    ssize_t got = 0;
    while ((got = ::read(kReport, &byte, 1)) < 0 && errno == EINTR) {
    }
    if (got == 1)
        return 0;
    const bool wasAtWork = !mark.empty() && isAtWork(mark);
    runOnce(words);
    for (int i = 0; wasAtWork && i < kRounds && isAtWork(mark); ++i)
        (void)::nanosleep(&kPause, nullptr);
    if (wasAtWork)
        runOnce(words);
    return 0;
}

} // namespace

int main(int count, char **words)
{
    if (count >= 4 && std::strcmp(words[1], "plug") == 0) {
        setLink(words[2], true);
        ::execv(words[3], words + 3);
        return 127;
    }
    ::setsid(); // a terminal that goes must not take the container's log along
    if (::chdir("/") != 0 || ::fcntl(kReport, F_SETFD, FD_CLOEXEC) != 0)
        return 1;
    if (count >= 6 && std::strcmp(words[1], "keep") == 0)
        return keep(words[2], words[3], words[4], words + 5);
    if (count >= 4 && std::strcmp(words[1], "guard") == 0)
        return guard(words[2], words + 3);
    std::fputs("usage: gantry-keeper keep LOG MOST LINK PROGRAM [ARGUMENT...]\n"
               "       gantry-keeper guard MARK PROGRAM [ARGUMENT...]\n"
               "       gantry-keeper plug LINK PROGRAM [ARGUMENT...]\n"
               "Gantry starts it beside a container.\n",
               stderr);
    return 2;
}
