// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/namespaces/namespaces.h"

#include "engine/base/mountinfo.h"
#include "engine/base/parse.h"
#include "engine/process/process.h"

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::namespaces {

namespace {

/// By the number of the type; 0 is none.
constexpr std::array<std::string_view, 9> kNames{"", "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

} // namespace

std::string_view typeName(Type type)
{
    return kNames.at(static_cast<std::size_t>(type));
}

std::optional<Type> typeByName(std::string_view name)
{
    for (const Type type : kTypes) {
        if (typeName(type) == name)
            return type;
    }
    return std::nullopt;
}

std::string Ref::text() const
{
    return strCat(typeName(type), ":[", inode, ']');
}

Result<Ref> parseRef(std::string_view text)
{
    const std::size_t colon = text.find(":[");
    if (colon == std::string_view::npos || !text.ends_with(']'))
        return failParse("namespace", text);
    const auto type = typeByName(text.substr(0, colon));
    const auto inode = parseU64(text.substr(colon + 2, text.size() - colon - 3));
    if (!type || !inode || *inode == 0)
        return failParse("namespace", text);
    return Ref{*type, *inode};
}

Result<std::vector<BindMount>> parseBindMounts(std::string_view mountinfo)
{
    std::vector<BindMount> out;
    while (const auto line = takeLine(mountinfo)) {
        const MountInfoLine mount = GANTRY_TRY(parseMountInfoLine(*line));
        if (mount.type == "nsfs")
            out.push_back({GANTRY_TRY(parseRef(mount.root)), mount.mountPoint});
    }
    return out;
}

Result<Ref> ofProcess(std::int32_t pid, Type type, const std::string &proc)
{
    const std::string folder = strCat(proc, '/', pid);
    const std::string link = strCat(folder, "/ns/", typeName(type));
    struct stat status{};
    if (::stat(link.c_str(), &status) == 0)
        return Ref{type, status.st_ino};
    const int err = errno;
    if (err == ENOENT && ::access(folder.c_str(), F_OK) != 0)
        return fail(ESRCH, "stat", strCat("pid ", pid), "the process is gone");
    return failErrno("stat", link, err);
}

Result<std::vector<Ref>> ofProcess(std::int32_t pid, const std::string &proc)
{
    std::vector<Ref> out;
    for (const Type type : kTypes) {
        const auto ref = ofProcess(pid, type, proc);
        if (ref)
            out.push_back(*ref);
        else if (ref.error().posix() != ENOENT)
            return std::unexpected(ref.error());
    }
    return out;
}

Result<std::vector<Ref>> ofHost(const std::string &proc)
{
    constexpr std::int32_t kKthreadd = 2;
    auto refs = ofProcess(1, proc);
    if (!refs) {
        const auto stat = process::readStat(kKthreadd, proc);
        if (stat && stat->comm == "kthreadd" && stat->parentPid == 0)
            refs = ofProcess(kKthreadd, proc);
    }
    return refs ? refs : ofProcess(::getpid(), proc);
}

} // namespace gantry::namespaces
