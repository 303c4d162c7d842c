// SPDX-License-Identifier: GPL-3.0-or-later
// The reading half of Sweep: one file of one row, and what is made of a failure.
#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limits.h"
#include "engine/sampler/sweep.h"

#include <algorithm>
#include <array>

#include <climits>
#include <fcntl.h>
#include <unistd.h>

namespace gantry::sampler {

namespace {

using cgroup::Cadence;
using cgroup::CounterShape;

/// Numbers after those of the counter files, for the errors of what is read in another way.
std::size_t freezerErrorFile()
{
    return cgroup::counterFiles().size();
}
std::size_t peakErrorFile()
{
    return cgroup::counterFiles().size() + 1;
}
std::size_t limitErrorFile(std::size_t limit)
{
    return cgroup::counterFiles().size() + 2 + limit;
}

bool isAbsence(int err)
{
    // EOPNOTSUPP: pressure is switched off; ENOTSUP is the same number and also means "no counterpart on v1".
    return err == ENOENT || err == ENODEV || err == EOPNOTSUPP;
}

} // namespace

int Sweep::openFile(std::size_t file, std::size_t row)
{
    const cgroup::Hierarchy &hierarchy = *m_places.of(file, node(row));
    const std::string &path = node(row).path.text();
    const std::string_view name = cgroup::counterFiles()[file].name;
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

const cgroup::Hierarchy *Sweep::memoryOf(std::size_t row) const
{
    const cgroup::Hierarchy *memory = m_places.hierarchies().forController("memory");
    return memory != nullptr && node(row).in(memory->index) ? memory : nullptr;
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
    if (opened && m_kept < m_mostKept && isReadEachTick(m_rows[row], cgroup::counterFiles()[file].cadence)) {
        at.fd = opened.release();
        ++m_kept;
        ++m_rows[row].keptFiles;
    }
}

void Sweep::store(std::size_t file, std::size_t row)
{
    if (const auto parsed = cgroup::parseCounters(cgroup::counterFiles()[file], m_text, m_figures); !parsed) {
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
    if (cgroup::counterFiles()[file].cadence == Cadence::Core)
        m_rows[row].changed = m_rows[row].changed || changed;
    if (!m_errors.empty())
        m_errors.erase({row, file});
}

void Sweep::sumDevices(std::size_t file, std::size_t row)
{
    const CounterShape shape = cgroup::counterFiles()[file].shape;
    if (shape != CounterShape::IoStat && shape != CounterShape::BlkioBytes && shape != CounterShape::BlkioOperations)
        return;
    const bool bytes = shape != CounterShape::BlkioOperations;
    const bool operations = shape != CounterShape::BlkioBytes;
    if (m_rows[row].detail)
        keepDevices(row, bytes, operations);
    cgroup::DeviceTraffic sum;
    for (const cgroup::DeviceTraffic &device : m_figures.devices) {
        // The traffic of a device that stands on others is there once more.
        if (!m_blockDevices.find(device.device).stacked)
            sum += device;
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

void Sweep::keepDevices(std::size_t row, bool bytes, bool operations)
{
    // What the kernel tells of no more was unplugged.
    auto before = std::exchange(m_devices[row], {});
    for (const cgroup::DeviceTraffic &device : m_figures.devices) {
        cgroup::DeviceTraffic &kept = m_devices[row][device.device];
        kept = before[device.device];
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
    for (const cgroup::CounterKey &key : cgroup::counterFiles()[file].keys)
        (void)m_table.put({key.metric, state}, row, {});
    if (!at.missing && m_rows[row].detail)
        m_errors.insert_or_assign(
            Key{row, file},
            failErrno("read", strCat(node(row).path.text(), '/', cgroup::counterFiles()[file].name), err).error());
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

void Sweep::readIntervalPeaks()
{
    std::vector<NodeId> ids;
    for (const std::uint32_t row : due(Cadence::Detail))
        ids.push_back(m_ids[row]);
    m_peaks.keep(ids);
    for (const std::uint32_t row : due(Cadence::Detail)) {
        const cgroup::Hierarchy *memory = memoryOf(row);
        if (m_rows[row].gone || memory == nullptr)
            continue;
        const Key key{row, peakErrorFile()};
        m_errors.erase(key);
        const auto peak = m_peaks.take(*memory, node(row));
        if (peak && *peak) {
            (void)m_table.put({Metric::MemoryIntervalPeak, CellState::Value, **peak}, row, {});
        } else if (peak) {
            m_table.mark(Metric::MemoryIntervalPeak, row, CellState::NotYet);
        } else if (isAbsence(peak.error().posix()) || cgroup::isGone(peak.error())) {
            m_table.mark(Metric::MemoryIntervalPeak, row, CellState::Absent);
        } else {
            m_table.mark(Metric::MemoryIntervalPeak, row, CellState::Unreadable);
            m_errors.insert_or_assign(key, peak.error());
        }
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
            out.devices.push_back({io, m_blockDevices.find(number).name});
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
        if (file == peakErrorFile())
            return metric == Metric::MemoryIntervalPeak;
        if (file > peakErrorFile())
            return kDetailLimits.at(file - limitErrorFile(0)).first == metric;
        return std::ranges::any_of(cgroup::counterFiles()[file].keys, [metric](const cgroup::CounterKey &key) {
            return key.metric == metric || rateOf(key.metric) == metric;
        });
    };
    for (auto it = m_errors.lower_bound({row, 0}); it != m_errors.end() && it->first.first == row; ++it)
        if (gives(it->first.second))
            return it->second;
    return std::nullopt;
}

} // namespace gantry::sampler
