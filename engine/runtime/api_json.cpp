// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: docs.docker.com/reference/api/engine (1.41 and 1.48), docs.podman.io/en/latest/_static/api.html (libpod).
#include "engine/runtime/api_json.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/docker_json.h"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace gantry::runtime {

namespace {

constexpr std::int64_t kMicros = 1'000'000;

std::uint32_t smallNumber(std::int64_t value)
{
    return value > 0 && value <= std::numeric_limits<std::uint32_t>::max() ? static_cast<std::uint32_t>(value) : 0;
}

/// Docker's names begin with '/'; those with another '/' in them are links.
std::string plainName(const std::vector<std::string> &names)
{
    for (const std::string &name : names) {
        const std::string_view plain = std::string_view(name).substr(name.starts_with('/') ? 1 : 0);
        if (!plain.empty() && plain.find('/') == std::string_view::npos)
            return std::string(plain);
    }
    return {};
}

/// A time as text, or as seconds since the epoch; negative: never.
std::int64_t timeAt(const Json &value, std::string_view name)
{
    const Json &found = at(value, {name});
    if (found.is_string())
        return microsOfTime(found.get<std::string>());
    const std::int64_t seconds = numberAt(value, {name});
    return seconds > 0 && seconds < std::numeric_limits<std::int64_t>::max() / kMicros ? seconds * kMicros : 0;
}

std::vector<Port> listedPorts(Dialect dialect, const Json &row)
{
    std::vector<Port> out;
    const Json &ports = at(row, {"Ports"});
    if (!ports.is_array())
        return out;
    const bool podman = dialect == Dialect::Podman;
    for (const Json &port : ports) {
        Port one{.hostAddress = textAt(port, {podman ? "host_ip" : "IP"}),
                 .hostPort = smallNumber(numberAt(port, {podman ? "host_port" : "PublicPort"})),
                 .containerPort = smallNumber(numberAt(port, {podman ? "container_port" : "PrivatePort"})),
                 .protocol = textAt(port, {podman ? "protocol" : "Type"}),
                 .count = std::max<std::uint32_t>(1, smallNumber(numberAt(port, {"range"})))};
        if (one.hostPort != 0) // only exposed otherwise
            out.push_back(std::move(one));
    }
    std::ranges::sort(out);
    return out;
}

std::vector<Mount> mountsOf(const Json &container)
{
    std::vector<Mount> out;
    const Json &mounts = at(container, {"Mounts"});
    if (!mounts.is_array())
        return out;
    for (const Json &mount : mounts) {
        if (mount.is_object())
            out.push_back(dockerMount(mount, textAt(mount, {"Destination"})));
    }
    return out;
}

std::vector<std::string> commandOf(const Json &container)
{
    std::vector<std::string> out;
    if (std::string path = textAt(container, {"Path"}); !path.empty())
        out.push_back(std::move(path));
    std::ranges::move(textsAt(container, {"Args"}), std::back_inserter(out));
    return out;
}

Facts listedFacts(Dialect dialect, const Json &row)
{
    const bool podman = dialect == Dialect::Podman;
    Facts out;
    out.runtime = podman ? "podman" : "docker";
    out.id = textAt(row, {"Id"});
    out.name = plainName(textsAt(row, {"Names"}));
    out.image = textAt(row, {"Image"});
    out.imageId = textAt(row, {"ImageID"});
    out.labels = textMapAt(row, {"Labels"});
    out.state = stateOfWord(textAt(row, {"State"}));
    out.createdMicros = timeAt(row, "Created");
    out.startedMicros = timeAt(row, "StartedAt");
    out.ports = listedPorts(dialect, row);
    out.podId = textAt(row, {"Pod"});
    out.podName = textAt(row, {"PodName"});
    out.initPid = pidAt(row, {"Pid"});
    out.infrastructure = flagAt(row, {"IsInfra"});
    if (podman)
        out.command = textsAt(row, {"Command"});
    else if (std::string command = textAt(row, {"Command"}); !command.empty())
        out.command.push_back(std::move(command));
    out.verbs = engineVerbs(out.state);
    return out;
}

/// Members of a request that sets one limit. @return false where the API has no word for it.
bool addDockerLimit(Json &body, LimitKey key, const LimitValue &value)
{
    const auto *number = std::get_if<std::uint64_t>(&value);
    const auto *text = std::get_if<std::string>(&value);
    switch (key) {
    case LimitKey::MemoryMax:
    case LimitKey::MemoryLow:
        // 0 means "as it is", and there is no word for "max".
        if (number == nullptr || *number == 0)
            return false;
        body[key == LimitKey::MemoryMax ? "Memory" : "MemoryReservation"] = *number;
        return true;
    case LimitKey::PidsMax:
        body["PidsLimit"] = number != nullptr ? Json(*number) : Json(-1);
        return true;
    case LimitKey::CpuMax: {
        const auto &cpu = std::get<CpuMax>(value);
        body["CpuQuota"] = cpu.quota ? Json(cpu.quota->count()) : Json(-1);
        if (cpu.period.count() != 0)
            body["CpuPeriod"] = cpu.period.count();
        return true;
    }
    case LimitKey::CpusetCpus:
    case LimitKey::CpusetMems:
        if (text == nullptr || text->empty())
            return false;
        body[key == LimitKey::CpusetCpus ? "CpusetCpus" : "CpusetMems"] = *text;
        return true;
    default:
        return false;
    }
}

/// As OCI LinuxResources (runtime-spec, config-linux.md), which libpod hands to crun or runc.
bool addOciLimit(Json &body, LimitKey key, const LimitValue &value)
{
    const auto *number = std::get_if<std::uint64_t>(&value);
    const auto *text = std::get_if<std::string>(&value);
    const Json orUnlimited = number != nullptr ? Json(*number) : Json(-1);
    switch (key) {
    case LimitKey::MemoryMax:
        body["memory"]["limit"] = orUnlimited;
        return true;
    case LimitKey::MemoryLow:
        body["memory"]["reservation"] = orUnlimited;
        return true;
    case LimitKey::PidsMax:
        body["pids"]["limit"] = orUnlimited;
        return true;
    case LimitKey::CpuMax: {
        const auto &cpu = std::get<CpuMax>(value);
        body["cpu"]["quota"] = cpu.quota ? Json(cpu.quota->count()) : Json(-1);
        body["cpu"]["period"] = cpu.period.count() != 0 ? cpu.period.count() : 100'000;
        return true;
    }
    case LimitKey::CpusetCpus:
    case LimitKey::CpusetMems:
        if (text == nullptr || text->empty())
            return false;
        body["cpu"][key == LimitKey::CpusetCpus ? "cpus" : "mems"] = *text;
        return true;
    default:
        return false;
    }
}

} // namespace

Result<std::vector<ApiRow>> parseApiList(Dialect dialect, std::string_view text)
{
    const Json rows = GANTRY_TRY(parseJson("list of containers", text));
    if (!rows.is_array())
        return fail(EBADMSG, "json", "list of containers", "no list");
    std::vector<ApiRow> out;
    for (const Json &row : rows) {
        Facts facts = listedFacts(dialect, row);
        if (facts.id.empty() || out.size() >= Source::kMost)
            continue;
        std::string stamp = strCat(stateName(facts.state), " ", facts.startedMicros, " ", facts.initPid, " ",
                                   facts.name, " ", textAt(row, {"Status"}).find("healthy") != std::string::npos);
        out.push_back({std::move(facts), std::move(stamp)});
    }
    return out;
}

Result<Facts> parseApiInspect(Dialect dialect, std::string_view text)
{
    const Json container = GANTRY_TRY(parseJson("container", text));
    Facts out;
    const bool podman = dialect == Dialect::Podman;
    out.runtime = podman ? "podman" : "docker";
    out.id = textAt(container, {"Id"});
    if (out.id.empty())
        return fail(EBADMSG, "json", "container", "without an id");
    out.name = plainName({textAt(container, {"Name"})});
    out.image = podman ? textAt(container, {"ImageName"}) : textAt(container, {"Config", "Image"});
    out.imageId = textAt(container, {"Image"});
    out.labels = textMapAt(container, {"Config", "Labels"});
    out.state = stateOfWord(textAt(container, {"State", "Status"}));
    out.createdMicros = timeAt(container, "Created");
    out.startedMicros = microsOfTime(textAt(container, {"State", "StartedAt"}));
    out.restartPolicy = dockerRestartPolicy(at(container, {"HostConfig", "RestartPolicy"}));
    out.ports = dockerPorts(at(container, {"NetworkSettings", "Ports"}));
    out.mounts = mountsOf(container);
    out.addresses = dockerAddresses(at(container, {"NetworkSettings", "Networks"}));
    out.podId = textAt(container, {"Pod"});
    out.command = commandOf(container);
    out.health = textAt(container, {"State", "Health", "Status"});
    if (out.health == "none")
        out.health.clear();
    out.initPid = pidAt(container, {"State", "Pid"});
    out.monitorPid = pidAt(container, {"State", "ConmonPid"});
    out.infrastructure = flagAt(container, {"IsInfra"});
    out.ociRuntime = podman ? textAt(container, {"OCIRuntime"}) : textAt(container, {"HostConfig", "Runtime"});
    out.rootFolder = textAt(container, {"Rootfs"});
    if (out.rootFolder.empty())
        out.rootFolder = textAt(container, {"GraphDriver", "Data", "MergedDir"});
    out.cgroupPath = textAt(container, {"State", "CgroupPath"});
    out.verbs = engineVerbs(out.state);
    return out;
}

ApiEvent parseApiEvent(std::string_view line)
{
    const auto event = parseJson("event", line);
    if (!event || !event->is_object())
        return {.container = {}, .matters = true};
    const std::string type = textAt(*event, {"Type"});
    std::string action = textAt(*event, {"Action"});
    if (action.empty())
        action = textAt(*event, {"status"});
    // What runs inside by exec, and images: the list of containers stays as it is.
    const bool noise = action.starts_with("exec") || action == "attach" || action == "top" || action == "resize" ||
                       action == "archive-path" || action == "export" || type == "image" || type == "volume" ||
                       type == "secret" || type == "builder";
    std::string id = textAt(*event, {"Actor", "ID"});
    if (id.empty())
        id = textAt(*event, {"id"});
    return {.container = type == "container" || type.empty() ? id : std::string(), .matters = !noise};
}

Result<std::string> updateBody(Dialect dialect, std::span<const std::pair<LimitKey, LimitValue>> limits, bool withSwap)
{
    Json body = Json::object();
    if (withSwap)
        body["MemorySwap"] = -1;
    for (const auto &[key, value] : limits) {
        if (!(dialect == Dialect::Docker ? addDockerLimit(body, key, value) : addOciLimit(body, key, value)))
            return fail(ENOTSUP, verbName(Verb::Update), limitInfo(key).name,
                        strCat(dialect == Dialect::Docker ? "docker" : "podman", " cannot set it to ",
                               limitValueText(value)),
                        "set it by the kernel's file (--by-file)");
    }
    return body.dump();
}

std::vector<LogLine> parseApiLog(std::string_view body, bool framed)
{
    std::vector<LogLine> out;
    constexpr std::size_t kHead = 8;
    if (!framed) {
        addTimedLines(body, false, out);
        return out;
    }
    while (body.size() >= kHead) {
        std::size_t length = 0;
        for (std::size_t i = 4; i < kHead; ++i)
            length = length << 8 | static_cast<unsigned char>(body[i]);
        const bool errorStream = body.front() == 2;
        body.remove_prefix(kHead);
        addTimedLines(body.substr(0, length), errorStream, out);
        body.remove_prefix(std::min(length, body.size()));
    }
    return out;
}

std::string apiMessage(std::string_view body)
{
    constexpr std::size_t kMost = 500;
    const auto json = parseJson("reply", body);
    std::string out = json ? textAt(*json, {"message"}) : std::string();
    if (out.empty())
        out = trim(body);
    const std::string cause = json ? textAt(*json, {"cause"}) : std::string();
    if (!cause.empty() && out.find(cause) == std::string::npos)
        out += strCat(" (", cause, ")");
    return printable(std::string_view(out).substr(0, kMost));
}

} // namespace gantry::runtime
