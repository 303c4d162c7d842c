// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/convert_inventory.h"

#include "engine/base/strings.h"

namespace gantry::service {

namespace {

static_assert(static_cast<int>(NodeKind::Process) == v1::NODE_KIND_PROCESS);
static_assert(static_cast<int>(namespaces::Type::Uts) == v1::NAMESPACE_TYPE_UTS);
static_assert(static_cast<int>(runtime::State::Exited) == v1::CONTAINER_STATE_EXITED);
static_assert(static_cast<int>(namespaces::Pin::Kind::OpenFd) == v1::NamespaceDetail::Pin::KIND_OPEN_FD);

void addFacts(v1::ContainerDetail &detail, const runtime::Facts &facts)
{
    detail.set_image(printable(facts.image));
    detail.set_image_id(printable(facts.imageId));
    for (const auto &[key, value] : facts.labels)
        (*detail.mutable_labels())[printable(key)] = printable(value);
    detail.set_state(static_cast<v1::ContainerState>(facts.state));
    detail.set_created_realtime_usec(facts.createdMicros);
    detail.set_started_realtime_usec(facts.startedMicros);
    detail.set_restart_policy(printable(facts.restartPolicy));
    for (const runtime::Port &port : facts.ports) {
        v1::PublishedPort &message = *detail.add_ports();
        message.set_host_address(printable(port.hostAddress));
        message.set_host_port(port.hostPort);
        message.set_container_port(port.containerPort);
        message.set_protocol(printable(port.protocol));
        message.set_count(port.count);
    }
    for (const runtime::Mount &mount : facts.mounts) {
        v1::ContainerMount &message = *detail.add_mounts();
        message.set_type(printable(mount.type));
        message.set_source(printable(mount.source));
        message.set_destination(printable(mount.destination));
        message.set_read_only(mount.readOnly);
    }
    for (const runtime::Address &address : facts.addresses) {
        v1::ContainerAddress &message = *detail.add_addresses();
        message.set_network(printable(address.network));
        message.set_address(printable(address.address));
        message.set_mac(printable(address.mac));
    }
    detail.set_pod_id(printable(facts.podId));
    detail.set_pod_name(printable(facts.podName));
    for (const std::string &word : facts.command)
        detail.add_command(printable(word));
    detail.set_health(printable(facts.health));
    if (facts.userUid)
        detail.set_user_uid(*facts.userUid);
    detail.set_monitor_pid(facts.monitorPid);
    detail.set_facts_problem(printable(facts.problem));
    detail.set_infrastructure(facts.infrastructure);
    for (const runtime::Verb verb : facts.verbs)
        detail.add_runtime_verbs(std::string(runtime::verbName(verb)));
    detail.set_oci_runtime(printable(facts.ociRuntime));
    detail.set_root_folder(printable(facts.rootFolder));
    detail.set_facts_source(printable(facts.source));
    detail.set_systemd_unit(runtime::keepingUnit(facts));
}

struct DetailSetter
{
    v1::Node &out;

    void operator()(const inventory::HostNode &host) const { out.mutable_host()->set_cgroup_mode(host.cgroupMode); }

    void operator()(const inventory::CgroupNode &node) const
    {
        v1::CgroupDetail &detail = *out.mutable_cgroup();
        detail.set_path(printable(node.cgroup.path.text()));
        for (std::uint32_t slot = 0; slot < cgroup::kMaxHierarchies; ++slot) {
            if (!node.cgroup.in(slot))
                continue;
            v1::CgroupDetail::Membership &membership = *detail.add_memberships();
            membership.set_hierarchy(slot);
            membership.set_inode(node.cgroup.inodes.at(slot));
        }
        detail.set_freezer(static_cast<v1::FreezerState>(node.freezer));
        if (node.populated)
            detail.set_populated(*node.populated);
        detail.set_container_id(node.container.v);
        detail.set_protected_reason(node.protectedReason);
        detail.set_type(node.type);
        if (node.owner) {
            v1::Ownership &owner = *detail.mutable_ownership();
            owner.set_unit(printable(node.owner->unit));
            owner.set_slice(printable(node.owner->slice));
            owner.set_own_cgroup(node.owner->own);
            owner.set_delegated(node.owner->delegated);
            if (node.owner->userUid)
                owner.set_user_uid(*node.owner->userUid);
        }
    }

    void operator()(const inventory::ContainerNode &node) const
    {
        v1::ContainerDetail &detail = *out.mutable_container();
        detail.set_runtime(node.runtime);
        detail.set_id(printable(node.id));
        detail.set_init_pid(node.init.pid);
        detail.set_init_start_ticks(node.init.startTicks);
        detail.set_cgroup_id(node.cgroup.v);
        detail.set_cgroup_path(printable(node.cgroupPath));
        for (const inventory::NamespaceRef &ref : node.namespaces) {
            v1::NamespaceRef &message = *detail.add_namespaces();
            message.set_type(static_cast<v1::NamespaceType>(ref.ref.type));
            message.set_inode(ref.ref.inode);
            message.set_own(ref.own);
        }
        if (node.facts != nullptr) {
            addFacts(detail, *node.facts);
            return;
        }
        // Nobody tells: what the kernel shows.
        detail.set_state(node.init.pid != 0 ? v1::CONTAINER_STATE_RUNNING : v1::CONTAINER_STATE_UNSPECIFIED);
    }

    void operator()(const inventory::NamespaceNode &node) const
    {
        const auto idOf = [](namespaces::Type type, std::uint64_t inode) {
            return inode == 0 ? 0 : namespaces::Ref{type, inode}.id().v;
        };
        v1::NamespaceDetail &detail = *out.mutable_namespace_();
        detail.set_type(static_cast<v1::NamespaceType>(node.ref.type));
        detail.set_inode(node.ref.inode);
        detail.set_owner_user_namespace(idOf(namespaces::Type::User, node.ownerUser));
        detail.set_parent_namespace(idOf(node.ref.type, node.parent));
        detail.set_owner_uid(node.ownerUid.value_or(0));
        detail.set_member_count(node.members);
        detail.set_first_pid(node.firstPid);
        detail.set_first_comm(printable(node.firstComm));
        for (const namespaces::Pin &pin : node.pins) {
            v1::NamespaceDetail::Pin &message = *detail.add_pins();
            message.set_kind(static_cast<v1::NamespaceDetail::Pin::Kind>(pin.kind));
            message.set_where(printable(pin.where));
            message.set_pid(pin.pid);
        }
        detail.set_initial(node.initial);
        detail.set_incomplete_reason(printable(node.incompleteReason));
    }
};

} // namespace

v1::Node toMessage(const inventory::Node &node)
{
    v1::Node out;
    out.set_id(node.id.v);
    out.set_parent_id(node.parent.v);
    out.set_kind(static_cast<v1::NodeKind>(node.kind()));
    out.set_name(printable(node.name));
    std::visit(DetailSetter{out}, node.detail);
    return out;
}

v1::InventoryUpdate toMessage(const inventory::Delta &delta, bool withNamespaces)
{
    const auto wanted = [withNamespaces](NodeId id) { return withNamespaces || id.kind() != NodeKind::Namespace; };
    v1::InventoryUpdate out;
    out.set_generation(delta.generation);
    out.set_snapshot(delta.snapshot);
    for (const inventory::NodePtr &node : delta.upserted) {
        if (wanted(node->id))
            *out.add_upserted() = toMessage(*node);
    }
    for (const NodeId id : delta.removed) {
        if (wanted(id))
            out.add_removed(id.v);
    }
    return out;
}

v1::ProcessList toMessage(const inventory::ProcessListing &listing)
{
    v1::ProcessList out;
    for (const inventory::ListedProcess &process : listing.processes) {
        v1::Process &message = *out.add_processes();
        message.set_pid(process.info.key.pid);
        message.set_start_ticks(process.info.key.startTicks);
        message.set_parent_pid(process.info.parentPid);
        message.set_comm(process.info.comm);
        message.set_command_line(process.info.commandLine);
        message.set_uid(process.info.uid);
        message.set_user(printable(process.user));
        message.set_threads(process.info.threads);
        message.set_state(std::string(1, process.info.state));
        message.set_resident_bytes(process.info.resident.v);
        message.set_cpu_user_usec(process.info.cpuUser.count());
        message.set_cpu_system_usec(process.info.cpuSystem.count());
        message.set_cgroup_path(printable(process.cgroupPath));
        message.set_unreadable_reason(printable(process.info.unreadableReason));
        message.set_inner_pid(process.info.innerPid);
    }
    out.set_total(static_cast<std::uint32_t>(listing.total));
    out.set_monotonic_usec(listing.monotonicMicros);
    return out;
}

v1::HostInfo toMessage(const inventory::HostFacts &facts, const cgroup::Hierarchies &hierarchies)
{
    v1::HostInfo out;
    out.set_host_name(printable(facts.hostName));
    out.set_machine_id(facts.machineId);
    out.set_boot_id(facts.bootId);
    out.set_kernel_release(printable(facts.kernelRelease));
    out.set_os_pretty_name(printable(facts.osPrettyName));
    out.set_cpu_count(facts.cpuCount);
    out.set_memory_total_bytes(facts.memoryTotal.v);
    out.set_swap_total_bytes(facts.swapTotal.v);
    out.set_cgroup_mode(std::string(cgroup::modeName(hierarchies.mode())));
    for (const cgroup::Hierarchy &hierarchy : hierarchies.all()) {
        v1::HostInfo::Hierarchy &message = *out.add_hierarchies();
        message.set_index(hierarchy.index);
        message.set_version(static_cast<std::uint32_t>(hierarchy.version));
        for (const std::string &controller : hierarchy.controllers)
            message.add_controllers(printable(controller));
        message.set_mount_point(printable(hierarchy.mountPoint));
        for (const std::string &option : hierarchy.options)
            message.add_options(printable(option));
        message.set_read_only(hierarchy.readOnly);
    }
    for (const inventory::Probe &probe : facts.probes) {
        v1::HostInfo::Probe &message = *out.add_probes();
        message.set_key(probe.key);
        message.set_works(probe.works);
        message.set_detail(printable(probe.detail));
    }
    out.set_page_size_bytes(facts.pageSize.v);
    out.set_uptime_usec(facts.uptime.count());
    out.set_engine_resident_bytes(facts.engineResident.v);
    out.set_engine_open_fds(facts.engineOpenFds);
    for (const std::string &controller : hierarchies.unmountedControllers())
        out.add_unmounted_controllers(controller);
    return out;
}

v1::RuntimeInfo toMessage(const runtime::SourceStatus &status)
{
    v1::RuntimeInfo out;
    out.set_name(printable(status.runtime));
    out.set_version(printable(status.version));
    out.set_endpoint(printable(status.endpoint));
    if (status.userUid)
        out.set_user_uid(*status.userUid);
    out.set_problem(printable(status.problem));
    out.set_container_count(static_cast<std::uint32_t>(status.containers));
    return out;
}

} // namespace gantry::service
