// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/control.h"

#include "engine/control/subtree.h"

namespace gantry::control {

namespace {

std::unexpected<Error> refuse(std::string_view verb, const cgroup::CgroupPath &path, std::string_view reason)
{
    return fail(EPERM, verb, path.text(), reason, "Gantry never changes a protected cgroup");
}

} // namespace

Control::Control(cgroup::HierarchiesPtr hierarchies, Protection protection, AuditLog &audit, RouteFinder routes,
                 PlaceWarnings placeWarnings)
    : m_hierarchies(std::move(hierarchies))
    , m_protection(std::move(protection))
    , m_audit(audit)
    , m_routes(std::move(routes))
    , m_placeWarnings(std::move(placeWarnings))
{}

void Control::addPlaceWarnings(Outcome &outcome, std::string_view verb, const cgroup::CgroupPath &path) const
{
    if (!m_placeWarnings)
        return;
    for (Warning &warning : m_placeWarnings(verb, path))
        outcome.warnings.push_back(std::move(warning));
}

Result<> Control::checkTarget(std::string_view verb, const cgroup::Cgroup &target) const
{
    return checkTarget(verb, target, m_protection(target.path));
}

Result<> Control::checkTarget(std::string_view verb, const cgroup::Cgroup &target, const std::string &reason) const
{
    if (!reason.empty())
        return refuse(verb, target.path, reason);
    for (const cgroup::Hierarchy &hierarchy : m_hierarchies->all()) {
        if (target.in(hierarchy.index))
            GANTRY_CHECK(cgroup::openCgroup(hierarchy, target));
    }
    return {};
}

Result<> Control::checkSubtree(std::string_view verb, const cgroup::Cgroup &target) const
{
    GANTRY_CHECK(checkTarget(verb, target));
    for (const std::int32_t pid : inside(*m_hierarchies, target, ownChain()))
        return refuse(verb, target.path,
                      pid == 1 ? std::string("it holds PID 1") : strCat("it holds Gantry itself or its parent ", pid));
    for (const Branch &branch : GANTRY_TRY(branchesOf(*m_hierarchies, target))) {
        for (const cgroup::Cgroup &below : branch.cgroups) {
            if (const std::string reason = m_protection(below.path); !reason.empty())
                return refuse(verb, target.path, strCat(below.path.text(), " below it is protected: ", reason));
        }
    }
    return {};
}

} // namespace gantry::control
