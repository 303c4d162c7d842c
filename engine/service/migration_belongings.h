// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/rule_store.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/control/control.h"
#include "engine/launch/bundle.h"
#include "engine/service/checkpoint_homes.h"
#include "engine/service/schedules.h"
#include "gantry/v1/migration.pb.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What goes along with a container that moves to another host, besides memory and files: the limits that it has at
/// that moment, its checkpoint schedule, the alert rules about it. The target keeps it in a file before it restores
/// anything, and takes it once the container runs there; the source removes what the target says that it has taken.
/// So nothing is lost where a daemon, or who carries between the two, dies in between: it is on the source, or on both
/// until the migration is settled.
namespace gantry::service {

/// Thread: any; blocks.
class Belongings
{
public:
    struct Parts
    {
        cgroup::HierarchiesPtr hierarchies;
        const Schedules &schedules;
        alerts::RuleStore &rules;
        control::AuditLog &audit;
        std::string folder; ///< the migrations'
    };
    explicit Belongings(Parts parts) : m_parts(std::move(parts)) {}

    /// Source: as they are now. What cannot be read is left out, and told by `notes`.
    /// @param id the runtime's, of the container. @param path of its cgroup. @param pids all of it.
    [[nodiscard]] v1::MigrationBelongings of(const std::string &id, const std::string &path,
                                             std::span<const std::int32_t> pids, std::vector<std::string> &notes) const;
    /// Source: removes what the target has taken, if it is this container's. @param by for the audit log.
    /// @return a sentence about each, also about what could not be removed.
    [[nodiscard]] std::vector<std::string> giveAway(const std::string &id, const std::string &cgroup,
                                                    const v1::MigrationTaken &taken, const std::string &by) const;

    /// Target: keeps them over this process's death. @errors of replaceFile().
    [[nodiscard]] Result<> keep(const std::string &migration, const v1::MigrationBelongings &belongings) const;
    /// Target: takes what is kept, once; later calls tell the same. @param name it has here.
    [[nodiscard]] v1::MigrationTaken adopt(const std::string &migration, const std::string &name,
                                           const std::string &cgroup, const std::string &by) const;
    /// Target: it did not come, or its source knows. No error where nothing is kept.
    void forget(const std::string &migration) const;

private:
    [[nodiscard]] std::string file(const std::string &migration, std::string_view what) const;
    [[nodiscard]] Result<> takeSchedule(const v1::Schedule &schedule, const std::string &name,
                                        const std::string &by) const;
    [[nodiscard]] Result<> takeRule(const v1::AlertRule &rule, const std::string &from, const std::string &to,
                                    const std::string &by) const;

    const Parts m_parts;
};

/// Limits that this host has no controller for are left out: a runtime would refuse to start it with them.
void leaveOutUnknown(std::optional<launch::LimitSettings> &limits, const cgroup::Hierarchies &hierarchies);

/// Looks whether a container has the limits that it had, and gives it those that it has not. Each by itself.
/// @param cgroup path of the container's. @return a sentence about each that it does not have then.
[[nodiscard]] std::vector<std::string> giveLimits(const std::vector<SavedLimit> &limits, std::string_view cgroup,
                                                  const control::Control &control,
                                                  const cgroup::Hierarchies &hierarchies, const control::Call &call);

} // namespace gantry::service
