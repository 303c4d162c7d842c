// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/facts.h"

#include "engine/base/strings.h"
#include "engine/runtime/tool.h"
#include "engine/systemd/ownership.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace gantry::runtime {

namespace {

constexpr std::array<std::string_view, 6> kStates{"unknown", "created", "running", "paused", "stopping", "exited"};
constexpr std::array<std::string_view, 9> kVerbs{"pause",   "unpause", "update", "start", "stop",
                                                 "restart", "kill",    "remove", "log"};

/// Words of the runtimes that are not ours: podman's libpod/define/containerstate.go, docker's container/state.go, OCI
/// runtime-spec, lxc-info(1), Incus' api/status_code.go, containerd's task.proto, machine1.
constexpr std::array<std::pair<std::string_view, State>, 18> kWords{{{"configured", State::Created},
                                                                     {"initialized", State::Created},
                                                                     {"creating", State::Created},
                                                                     {"opening", State::Created},
                                                                     {"starting", State::Created},
                                                                     {"restarting", State::Created},
                                                                     {"frozen", State::Paused},
                                                                     {"freezing", State::Running},
                                                                     {"pausing", State::Running},
                                                                     {"thawed", State::Running},
                                                                     {"closing", State::Stopping},
                                                                     {"aborting", State::Stopping},
                                                                     {"removing", State::Stopping},
                                                                     {"stopped", State::Exited},
                                                                     {"dead", State::Exited},
                                                                     {"up", State::Running},
                                                                     {"ready", State::Running},
                                                                     {"degraded", State::Running}}};

} // namespace

std::string_view stateName(State state)
{
    return kStates.at(static_cast<std::size_t>(state));
}

State stateOfWord(std::string_view word)
{
    std::string lower(word);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto own = std::ranges::find(kStates, lower); own != kStates.end())
        return static_cast<State>(own - kStates.begin());
    const auto other = std::ranges::find(kWords, std::string_view(lower), &decltype(kWords)::value_type::first);
    return other != kWords.end() ? other->second : State::Unknown;
}

std::string_view verbName(Verb verb)
{
    return kVerbs.at(static_cast<std::size_t>(verb));
}

std::string keepingUnit(const Facts &facts)
{
    const auto label = facts.labels.find("PODMAN_SYSTEMD_UNIT");
    // One that begins with '-' would be an option to systemctl.
    const auto isUnit = [](std::string_view name) { return systemd::isUnitName(name) && !name.starts_with('-'); };
    if (label != facts.labels.end())
        return isUnit(label->second) ? label->second : std::string();
    // podman without its API tells no labels: ".../web.service/libpod-payload-ID".
    const std::string_view path = facts.cgroupPath;
    const std::size_t payload = path.rfind("/libpod-payload-");
    if (payload == std::string_view::npos || path.find('/', payload + 1) != std::string_view::npos)
        return {};
    const std::string_view above = path.substr(0, payload);
    const std::string_view unit = above.substr(above.rfind('/') + 1);
    return unit.ends_with(".service") && isUnit(unit) ? std::string(unit) : std::string();
}

std::string keeperCommand(const Facts &facts, Verb verb)
{
    if (const std::string unit = keepingUnit(facts); !unit.empty()) {
        const bool word = verb == Verb::Start || verb == Verb::Restart;
        const std::vector<std::string> words{word ? std::string(verbName(verb)) : std::string("stop"), unit};
        // Whose manager it is follows from whose container it is.
        return strCat(facts.userUid ? "systemctl --user " : "systemctl ", typedCommand(words));
    }
    const auto space = facts.labels.find("io.kubernetes.cri.sandbox-namespace");
    if (space == facts.labels.end() || facts.podName.empty())
        return {};
    return typedCommand(std::vector<std::string>{"kubectl", "-n", space->second, "delete", "pod", facts.podName});
}

} // namespace gantry::runtime
