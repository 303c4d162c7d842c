// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/checkpoint_model.h"

#include "widgets/models/column_header.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <array>

namespace gantry {

namespace {

constexpr int kShownDigits = 12; ///< of the id: enough to name it

bool isNumber(int column)
{
    return column == CheckpointModel::Processes || column == CheckpointModel::Size ||
           column == CheckpointModel::Fresh || column == CheckpointModel::Stored;
}

QString orAbsent(const std::string &text)
{
    return text.empty() ? text::absent() : text::utf8(text);
}

QString display(const v1::CheckpointInfo &row, int column)
{
    switch (column) {
    case CheckpointModel::Time:
        return text::dateTime(row.realtime_usec());
    case CheckpointModel::Subject:
        return text::utf8(row.subject());
    case CheckpointModel::Name:
        return orAbsent(row.name());
    case CheckpointModel::Processes:
        return text::count(row.processes());
    case CheckpointModel::Size:
        return text::bytes(row.logical_bytes());
    case CheckpointModel::Fresh:
        return text::bytes(row.fresh_bytes());
    case CheckpointModel::Stored:
        return text::bytes(row.stored_bytes());
    case CheckpointModel::Trigger:
        return text::checkpointTrigger(row.trigger());
    case CheckpointModel::Note:
        return orAbsent(row.note());
    case CheckpointModel::Id:
        return text::utf8(row.id()).left(kShownDigits);
    default:
        return {};
    }
}

QVariant sortValue(const v1::CheckpointInfo &row, int column)
{
    switch (column) {
    case CheckpointModel::Time:
        return static_cast<qlonglong>(row.realtime_usec());
    case CheckpointModel::Processes:
        return row.processes();
    case CheckpointModel::Size:
        return static_cast<qulonglong>(row.logical_bytes());
    case CheckpointModel::Fresh:
        return static_cast<qulonglong>(row.fresh_bytes());
    case CheckpointModel::Stored:
        return static_cast<qulonglong>(row.stored_bytes());
    default:
        return display(row, column);
    }
}

} // namespace

std::string CheckpointModel::keyOf(const v1::CheckpointInfo &row) const
{
    return row.id();
}

void CheckpointModel::setList(const v1::ListCheckpointsReply &reply)
{
    replaceAll({reply.checkpoints().begin(), reply.checkpoints().end()});
}

int CheckpointModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CheckpointModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    return cell(rowAt(index.row()), index.column(), role);
}

QVariant CheckpointModel::cell(const v1::CheckpointInfo &row, int column, int role)
{
    switch (role) {
    case Qt::DisplayRole:
        return display(row, column);
    case Qt::ToolTipRole:
        return column == Id ? text::utf8(row.id()) : display(row, column);
    case Qt::TextAlignmentRole:
        return cellAlignment(isNumber(column));
    case SortRole:
        return sortValue(row, column);
    case FilterTextRole: {
        QStringList texts{text::utf8(row.id())};
        for (int shown = 0; shown < ColumnCount; ++shown)
            texts << display(row, shown);
        return texts.join(QLatin1Char('\n'));
    }
    default:
        return {};
    }
}

QVariant CheckpointModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    return header(section, orientation, role);
}

QVariant CheckpointModel::header(int section, Qt::Orientation orientation, int role)
{
    static constexpr std::array kTitles{
        QT_TR_NOOP("Saved"), QT_TR_NOOP("Of"),      QT_TR_NOOP("Name"),    QT_TR_NOOP("Processes"), QT_TR_NOOP("Size"),
        QT_TR_NOOP("New"),   QT_TR_NOOP("On disk"), QT_TR_NOOP("Trigger"), QT_TR_NOOP("Note"),      QT_TR_NOOP("Id")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, isNumber(section));
}

} // namespace gantry
