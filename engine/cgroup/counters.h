// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/cell.h"
#include "engine/base/limit.h"
#include "engine/base/metric.h"
#include "engine/cgroup/hierarchy.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace gantry::cgroup {

/// What a counter file looks like.
enum class CounterShape : std::uint8_t {
    Number,         ///< one number
    NumberOrMax,    ///< one number or "max"
    V1Bytes,        ///< one number, LONG_MAX in pages for "max"
    Keys,           ///< "key value" lines
    Pressure,       ///< PSI: some and full, avg10 and total
    IoStat,         ///< v2 io.stat
    BlkioBytes,     ///< v1 blkio.throttle.io_service_bytes_recursive
    BlkioOperations ///< v1 blkio.throttle.io_serviced_recursive
};

/// How often a file is worth its read.
enum class Cadence : std::uint8_t {
    Core,   ///< what moves with the load: every tick
    Events, ///< moves only when Core has moved: nothing is refused or killed without a task that ran
    Tree,   ///< what the tree shows besides: every tick where somebody looks
    Limits, ///< changes when somebody writes it
    Detail, ///< only for nodes whose every metric is wanted
};

/// A key of a file and the metric it gives: value * multiply / divide.
struct CounterKey
{
    std::string_view key; ///< empty for shapes of one number
    Metric metric;
    std::uint64_t multiply = 1;
    std::uint64_t divide = 1;
};

/// One row a file and version: which metrics it gives, in which unit. A metric that no row of a node's hierarchies
/// gives is Absent for it. Sources: cgroup-v2.rst, cgroup-v1/memory.rst, cpuacct.rst, blkio-controller.rst, pids.rst.
struct CounterFile
{
    std::string_view name;
    std::string_view controller; ///< as forController() takes it; empty: in every v2 cgroup
    Version version;
    Cadence cadence;
    CounterShape shape;
    std::span<const CounterKey> keys;
};
[[nodiscard]] std::span<const CounterFile> counterFiles();

/// Where the counter files of one host's cgroups are.
class CounterPlaces
{
public:
    explicit CounterPlaces(HierarchiesPtr hierarchies);

    [[nodiscard]] const Hierarchies &hierarchies() const { return *m_hierarchies; }
    /// The hierarchy where this node has counterFiles()[file]; nullptr if it has not.
    /// A cgroup of a hybrid host may be in v2 without being in v1 cpuacct: its CPU time then comes from v2.
    [[nodiscard]] const Hierarchy *of(std::size_t file, const Cgroup &cgroup) const;

private:
    HierarchiesPtr m_hierarchies;
    std::vector<const Hierarchy *> m_owners; ///< by file: forController() of its controller
};

/// One figure out of a file.
struct Figure
{
    Metric metric = Metric::None;
    CellState state = CellState::Absent;
    std::uint64_t integer = 0;
    double real = 0; ///< of a metric that is not integral
};

/// Traffic of one device as one file tells it: v1 has bytes and operations in two files.
struct DeviceTraffic
{
    DeviceNumber device;
    std::uint64_t readBytes = 0;
    std::uint64_t writeBytes = 0;
    std::uint64_t readOperations = 0;
    std::uint64_t writeOperations = 0;

    /// Adds the figures of another device; `device` stays.
    DeviceTraffic &operator+=(const DeviceTraffic &other);
};

/// What parseCounters() found; reused from file to file so that nothing is allocated.
struct Figures
{
    std::vector<Figure> values;         ///< each metric of the file, Absent where the key is missing
    std::vector<DeviceTraffic> devices; ///< of the three I/O shapes, which give no values: the reader sums them
};

/// @errors EILSEQ with the offending text; `out` is then not to be used.
[[nodiscard]] Result<> parseCounters(const CounterFile &file, std::string_view text, Figures &out);

/// A PSI file: some and full, avg10 in percent and total in microseconds. `metrics` are those four, in the order some
/// avg10, some total, full avg10, full total. Kernel: cpu.pressure has no "full" line before 5.13.
[[nodiscard]] Result<> parsePressure(std::string_view text, std::span<const CounterKey> metrics, Figures &out);
/// @errors EILSEQ. Kernel: before 5.18 devices without traffic appear without a newline after them.
[[nodiscard]] Result<> parseIoStat(std::string_view text, std::vector<DeviceTraffic> &out);
/// One of the v1 files; fills bytes or operations. @errors EILSEQ.
[[nodiscard]] Result<> parseBlkio(std::string_view text, bool operations, std::vector<DeviceTraffic> &out);

} // namespace gantry::cgroup
