// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/mounts.h"

#include "engine/base/mountinfo.h"
#include "engine/base/parse.h"

#include <algorithm>
#include <array>

namespace gantry::cgroup {

namespace {

constexpr std::array<std::string_view, 14> kSlots{"memory",   "cpu",        "cpuacct", "cpuset",  "blkio",
                                                  "pids",     "freezer",    "devices", "hugetlb", "net_cls",
                                                  "net_prio", "perf_event", "rdma",    "misc"};
constexpr unsigned kNamedSlot = 15;

std::vector<std::string> splitCommas(std::string_view text)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto comma = text.find(',');
        out.emplace_back(text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    return out;
}

} // namespace

unsigned slotOfController(std::string_view controller)
{
    if (controller.starts_with("name="))
        return kNamedSlot;
    const auto found = std::ranges::find(kSlots, controller);
    return found == kSlots.end() ? 0U : static_cast<unsigned>(found - kSlots.begin()) + 1;
}

Result<std::vector<MountLine>> parseMountInfo(std::string_view text)
{
    std::vector<MountLine> out;
    while (const auto line = takeLine(text)) {
        const auto mount = GANTRY_TRY(parseMountInfoLine(*line));
        if (mount.type != "cgroup" && mount.type != "cgroup2")
            continue;
        if (mount.superOptions.empty() || !mount.root.starts_with('/'))
            return failParse("mountinfo line", *line);
        out.push_back({.v2 = mount.type == "cgroup2",
                       .root = mount.root,
                       .mountPoint = mount.mountPoint,
                       .mountOptions = splitCommas(mount.options),
                       .superOptions = splitCommas(mount.superOptions)});
    }
    return out;
}

Result<std::vector<ControllerLine>> parseControllers(std::string_view text)
{
    std::vector<ControllerLine> out;
    while (const auto line = takeLine(text)) {
        if (line->empty() || line->front() == '#')
            continue;
        std::string_view rest = *line;
        const std::string_view name = takeToken(rest);
        const auto hierarchy = parseU64(takeToken(rest));
        const auto cgroups = parseU64(takeToken(rest));
        const auto enabled = parseU64(takeToken(rest));
        if (name.empty() || !hierarchy || !cgroups || !enabled || *enabled > 1)
            return failParse("/proc/cgroups line", *line);
        out.push_back({std::string(name), *enabled == 1});
    }
    return out;
}

} // namespace gantry::cgroup
