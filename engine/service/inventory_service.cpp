// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/inventory_service.h"

#include "engine/base/strings.h"
#include "engine/inventory/processes.h"
#include "engine/service/convert_inventory.h"
#include "engine/service/stream.h"
#include "engine/service/targets.h"
#include "engine/systemd/journal.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <syslog.h>

namespace gantry::service {

namespace {

constexpr std::uint32_t kMostProcesses = 10'000;
constexpr std::uint32_t kUsualLogLines = 100;
/// podman's service, when nobody asked it before, is started first: 5 s were not enough on a host under load.
constexpr std::chrono::milliseconds kLogPatience{15'000};

/// The journal of the unit a cgroup belongs to.
Result<> tailUnit(const inventory::CgroupNode &cgroup, std::size_t lines, v1::LogTail &reply)
{
    if (!cgroup.owner || cgroup.owner->unit.empty())
        return fail(ENOENT, "log", cgroup.cgroup.path.text(), "neither a container nor a unit of systemd");
    const systemd::Ownership &owner = *cgroup.owner;
    for (const systemd::JournalLine &line :
         GANTRY_TRY(systemd::tailJournal({owner.unit, owner.userUid, {}}, lines, kLogPatience))) {
        v1::LogTail::Line &message = *reply.add_lines();
        message.set_realtime_usec(line.realtimeMicros);
        message.set_error_stream(line.priority <= LOG_ERR);
        message.set_text(line.identifier.empty() ? line.message : strCat(line.identifier, ": ", line.message));
    }
    reply.set_source(strCat("journal of ", printable(owner.unit)));
    return {};
}

} // namespace

/// Namespaces are looked for while one of these lives.
class InventoryService::NamespaceWish
{
public:
    NamespaceWish(Parts &parts, bool wanted) : m_parts(parts), m_wanted(wanted) { tell(true); }
    NamespaceWish(const NamespaceWish &) = delete;
    NamespaceWish &operator=(const NamespaceWish &) = delete;
    NamespaceWish(NamespaceWish &&) = delete;
    NamespaceWish &operator=(NamespaceWish &&) = delete;
    ~NamespaceWish() { tell(false); }

private:
    void tell(bool wanted)
    {
        if (m_wanted)
            m_parts.loop.post([&inventory = m_parts.inventory, wanted] { inventory.wantNamespaces(wanted); });
    }
    Parts &m_parts;
    const bool m_wanted;
};

grpc::Status InventoryService::Watch(grpc::ServerContext *context, const v1::WatchInventoryRequest *request,
                                     grpc::ServerWriter<v1::InventoryUpdate> *writer)
{
    const bool withNamespaces = request->include_namespaces();
    const NamespaceWish wish(m_parts, withNamespaces);
    std::uint64_t generation = 0;
    return serveStream(
        m_parts.gate, *context, *writer, [this](auto wake) { return m_parts.snapshots.subscribe(std::move(wake)); },
        [&](v1::InventoryUpdate &update) {
            const inventory::SnapshotPtr snapshot = m_parts.inventory.snapshot();
            if (snapshot->generation() == generation)
                return StreamStep::Wait;
            update = toMessage(snapshot->deltaSince(std::exchange(generation, snapshot->generation())), withNamespaces);
            const bool empty = update.upserted().empty() && update.removed().empty() && !update.snapshot();
            return empty ? StreamStep::Wait : StreamStep::Write;
        });
}

grpc::Status InventoryService::Get(grpc::ServerContext * /*context*/, const v1::GetNodeRequest *request,
                                   v1::Node *reply)
{
    const auto node = m_parts.targets.nodeOf(request->target());
    if (node)
        *reply = toMessage(**node);
    return toStatus(node);
}

grpc::Status InventoryService::TailLog(grpc::ServerContext * /*context*/, const v1::TailLogRequest *request,
                                       v1::LogTail *reply)
{
    const std::size_t lines = request->lines() == 0 ? kUsualLogLines
                                                    : std::min<std::size_t>(request->lines(), runtime::kMostLogLines);
    return toStatus([&]() -> Result<> {
        const inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(request->target()));
        if (node->cgroup() != nullptr)
            return tailUnit(*node->cgroup(), lines, *reply);
        if (node->container() == nullptr || node->container()->facts == nullptr)
            return fail(ENOENT, "log", node->name, "no runtime keeps a log of it");
        const runtime::Known known = GANTRY_TRY(knownContainer(*m_parts.runtimes.table(), *node, "log"));
        const runtime::LogTail tail =
            GANTRY_TRY(known.owner->tailLog(*known.facts, lines, {runtime::Clock::now() + kLogPatience}));
        for (const runtime::LogLine &line : tail.lines) {
            v1::LogTail::Line &message = *reply->add_lines();
            message.set_realtime_usec(line.realtimeMicros);
            message.set_error_stream(line.errorStream);
            message.set_text(printable(line.text));
        }
        reply->set_source(printable(tail.source));
        return {};
    }());
}

grpc::Status InventoryService::ListProcesses(grpc::ServerContext * /*context*/, const v1::ListProcessesRequest *request,
                                             v1::ProcessList *reply)
{
    const std::uint32_t most = request->limit() == 0 ? kMostProcesses : std::min(request->limit(), kMostProcesses);
    return toStatus([&]() -> Result<> {
        const inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(request->target()));
        *reply = toMessage(GANTRY_TRY(inventory::listProcesses(*m_parts.hierarchies, *m_parts.inventory.snapshot(),
                                                               node->id, request->recursive(), most, {})));
        return {};
    }());
}

grpc::Status InventoryService::ListNamespaces(grpc::ServerContext * /*context*/,
                                              const v1::ListNamespacesRequest *request, v1::NamespaceList *reply)
{
    return toStatus([&]() -> Result<> {
        const NodeId host = NodeId::host();
        std::vector<namespaces::Namespace> all = GANTRY_TRY(namespaces::scan({}));
        if (request->has_target()) {
            const inventory::NodePtr node = GANTRY_TRY(m_parts.targets.nodeOf(request->target()));
            const auto wanted =
                GANTRY_TRY(inventory::namespacesOf(*m_parts.hierarchies, *m_parts.inventory.snapshot(), node->id, {}));
            std::erase_if(all,
                          [&](const namespaces::Namespace &ns) { return !std::ranges::binary_search(wanted, ns.ref); });
        }
        for (namespaces::Namespace &ns : all) {
            const inventory::Node node{ns.ref.id(), host, ns.ref.text(), 1, 0, std::move(ns)};
            *reply->add_namespaces() = toMessage(node);
        }
        return {};
    }());
}

} // namespace gantry::service
