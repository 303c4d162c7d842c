// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_service.h"

#include "engine/inventory/processes.h"
#include "engine/process/process.h"
#include "engine/service/checkpoint_freeze.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/convert_checkpoint.h"
#include "engine/service/status.h"

#include <algorithm>
#include <iterator>

namespace gantry::service {

namespace {

constexpr std::chrono::seconds kCriuPatience{15}; ///< longer than a probe may take

void fill(v1::CheckReply &reply, const checkpoint::TreeLook &look, const checkpoint::CriuFacts &criu)
{
    const auto findings = checkpoint::judge(look, criu);
    reply.set_possible(checkpoint::isPossible(findings));
    for (const checkpoint::Finding &finding : findings)
        *reply.add_findings() = service::toMessage(finding);
    for (std::string &option : checkpoint::chosenOptions(findings))
        reply.add_options(std::move(option));
    reply.set_root_pid(look.tasks.front().key.pid);
    reply.set_processes(static_cast<std::uint32_t>(look.tasks.size()));
    std::uint64_t resident = 0;
    for (const checkpoint::TaskLook &task : look.tasks)
        resident += task.resident.v;
    reply.set_resident_bytes(resident);
    reply.set_criu_path(criu.path);
    reply.set_criu_version(criu.version);
}

/// What CRIU does not know of: whose the container is.
void addRefusal(v1::CheckReply &reply, const Error &error)
{
    reply.set_possible(false);
    v1::CheckFinding finding;
    finding.set_severity(v1::CheckFinding::SEVERITY_ERROR);
    finding.set_cause("runtime");
    finding.set_object(error.subject);
    finding.set_why(error.detail);
    finding.set_remedy(error.remedy);
    reply.mutable_findings()->Add(std::move(finding));
    std::rotate(reply.mutable_findings()->pointer_begin(), std::prev(reply.mutable_findings()->pointer_end()),
                reply.mutable_findings()->pointer_end());
}

} // namespace

Result<checkpoint::CriuFacts> CheckpointService::criu(std::string_view op) const
{
    auto facts = m_parts.criu.facts(runtime::Clock::now() + kCriuPatience);
    if (!facts)
        return fail(ETIMEDOUT, op, "criu", "it does not say what it can do");
    return *std::move(facts);
}

namespace {

/// @param container null: it is none.
std::int32_t firstOf(const std::vector<std::int32_t> &pids, const inventory::ContainerNode *container)
{
    // Its runtime knows it better than the inventory, which may have looked while it was being started.
    for (const std::int32_t pid : {container != nullptr && container->facts ? container->facts->initPid : 0,
                                   container != nullptr ? container->init.pid : 0}) {
        if (std::ranges::find(pids, pid) != pids.end())
            return pid;
    }
    std::int32_t out = pids.front();
    std::uint64_t oldest = ~std::uint64_t{0};
    for (const std::int32_t pid : pids) { // not by the numbers, which begin anew when all were used
        if (const auto stat = process::readStat(pid); stat && stat->startTicks < oldest) {
            oldest = stat->startTicks;
            out = pid;
        }
    }
    return out;
}

} // namespace

Result<std::vector<std::int32_t>> CheckpointService::pidsOf(const v1::Target &target) const
{
    if (target.by_case() == v1::Target::kPid)
        return checkpoint::treeOf(target.pid());
    const inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(target));
    const inventory::ContainerNode *container = node->container();
    auto pids = GANTRY_TRY(inventory::pidsOf(*m_parts.hierarchies, *m_parts.inventory.snapshot(), node->id, true, {}));
    if (pids.empty())
        return fail(ENOENT, "check", node->name, "it has no process", "Only what runs can be checkpointed");
    // CRIU begins at one process: a container's first, else the oldest.
    std::ranges::stable_partition(pids, [pid = firstOf(pids, container)](std::int32_t other) { return other == pid; });
    return pids;
}

grpc::Status CheckpointService::Check(grpc::ServerContext * /*context*/, const v1::CheckRequest *request,
                                      v1::CheckReply *reply)
{
    return toStatus([&]() -> Result<> {
        const auto pids = GANTRY_TRY(pidsOf(request->target()));
        m_parts.criu.start(); // meanwhile
        const auto look = GANTRY_TRY(checkpoint::lookAtTree(pids, {}));
        const checkpoint::CriuFacts facts = GANTRY_TRY(criu("check"));
        fill(*reply, look, facts);
        const auto kept = keptBy(request->target());
        Result<> by;
        if (!kept)
            by = std::unexpected(kept.error());
        else if (*kept)
            by = checkOwnVerb(**kept, true, facts);
        if (!by)
            addRefusal(*reply, by.error());
        tellExpected(*reply, look, facts, m_parts.store.spillFolder(), !kept || *kept);
        return {};
    }());
}

} // namespace gantry::service
