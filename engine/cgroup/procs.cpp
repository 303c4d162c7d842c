// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/procs.h"

#include "engine/base/parse.h"

#include <algorithm>
#include <optional>

namespace gantry::cgroup {

namespace {

constexpr std::string_view kDeleted = " (deleted)";

void sortUnique(std::vector<std::int32_t> &pids)
{
    std::ranges::sort(pids);
    const auto tail = std::ranges::unique(pids);
    pids.erase(tail.begin(), tail.end());
}

/// Slot of one /proc/PID/cgroup line; nullptr for a hierarchy that is not mounted.
const Hierarchy *hierarchyOf(const Hierarchies &hierarchies, const MembershipLine &line)
{
    if (line.controllers.empty())
        return hierarchies.unified();
    for (const Hierarchy &hierarchy : hierarchies.all())
        if (hierarchy.version == Version::V1 && hierarchy.has(line.controllers.front()))
            return &hierarchy;
    return nullptr;
}

} // namespace

Result<std::vector<std::int32_t>> parseProcs(std::string_view text)
{
    std::vector<std::int32_t> out;
    while (const auto line = takeLine(text)) {
        const auto pid = parseU64(*line);
        // Kernel: PID_MAX_LIMIT is 2^22; 0 stands for a process of another pid namespace.
        if (!pid || *pid > 4'194'304)
            return failParse("cgroup.procs line", *line);
        if (*pid != 0)
            out.push_back(static_cast<std::int32_t>(*pid));
    }
    sortUnique(out);
    return out;
}

Result<std::vector<MembershipLine>> parseMembership(std::string_view text)
{
    std::vector<MembershipLine> out;
    while (const auto line = takeLine(text)) {
        const auto first = line->find(':');
        const auto second = first == std::string_view::npos ? first : line->find(':', first + 1);
        if (second == std::string_view::npos || !parseU64(line->substr(0, first)))
            return failParse("/proc/PID/cgroup line", *line);
        std::string_view path = line->substr(second + 1);
        if (!path.starts_with('/'))
            return failParse("/proc/PID/cgroup line", *line);
        if (path.ends_with(kDeleted))
            path.remove_suffix(kDeleted.size());
        MembershipLine entry;
        entry.path = path;
        for (std::string_view rest = line->substr(first + 1, second - first - 1); !rest.empty();) {
            const auto comma = rest.find(',');
            entry.controllers.emplace_back(rest.substr(0, comma));
            rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        }
        out.push_back(std::move(entry));
    }
    return out;
}

Result<std::vector<std::int32_t>> readProcs(const Hierarchy &hierarchy, const Cgroup &cgroup)
{
    const UniqueFd dir = GANTRY_TRY(openCgroup(hierarchy, cgroup));
    TextBuffer buffer;
    auto text = buffer.readAt(dir.get(), "cgroup.procs");
    // Kernel: cgroup.procs of a threaded cgroup cannot be read; its threads can.
    if (!text && text.error().posix() == EOPNOTSUPP)
        text = buffer.readAt(dir.get(), "cgroup.threads");
    if (!text) {
        text.error().subject = strCat(cgroup.path.text(), "/cgroup.procs");
        return std::unexpected(std::move(text).error());
    }
    return parseProcs(*text);
}

Result<std::vector<std::int32_t>> readProcs(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    std::vector<std::int32_t> out;
    std::optional<Error> failure;
    bool any = false;
    for (const Hierarchy &hierarchy : hierarchies.all()) {
        if (!cgroup.in(hierarchy.index))
            continue;
        if (const auto pids = readProcs(hierarchy, cgroup)) {
            out.insert(out.end(), pids->begin(), pids->end());
            any = true;
        } else if (!failure) {
            failure = pids.error();
        }
    }
    if (!any && failure)
        return std::unexpected(*std::move(failure));
    sortUnique(out);
    return out;
}

Result<> writeProcs(const Hierarchy &hierarchy, const Cgroup &cgroup, std::int32_t pid)
{
    const UniqueFd dir = GANTRY_TRY(openCgroup(hierarchy, cgroup));
    auto done = writeFileAt(dir.get(), "cgroup.procs", strCat(pid));
    if (!done)
        done.error().subject = strCat("pid ", pid, " to ", cgroup.path.text());
    return done;
}

Result<std::array<std::string, kMaxHierarchies>> cgroupsOf(const Hierarchies &hierarchies, std::int32_t pid,
                                                           const std::string &proc)
{
    const std::string text = GANTRY_TRY(readFile(strCat(proc, '/', pid, "/cgroup")));
    std::array<std::string, kMaxHierarchies> out;
    for (MembershipLine &line : GANTRY_TRY(parseMembership(text)))
        if (const Hierarchy *hierarchy = hierarchyOf(hierarchies, line))
            out.at(hierarchy->index) = std::move(line.path);
    return out;
}

} // namespace gantry::cgroup
