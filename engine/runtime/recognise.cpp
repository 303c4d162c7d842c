// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/recognise.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gantry::runtime {

namespace {

/// The first row that fits wins. A pattern that starts with '/' is tied to the root of the tree.
constexpr Convention kConventions[]{
    // monitors and supervisors: processes of the runtime, not of the container
    {"libpod-conmon-{id}.scope", ""},
    {"libpod-conmon-{id}", ""},
    {"crio-conmon-{id}.scope", ""},
    {"crio-conmon-{id}", ""},
    {"lxc.monitor.{name}", ""},
    {"incus.monitor.{name}", ""},
    {"lxc.monitor/{name}", ""},
    {"incus.monitor/{name}", ""},
    // podman
    {"libpod-{id}.scope", "podman"},
    {"libpod-payload-{id}", "podman"},
    {"libpod-{id}", "podman"},
    {"libpod_parent/{id64}", "podman"},
    // docker, and what Amazon ECS makes of it
    {"ecstasks-{any}.slice/docker-{id}.scope", "ecs"},
    {"docker-{id}.scope", "docker"},
    {"docker/{id64}", "docker"},
    // Kubernetes
    {"cri-containerd-{id}.scope", "containerd"},
    {"crio-{id}.scope", "cri-o"},
    {"crio-{id}", "cri-o"},
    {"kubepods/pod{any}/{id64}", "kubernetes"},
    {"kubepods/burstable/pod{any}/{id64}", "kubernetes"},
    {"kubepods/besteffort/pod{any}/{id64}", "kubernetes"},
    {"kubepods/guaranteed/pod{any}/{id64}", "kubernetes"},
    // containerd without Kubernetes
    {"nerdctl-{id}.scope", "containerd"},
    {"/default/{id64}", "containerd"},
    {"/k8s.io/{id64}", "containerd"},
    // LXC and what is built on it
    {"lxc.payload.{name}", "lxc"},
    {"lxc.payload/{name}", "lxc"},
    {"incus.payload.{name}", "incus"},
    {"incus.payload/{name}", "incus"},
    {"/lxc/{name}", "lxc"},
    // systemd-machined
    {"machine.slice/systemd-nspawn@{name}.service", "nspawn"},
    {"machine.slice/machine-qemu-{n}-{name}.scope", "libvirt"},
    {"machine.slice/machine-lxc-{n}-{name}.scope", "libvirt"},
    {"machine.slice/machine-{name}.scope", "nspawn"},
    {"machine/{name}.libvirt-qemu", "libvirt"},
    {"machine/{name}.libvirt-lxc", "libvirt"},
    // Virtuozzo, OpenVZ: without the suffix that a unit of systemd has
    {"machine.slice/{uuid}", "openvz"},
    {"machine.slice/{n}", "openvz"},
    // Proxmox
    {"/qemu.slice/{n}.scope", "proxmox"},
    // desktop sandboxes
    {"app-flatpak-{name}-{n}.scope", "flatpak"},
    {"snap.{name}-{uuid}.scope", "snap"},
    {"snap.{name}.{uuid}.scope", "snap"}, // of older ones
    {"snap.{name}.service", "snap"},
    // batch and fleets
    {"slurmstepd.scope/job_{n}", "slurm"},
    {"slurm/uid_{any}/job_{n}", "slurm"},
    {"nomad.slice/{uuid}.{name}.scope", "nomad"},
    {"nomad.slice/share.slice/{uuid}.{name}.scope", "nomad"},
    {"nomad.slice/reserve.slice/{uuid}.{name}.scope", "nomad"},
    {"/nomad/{uuid}.{name}", "nomad"},
    {"ecs/{any}/{id64}", "ecs"},
    // Cloud Foundry
    {"garden/{name}", "garden"},
};

bool isHex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// 8-4-4-4-12 hex digits; systemd slices have '_' for '-'.
bool isUuid(std::string_view text)
{
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' && text[i] != '_' : !isHex(text[i]))
            return false;
    }
    return true;
}

/// What a placeholder of a pattern accepts.
bool fits(std::string_view placeholder, std::string_view text)
{
    if (placeholder == "id64")
        return isLongId(text);
    if (placeholder == "id")
        return text.size() >= kShortId && text.size() <= 64 && std::ranges::all_of(text, isHex);
    if (placeholder == "uuid")
        return isUuid(text);
    if (placeholder == "n")
        return !text.empty() && std::ranges::all_of(text, isDigit);
    return !text.empty(); // name, any
}

/// Text of the placeholders met so far.
struct Found
{
    std::string id;
    std::string name;
};

void keep(Found &found, std::string_view placeholder, std::string_view text)
{
    if (placeholder == "name")
        found.name = text;
    else if (placeholder != "any")
        found.id = text;
}

/// Matches one path component against one component of a pattern. A placeholder takes as much as it can.
bool matchComponent(std::string_view pattern, std::string_view text, Found &found)
{
    const std::size_t open = pattern.find('{');
    if (open == std::string_view::npos)
        return pattern == text;
    if (!text.starts_with(pattern.substr(0, open)))
        return false;
    const std::size_t close = pattern.find('}', open);
    const std::string_view placeholder = pattern.substr(open + 1, close - open - 1);
    const std::string_view rest = pattern.substr(close + 1);
    text.remove_prefix(open);
    for (std::size_t length = text.size(); length > 0; --length) {
        Found attempt = found;
        const std::string_view taken = text.substr(0, length);
        if (fits(placeholder, taken) && matchComponent(rest, text.substr(length), attempt)) {
            keep(attempt, placeholder, taken);
            found = std::move(attempt);
            return true;
        }
    }
    return false;
}

std::vector<std::string> componentsOf(std::string_view path)
{
    std::vector<std::string> out;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        if (end > at)
            out.push_back(undoHexEscapes(path.substr(at, end - at)));
        at = end + 1;
    }
    return out;
}

/// Matches a pattern against the components that end before `end`.
bool matchEndingAt(std::string_view pattern, const std::vector<std::string> &components, std::size_t end, Found &found)
{
    // From the last component to the first: the last one differs most often.
    while (true) {
        if (end == 0)
            return false;
        --end;
        const std::size_t slash = pattern.rfind('/');
        const std::string_view last = slash == std::string_view::npos ? pattern : pattern.substr(slash + 1);
        if (!matchComponent(last, components[end], found))
            return false;
        if (slash == std::string_view::npos)
            return true;
        if (slash == 0)
            return end == 0;
        pattern = pattern.substr(0, slash);
    }
}

std::string prefixOfComponents(std::string_view path, std::size_t count)
{
    std::size_t at = 0;
    while (count-- > 0)
        at = std::min(path.find('/', at + 1), path.size());
    return std::string(path.substr(0, at));
}

} // namespace

std::span<const Convention> conventions()
{
    return kConventions;
}

bool isLongId(std::string_view text)
{
    constexpr std::size_t kLongId = 64;
    return text.size() == kLongId && std::ranges::all_of(text, isHex);
}

std::optional<Match> recognise(std::string_view path)
{
    const std::vector<std::string> components = componentsOf(path);
    for (std::size_t end = components.size(); end > 0; --end) {
        for (const Convention &row : conventions()) {
            Found found;
            if (!matchEndingAt(row.pattern, components, end, found))
                continue;
            if (row.runtime.empty())
                return std::nullopt;
            Match match{std::string(row.runtime), found.id, found.name, prefixOfComponents(path, end)};
            if (match.name.empty())
                match.name = match.id.size() > kShortId ? match.id.substr(0, kShortId) : match.id;
            return match;
        }
    }
    return std::nullopt;
}

} // namespace gantry::runtime
