// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/process_model.h"

#include "engine/base/rate.h"
#include "widgets/models/column_header.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QGuiApplication>

#include <array>

namespace gantry {

namespace {

std::uint64_t idOf(const v1::Process &process)
{
    return NodeId::process(process.pid(), process.start_ticks()).v;
}

QString display(const ProcessRow &row, int column)
{
    const v1::Process &process = row.process;
    switch (column) {
    case ProcessModel::Pid:
        // Not text::count(): a pid is a name, not an amount.
        return process.inner_pid() == 0 || process.inner_pid() == process.pid()
                   ? QString::number(process.pid())
                   : ProcessModel::tr("%1 (%2 inside)", "pid, pid in its namespace")
                         .arg(process.pid())
                         .arg(process.inner_pid());
    case ProcessModel::Comm:
        return text::utf8(process.comm());
    case ProcessModel::User:
        return text::utf8(process.user());
    case ProcessModel::Cpu:
        return row.cpuPercent ? text::percent(*row.cpuPercent) : QStringLiteral("\u2026");
    case ProcessModel::Memory:
        return process.unreadable_reason().empty() ? text::bytes(process.resident_bytes()) : text::absent();
    case ProcessModel::Threads:
        return text::count(process.threads());
    case ProcessModel::State:
        return text::processState(process.state());
    case ProcessModel::Cgroup:
        return text::utf8(process.cgroup_path());
    case ProcessModel::CommandLine:
        return process.command_line().empty() ? text::absent() : text::utf8(process.command_line());
    default:
        return {};
    }
}

QVariant sortValue(const ProcessRow &row, int column)
{
    switch (column) {
    case ProcessModel::Pid:
        return row.process.pid();
    case ProcessModel::Cpu:
        return row.cpuPercent ? QVariant(*row.cpuPercent) : QVariant();
    case ProcessModel::Memory:
        return static_cast<qulonglong>(row.process.resident_bytes());
    case ProcessModel::Threads:
        return row.process.threads();
    default:
        return display(row, column);
    }
}

bool isNumber(int column)
{
    return column == ProcessModel::Pid || column == ProcessModel::Cpu || column == ProcessModel::Memory ||
           column == ProcessModel::Threads;
}

} // namespace

std::uint64_t ProcessModel::keyOf(const ProcessRow &row) const
{
    return idOf(row.process);
}

void ProcessModel::setProcesses(const v1::ProcessList &list)
{
    const std::uint64_t last = std::exchange(m_monotonicUsec, list.monotonic_usec());
    const std::chrono::microseconds interval(m_monotonicUsec > last && last != 0 ? m_monotonicUsec - last : 0);
    std::vector<ProcessRow> fresh;
    fresh.reserve(static_cast<std::size_t>(list.processes_size()));
    for (const v1::Process &process : list.processes()) {
        ProcessRow row{process, std::nullopt};
        if (const int at = rowOf(idOf(process)); at >= 0) {
            const v1::Process &before = rowAt(at).process;
            const auto rate = perSecond(before.cpu_user_usec() + before.cpu_system_usec(),
                                        process.cpu_user_usec() + process.cpu_system_usec(), interval);
            row.cpuPercent = rate ? std::optional(*rate / 1e4) : std::nullopt; // µs a second of 1e6: percent
        }
        fresh.push_back(std::move(row));
    }
    replaceAll(std::move(fresh));
}

void ProcessModel::clear()
{
    m_monotonicUsec = 0;
    replaceAll({});
}

int ProcessModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ProcessModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const ProcessRow &row = rowAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return display(row, index.column());
    case Qt::ToolTipRole:
        return index.column() == CommandLine ? text::utf8(row.process.command_line())
                                             : text::utf8(row.process.unreadable_reason());
    case Qt::TextAlignmentRole:
        return cellAlignment(isNumber(index.column()));
    case Qt::ForegroundRole:
        return row.process.unreadable_reason().empty() ? QVariant()
                                                       : QVariant(theme::muted(QGuiApplication::palette()));
    case SortRole:
        return sortValue(row, index.column());
    case IdRole:
        return static_cast<quint64>(keyOf(row));
    case FilterTextRole:
        return QStringList{QString::number(row.process.pid()), text::utf8(row.process.comm()),
                           text::utf8(row.process.user()), text::utf8(row.process.command_line()),
                           text::utf8(row.process.cgroup_path())}
            .join(QLatin1Char('\n'));
    case PathRole:
        return text::utf8(row.process.cgroup_path());
    default:
        return {};
    }
}

QVariant ProcessModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Pid"),   QT_TR_NOOP("Program"),  QT_TR_NOOP("User"),
                                        QT_TR_NOOP("CPU"),   QT_TR_NOOP("Resident"), QT_TR_NOOP("Threads"),
                                        QT_TR_NOOP("State"), QT_TR_NOOP("Cgroup"),   QT_TR_NOOP("Command line")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, isNumber(section));
}

} // namespace gantry
