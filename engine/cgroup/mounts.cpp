// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/mounts.h"

#include "engine/base/parse.h"

#include <algorithm>
#include <array>

namespace gantry::cgroup {

namespace {

constexpr std::array<std::string_view, 14> kSlots{"memory",   "cpu",        "cpuacct", "cpuset",  "blkio",
                                                  "pids",     "freezer",    "devices", "hugetlb", "net_cls",
                                                  "net_prio", "perf_event", "rdma",    "misc"};
constexpr unsigned kNamedSlot = 15;

bool isOctal(char c)
{
    return c >= '0' && c <= '7';
}

/// mountinfo writes blank, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && isOctal(text[i + 1]) && isOctal(text[i + 2]) &&
            isOctal(text[i + 3])) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

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
        std::string_view rest = *line;
        for (int skipped = 0; skipped < 3; ++skipped) // mount id, parent id, major:minor
            (void)takeToken(rest);
        const std::string_view root = takeToken(rest);
        const std::string_view point = takeToken(rest);
        const std::string_view options = takeToken(rest);
        // Zero or more optional fields end with a single hyphen.
        std::string_view field = takeToken(rest);
        while (!field.empty() && field != "-")
            field = takeToken(rest);
        const std::string_view type = takeToken(rest);
        if (type.empty())
            return failParse("mountinfo line", *line);
        if (type != "cgroup" && type != "cgroup2")
            continue;
        (void)takeToken(rest); // source
        const std::string_view super = takeToken(rest);
        if (super.empty() || !point.starts_with('/') || !root.starts_with('/'))
            return failParse("mountinfo line", *line);
        out.push_back({.v2 = type == "cgroup2",
                       .root = unescape(root),
                       .mountPoint = unescape(point),
                       .mountOptions = splitCommas(options),
                       .superOptions = splitCommas(super)});
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
