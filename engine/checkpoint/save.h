// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"
#include "engine/checkpoint/criu_run.h"
#include "engine/checkpoint/file_capture.h"
#include "engine/checkpoint/file_return.h"
#include "engine/checkpoint/freeze_times.h"
#include "engine/checkpoint/pre_dump.h"
#include "engine/checkpoint/preflight.h"
#include "engine/repository/store.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::checkpoint {

/// Told "check", "pre-dump 2 268435456" (the second round begins, so many bytes are saved), "dump", "files" (copied while
/// it stands still), "write" (into the store), "read" (from it), "restore", "memory" (it runs, and the rest of its memory
/// comes in), on the calling thread; may be empty.
using OnPhase = std::function<void(std::string_view)>;

/// What the host has for it.
struct Means
{
    CriuFacts criu;
    cgroup::HierarchiesPtr hierarchies;
    std::string spillFolder; ///< for images that memory does not hold; on the store's disk
};

struct Saved;

/// What is to become of what was saved and stands still (see HandOver).
enum class Ending : std::uint8_t {
    RunsOn,
    Ends,
    Unknown ///< it may be meant to run elsewhere: it is left standing still, and somebody has to look at it
};
struct Decided
{
    Ending ending = Ending::RunsOn;
    std::optional<Error> why; ///< unless it ends
};

/// Between that a container is in the store, standing still, and its end: somebody else takes it over. On the thread
/// that saves.
struct HandOver
{
    /// Its failure lets it run on.
    std::function<Result<>(const Saved &)> offer;
    /// Says for good what becomes of it. From the call on nothing thaws it if this process dies: whoever starts next
    /// has to find that out.
    std::function<Decided()> decide;
};

/// Where several containers are saved as one: each waits for the others. On the thread that saves; what fails lets it
/// run on.
struct Together
{
    /// All is done but that it stands still. Returns when all are so far.
    std::function<Result<>()> ready;
    /// It came to stand still between these two, and nothing reaches it any more, nor leaves it. Returns when that is
    /// so of all; may add to the manifest.
    std::function<Result<>(runtime::Clock::time_point begun, runtime::Clock::time_point stands, repository::Manifest &)>
        frozen;
    /// It is in the store, and stands still. Returns when that is so of all: it goes on then, or ends.
    std::function<Result<>(const Saved &)> saved;
};

struct SaveWish
{
    std::vector<std::int32_t> pids;   ///< the whole tree, its first process first
    bool leaveRunning = true;         ///< false: it ends once its checkpoint is in the store
    std::vector<std::string> options; ///< for CRIU, besides those that pre-flight chooses
    repository::Manifest manifest;    ///< container, parent, trigger, name, note; what the host tells is filled in
    PreDumpWish preDump = PreDumpWish::Auto; ///< not of what is saved by a runtime's verb
    FilesWish filesWish{}; ///< none is saved unless it says so; of what runc or crun keep: those it declares
    std::optional<HandOver> handOver{}; ///< with leaveRunning false; of what runc or crun keep alone
    std::optional<Together> together{}; ///< without handOver; of what Gantry started alone (engine/launch)
};

struct Saved
{
    repository::CheckpointId id;
    repository::Sizes sizes;
    std::vector<Finding> findings; ///< of pre-flight: what options took care of, what is lost
    std::vector<std::string> options;
    std::uint32_t processes = 0;
    std::chrono::microseconds stood{}; ///< how long the tree stood still, by CRIU's own clock; 0 where it was ended
    std::string notRecorded;           ///< why the audit record could not be written; set by who writes it
    bool files = false;                ///< what it changed of its root is part of it (by_runtime.h)
    PreDumped preDump{};               ///< rounds before it stood still, or why there are none
    Bytes resident{};                  ///< when it was looked at
    std::optional<FreezeGuess> expected{}; ///< how long it was to stand still, before it did; set by who keeps that
    Bytes savedStill{};                ///< pages that were saved while it stood still; 0: not known
    FileTotals fileTotals{};           ///< of files that were asked for
    std::vector<std::string> notes{};  ///< which of them are not part of it, and why: a sentence each
};

/// Pre-flight's verdict as a refusal. @errors ENOTSUP with the worst finding.
[[nodiscard]] Result<> checkSave(const std::vector<Finding> &findings, std::string_view subject);

/// For the job list: one line each.
[[nodiscard]] std::vector<std::string> resultLines(const Saved &saved);

/// Saves the memory of a process tree into the store. While the tree stands still its images go into memory (a folder
/// on the store's disk where they are too big for that); they are stored after it runs again, or, where it is to end,
/// before it does: at every failure, of CRIU, of the store or of us, it runs on.
/// Files are part of it as the wish says, taken at the same instant; what else is open must be there when it is
/// restored, as checkOpenFiles() says.
/// @errors ENOTSUP with the worst finding where pre-flight says that it is not possible; EBUSY while its memory still
/// comes in; as runCriu(), Writer and FileCapture.
/// Thread: any; blocks.
[[nodiscard]] Result<Saved> save(const SaveWish &wish, const Means &means, repository::Store &store,
                                 const runtime::Patience &patience, const OnPhase &onPhase);

struct Restored
{
    std::int32_t pid = 0; ///< the first process; our child
    std::uint32_t processes = 0;
    std::chrono::microseconds stood{}; ///< from the call until it ran; its memory may have come in behind that
    std::string notRecorded{};         ///< as Saved::notRecorded
    std::int32_t child = 0;            ///< of ours, to be reaped: the first process, or its keeper; 0: none (by podman)
    std::vector<std::string> notes{};  ///< what is not as it was then, a sentence each
};

[[nodiscard]] std::vector<std::string> resultLines(const Restored &restored);

/// What can be seen beforehand to stand in the way of a restore. @errors ENOTSUP (no CRIU works here, or a newer one
/// wrote it); EEXIST naming who has one of the pids; ENOENT naming the cgroup that is gone.
/// @param ending pids that will be free by then.
[[nodiscard]] Result<> checkRestore(const repository::Checkpoint &checkpoint, const Means &means,
                                    std::span<const std::int32_t> ending = {});

/// What can be said of files beforehand.
struct FilesOutlook
{
    std::vector<Replaced> replaced; ///< empty where they are left out
    std::vector<std::string> notes; ///< what has changed and goes with it all the same, who reads what is replaced
};
/// Whether the files that its processes had open are as they need them (see checkOpenFiles()), but for those that are
/// put back, and whether these can be. @param ending pids that have ended by then.
/// @errors as checkOpenFiles(), lookAtReplaced(), checkReplaced(); of the store. Thread: any; blocks.
[[nodiscard]] Result<FilesOutlook> checkFiles(const repository::CheckpointId &id, const repository::Store &store,
                                              KeptFilesUse use, std::span<const std::int32_t> ending,
                                              const std::stop_token &stop);

/// Brings a checkpoint's processes back, with the pids they had, in the cgroups they were in. They run as soon as the
/// kernel has them; where they have much private memory, it comes in behind that (see LazyMemory), and they can be
/// saved again when all of it is there, which is when this returns.
/// Its files are put back first, those of now aside: these are gone once it runs, and back if anything fails.
/// @errors as checkRestore() and checkFiles(); ENOENT (no such checkpoint), EBADMSG (it is damaged); as runCriu(), LazyMemory::fill().
/// Nothing of it runs then. Thread: any; blocks.
[[nodiscard]] Result<Restored> restore(const repository::CheckpointId &id, const Means &means,
                                       const repository::Store &store, const runtime::Patience &patience,
                                       const OnPhase &onPhase, KeptFilesUse use = KeptFilesUse::PutBack);

/// True if version `a` ("4.2.1") is before `b`; numbers between dots, a missing one is 0.
[[nodiscard]] bool isOlderVersion(std::string_view a, std::string_view b);

} // namespace gantry::checkpoint
