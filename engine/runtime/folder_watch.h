// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

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
    /// A burst of changes ends the wait once, so long after the first.
    static constexpr std::chrono::milliseconds kGather{50};

    FolderWatch();

    /// Forgets what changed so far.
    void begin();
    /// Watches this folder; while it is missing, the nearest folder above for the part that would lead to it.
    void folder(const std::string &path);
    /// Watches one file that the kernel writes ("cgroup.events"). One that is missing is left out.
    void file(const std::string &path);
    void end();

    /// Returns at a change since begin(), at the deadline, or when the stop token fires. @errors EMFILE, ENOMEM: there
    /// is no way to watch.
    [[nodiscard]] Result<> wait(const Patience &patience);

private:
    struct Watched
    {
        bool everything = false;     ///< false: only these names
        std::set<std::string> names; ///< of entries on the way to a folder that is missing
        std::uint64_t round = 0;
    };
    /// @return false if there is no such file.
    bool add(const std::string &path, std::uint32_t mask, const std::string &onlyName);
    /// Reads what the kernel has queued. @return true if some of it is a change of what is watched.
    bool drain();

    UniqueFd m_notify;
    int m_openErrno = 0;
    std::map<int, Watched> m_watched; ///< by watch descriptor
    std::uint64_t m_round = 0;
    bool m_all = true; ///< every folder named could be watched
};

} // namespace gantry::runtime
