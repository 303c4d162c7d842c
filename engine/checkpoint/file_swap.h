// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/locked_entry.h"
#include "engine/process/process.h"

#include <cstdint>
#include <string>
#include <vector>

#include <time.h>

namespace gantry::checkpoint {

/// Exchanges files for others so that it can be undone until it is said to be good: by this object, or, where we die,
/// by undoLeftSwaps(). What is done is written into a locked journal of the state folder before it is done: records of
/// texts, each ended by a zero. Thread: one at a time.
class FileSwap
{
public:
    /// One name of a folder that is given to something else.
    struct Unit
    {
        std::string folder; ///< absolute, without symbolic links
        std::string name;
        std::string aside; ///< below the folder: where what is there now goes; there must be nothing of that name
        std::string fresh; ///< below the folder: what takes the name; empty: nothing does
    };

    /// @errors of the journal's file.
    [[nodiscard]] static Result<FileSwap> begin(const std::string &stateFolder);
    FileSwap(FileSwap &&other) noexcept = default;
    FileSwap(const FileSwap &) = delete;
    FileSwap &operator=(const FileSwap &) = delete;
    FileSwap &operator=(FileSwap &&) = delete;
    ~FileSwap(); ///< undoes all, unless keep() was called

    /// That something of ours is made at that place, which is removed in the end, whatever comes.
    [[nodiscard]] Result<> making(const std::string &folder, const std::string &name);
    /// That a folder's owner, rights and times are set again when it is undone.
    [[nodiscard]] Result<> remembering(const std::string &folder);
    /// Does it, all of it. @errors of rename(2), naming what; what was done is undone with the rest.
    [[nodiscard]] Result<> exchange(const std::vector<Unit> &units);
    /// That this process lives by what was exchanged: if we die now it is undone only where that process has ended.
    [[nodiscard]] Result<> lives(std::int32_t pid);
    /// That a runtime is about to start something that lives by it: if we die now it is good once that runs, which the
    /// runtime's file of its pid tells, and is undone only where its keeper has ended; meanwhile nothing is done.
    /// @param keeper process that lives as long as the runtime, and as what it starts.
    [[nodiscard]] Result<> begins(std::int32_t keeper, const std::string &pidFile);
    /// It is good: what was put aside is gone. @errors of what could not be removed; the rest is.
    [[nodiscard]] Result<> keep();

private:
    explicit FileSwap(LockedEntry journal) : m_journal(std::move(journal)) {}
    [[nodiscard]] Result<> note(const std::vector<std::string> &record);

    LockedEntry m_journal; ///< none: kept, undone or moved
};

/// Undoes, or ends, what those have begun that were killed meanwhile. @return a sentence each. Thread: any.
std::vector<std::string> undoLeftSwaps(const std::string &stateFolder);

/// Removes a file, or a folder and all in it. @errors of unlink(2) and the like; none where there is nothing.
[[nodiscard]] Result<> removeAll(int dir, const std::string &name);

} // namespace gantry::checkpoint
