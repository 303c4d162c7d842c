// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/host_service.h"

#include "engine/alerts/alert_engine.h"
#include "engine/base/log.h"
#include "engine/inventory/host_facts.h"
#include "engine/proto/calls.h"
#include "engine/service/convert_inventory.h"
#include "engine/service/peers.h"
#include "engine/service/status.h"
#include "engine/systemd/ownership.h"

#include <algorithm>

#include <unistd.h>

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::service {

namespace {

constexpr std::size_t kMostClientName = 100;
constexpr std::chrono::seconds kOomdPatience{3};
constexpr std::chrono::seconds kCriuPatience{2}; ///< a CRIU that hangs must not keep a host from being shown

inventory::Probe probeAlerts(const alerts::AlertEngine *alerts)
{
    if (alerts == nullptr)
        return {"alerts.watches", false,
                GANTRY_TEXT("Probes", "this program does not watch limits (the console and events --follow do)")};
    return {"alerts.watches", true, alerts->incompleteReason()};
}

inventory::Probe probeOomStory(const alerts::AlertEngine *alerts)
{
    std::string problem = alerts == nullptr ? GANTRY_TEXT("Probes", "this program does not watch the kernel's log")
                                            : alerts->oomStoryProblem();
    const bool there = problem.empty();
    return {"oom.story", there, std::move(problem)};
}

/// Who owns the cgroups, and whether he can be asked. @param version set where he can.
void probeSystemd(const systemd::Managers &managers, std::vector<inventory::Probe> &probes, std::string &version)
{
    if (!systemd::isBooted()) {
        probes.push_back(
            {"systemd", false, GANTRY_TEXT("Probes", "systemd is not PID 1 here: cgroups are changed by their files")});
        return;
    }
    const auto asked = managers.version();
    if (asked)
        version = *asked;
    probes.push_back({"systemd", true, {}});
    probes.push_back(
        {"systemd.bus", asked.has_value(),
         asked ? std::string() : strCat(asked.error().message(), "; limits of units cannot be set through systemd")});
    const bool oomd = ::access("/run/systemd/oom/io.systemd.ManagedOOM", F_OK) == 0;
    probes.push_back({"oomd", oomd, oomd ? "" : GANTRY_TEXT("Probes", "systemd-oomd does not run")});
}

/// Whether checkpoints can be made, and how well.
void probeCriu(checkpoint::CriuKeeper *keeper, std::vector<inventory::Probe> &probes)
{
    if (keeper == nullptr) {
        probes.push_back({"criu", false,
                          GANTRY_TEXT("Probes", "this program does not look what CRIU can do (gantryctl host does)")});
        return;
    }
    const auto criu = keeper->facts(runtime::Clock::now() + kCriuPatience);
    if (!criu) {
        probes.push_back({"criu", false, GANTRY_TEXT("Probes", "CRIU has not said yet what it can do")});
        return;
    }
    for (checkpoint::Ability &ability : checkpoint::abilities(*criu, checkpoint::criuRights()))
        probes.push_back({std::move(ability.key), ability.works, std::move(ability.detail)});
}

void fill(v1::OomdState &out, const systemd::OomdState &state)
{
    out.set_swap_used_percent(state.swapUsedPercent);
    out.set_swap_limit_percent(state.swapLimitPercent);
    out.set_dry_run(state.dryRun);
    for (const systemd::OomdWatched &watched : state.watched) {
        v1::OomdState::Watched &message = *out.add_watched();
        message.set_cgroup_path(printable(watched.path.text()));
        message.set_reason(watched.swap ? "swap" : "memory-pressure");
        message.set_limit_percent(watched.limitPercent);
        message.set_now_percent(watched.nowPercent);
        for (const systemd::OomdCandidate &candidate : watched.candidates) {
            v1::OomdState::Candidate &row = *message.add_candidates();
            row.set_cgroup_path(printable(candidate.path.text()));
            row.set_pgscan(candidate.pgscan);
            row.set_swap_bytes(candidate.swapBytes);
            row.set_memory_bytes(candidate.memoryBytes);
            row.set_preference(std::string(systemd::oomdPreferenceName(candidate.preference)));
            row.set_kills(candidate.kills);
        }
    }
}

} // namespace

grpc::Status HostService::Hello(grpc::ServerContext *context, const v1::HelloRequest *request, v1::HelloReply *reply)
{
    if (request->protocol_major() != kProtocolMajor) {
        return {grpc::StatusCode::FAILED_PRECONDITION,
                strCat("this engine speaks protocol ", kProtocolMajor, ", the client ", request->protocol_major(),
                       ": install the same version of Gantry on both sides")};
    }
    log::debug(log::Area::Service, "hello from ", printable(request->client().substr(0, kMostClientName)));
    reply->set_protocol_major(kProtocolMajor);
    reply->set_protocol_minor(kProtocolMinor);
    reply->set_engine_version(GANTRY_VERSION);
    for (std::string &call : knownCalls())
        reply->add_calls(std::move(call));
    reply->set_read_only_reason(m_parts.peers.missingTo(*context));
    return grpc::Status::OK;
}

grpc::Status HostService::Info(grpc::ServerContext * /*context*/, const v1::HostInfoRequest * /*request*/,
                               v1::HostInfo *reply)
{
    inventory::HostFacts facts = inventory::hostFacts(*m_parts.hierarchies, m_parts.inventory.watchProblem());
    facts.probes.push_back(probeAlerts(m_parts.alerts));
    facts.probes.push_back(probeOomStory(m_parts.alerts));
    std::string version;
    probeSystemd(m_parts.systemd, facts.probes, version);
    probeCriu(m_parts.criu, facts.probes);
    *reply = toMessage(facts, *m_parts.hierarchies);
    reply->set_systemd_version(version);
    for (const runtime::SourceStatus &status : m_parts.runtimes.status())
        *reply->add_runtimes() = toMessage(status);
    const inventory::SnapshotPtr snapshot = m_parts.inventory.snapshot();
    reply->set_cgroup_count(static_cast<std::uint32_t>(std::ranges::count_if(
        snapshot->nodes(), [](const inventory::NodePtr &node) { return node->kind() == NodeKind::Cgroup; })));
    return grpc::Status::OK;
}

grpc::Status HostService::Oomd(grpc::ServerContext * /*context*/, const v1::OomdRequest * /*request*/,
                               v1::OomdState *reply)
{
    return toStatus([&]() -> Result<> {
        if (!systemd::isBooted())
            return fail(ENOENT, "oomd", "systemd-oomd", "systemd is not PID 1 here");
        auto state = m_parts.oomd.state(systemd::Clock::now() + kOomdPatience);
        // Nobody of that name on the bus, or no bus.
        if (!state && (state.error().posix() == ENOTCONN || state.error().posix() == ECONNREFUSED))
            state.error().code = std::make_error_code(std::errc::no_such_file_or_directory);
        fill(*reply, GANTRY_TRY(std::move(state)));
        return {};
    }());
}

} // namespace gantry::service
