// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/host_service.h"

#include "engine/alerts/alert_engine.h"
#include "engine/base/log.h"
#include "engine/inventory/host_facts.h"
#include "engine/service/convert_inventory.h"
#include "engine/service/status.h"

#include <algorithm>
#include <array>

namespace gantry::service {

namespace {

constexpr std::array<std::string_view, 20> kCapabilities{
    "inventory.watch", "inventory.get",  "inventory.processes", "inventory.namespaces", "metrics.watch",
    "metrics.history", "metrics.read",   "control.limits",      "control.freeze",       "control.thaw",
    "control.kill",    "control.signal", "control.move",        "control.create",       "control.remove",
    "alerts.watch",    "alerts.rules",   "alerts.acknowledge",  "alerts.events",        "jobs.watch"};
constexpr std::size_t kMostClientName = 100;

inventory::Probe probeAlerts(const alerts::AlertEngine *alerts)
{
    if (alerts == nullptr)
        return {"alerts.watches", false, "this program does not watch limits (the console and events --follow do)"};
    return {"alerts.watches", true, alerts->incompleteReason()};
}

} // namespace

grpc::Status HostService::Hello(grpc::ServerContext * /*context*/, const v1::HelloRequest *request,
                                v1::HelloReply *reply)
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
    for (const std::string_view capability : kCapabilities)
        reply->add_capabilities(std::string(capability));
    reply->set_read_only_reason(m_readOnlyReason);
    return grpc::Status::OK;
}

grpc::Status HostService::Info(grpc::ServerContext * /*context*/, const v1::HostInfoRequest * /*request*/,
                               v1::HostInfo *reply)
{
    inventory::HostFacts facts = inventory::hostFacts(*m_hierarchies, m_inventory.watchProblem());
    facts.probes.push_back(probeAlerts(m_alerts));
    *reply = toMessage(facts, *m_hierarchies);
    const inventory::SnapshotPtr snapshot = m_inventory.snapshot();
    reply->set_cgroup_count(static_cast<std::uint32_t>(std::ranges::count_if(
        snapshot->nodes(), [](const inventory::NodePtr &node) { return node->kind() == NodeKind::Cgroup; })));
    return grpc::Status::OK;
}

} // namespace gantry::service
