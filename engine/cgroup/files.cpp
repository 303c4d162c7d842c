// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/files.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/stat.h>

namespace gantry::cgroup {

namespace {

constexpr std::array<std::string_view, 3> kProcessLists{"cgroup.procs", "cgroup.threads", "tasks"};

Result<std::vector<std::string>> namesOf(int dir, unsigned char type)
{
    const DirStream stream = GANTRY_TRY(openStream(dir));
    std::vector<std::string> out;
    errno = 0;
    while (const dirent *entry = ::readdir(stream.get())) {
        if (entry->d_type == type && std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..")
            out.emplace_back(entry->d_name);
    }
    if (errno != 0)
        return failErrno("readdir", ".");
    std::ranges::sort(out);
    return out;
}

} // namespace

Result<std::uint64_t> readNumber(TextBuffer &buffer, int dir, const std::string &file)
{
    return parseU64(trim(GANTRY_TRY(buffer.readAt(dir, file))));
}

Result<std::vector<std::string>> fileNames(int dir)
{
    return namesOf(dir, DT_REG);
}

Result<std::vector<std::string>> childNames(int dir)
{
    return namesOf(dir, DT_DIR);
}

Result<std::vector<FileText>> readFiles(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    std::vector<FileText> out;
    TextBuffer buffer;
    for (const Hierarchy &hierarchy : hierarchies.all()) {
        if (!cgroup.in(hierarchy.index))
            continue;
        const UniqueFd dir = GANTRY_TRY(openCgroup(hierarchy, cgroup));
        for (const std::string &name : GANTRY_TRY(fileNames(dir.get()))) {
            struct stat status{};
            // Files come and go with their controllers: one that is gone by now is none of this cgroup.
            if (std::ranges::count(kProcessLists, name) != 0 || ::fstatat(dir.get(), name.c_str(), &status, 0) != 0 ||
                (status.st_mode & S_IRUSR) == 0)
                continue;
            auto text = buffer.readAt(dir.get(), name);
            Result<std::string> kept =
                text ? Result<std::string>(text->substr(0, kMostFileText)) : std::unexpected(std::move(text).error());
            if (!kept)
                kept.error().subject = strCat(cgroup.path.isRoot() ? "" : cgroup.path.text(), '/', name);
            out.push_back({name, hierarchy.index, (status.st_mode & S_IWUSR) != 0, std::move(kept)});
        }
    }
    return out;
}

} // namespace gantry::cgroup
