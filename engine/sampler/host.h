// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampler/block_devices.h"
#include "engine/sampler/frame.h"
#include "engine/sampler/table.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sampler {

/// Figures of the whole host in the metrics of a cgroup. Kernel: the root cgroup has no memory.current, memory.events
/// or limits of its own, so they come from /proc. Thread: one at a time.
class Host
{
public:
    explicit Host(std::string proc) : m_proc(std::move(proc)) {}

    /// Reads meminfo, vmstat, stat, diskstats, loadavg, sys/kernel/pid_max and pressure/ into one row.
    void read(Table &table, std::size_t row, BlockDevices &devices);
    /// Traffic of whole devices as of the last read().
    [[nodiscard]] const std::vector<DeviceIo> &devices() const { return m_devices; }
    /// Why a metric of the last read() is Unreadable; nullptr if it is not.
    [[nodiscard]] const Error *error(Metric metric) const;

private:
    std::string m_proc;
    Micros m_readAt{0};
    std::vector<DeviceIo> m_devices;
    std::map<Metric, Error> m_errors;
};

/// /proc/meminfo: used (total less available), total, swap, anonymous, file, kernel, shmem, slab; all in bytes.
/// @errors EILSEQ with the line.
[[nodiscard]] Result<> parseMeminfo(std::string_view text, std::vector<cgroup::Figure> &out);
/// /proc/vmstat: refaults and OOM kills. @errors EILSEQ.
[[nodiscard]] Result<> parseVmstat(std::string_view text, std::vector<cgroup::Figure> &out);
/// The first line of /proc/stat: CPU time of user and system, in microseconds. @errors EILSEQ.
[[nodiscard]] Result<> parseStat(std::string_view text, std::vector<cgroup::Figure> &out);
/// /proc/loadavg: number of tasks. @errors EILSEQ.
[[nodiscard]] Result<> parseLoadavg(std::string_view text, std::vector<cgroup::Figure> &out);
/// /proc/diskstats: every device with its traffic. @errors EILSEQ with the line.
[[nodiscard]] Result<> parseDiskstats(std::string_view text, std::vector<DeviceIo> &out);

} // namespace gantry::sampler
