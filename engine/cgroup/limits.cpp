// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/limits.h"

#include "engine/base/limit_lines.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/cgroup/files.h"
#include "engine/cgroup/limit_text.h"

#include <algorithm>
#include <array>
#include <span>

#include <unistd.h>

namespace gantry::cgroup {

namespace {

using enum LimitKey;

constexpr std::string_view kNoProtection = "v1 has no protection of memory";
constexpr std::string_view kSame = "the same file";
constexpr std::string_view kOnlyV2 = "v1 has no such file";
constexpr std::array<LimitMapping, kLimitKeyCount> kMappings{{
    {MemoryMin, "", kNoProtection},
    {MemoryLow, "", kNoProtection},
    {MemoryHigh, "memory.soft_limit_in_bytes",
     "v1 never throttles: reclaim prefers cgroups above it when the host is short of memory; writes are ignored on "
     "kernels from August 2026 on"},
    {MemoryMax, "memory.limit_in_bytes", "whole pages; EBUSY when it cannot be reached by reclaim"},
    {MemorySwapHigh, "", kOnlyV2},
    {MemorySwapMax, "memory.memsw.limit_in_bytes", "v1 limits memory + swap: memsw - limit"},
    {MemoryZswapMax, "", kOnlyV2},
    {MemoryZswapWriteback, "", kOnlyV2},
    {MemoryOomGroup, "", kOnlyV2},
    {CpuWeight, "cpu.shares", "weight = shares * 100 / 1024"},
    {CpuMax, "cpu.cfs_quota_us", "with cpu.cfs_period_us; may not exceed the parent's share"},
    {CpuMaxBurst, "cpu.cfs_burst_us", "the same in microseconds"},
    {CpuIdle, "cpu.idle", kSame},
    {CpuUclampMin, "cpu.uclamp.min", kSame},
    {CpuUclampMax, "cpu.uclamp.max", kSame},
    {CpusetCpus, "cpuset.cpus", "the same file, but nobody may enter while it is empty"},
    {CpusetMems, "cpuset.mems", "the same file, but nobody may enter while it is empty"},
    {CpusetCpusExclusive, "", kOnlyV2},
    {CpusetCpusPartition, "", kOnlyV2},
    {IoMax, "blkio.throttle.read_bps_device",
     "with write_bps, read_iops, write_iops; buffered writes are not attributed on v1"},
    {IoWeight, "", kOnlyV2},
    {IoBfqWeight, "", "v1 has blkio.bfq.weight, which Gantry does not write"},
    {IoLatency, "", kOnlyV2},
    {IoPrioClass, "blkio.prio.class", kSame},
    {IoCostQos, "", kOnlyV2},
    {IoCostModel, "", kOnlyV2},
    {PidsMax, "pids.max", kSame},
    {HugetlbMax, "", "v1 has hugetlb.SIZE.limit_in_bytes, which Gantry does not write"},
    {HugetlbRsvdMax, "", "v1 has hugetlb.SIZE.rsvd.limit_in_bytes, which Gantry does not write"},
    {RdmaMax, "rdma.max", kSame},
    {MiscMax, "misc.max", kSame},
    {DmemMax, "", kOnlyV2},
    {DmemLow, "", kOnlyV2},
    {DmemMin, "", kOnlyV2},
    {CgroupMaxDepth, "", kOnlyV2},
    {CgroupMaxDescendants, "", kOnlyV2},
    {CgroupPressure, "", kOnlyV2},
    {CgroupType, "", kOnlyV2},
}};

std::uint64_t pageSize()
{
    return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

LimitValue fromLimit(Limit<std::uint64_t> limit)
{
    return limit ? LimitValue{*limit} : LimitValue{Unlimited{}};
}

Limit<std::uint64_t> toLimit(const LimitValue &value)
{
    const auto *number = std::get_if<std::uint64_t>(&value);
    return number != nullptr ? Limit<std::uint64_t>{*number} : Limit<std::uint64_t>{};
}

/// One cgroup's directory in one hierarchy; errors name the file with its path.
class Directory
{
public:
    Directory(int fd, const CgroupPath &path) : m_fd(fd), m_path(path) {}

    [[nodiscard]] Result<std::string> read(std::string_view file) const
    {
        TextBuffer buffer;
        auto text = buffer.readAt(m_fd, std::string(file));
        if (!text)
            return std::unexpected(named(std::move(text).error(), file));
        return std::string(*text);
    }

    [[nodiscard]] Result<std::vector<std::string>> names() const { return fileNames(m_fd); }

    /// All steps or none: what was done is undone when a later step fails.
    [[nodiscard]] Result<> write(std::span<const WriteStep> steps) const
    {
        for (std::size_t i = 0; i < steps.size(); ++i) {
            auto done = writeFileAt(m_fd, steps[i].file, steps[i].text, O_NONBLOCK);
            if (done)
                continue;
            Error error = named(std::move(done).error(), steps[i].file);
            while (i-- > 0)
                if (const auto undone = writeFileAt(m_fd, steps[i].file, steps[i].undo, O_NONBLOCK); !undone)
                    error.detail +=
                        strCat(error.detail.empty() ? "" : "; ", steps[i].file, " could not be put back to ",
                               steps[i].undo, ": ", undone.error().code.message());
            return std::unexpected(std::move(error));
        }
        return {};
    }

    [[nodiscard]] Error named(Error error, std::string_view file) const
    {
        error.subject = strCat(m_path.isRoot() ? "" : m_path.text(), '/', file);
        return error;
    }

private:
    int m_fd;
    const CgroupPath &m_path;
};

/// Parses a file's text; a failure names the file.
template <class Parse> auto parsed(const Directory &dir, std::string_view file, Parse parse) -> decltype(parse(""))
{
    const std::string text = GANTRY_TRY(dir.read(file));
    auto value = parse(text);
    if (!value)
        return std::unexpected(dir.named(std::move(value).error(), file));
    return value;
}

Result<V1Memory> readV1Memory(const Directory &dir)
{
    V1Memory out;
    out.memory = GANTRY_TRY(parsed(dir, "memory.limit_in_bytes", parseV1Bytes));
    if (const auto both = parsed(dir, "memory.memsw.limit_in_bytes", parseV1Bytes))
        out.withSwap = *both;
    else if (both.error().posix() != ENOENT) // not there without swap accounting
        return std::unexpected(both.error());
    return out;
}

Result<gantry::CpuMax> readV1CpuMax(const Directory &dir)
{
    const std::string period = GANTRY_TRY(dir.read("cpu.cfs_period_us"));
    return parsed(dir, "cpu.cfs_quota_us", [&period](std::string_view quota) { return parseV1CpuMax(quota, period); });
}

Result<std::vector<gantry::IoMax>> readV1IoMax(const Directory &dir)
{
    std::vector<gantry::IoMax> out;
    for (const ThrottleFile &file : throttleFiles()) {
        for (const auto &[device, rate] : GANTRY_TRY(parsed(dir, file.name, parseThrottle))) {
            gantry::IoMax change{device, {}, {}, {}, {}};
            change.*file.rate = Limit<std::uint64_t>{rate};
            out = mergedIoMax(std::move(out), {change});
        }
    }
    return out;
}

Result<LimitValue> readV1(const Directory &dir, LimitKey key)
{
    const std::string_view file = limitMapping(key).v1File;
    switch (key) {
    case MemoryHigh:
    case MemoryMax:
        return fromLimit(GANTRY_TRY(parsed(dir, file, parseV1Bytes)));
    case MemorySwapMax: {
        const auto swap = swapOf(GANTRY_TRY(readV1Memory(dir)));
        if (!swap)
            return std::unexpected(dir.named(fail(ENOENT, "read", file, "swap is not accounted").error(), file));
        return fromLimit(*swap);
    }
    case CpuWeight:
        return weightFromShares(
            GANTRY_TRY(parsed(dir, file, [](std::string_view text) { return parseU64(trim(text)); })));
    case CpuMax:
        return GANTRY_TRY(readV1CpuMax(dir));
    case IoMax:
        return GANTRY_TRY(readV1IoMax(dir));
    default:
        break;
    }
    if (file.empty())
        return std::unexpected(
            dir.named(fail(ENOTSUP, "read", "", limitMapping(key).note).error(), limitInfo(key).name));
    return parsed(dir, file, [key](std::string_view text) { return parseV2Limit(key, text); });
}

/// "hugetlb.2MB.max" ... as lines: one a page size.
Result<LimitValue> readPageSizes(const Directory &dir, LimitKey key)
{
    std::vector<LimitLine> lines;
    for (const std::string &name : GANTRY_TRY(dir.names())) {
        const auto size = pageSizeOf(key, name);
        if (!size)
            continue;
        const std::string text(trim(GANTRY_TRY(dir.read(name))));
        // Kernel 6.18 writes "max" for a limit that was set to it, but LONG_MAX in pages for one that never was.
        const auto bytes = parseV1Bytes(text);
        lines.push_back({std::string(*size), {{"", bytes && !*bytes ? std::string("max") : text}}});
    }
    if (lines.empty())
        return std::unexpected(
            dir.named(fail(ENOENT, "read", "", "the kernel has no huge pages here").error(), limitInfo(key).name));
    std::ranges::sort(lines, {}, &LimitLine::name);
    return limitLinesText(lines);
}

Result<LimitValue> readFrom(const LimitFile &file, const Directory &dir, LimitKey key)
{
    if (file.hierarchy->version == Version::V1)
        return readV1(dir, key);
    if (!pageSizeFiles(key).prefix.empty())
        return readPageSizes(dir, key);
    return parsed(dir, file.name, [key](std::string_view text) { return parseV2Limit(key, text); });
}

Result<> writeV1CpuMax(const Directory &dir, const gantry::CpuMax &value)
{
    const gantry::CpuMax current = GANTRY_TRY(readV1CpuMax(dir));
    // Without a quota the period is free to change, so the quota goes first when it goes away, last when it comes.
    const bool periodFirst = value.quota && !current.quota;
    auto done = dir.write(stepsV1CpuMax(value, current, periodFirst));
    if (!done && done.error().posix() == EINVAL)
        if (dir.write(stepsV1CpuMax(value, current, !periodFirst)))
            return {};
    return done;
}

Result<> writeV1(const Directory &dir, LimitKey key, const LimitValue &value)
{
    const std::string file(limitMapping(key).v1File);
    if (file.empty())
        return std::unexpected(
            dir.named(fail(ENOTSUP, "write", "", limitMapping(key).note).error(), limitInfo(key).name));
    switch (key) {
    case MemoryMax:
        return dir.write(stepsV1Memory(toLimit(value), GANTRY_TRY(readV1Memory(dir))));
    case MemorySwapMax: {
        const V1Memory current = GANTRY_TRY(readV1Memory(dir));
        return dir.write(GANTRY_TRY(stepsV1Swap(toLimit(value), current)));
    }
    case CpuMax:
        return writeV1CpuMax(dir, std::get<gantry::CpuMax>(value));
    case IoMax:
        return dir.write(stepsV1IoMax(std::get<std::vector<gantry::IoMax>>(value), GANTRY_TRY(readV1IoMax(dir))));
    case CpuWeight:
        return dir.write(std::array{WriteStep{file, strCat(sharesFromWeight(std::get<std::uint64_t>(value))), {}}});
    case MemoryHigh: {
        const Limit<std::uint64_t> limit = toLimit(value);
        return dir.write(std::array{WriteStep{file, limit ? strCat(*limit) : std::string("-1"), {}}});
    }
    default:
        break;
    }
    const LimitValue current =
        GANTRY_TRY(parsed(dir, file, [key](std::string_view text) { return parseV2Limit(key, text); }));
    std::vector<WriteStep> steps = stepsV2(key, value, current);
    for (WriteStep &step : steps)
        step.file = file;
    return dir.write(steps);
}

/// What a file of lines will hold after `wanted` was written.
std::string mergedText(const LimitInfo &info, const std::string &wanted, const std::optional<LimitValue> &current)
{
    const auto *held = current ? std::get_if<std::string>(&*current) : nullptr;
    const auto lines = [&info](const std::string &text) {
        return readLimitLines(info, text).value_or(std::vector<LimitLine>{});
    };
    return limitLinesText(mergedLines(info, held != nullptr ? lines(*held) : std::vector<LimitLine>{}, lines(wanted)));
}

} // namespace

const LimitMapping &limitMapping(LimitKey key)
{
    return kMappings.at(std::to_underlying(key));
}

Result<LimitFile> limitFile(const Hierarchies &hierarchies, LimitKey key)
{
    const LimitMapping &mapping = limitMapping(key);
    const std::string_view name = limitInfo(key).name;
    const std::string_view controller = limitInfo(key).controller;
    const Hierarchy *hierarchy = controller.empty() ? hierarchies.unified() : hierarchies.forController(controller);
    if (hierarchy == nullptr)
        return fail(ENODEV, "limit", name,
                    controller.empty() ? std::string("cgroup v2 is mounted nowhere")
                                       : strCat("the ", controller, " controller is mounted nowhere"));
    if (hierarchy->version == Version::V2)
        return LimitFile{hierarchy, std::string(name)};
    if (mapping.v1File.empty())
        return fail(ENOTSUP, "limit", name,
                    strCat(name, " has no counterpart in cgroup v1; ", controller, " is on a v1 hierarchy here"));
    return LimitFile{hierarchy, std::string(mapping.v1File)};
}

Result<LimitValue> readLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key)
{
    const LimitFile file = GANTRY_TRY(limitFile(hierarchies, key));
    const UniqueFd fd = GANTRY_TRY(openCgroup(*file.hierarchy, cgroup));
    return readFrom(file, Directory(fd.get(), cgroup.path), key);
}

Result<LimitValue> readLimit(const Hierarchies &hierarchies, const CgroupPath &path, LimitKey key)
{
    const LimitFile file = GANTRY_TRY(limitFile(hierarchies, key));
    const UniqueFd fd = GANTRY_TRY(openCgroup(*file.hierarchy, path));
    return readFrom(file, Directory(fd.get(), path), key);
}

Result<LimitValue> writeLimit(const Hierarchies &hierarchies, const Cgroup &cgroup, LimitKey key,
                              const LimitValue &value)
{
    GANTRY_CHECK(checkLimitValue(key, value));
    const LimitFile file = GANTRY_TRY(limitFile(hierarchies, key));
    const UniqueFd fd = GANTRY_TRY(openCgroup(*file.hierarchy, cgroup));
    const Directory dir(fd.get(), cgroup.path);
    if (file.hierarchy->version == Version::V1)
        GANTRY_CHECK(writeV1(dir, key, value));
    else
        GANTRY_CHECK(dir.write(stepsV2(key, value, GANTRY_TRY(readFrom(file, dir, key)))));
    return readFrom(file, dir, key);
}

LimitValue roundedLimit(const Hierarchies &hierarchies, LimitKey key, const LimitValue &wanted,
                        const std::optional<LimitValue> &current)
{
    const Hierarchy *hierarchy = hierarchies.forController(limitInfo(key).controller);
    const bool v1 = hierarchy != nullptr && hierarchy->version == Version::V1;
    if (const auto *number = std::get_if<std::uint64_t>(&wanted)) {
        if (limitInfo(key).shape == LimitShape::ByteSize) {
            const std::uint64_t pages = *number / pageSize();
            const auto rounded = parseV1Bytes(strCat(pages * pageSize()));
            return rounded ? fromLimit(*rounded) : wanted;
        }
        return key == CpuWeight && v1 ? weightFromShares(sharesFromWeight(*number)) : *number;
    }
    if (const auto *cpu = std::get_if<gantry::CpuMax>(&wanted); cpu != nullptr && cpu->period.count() == 0) {
        const auto *held = current ? std::get_if<gantry::CpuMax>(&*current) : nullptr;
        constexpr Micros kDefaultPeriod{100'000};
        return gantry::CpuMax{cpu->quota, held != nullptr ? held->period : kDefaultPeriod};
    }
    if (const auto *devices = std::get_if<std::vector<gantry::IoMax>>(&wanted)) {
        const auto *held = current ? std::get_if<std::vector<gantry::IoMax>>(&*current) : nullptr;
        return mergedIoMax(held != nullptr ? *held : std::vector<gantry::IoMax>{}, *devices);
    }
    if (const LimitInfo &info = limitInfo(key); hasLines(info.shape))
        return mergedText(info, std::get<std::string>(wanted), current);
    return wanted;
}

std::uint64_t weightFromShares(std::uint64_t shares)
{
    return std::clamp<std::uint64_t>((std::min<std::uint64_t>(shares, 262'144) * 100 + 512) / 1024, 1, 10'000);
}

std::uint64_t sharesFromWeight(std::uint64_t weight)
{
    return std::clamp<std::uint64_t>((std::min<std::uint64_t>(weight, 10'000) * 1024 + 50) / 100, 2, 262'144);
}

} // namespace gantry::cgroup
