// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::runtime {

/// Numbers of gantry.v1.ContainerState.
enum class State : std::uint8_t { Unknown = 0, Created = 1, Running = 2, Paused = 3, Stopping = 4, Exited = 5 };
/// "running"; "unknown".
[[nodiscard]] std::string_view stateName(State state);
/// A runtime's word for it ("running", "Exited", "FROZEN" ...), whatever its case. Unknown for a word not known.
[[nodiscard]] State stateOfWord(std::string_view word);

/// What a runtime does for a container of its own.
enum class Verb : std::uint8_t { Pause, Unpause, Update, Start, Stop, Restart, Kill, Remove, Log };
/// "pause", "unpause", "update", "start", "stop", "restart", "kill", "remove", "log".
[[nodiscard]] std::string_view verbName(Verb verb);

struct Port
{
    std::string hostAddress; ///< empty: every address of the host
    std::uint32_t hostPort = 0;
    std::uint32_t containerPort = 0;
    std::string protocol;    ///< "tcp", "udp", "sctp"
    std::uint32_t count = 1; ///< ports from there on
    auto operator<=>(const Port &) const = default;
};

struct Mount
{
    std::string type; ///< "bind", "volume", "tmpfs" ...
    std::string source;
    std::string destination;
    bool readOnly = false;
    auto operator<=>(const Mount &) const = default;
};

struct Address
{
    std::string network; ///< the runtime's ("podman"), or the interface ("host0")
    std::string address; ///< without a prefix length
    std::string mac;
    auto operator<=>(const Address &) const = default;
};

/// What a runtime tells of one container. Text is as the runtime has it, not made printable; empty or 0: not told.
struct Facts
{
    std::string runtime{}; ///< "podman", "docker", "containerd", "lxc" ...: as in Match::runtime
    std::string id{};      ///< the runtime's
    std::string name{};
    std::string image{};
    std::string imageId{};
    std::map<std::string, std::string> labels{};
    State state = State::Unknown;
    std::int64_t createdMicros = 0; ///< since the epoch
    std::int64_t startedMicros = 0;
    std::string restartPolicy{}; ///< "no", "always", "on-failure:5", "unless-stopped"
    std::vector<Port> ports{};
    std::vector<Mount> mounts{};
    std::vector<Address> addresses{};
    std::string podId{};
    std::string podName{};
    std::vector<std::string> command{};
    std::string health{};                   ///< "healthy", "unhealthy", "starting"; empty: no health check
    std::optional<std::uint32_t> userUid{}; ///< owner of a rootless one; nullopt: the system's
    std::int32_t initPid = 0;             ///< its first process, in the engine's pid namespace
    std::int32_t monitorPid = 0;          ///< conmon, containerd-shim ...
    bool infrastructure = false;          ///< the pause container of a pod
    std::vector<Verb> verbs{};
    std::string ociRuntime{}; ///< "crun", "runc"
    std::string rootFolder{}; ///< bundle or root file system, on the host
    std::string cgroupPath{}; ///< from the cgroup root; empty: not told
    std::string source{};     ///< where this is from ("podman API at /run/podman/podman.sock")
    std::string problem{};    ///< why it may be old ("... no answer within 2 s"); empty: it is right

    bool operator==(const Facts &) const = default;
};
using FactsPtr = std::shared_ptr<const Facts>;

/// The unit of systemd that starts and stops this container by its runtime ("web.service", as quadlet and
/// podman-generate-systemd(1) make them); empty: none that is told. It is the owner's manager's: of facts.userUid.
/// Source: podman-auto-update(1), label PODMAN_SYSTEMD_UNIT, which whoever makes the container may set to anything; where
/// labels are not told, the cgroup that podman-run(1) makes by --cgroups=split.
[[nodiscard]] std::string keepingUnit(const Facts &facts);
/// What an admin types where a runtime may not be told, by who will have the container running: a unit of systemd
/// ("systemctl stop web.service"), Kubernetes ("kubectl -n prod delete pod web-0"); empty: nobody but the runtime.
[[nodiscard]] std::string keeperCommand(const Facts &facts, Verb verb);

} // namespace gantry::runtime
