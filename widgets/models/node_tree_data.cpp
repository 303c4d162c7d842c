// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/node_tree_data.h"

#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QGuiApplication>

#include <limits>

namespace gantry {

namespace {

using Tree = NodeTreeModel;

bool isFrozen(v1::FreezerState state)
{
    return state == v1::FREEZER_STATE_FROZEN || state == v1::FREEZER_STATE_FROZEN_BY_ANCESTOR ||
           state == v1::FREEZER_STATE_FREEZING;
}

bool hasEnded(const NodeRecord &record)
{
    const v1::ContainerState state = record.node.container().state();
    return state == v1::CONTAINER_STATE_EXITED || state == v1::CONTAINER_STATE_CREATED;
}

/// Whether the runtime knows better than the kernel what a container does.
bool hasOwnState(const NodeRecord &record)
{
    const v1::ContainerState state = record.node.container().state();
    return state != v1::CONTAINER_STATE_UNSPECIFIED && state != v1::CONTAINER_STATE_RUNNING;
}

QString stateText(const NodeRecord &record)
{
    return hasOwnState(record) ? text::containerState(record.node.container().state())
                               : text::freezerState(record.freezer());
}

Usage usageOf(const NodeRecord &record)
{
    return {record.cell(Metric::MemoryCurrent), record.cell(Metric::MemoryHigh), record.cell(Metric::MemoryMax)};
}

QString pidsText(const NodeRecord &record)
{
    const Cell &current = record.cell(Metric::PidsCurrent);
    if (record.node.has_namespace_())
        return text::count(record.node.namespace_().member_count());
    return text::cell(Metric::PidsCurrent, current);
}

QString display(const NodeRecord &record, int column)
{
    switch (column) {
    case Tree::Name:
        return record.title;
    case Tree::Pids:
        return pidsText(record);
    case Tree::State:
        return stateText(record);
    case Tree::Alerts:
        return record.badge.count == 0 ? QString() : text::count(static_cast<std::uint64_t>(record.badge.count));
    default:
        return text::cell(metricOf(column), record.cell(metricOf(column)));
    }
}

QString nameTip(const NodeRecord &record)
{
    const v1::Node &node = record.node;
    if (node.has_cgroup()) {
        const QString path = text::utf8(node.cgroup().path());
        const std::string &reason = node.cgroup().protected_reason();
        return reason.empty() ? path : NodeTreeModel::tr("%1\nProtected: %2").arg(path, text::utf8(reason));
    }
    if (node.has_container()) {
        const v1::ContainerDetail &container = node.container();
        return NodeTreeModel::tr("Runtime: %1\nId: %2\nCgroup: %3")
            .arg(text::utf8(container.runtime()), text::utf8(container.id()), text::utf8(container.cgroup_path()));
    }
    if (node.has_namespace_() && node.namespace_().member_count() > 0)
        return NodeTreeModel::tr("First process: %1 (%2)")
            .arg(text::utf8(node.namespace_().first_comm()))
            .arg(node.namespace_().first_pid());
    return {};
}

QString toolTip(const NodeRecord &record, int column)
{
    switch (column) {
    case Tree::Name:
        return nameTip(record);
    case Tree::Memory:
        return NodeTreeModel::tr("In use: %1\nSoft limit: %2\nHard limit: %3")
            .arg(text::cell(Metric::MemoryCurrent, record.cell(Metric::MemoryCurrent)),
                 text::cell(Metric::MemoryHigh, record.cell(Metric::MemoryHigh)),
                 text::cell(Metric::MemoryMax, record.cell(Metric::MemoryMax)));
    case Tree::Pids:
        return NodeTreeModel::tr("Limit: %1").arg(text::cell(Metric::PidsMax, record.cell(Metric::PidsMax)));
    case Tree::State:
        return record.freezer() == v1::FREEZER_STATE_FROZEN_BY_ANCESTOR
                   ? NodeTreeModel::tr("Frozen because a cgroup above it is: thaw it there.")
                   : QString();
    case Tree::Alerts:
        return record.badge.count == 0
                   ? QString()
                   : NodeTreeModel::tr("%n open alert(s) here and below", nullptr, record.badge.count);
    default:
        return text::cellHint(record.cell(metricOf(column)));
    }
}

QStringView groupIcon(Tree::Grouping group)
{
    switch (group) {
    case Tree::Grouping::Pods:
        return u"pod";
    case Tree::Grouping::Labels:
        return u"label";
    case Tree::Grouping::Slices:
        return u"cgroup";
    case Tree::Grouping::Users:
        return u"user";
    default:
        return u"container";
    }
}

QStringView iconName(const NodeRecord &record)
{
    // Also where the column of states is out of sight, and not by colour alone.
    if (isFrozen(record.freezer()))
        return u"freeze";
    if (hasEnded(record))
        return u"stop";
    if (const auto group = groupKind(record.id()))
        return groupIcon(*group);
    const v1::Node &node = record.node;
    switch (node.kind()) {
    case v1::NODE_KIND_HOST:
        return u"host";
    case v1::NODE_KIND_CONTAINER:
        return u"container";
    case v1::NODE_KIND_CGROUP:
        return node.cgroup().container_id() != 0 ? u"container" : u"cgroup";
    default:
        return u"namespace";
    }
}

QString path(const NodeRecord &record)
{
    if (record.node.has_cgroup())
        return text::utf8(record.node.cgroup().path());
    return record.node.has_container() ? text::utf8(record.node.container().cgroup_path()) : QString();
}

QVariant sortValue(const NodeRecord &record, int column)
{
    if (column == Tree::Name)
        return record.title;
    const double number = nodeSortNumber(record, column);
    return std::isnan(number) ? QVariant() : QVariant(number);
}

QVariant foreground(const NodeRecord &record, int column, bool stale)
{
    const QPalette palette = QGuiApplication::palette();
    const bool hasCell = metricOf(column) != Metric::None && column != Tree::Pids;
    const bool isAside = hasEnded(record) || record.node.container().infrastructure();
    if (stale || isAside || (hasCell && !record.cell(metricOf(column)).hasValue()))
        return theme::muted(palette);
    return isFrozen(record.freezer()) ? QVariant(theme::frozen(palette)) : QVariant();
}

} // namespace

Metric metricOf(int column)
{
    switch (column) {
    case Tree::Memory:
        return Metric::MemoryCurrent;
    case Tree::Cpu:
        return Metric::CpuUsageRate;
    case Tree::IoRead:
        return Metric::IoReadRate;
    case Tree::IoWrite:
        return Metric::IoWriteRate;
    case Tree::PressureMemory:
        return Metric::PressureMemorySomeAvg10;
    case Tree::PressureCpu:
        return Metric::PressureCpuSomeAvg10;
    case Tree::PressureIo:
        return Metric::PressureIoSomeAvg10;
    case Tree::Pids:
        return Metric::PidsCurrent;
    default:
        return Metric::None;
    }
}

double nodeSortNumber(const NodeRecord &record, int column)
{
    switch (column) {
    case Tree::State:
        // Below every state of the freezer: what does not run.
        return hasOwnState(record) ? -static_cast<double>(record.node.container().state())
                                   : static_cast<double>(record.freezer());
    case Tree::Alerts:
        return record.badge.count + 1e6 * static_cast<int>(record.badge.worst);
    case Tree::Pids:
        if (record.node.has_namespace_())
            return record.node.namespace_().member_count();
        break;
    default:
        break;
    }
    const MetricInfo *info = metricInfo(metricOf(column));
    return info == nullptr ? std::numeric_limits<double>::quiet_NaN() : record.cell(info->metric).number(*info);
}

QVariant nodeData(const NodeRecord &record, int column, int role, bool stale)
{
    switch (role) {
    case Qt::DisplayRole:
        return display(record, column);
    case Qt::ToolTipRole:
        return toolTip(record, column);
    case Qt::DecorationRole:
        return column == Tree::Name ? QVariant(theme::icon(iconName(record), QGuiApplication::palette())) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(column == Tree::Name || column == Tree::State ? Qt::AlignLeft | Qt::AlignVCenter
                                                                                 : Qt::AlignRight | Qt::AlignVCenter);
    case Qt::ForegroundRole:
        return foreground(record, column, stale);
    case Qt::AccessibleTextRole:
        return NodeTreeModel::tr("%1: %2", "column: value")
            .arg(nodeHeader(column, Qt::DisplayRole).toString(), display(record, column));
    case SortRole:
        return sortValue(record, column);
    case IdRole:
        return static_cast<quint64>(record.node.id());
    case KindRole:
        return static_cast<int>(record.node.kind());
    case UsageRole:
        return column == Tree::Memory ? QVariant::fromValue(usageOf(record)) : QVariant();
    case BadgeRole:
        return QVariant::fromValue(record.badge);
    case SeverityRole:
        return static_cast<int>(record.badge.worst);
    case FilterTextRole:
        return record.filterText;
    case PathRole:
        return path(record);
    case FrozenRole:
        return isFrozen(record.freezer());
    case StateRole:
        return static_cast<int>(record.freezer());
    default:
        return {};
    }
}

QVariant nodeHeader(int column, int role)
{
    struct Title
    {
        const char *text;
        const char *tip;
    };
    static constexpr std::array<Title, Tree::ColumnCount> kTitles{{
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Name"), nullptr},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Memory"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Memory in use against the soft (tick) and hard (end) limit")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "CPU"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "CPU time used; 100 % is one CPU")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Read"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Bytes read from block devices per second")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Written"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Bytes written to block devices per second")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "PSI memory"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Share of the last 10 s in which some task waited for memory")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "PSI CPU"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Share of the last 10 s in which some task waited for a CPU")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "PSI I/O"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Share of the last 10 s in which some task waited for I/O")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Pids"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Processes and threads")},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "State"), nullptr},
        {QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Alerts"),
         QT_TRANSLATE_NOOP("gantry::NodeTreeModel", "Open alerts here and below")},
    }};
    if (column < 0 || column >= Tree::ColumnCount)
        return {};
    const Title &title = kTitles.at(static_cast<std::size_t>(column));
    if (role == Qt::DisplayRole)
        return NodeTreeModel::tr(title.text);
    if (role == Qt::ToolTipRole && title.tip != nullptr)
        return NodeTreeModel::tr(title.tip);
    if (role == Qt::TextAlignmentRole && column != Tree::Name && column != Tree::State)
        return QVariant::fromValue(Qt::AlignRight | Qt::AlignVCenter);
    return {};
}

} // namespace gantry
