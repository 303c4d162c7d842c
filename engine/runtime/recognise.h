// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gantry::runtime {

/// The container a cgroup path belongs to, told from the path alone.
struct Match
{
    std::string runtime; ///< "podman", "docker", "containerd", "cri-o", "lxc" ...
    std::string id;      ///< the runtime's id; empty where the convention has none
    std::string name;    ///< name in the path, else the first 12 characters of the id; not made printable
    std::string root;    ///< path of the container's outermost cgroup: a prefix of the path asked for
    bool operator==(const Match &) const = default;
};

/// Matches the path against the conventions of the runtimes; of nested containers the innermost is meant. Groups of
/// monitors and supervisors (conmon, lxc.monitor ...) are not part of a container. Scopes of desktop applications
/// (app-LAUNCHER-ID-RANDOM.scope) are none either, unless a sandbox made them.
/// Source: research section 6.2; systemd escapes ("\x2d") are undone.
[[nodiscard]] std::optional<Match> recognise(std::string_view path);

inline constexpr std::size_t kShortId = 12; ///< digits of an id that engines show, and name unnamed things by

/// 64 hex digits, as engines name containers and pods: the same one in whichever runtime it turns up.
[[nodiscard]] bool isLongId(std::string_view text);

/// One convention, for tests and help: path components with {id} (12 to 64 hex digits), {id64}, {uuid}, {n} (a number),
/// {name} and {any}.
struct Convention
{
    std::string_view pattern;
    std::string_view runtime; ///< empty: never a container
};
[[nodiscard]] std::span<const Convention> conventions();

} // namespace gantry::runtime
