// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_homes.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/cgroup/limits.h"
#include "engine/service/checkpoint_common.h"

#include <algorithm>
#include <ranges>
#include <set>

#include <sys/stat.h>

namespace gantry::service {

using cgroup::CgroupPath;
using cgroup::Hierarchies;
using cgroup::Hierarchy;

namespace {

struct Limit
{
    LimitKey key;
    LimitValue value;
    std::string path;
};

/// The path and all above it, the root left out, the highest first.
std::vector<CgroupPath> withAncestors(const CgroupPath &path)
{
    std::vector<CgroupPath> out;
    for (CgroupPath one = path; !one.isRoot(); one = one.parent())
        out.insert(out.begin(), one);
    return out;
}

Result<std::vector<Limit>> parseHomes(std::string_view text)
{
    std::vector<Limit> out;
    while (const auto line = takeLine(text)) {
        const std::size_t first = line->find('\t');
        const std::size_t second = first == std::string_view::npos ? first : line->find('\t', first + 1);
        if (second == std::string_view::npos)
            return failParse("limit of a checkpoint", *line);
        const LimitKey key = GANTRY_TRY(limitKeyByName(line->substr(0, first)));
        LimitValue value = GANTRY_TRY(parseLimitValue(key, line->substr(first + 1, second - first - 1)));
        if (!cgroup::limitsNothing(value)) // a new cgroup has no other, and this host may not have the file
            out.push_back({key, std::move(value), std::string(line->substr(second + 1))});
    }
    return out;
}

/// A cgroup that is not in a hierarchy that it was in.
struct Missing
{
    const Hierarchy *hierarchy;
    CgroupPath path;
};

Result<std::vector<Missing>> missingOf(const Hierarchies &hierarchies, std::span<const checkpoint::Place> places)
{
    std::vector<Missing> out;
    std::set<std::pair<unsigned, std::string>> seen;
    for (const checkpoint::Place &place : places) {
        const Hierarchy *hierarchy = hierarchies.at(place.hierarchy);
        if (hierarchy == nullptr)
            return fail(ENODEV, "restore", place.path, "it was in a cgroup hierarchy that is not mounted here");
        for (const CgroupPath &path : withAncestors(GANTRY_TRY(CgroupPath::parse(place.path)))) {
            if (!seen.insert({place.hierarchy, path.text()}).second)
                continue;
            const auto there = cgroup::openCgroup(*hierarchy, path);
            if (there)
                continue;
            if (there.error().posix() != ENOENT)
                return std::unexpected(there.error());
            out.push_back({hierarchy, path});
        }
    }
    return out;
}

/// In one hierarchy: where none of its controllers' verb makes it (v2 without controllers, beside v1).
Result<> makeIn(const Hierarchy &hierarchy, const CgroupPath &path)
{
    const UniqueFd parent = GANTRY_TRY(cgroup::openCgroup(hierarchy, path.parent()));
    if (::mkdirat(parent.get(), std::string(path.name()).c_str(), 0755) != 0 && errno != EEXIST)
        return failErrno("mkdir", hierarchy.mountPoint + path.text());
    return {};
}

/// What a cgroup of v2 has been given by its parent: "memory pids"; empty where there is no v2.
Result<std::string> controllersOf(const Hierarchies &hierarchies, const CgroupPath &path)
{
    if (hierarchies.unified() == nullptr)
        return std::string();
    const UniqueFd dir = GANTRY_TRY(cgroup::openCgroup(*hierarchies.unified(), path));
    TextBuffer buffer;
    return std::string(GANTRY_TRY(buffer.readAt(dir.get(), "cgroup.controllers")));
}

/// v2: a limit's file is there only where the parent gives its controller on. A parent that does is not touched: Gantry
/// may not change one that is above itself.
Result<> giveControllers(const control::Control &control, const Hierarchies &hierarchies, const CgroupPath &path,
                         std::span<const Limit> limits, const control::Call &call)
{
    control::ControllersWish wish;
    const std::string text = GANTRY_TRY(controllersOf(hierarchies, path));
    const std::vector<std::string> given = splitWords(trim(text));
    for (const Limit &limit : limits) {
        const std::string controller(limitInfo(limit.key).controller);
        if (std::ranges::find(given, controller) != given.end())
            continue;
        const auto file = cgroup::limitFile(hierarchies, limit.key);
        if (limit.path == path.text() && !controller.empty() && file && file->hierarchy->version == cgroup::Version::V2)
            wish.enable.push_back(controller);
    }
    if (wish.enable.empty())
        return {};
    const cgroup::Cgroup parent = GANTRY_TRY(cgroup::locate(hierarchies, path.parent()));
    GANTRY_TRY(control.setControllers(parent, wish, call));
    return {};
}

Result<std::string> setLimits(const control::Control &control, const Hierarchies &hierarchies, const CgroupPath &path,
                              std::span<const Limit> limits, const control::Call &call)
{
    const cgroup::Cgroup target = GANTRY_TRY(cgroup::locate(hierarchies, path));
    std::vector<control::LimitSetting> wanted;
    std::string text;
    for (const Limit &limit : limits) {
        if (limit.path != path.text())
            continue;
        const auto now = cgroup::readLimit(hierarchies, target, limit.key);
        if (now && *now == limit.value)
            continue; // what a new cgroup has
        wanted.push_back({limit.key, limit.value});
        text += strCat(text.empty() ? "" : ", ", limitInfo(limit.key).name, " ", limitValueText(limit.value));
    }
    if (!wanted.empty())
        GANTRY_TRY(control.setLimits(target, wanted, call));
    return text;
}

/// What was made without its limits would pass for one that has them at the next attempt.
Error withoutThose(const control::Control &control, const Hierarchies &hierarchies, std::span<const CgroupPath> made,
                   Error failure, const control::Call &call)
{
    for (const CgroupPath &path : made | std::views::reverse) {
        const auto target = cgroup::locate(hierarchies, path);
        const auto removed = target ? control.removeCgroup(*target, call) : std::unexpected(target.error());
        if (!removed)
            failure.detail +=
                strCat("; cgroup ", path.text(), " was made for it, and stays: ", removed.error().message());
    }
    return failure;
}

} // namespace

std::string homesText(const Hierarchies &hierarchies, std::span<const checkpoint::Place> places)
{
    std::set<std::string> seen;
    std::string out;
    for (const checkpoint::Place &place : places) {
        const auto parsed = CgroupPath::parse(place.path);
        for (const CgroupPath &path : parsed ? withAncestors(*parsed) : std::vector<CgroupPath>()) {
            if (!seen.insert(path.text()).second)
                continue;
            for (const LimitInfo &info : limitTable()) {
                const auto value = info.role == LimitRole::Mode ? fail(ENOTSUP, "", "", "")
                                                                : cgroup::readLimit(hierarchies, path, info.key);
                if (value && !cgroup::limitsNothing(*value))
                    out += strCat(info.name, "\t", limitValueText(*value), "\t", path.text(), "\n");
            }
        }
    }
    return out;
}

Result<std::optional<std::vector<SavedLimit>>> savedLimits(const repository::Manifest &manifest, std::string_view path)
{
    if (!manifest.values.contains(kHomes))
        return std::nullopt;
    std::vector<SavedLimit> out;
    for (Limit &limit : GANTRY_TRY(parseHomes(valueOf(manifest, kHomes)))) {
        std::string_view below = limit.path;
        if (!below.starts_with(path))
            continue;
        below.remove_prefix(path.size());
        if (below.empty() || below.front() == '/')
            out.push_back({std::string(below), {limit.key, std::move(limit.value)}});
    }
    return out;
}

Result<std::vector<std::string>> remakeHomes(const control::Control &control, const Hierarchies &hierarchies,
                                             const repository::Manifest &manifest, const control::Call &call)
{
    const auto places = GANTRY_TRY(checkpoint::parsePlaces(valueOf(manifest, "cgroups")));
    const auto limits = GANTRY_TRY(parseHomes(valueOf(manifest, kHomes)));
    const auto missing = GANTRY_TRY(missingOf(hierarchies, places));
    std::vector<std::string> paths; // the highest first
    for (const Missing &one : missing) {
        if (std::ranges::find(paths, one.path.text()) == paths.end())
            paths.push_back(one.path.text());
    }
    std::vector<std::string> out;
    std::vector<CgroupPath> made;
    const auto remake = [&](const std::string &text) -> Result<> {
        const CgroupPath path = GANTRY_TRY(CgroupPath::parse(text));
        const bool isNew = !cgroup::locate(hierarchies, path);
        if (isNew)
            GANTRY_TRY(control.createCgroup(path, call));
        if (isNew)
            made.push_back(path);
        for (const Missing &one : missing) {
            if (one.path.text() == text)
                GANTRY_CHECK(makeIn(*one.hierarchy, path));
        }
        GANTRY_CHECK(giveControllers(control, hierarchies, path, limits, call));
        const std::string set = GANTRY_TRY(setLimits(control, hierarchies, path, limits, call));
        out.push_back(strCat("cgroup ", text, " was gone: made again", set.empty() ? "" : ", with ", set));
        return {};
    };
    for (const std::string &text : paths) {
        if (call.dryRun)
            out.push_back(strCat("cgroup ", text, " is gone: it would be made again, with the limits it had"));
        else if (auto failed = remake(text); !failed)
            return std::unexpected(withoutThose(control, hierarchies, made, std::move(failed).error(), call));
    }
    return out;
}

} // namespace gantry::service
