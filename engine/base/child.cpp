// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/child.h"

#include <array>
#include <csignal>

#include <fcntl.h>
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
};

} // namespace

Result<Child> Child::start(const std::string &program, const std::vector<std::string> &words,
                           std::span<const Descriptor> descriptors)
{
    SpawnSettings settings;
    posix_spawn_file_actions_addopen(&settings.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const Descriptor &descriptor : descriptors)
        posix_spawn_file_actions_adddup2(&settings.files, descriptor.ours, descriptor.its);
    sigset_t none{};
    sigset_t all{};
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&settings.attributes, &none);
    posix_spawnattr_setsigdefault(&settings.attributes, &all);
    posix_spawnattr_setpgroup(&settings.attributes, 0);
    posix_spawnattr_setflags(&settings.attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<std::string> held = words;
    std::vector<char *> arguments;
    for (std::string &word : held)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<std::string, 3> settingsOfProgram{kPath, "LC_ALL=C", "HOME=/root"};
    std::array<char *, 4> environment{settingsOfProgram[0].data(), settingsOfProgram[1].data(),
                                      settingsOfProgram[2].data(), nullptr};
    pid_t pid = 0;
    const int failed = ::posix_spawn(&pid, program.c_str(), &settings.files, &settings.attributes, arguments.data(),
                                     environment.data());
    if (failed != 0)
        return failErrno("run", program, failed);
    return Child(pid);
}

Child::Child(pid_t pid) : m_pid(pid), m_end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}

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

void Child::kill() const
{
    if (m_pid > 0)
        ::kill(-m_pid, SIGKILL);
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
