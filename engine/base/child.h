// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"

#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace gantry {

/// A program that was started by us, without a shell; killed with its group, where it has one of its own, and reaped,
/// unless it was reaped before. Thread: one at a time.
class Child
{
public:
    /// One of our descriptors, and the number under which the program finds it.
    struct Descriptor
    {
        int ours;
        int its;
    };
    /// Starts `program` with these words (the first is its name). It has nothing to read, no signal blocked, LC_ALL=C
    /// and little else in its environment, and of our descriptors those given.
    /// @errors of posix_spawn(3), with the program as subject.
    [[nodiscard]] static Result<Child> start(const std::string &program, const std::vector<std::string> &words,
                                             std::span<const Descriptor> descriptors);
    /// Starts a program of the user's, as his shell would: found in PATH, with this process's environment and these
    /// settings ("KEY=VALUE") instead of its own, its process group, so that a terminal's questions reach it, and the
    /// calling thread's signal mask. @errors of posix_spawnp(3), with the program as subject. Thread: as setenv(3)
    /// wants.
    [[nodiscard]] static Result<Child> startForUser(const std::vector<std::string> &words,
                                                    std::span<const Descriptor> descriptors,
                                                    const std::vector<std::string> &settings = {});
    Child(Child &&other) noexcept
        : m_pid(std::exchange(other.m_pid, 0)), m_ownGroup(other.m_ownGroup), m_end(std::move(other.m_end))
    {}
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;
    Child &operator=(Child &&) = delete;
    ~Child();

    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// Readable once it has ended; -1 below Linux 5.3.
    [[nodiscard]] int endFd() const { return m_end.get(); }
    [[nodiscard]] bool hasEnded() const;
    /// Waits until it has ended, `most` at most. @return whether it has.
    [[nodiscard]] bool waitForEnd(std::chrono::milliseconds most) const;
    /// Kills it and its group, where it has one of its own.
    void kill() const;
    /// Asks it alone to end (SIGTERM).
    void terminate() const;
    /// Waits for its end; call it once. @return its exit code, 128 + the number of the signal that ended it.
    int reap();

private:
    Child(pid_t pid, bool ownGroup);

    pid_t m_pid; ///< 0: reaped. Until then neither the pid nor the group can be another's
    bool m_ownGroup;
    UniqueFd m_end;
};

} // namespace gantry
