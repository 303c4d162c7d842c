// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/repository/bytes.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::repository {

/// What is about to be done to the medium.
enum class DiskStep : std::uint8_t { CreateFolder, Create, Write, Sync, SyncFolder, Truncate, Rename, Unlink, Commit };

/// Called before each step; an errno other than 0 makes it fail with that. For tests: what dies here, or is refused,
/// leaves what a power cut or a full disk leaves. Thread: any that writes, several at once.
using DiskHook = std::function<int(DiskStep, std::string_view file)>;

/// The folder of a repository: its files by names relative to it, created with 0600 and folders with 0700. Errors have
/// the full path as subject. Thread: any.
class Disk
{
public:
    /// @param create makes the folder (not its parents) where it is missing.
    [[nodiscard]] static Result<Disk> open(const std::string &path, bool create, DiskHook hook);

    [[nodiscard]] const std::string &path() const { return m_path; }
    [[nodiscard]] std::string pathOf(const std::string &name) const;

    [[nodiscard]] Result<> createFolder(const std::string &name) const;
    /// A new file for reading and writing. @errors EEXIST.
    [[nodiscard]] Result<UniqueFd> create(const std::string &name) const;
    [[nodiscard]] Result<UniqueFd> open(const std::string &name, int flags) const;
    [[nodiscard]] Result<> writeAt(int fd, const std::string &name, std::uint64_t offset, ByteView bytes) const;
    /// Fills `bytes` whole. @errors EBADMSG where the file ends before.
    [[nodiscard]] Result<> readAt(int fd, const std::string &name, std::uint64_t offset,
                                  std::span<std::byte> bytes) const;
    [[nodiscard]] Result<> sync(int fd, const std::string &name) const;
    /// The kernel begins to write this part to the medium: sync() has less to wait for. Nothing lasts by it.
    void startSync(int fd, std::uint64_t offset, std::uint64_t size) const;
    /// What was created, renamed or removed in it lasts. @param name empty: the repository's own folder.
    [[nodiscard]] Result<> syncFolder(const std::string &name) const;
    [[nodiscard]] Result<> truncate(int fd, const std::string &name, std::uint64_t size) const;
    [[nodiscard]] Result<> rename(const std::string &from, const std::string &to) const;
    [[nodiscard]] Result<> unlink(const std::string &name) const;
    /// Names in a folder, without "." and "..".
    [[nodiscard]] Result<std::vector<std::string>> list(const std::string &name) const;
    /// Asks the hook. @errors what it answers.
    [[nodiscard]] Result<> before(DiskStep step, const std::string &name, std::string_view op) const;

private:
    Disk() = default;

    std::string m_path;
    UniqueFd m_folder;
    DiskHook m_hook;
};

} // namespace gantry::repository
