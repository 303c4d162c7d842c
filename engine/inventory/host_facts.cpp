// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/inventory/host_facts.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/process/process.h"

#include <array>
#include <bit>
#include <ctime>
#include <filesystem>
#include <thread>

#include <linux/capability.h>
#include <sys/utsname.h>
#include <unistd.h>

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::inventory {

namespace fs = std::filesystem;

namespace {

/// A whole small file without its newline; empty where it cannot be read.
std::string word(const std::string &path)
{
    const auto text = readFile(path);
    return text ? printable(trim(*text)) : std::string();
}

/// The value behind `key` at the start of a line ("MemTotal:"), trimmed.
std::string_view valueOf(std::string_view text, std::string_view key)
{
    while (const auto line = takeLine(text)) {
        if (line->starts_with(key))
            return trim(line->substr(key.size()));
    }
    return {};
}

/// "16384 kB".
Bytes kibibytes(std::string_view text)
{
    return Bytes(parseU64(takeToken(text)).value_or(0) * 1024);
}

std::string osPrettyName()
{
    auto text = readFile("/etc/os-release");
    if (!text)
        text = readFile("/usr/lib/os-release");
    std::string_view value = text ? valueOf(*text, "PRETTY_NAME=") : std::string_view();
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
    return printable(value);
}

/// Kernel: v1 cgroups have no pressure files.
Probe probePressure(const cgroup::Hierarchies &hierarchies)
{
    const auto text = readFile("/proc/pressure/memory");
    if (text && hierarchies.mode() != cgroup::Mode::V2)
        return {"psi", true,
                GANTRY_TEXT("Probes", "of the host and of cgroups in the v2 hierarchy; v1 cgroups have none")};
    if (text)
        return {"psi", true, {}};
    return {"psi", false,
            text.error().posix() == ENOENT ? GANTRY_TEXT("Probes", "not built into this kernel")
                                           : text.error().message()};
}

Probe probeTriggerWindow(const Probe &pressure)
{
    if (!pressure.works)
        return {"psi.trigger.window", false, pressure.detail};
    if (process::hasCapability(CAP_SYS_RESOURCE))
        return {"psi.trigger.window", true, {}};
    return {"psi.trigger.window", true,
            GANTRY_TEXT("Probes", "window must be a multiple of 2 s (CAP_SYS_RESOURCE is missing)")};
}

/// Kernel: writes to memory.soft_limit_in_bytes are ignored from 7.2 on (commit a3417097fb10); v2 has no such file.
Probe probeSoftLimit(const cgroup::Hierarchies &hierarchies, std::string_view release)
{
    constexpr std::uint64_t kInertMajor = 7;
    constexpr std::uint64_t kInertMinor = 2;
    const std::string key = "memory.soft_limit";
    const cgroup::Hierarchy *memory = hierarchies.forController("memory");
    if (memory == nullptr)
        return {key, false, GANTRY_TEXT("Probes", "no memory controller is mounted")};
    if (memory->version == cgroup::Version::V2)
        return {key, true, GANTRY_TEXT("Probes", "memory.high throttles")};
    const std::size_t dot = release.find('.');
    const std::size_t end = release.find_first_not_of("0123456789", dot + 1);
    const auto major = parseU64(release.substr(0, dot));
    const auto minor = parseU64(release.substr(dot + 1, end - dot - 1));
    if (major && minor && std::pair(*major, *minor) >= std::pair(kInertMajor, kInertMinor))
        return {
            key, false,
            GANTRY_TEXT("Probes", "this kernel ignores v1 memory.soft_limit_in_bytes: it is Gantry's own alarm only")};
    return {key, true,
            GANTRY_TEXT("Probes", "v1 memory.soft_limit_in_bytes is a hint for reclaim: it does not throttle")};
}

Probe probeJournal()
{
    const bool there = ::access("/run/systemd/journal/socket", W_OK) == 0;
    return {"journal", there,
            there ? "" : GANTRY_TEXT("Probes", "no journald: the audit goes to a file below the state folder")};
}

Probe probeFanotify(const std::optional<Error> &watchProblem)
{
    if (!watchProblem)
        return {"fanotify", true, {}};
    return {"fanotify", false, strCat(watchProblem->message(), "; the tree is walked once a second instead")};
}

std::uint32_t openFds()
{
    std::uint32_t count = 0;
    std::error_code code;
    for (fs::directory_iterator it("/proc/self/fd", code); !code && it != fs::directory_iterator(); it.increment(code))
        ++count;
    return count;
}

} // namespace

std::string hostName()
{
    std::array<char, 65> name{}; // __NEW_UTS_LEN and a NUL
    ::gethostname(name.data(), name.size() - 1);
    return printable(name.data());
}

std::string missingRights()
{
    constexpr std::array kNeeded{std::pair{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"},
                                 std::pair{CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE"}, std::pair{CAP_KILL, "CAP_KILL"},
                                 std::pair{CAP_SYS_PTRACE, "CAP_SYS_PTRACE"}};
    std::string out;
    for (const auto &[capability, name] : kNeeded) {
        if (!process::hasCapability(capability))
            out += strCat(out.empty() ? "" : ", ", name);
    }
    return out.empty() ? out : strCat(out, " (run as root)");
}

HostFacts hostFacts(const cgroup::Hierarchies &hierarchies, const std::optional<Error> &watchProblem)
{
    HostFacts out;
    out.hostName = hostName();
    out.machineId = word("/etc/machine-id");
    out.bootId = word("/proc/sys/kernel/random/boot_id");
    utsname names{};
    if (::uname(&names) == 0)
        out.kernelRelease = printable(names.release);
    out.osPrettyName = osPrettyName();
    out.cpuCount = static_cast<std::uint32_t>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
    if (const auto memory = readFile("/proc/meminfo")) {
        out.memoryTotal = kibibytes(valueOf(*memory, "MemTotal:"));
        out.swapTotal = kibibytes(valueOf(*memory, "SwapTotal:"));
    }
    out.pageSize = Bytes(static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    timespec up{};
    ::clock_gettime(CLOCK_BOOTTIME, &up);
    out.uptime =
        std::chrono::duration_cast<Micros>(std::chrono::seconds(up.tv_sec) + std::chrono::nanoseconds(up.tv_nsec));
    if (const auto status = readFile("/proc/self/status"))
        out.engineResident = kibibytes(valueOf(*status, "VmRSS:"));
    out.engineOpenFds = openFds();

    const std::string missing = missingRights();
    const Probe pressure = probePressure(hierarchies);
    out.probes = {pressure,
                  probeTriggerWindow(pressure),
                  probeFanotify(watchProblem),
                  probeSoftLimit(hierarchies, out.kernelRelease),
                  probeJournal(),
                  {"rights", missing.empty(), missing.empty() ? "" : strCat("missing: ", missing)}};
    return out;
}

} // namespace gantry::inventory
