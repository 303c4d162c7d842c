// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes: linuxcontainers.org/incus/docs/main/rest-api, documentation.ubuntu.com/lxd/stable-5.0/rest-api; what limits
// become was seen with Incus 6.0.4 on cgroup v2.
#include "engine/runtime/incus_json.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/http.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace gantry::runtime {

namespace {

constexpr std::string_view kDefaultProject = "default";
constexpr std::size_t kMostWords = 500;
constexpr std::uint64_t kMostPort = 65'535;
constexpr std::size_t kMostPorts = 1'000; ///< of one container, a row each

bool isTrue(std::string_view text)
{
    return text == "true" || text == "1" || text == "yes" || text == "on"; // as Incus takes them
}

struct PortRange
{
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};

/// "80", "80-82,90". Empty where any of it is no port.
std::vector<PortRange> portRanges(std::string_view text)
{
    std::vector<PortRange> out;
    while (!text.empty()) {
        const std::string_view one = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), one.size() + 1));
        const std::size_t dash = one.find('-');
        const auto first = parseU64(one.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parseU64(one.substr(dash + 1));
        if (!first || !last || *first == 0 || *last < *first || *last > kMostPort)
            return {};
        out.push_back({static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last - *first + 1)});
    }
    return out;
}

/// "tcp:0.0.0.0:80-82", "udp:[::1]:53"; a UNIX socket has no ports.
struct ProxyEnd
{
    std::string protocol;
    std::string address;
    std::vector<PortRange> ports;
};

ProxyEnd proxyEnd(std::string_view text)
{
    const std::size_t first = text.find(':');
    const std::size_t last = text.rfind(':');
    if (first == std::string_view::npos || first == last)
        return {};
    ProxyEnd out{std::string(text.substr(0, first)), std::string(text.substr(first + 1, last - first - 1)),
                 portRanges(text.substr(last + 1))};
    if (out.address.starts_with('[') && out.address.ends_with(']'))
        out.address = out.address.substr(1, out.address.size() - 2);
    return out;
}

/// Ports of the host that lead into the container. Source: incus docs, devices_proxy.
void addPorts(const Json &device, std::vector<Port> &out)
{
    const std::string bind = textAt(device, {"bind"});
    if (bind == "instance" || bind == "guest" || bind == "container")
        return;
    const ProxyEnd listen = proxyEnd(textAt(device, {"listen"}));
    const ProxyEnd connect = proxyEnd(textAt(device, {"connect"}));
    if (connect.ports.empty() && !connect.protocol.empty())
        return;
    // One target for all, or the ports in the same order.
    const bool oneTarget = connect.ports.size() == 1 && connect.ports.front().count == 1;
    std::size_t index = 0;
    std::uint32_t used = 0;
    for (const PortRange &range : listen.ports) {
        std::uint32_t left = range.count;
        while (left > 0 && out.size() < kMostPorts) {
            Port port{.hostAddress = listen.address == "0.0.0.0" || listen.address == "::" ? "" : listen.address,
                      .hostPort = range.first + (range.count - left),
                      .containerPort = 0,
                      .protocol = listen.protocol,
                      .count = left};
            if (oneTarget) {
                port.containerPort = connect.ports.front().first;
                port.count = 1;
            } else if (index < connect.ports.size()) {
                const PortRange &target = connect.ports[index];
                port.containerPort = target.first + used;
                port.count = std::min(left, target.count - used);
                used += port.count;
                if (used == target.count) {
                    ++index;
                    used = 0;
                }
            }
            left -= port.count;
            out.push_back(std::move(port));
        }
    }
}

/// Source: incus docs, devices_disk. The root file system is no mount of its own.
void addMount(const Json &device, std::vector<Mount> &out)
{
    const std::string source = textAt(device, {"source"});
    const std::string pool = textAt(device, {"pool"});
    const std::string path = textAt(device, {"path"});
    if (path.empty() || path == "/")
        return;
    const std::size_t colon = source.find(':');
    const std::string type = !pool.empty()               ? "volume"
                             : source.starts_with('/')   ? "bind"
                             : colon != std::string::npos ? source.substr(0, colon)
                                                          : std::string();
    out.push_back({.type = type,
                   .source = pool.empty() ? source : strCat(pool, "/", source),
                   .destination = path.starts_with('/') ? path : strCat("/", path),
                   .readOnly = isTrue(textAt(device, {"readonly"}))});
}

void applyDevices(const Json &devices, IncusRow &row)
{
    if (!devices.is_object())
        return;
    for (const Json &device : devices) {
        const std::string type = textAt(device, {"type"});
        if (type == "proxy")
            addPorts(device, row.facts.ports);
        else if (type == "disk")
            addMount(device, row.facts.mounts);
        else if (type == "nic")
            row.hasNetwork = true;
        if (type == "disk" && textAt(device, {"path"}) == "/")
            row.rootPool = textAt(device, {"pool"});
    }
    std::ranges::sort(row.facts.ports);
    std::ranges::sort(row.facts.mounts);
}

/// user.* as they are set; without what cloud-init is told, which is long and may hold passwords.
std::map<std::string, std::string> labelsOf(const Json &config)
{
    constexpr std::array<std::string_view, 4> kCloudInit{"user.user-data", "user.vendor-data", "user.network-config",
                                                         "user.meta-data"};
    std::map<std::string, std::string> out = textMapAt(config, {});
    std::erase_if(out, [&](const auto &item) {
        return !item.first.starts_with("user.") || std::ranges::find(kCloudInit, item.first) != kCloudInit.end();
    });
    return out;
}

std::string imageOf(const Json &config)
{
    std::string out = textAt(config, {"image.description"});
    if (out.empty()) {
        out = textAt(config, {"image.os"});
        const std::string release = textAt(config, {"image.release"});
        out += strCat(out.empty() || release.empty() ? "" : " ", release);
    }
    return out;
}

/// In the words of the others: boot.autostart starts it with the host, boot.autorestart after it failed.
std::string restartPolicyOf(const Json &config)
{
    if (isTrue(textAt(config, {"boot.autostart"})))
        return "always";
    return isTrue(textAt(config, {"boot.autorestart"})) ? "on-failure" : "no";
}

std::vector<Verb> incusVerbs(State state)
{
    switch (state) {
    case State::Running:
        return {Verb::Pause, Verb::Update, Verb::Stop, Verb::Restart, Verb::Kill, Verb::Log};
    case State::Paused:
        return {Verb::Unpause, Verb::Update, Verb::Kill, Verb::Log};
    case State::Exited:
        return {Verb::Start, Verb::Remove, Verb::Log};
    default:
        return {Verb::Kill, Verb::Log};
    }
}

void applyStatus(const std::string &status, IncusRow &row)
{
    // LXC has lost it, or an operation on it is under way.
    const bool error = status == "Error";
    row.facts.state = error ? State::Exited : stateOfWord(status);
    if (error)
        row.facts.problem = "the daemon tells an error as its state";
    row.settled = !error && (status == "Running" || status == "Stopped" || status == "Frozen" || status == "Ready");
    row.facts.verbs = incusVerbs(row.facts.state);
}

IncusRow rowOf(IncusKind kind, const Json &instance)
{
    const Json &config = at(instance, {"expanded_config"});
    IncusRow out;
    out.name = {textAt(instance, {"project"}), textAt(instance, {"name"})};
    Facts &facts = out.facts;
    facts.runtime = kind == IncusKind::Incus ? "incus" : "lxd";
    facts.name = out.name.full();
    facts.id = textAt(config, {"volatile.uuid"});
    if (facts.id.empty())
        facts.id = facts.name;
    facts.image = imageOf(config);
    facts.imageId = textAt(config, {"volatile.base_image"});
    facts.labels = labelsOf(config);
    facts.createdMicros = microsOfTime(textAt(instance, {"created_at"}));
    facts.startedMicros = microsOfTime(textAt(instance, {"last_used_at"}));
    facts.restartPolicy = restartPolicyOf(config);
    if (std::string command = textAt(config, {"oci.entrypoint"}); !command.empty())
        facts.command = splitWords(command);
    applyStatus(textAt(instance, {"status"}), out);
    applyDevices(at(instance, {"expanded_devices"}), out);
    out.stamp = strCat(stateName(facts.state), " ", facts.startedMicros, " ", facts.id);
    return out;
}

} // namespace

std::string IncusName::full() const
{
    return project.empty() || project == kDefaultProject ? instance : strCat(project, "_", instance);
}

IncusName IncusName::ofFull(std::string_view full)
{
    const std::size_t line = full.rfind('_');
    if (line == std::string_view::npos)
        return {std::string(kDefaultProject), std::string(full)};
    return {std::string(full.substr(0, line)), std::string(full.substr(line + 1))};
}

std::string IncusName::path(std::string_view below) const
{
    const std::string query =
        project.empty() || project == kDefaultProject ? std::string() : strCat("?project=", urlEscaped(project));
    return strCat("/1.0/instances/", urlEscaped(instance), below, query);
}

Result<std::vector<IncusRow>> parseIncusList(IncusKind kind, std::string_view body)
{
    const IncusReply reply = GANTRY_TRY(parseIncusReply(body));
    if (!reply.metadata.is_array())
        return fail(EBADMSG, "json", "list of instances", "no list");
    std::vector<IncusRow> out;
    for (const Json &instance : reply.metadata) {
        if (textAt(instance, {"type"}) == "virtual-machine" || textAt(instance, {"name"}).empty() ||
            out.size() >= Source::kMost)
            continue;
        out.push_back(rowOf(kind, instance));
    }
    return out;
}

Result<IncusState> parseIncusState(std::string_view body)
{
    const IncusReply reply = GANTRY_TRY(parseIncusReply(body));
    if (!reply.metadata.is_object())
        return fail(EBADMSG, "json", "state of an instance", "no object");
    IncusState out;
    out.pid = pidAt(reply.metadata, {"pid"});
    out.startedMicros = microsOfTime(textAt(reply.metadata, {"started_at"}));
    const Json &network = at(reply.metadata, {"network"});
    if (!network.is_object())
        return out;
    for (const auto &[interface, detail] : network.items()) {
        const Json &addresses = at(detail, {"addresses"});
        if (!addresses.is_array())
            continue;
        for (const Json &address : addresses) {
            if (textAt(address, {"scope"}) == "global" && !textAt(address, {"address"}).empty())
                out.addresses.push_back({interface, textAt(address, {"address"}), textAt(detail, {"hwaddr"})});
        }
    }
    std::ranges::sort(out.addresses);
    return out;
}

IncusEvent parseIncusEvent(std::string_view message)
{
    // What is done with an instance and leaves what is told of it as it is; Gantry reads logs itself.
    constexpr std::array<std::string_view, 8> kNoise{
        "instance-exec", "instance-console",  "instance-log",    "instance-file",
        "instance-sftp", "instance-metadata", "instance-backup", "instance-snapshot"};
    const auto event = parseJson("event", message);
    if (!event || !event->is_object())
        return {.name = {}, .matters = true};
    const std::string action = textAt(*event, {"metadata", "action"});
    const auto begins = [&action](std::string_view with) { return action.starts_with(with); };
    if (!begins("instance-"))
        return {.name = {}, .matters = begins("profile-") || begins("project-")};
    // LXD 5.0 tells the name in the source alone: "/1.0/instances/web?project=blue".
    IncusName name{textAt(*event, {"project"}), textAt(*event, {"metadata", "name"})};
    if (name.instance.empty()) {
        const std::string source = textAt(*event, {"metadata", "source"});
        const std::string path = source.substr(0, source.find('?'));
        name.instance = path.substr(path.rfind('/') + 1);
    }
    return {.name = name.full(), .matters = std::ranges::none_of(kNoise, begins)};
}

Result<IncusReply> parseIncusReply(std::string_view body)
{
    Json json = GANTRY_TRY(parseJson("answer", body));
    if (!json.is_object())
        return fail(EBADMSG, "json", "answer", "no object");
    IncusReply out{.metadata = {}, .operation = textAt(json, {"operation"})};
    if (const auto metadata = json.find("metadata"); metadata != json.end())
        out.metadata = std::move(*metadata);
    return out;
}

std::string incusMessage(std::string_view body)
{
    const auto json = parseJson("answer", body);
    std::string out = json ? textAt(*json, {"error"}) : std::string();
    if (out.empty() && json)
        out = textAt(*json, {"metadata", "err"});
    if (out.empty() && !json)
        out = trim(body);
    return printable(std::string_view(out).substr(0, kMostWords));
}

bool isSoInIncus(std::string_view words)
{
    return words.find("is already frozen") != std::string_view::npos ||
           words.find("is already running") != std::string_view::npos ||
           words.find("is already stopped") != std::string_view::npos;
}

int errnoOfIncus(long status, std::string_view words)
{
    const auto has = [words](std::string_view part) { return words.find(part) != std::string_view::npos; };
    if (has("is busy") || has("Instance is running") || has("is currently running"))
        return EBUSY;
    if (has("deadline exceeded"))
        return ETIMEDOUT;
    switch (status) {
    case 400:
        return EINVAL;
    case 401:
    case 403:
        return EACCES;
    case 404:
        return ESTALE;
    case 409:
    case 412:
        return EBUSY;
    case 501:
        return ENOTSUP;
    case 503:
        return EAGAIN;
    default:
        return EIO;
    }
}

std::vector<LogLine> incusLogLines(std::string_view text, std::size_t lines)
{
    std::vector<LogLine> out;
    while (const auto line = takeLine(text)) {
        std::string_view plain = *line;
        while (plain.ends_with('\r')) // a console's lines end so
            plain.remove_suffix(1);
        out.push_back({.realtimeMicros = 0, .errorStream = false, .text = std::string(plain)});
    }
    if (out.size() > lines)
        out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(lines));
    return out;
}

} // namespace gantry::runtime
