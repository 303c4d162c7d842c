// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint: what is special about containers that a runtime keeps.
#include "engine/service/checkpoint_service.h"

namespace gantry::service {

namespace {

constexpr std::chrono::seconds kLookPatience{20};

}

Result<std::optional<KeptContainer>> CheckpointService::keptBy(const v1::Target &target) const
{
    if (target.by_case() == v1::Target::kPid)
        return std::nullopt;
    inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(target));
    if (const inventory::CgroupNode *cgroup = node->cgroup(); cgroup != nullptr && cgroup->container) {
        // A container's outermost cgroup, by its path, is the container.
        const inventory::NodePtr owner = m_parts.inventory.snapshot()->find(cgroup->container);
        if (owner != nullptr && owner->container() != nullptr && owner->container()->cgroup == node->id)
            node = owner;
    }
    const inventory::ContainerNode *container = node->container();
    if (container == nullptr || container->facts == nullptr)
        return std::nullopt;
    const runtime::Known known = GANTRY_TRY(knownContainer(*m_parts.runtimes.table(), *node, "checkpoint"));
    return KeptContainer{known, GANTRY_TRY(checkpoint::ociContainer(known))};
}

Result<> CheckpointService::checkAnyRestore(const repository::Checkpoint &one, const checkpoint::Means &means,
                                            const repository::Store &store)
{
    if (checkpoint::isByRuntime(one.manifest))
        return checkpoint::checkRestoreByRuntime(one, means, store, {runtime::Clock::now() + kLookPatience});
    return checkpoint::checkRestore(one, means);
}

} // namespace gantry::service
