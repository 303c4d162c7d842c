// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gantry::runtime {

/// Tells when something in a set of folders changes: an entry comes, goes, is renamed, or a file was written to and
/// closed. Nothing below the folders is watched by itself.
///
/// A round is begin(), a folder() for each before it is read, end(): what happens in between is not lost, and folders
/// that were not named again are watched no longer.
/// Thread: one.
class FolderWatch
{
public:
    /// Most folders and files watched at once. For those above, and those the kernel refuses (ENOSPC:
    /// fs.inotify.max_user_watches), wait() returns after kWithoutNotice.
    static constexpr std::size_t kMost = 4'096;
    static constexpr std::chrono::milliseconds kWithoutNotice{5'000};
    /// A burst of changes ends the wait once, so long after the first ...
    static constexpr std::chrono::milliseconds kGather{50};
    /// ... or so many times what the last round took, at most kLongestGather: however busy a runtime is, to look at it
    /// takes a tenth of a CPU at most.
    static constexpr int kGatherRounds = 10;
    static constexpr std::chrono::milliseconds kLongestGather{5'000};

    /// Forgets what changed so far.
    void begin();
    /// Watches this folder; while it is missing, the nearest folder above for the part that would lead to it.
    /// @param only entries that matter (empty: all): runtimes write a file a health check beside the few that are read.
    void folder(const std::string &path, const std::set<std::string> &only = {});
    /// Watches files of cgroups ("cgroup.events", "freezer.state"). One that is missing is left out. The first time they
    /// were read before: wait() then returns soon, for one more look.
    void files(const std::vector<std::string> &paths);
    void end();

    /// Returns at a change since begin(), at the deadline, or when the stop token fires; without inotify (EMFILE:
    /// fs.inotify.max_user_instances) after kWithoutNotice. @errors EMFILE, ENOMEM of what waiting itself needs.
    [[nodiscard]] Result<> wait(const Patience &patience);

private:
    struct Watched
    {
        bool everything = false;     ///< false: only these names
        std::set<std::string> names; ///< of entries on the way to a folder that is missing
        std::uint64_t round = 0;
    };
    /// @return false if there is no such file.
    bool add(const std::string &path, std::uint32_t mask, const std::set<std::string> &only);
    /// Reads what the kernel has queued. @return true if some of it is a change of what is watched.
    bool drain();

    UniqueFd m_notify;                ///< opened by the first begin()
    std::map<int, Watched> m_watched; ///< by watch descriptor
    std::uint64_t m_round = 0;
    Clock::time_point m_began;
    Clock::duration m_roundTook{0};
    bool m_all = true;        ///< every folder named could be watched
    bool m_lookAgain = false; ///< some file is watched only since after it was read
};

} // namespace gantry::runtime
