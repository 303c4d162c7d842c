// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/placement.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/cgroup/procs.h"

namespace gantry::checkpoint {

namespace {

struct Found
{
    const cgroup::Hierarchy *hierarchy;
    cgroup::Cgroup cgroup;
};

Result<Found> find(const cgroup::Hierarchies &hierarchies, const Place &place)
{
    const cgroup::Hierarchy *hierarchy = hierarchies.at(place.hierarchy);
    if (hierarchy == nullptr)
        return fail(ENODEV, "restore", place.path, "it was in a cgroup hierarchy that is not mounted here");
    const auto path = GANTRY_TRY(cgroup::CgroupPath::parse(place.path));
    const auto cgroup = cgroup::locate(hierarchies, path);
    if (!cgroup || !cgroup->in(place.hierarchy))
        return fail(ENOENT, "restore", place.path,
                    strCat("the cgroup that pid ", place.pid, " was in is gone from ", hierarchy->mountPoint),
                    "Make it first (gantryctl mkcgroup), and set its limits");
    return Found{hierarchy, *cgroup};
}

} // namespace

Result<std::vector<Place>> placesOf(const cgroup::Hierarchies &hierarchies, std::span<const std::int32_t> pids)
{
    std::vector<Place> out;
    for (const std::int32_t pid : pids) {
        auto found = cgroup::cgroupsOf(hierarchies, pid);
        if (!found && (found.error().posix() == ENOENT || found.error().posix() == ESRCH))
            continue; // it has ended
        const auto paths = GANTRY_TRY(std::move(found));
        for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
            const std::string &path = paths.at(hierarchy.index);
            // "/../x": outside of our cgroup namespace, which we cannot put it back to.
            if (!path.empty() && !path.starts_with("/.."))
                out.push_back({pid, hierarchy.index, path});
        }
    }
    return out;
}

std::string placesText(std::span<const Place> places)
{
    std::string out;
    for (const Place &place : places)
        out += strCat(place.pid, " ", place.hierarchy, " ", place.path, "\n");
    return out;
}

Result<std::vector<Place>> parsePlaces(std::string_view text)
{
    std::vector<Place> out;
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const auto pid = parseU64(takeToken(rest));
        const auto hierarchy = parseU64(takeToken(rest));
        const std::string_view path = trim(rest);
        if (!pid || !hierarchy || *pid == 0 || *pid > 0x7fffffff || *hierarchy >= cgroup::kMaxHierarchies ||
            !path.starts_with('/'))
            return failParse("place of a process", *line);
        out.push_back({static_cast<std::int32_t>(*pid), static_cast<unsigned>(*hierarchy), std::string(path)});
    }
    return out;
}

Result<> checkPlaces(const cgroup::Hierarchies &hierarchies, std::span<const Place> places)
{
    for (const Place &place : places)
        GANTRY_TRY(find(hierarchies, place));
    return {};
}

Result<> putInPlace(const cgroup::Hierarchies &hierarchies, std::span<const Place> places)
{
    for (const Place &place : places) {
        const auto now = GANTRY_TRY(cgroup::cgroupsOf(hierarchies, place.pid));
        if (now.at(place.hierarchy) == place.path)
            continue;
        const Found found = GANTRY_TRY(find(hierarchies, place));
        GANTRY_CHECK(cgroup::writeProcs(*found.hierarchy, found.cgroup, place.pid));
    }
    return {};
}

} // namespace gantry::checkpoint
