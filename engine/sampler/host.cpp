// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/host.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <span>

namespace gantry::sampler {

namespace {

using cgroup::CounterKey;
using cgroup::Figure;

constexpr std::uint64_t kMicrosPerTick = 10'000; // USER_HZ is 100
constexpr std::uint64_t kSector = 512;

Figure figure(Metric metric, std::uint64_t value)
{
    return {metric, CellState::Value, value};
}

/// One file of the host: what it gives and who reads it.
struct HostFile
{
    std::string_view name;
    std::vector<Metric> metrics;
    std::function<Result<>(std::string_view, std::vector<Figure> &)> parse;
};

HostFile pressure(std::string_view name, std::array<Metric, 4> metrics)
{
    return {
        name, {metrics.begin(), metrics.end()}, [metrics](std::string_view text, std::vector<Figure> &out) -> Result<> {
            const std::array<CounterKey, 4> keys{
                {{"", metrics[0]}, {"", metrics[1]}, {"", metrics[2]}, {"", metrics[3]}}};
            cgroup::Figures figures;
            GANTRY_CHECK(cgroup::parsePressure(text, keys, figures));
            out = std::move(figures.values);
            return {};
        }};
}

const std::vector<HostFile> &hostFiles()
{
    using enum Metric;
    static const std::vector<HostFile> files{
        {"meminfo",
         {MemoryCurrent, MemoryMax, MemorySwapCurrent, MemorySwapMax, MemoryAnon, MemoryFile, MemoryKernel, MemoryShmem,
          MemorySlab},
         parseMeminfo},
        {"vmstat", {MemoryRefaultAnon, MemoryRefaultFile, MemoryEventsOomKill}, parseVmstat},
        {"stat", {CpuUsage, CpuUser, CpuSystem}, parseStat},
        {"loadavg", {PidsCurrent}, parseLoadavg},
        {"sys/kernel/pid_max",
         {PidsMax},
         [](std::string_view text, std::vector<Figure> &out) -> Result<> {
             out.push_back(figure(PidsMax, GANTRY_TRY(parseU64(trim(text)))));
             return {};
         }},
        pressure("pressure/cpu",
                 {PressureCpuSomeAvg10, PressureCpuSomeTotal, PressureCpuFullAvg10, PressureCpuFullTotal}),
        pressure("pressure/memory",
                 {PressureMemorySomeAvg10, PressureMemorySomeTotal, PressureMemoryFullAvg10, PressureMemoryFullTotal}),
        pressure("pressure/io", {PressureIoSomeAvg10, PressureIoSomeTotal, PressureIoFullAvg10, PressureIoFullTotal}),
    };
    return files;
}

/// "Key:   123 kB" and "key 123" lines, the wanted ones only, in the order of `keys`.
Result<> pick(std::string_view text, std::span<const std::string_view> keys,
              std::span<std::optional<std::uint64_t>> values)
{
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        std::string_view key = takeToken(rest);
        if (key.ends_with(':'))
            key.remove_suffix(1);
        const auto found = std::ranges::find(keys, key);
        if (found == keys.end())
            continue;
        const auto value = parseU64(takeToken(rest));
        if (!value)
            return failParse("line", *line);
        values[static_cast<std::size_t>(found - keys.begin())] = *value;
    }
    return {};
}

} // namespace

Result<> parseMeminfo(std::string_view text, std::vector<Figure> &out)
{
    enum { Total, Available, SwapTotal, SwapFree, Anon, Buffers, Cached, Shmem, Slab, Stack, PageTables, Percpu, N };
    constexpr std::array<std::string_view, N> kKeys{"MemTotal",  "MemAvailable", "SwapTotal",  "SwapFree",
                                                    "AnonPages", "Buffers",      "Cached",     "Shmem",
                                                    "Slab",      "KernelStack",  "PageTables", "Percpu"};
    std::array<std::optional<std::uint64_t>, N> found{};
    GANTRY_CHECK(pick(text, kKeys, found));
    std::array<std::uint64_t, N> v{};
    std::ranges::transform(found, v.begin(), [](const auto &kib) { return kib.value_or(0) * 1024; });
    if (!found[Total] || !found[Available] || v[Available] > v[Total] || v[SwapFree] > v[SwapTotal])
        return failParse("meminfo", text);
    out = {figure(Metric::MemoryCurrent, v[Total] - v[Available]),
           figure(Metric::MemoryMax, v[Total]),
           figure(Metric::MemorySwapCurrent, v[SwapTotal] - v[SwapFree]),
           figure(Metric::MemorySwapMax, v[SwapTotal]),
           figure(Metric::MemoryAnon, v[Anon]),
           figure(Metric::MemoryFile, v[Buffers] + v[Cached]),
           figure(Metric::MemoryKernel, v[Slab] + v[Stack] + v[PageTables] + v[Percpu]),
           figure(Metric::MemoryShmem, v[Shmem]),
           figure(Metric::MemorySlab, v[Slab])};
    return {};
}

Result<> parseVmstat(std::string_view text, std::vector<Figure> &out)
{
    constexpr std::array<std::string_view, 3> kKeys{"workingset_refault_anon", "workingset_refault_file", "oom_kill"};
    constexpr std::array kMetrics{Metric::MemoryRefaultAnon, Metric::MemoryRefaultFile, Metric::MemoryEventsOomKill};
    std::array<std::optional<std::uint64_t>, kKeys.size()> found{};
    GANTRY_CHECK(pick(text, kKeys, found));
    out.clear();
    for (std::size_t i = 0; i < found.size(); ++i) // Kernel: oom_kill since 4.13, refaults by kind since 5.9
        if (found.at(i))
            out.push_back(figure(kMetrics.at(i), *found.at(i)));
    return {};
}

Result<> parseStat(std::string_view text, std::vector<Figure> &out)
{
    const std::string_view line = text.substr(0, text.find('\n'));
    std::string_view rest = line;
    if (takeToken(rest) != "cpu")
        return failParse("/proc/stat", line);
    // user (guest time is in it), nice, system, idle, iowait, irq, softirq; stolen time is not ours.
    std::array<std::uint64_t, 7> ticks{};
    for (std::uint64_t &tick : ticks) {
        const auto value = parseU64(takeToken(rest));
        if (!value)
            return failParse("/proc/stat", line);
        tick = *value;
    }
    const std::uint64_t user = (ticks[0] + ticks[1]) * kMicrosPerTick;
    const std::uint64_t system = (ticks[2] + ticks[5] + ticks[6]) * kMicrosPerTick;
    out = {figure(Metric::CpuUsage, user + system), figure(Metric::CpuUser, user), figure(Metric::CpuSystem, system)};
    return {};
}

Result<> parseLoadavg(std::string_view text, std::vector<Figure> &out)
{
    std::string_view rest = text;
    for (int i = 0; i < 3; ++i)
        (void)takeToken(rest);
    const std::string_view tasks = takeToken(rest);
    const auto slash = tasks.find('/');
    const auto count = parseU64(slash == std::string_view::npos ? std::string_view() : tasks.substr(slash + 1));
    if (!count)
        return failParse("/proc/loadavg", text);
    out = {figure(Metric::PidsCurrent, *count)};
    return {};
}

Result<> parseDiskstats(std::string_view text, std::vector<DeviceIo> &out)
{
    out.clear();
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const std::string_view major = takeToken(rest);
        const auto device = parseDeviceNumber(strCat(major, ':', takeToken(rest)));
        DeviceIo io;
        io.name = takeToken(rest);
        // reads, merged, sectors, ms, writes, merged, sectors (Documentation/admin-guide/iostats.rst)
        std::array<std::uint64_t, 7> fields{};
        for (std::uint64_t &field : fields) {
            const auto value = parseU64(takeToken(rest));
            if (!device || !value)
                return failParse("/proc/diskstats line", *line);
            field = *value;
        }
        io.traffic = {.device = *device,
                      .readBytes = fields[2] * kSector,
                      .writeBytes = fields[6] * kSector,
                      .readOperations = fields[0],
                      .writeOperations = fields[4]};
        out.push_back(std::move(io));
    }
    return {};
}

void Host::read(Table &table, std::size_t row, BlockDevices &devices)
{
    const Micros now = monotonicNow();
    const Micros interval = m_readAt == Micros{0} ? Micros{0} : now - m_readAt;
    m_readAt = now;
    m_errors.clear();
    std::vector<Figure> figures;
    const auto take = [&](const Result<> &parsed, std::span<const Metric> metrics) {
        for (const Metric metric : metrics) {
            const auto found = std::ranges::find(figures, metric, &Figure::metric);
            if (parsed && found != figures.end()) {
                (void)table.put(*found, row, interval);
                continue;
            }
            const int err = parsed ? ENOENT : parsed.error().posix();
            const bool absent = err == ENOENT || err == EOPNOTSUPP; // no PSI in this kernel
            (void)table.put({metric, absent ? CellState::Absent : CellState::Unreadable}, row, interval);
            if (!absent)
                m_errors.insert_or_assign(metric, parsed.error());
        }
        figures.clear();
    };
    const auto parseFile = [this](std::string_view name, const auto &parse) -> Result<> {
        const std::string text = GANTRY_TRY(readFile(strCat(m_proc, '/', name)));
        return parse(text);
    };
    for (const HostFile &file : hostFiles())
        take(parseFile(file.name, [&](std::string_view text) { return file.parse(text, figures); }), file.metrics);

    const auto parsed =
        parseFile("diskstats", [this](std::string_view text) { return parseDiskstats(text, m_devices); });
    // Partitions and stacked devices would count the same traffic twice.
    std::erase_if(m_devices, [&devices](const DeviceIo &io) { return !devices.find(io.traffic.device).disk; });
    cgroup::DeviceTraffic sum;
    for (const DeviceIo &io : m_devices) {
        if (!devices.find(io.traffic.device).stacked)
            sum += io.traffic;
    }
    if (parsed)
        figures = {figure(Metric::IoReadBytes, sum.readBytes), figure(Metric::IoWriteBytes, sum.writeBytes),
                   figure(Metric::IoReadOperations, sum.readOperations),
                   figure(Metric::IoWriteOperations, sum.writeOperations)};
    constexpr std::array kIo{Metric::IoReadBytes, Metric::IoWriteBytes, Metric::IoReadOperations,
                             Metric::IoWriteOperations};
    take(parsed, kIo);
}

const Error *Host::error(Metric metric) const
{
    const auto found = m_errors.find(metric);
    return found == m_errors.end() ? nullptr : &found->second;
}

} // namespace gantry::sampler
