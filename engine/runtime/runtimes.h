// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/table.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::runtime {

/// One source as it answers now.
struct SourceStatus
{
    std::string runtime;
    std::string version; ///< empty: not told
    std::string endpoint;
    std::optional<std::uint32_t> userUid;
    std::string problem; ///< empty while it answers
    std::size_t containers = 0;
};

/// Follows every container runtime of the host: looks for sources now and then, and gives each a thread that lists it
/// and waits for its changes. A source that hangs or answers rubbish keeps what it said last, marked with the problem,
/// and is asked again after 1 to 30 s; it holds up no other.
class Runtimes
{
public:
    struct Options
    {
        std::string root{}; ///< "" on a host; in tests a folder that stands for "/"
        std::vector<Finder> finders = allFinders();
        std::chrono::milliseconds lookInterval{5'000}; ///< for sources that come and go
        std::chrono::milliseconds listPatience{10'000};
    };
    /// Every kind of source there is.
    [[nodiscard]] static std::vector<Finder> allFinders();

    /// @param onChange called after each new table, on any thread, several at once; must not block.
    Runtimes(Options options, std::function<void()> onChange);
    Runtimes(const Runtimes &) = delete;
    Runtimes &operator=(const Runtimes &) = delete;
    Runtimes(Runtimes &&) = delete;
    Runtimes &operator=(Runtimes &&) = delete;
    /// Ends the threads; what they wait for is cancelled.
    ~Runtimes();

    /// The newest table; never null. Thread: any.
    [[nodiscard]] TablePtr table() const;
    /// Thread: any.
    [[nodiscard]] std::vector<SourceStatus> status() const;
    /// Waits until every source found at the start was listed once, or failed, or time is over: a program that shows
    /// the tree once wants names in it. Thread: any.
    void waitForFirst(std::chrono::milliseconds most) const;
    /// Looks for sources now: a runtime that had no container before has one. Does not wait for it. Thread: any.
    void lookSoon() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace gantry::runtime
