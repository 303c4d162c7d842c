// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/file_swap.h"
#include "engine/checkpoint/kept_files.h"
#include "engine/repository/store.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::checkpoint {

/// What becomes of the files of a checkpoint at a restore.
enum class KeptFilesUse : std::uint8_t { PutBack, LeftOut };

/// What a restore would do with one root of a checkpoint's files.
struct Replaced
{
    enum class Now : std::uint8_t {
        AsItWas, ///< nothing is done
        Changed,
        Gone
    };
    std::string path;
    bool folder = false;
    Now now = Now::AsItWas;
    std::uint64_t filesThen = 0; ///< everything in it
    std::uint64_t bytesThen = 0; ///< of regular files
    std::uint64_t filesNow = 0;
    std::uint64_t bytesNow = 0;
    timespec changedThen{}; ///< the newest modification of what is in it; zero: there is none
    timespec changedNow{};
};

/// Looks at what there is. Contents are read only where all else is as it was.
/// @errors ELOOP: a symbolic link is on the way; EXDEV: another file system is mounted in it; ENOENT: the folder that
/// it is in is gone; of reading; ECANCELED. Thread: any; blocks.
[[nodiscard]] Result<std::vector<Replaced>> lookAtReplaced(const KeptFiles &files, const std::stop_token &stop);

/// Whether they can be put back. @param ending pids that have ended by then. @return who else has one of them open, a
/// sentence each. @errors EBUSY: a process writes to one; ENOSPC. Thread: any; blocks.
[[nodiscard]] Result<std::vector<std::string>> checkReplaced(const KeptFiles &files,
                                                             const std::vector<Replaced> &replaced,
                                                             std::span<const std::int32_t> ending,
                                                             const std::stop_token &stop);

/// Puts the files of a checkpoint back as they were, and those of now aside until it is known to be good. What is as it
/// was is not touched. Of a folder everything in it is exchanged; itself it stays. Thread: one at a time; blocks.
class FileReturn
{
public:
    /// @errors as lookAtReplaced() and checkReplaced(); of writing: all is as it was then.
    [[nodiscard]] static Result<std::unique_ptr<FileReturn>> begin(const repository::CheckpointId &id,
                                                                   const repository::Store &store,
                                                                   const std::string &stateFolder,
                                                                   const std::stop_token &stop);

    /// The same, where the checkpoint has files and they are to be put back; else null.
    [[nodiscard]] static Result<std::unique_ptr<FileReturn>>
    ofCheckpoint(const repository::Checkpoint &checkpoint, KeptFilesUse use, const repository::Store &store,
                 const std::string &stateFolder, const std::stop_token &stop);

    [[nodiscard]] const KeptFiles &files() const { return m_files; }
    [[nodiscard]] const std::vector<std::string> &notes() const { return m_notes; }
    /// The process that was restored is there, and is about to run.
    [[nodiscard]] Result<> lives(std::int32_t pid);
    /// A runtime is about to restore it: as FileSwap::begins().
    [[nodiscard]] Result<> begins(std::int32_t keeper, const std::string &pidFile);
    /// It runs: what was put aside is gone. @errors of what could not be removed.
    [[nodiscard]] Result<> keep();
    /// The same; adds what is to be told of the files, and what could not be removed.
    void keepInto(std::vector<std::string> &notes);

private:
    struct Fresh;

    explicit FileReturn(KeptFiles files) : m_files(std::move(files)) {}
    [[nodiscard]] Result<> replace(const repository::CheckpointId &id, const repository::Store &store,
                                   const std::string &stateFolder, const std::vector<Replaced> &replaced,
                                   const std::stop_token &stop);
    [[nodiscard]] Result<Fresh> makePlace(std::size_t root, const std::string &mark);
    [[nodiscard]] Result<> writeContent(const repository::CheckpointId &id, const repository::Store &store,
                                        const std::vector<std::optional<Fresh>> &fresh, const std::stop_token &stop);
    [[nodiscard]] Result<> exchange(std::size_t root, const Fresh &fresh);

    KeptFiles m_files;
    std::optional<FileSwap> m_swap; ///< none: nothing is replaced
    std::vector<std::string> m_notes;
};

} // namespace gantry::checkpoint
