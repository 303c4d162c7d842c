// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/quantity.h"
#include "engine/checkpoint/preflight.h"
#include "engine/runtime/source.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// One dump, round before a dump, or restore by CRIU's RPC ("criu swrk").
struct CriuRun
{
    enum class Verb : std::uint8_t { Dump, Restore, PreDump };

    Verb verb = Verb::Dump;
    int images = -1;          ///< open folder that the images are written to, or read from; the log is put there
    std::int32_t pid = 0;     ///< dump: the first process of the tree
    bool leaveRunning = true; ///< dump: false ends the tree once it is saved
    std::vector<std::string> options; ///< as in criu(8), without dashes: "tcp-established", "ghost-limit=4194304"
    std::vector<Finding> findings;    ///< of pre-flight; where CRIU refuses, they help to explain its log
    std::string stateFolder{};        ///< gets a report where CRIU refuses (refusal.h); empty: none is written
    /// CRIU stops here and waits: "pre-dump" (nothing is stopped yet), "network-lock" (the tree is stopped; where it
    /// has a net namespace of its own), "post-dump" (saved, and still stopped), "pre-restore", "post-restore" (there,
    /// and still stopped) ... as in criu(8), ACTION SCRIPTS. An error makes CRIU give up and let the tree run on. May
    /// be empty. Called on the thread of runCriu(). `pid` is the first process where CRIU tells it, else 0.
    std::function<Result<>(std::string_view notice, std::int32_t pid)> onNotice;
    std::chrono::seconds grace{30}; ///< beyond the deadline, for CRIU to come to a notice by itself
    std::string parent{};     ///< the round before it, relative to `images`: what did not change since is left out
    bool trackMemory = false; ///< from now on the kernel is to tell what changes; only where CRIU has "mem_dirty_track"
};

/// What a dump cost, from CRIU's stats-dump image. Source: images/stats.proto of CRIU.
struct DumpStats
{
    std::chrono::microseconds freezing{}; ///< until every task was stopped
    std::chrono::microseconds frozen{};   ///< how long the tree stood still
    std::chrono::microseconds memoryDump{};
    std::chrono::microseconds memoryWrite{};
    std::uint64_t pagesScanned = 0;
    std::uint64_t pagesWritten = 0;
};

/// Name of the log in the folder of images.
[[nodiscard]] std::string_view logName(CriuRun::Verb verb);

/// Runs it. Stopped by patience it gives up at the next notice, where CRIU can let the tree run on; one that does not
/// come to a notice is killed after its grace, upon which the kernel lets the tree run on. A round before a dump has no
/// notices: stopped, it is ended as soon as it holds no process. What a dump by a CRIU that died, or was killed, has left
/// in the way of the tree's connections is taken away (see NetworkLock); one that ends the tree leaves them held back in
/// the host's net namespace, as CRIU does, so that they are there for a restore.
/// @return the first process: of the dump the one given, of a restore the restored one, which is our child.
/// @errors ENOENT: no such CRIU; ESRCH: no such process; EEXIST: the pid is taken; ECANCELED, ETIMEDOUT; the error of
/// onNotice; EPIPE: CRIU ended without an answer; EIO for what CRIU refused, with the line of its log that says why.
/// Thread: any; blocks.
[[nodiscard]] Result<std::int32_t> runCriu(const std::string &criu, const CriuRun &run,
                                           const runtime::Patience &patience);

/// @param image bytes of the file stats-dump. @errors EILSEQ for anything else.
[[nodiscard]] Result<DumpStats> parseDumpStats(std::string_view image);
/// The same of an open folder of images. @errors ENOENT: CRIU left none.
[[nodiscard]] Result<DumpStats> readDumpStats(int folder);

/// A folder in memory that nobody else sees, and that is gone with its last descriptor: images that are to be written
/// while the tree stands still. @param most bytes it may hold. @errors of fsopen(2), fsmount(2) (root only).
[[nodiscard]] Result<UniqueFd> folderInMemory(Bytes most);

} // namespace gantry::checkpoint
