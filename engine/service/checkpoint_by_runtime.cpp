// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint: what is special about containers that a runtime keeps.
#include "engine/checkpoint/by_docker.h"
#include "engine/checkpoint/by_lxc.h"
#include "engine/checkpoint/by_podman.h"
#include "engine/launch/launch.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/checkpoint_service.h"

namespace gantry::service {

namespace {

/// One that was started a moment ago, so that the inventory does not know yet whose it is: saved by CRIU alone, its
/// runtime would not know of what comes back.
Result<std::optional<KeptContainer>> askedNow(const inventory::ContainerNode &container)
{
    for (const std::string tool : {"runc", "crun"}) {
        const std::shared_ptr<runtime::Source> source = sourceOf(tool, launch::stateFolderOf(tool));
        const auto listing = source->list({runtime::Clock::now() + kLookPatience});
        if (!listing)
            continue; // it was never used here
        for (const runtime::Facts &facts : listing->containers) {
            const bool same = (facts.initPid != 0 && facts.initPid == container.init.pid) ||
                              (!facts.cgroupPath.empty() && facts.cgroupPath == container.cgroupPath);
            if (!same)
                continue;
            const runtime::Known known{std::make_shared<const runtime::Facts>(facts), source};
            return KeptContainer{known, GANTRY_TRY(checkpoint::ociContainer(known))};
        }
    }
    return std::nullopt;
}

} // namespace

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
    if (container == nullptr)
        return std::nullopt;
    if (container->facts == nullptr)
        return askedNow(*container);
    const runtime::Known known = GANTRY_TRY(knownContainer(*m_parts.runtimes.table(), *node, "checkpoint"));
    return GANTRY_TRY(keptOf(known));
}

Result<KeptContainer> keptOf(const runtime::Known &known)
{
    if (known.facts->runtime == "podman" || known.facts->runtime == "lxc")
        return KeptContainer{known, std::nullopt};
    return KeptContainer{known, GANTRY_TRY(checkpoint::ociContainer(known))};
}

Result<> CheckpointService::mayBeSaved(const std::optional<KeptContainer> &kept,
                                       const v1::CreateCheckpointRequest &request, const checkpoint::Means &means)
{
    return kept ? checkOwnVerb(*kept, !request.stop(), means.criu) : Result<>();
}

Result<> checkOwnVerb(const KeptContainer &kept, bool leaveRunning, const checkpoint::CriuFacts &criu)
{
    if (kept.container)
        return kept.container->docker.empty()
                   ? Result<>()
                   : checkpoint::checkDocker(*kept.container, *kept.known.facts, leaveRunning, criu);
    return kept.known.facts->runtime == "lxc" ? checkpoint::checkLxc(kept.known, leaveRunning, criu)
                                              : checkpoint::checkPodman(kept.known, leaveRunning, criu);
}

bool takesFiles(const KeptContainer &kept, std::int32_t pid)
{
    return kept.container ? !checkpoint::upperFolderOf(*kept.container, pid).empty()
                          : kept.known.facts->runtime == "podman";
}

Result<checkpoint::Saved> saveAny(const std::optional<KeptContainer> &kept, const checkpoint::SaveWish &wish,
                                  const checkpoint::Means &means, repository::Store &store,
                                  const runtime::Patience &patience, const checkpoint::OnPhase &onPhase)
{
    if (!kept)
        return checkpoint::save(wish, means, store, patience, onPhase);
    if (kept->container && !kept->container->docker.empty())
        return checkpoint::saveByDocker(*kept->container, kept->known, wish, means, store, patience, onPhase);
    if (!kept->container && kept->known.facts->runtime == "lxc")
        return checkpoint::saveByLxc(kept->known, wish, means, store, patience, onPhase);
    if (!kept->container)
        return checkpoint::saveByPodman(kept->known, wish, means, store, patience, onPhase);
    return checkpoint::saveByRuntime(*kept->container, kept->known, wish, means, store, patience, onPhase);
}

Result<checkpoint::Restored> restoreAny(const repository::Checkpoint &one, const checkpoint::Means &means,
                                        const repository::Store &store, const runtime::Patience &patience,
                                        const checkpoint::OnPhase &onPhase, FilesAtRestore files,
                                        const checkpoint::OnHeld &onHeld)
{
    if (checkpoint::isByRuntime(one.manifest))
        return checkpoint::restoreByRuntime(one.id, means, store, patience, onPhase, files.now, files.saved, onHeld);
    if (onHeld)
        return fail(ENOTSUP, "restore", printable(one.manifest.container.name), "Gantry did not start it",
                    "Containers that \"gantryctl run\" started can be restored together");
    if (checkpoint::isByPodman(one.manifest))
        return checkpoint::restoreByPodman(one.id, means, store, patience, onPhase);
    if (checkpoint::isByDocker(one.manifest))
        return checkpoint::restoreByDocker(one.id, means, store, patience, onPhase, files.now, files.saved);
    if (checkpoint::isByLxc(one.manifest))
        return checkpoint::restoreByLxc(one.id, means, store, patience, onPhase);
    auto restored = checkpoint::restore(one.id, means, store, patience, onPhase, files.saved);
    if (restored)
        restored->child = restored->pid;
    return restored;
}

bool isByEngine(const repository::Manifest &manifest)
{
    return checkpoint::isByPodman(manifest) || checkpoint::isByDocker(manifest) || checkpoint::isByLxc(manifest);
}

bool isKept(const repository::Manifest &manifest)
{
    return checkpoint::isByRuntime(manifest) || isByEngine(manifest);
}

Result<> checkRestoreByEngine(const repository::Checkpoint &one, const checkpoint::Means &means,
                              const runtime::Patience &patience, bool endsBefore)
{
    if (checkpoint::isByDocker(one.manifest))
        return checkpoint::checkRestoreByDocker(one, means, patience, endsBefore);
    return checkpoint::isByLxc(one.manifest) ? checkpoint::checkRestoreByLxc(one, means, patience, endsBefore)
                                             : checkpoint::checkRestoreByPodman(one, means, patience, endsBefore);
}

Result<std::int32_t> pidByEngine(const repository::Manifest &manifest, const runtime::Patience &patience)
{
    if (checkpoint::isByDocker(manifest))
        return checkpoint::pidByDocker(manifest, patience);
    return checkpoint::isByLxc(manifest) ? checkpoint::pidByLxc(manifest, patience)
                                         : checkpoint::pidByPodman(manifest, patience);
}

Result<> CheckpointService::checkAnyRestore(const repository::Checkpoint &one, const checkpoint::Means &means,
                                            const repository::Store &store)
{
    const runtime::Patience patience{runtime::Clock::now() + kLookPatience};
    if (checkpoint::isByRuntime(one.manifest))
        return checkpoint::checkRestoreByRuntime(one, means, store, patience);
    return isByEngine(one.manifest) ? checkRestoreByEngine(one, means, patience) : checkpoint::checkRestore(one, means);
}

} // namespace gantry::service
