// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace gantry::launch {

/// Most bytes of a container's log; what came before is in one more file of that size ("log.1"), and older is lost.
inline constexpr std::uint64_t kMostLog = std::uint64_t{16} << 20;

/// Told of a keeper while what it has started is on its way: it lives as long as that.
using OnKeeper = std::function<Result<>(pid_t)>;

/// gantry-keeper (keeper_main.cpp): $GANTRY_KEEPER, else beside this program, else in /usr/local/lib/gantry or
/// /usr/lib/gantry. Empty: it is nowhere.
[[nodiscard]] std::string keeperPath();

/// A program that starts a container in the background, and the keeper that stays with what it started.
struct Kept
{
    pid_t keeper = 0; ///< our child; ends after the container, to be reaped by whoever lives then
    int exitCode = 0; ///< of the program; where it is not 0 all it had started was ended, and so was the keeper
};

/// How a process that a keeper stayed with has ended.
struct KeptEnd
{
    std::int32_t pid = 0;
    int status = 0; ///< as waitpid(2) has it
};
/// The last one. @param log as runKept() was given it. @return nullopt: not known.
[[nodiscard]] std::optional<KeptEnd> lastEnd(const std::string &log);

/// Runs a program under a keeper of its own: the container's standard output and error go to a log, its input is empty,
/// and its first process is reaped, also when Gantry has ended by then. If Gantry dies meanwhile the program goes on.
/// @param words program (a path) and arguments. @param log absolute path; appended to.
/// @errors ENOENT: there is no keeper; ETIMEDOUT, ECANCELED, what onKeeper() says: all that was started was killed,
/// whatever session it is in; EPIPE: the keeper was killed, and what the program had started may run on.
/// Thread: any; blocks, up to 20 s beyond the deadline where something cannot be killed at once.
/// @param onKeeper told the keeper's pid at its start; may be empty. @param link a network device that goes down with
/// the container's end; empty: none.
[[nodiscard]] Result<Kept> runKept(const std::vector<std::string> &words, const std::string &log,
                                   const runtime::Patience &patience, const OnKeeper &onKeeper = {},
                                   const std::string &link = {});

/// A program that sets a network device up and then becomes another one. @param words of that: a path and arguments.
/// @errors ENOENT: there is no keeper.
[[nodiscard]] Result<std::vector<std::string>> plugWords(const std::string &link,
                                                         const std::vector<std::string> &words);

/// Runs a program if this process dies before stand() was called: somebody has to thaw what it froze. Once more when
/// what this process has left at work has ended: a CRIU freezes at its end what it found frozen.
class Guard
{
public:
    /// @param words program (a path) and arguments. @param mark stands in the arguments of what may be left at work,
    /// and in no other's; empty: nothing may. @errors ENOENT: there is no keeper; of posix_spawn(3).
    [[nodiscard]] static Result<Guard> post(const std::vector<std::string> &words, const std::string &mark = {});
    Guard(Guard &&other) noexcept;
    Guard(const Guard &) = delete;
    Guard &operator=(const Guard &) = delete;
    Guard &operator=(Guard &&) = delete;
    ~Guard(); ///< as stand()
    /// It is not needed any more.
    void stand();

private:
    Guard(pid_t pid, UniqueFd line) : m_pid(pid), m_line(std::move(line)) {}

    pid_t m_pid;
    UniqueFd m_line;
};

} // namespace gantry::launch
