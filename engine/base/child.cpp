// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/child.h"

#include <algorithm>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry {

namespace {

constexpr const char *kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// posix_spawn(3)'s settings, freed at the end.
struct SpawnSettings
{
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};
    SpawnSettings()
    {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    SpawnSettings(const SpawnSettings &) = delete;
    SpawnSettings &operator=(const SpawnSettings &) = delete;
    SpawnSettings(SpawnSettings &&) = delete;
    SpawnSettings &operator=(SpawnSettings &&) = delete;
    ~SpawnSettings()
    {
        posix_spawn_file_actions_destroy(&files);
        posix_spawnattr_destroy(&attributes);
    }
    /// Its descriptors: of ours those given, and nothing to read unless one of them is that.
    void give(std::span<const Child::Descriptor> descriptors)
    {
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        for (const Child::Descriptor &descriptor : descriptors)
            posix_spawn_file_actions_adddup2(&files, descriptor.ours, descriptor.its);
    }
    void resetSignals()
    {
        sigset_t all{};
        sigfillset(&all);
        posix_spawnattr_setsigdefault(&attributes, &all);
    }
};

/// As execve(2) takes them; good for as long as the texts are.
std::vector<char *> pointersTo(std::vector<std::string> &texts)
{
    std::vector<char *> out;
    for (std::string &text : texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// This process's environment with other values of some names.
std::vector<std::string> environmentWith(const std::vector<std::string> &settings)
{
    std::vector<std::string> out = settings;
    for (char **entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string_view name = text.substr(0, std::min(text.find('='), text.size() - 1) + 1);
        if (std::ranges::none_of(settings, [name](const std::string &other) { return other.starts_with(name); }))
            out.emplace_back(text);
    }
    return out;
}

} // namespace

Result<Child> Child::start(const std::string &program, const std::vector<std::string> &words,
                           std::span<const Descriptor> descriptors)
{
    SpawnSettings settings;
    settings.give(descriptors);
    settings.resetSignals();
    sigset_t none{};
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&settings.attributes, &none);
    posix_spawnattr_setpgroup(&settings.attributes, 0);
    posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> held = words;
    std::vector<std::string> variables{kPath, "LC_ALL=C", "HOME=/root"};
    pid_t pid = 0;
    const int failed = ::posix_spawn(&pid, program.c_str(), &settings.files, &settings.attributes,
                                     pointersTo(held).data(), pointersTo(variables).data());
    if (failed != 0)
        return failErrno("run", program, failed);
    return Child(pid, true);
}

Result<Child> Child::startForUser(const std::vector<std::string> &words, std::span<const Descriptor> descriptors,
                                  const std::vector<std::string> &settings)
{
    SpawnSettings spawn;
    spawn.give(descriptors);
    spawn.resetSignals();
    posix_spawnattr_setflags(&spawn.attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> held = words;
    std::vector<std::string> variables = environmentWith(settings);
    pid_t pid = 0;
    const int failed = ::posix_spawnp(&pid, held.front().c_str(), &spawn.files, &spawn.attributes,
                                      pointersTo(held).data(), pointersTo(variables).data());
    if (failed != 0)
        return failErrno("run", words.front(), failed);
    return Child(pid, false);
}

Child::Child(pid_t pid, bool ownGroup)
    : m_pid(pid), m_ownGroup(ownGroup), m_end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)))
{}

Child::~Child()
{
    if (m_pid <= 0)
        return;
    kill();
    (void)reap();
}

bool Child::hasEnded() const
{
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(m_pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

bool Child::waitForEnd(std::chrono::milliseconds most) const
{
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kStep{20}; // where there is no pidfd to wait for
    const auto until = Clock::now() + most;
    while (!hasEnded()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        if (left.count() <= 0)
            return false;
        pollfd end{m_end.get(), POLLIN, 0};
        (void)::poll(&end, 1, static_cast<int>((m_end ? left : std::min(left, kStep)).count()));
    }
    return true;
}

void Child::kill() const
{
    if (m_pid > 0)
        ::kill(m_ownGroup ? -m_pid : m_pid, SIGKILL);
}

void Child::terminate() const
{
    if (m_pid > 0)
        ::kill(m_pid, SIGTERM);
}

int Child::reap()
{
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_pid = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace gantry
