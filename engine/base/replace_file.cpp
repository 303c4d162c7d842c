// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/replace_file.h"

#include "engine/base/fd.h"

#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace gantry {

Result<> renameFile(const std::string &from, const std::string &to)
{
    if (std::rename(from.c_str(), to.c_str()) != 0)
        return failErrno("rename", to);
    return {};
}

Result<> replaceFile(const std::string &path, std::string_view text)
{
    const std::string folder = std::filesystem::path(path).parent_path().string();
    std::error_code made;
    std::filesystem::create_directories(folder, made);
    if (made)
        return failErrno("mkdir", folder, made.value());
    const std::string temporary = path + ".new";
    const UniqueFd file = GANTRY_TRY(openAt(AT_FDCWD, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
    GANTRY_CHECK(writeAll(file.get(), std::as_bytes(std::span(text)), temporary));
    if (::fsync(file.get()) != 0)
        return failErrno("fsync", temporary);
    GANTRY_CHECK(renameFile(temporary, path));
    const UniqueFd parent = GANTRY_TRY(openAt(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(parent.get()) != 0)
        return failErrno("fsync", folder);
    return {};
}

} // namespace gantry
