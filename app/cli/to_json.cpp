// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/to_json.h"

#include "app/cli/table.h"
#include "engine/base/metric.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace gantry::cli {

namespace {

Json idOrNull(std::uint64_t id)
{
    return id == 0 ? Json() : Json(std::to_string(id));
}

Json numberOrNull(std::int64_t number)
{
    return number == 0 ? Json() : Json(number);
}

Json countOrNull(std::uint64_t count)
{
    return count == 0 ? Json() : Json(count);
}

std::string deviceText(const v1::DeviceNumber &device)
{
    return strCat(device.major(), ":", device.minor());
}

Json rateJson(bool has, const v1::LimitValue::IoMax::Rate &rate)
{
    if (!has)
        return {};
    return rate.has_max() ? Json("max") : Json(rate.per_second());
}

Json errorJson(Json error)
{
    Json out = Json::object();
    out["error"] = std::move(error);
    return out;
}

/// One cell: what the kernel has, or why not.
Json valueJson(const MetricInfo &info, int state, std::uint64_t integer, double real, const v1::Failure *failure)
{
    switch (state) {
    case v1::CELL_STATE_VALUE:
        if (info.metric == Metric::FreezerState)
            return freezerName(static_cast<v1::FreezerState>(integer));
        return info.integral ? Json(integer) : Json(real);
    case v1::CELL_STATE_UNLIMITED:
        return "max";
    case v1::CELL_STATE_UNREADABLE:
        return errorJson(toJson(failure != nullptr ? *failure : v1::Failure()));
    default:
        return {};
    }
}

void addCgroup(Json &out, const v1::CgroupDetail &cgroup, const HierarchyNames &hierarchies)
{
    out["path"] = cgroup.path();
    Json inodes = Json::object();
    for (const v1::CgroupDetail::Membership &membership : cgroup.memberships()) {
        const auto name = hierarchies.find(membership.hierarchy());
        inodes[name == hierarchies.end() ? std::to_string(membership.hierarchy()) : name->second] = membership.inode();
    }
    out["inodes"] = std::move(inodes);
    out["freezer"] = freezerName(cgroup.freezer());
    out["populated"] = cgroup.has_populated() ? Json(cgroup.populated()) : Json();
    out["type"] = textOrNull(cgroup.type());
    out["container"] = idOrNull(cgroup.container_id());
    out["protected"] = textOrNull(cgroup.protected_reason());
}

std::string namespaceKind(v1::NamespaceType type)
{
    const Json name = enumName(v1::NamespaceType_Name(type), "NAMESPACE_TYPE_");
    return name.is_null() ? std::to_string(type) : name.get<std::string>();
}

void addContainer(Json &out, const v1::ContainerDetail &container)
{
    out["runtime"] = container.runtime();
    out["container_id"] = container.id();
    out["init_pid"] = container.init_pid() == 0 ? Json() : Json(container.init_pid());
    out["cgroup"] = textOrNull(container.cgroup_path());
    out["state"] = enumName(v1::ContainerState_Name(container.state()), "CONTAINER_STATE_");
    out["image"] = textOrNull(container.image());
    out["image_id"] = textOrNull(container.image_id());
    out["labels"] = container.labels();
    out["created_usec"] = numberOrNull(container.created_realtime_usec());
    out["started_usec"] = numberOrNull(container.started_realtime_usec());
    out["restart_policy"] = textOrNull(container.restart_policy());
    out["ports"] = Json::array();
    for (const v1::PublishedPort &port : container.ports())
        out["ports"].push_back({{"host_address", textOrNull(port.host_address())},
                                {"host_port", port.host_port()},
                                {"container_port", port.container_port()},
                                {"protocol", port.protocol()},
                                {"count", std::max(1U, port.count())}});
    out["mounts"] = Json::array();
    for (const v1::ContainerMount &mount : container.mounts())
        out["mounts"].push_back({{"type", mount.type()},
                                 {"source", textOrNull(mount.source())},
                                 {"destination", mount.destination()},
                                 {"read_only", mount.read_only()}});
    out["addresses"] = Json::array();
    for (const v1::ContainerAddress &address : container.addresses())
        out["addresses"].push_back({{"network", address.network()},
                                    {"address", address.address()},
                                    {"mac", textOrNull(address.mac())}});
    out["unit"] = textOrNull(container.systemd_unit());
    out["pod"] = textOrNull(container.pod_id());
    out["pod_name"] = textOrNull(container.pod_name());
    out["infrastructure"] = container.infrastructure();
    out["command"] = container.command();
    out["health"] = textOrNull(container.health());
    out["user_uid"] = container.has_user_uid() ? Json(container.user_uid()) : Json();
    out["monitor_pid"] = numberOrNull(container.monitor_pid());
    out["oci_runtime"] = textOrNull(container.oci_runtime());
    out["root_folder"] = textOrNull(container.root_folder());
    out["verbs"] = container.runtime_verbs();
    out["facts_source"] = textOrNull(container.facts_source());
    out["facts_problem"] = textOrNull(container.facts_problem());
    Json namespaces = Json::object();
    for (const v1::NamespaceRef &ref : container.namespaces()) {
        namespaces[namespaceKind(ref.type())] = {{"inode", ref.inode()}, {"own", ref.own()}};
    }
    out["namespaces"] = std::move(namespaces);
}

void addNamespace(Json &out, const v1::NamespaceDetail &ns)
{
    out["type"] = namespaceKind(ns.type());
    out["inode"] = ns.inode();
    out["initial"] = ns.initial();
    out["members"] = ns.member_count();
    out["first_pid"] = ns.first_pid() == 0 ? Json() : Json(ns.first_pid());
    out["first_comm"] = textOrNull(ns.first_comm());
    out["owner_uid"] = ns.owner_uid();
    out["owner_user_namespace"] = idOrNull(ns.owner_user_namespace());
    out["parent_namespace"] = idOrNull(ns.parent_namespace());
    Json pins = Json::array();
    for (const v1::NamespaceDetail::Pin &pin : ns.pins())
        pins.push_back(pin.where());
    out["pins"] = std::move(pins);
    out["incomplete"] = textOrNull(ns.incomplete_reason());
}

} // namespace

Json textOrNull(const std::string &text)
{
    return text.empty() ? Json() : Json(text);
}

HierarchyNames hierarchyNames(const v1::HostInfo &host)
{
    HierarchyNames out;
    for (const v1::HostInfo::Hierarchy &hierarchy : host.hierarchies()) {
        std::string name;
        for (const std::string &controller : hierarchy.controllers())
            name += strCat(name.empty() ? "" : ",", controller);
        out[hierarchy.index()] = hierarchy.version() == 2 ? "v2" : name;
    }
    return out;
}

Json enumName(const std::string &enumerator, std::string_view prefix)
{
    if (!enumerator.starts_with(prefix) || enumerator.ends_with("UNSPECIFIED"))
        return {};
    std::string out = enumerator.substr(prefix.size());
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

Json freezerName(v1::FreezerState state)
{
    return enumName(v1::FreezerState_Name(state), "FREEZER_STATE_");
}

Json toJson(const v1::Failure &failure)
{
    const char *const name = ::strerrorname_np(failure.posix_errno());
    return {{"errno", failure.posix_errno()},
            {"name", name != nullptr && failure.posix_errno() != 0 ? Json(name) : Json()},
            {"operation", textOrNull(failure.operation())},
            {"subject", textOrNull(failure.subject())},
            {"detail", textOrNull(failure.detail())},
            {"remedy", textOrNull(failure.remedy())}};
}

Json toJson(const v1::LimitValue &value)
{
    if (value.has_max())
        return "max";
    if (value.has_number())
        return value.number();
    if (value.has_text())
        return value.text();
    if (value.has_cpu_max()) {
        const v1::LimitValue::CpuMax &cpu = value.cpu_max();
        return {{"quota", cpu.has_quota_usec() ? Json(cpu.quota_usec()) : Json("max")}, {"period", cpu.period_usec()}};
    }
    if (!value.has_io_max())
        return {};
    Json out = Json::array();
    for (const v1::LimitValue::IoMax &io : value.io_max().devices()) {
        out.push_back({{"device", deviceText(io.device())},
                       {"rbps", rateJson(io.has_rbps(), io.rbps())},
                       {"wbps", rateJson(io.has_wbps(), io.wbps())},
                       {"riops", rateJson(io.has_riops(), io.riops())},
                       {"wiops", rateJson(io.has_wiops(), io.wiops())}});
    }
    return out;
}

std::string limitText(const std::string &key, const v1::LimitValue &value)
{
    const auto known = limitKeyByName(key);
    if (known && limitInfo(*known).shape == LimitShape::ByteSize && value.has_number())
        return cellText(value.number(), Format::Size);
    const auto limit = valueOf(value);
    return limit ? limitValueText(*limit) : "-";
}

Json toJson(const v1::Warning &warning)
{
    return {{"code", enumName(v1::Warning::Code_Name(warning.code()), "CODE_")},
            {"subject", warning.subject()},
            {"detail", warning.detail()},
            {"have", warning.have()},
            {"want", warning.want()}};
}

Json toJson(const v1::HostInfo &host)
{
    Json hierarchies = Json::array();
    for (const v1::HostInfo::Hierarchy &h : host.hierarchies()) {
        hierarchies.push_back({{"index", h.index()},
                               {"version", h.version()},
                               {"controllers", h.controllers()},
                               {"mount_point", h.mount_point()},
                               {"options", h.options()},
                               {"read_only", h.read_only()}});
    }
    Json probes = Json::array();
    for (const v1::HostInfo::Probe &probe : host.probes())
        probes.push_back({{"key", probe.key()}, {"works", probe.works()}, {"detail", textOrNull(probe.detail())}});
    Json runtimes = Json::array();
    for (const v1::RuntimeInfo &info : host.runtimes()) {
        runtimes.push_back({{"name", info.name()},
                            {"version", textOrNull(info.version())},
                            {"endpoint", info.endpoint()},
                            {"user_uid", info.has_user_uid() ? Json(info.user_uid()) : Json()},
                            {"problem", textOrNull(info.problem())},
                            {"containers", info.container_count()}});
    }
    return {{"host_name", host.host_name()},
            {"machine_id", textOrNull(host.machine_id())},
            {"boot_id", host.boot_id()},
            {"kernel", host.kernel_release()},
            {"os", textOrNull(host.os_pretty_name())},
            {"cpus", host.cpu_count()},
            {"memory_total", host.memory_total_bytes()},
            {"swap_total", host.swap_total_bytes()},
            {"page_size", host.page_size_bytes()},
            {"uptime_usec", host.uptime_usec()},
            {"cgroup_mode", host.cgroup_mode()},
            {"cgroups", host.cgroup_count()},
            {"hierarchies", std::move(hierarchies)},
            {"unmounted_controllers", host.unmounted_controllers()},
            {"systemd", textOrNull(host.systemd_version())},
            {"runtimes", std::move(runtimes)},
            {"probes", std::move(probes)}};
}

Json toJson(const v1::Node &node, const HierarchyNames &hierarchies)
{
    Json out{{"id", std::to_string(node.id())},
             {"parent", idOrNull(node.parent_id())},
             {"kind", enumName(v1::NodeKind_Name(node.kind()), "NODE_KIND_")},
             {"name", node.name()}};
    if (node.has_cgroup())
        addCgroup(out, node.cgroup(), hierarchies);
    else if (node.has_container())
        addContainer(out, node.container());
    else if (node.has_namespace_())
        addNamespace(out, node.namespace_());
    return out;
}

Json toJson(const v1::LimitRow &row)
{
    Json configured = toJson(row.configured());
    if (row.state() == v1::CELL_STATE_UNREADABLE)
        configured = errorJson(toJson(row.failure()));
    return {{"key", row.key()},
            {"configured", std::move(configured)},
            {"effective", toJson(row.effective())},
            {"limited_by", textOrNull(row.limiting_path())},
            {"usage", row.has_usage() ? Json(row.usage()) : Json()},
            {"file", textOrNull(row.file())},
            {"not_settable", textOrNull(row.not_settable_reason())},
            {"mapping", textOrNull(row.mapping())},
            {"route", textOrNull(row.route())},
            {"choices", row.choices()},
            {"not_in_force", textOrNull(row.not_in_force())},
            {"manager_effective", textOrNull(row.manager_effective())}};
}

Json toJson(const v1::LimitChange &change)
{
    return {{"key", change.key()},
            {"old", toJson(change.old_value())},
            {"new", toJson(change.new_value())},
            {"effective", toJson(change.effective())},
            {"limited_by", textOrNull(change.limiting_path())},
            {"file", change.file()},
            {"route", textOrNull(change.route())},
            {"command", textOrNull(change.command())},
            {"warnings", arrayOf(change.warnings())}};
}

Json toJson(const v1::OomKill &oom)
{
    Json log = Json::array();
    for (const std::string &line : oom.kernel_log())
        log.push_back(line);
    return {{"limit_path", textOrNull(oom.limit_path())},
            {"limit_usage_bytes", oom.has_limit_usage_bytes() ? Json(oom.limit_usage_bytes()) : Json()},
            {"limit_max_bytes", oom.has_limit_max_bytes() ? Json(oom.limit_max_bytes()) : Json()},
            {"victim_path", textOrNull(oom.victim_path())},
            {"victim_pid", oom.victim_pid()},
            {"victim_comm", textOrNull(oom.victim_comm())},
            {"victim_uid", oom.victim_uid()},
            {"victim_total_vm_bytes", oom.victim_total_vm_bytes()},
            {"victim_anon_rss_bytes", oom.victim_anon_rss_bytes()},
            {"victim_file_rss_bytes", oom.victim_file_rss_bytes()},
            {"victim_shmem_rss_bytes", oom.victim_shmem_rss_bytes()},
            {"victim_oom_score_adj", oom.victim_oom_score_adj()},
            {"victim_usage_bytes", oom.has_victim_usage_bytes() ? Json(oom.victim_usage_bytes()) : Json()},
            {"sampled_monotonic_usec", oom.sampled_monotonic_usec() == 0 ? Json() : Json(oom.sampled_monotonic_usec())},
            {"trigger_pid", oom.trigger_pid() == 0 ? Json() : Json(oom.trigger_pid())},
            {"trigger_comm", textOrNull(oom.trigger_comm())},
            {"constraint", textOrNull(oom.constraint())},
            {"group", oom.group()},
            {"last_change_sequence", oom.last_change_sequence() == 0 ? Json() : Json(oom.last_change_sequence())},
            {"last_change", textOrNull(oom.last_change())},
            {"kernel_log", std::move(log)}};
}

Json toJson(const v1::Event &event)
{
    return {{"sequence", event.sequence()},
            {"time_usec", event.realtime_usec()},
            {"kind", enumName(v1::EventKind_Name(event.kind()), "EVENT_KIND_")},
            {"path", textOrNull(event.cgroup_path())},
            {"key", textOrNull(event.key())},
            {"old", textOrNull(event.old_value())},
            {"new", textOrNull(event.new_value())},
            {"delta", event.delta() == 0 ? Json() : Json(event.delta())},
            {"pid", event.pid() == 0 ? Json() : Json(event.pid())},
            {"comm", textOrNull(event.comm())},
            {"actor", textOrNull(event.actor())},
            {"failure", event.has_failure() ? toJson(event.failure()) : Json()},
            {"oom", event.has_oom() ? toJson(event.oom()) : Json()}};
}

Json toJson(const v1::CheckFinding &finding)
{
    return {{"severity", enumName(v1::CheckFinding::Severity_Name(finding.severity()), "SEVERITY_")},
            {"cause", finding.cause()},
            {"object", finding.object()},
            {"why", finding.why()},
            {"remedy", textOrNull(finding.remedy())},
            {"option", textOrNull(finding.option())},
            {"pid", numberOrNull(finding.pid())}};
}

Json toJson(const v1::CheckReply &reply)
{
    return {{"possible", reply.possible()},
            {"root_pid", reply.root_pid()},
            {"processes", reply.processes()},
            {"resident_bytes", reply.resident_bytes()},
            {"criu", {{"path", textOrNull(reply.criu_path())}, {"version", textOrNull(reply.criu_version())}}},
            {"options", std::vector<std::string>(reply.options().begin(), reply.options().end())},
            {"expected_freeze_usec", countOrNull(reply.expected_freeze_usec())},
            {"freeze_bytes_per_second", countOrNull(reply.freeze_bytes_per_second())},
            {"no_pre_dump_reason", textOrNull(reply.no_pre_dump_reason())},
            {"findings", arrayOf(reply.findings())}};
}

Json toJson(const v1::CheckpointInfo &checkpoint)
{
    return {{"id", checkpoint.id()},
            {"time_usec", checkpoint.realtime_usec()},
            {"subject", checkpoint.subject()},
            {"runtime", checkpoint.runtime()},
            {"name", textOrNull(checkpoint.name())},
            {"note", textOrNull(checkpoint.note())},
            {"trigger", textOrNull(checkpoint.trigger())},
            {"parent", textOrNull(checkpoint.parent())},
            {"processes", checkpoint.processes()},
            {"logical_bytes", checkpoint.logical_bytes()},
            {"fresh_bytes", checkpoint.fresh_bytes()},
            {"stored_bytes", checkpoint.stored_bytes()},
            {"pinned", checkpoint.pinned()},
            {"criu_version", textOrNull(checkpoint.criu_version())},
            {"kernel_release", textOrNull(checkpoint.kernel_release())},
            {"host", textOrNull(checkpoint.host())},
            {"files", checkpoint.files()},
            {"files_bytes", checkpoint.files_bytes()},
            {"group", textOrNull(checkpoint.group())},
            {"group_members",
             std::vector<std::string>(checkpoint.group_members().begin(), checkpoint.group_members().end())},
            {"group_member", textOrNull(checkpoint.group_member())},
            {"group_skew_usec", checkpoint.group().empty() ? Json() : Json(checkpoint.group_skew_usec())}};
}

Json toJson(const v1::CreateCheckpointReply &reply)
{
    Json rounds = Json::array();
    for (const v1::CreateCheckpointReply::Round &round : reply.pre_dump())
        rounds.push_back({{"saved_bytes", round.saved_bytes()}, {"frozen_usec", round.frozen_usec()}});
    Json wouldSave = Json::array();
    for (const v1::CheckpointFile &file : reply.would_save())
        wouldSave.push_back({{"path", file.path()},
                             {"folder", file.folder()},
                             {"declared", file.declared()},
                             {"files", file.files()},
                             {"bytes", file.bytes()},
                             {"taken_by", file.taken_by()}});
    Json volumes = Json::array();
    for (const v1::ContainerVolume &volume : reply.volumes())
        volumes.push_back({{"path", volume.path()},
                           {"destination", volume.destination()},
                           {"saved", volume.saved()},
                           {"files", countOrNull(volume.files())},
                           {"bytes", volume.files() == 0 ? Json() : Json(volume.bytes())},
                           {"more", volume.more()}});
    return {{"job", reply.job_id()},
            {"checkpoint", toJson(reply.checkpoint())},
            {"frozen_usec", reply.frozen_usec()},
            {"frozen_bytes", countOrNull(reply.frozen_bytes())},
            {"expected_freeze_usec", countOrNull(reply.expected_freeze_usec())},
            {"freeze_bytes_per_second", countOrNull(reply.freeze_bytes_per_second())},
            {"no_pre_dump_reason", textOrNull(reply.no_pre_dump_reason())},
            {"pre_dump", rounds},
            {"files", reply.files()},
            {"would_save", wouldSave},
            {"volumes", volumes},
            {"files_saved", reply.files_saved()},
            {"files_bytes", reply.files_bytes()},
            {"files_usec", reply.files_usec()},
            {"notes", std::vector<std::string>(reply.notes().begin(), reply.notes().end())},
            {"findings", arrayOf(reply.findings())},
            {"not_recorded", textOrNull(reply.not_recorded())}};
}

Json toJson(const v1::NodeMetrics &metrics)
{
    Json out = Json::object();
    for (const v1::MetricValue &value : metrics.values()) {
        const auto metric = metricByNumber(value.metric());
        if (const MetricInfo *const info = metric ? metricInfo(*metric) : nullptr)
            out[std::string(info->name)] = valueJson(*info, value.state(), value.integer(), value.real(),
                                                     value.has_failure() ? &value.failure() : nullptr);
    }
    return out;
}

Json devicesJson(const v1::NodeMetrics &metrics)
{
    Json out = Json::array();
    for (const v1::DeviceIo &io : metrics.devices()) {
        out.push_back({{"device", deviceText(io.device())},
                       {"name", textOrNull(io.name())},
                       {"read_bytes", io.read_bytes()},
                       {"write_bytes", io.write_bytes()},
                       {"read_operations", io.read_operations()},
                       {"write_operations", io.write_operations()}});
    }
    return out;
}

Json metricsOfRow(const v1::Frame &frame, int row)
{
    Json out = Json::object();
    for (const v1::Frame::Column &column : frame.columns()) {
        const auto metric = metricByNumber(column.metric());
        const MetricInfo *const info = metric ? metricInfo(*metric) : nullptr;
        if (info == nullptr || static_cast<std::size_t>(row) >= column.states().size())
            continue;
        const int state = column.states().at(static_cast<std::size_t>(row));
        const std::uint64_t integer = row < column.integers_size() ? column.integers(row) : 0;
        const double real = row < column.reals_size() ? column.reals(row) : 0;
        out[std::string(info->name)] = valueJson(*info, state, integer, real, nullptr);
    }
    return out;
}

} // namespace gantry::cli
