// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/oci_config.h"

#include "engine/base/strings.h"
#include "engine/runtime/recognise.h"

#include <algorithm>
#include <array>

namespace gantry::runtime {

namespace {

/// Folders in which runtimes keep what they mount themselves: hosts, resolv.conf, shm ...
constexpr std::array<std::string_view, 7> kOwnFolders{"/overlay-containers/",
                                                      "/vfs-containers/",
                                                      "/btrfs-containers/",
                                                      "/zfs-containers/",
                                                      "/lib/docker/containers/",
                                                      "/io.containerd.grpc.v1.cri/",
                                                      "/nerdctl/"};
constexpr std::string_view kVolumeEnd = "/_data";

/// podman's and docker's named volumes lie in .../volumes/NAME/_data.
std::string volumeIn(std::string_view source)
{
    if (!source.ends_with(kVolumeEnd))
        return {};
    source.remove_suffix(kVolumeEnd.size());
    const std::size_t slash = source.rfind('/');
    if (slash == std::string_view::npos || !source.substr(0, slash).ends_with("/volumes"))
        return {};
    return std::string(source.substr(slash + 1));
}

/// bindsOf(), named volumes by their names.
std::vector<Mount> mountsOf(const Json &config)
{
    std::vector<Mount> out = bindsOf(config);
    std::erase_if(out, [](const Mount &mount) { return !mount.source.starts_with('/'); });
    for (Mount &mount : out) {
        if (std::string volume = volumeIn(mount.source); !volume.empty()) {
            mount.type = "volume";
            mount.source = std::move(volume);
        }
    }
    return out;
}

std::string labelOf(const Facts &facts, std::string_view key)
{
    const auto found = facts.labels.find(std::string(key));
    return found != facts.labels.end() ? found->second : std::string();
}

/// Source: containerd's internal/cri/annotations; the pod's pause container has no name of its own.
void applyCri(OciConfig &out)
{
    Facts &facts = out.facts;
    const std::string kind = labelOf(facts, "io.kubernetes.cri.container-type");
    if (kind.empty())
        return;
    out.manager = "containerd";
    out.sandboxId = labelOf(facts, "io.kubernetes.cri.sandbox-id");
    facts.podId = labelOf(facts, "io.kubernetes.cri.sandbox-uid");
    if (facts.podId.empty())
        facts.podId = out.sandboxId;
    facts.podName = labelOf(facts, "io.kubernetes.cri.sandbox-name");
    facts.infrastructure = kind == "sandbox";
    facts.image = labelOf(facts, "io.kubernetes.cri.image-name");
    const std::string name = labelOf(facts, "io.kubernetes.cri.container-name");
    facts.name = facts.infrastructure ? facts.podName : strCat(facts.podName, "/", name);
}

/// Source: cri-o's pkg/annotations/internal.go.
void applyCrio(OciConfig &out)
{
    Facts &facts = out.facts;
    const std::string kind = labelOf(facts, "io.kubernetes.cri-o.ContainerType");
    if (kind.empty())
        return;
    out.manager = "cri-o";
    out.sandboxId = labelOf(facts, "io.kubernetes.cri-o.SandboxID");
    facts.podName = labelOf(facts, "io.kubernetes.cri-o.KubeName");
    if (facts.podName.empty())
        facts.podName = labelOf(facts, "io.kubernetes.pod.name");
    facts.podId = labelOf(facts, "io.kubernetes.pod.uid");
    if (facts.podId.empty())
        facts.podId = out.sandboxId;
    facts.infrastructure = kind == "sandbox";
    facts.image = labelOf(facts, "io.kubernetes.cri-o.ImageName");
    const std::string name = labelOf(facts, "io.kubernetes.container.name");
    facts.name = facts.infrastructure ? facts.podName : strCat(facts.podName, "/", name);
}

} // namespace

std::vector<Mount> bindsOf(const Json &config)
{
    std::vector<Mount> out;
    const Json &mounts = at(config, {"mounts"});
    if (!mounts.is_array())
        return out;
    for (const Json &mount : mounts) {
        const std::vector<std::string> options = textsAt(mount, {"options"});
        const auto has = [&options](std::string_view option) {
            return std::ranges::find(options, option) != options.end();
        };
        const std::string source = textAt(mount, {"source"});
        const bool bind = textAt(mount, {"type"}) == "bind" || has("bind") || has("rbind");
        const bool own = std::ranges::any_of(
            kOwnFolders, [&source](std::string_view folder) { return source.find(folder) != std::string::npos; });
        if (bind && !own && !source.empty())
            out.push_back({.type = "bind",
                           .source = source,
                           .destination = textAt(mount, {"destination"}),
                           .readOnly = has("ro") || has("rro")});
    }
    return out;
}

OciConfig readOciConfig(const Json &config)
{
    OciConfig out;
    Facts &facts = out.facts;
    facts.labels = textMapAt(config, {"annotations"});
    facts.command = textsAt(config, {"process", "args"});
    facts.mounts = mountsOf(config);
    out.hostname = textAt(config, {"hostname"});
    out.rootFolder = textAt(config, {"root", "path"});
    out.cgroupsPath = textAt(config, {"linux", "cgroupsPath"});
    applyCri(out);
    applyCrio(out);
    if (labelOf(facts, "io.container.manager") == "libpod") {
        out.manager = "podman";
        // podman says so in cri-o's words, whose own it has not all of.
        out.sandboxId = labelOf(facts, "io.kubernetes.cri-o.SandboxID");
        facts.podId = podmanPodIn(out.cgroupsPath);
    }
    if (std::string name = labelOf(facts, "nerdctl/name"); !name.empty()) {
        out.manager = "containerd";
        facts.name = std::move(name);
    }
    return out;
}

std::string podmanPodIn(std::string_view cgroupsPath)
{
    constexpr std::string_view kMark = "libpod_pod_";
    constexpr std::size_t kIdLength = 64;
    const std::size_t found = cgroupsPath.find(kMark);
    if (found == std::string_view::npos)
        return {};
    const std::string_view id = cgroupsPath.substr(found + kMark.size(), kIdLength);
    return isLongId(id) ? std::string(id) : std::string();
}

std::string cgroupOfOci(std::string_view cgroupsPath)
{
    const std::size_t first = cgroupsPath.find(':');
    if (first == std::string_view::npos)
        return cgroupsPath.empty() || cgroupsPath.starts_with('/') ? std::string(cgroupsPath)
                                                                   : strCat("/", cgroupsPath);
    const std::size_t second = cgroupsPath.find(':', first + 1);
    const std::string_view slice = cgroupsPath.substr(0, first);
    if (second == std::string_view::npos || !slice.ends_with(".slice") || slice.find('/') != std::string_view::npos)
        return {};
    const std::string_view prefix = cgroupsPath.substr(first + 1, second - first - 1);
    const std::string_view name = cgroupsPath.substr(second + 1);
    // "a-b.slice" lies in "a.slice".
    std::string out;
    if (slice != "-.slice") { // the root
        for (std::size_t dash = slice.find('-', 1); dash != std::string_view::npos; dash = slice.find('-', dash + 1))
            out += strCat("/", slice.substr(0, dash), ".slice");
        out += strCat("/", slice);
    }
    out += '/';
    if (name.ends_with(".slice"))
        return out + std::string(name);
    return out + (prefix.empty() ? strCat(name, ".scope") : strCat(prefix, "-", name, ".scope"));
}

} // namespace gantry::runtime
