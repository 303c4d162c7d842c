// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/docker_json.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gantry::runtime {

namespace {

std::uint32_t portNumber(std::string_view text)
{
    const auto number = parseU64(text);
    return number && *number <= std::numeric_limits<std::uint16_t>::max() ? static_cast<std::uint32_t>(*number) : 0;
}

} // namespace

std::vector<Port> dockerPorts(const Json &ports)
{
    std::vector<Port> out;
    if (!ports.is_object())
        return out;
    for (const auto &[inside, bindings] : ports.items()) {
        const std::size_t slash = std::min(inside.find('/'), inside.size());
        if (!bindings.is_array())
            continue;
        for (const Json &binding : bindings) {
            const std::string address = textAt(binding, {"HostIp"});
            Port port;
            port.hostAddress = address == "0.0.0.0" || address == "::" ? std::string() : address;
            port.hostPort = portNumber(textAt(binding, {"HostPort"}));
            port.containerPort = portNumber(std::string_view(inside).substr(0, slash));
            port.protocol = slash < inside.size() ? inside.substr(slash + 1) : std::string("tcp");
            if (port.hostPort != 0)
                out.push_back(std::move(port));
        }
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

std::vector<Address> dockerAddresses(const Json &networks)
{
    std::vector<Address> out;
    if (!networks.is_object())
        return out;
    for (const auto &[name, network] : networks.items()) {
        for (const std::string_view family : {"IPAddress", "GlobalIPv6Address"}) {
            if (std::string address = textAt(network, {family}); !address.empty())
                out.push_back({name, std::move(address), textAt(network, {"MacAddress"})});
        }
    }
    return out;
}

Mount dockerMount(const Json &mount, std::string destination)
{
    const std::string name = textAt(mount, {"Name"});
    return {.type = textAt(mount, {"Type"}),
            .source = name.empty() ? textAt(mount, {"Source"}) : name,
            .destination = std::move(destination),
            .readOnly = at(mount, {"RW"}).is_boolean() && !flagAt(mount, {"RW"})};
}

std::string dockerRestartPolicy(const Json &policy)
{
    const std::string name = textAt(policy, {"Name"});
    const std::int64_t most = numberAt(policy, {"MaximumRetryCount"});
    if (name.empty())
        return "no";
    return most > 0 ? strCat(name, ":", most) : name;
}

std::vector<Verb> engineVerbs(State state)
{
    switch (state) {
    case State::Running:
        return {Verb::Pause, Verb::Update, Verb::Stop, Verb::Restart, Verb::Kill, Verb::Log};
    case State::Paused:
        return {Verb::Unpause, Verb::Update, Verb::Kill, Verb::Log};
    case State::Created:
    case State::Exited:
        return {Verb::Start, Verb::Remove, Verb::Log};
    default:
        return {Verb::Kill, Verb::Log};
    }
}

void addTimedLines(std::string_view text, bool errorStream, std::vector<LogLine> &out)
{
    while (const auto line = takeLine(text)) {
        const std::size_t blank = std::min(line->find(' '), line->size());
        const std::int64_t when = microsOfTime(line->substr(0, blank));
        std::string_view words = when == 0 ? *line : line->substr(std::min(blank + 1, line->size()));
        if (words.ends_with('\r'))
            words.remove_suffix(1);
        out.push_back({when, errorStream, std::string(words)});
    }
}

} // namespace gantry::runtime
