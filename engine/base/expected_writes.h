// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

namespace gantry {

/// Writes to control files that Gantry asked a manager for: the writer the kernel names is the manager then, but the
/// change is Gantry's own, with its user in the event log already. Thread: any.
class ExpectedWrites
{
public:
    using Clock = std::chrono::steady_clock;

    /// @param path of the cgroup. @param file v2 name ("memory.max", "cgroup.freeze").
    /// @param value as limitValueText() gives it; empty: any. @param below also in cgroups below.
    void expect(std::string path, std::string file, std::string value, bool below, Clock::time_point until);
    /// The manager has answered: what was expected of this file with any value ends by `until`.
    void endBy(std::string_view path, std::string_view file, Clock::time_point until);
    /// True if this write was expected; it stays expected until its time is over: a manager may write twice.
    [[nodiscard]] bool has(std::string_view path, std::string_view file, std::string_view value) const;

private:
    struct Entry
    {
        std::string path;
        std::string file;
        std::string value;
        bool below;
        Clock::time_point until;
    };
    mutable std::mutex m_mutex;
    std::deque<Entry> m_entries;
};

} // namespace gantry
