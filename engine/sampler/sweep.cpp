// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/sweep.h"

#include "engine/cgroup/limits.h"

#include <algorithm>
#include <array>

#include <unistd.h>

namespace gantry::sampler {

namespace {

using cgroup::Cadence;

/// Core reads without a change after which a node counts as idle.
constexpr std::uint8_t kQuietAfter = 2;
/// A node without tasks whose tree figures are all zero has them read again every this many slow turns.
constexpr std::uint64_t kStillTurns = 6;
/// New nodes that are read in full at their first tick; of more the rest takes its turn in the slow ticks.
constexpr std::size_t kMostFreshAtOnce = 1'000;

} // namespace

Sweep::Sweep(cgroup::HierarchiesPtr hierarchies, const std::string &proc, std::size_t keptFiles,
             std::uint64_t slowTicks)
    : m_places(std::move(hierarchies))
    , m_host(proc)
    , m_mostKept(keptFiles)
    , m_slowTicks(slowTicks)
    , m_nodes(std::make_shared<const std::vector<cgroup::Cgroup>>())
    , m_slots(cgroup::counterFiles().size(), std::vector<Slot>(1))
{}

Sweep::~Sweep()
{
    for (std::size_t row = 1; row < m_rows.size(); ++row)
        closeFiles(row);
}

void Sweep::setNodes(NodeList nodes)
{
    auto oldRows = std::exchange(m_rows, std::vector<Row>(nodes->size() + 1));
    auto oldRowOf = std::exchange(m_rowOf, {});
    auto oldSlots = std::exchange(
        m_slots, std::vector<std::vector<Slot>>(cgroup::counterFiles().size(), std::vector<Slot>(nodes->size() + 1)));
    const Table oldTable = std::exchange(m_table, Table(nodes->size() + 1));
    m_errors.clear();
    m_devices.clear();
    m_nodes = std::move(nodes);
    m_ids.assign(1, NodeId::host());
    m_rowOf.emplace(NodeId::host(), 0);
    m_rows[0] = oldRows[0];
    m_table.copyRow(0, oldTable, 0);
    for (std::size_t row = 1; row < m_rows.size(); ++row) {
        const NodeId id = node(row).id;
        m_ids.push_back(id);
        m_rowOf.emplace(id, row);
        const auto old = oldRowOf.find(id);
        initRow(row);
        if (old == oldRowOf.end())
            continue;
        m_rows[row] = oldRows[old->second];
        m_table.copyRow(row, oldTable, old->second);
        for (std::size_t file = 0; file < cgroup::counterFiles().size(); ++file) {
            Slot &from = oldSlots[file][old->second];
            Slot &to = slot(file, row);
            if (to.there && from.there)
                to = std::exchange(from, Slot{});
        }
    }
    for (const auto &column : oldSlots)
        for (const Slot &left : column)
            if (left.fd >= 0) {
                ::close(left.fd);
                --m_kept;
            }
}

void Sweep::initRow(std::size_t row)
{
    for (std::size_t file = 0; file < cgroup::counterFiles().size(); ++file) {
        Slot &at = slot(file, row);
        at.there = m_places.of(file, node(row)) != nullptr;
        if (!at.there)
            continue;
        for (const cgroup::CounterKey &key : cgroup::counterFiles()[file].keys) {
            m_table.mark(key.metric, row, CellState::NotYet);
            if (const Metric rate = rateOf(key.metric); rate != Metric::None)
                m_table.mark(rate, row, CellState::NotYet);
        }
    }
    for (const auto &[metric, key] : kDetailLimits)
        if (const auto where = cgroup::limitFile(m_places.hierarchies(), key);
            where && node(row).in(where->hierarchy->index))
            m_table.mark(metric, row, CellState::NotYet);
    if (memoryOf(row) != nullptr)
        m_table.mark(Metric::MemoryIntervalPeak, row, CellState::NotYet);
    const cgroup::Hierarchy *freezer = m_places.hierarchies().forController("freezer");
    if ((freezer != nullptr && node(row).in(freezer->index)) ||
        (m_places.hierarchies().unified() != nullptr && node(row).in(0)))
        m_table.mark(Metric::FreezerState, row, CellState::NotYet);
}

void Sweep::setInterest(std::span<const NodeId> visible, std::span<const NodeId> detail)
{
    const std::vector<Row> before = m_rows;
    for (Row &row : m_rows)
        row.visible = row.detail = false;
    for (const NodeId id : visible)
        if (const auto row = rowOf(id))
            m_rows[*row].visible = true;
    for (const NodeId id : detail)
        if (const auto row = rowOf(id))
            m_rows[*row].detail = true;
    for (std::size_t row = 1; row < m_rows.size(); ++row) {
        // What somebody begins to look at is shown in full at once.
        if (m_rows[row].detail && !before[row].detail)
            m_rows[row].fresh = true;
        if (!m_rows[row].detail && before[row].detail) {
            m_devices.erase(row);
            m_errors.erase(m_errors.lower_bound({row, 0}), m_errors.lower_bound({row + 1, 0}));
        }
    }
}

void Sweep::touch(NodeId node)
{
    if (const auto row = rowOf(node))
        m_rows[*row].touched = true;
}

std::optional<std::size_t> Sweep::rowOf(NodeId node) const
{
    const auto found = m_rowOf.find(node);
    return found == m_rowOf.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> Sweep::detailRows() const
{
    std::vector<std::size_t> out;
    for (std::size_t row = 0; row < m_rows.size(); ++row)
        if (m_rows[row].detail)
            out.push_back(row);
    return out;
}

bool Sweep::isHot(const Row &row) const
{
    return row.visible || row.detail || row.quiet < kQuietAfter;
}

bool Sweep::isReadEachTick(const Row &row, Cadence cadence) const
{
    switch (cadence) {
    case Cadence::Core:
    case Cadence::Events:
        return isHot(row);
    case Cadence::Tree:
        return row.visible || row.detail;
    case Cadence::Limits:
        return false;
    case Cadence::Detail:
        return row.detail;
    }
    std::unreachable();
}

void Sweep::collectDue(std::uint64_t tick)
{
    for (auto &rows : m_due)
        rows.clear();
    m_slow.clear();
    std::size_t freshLeft = kMostFreshAtOnce;
    const auto add = [this](Cadence cadence, std::size_t row) {
        m_due.at(static_cast<std::size_t>(cadence)).push_back(static_cast<std::uint32_t>(row));
    };
    for (std::size_t index = 1; index < m_rows.size(); ++index) {
        Row &row = m_rows[index];
        if (row.gone)
            continue;
        // The turn hangs on the node, not on the row: it stays when rows move.
        const bool slow = std::hash<NodeId>{}(m_ids[index]) % m_slowTicks == tick % m_slowTicks;
        const bool stillTurn =
            tick / m_slowTicks % kStillTurns == std::hash<NodeId>{}(m_ids[index]) / m_slowTicks % kStillTurns;
        const bool full = row.fresh && (row.visible || row.detail || freshLeft > 0);
        if (full && !row.visible && !row.detail)
            --freshLeft;
        const bool seen = row.visible || row.detail;
        if (full || slow || isHot(row))
            add(Cadence::Core, index);
        if (full || seen || (slow && (!row.still || stillTurn)))
            add(Cadence::Tree, index);
        if (full || slow || row.touched)
            add(Cadence::Limits, index);
        if (row.detail)
            add(Cadence::Detail, index);
        if (full || slow) {
            m_slow.push_back(static_cast<std::uint32_t>(index));
            row.fresh = false;
        }
        row.changed = false;
    }
}

void Sweep::run(std::uint64_t tick)
{
    collectDue(tick);
    if (tick % m_slowTicks == 0)
        m_blockDevices.forget();
    m_host.read(m_table, 0, m_blockDevices);
    for (std::size_t file = 0; file < cgroup::counterFiles().size(); ++file) {
        const bool events = cgroup::counterFiles()[file].cadence == Cadence::Events;
        for (const std::uint32_t row : due(events ? Cadence::Core : cgroup::counterFiles()[file].cadence))
            if (!events || m_rows[row].changed)
                readFile(file, row, std::ranges::binary_search(m_slow, row));
    }
    for (const std::uint32_t row : due(Cadence::Tree))
        readFreezer(row);
    for (const std::uint32_t row : due(Cadence::Limits))
        readDetailLimits(row);
    readIntervalPeaks();
    settle();
}

void Sweep::settle()
{
    for (const std::uint32_t index : due(Cadence::Tree))
        m_rows[index].still = isStill(index);
    for (const std::uint32_t index : due(Cadence::Core)) {
        Row &row = m_rows[index];
        row.still = row.still && !row.changed;
        row.quiet = row.changed ? std::uint8_t{0} : std::min<std::uint8_t>(kQuietAfter, row.quiet + 1);
        if (row.keptFiles != 0 && !isHot(row))
            closeFiles(index);
    }
    for (const std::uint32_t index : due(Cadence::Limits))
        m_rows[index].touched = false;
}

bool Sweep::isStill(std::size_t row) const
{
    constexpr std::array kMustBeZero{
        Metric::CpuUserRate,
        Metric::CpuSystemRate,
        Metric::CpuThrottledRate,
        Metric::IoReadRate,
        Metric::IoWriteRate,
        Metric::PressureCpuSomeAvg10,
        Metric::PressureIoSomeAvg10,
        Metric::PressureMemorySomeAvg10,
        Metric::PressureMemoryFullAvg10,
    };
    const auto isZero = [this, row](Metric metric) {
        const CellState state = m_table.state(metric, row);
        return state == CellState::Absent || (state == CellState::Value && m_table.real(metric, row) == 0);
    };
    return m_table.state(Metric::PidsCurrent, row) == CellState::Value &&
           m_table.integer(Metric::PidsCurrent, row) == 0 && std::ranges::all_of(kMustBeZero, isZero);
}

} // namespace gantry::sampler
