// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/metric.h"
#include "engine/base/strings.h"
#include "engine/proto/calls.h"
#include "engine/proto/convert.h"
#include "engine/service/host_service.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::cli {

namespace {

using enum Format;

/// Rows of the newest frame by node.
std::unordered_map<std::uint64_t, Json> metricsByNode(const v1::Frame &frame)
{
    std::unordered_map<std::uint64_t, Json> out;
    for (int row = 0; row < frame.node_ids_size(); ++row)
        out.emplace(frame.node_ids(row), metricsOfRow(frame, row));
    return out;
}

/// Everything the tree and container lists are made of.
struct Picture
{
    v1::HostInfo host;
    HierarchyNames hierarchies;
    v1::InventoryUpdate tree;
    std::unordered_map<std::uint64_t, Json> metrics;

    [[nodiscard]] Json node(const v1::Node &node, std::uint64_t metricsOf) const
    {
        Json out = toJson(node, hierarchies);
        const auto found = metrics.find(metricsOf);
        out["metrics"] = found == metrics.end() ? Json::object() : found->second;
        return out;
    }
};

Result<Picture> takePicture(Session &session)
{
    Picture out;
    out.host = GANTRY_TRY(session.call(session.host(), &v1::Host::Stub::Info, v1::HostInfoRequest()));
    out.hierarchies = hierarchyNames(out.host);
    out.tree =
        GANTRY_TRY(session.firstOf(session.inventory(), &v1::Inventory::Stub::Watch, v1::WatchInventoryRequest()));
    out.metrics = metricsByNode(
        GANTRY_TRY(session.firstOf(session.metrics(), &v1::Metrics::Stub::Watch, v1::WatchMetricsRequest())));
    return out;
}

/// Cgroups depth first, siblings by name.
Json cgroupsInOrder(const Picture &picture)
{
    std::unordered_map<std::uint64_t, std::vector<const v1::Node *>> children;
    for (const v1::Node &node : picture.tree.upserted()) {
        if (node.has_cgroup())
            children[node.parent_id()].push_back(&node);
    }
    for (auto &[parent, nodes] : children)
        std::ranges::sort(nodes, {}, [](const v1::Node *node) { return node->name(); });
    Json out = Json::array();
    // Not recursive: a tree may be thousands of levels deep.
    std::vector<std::pair<const v1::Node *, int>> next;
    const auto descend = [&](std::uint64_t parent, int depth) {
        const auto found = children.find(parent);
        if (found == children.end())
            return;
        for (auto child = found->second.rbegin(); child != found->second.rend(); ++child)
            next.emplace_back(*child, depth);
    };
    descend(NodeId::host().v, 0);
    while (!next.empty()) {
        const auto [node, depth] = next.back();
        next.pop_back();
        Json row = picture.node(*node, node->id());
        row["depth"] = depth;
        out.push_back(std::move(row));
        descend(node->id(), depth + 1);
    }
    return out;
}

std::string limitTable(const v1::ListLimitsReply &limits)
{
    Json rows = Json::array();
    for (const v1::LimitRow &limit : limits.rows()) {
        if (limit.state() == v1::CELL_STATE_ABSENT) // left to --json
            continue;
        Json &row = rows.emplace_back(toJson(limit));
        if (limit.state() != v1::CELL_STATE_UNREADABLE)
            row["configured"] = limitText(limit.key(), limit.configured());
        row["effective"] = limitText(limit.key(), limit.effective());
        const bool bytes = limit.key().starts_with("memory.");
        row["usage"] = cellText(row["usage"], bytes ? Size : Text);
        // What cannot be set here says so where the file would stand.
        if (row["file"].is_null())
            row["file"] = row["not_settable"];
    }
    static constexpr std::array kColumns{Column{"LIMIT", "/key"},           Column{"CONFIGURED", "/configured"},
                                         Column{"EFFECTIVE", "/effective"}, Column{"LIMITED BY", "/limited_by"},
                                         Column{"USAGE", "/usage"},         Column{"FILE", "/file"}};
    return renderTable(rows, kColumns);
}

Format formatOf(MetricUnit unit)
{
    switch (unit) {
    case MetricUnit::Byte:
        return Size;
    case MetricUnit::BytePerSecond:
        return SizePerSecond;
    case MetricUnit::Microsecond:
        return CpuTime;
    case MetricUnit::Percent:
        return Percent;
    case MetricUnit::State:
        return State;
    default:
        return Text;
    }
}

/// Counters that are there, one a line; absent ones are left to --json.
std::string metricTable(const Json &metrics)
{
    Json rows = Json::array();
    for (const auto &[name, value] : metrics.items()) {
        const auto metric = metricByName(name);
        const std::string text = cellText(value, metric ? formatOf(metricInfo(*metric)->unit) : Text);
        if (text != "-")
            rows.push_back({{"name", name}, {"value", text}});
    }
    static constexpr std::array kColumns{Column{"COUNTER", "/name"}, Column{"VALUE", "/value"}};
    return renderTable(rows, kColumns);
}

std::string nodeText(const Json &node)
{
    std::string out;
    for (const char *field : {"path", "freezer", "populated", "type", "container", "protected", "inodes"})
        out += strCat(field, ": ", cellText(node.value(field, Json()), State), "\n");
    return out;
}

} // namespace

Outcome runTree(Session &session, const Arguments & /*arguments*/)
{
    const Picture picture = GANTRY_TRY(takePicture(session));
    const Json document{{"cgroups", cgroupsInOrder(picture)}};
    return session.print(document, [&document] {
        constexpr std::size_t kMostIndent = 60;
        Json rows = document["cgroups"];
        for (Json &row : rows) {
            const std::size_t indent = std::min(row["depth"].get<std::size_t>() * 2, kMostIndent);
            row["name"] = std::string(indent, ' ') + row["name"].get<std::string>();
        }
        static constexpr std::array kColumns{Column{"CGROUP", "/name"},
                                             Column{"MEMORY", "/metrics/memory.current", Size},
                                             Column{"HIGH", "/metrics/memory.high", Size},
                                             Column{"MAX", "/metrics/memory.max", Size},
                                             Column{"PIDS", "/metrics/pids.current", Number},
                                             Column{"STATE", "/freezer", State}};
        return renderTable(rows, kColumns);
    });
}

Outcome runContainers(Session &session, const Arguments & /*arguments*/)
{
    const Picture picture = GANTRY_TRY(takePicture(session));
    for (const v1::RuntimeInfo &info : picture.host.runtimes()) {
        if (!info.problem().empty())
            session.note(strCat("warning: ", info.name(), " at ", info.endpoint(), ": ", info.problem(),
                                "; its containers may be missing or told as they were"));
    }
    Json rows = Json::array();
    for (const v1::Node &node : picture.tree.upserted()) {
        if (node.has_container())
            rows.push_back(picture.node(node, node.container().cgroup_id()));
    }
    const Json document{{"containers", std::move(rows)}};
    return session.print(document, [&document] {
        static constexpr std::array kColumns{Column{"NAME", "/name"},
                                             Column{"RUNTIME", "/runtime"},
                                             Column{"STATE", "/state"},
                                             Column{"IMAGE", "/image"},
                                             Column{"POD", "/pod_name"},
                                             Column{"PID", "/init_pid", Number},
                                             Column{"MEMORY", "/metrics/memory.current", Size},
                                             Column{"MAX", "/metrics/memory.max", Size},
                                             Column{"PIDS", "/metrics/pids.current", Number},
                                             Column{"CGROUP", "/cgroup"}};
        return renderTable(document["containers"], kColumns);
    });
}

Outcome runRuntimes(Session &session, const Arguments & /*arguments*/)
{
    const v1::HostInfo info =
        GANTRY_TRY(session.call(session.host(), &v1::Host::Stub::Info, v1::HostInfoRequest()));
    const Json document{{"runtimes", toJson(info)["runtimes"]}};
    return session.print(document, [&document] {
        static constexpr std::array kColumns{Column{"RUNTIME", "/name"},
                                             Column{"VERSION", "/version"},
                                             Column{"CONTAINERS", "/containers", Number},
                                             Column{"UID", "/user_uid", Number},
                                             Column{"ENDPOINT", "/endpoint"},
                                             Column{"PROBLEM", "/problem"}};
        return renderTable(document["runtimes"], kColumns);
    });
}

Outcome runLogs(Session &session, const Arguments &arguments)
{
    v1::TailLogRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    request.set_lines(arguments.lines.value_or(0));
    const v1::LogTail tail = GANTRY_TRY(session.call(session.inventory(), &v1::Inventory::Stub::TailLog, request));
    Json document{{"source", tail.source()}, {"lines", Json::array()}};
    for (const v1::LogTail::Line &line : tail.lines())
        document["lines"].push_back({{"time_usec", line.realtime_usec() == 0 ? Json() : Json(line.realtime_usec())},
                                     {"error_stream", line.error_stream()},
                                     {"text", line.text()}});
    return session.print(document, [&tail] {
        std::string out;
        for (const v1::LogTail::Line &line : tail.lines())
            out += strCat(line.text(), "\n");
        return out;
    });
}

Outcome runNamespaces(Session &session, const Arguments & /*arguments*/)
{
    const v1::NamespaceList list = GANTRY_TRY(
        session.call(session.inventory(), &v1::Inventory::Stub::ListNamespaces, v1::ListNamespacesRequest()));
    Json rows = Json::array();
    for (const v1::Node &node : list.namespaces())
        rows.push_back(toJson(node, {}));
    const Json document{{"namespaces", std::move(rows)}};
    return session.print(document, [&document] {
        static constexpr std::array kColumns{Column{"TYPE", "/type"},
                                             Column{"INODE", "/inode", Number},
                                             Column{"MEMBERS", "/members", Number},
                                             Column{"PID", "/first_pid", Number},
                                             Column{"COMMAND", "/first_comm"},
                                             Column{"UID", "/owner_uid", Number},
                                             Column{"INITIAL", "/initial"},
                                             Column{"PINS", "/pins"}};
        return renderTable(document["namespaces"], kColumns);
    });
}

Outcome runShow(Session &session, const Arguments &arguments)
{
    v1::GetNodeRequest get;
    *get.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    const v1::HostInfo host = GANTRY_TRY(session.call(session.host(), &v1::Host::Stub::Info, v1::HostInfoRequest()));
    const v1::Node node = GANTRY_TRY(session.call(session.inventory(), &v1::Inventory::Stub::Get, get));
    v1::ReadRequest read;
    read.mutable_target()->set_node_id(node.id());
    const v1::ReadReply counters = GANTRY_TRY(session.call(session.metrics(), &v1::Metrics::Stub::Read, read));
    v1::ListLimitsRequest list;
    list.mutable_target()->set_node_id(node.id());
    const v1::ListLimitsReply limits =
        GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::ListLimits, list));

    const Json document{{"node", toJson(node, hierarchyNames(host))},
                        {"metrics", toJson(counters.metrics())},
                        {"devices", devicesJson(counters.metrics())},
                        {"limits", arrayOf(limits.rows())}};
    return session.print(document, [&document, &limits] {
        static constexpr std::array kDeviceColumns{Column{"DEVICE", "/device"}, Column{"NAME", "/name"},
                                                   Column{"READ", "/read_bytes", Size},
                                                   Column{"WRITTEN", "/write_bytes", Size}};
        std::string out = strCat(nodeText(document["node"]), "\n", metricTable(document["metrics"]), "\n");
        if (!document["devices"].empty())
            out += renderTable(document["devices"], kDeviceColumns) + "\n";
        return out + limitTable(limits);
    });
}

Outcome runFiles(Session &session, const Arguments &arguments)
{
    v1::ReadFilesRequest request;
    *request.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    const v1::ReadFilesReply reply =
        GANTRY_TRY(session.call(session.metrics(), &v1::Metrics::Stub::ReadFiles, request));
    Json document{{"path", reply.cgroup_path()}, {"files", Json::array()}};
    std::string text;
    for (const v1::ReadFilesReply::File &file : reply.files()) {
        if (arguments.operands.size() > 1 && file.name() != arguments.operands[1])
            continue;
        document["files"].push_back({{"name", file.name()},
                                     {"mount_point", file.mount_point()},
                                     {"writable", file.writable()},
                                     {"text", file.has_failure() ? Json() : Json(file.text())},
                                     {"failure", file.has_failure() ? toJson(file.failure()) : Json()}});
        // A line of one file says its name once; a file of several lines has each below it.
        const bool single = file.text().find('\n') + 1 >= file.text().size();
        text += strCat(file.name(), single ? " " : ":\n",
                       file.has_failure() ? strCat(fromMessage(file.failure()).message(), "\n") : file.text());
        if (!text.ends_with('\n'))
            text += '\n';
    }
    if (document["files"].empty())
        return std::unexpected(
            Stop(1, strCat(reply.cgroup_path(), " has no file ", printable(arguments.operands.back()))));
    return session.print(document, [&text] { return text; });
}

Outcome runHost(Session &session, const Arguments & /*arguments*/)
{
    v1::HelloRequest hello;
    hello.set_protocol_major(service::kProtocolMajor);
    hello.set_protocol_minor(service::kProtocolMinor);
    hello.set_client("gantryctl " GANTRY_VERSION);
    const v1::HelloReply reply = GANTRY_TRY(session.call(session.host(), &v1::Host::Stub::Hello, hello));
    const v1::HostInfo info = GANTRY_TRY(session.call(session.host(), &v1::Host::Stub::Info, v1::HostInfoRequest()));
    Json document = toJson(info);
    document["engine_version"] = reply.engine_version();
    document["missing_calls"] = missingCalls(reply); // of an older one
    document["read_only"] = reply.read_only_reason().empty() ? Json() : Json(reply.read_only_reason());
    return session.print(document, [&document] {
        std::string out;
        for (const auto &[key, value] : document.items()) {
            if (key == "hierarchies" || key == "probes")
                continue;
            const Format format = key == "memory_total" || key == "swap_total" ? Size
                                  : key == "uptime_usec"                       ? CpuTime
                                                                               : Text;
            out += strCat(key, ": ", cellText(value, format), "\n");
        }
        static constexpr std::array kHierarchies{Column{"VERSION", "/version"}, Column{"CONTROLLERS", "/controllers"},
                                                 Column{"MOUNT POINT", "/mount_point"}, Column{"OPTIONS", "/options"}};
        static constexpr std::array kProbes{Column{"FEATURE", "/key"}, Column{"WORKS", "/works"},
                                            Column{"DETAIL", "/detail"}};
        return strCat(out, "\n", renderTable(document["hierarchies"], kHierarchies), "\n",
                      renderTable(document["probes"], kProbes));
    });
}

} // namespace gantry::cli
