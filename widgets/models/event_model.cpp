// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/event_model.h"

#include "widgets/models/column_header.h"
#include "widgets/text/event_text.h"
#include "widgets/text/format.h"

#include <array>

namespace gantry {

namespace {

QString display(const v1::Event &event, int column)
{
    switch (column) {
    case EventModel::Time:
        return text::dateTime(event.realtime_usec());
    case EventModel::Level:
        return text::eventKind(event.kind());
    case EventModel::What:
        return text::eventSentence(event);
    case EventModel::Where:
        return event.cgroup_path().empty() ? text::absent() : text::utf8(event.cgroup_path());
    case EventModel::Who:
        return text::eventActor(event);
    default:
        return {};
    }
}

} // namespace

std::uint64_t EventModel::keyOf(const v1::Event &row) const
{
    return row.sequence();
}

void EventModel::add(const v1::EventBatch &batch)
{
    m_lost += batch.lost();
    upsert({batch.events().begin(), batch.events().end()});
    if (rowCount() <= kMostEvents)
        return;
    // A tenth at once, so that a busy host does not shift the whole table with each event.
    const std::uint64_t oldestKept = rowAt(rowCount() - kMostEvents + kMostEvents / 10).sequence();
    removeWhere([oldestKept](const v1::Event &event) { return event.sequence() < oldestKept; });
}

void EventModel::clear()
{
    m_lost = 0;
    replaceAll({});
}

int EventModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant EventModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const v1::Event &event = rowAt(index.row());
    switch (role) {
    case Qt::ToolTipRole:
        if (event.has_oom())
            return text::eventDetail(event);
        return display(event, index.column());
    case Qt::DisplayRole:
        return display(event, index.column());
    case Qt::TextAlignmentRole:
        return cellAlignment(false);
    case SortRole:
        if (index.column() == Time)
            return static_cast<qulonglong>(event.sequence());
        return display(event, index.column());
    case IdRole:
        return static_cast<quint64>(event.sequence());
    case SeverityRole:
        return static_cast<int>(text::eventSeverity(event));
    case FilterTextRole:
        return QStringList{display(event, Level), display(event, What), display(event, Where), display(event, Who)}
            .join(QLatin1Char('\n'));
    case PathRole:
        return text::utf8(event.cgroup_path());
    default:
        return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Time"), QT_TR_NOOP("Event"), QT_TR_NOOP("What happened"),
                                        QT_TR_NOOP("Where"), QT_TR_NOOP("Who")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, false);
}

} // namespace gantry
