// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/notify.h"

#include "engine/base/parse.h"

#include <array>
#include <optional>

#include <cstring>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gantry::cgroup {

namespace {

/// "<eventfd> <file> [argument]" to cgroup.event_control: the v1 way to be told.
Result<Notification> watchV1(const Hierarchies &hierarchies, const Cgroup &cgroup, const std::string &file,
                             std::string_view argument)
{
    const Hierarchy *hierarchy = hierarchies.forController("memory");
    if (hierarchy == nullptr || hierarchy->version != Version::V1)
        return fail(ENOTSUP, "watch", cgroup.path.text(), "memory notifications by eventfd are cgroup v1 only");
    const UniqueFd dir = GANTRY_TRY(openCgroup(*hierarchy, cgroup));
    Notification out;
    out.event = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!out.event)
        return failErrno("eventfd", cgroup.path.text());
    out.file = GANTRY_TRY(openAt(dir.get(), file, O_RDONLY));
    const std::string line = strCat(out.event.get(), ' ', out.file.get(), argument.empty() ? "" : " ", argument);
    auto done = writeFileAt(dir.get(), "cgroup.event_control", line);
    if (!done) {
        done.error().subject = strCat(cgroup.path.text(), '/', file);
        return std::unexpected(std::move(done).error());
    }
    return out;
}

std::string_view pressureFile(PressureResource resource)
{
    switch (resource) {
    case PressureResource::Cpu:
        return "cpu.pressure";
    case PressureResource::Memory:
        return "memory.pressure";
    case PressureResource::Io:
        return "io.pressure";
    }
    std::unreachable();
}

Result<UniqueFd> openPressure(const Hierarchies &hierarchies, const Cgroup &cgroup, PressureResource resource)
{
    const std::string file(pressureFile(resource));
    constexpr int kFlags = O_RDWR | O_NONBLOCK;
    if (cgroup.path.isRoot())
        return openAt(AT_FDCWD, strCat("/proc/pressure/", file.substr(0, file.find('.'))), kFlags);
    if (hierarchies.unified() == nullptr)
        return fail(ENOENT, "watch", strCat(cgroup.path.text(), '/', file), "pressure is a cgroup v2 figure");
    const UniqueFd dir = GANTRY_TRY(openCgroup(*hierarchies.unified(), cgroup));
    return openAt(dir.get(), file, kFlags);
}

/// The kernel wants the final NUL to be part of the write (psi.rst).
Result<> arm(int fd, std::string_view subject, bool full, Micros stall, Micros window)
{
    const std::string trigger = strCat(full ? "full " : "some ", stall.count(), ' ', window.count());
    if (::write(fd, trigger.c_str(), trigger.size() + 1) < 0)
        return failErrno("pressure trigger", strCat(subject, ": ", trigger));
    return {};
}

} // namespace

Result<Notification> watchMemoryThreshold(const Hierarchies &hierarchies, const Cgroup &cgroup, Bytes threshold)
{
    return watchV1(hierarchies, cgroup, "memory.usage_in_bytes", strCat(threshold.v));
}

Result<Notification> watchOom(const Hierarchies &hierarchies, const Cgroup &cgroup)
{
    return watchV1(hierarchies, cgroup, "memory.oom_control", {});
}

Result<OomControl> parseOomControl(std::string_view text)
{
    OomControl out;
    GANTRY_CHECK(forEachFlatKey(text, [&out](std::string_view key, std::uint64_t value) {
        if (key == "oom_kill_disable")
            out.killDisabled = value != 0;
        else if (key == "under_oom")
            out.underOom = value != 0;
        else if (key == "oom_kill")
            out.oomKill = value;
    }));
    return out;
}

Result<UniqueFd> pressureTrigger(const Hierarchies &hierarchies, const Cgroup &cgroup, PressureResource resource,
                                 bool full, Micros stall, Micros window)
{
    UniqueFd fd = GANTRY_TRY(openPressure(hierarchies, cgroup, resource));
    auto armed = arm(fd.get(), cgroup.path.text(), full, stall, window);
    constexpr Micros kStep{2'000'000};
    constexpr Micros kMost{10'000'000};
    if (!armed && armed.error().posix() == EINVAL && window.count() != 0 && window % kStep != Micros{0} &&
        window <= kMost) {
        // Kernel: without CAP_SYS_RESOURCE the window must be a multiple of 2 s.
        const Micros wide = (window / kStep + 1) * kStep;
        armed = arm(fd.get(), cgroup.path.text(), full, stall * wide.count() / window.count(), wide);
    }
    if (!armed)
        return std::unexpected(std::move(armed).error());
    return fd;
}

} // namespace gantry::cgroup
