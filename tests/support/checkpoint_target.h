// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/checkpoint/tree_look.h"

#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

/// Ends every process below this one, what left its tree included (see initTestCase()).
inline void endAllBelow()
{
    const auto all = checkpoint::treeOf(::getpid());
    for (const std::int32_t pid : all.value_or(std::vector<std::int32_t>()))
        if (pid != ::getpid())
            ::kill(pid, SIGKILL);
}

/// A checkpoint_target in a session of its own, until it dies with all that it started. (QProcess forks in a way that
/// the thread sanitizer takes for the end of all threads.)
class Target
{
public:
    Target(const std::string &name, const std::string &folder)
    {
        int ends[2] = {-1, -1};
        if (::pipe2(ends, O_CLOEXEC) != 0)
            return;
        const UniqueFd out(ends[0]);
        UniqueFd in(ends[1]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDOUT_FILENO);
        ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
        std::string program(CHECKPOINT_TARGET);
        std::string word = name;
        char *const words[] = {program.data(), word.data(), nullptr};
        if (::posix_spawn(&m_pid, program.c_str(), &actions, nullptr, words, environ) != 0)
            m_pid = -1;
        ::posix_spawn_file_actions_destroy(&actions);
        in.reset();
        char said[6] = {};
        pollfd waits{out.get(), POLLIN, 0};
        m_ready = m_pid > 0 && ::poll(&waits, 1, 20'000) == 1 && ::read(out.get(), said, sizeof said) == sizeof said &&
                  std::string_view(said, sizeof said) == "ready\n";
    }
    Target(const Target &) = delete;
    Target &operator=(const Target &) = delete;
    Target(Target &&) = delete;
    Target &operator=(Target &&) = delete;
    ~Target()
    {
        if (m_pid <= 0)
            return;
        // Its tracer first: until then it is a zombie that nobody else can reap.
        endAllBelow();
        ::waitpid(m_pid, nullptr, 0);
    }

    [[nodiscard]] bool isReady() const { return m_ready; } ///< what stands in the way is on standard error
    [[nodiscard]] std::int32_t pid() const { return m_pid; }

private:
    pid_t m_pid = -1;
    bool m_ready = false;
};

} // namespace gantry::test
