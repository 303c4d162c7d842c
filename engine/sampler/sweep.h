// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/counters.h"
#include "engine/sampler/block_devices.h"
#include "engine/sampler/frame.h"
#include "engine/sampler/host.h"
#include "engine/sampler/interval_peaks.h"
#include "engine/sampler/table.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::sampler {

/// Reads the counter files of many cgroups into a Table, file type by file type: the kernel's caches like that better
/// than node by node. Row 0 is the host, row i the i-th cgroup. Thread: one at a time.
class Sweep
{
public:
    /// @param slowTicks a file that nobody waits for is read every this many ticks.
    Sweep(cgroup::HierarchiesPtr hierarchies, const std::string &proc, std::size_t keptFiles, std::uint64_t slowTicks);
    Sweep(const Sweep &) = delete;
    Sweep &operator=(const Sweep &) = delete;
    Sweep(Sweep &&) = delete;
    Sweep &operator=(Sweep &&) = delete;
    ~Sweep();

    /// Rows of nodes that stay keep their figures and descriptors.
    void setNodes(NodeList nodes);
    void setInterest(std::span<const NodeId> visible, std::span<const NodeId> detail);
    void touch(NodeId node);
    /// One tick: reads what is due.
    void run(std::uint64_t tick);

    [[nodiscard]] const Table &table() const { return m_table; }
    [[nodiscard]] const std::vector<NodeId> &ids() const { return m_ids; }
    [[nodiscard]] std::optional<std::size_t> rowOf(NodeId node) const;
    /// Rows of the detail nodes.
    [[nodiscard]] std::vector<std::size_t> detailRows() const;
    [[nodiscard]] NodeDetail detail(std::size_t row);
    [[nodiscard]] std::size_t keptFiles() const { return m_kept; }
    [[nodiscard]] std::uint64_t filesRead() const { return m_filesRead; }

private:
    struct Row
    {
        std::uint8_t quiet = 0; ///< core reads in a row that changed nothing, up to kQuietAfter
        bool changed = false;   ///< this tick's core read changed something
        bool still = false;     ///< no tasks, and nothing but zeros at the last read of the tree figures
        bool gone = false;      ///< the directory was removed
        bool fresh = true;      ///< never read in full
        bool touched = false;   ///< a limit was written
        bool visible = false;
        bool detail = false;
        std::uint8_t keptFiles = 0;
    };
    /// One file of one row.
    struct Slot
    {
        int fd = -1;
        bool there = false;   ///< the node is in the file's hierarchy
        bool missing = false; ///< the kernel has no such file there now
        Micros readAt{0};     ///< CLOCK_MONOTONIC of the last good read
    };
    using Key = std::pair<std::size_t, std::size_t>; ///< row, file

    /// Limits that need more than one file, or a conversion: read where every metric is wanted.
    static constexpr std::array kDetailLimits{
        std::pair{Metric::MemoryMin, LimitKey::MemoryMin},
        std::pair{Metric::MemoryLow, LimitKey::MemoryLow},
        std::pair{Metric::MemorySwapMax, LimitKey::MemorySwapMax},
        std::pair{Metric::CpuWeight, LimitKey::CpuWeight},
        std::pair{Metric::CpuQuota, LimitKey::CpuMax},
    };

    [[nodiscard]] const cgroup::Cgroup &node(std::size_t row) const { return (*m_nodes)[row - 1]; }
    [[nodiscard]] Slot &slot(std::size_t file, std::size_t row) { return m_slots[file][row]; }
    [[nodiscard]] const cgroup::Hierarchy *memoryOf(std::size_t row) const; ///< nullptr: the row is not in it
    [[nodiscard]] bool isHot(const Row &row) const;
    [[nodiscard]] bool isReadEachTick(const Row &row, cgroup::Cadence cadence) const;
    [[nodiscard]] bool isStill(std::size_t row) const;
    [[nodiscard]] const std::vector<std::uint32_t> &due(cgroup::Cadence cadence) const
    {
        return m_due.at(static_cast<std::size_t>(cadence));
    }
    void initRow(std::size_t row);
    void collectDue(std::uint64_t tick);
    void readFile(std::size_t file, std::size_t row, bool retryMissing);
    void store(std::size_t file, std::size_t row);
    void sumDevices(std::size_t file, std::size_t row);
    void keepDevices(std::size_t row, bool bytes, bool operations);
    void failed(std::size_t file, std::size_t row, int err);
    [[nodiscard]] int openFile(std::size_t file, std::size_t row);
    [[nodiscard]] bool isAlive(const cgroup::Hierarchy &hierarchy, std::size_t row) const;
    void readFreezer(std::size_t row);
    void readDetailLimits(std::size_t row);
    void readIntervalPeaks();
    void markGone(std::size_t row);
    void closeFiles(std::size_t row);
    void settle();
    [[nodiscard]] std::optional<Error> errorOf(Metric metric, std::size_t row) const;

    cgroup::CounterPlaces m_places;
    Host m_host;
    BlockDevices m_blockDevices;
    IntervalPeaks m_peaks; ///< of detail rows
    std::size_t m_mostKept;
    std::uint64_t m_slowTicks;

    NodeList m_nodes;
    std::vector<NodeId> m_ids{NodeId::host()};
    std::unordered_map<NodeId, std::size_t> m_rowOf{{NodeId::host(), 0}};
    std::vector<Row> m_rows = std::vector<Row>(1);
    std::vector<std::vector<Slot>> m_slots; ///< by file, then row
    Table m_table{1};
    std::map<Key, Error> m_errors;                                                  ///< of detail rows
    std::map<std::size_t, std::map<DeviceNumber, cgroup::DeviceTraffic>> m_devices; ///< of detail rows

    std::array<std::vector<std::uint32_t>, 5> m_due; ///< rows by Cadence; Events follow Core
    std::vector<std::uint32_t> m_slow;               ///< rows whose turn it is, sorted
    std::vector<char> m_buffer = std::vector<char>(16 * 1024);
    std::string_view m_text;
    std::string m_path;
    cgroup::Figures m_figures;
    std::size_t m_kept = 0;
    std::uint64_t m_filesRead = 0;
};

} // namespace gantry::sampler
