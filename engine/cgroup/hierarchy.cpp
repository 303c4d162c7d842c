// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/hierarchy.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/cgroup/mounts.h"

#include <algorithm>
#include <iterator>

#include <climits>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

namespace gantry::cgroup {

namespace {

bool contains(const std::vector<std::string> &list, std::string_view name)
{
    return std::ranges::find(list, name) != list.end();
}

/// What v2 does in its core, without a controller, where v1 has one.
bool isCoreOfV2(std::string_view controller)
{
    return controller == "cpuacct" || controller == "freezer" || controller == "devices" || controller == "perf_event";
}

std::string_view nameInV2(std::string_view v1Controller)
{
    return v1Controller == "blkio" ? std::string_view("io") : v1Controller;
}

std::vector<std::string> v1Controllers(const MountLine &line, const std::vector<ControllerLine> &known)
{
    std::vector<std::string> out;
    for (const std::string &option : line.superOptions)
        if (slotOfController(option) != 0 || std::ranges::find(known, option, &ControllerLine::name) != known.end())
            out.push_back(option);
    return out;
}

/// Lowest slot that one of the controllers has, 0 if none has one.
unsigned slotOf(const std::vector<std::string> &controllers)
{
    unsigned best = 0;
    for (const std::string &controller : controllers)
        if (const unsigned slot = slotOfController(controller); slot != 0 && (best == 0 || slot < best))
            best = slot;
    return best;
}

/// Opens the mount point and checks that a cgroup file system is there.
Result<> openMount(Hierarchy &hierarchy, const Hierarchies::Roots &roots)
{
    const std::string where = roots.prefix + hierarchy.mountPoint;
    UniqueFd dir = GANTRY_TRY(openAt(AT_FDCWD, where, O_PATH | O_DIRECTORY));
    if (roots.checkFileSystem) {
        struct statfs file = {};
        if (::fstatfs(dir.get(), &file) != 0)
            return failErrno("fstatfs", where);
        // Kernel: something else may be mounted over it.
        if (file.f_type != (hierarchy.version == Version::V2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC))
            return fail(ENODEV, "discover", where, "another file system is mounted over it");
    }
    struct stat status = {};
    if (::fstat(dir.get(), &status) != 0)
        return failErrno("fstat", where);
    hierarchy.device = status.st_dev;
    if (hierarchy.version == Version::V2) {
        TextBuffer buffer;
        hierarchy.controllers = splitWords(trim(GANTRY_TRY(buffer.readAt(dir.get(), "cgroup.controllers"))));
    }
    hierarchy.dir = std::make_shared<const UniqueFd>(std::move(dir));
    return {};
}

Hierarchy fromLine(const MountLine &line, const std::vector<ControllerLine> &known)
{
    Hierarchy out;
    out.version = line.v2 ? Version::V2 : Version::V1;
    if (!line.v2)
        out.controllers = v1Controllers(line, known);
    out.index = line.v2 ? 0 : slotOf(out.controllers);
    out.mountPoint = line.mountPoint;
    out.mountRoot = line.root;
    out.options = line.mountOptions;
    for (const std::string &option : line.superOptions)
        if (!contains(out.options, option))
            out.options.push_back(option);
    out.readOnly = contains(out.options, "ro");
    return out;
}

} // namespace

std::string_view modeName(Mode mode)
{
    switch (mode) {
    case Mode::None:
        return "none";
    case Mode::V1:
        return "v1";
    case Mode::V2:
        return "v2";
    case Mode::Hybrid:
        return "hybrid";
    }
    std::unreachable();
}

bool Hierarchy::has(std::string_view controller) const
{
    return contains(controllers, controller);
}

Result<std::shared_ptr<const Hierarchies>> Hierarchies::discover(const Roots &roots)
{
    const std::string mountInfo = GANTRY_TRY(readFile(roots.proc + "/self/mountinfo"));
    const std::vector<MountLine> found = GANTRY_TRY(parseMountInfo(mountInfo));
    // Kernel: /proc/cgroups is missing without CONFIG_CGROUPS and, from 6.13 on, without CONFIG_PROC_CGROUPS or v1.
    std::vector<ControllerLine> known;
    if (const auto text = readFile(roots.proc + "/cgroups"))
        known = GANTRY_TRY(parseControllers(*text));
    else if (text.error().posix() != ENOENT)
        return std::unexpected(text.error());

    // A whole tree is a better view of a hierarchy than a part of it mounted elsewhere.
    std::vector<MountLine> lines = found;
    std::erase_if(lines, [](const MountLine &line) { return line.root != "/"; });
    std::ranges::copy_if(found, std::back_inserter(lines), [](const MountLine &line) { return line.root != "/"; });
    const std::shared_ptr<Hierarchies> out(new Hierarchies);
    for (const MountLine &line : lines) {
        Hierarchy hierarchy = fromLine(line, known);
        if ((hierarchy.version == Version::V1 && hierarchy.index == 0) || out->at(hierarchy.index) != nullptr)
            continue;
        if (const auto opened = openMount(hierarchy, roots); !opened)
            log::debug(log::Area::Cgroup, "mount passed over: ", opened.error().message());
        else
            out->m_all.push_back(std::move(hierarchy));
    }
    std::ranges::sort(out->m_all, {}, &Hierarchy::index);
    for (const ControllerLine &controller : known)
        if (controller.enabled && out->forController(controller.name) == nullptr)
            out->m_unmounted.push_back(controller.name);
    return out;
}

Mode Hierarchies::mode() const
{
    if (m_all.empty())
        return Mode::None;
    if (unified() == nullptr)
        return Mode::V1;
    return m_all.size() == 1 ? Mode::V2 : Mode::Hybrid;
}

const Hierarchy *Hierarchies::at(unsigned index) const
{
    const auto found = std::ranges::find(m_all, index, &Hierarchy::index);
    return found == m_all.end() ? nullptr : &*found;
}

const Hierarchy *Hierarchies::forController(std::string_view controller) const
{
    const std::string_view inV1 = controller == "io" ? std::string_view("blkio") : controller;
    for (const Hierarchy &hierarchy : m_all)
        if (hierarchy.version == Version::V1 && hierarchy.has(inV1))
            return &hierarchy;
    const Hierarchy *v2 = unified();
    return v2 != nullptr && (isCoreOfV2(controller) || v2->has(nameInV2(controller))) ? v2 : nullptr;
}

Result<UniqueFd> openCgroup(const Hierarchy &hierarchy, const CgroupPath &path)
{
    constexpr int kFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    std::string_view rest = std::string_view(path.text()).substr(1);
    UniqueFd dir;
    do {
        // Kernel: one call takes at most PATH_MAX bytes with the final NUL; longer paths go in steps.
        std::string_view step = rest.substr(0, PATH_MAX - 1);
        if (step.size() < rest.size())
            step = step.substr(0, step.rfind('/'));
        const int from = dir ? dir.get() : hierarchy.dir->get();
        UniqueFd next(::openat(from, step.empty() ? "." : std::string(step).c_str(), kFlags));
        if (!next)
            return failErrno("openat", path.text());
        dir = std::move(next);
        rest.remove_prefix(std::min(rest.size(), step.size() + 1));
    } while (!rest.empty());
    return dir;
}

Result<UniqueFd> openCgroup(const Hierarchy &hierarchy, const Cgroup &cgroup)
{
    if (!cgroup.in(hierarchy.index))
        return fail(ENOENT, "open", cgroup.path.text(), strCat("is not in the hierarchy at ", hierarchy.mountPoint));
    UniqueFd dir = GANTRY_TRY(openCgroup(hierarchy, cgroup.path));
    if (GANTRY_TRY(inodeOf(dir.get())) != cgroup.inodes.at(hierarchy.index))
        return fail(ESTALE, "open", cgroup.path.text(), "was removed and made again since it was seen");
    return dir;
}

Result<std::uint64_t> inodeOf(int fd)
{
    struct stat status = {};
    if (::fstat(fd, &status) != 0)
        return failErrno("fstat", "cgroup directory");
    return status.st_ino;
}

Result<Cgroup> locate(const Hierarchies &hierarchies, const CgroupPath &path)
{
    Cgroup out;
    out.path = path;
    std::optional<Error> failure;
    for (const Hierarchy &hierarchy : hierarchies.all()) {
        const auto dir = openCgroup(hierarchy, path);
        if (!dir) {
            const int err = dir.error().posix();
            if (err != ENOENT && err != ENOTDIR && !failure)
                failure = dir.error();
            continue;
        }
        const std::uint64_t inode = GANTRY_TRY(inodeOf(dir->get()));
        out.inodes.at(hierarchy.index) = inode;
        if (!out.id)
            out.id = NodeId::cgroup(hierarchy.index, inode);
    }
    if (out.id)
        return out;
    if (failure)
        return std::unexpected(*std::move(failure));
    return fail(ENOENT, "locate", path.text(), "no such cgroup in any hierarchy");
}

} // namespace gantry::cgroup
