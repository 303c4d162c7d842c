// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/coming_in.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"

#include <algorithm>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::string_view kPrefix = "lazy.";

} // namespace

Result<std::unique_ptr<ComingIn>> ComingIn::say(const std::string &folder, std::int32_t pid)
{
    std::string path = strCat(folder, "/", kPrefix, std::to_string(pid));
    UniqueFd lock = GANTRY_TRY(openAt(AT_FDCWD, path, O_RDWR | O_CREAT, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return failErrno("flock", path);
    return std::unique_ptr<ComingIn>(new ComingIn(std::move(lock), std::move(path)));
}

ComingIn::~ComingIn()
{
    ::unlink(m_path.c_str()); // one that stays has no lock, and says nothing
}

Result<> ComingIn::check(const std::string &folder, std::span<const std::int32_t> pids)
{
    const UniqueFd dir = GANTRY_TRY(openAt(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
    const DirStream stream = GANTRY_TRY(openStream(dir.get()));
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string name(static_cast<const char *>(entry->d_name));
        const auto root = name.starts_with(kPrefix) ? parseI64(name.substr(kPrefix.size())) : failErrno("", "", ENOENT);
        const auto file = root ? openAt(dir.get(), name, O_RDONLY) : Result<UniqueFd>(failErrno("", "", ENOENT));
        if (!file || ::flock(file->get(), LOCK_SH | LOCK_NB) == 0)
            continue;
        const auto tree = treeOf(static_cast<std::int32_t>(*root));
        if (tree && std::ranges::find_first_of(*tree, pids) != tree->end())
            return fail(EBUSY, "checkpoint", strCat("pid ", *root), "its memory is still coming in after a restore",
                        "Try again when that job is done");
    }
    return {};
}

} // namespace gantry::checkpoint
