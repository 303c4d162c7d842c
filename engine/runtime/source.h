// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/limit.h"
#include "engine/runtime/facts.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::runtime {

using Clock = std::chrono::steady_clock;

/// How long something may take, and who can end it sooner.
struct Patience
{
    Clock::time_point deadline;
    std::stop_token stop{};
};

struct Listing
{
    std::vector<Facts> containers;
    bool complete = true; ///< false: some were not described yet; list again at once
};

struct LogLine
{
    std::int64_t realtimeMicros = 0; ///< 0: the log does not tell
    bool errorStream = false;
    std::string text; ///< not made printable
};
struct LogTail
{
    std::vector<LogLine> lines; ///< oldest first
    std::string source;         ///< "podman logs", "/var/lib/.../ctr.log"
};
inline constexpr std::size_t kMostLogLines = 1'000;

/// For long work between two steps. @errors ECANCELED, ETIMEDOUT.
[[nodiscard]] Result<> checkPatience(std::string_view op, std::string_view subject, const Patience &patience);

/// Sleeps, in steps. @return at the end of that time, of the patience, or when it is cancelled.
void pauseFor(Clock::duration time, const Patience &patience);

/// What comes next of a stream of events, as HttpLines::next().
using NextEvent = std::function<Result<std::string>(const Patience &)>;
/// Waits for an event that matters, and takes those that follow it closely: one list() answers them all.
/// @param matters is given every event. @return at one that matters, at the deadline, when it is cancelled.
/// @param lost set where the stream has ended. @errors of `next` then, if nothing that matters came before.
[[nodiscard]] Result<> waitForEvents(const NextEvent &next, const std::function<bool(std::string_view)> &matters,
                                     const Patience &patience, bool &lost);

/// One way to learn of containers: the API socket of a runtime, or the files it keeps. What comes from it is bounded
/// and checked: a socket below /run/user belongs to that user, who may answer anything.
/// Thread: list() and waitForChange() by one thread; the rest any, several at once. All of it may block for its
/// patience: never on the loop.
class Source
{
public:
    /// Most containers taken from one source.
    static constexpr std::size_t kMost = 20'000;
    /// Of two that know the same container the higher one is believed, the other fills the gaps.
    enum class Rank : std::uint8_t { OciState, Machine, Files, Api };

    Source() = default;
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    Source(Source &&) = delete;
    Source &operator=(Source &&) = delete;
    virtual ~Source() = default;

    [[nodiscard]] virtual std::string_view runtime() const = 0; ///< Facts::runtime of what it lists
    [[nodiscard]] virtual std::string endpoint() const = 0;     ///< socket, bus name or folder
    [[nodiscard]] virtual std::optional<std::uint32_t> userUid() const { return std::nullopt; }
    [[nodiscard]] virtual Rank rank() const = 0;

    /// "5.4.2"; empty where it does not tell.
    [[nodiscard]] virtual Result<std::string> version(const Patience &patience) const = 0;
    /// Every container it knows now, those that do not run included. One that cannot be read is left out or told with
    /// its problem; it does not fail the others. @errors ETIMEDOUT, ECONNREFUSED, EBADMSG (rubbish), EACCES ...
    [[nodiscard]] virtual Result<Listing> list(const Patience &patience) = 0;
    /// Returns when something may have changed since list() began, or at the deadline. @errors as list(): the way to
    /// hear of changes is lost.
    [[nodiscard]] virtual Result<> waitForChange(const Patience &patience) = 0;

    /// Limits that update() sets. @param container as list() gave it.
    [[nodiscard]] virtual bool sets(const Facts &, LimitKey) const { return false; }
    /// What else setting one of these limits changes, and to what ("memory.swap.max", "0").
    [[nodiscard]] virtual std::vector<std::pair<LimitKey, std::string>> changesToo(const Facts &, LimitKey) const
    {
        return {};
    }
    /// All at once; the runtime keeps them for the container's life. @errors ESTALE (no such container any more), EINVAL
    /// and others with the runtime's words in the detail, ETIMEDOUT.
    [[nodiscard]] virtual Result<> update(const Facts &container,
                                          std::span<const std::pair<LimitKey, LimitValue>> limits,
                                          const Patience &patience) const;
    /// One of Facts::verbs besides Update and Log; returns when the runtime says that it is done. Already being so is
    /// no error. @errors as update(); EBUSY (remove: it runs).
    [[nodiscard]] virtual Result<> act(const Facts &container, Verb verb, const Patience &patience) const;
    /// The last lines. @param lines 1 .. kMostLogLines. @errors ENOENT (nothing keeps one); as update().
    [[nodiscard]] virtual Result<LogTail> tailLog(const Facts &container, std::size_t lines,
                                                  const Patience &patience) const;
    /// What an admin would type for it ("podman stop web"); empty where there is no such command.
    [[nodiscard]] virtual std::string command(const Facts &, Verb) const { return {}; }
    [[nodiscard]] virtual std::string updateCommand(const Facts &,
                                                    std::span<const std::pair<LimitKey, LimitValue>>) const
    {
        return {};
    }
};

/// A source that can be had on this host now. Making it opens nothing yet.
struct Candidate
{
    std::string key; ///< the same for the same socket or folder
    std::function<std::unique_ptr<Source>()> make;
};

class HostTree;

/// Sources of one kind that exist now: a few stat(2) calls; absent runtimes cost nothing else.
using Finder = std::function<std::vector<Candidate>(const HostTree &host)>;

} // namespace gantry::runtime
