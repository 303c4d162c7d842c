// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"

#include <cstddef>
#include <span>
#include <string>

namespace gantry {

/// A file that is under its name when it is whole, and not before: written without a name (O_TMPFILE), or under another
/// one where the file system cannot. Nothing is left of it when it is destroyed before, and without a name also when
/// the program is killed. Only its owner may read it. Thread: one at a time.
class NewFile
{
public:
    /// @param replace what is there may be replaced, if it is a regular file; it stays until commit().
    /// @errors EEXIST: there is one, or something else than a file; of open(2), with the path or its folder.
    [[nodiscard]] static Result<NewFile> create(const std::string &path, bool replace);
    NewFile(NewFile &&other) noexcept = default;
    NewFile(const NewFile &) = delete;
    NewFile &operator=(const NewFile &) = delete;
    NewFile &operator=(NewFile &&) = delete;
    ~NewFile();

    /// @errors of write(2): ENOSPC, EDQUOT, EIO, with the path.
    [[nodiscard]] Result<> write(std::span<const std::byte> bytes);
    /// Makes it last and gives it its name. Once, at the end. @errors of fsync(2), linkat(2), rename(2); EEXIST where
    /// somebody else has made one of that name meanwhile.
    [[nodiscard]] Result<> commit();

private:
    NewFile(std::string path, bool replace, UniqueFd fd, std::string temporary)
        : m_path(std::move(path)), m_replace(replace), m_fd(std::move(fd)), m_temporary(std::move(temporary))
    {}
    [[nodiscard]] Result<> giveTemporaryName();

    std::string m_path;
    bool m_replace;
    UniqueFd m_fd;
    std::string m_temporary; ///< its name so far; empty: it has none
};

} // namespace gantry
