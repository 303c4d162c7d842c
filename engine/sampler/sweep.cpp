// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/sweep.h"

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limits.h"

#include <algorithm>
#include <array>

#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::sampler {

namespace {

using cgroup::Cadence;
using cgroup::CounterFile;
using cgroup::CounterShape;

/// Core reads without a change after which a node counts as idle.
constexpr std::uint8_t kQuietAfter = 2;
/// A node without tasks whose tree figures are all zero has them read again every this many slow turns.
constexpr std::uint64_t kStillTurns = 6;
/// New nodes that are read in full at their first tick; of more the rest takes its turn in the slow ticks.
constexpr std::size_t kMostFreshAtOnce = 1'000;

/// Limits that need more than one file, or a conversion, read where every metric is wanted.
constexpr std::array kDetailLimits{
    std::pair{Metric::MemoryMin, LimitKey::MemoryMin},
    std::pair{Metric::MemoryLow, LimitKey::MemoryLow},
    std::pair{Metric::MemorySwapMax, LimitKey::MemorySwapMax},
    std::pair{Metric::CpuWeight, LimitKey::CpuWeight},
    std::pair{Metric::CpuQuota, LimitKey::CpuMax},
};
/// Key of readDetailLimits() errors beside the counter files.
std::size_t limitErrorFile(std::size_t limit)
{
    return cgroup::counterFiles().size() + 1 + limit;
}
std::size_t freezerErrorFile()
{
    return cgroup::counterFiles().size();
}

std::span<const CounterFile> files()
{
    return cgroup::counterFiles();
}

bool isAbsence(int err)
{
    // EOPNOTSUPP: pressure is switched off; ENOTSUP is the same number and also means "no counterpart on v1".
    return err == ENOENT || err == ENODEV || err == EOPNOTSUPP;
}

} // namespace

Sweep::Sweep(cgroup::HierarchiesPtr hierarchies, const std::string &proc, std::size_t keptFiles,
             std::uint64_t slowTicks)
    : m_places(std::move(hierarchies))
    , m_host(proc)
    , m_mostKept(keptFiles)
    , m_slowTicks(slowTicks)
    , m_nodes(std::make_shared<const std::vector<cgroup::Cgroup>>())
    , m_slots(files().size(), std::vector<Slot>(1))
{}

Sweep::~Sweep()
{
    for (std::size_t row = 1; row < m_rows.size(); ++row)
        closeFiles(row);
}

void Sweep::setNodes(std::shared_ptr<const std::vector<cgroup::Cgroup>> nodes)
{
    auto oldRows = std::exchange(m_rows, std::vector<Row>(nodes->size() + 1));
    auto oldRowOf = std::exchange(m_rowOf, {});
    auto oldSlots =
        std::exchange(m_slots, std::vector<std::vector<Slot>>(files().size(), std::vector<Slot>(nodes->size() + 1)));
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
        for (std::size_t file = 0; file < files().size(); ++file) {
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
    for (std::size_t file = 0; file < files().size(); ++file) {
        Slot &at = slot(file, row);
        at.there = m_places.of(file, node(row)) != nullptr;
        if (!at.there)
            continue;
        for (const cgroup::CounterKey &key : files()[file].keys) {
            m_table.mark(key.metric, row, CellState::NotYet);
            if (const Metric rate = rateOf(key.metric); rate != Metric::None)
                m_table.mark(rate, row, CellState::NotYet);
        }
    }
    for (const auto &[metric, key] : kDetailLimits)
        if (const auto where = cgroup::limitFile(m_places.hierarchies(), key);
            where && node(row).in(where->hierarchy->index))
            m_table.mark(metric, row, CellState::NotYet);
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
    m_host.read(m_table, 0, m_blockDevices);
    for (std::size_t file = 0; file < files().size(); ++file) {
        const bool events = files()[file].cadence == Cadence::Events;
        for (const std::uint32_t row : due(events ? Cadence::Core : files()[file].cadence))
            if (!events || m_rows[row].changed)
                readFile(file, row, std::ranges::binary_search(m_slow, row));
    }
    for (const std::uint32_t row : due(Cadence::Tree))
        readFreezer(row);
    for (const std::uint32_t row : due(Cadence::Limits))
        readDetailLimits(row);
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

int Sweep::openFile(std::size_t file, std::size_t row)
{
    const cgroup::Hierarchy &hierarchy = *m_places.of(file, node(row));
    const std::string &path = node(row).path.text();
    const std::string_view name = files()[file].name;
    if (path.size() + name.size() + 2 > PATH_MAX) {
        const auto dir = cgroup::openCgroup(hierarchy, node(row).path);
        if (!dir) {
            errno = dir.error().posix();
            return -1;
        }
        return ::openat(dir->get(), std::string(name).c_str(), O_RDONLY | O_CLOEXEC);
    }
    m_path.assign(path, 1);
    if (!m_path.empty())
        m_path += '/';
    m_path += name;
    return ::openat(hierarchy.dir->get(), m_path.c_str(), O_RDONLY | O_CLOEXEC);
}

void Sweep::readFile(std::size_t file, std::size_t row, bool retryMissing)
{
    Slot &at = slot(file, row);
    if (!at.there || (at.missing && !retryMissing) || m_rows[row].gone)
        return;
    UniqueFd opened;
    if (at.fd < 0) {
        opened = UniqueFd(openFile(file, row));
        if (!opened) {
            failed(file, row, errno);
            return;
        }
    }
    // Kernel: counter files show all they have in one read (kernfs, single_open).
    ssize_t n = 0;
    do {
        n = ::pread(at.fd >= 0 ? at.fd : opened.get(), m_buffer.data(), m_buffer.size(), 0);
    } while (n < 0 && errno == EINTR);
    ++m_filesRead;
    if (n < 0 || static_cast<std::size_t>(n) == m_buffer.size()) {
        failed(file, row, n < 0 ? errno : EFBIG);
        return;
    }
    m_text = std::string_view(m_buffer.data(), static_cast<std::size_t>(n));
    at.missing = false;
    store(file, row);
    if (opened && m_kept < m_mostKept && isReadEachTick(m_rows[row], files()[file].cadence)) {
        at.fd = opened.release();
        ++m_kept;
        ++m_rows[row].keptFiles;
    }
}

void Sweep::store(std::size_t file, std::size_t row)
{
    if (const auto parsed = cgroup::parseCounters(files()[file], m_text, m_figures); !parsed) {
        failed(file, row, parsed.error().posix());
        return;
    }
    Slot &at = slot(file, row);
    const Micros now = monotonicNow();
    const Micros interval = at.readAt == Micros{0} ? Micros{0} : now - at.readAt;
    at.readAt = now;
    sumDevices(file, row);
    bool changed = false;
    for (const cgroup::Figure &figure : m_figures.values)
        changed = m_table.put(figure, row, interval) || changed;
    if (files()[file].cadence == Cadence::Core)
        m_rows[row].changed = m_rows[row].changed || changed;
    if (!m_errors.empty())
        m_errors.erase({row, file});
}

void Sweep::sumDevices(std::size_t file, std::size_t row)
{
    const CounterShape shape = files()[file].shape;
    if (shape != CounterShape::IoStat && shape != CounterShape::BlkioBytes && shape != CounterShape::BlkioOperations)
        return;
    const bool bytes = shape != CounterShape::BlkioOperations;
    const bool operations = shape != CounterShape::BlkioBytes;
    cgroup::DeviceTraffic sum;
    for (const cgroup::DeviceTraffic &device : m_figures.devices) {
        if (m_rows[row].detail) {
            cgroup::DeviceTraffic &kept = m_devices[row][device.device];
            kept.device = device.device;
            if (bytes) {
                kept.readBytes = device.readBytes;
                kept.writeBytes = device.writeBytes;
            }
            if (operations) {
                kept.readOperations = device.readOperations;
                kept.writeOperations = device.writeOperations;
            }
        }
        // The traffic of a device that stands on others is there once more.
        if (m_blockDevices.find(device.device).stacked)
            continue;
        sum.readBytes += device.readBytes;
        sum.writeBytes += device.writeBytes;
        sum.readOperations += device.readOperations;
        sum.writeOperations += device.writeOperations;
    }
    const auto add = [this](Metric metric, std::uint64_t value) {
        m_figures.values.push_back({metric, CellState::Value, value});
    };
    if (bytes) {
        add(Metric::IoReadBytes, sum.readBytes);
        add(Metric::IoWriteBytes, sum.writeBytes);
    }
    if (operations) {
        add(Metric::IoReadOperations, sum.readOperations);
        add(Metric::IoWriteOperations, sum.writeOperations);
    }
}

bool Sweep::isAlive(const cgroup::Hierarchy &hierarchy, std::size_t row) const
{
    return cgroup::openCgroup(hierarchy, node(row)).has_value();
}

void Sweep::failed(std::size_t file, std::size_t row, int err)
{
    if (err == ENODEV || (err == ENOENT && !isAlive(*m_places.of(file, node(row)), row))) {
        markGone(row);
        return;
    }
    Slot &at = slot(file, row);
    at.readAt = Micros{0};
    at.missing = isAbsence(err);
    const CellState state = at.missing ? CellState::Absent : CellState::Unreadable;
    for (const cgroup::CounterKey &key : files()[file].keys)
        (void)m_table.put({key.metric, state}, row, {});
    if (!at.missing && m_rows[row].detail)
        m_errors.insert_or_assign(
            Key{row, file}, failErrno("read", strCat(node(row).path.text(), '/', files()[file].name), err).error());
}

void Sweep::readFreezer(std::size_t row)
{
    if (m_rows[row].gone)
        return;
    const auto state = cgroup::readFreezer(m_places.hierarchies(), node(row));
    const Key key{row, freezerErrorFile()};
    if (state) {
        if (*state == cgroup::Freezer::Absent)
            m_table.mark(Metric::FreezerState, row, CellState::Absent);
        else
            (void)m_table.put({Metric::FreezerState, CellState::Value, static_cast<std::uint64_t>(*state)}, row, {});
        m_errors.erase(key);
        return;
    }
    const int err = state.error().posix();
    if (err == ENODEV || err == ESTALE || err == ENOENT) {
        markGone(row);
        return;
    }
    m_table.mark(Metric::FreezerState, row, CellState::Unreadable);
    m_errors.insert_or_assign(key, state.error());
}

void Sweep::readDetailLimits(std::size_t row)
{
    if (!m_rows[row].detail || m_rows[row].gone)
        return;
    for (std::size_t i = 0; i < kDetailLimits.size(); ++i) {
        const auto [metric, limit] = kDetailLimits.at(i);
        const auto value = cgroup::readLimit(m_places.hierarchies(), node(row), limit);
        const Key key{row, limitErrorFile(i)};
        m_errors.erase(key);
        if (!value) {
            const bool absent = isAbsence(value.error().posix());
            m_table.mark(metric, row, absent ? CellState::Absent : CellState::Unreadable);
            if (!absent)
                m_errors.insert_or_assign(key, value.error());
            continue;
        }
        cgroup::Figure figure{metric, CellState::Unlimited};
        if (const auto *number = std::get_if<std::uint64_t>(&*value)) {
            figure = {metric, CellState::Value, *number};
        } else if (const auto *cpu = std::get_if<CpuMax>(&*value); cpu != nullptr && cpu->quota) {
            const double share = static_cast<double>(cpu->quota->count()) / static_cast<double>(cpu->period.count());
            figure = {metric, CellState::Value, 0, share * 100};
        }
        (void)m_table.put(figure, row, {});
    }
}

void Sweep::markGone(std::size_t row)
{
    m_rows[row].gone = true;
    closeFiles(row);
    for (const MetricInfo &info : metricTable())
        m_table.mark(info.metric, row, CellState::Absent);
}

void Sweep::closeFiles(std::size_t row)
{
    for (auto &column : m_slots) {
        if (column[row].fd < 0)
            continue;
        ::close(std::exchange(column[row].fd, -1));
        --m_kept;
    }
    m_rows[row].keptFiles = 0;
}

NodeDetail Sweep::detail(std::size_t row)
{
    NodeDetail out;
    out.node = m_ids[row];
    for (const MetricInfo &info : metricTable()) {
        MetricValue value{.metric = info.metric, .state = m_table.state(info.metric, row), .error = {}};
        if (value.state == CellState::Value) {
            if (info.integral)
                value.integer = m_table.integer(info.metric, row);
            else
                value.real = m_table.real(info.metric, row);
        } else if (value.state == CellState::Unreadable) {
            value.error = errorOf(info.metric, row);
        }
        out.values.push_back(std::move(value));
    }
    if (row == 0) {
        out.devices = m_host.devices();
    } else if (const auto found = m_devices.find(row); found != m_devices.end()) {
        for (const auto &[number, io] : found->second)
            out.devices.push_back({number, m_blockDevices.find(number).name, io.readBytes, io.writeBytes,
                                   io.readOperations, io.writeOperations});
    }
    return out;
}

std::optional<Error> Sweep::errorOf(Metric metric, std::size_t row) const
{
    if (row == 0) {
        const Error *error = m_host.error(metric);
        return error == nullptr ? std::nullopt : std::optional<Error>(*error);
    }
    const auto gives = [metric](std::size_t file) {
        if (file == freezerErrorFile())
            return metric == Metric::FreezerState;
        if (file > freezerErrorFile())
            return kDetailLimits.at(file - limitErrorFile(0)).first == metric;
        return std::ranges::any_of(files()[file].keys, [metric](const cgroup::CounterKey &key) {
            return key.metric == metric || rateOf(key.metric) == metric;
        });
    };
    for (auto it = m_errors.lower_bound({row, 0}); it != m_errors.end() && it->first.first == row; ++it)
        if (gives(it->first.second))
            return it->second;
    return std::nullopt;
}

} // namespace gantry::sampler
