// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/bundle.h"

#include "engine/base/strings.h"
#include "engine/launch/programs.h"
#include "engine/runtime/oci_source.h"
#include "engine/runtime/recognise.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace gantry::launch {

using runtime::Json;

namespace {

constexpr std::size_t kMostName = 63; ///< of a host name's label
constexpr const char *kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// podman's default; docker gives AUDIT_WRITE, MKNOD and NET_RAW as well. Source: containers.conf(5).
constexpr std::array<const char *, 11> kCapabilities{
    "CAP_CHOWN",   "CAP_DAC_OVERRIDE", "CAP_FOWNER",  "CAP_FSETID", "CAP_KILL",      "CAP_NET_BIND_SERVICE",
    "CAP_SETFCAP", "CAP_SETGID",       "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"};
/// As docker and podman hide them. Source: moby's oci/defaults.go.
constexpr std::array<const char *, 9> kMasked{"/proc/asound",      "/proc/acpi",          "/proc/kcore",
                                              "/proc/keys",        "/proc/latency_stats", "/proc/timer_list",
                                              "/proc/timer_stats", "/proc/sched_debug",   "/sys/firmware"};
constexpr std::array<const char *, 6> kReadOnly{"/proc/bus",           "/proc/fs",  "/proc/irq", "/proc/sys",
                                                "/proc/sysrq-trigger", "/proc/scsi"};

Json mountOf(const char *to, const char *type, const std::string &source, std::vector<std::string> options)
{
    return {{"destination", to}, {"type", type}, {"source", source}, {"options", std::move(options)}};
}

/// @param programs see programsFolder().
Json mounts(const std::string &programs)
{
    return Json::array(
        {mountOf(kProgramsFolder, "bind", programs, {"bind", "ro", "nosuid", "noexec", "nodev"}),
         mountOf("/proc", "proc", "proc", {"nosuid", "noexec", "nodev"}),
         mountOf("/dev", "tmpfs", "tmpfs", {"nosuid", "strictatime", "mode=755", "size=65536k"}),
         mountOf("/dev/pts", "devpts", "devpts",
                 {"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"}),
         mountOf("/dev/shm", "tmpfs", "shm", {"nosuid", "noexec", "nodev", "mode=1777", "size=65536k"}),
         mountOf("/dev/mqueue", "mqueue", "mqueue", {"nosuid", "noexec", "nodev"}),
         mountOf("/sys", "sysfs", "sysfs", {"nosuid", "noexec", "nodev", "ro"}),
         mountOf("/sys/fs/cgroup", "cgroup", "cgroup", {"nosuid", "noexec", "nodev", "relatime", "ro"})});
}

/// -1 is "no limit" in the specification.
Json numberOf(const LimitValue &value)
{
    if (const auto *number = std::get_if<std::uint64_t>(&value))
        return *number;
    return -1;
}

std::vector<std::string> environmentOf(const Wish &wish, const ImageFacts &image)
{
    std::vector<std::string> out = image.environment;
    for (const std::string &setting : wish.environment) {
        const std::string key = setting.substr(0, setting.find('=') + 1);
        std::erase_if(out, [&key](const std::string &other) { return other.starts_with(key); });
        out.push_back(setting);
    }
    if (std::ranges::none_of(out, [](const std::string &setting) { return setting.starts_with("PATH="); }))
        out.emplace_back(kPath);
    return out;
}

} // namespace

Result<Json> resourcesOf(const LimitSettings &limits)
{
    // Nothing but what every container needs; the tool adds /dev/null and the like.
    Json out = {{"devices", Json::array({{{"allow", false}, {"access", "rwm"}}})}};
    for (const auto &[key, value] : limits) {
        switch (key) {
        case LimitKey::MemoryMax:
            out["memory"]["limit"] = numberOf(value);
            break;
        case LimitKey::MemoryLow:
            out["memory"]["reservation"] = numberOf(value);
            break;
        case LimitKey::PidsMax:
            out["pids"]["limit"] = numberOf(value);
            break;
        case LimitKey::CpuMax:
            if (const auto *cpu = std::get_if<CpuMax>(&value); cpu != nullptr && cpu->quota) {
                out["cpu"]["quota"] = cpu->quota->count();
                out["cpu"]["period"] = cpu->period.count() == 0 ? 100'000 : cpu->period.count();
            }
            break;
        case LimitKey::CpusetCpus:
            out["cpu"]["cpus"] = *std::get_if<std::string>(&value);
            break;
        case LimitKey::CpusetMems:
            out["cpu"]["mems"] = *std::get_if<std::string>(&value);
            break;
        default:
            return fail(ENOTSUP, "run", limitInfo(key).name, "a container cannot be started with it",
                        "Set it when the container runs: gantryctl set");
        }
    }
    return out;
}

bool isName(std::string_view name)
{
    const auto plain = [](unsigned char c) { return c < 0x80 && std::isalnum(c) != 0; };
    return !name.empty() && name.size() <= kMostName && plain(static_cast<unsigned char>(name.front())) &&
           std::ranges::all_of(
               name,
               [&plain](char c) { return plain(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-'; }) &&
           !runtime::isLongId(name);
}

std::string cgroupsPathOf(std::string_view name, bool bySystemd)
{
    return bySystemd ? strCat("gantry.slice:gantry:", name) : strCat("/gantry/", name);
}

void setSpace(Json &namespaces, const std::string &path)
{
    for (Json &one : namespaces) {
        if (runtime::textAt(one, {"type"}) != "network")
            continue;
        if (path.empty())
            one.erase("path");
        else
            one["path"] = path;
    }
}

Result<Json> bundleConfig(const Wish &wish, const ImageFacts &image, const Place &place, bool bySystemd)
{
    const Json capabilities = kCapabilities;
    const Json process = {
        {"terminal", false},
        {"user", {{"uid", 0}, {"gid", 0}}},
        {"args", wish.command},
        {"env", environmentOf(wish, image)},
        {"cwd", image.workingFolder.empty() ? std::string("/") : image.workingFolder},
        {"capabilities", {{"bounding", capabilities}, {"effective", capabilities}, {"permitted", capabilities}}},
        {"noNewPrivileges", true}};
    Json namespaces = Json::array();
    for (const char *kind : {"pid", "mount", "uts", "ipc", "network", "cgroup"})
        namespaces.push_back({{"type", kind}});
    setSpace(namespaces, wish.network ? place.space() : std::string());
    Json annotations = {{std::string(runtime::kLogLabel), place.log()}};
    for (const std::string &label : wish.labels) {
        const std::size_t equals = label.find('=');
        annotations[label.substr(0, equals)] = label.substr(equals + 1);
    }
    if (!wish.image.empty())
        annotations["gantry.image"] = wish.image;
    if (wish.network)
        annotations[std::string(kNetworkLabel)] = wish.network->text();
    // Not within the braces: what these have made by then would not be destroyed.
    const Json resources = GANTRY_TRY(resourcesOf(wish.limits));
    const std::string programs = programsFolderOf(place);
    return Json{{"ociVersion", "1.0.2"},
                {"hostname", wish.name},
                {"process", process},
                // Relative: a state folder may be moved.
                {"root", {{"path", "rootfs"}, {"readonly", false}}},
                {"mounts", mounts(programs)},
                {"annotations", annotations},
                {"linux",
                 {{"cgroupsPath", cgroupsPathOf(wish.name, bySystemd)},
                  {"namespaces", namespaces},
                  {"resources", resources},
                  {"maskedPaths", kMasked},
                  {"readonlyPaths", kReadOnly}}}};
}

} // namespace gantry::launch
