// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu.h"

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gantry::test {

/// Makes what targets leave outside of their tree ours to end, and gives us a session where we have none, which CRIU
/// refuses. Once, before the first target. @return false: errno.
[[nodiscard]] bool adoptTargets();

/// The processes of CRIU below this one; a zombie and what CRIU has just made, which has its name yet, too.
[[nodiscard]] std::vector<std::int32_t> runningCriu();

/// Ends every process below this one, what left its tree included, and reaps them.
void endAllBelow();

/// A checkpoint_target in a session of its own, until it dies with all that it started. (QProcess forks in a way that
/// the thread sanitizer takes for the end of all threads.)
class Target
{
public:
    /// @param name one of checkpoint_target's cases. @param folder its working directory.
    Target(const std::string &name, const std::string &folder);
    Target(const Target &) = delete;
    Target &operator=(const Target &) = delete;
    Target(Target &&) = delete;
    Target &operator=(Target &&) = delete;
    ~Target();

    [[nodiscard]] bool isReady() const { return m_ready; } ///< what stands in the way is on standard error
    [[nodiscard]] std::int32_t pid() const { return m_pid; }
    /// Waits until its first process is in this state ('S', 'D', 'Z'); false: it was not within 20 s.
    [[nodiscard]] bool reaches(char state) const;

private:
    pid_t m_pid = -1;
    bool m_ready = false;
};

/// What the target "remember" has in memory alone.
struct Answer
{
    std::int64_t secret = 0;
    std::int64_t sum = 0;    ///< of 8 MiB made from the secret
    std::int64_t count = -1; ///< grows while it runs; -1: it does not answer, so it does not run
};
/// Asks it, and waits at most 10 s. @param folder the target's.
[[nodiscard]] Answer ask(std::int32_t pid, const std::string &folder);

/// What CRIU did.
struct CriuRun
{
    bool done = false;
    std::string log; ///< at level 4
};
/// criu dump into folder/images. @param options without their dashes. @param ends the target instead of leaving it.
[[nodiscard]] CriuRun dump(const checkpoint::CriuFacts &criu, std::int32_t pid, const std::vector<std::string> &options,
                           const std::string &folder, bool ends = false);
/// criu restore from folder/images; what runs then is below this process.
[[nodiscard]] CriuRun restore(const checkpoint::CriuFacts &criu, const std::vector<std::string> &options,
                              const std::string &folder);

} // namespace gantry::test
