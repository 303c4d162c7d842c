// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/cgroup_state.h"

#include "engine/base/parse.h"

namespace gantry::inventory {

namespace {

using cgroup::Freezer;

std::optional<bool> populatedOf(std::string_view events)
{
    std::optional<bool> out;
    const auto read = forEachFlatKey(events, [&out](std::string_view key, std::uint64_t value) {
        if (key == "populated")
            out = value != 0;
    });
    return read ? out : std::nullopt;
}

} // namespace

CgroupState readState(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup)
{
    CgroupState out;
    // With each look: systemd marks what it delegates a moment after it has made the cgroup.
    out.owner = systemd::readOwnership(hierarchies, cgroup.path);
    const auto freezer = cgroup::readFreezer(hierarchies, cgroup);
    if (freezer)
        out.freezer = *freezer;
    else
        out.freezer = cgroup::isGone(freezer.error()) ? Freezer::Absent : Freezer::Unreadable;

    const cgroup::Hierarchy *unified = hierarchies.unified();
    if (unified == nullptr || !cgroup.in(unified->index))
        return out;
    const auto dir = cgroup::openCgroup(*unified, cgroup);
    if (!dir)
        return out;
    TextBuffer buffer;
    // Neither file is there in the root.
    if (const auto events = buffer.readAt(dir->get(), "cgroup.events"))
        out.populated = populatedOf(*events);
    if (const auto type = buffer.readAt(dir->get(), "cgroup.type"))
        out.type = trim(*type);
    return out;
}

} // namespace gantry::inventory
