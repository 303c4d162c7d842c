// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/oomd_model.h"

#include "engine/base/strings.h"
#include "widgets/models/column_header.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"

#include <QGuiApplication>

#include <algorithm>
#include <array>

namespace gantry {

namespace {

bool isOver(const v1::OomdState::Watched &row)
{
    return row.now_percent() >= row.limit_percent();
}

QString reasonText(const v1::OomdState::Watched &row)
{
    if (row.reason() == "swap")
        return OomdWatchedModel::tr("swap used", "what systemd-oomd watches");
    return row.reason() == "memory-pressure" ? OomdWatchedModel::tr("memory pressure", "what systemd-oomd watches")
                                             : text::utf8(row.reason());
}

QString firstToGo(const v1::OomdState::Watched &row)
{
    const auto &candidates = row.candidates();
    const auto first = std::ranges::find_if(candidates, [](const auto &one) { return one.preference() != "omit"; });
    return first == candidates.end() ? text::absent() : text::utf8(first->cgroup_path());
}

QString preferenceText(const v1::OomdState::Candidate &candidate)
{
    if (candidate.preference() == "avoid")
        return OomdCandidateModel::tr("avoid", "ManagedOOMPreference=");
    if (candidate.preference() == "omit")
        return OomdCandidateModel::tr("never killed", "ManagedOOMPreference=omit");
    return candidate.preference() == "none" ? QString() : text::utf8(candidate.preference());
}

QString watchedText(const v1::OomdState::Watched &row, int column)
{
    switch (column) {
    case OomdWatchedModel::Cgroup:
        return text::utf8(row.cgroup_path());
    case OomdWatchedModel::Reason:
        return reasonText(row);
    case OomdWatchedModel::LimitPercent:
        return text::percent(row.limit_percent());
    case OomdWatchedModel::NowPercent:
        return text::percent(row.now_percent());
    case OomdWatchedModel::State:
        return isOver(row) ? OomdWatchedModel::tr("at or above the limit") : OomdWatchedModel::tr("below the limit");
    case OomdWatchedModel::First:
        return firstToGo(row);
    default:
        return {};
    }
}

QString candidateText(const OomdCandidateRow &row, int column)
{
    const v1::OomdState::Candidate &candidate = row.candidate;
    switch (column) {
    case OomdCandidateModel::Rank:
        return text::count(static_cast<std::uint64_t>(row.rank));
    case OomdCandidateModel::Cgroup:
        return text::utf8(candidate.cgroup_path());
    case OomdCandidateModel::Scanned:
        return text::count(candidate.pgscan());
    case OomdCandidateModel::Swap:
        return text::bytes(candidate.swap_bytes());
    case OomdCandidateModel::Memory:
        return text::bytes(candidate.memory_bytes());
    case OomdCandidateModel::Preference:
        return preferenceText(candidate);
    case OomdCandidateModel::Kills:
        return text::count(candidate.kills());
    default:
        return {};
    }
}

QVariant candidateSortValue(const OomdCandidateRow &row, int column)
{
    const auto number = [](std::uint64_t value) { return QVariant(static_cast<qulonglong>(value)); };
    switch (column) {
    case OomdCandidateModel::Rank:
        return row.rank;
    case OomdCandidateModel::Scanned:
        return number(row.candidate.pgscan());
    case OomdCandidateModel::Swap:
        return number(row.candidate.swap_bytes());
    case OomdCandidateModel::Memory:
        return number(row.candidate.memory_bytes());
    case OomdCandidateModel::Kills:
        return number(row.candidate.kills());
    default:
        return candidateText(row, column);
    }
}

bool isNumber(int candidateColumn)
{
    return candidateColumn != OomdCandidateModel::Cgroup && candidateColumn != OomdCandidateModel::Preference;
}

} // namespace

std::string OomdWatchedModel::keyOf(const v1::OomdState::Watched &row) const
{
    return strCat(row.reason(), " ", row.cgroup_path());
}

void OomdWatchedModel::setState(const v1::OomdState &state)
{
    replaceAll({state.watched().begin(), state.watched().end()});
}

int OomdWatchedModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant OomdWatchedModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const v1::OomdState::Watched &row = rowAt(index.row());
    const bool isPercent = index.column() == LimitPercent || index.column() == NowPercent;
    switch (role) {
    case Qt::DisplayRole:
        return watchedText(row, index.column());
    case Qt::TextAlignmentRole:
        return cellAlignment(isPercent);
    case Qt::ForegroundRole:
        return index.column() == State && isOver(row)
                   ? QVariant(theme::severity(v1::SEVERITY_CRITICAL, QGuiApplication::palette()))
                   : QVariant();
    case SortRole:
        if (isPercent)
            return index.column() == LimitPercent ? row.limit_percent() : row.now_percent();
        return watchedText(row, index.column());
    case PathRole:
        return text::utf8(row.cgroup_path());
    case FilterTextRole:
        return QStringList{watchedText(row, Cgroup), watchedText(row, Reason), watchedText(row, First)}.join(u'\n');
    default:
        return {};
    }
}

QVariant OomdWatchedModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Watched cgroup"), QT_TR_NOOP("Watches"),
                                        QT_TR_NOOP("Limit"),          QT_TR_NOOP("Now"),
                                        QT_TR_NOOP("State"),          QT_TR_NOOP("First to go")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role,
                        section == LimitPercent || section == NowPercent);
}

std::string OomdCandidateModel::keyOf(const OomdCandidateRow &row) const
{
    return row.candidate.cgroup_path();
}

void OomdCandidateModel::setCandidates(const v1::OomdState::Watched &watched)
{
    std::vector<OomdCandidateRow> rows;
    for (const v1::OomdState::Candidate &candidate : watched.candidates())
        rows.push_back({static_cast<int>(rows.size()) + 1, candidate});
    replaceAll(std::move(rows));
}

int OomdCandidateModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant OomdCandidateModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const OomdCandidateRow &row = rowAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return candidateText(row, index.column());
    case Qt::TextAlignmentRole:
        return cellAlignment(isNumber(index.column()));
    case SortRole:
        return candidateSortValue(row, index.column());
    case PathRole:
        return text::utf8(row.candidate.cgroup_path());
    case FilterTextRole:
        return QStringList{candidateText(row, Cgroup), candidateText(row, Preference)}.join(u'\n');
    default:
        return {};
    }
}

QVariant OomdCandidateModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{
        QT_TR_NOOP("Order"),       QT_TR_NOOP("Candidate"),  QT_TR_NOOP("Pages scanned"), QT_TR_NOOP("Swap used"),
        QT_TR_NOOP("Memory used"), QT_TR_NOOP("Preference"), QT_TR_NOOP("Kills so far")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, isNumber(section));
}

} // namespace gantry
