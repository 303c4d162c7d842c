// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// A file or folder "PREFIXxxxxxx" that is locked as long as its owner lives, so that others can tell what a killed one
/// has left, and take that over. Without remove() it stays, and is left from then on. Only its owner may read it.
/// Source: flock(2), whose lock goes with the last descriptor, however its process ends. Thread: one at a time.
class LockedEntry
{
public:
    enum class Kind : std::uint8_t { File, Folder };

    /// A new one, of which takeLeft() keeps its hands from the moment this returns. @param prefix of its name.
    /// @errors of mkostemp(3), mkdtemp(3), open(2), flock(2), naming the folder or the entry.
    [[nodiscard]] static Result<LockedEntry> create(const std::string &folder, std::string_view prefix, Kind kind);
    /// Those that nobody holds any more; they are held now. An empty file is removed at once: whoever made it had not
    /// begun, or is only about to lock it and makes another one. None where the folder cannot be read.
    [[nodiscard]] static std::vector<LockedEntry> takeLeft(const std::string &folder, std::string_view prefix,
                                                           Kind kind);
    /// Takes those over, and removes them.
    static void removeLeft(const std::string &folder, std::string_view prefix, Kind kind);
    LockedEntry(LockedEntry &&other) noexcept = default;
    LockedEntry &operator=(LockedEntry &&) = delete;
    LockedEntry(const LockedEntry &) = delete;
    LockedEntry &operator=(const LockedEntry &) = delete;
    ~LockedEntry() = default;

    /// False once it was moved or removed.
    [[nodiscard]] explicit operator bool() const { return static_cast<bool>(m_fd); }
    /// A file: for reading and writing, if this process made it, else for reading. A folder: to open what is in it.
    [[nodiscard]] int fd() const { return m_fd.get(); }
    [[nodiscard]] const std::string &path() const { return m_path; }
    /// Removes it, a folder with all in it, and lets it go; nothing where it was moved or removed. What cannot be
    /// removed is left, for takeLeft().
    void remove();

private:
    LockedEntry(UniqueFd fd, std::string path, Kind kind) : m_fd(std::move(fd)), m_path(std::move(path)), m_kind(kind)
    {}
    /// It is still what has its name: nobody has removed it before it was locked.
    [[nodiscard]] bool isInPlace() const;

    UniqueFd m_fd;
    std::string m_path;
    Kind m_kind;
};

/// Names behind the prefix, of the files in the folder that somebody holds. @errors of reading the folder.
[[nodiscard]] Result<std::vector<std::string>> heldFiles(const std::string &folder, std::string_view prefix);

} // namespace gantry
