// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/limit_model.h"

#include "engine/proto/convert.h"
#include "widgets/models/column_header.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QFont>
#include <QGuiApplication>

#include <algorithm>
#include <array>

namespace gantry {

namespace {

std::optional<LimitValue> configured(const v1::LimitRow &row)
{
    return row.has_configured() ? valueOf(row.configured()) : std::nullopt;
}

QString configuredText(const LimitRowData &data)
{
    if (const auto value = configured(data.row)) {
        const bool empty = *value == LimitValue(std::string());
        const QString shown = empty && limitInfo(data.key).shape == LimitShape::NumberList
                                  ? LimitModel::tr("of the parent", "CPUs or memory nodes without a list of their own")
                                  : text::limitValue(data.key, *value);
        return data.row.not_in_force().empty() ? shown : LimitModel::tr("%1 (not in force)").arg(shown);
    }
    return text::cell(Metric::None, Cell{data.row.state(), 0, 0});
}

QString effectiveText(const LimitRowData &data)
{
    const auto value = data.row.has_effective() ? valueOf(data.row.effective()) : std::nullopt;
    if (value)
        return text::limitValue(data.key, *value);
    // Nothing caps it; only what guarantees or weighs cannot be endless, and what could not be read is not known.
    const LimitRole role = limitInfo(data.key).role;
    const bool caps = limitInfo(data.key).unlimited && (role == LimitRole::Soft || role == LimitRole::Hard);
    return caps && data.row.state() != v1::CELL_STATE_UNREADABLE ? text::unlimited() : text::absent();
}

QString usageText(const LimitRowData &data)
{
    if (!data.row.has_usage())
        return text::absent();
    return limitInfo(data.key).shape == LimitShape::ByteSize ? text::bytes(data.row.usage())
                                                             : text::count(data.row.usage());
}

QString tip(const LimitRowData &data, int column, const QString &readOnlyReason)
{
    const v1::LimitRow &row = data.row;
    if (column == LimitModel::New) {
        if (!readOnlyReason.isEmpty())
            return readOnlyReason;
        return row.not_settable_reason().empty() ? text::limitDescription(data.key)
                                                 : text::utf8(row.not_settable_reason());
    }
    if (column == LimitModel::Configured && !data.changedOutside.isEmpty())
        return LimitModel::tr("Changed outside Gantry by %1").arg(data.changedOutside);
    if (column == LimitModel::Configured && !row.not_in_force().empty())
        return text::utf8(row.not_in_force());
    if (column == LimitModel::Effective && !row.manager_effective().empty())
        return text::utf8(row.manager_effective());
    if (column == LimitModel::Configured && row.has_failure())
        return text::errorSentence(row.failure());
    if (column == LimitModel::Configured && !configured(row))
        return text::cellHint(Cell{row.state(), 0, 0});
    if (column == LimitModel::File && !row.route().empty())
        return LimitModel::tr("Set through %1", "systemd and its unit, or a container").arg(text::utf8(row.route()));
    if (column == LimitModel::File)
        return text::utf8(row.mapping());
    return column == LimitModel::Name ? text::limitDescription(data.key) : QString();
}

/// What is shown even where the kernel has no such file, with the reason why. The others depend on how the kernel was
/// built.
bool isEssential(LimitKey key)
{
    constexpr std::array kEssential{LimitKey::MemoryMin,     LimitKey::MemoryLow, LimitKey::MemoryHigh,
                                    LimitKey::MemoryMax,     LimitKey::CpuWeight, LimitKey::CpuMax,
                                    LimitKey::MemorySwapMax, LimitKey::IoMax,     LimitKey::PidsMax};
    return std::ranges::find(kEssential, key) != kEssential.end();
}

} // namespace

int LimitModel::keyOf(const LimitRowData &row) const
{
    return static_cast<int>(row.key);
}

void LimitModel::setLimits(const v1::ListLimitsReply &limits)
{
    const bool sameNode = limits.node_id() == m_nodeId;
    if (!sameNode)
        clear();
    m_nodeId = limits.node_id();
    std::vector<LimitRowData> fresh;
    for (const v1::LimitRow &row : limits.rows()) {
        const auto key = limitKeyByName(row.key());
        if (!key) // of a newer engine
            continue;
        if (row.state() == v1::CELL_STATE_ABSENT && !isEssential(*key))
            continue;
        LimitRowData data{row, *key, std::nullopt, {}};
        if (const int at = rowOf(static_cast<int>(*key)); at >= 0) {
            const LimitRowData &before = rowAt(at);
            data.pending = before.pending;
            const bool changed = configured(before.row) != configured(row);
            data.changedOutside = changed ? tr("another program") : before.changedOutside;
        }
        fresh.push_back(std::move(data));
    }
    replaceAll(std::move(fresh));
}

void LimitModel::clear()
{
    const bool had = hasPending();
    m_nodeId = 0;
    replaceAll({});
    if (had)
        Q_EMIT pendingChanged();
}

void LimitModel::setReadOnlyReason(const QString &reason)
{
    m_readOnlyReason = reason;
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

void LimitModel::applied(const v1::SetLimitsReply &reply)
{
    if (reply.node_id() != m_nodeId)
        return;
    for (const v1::LimitChange &change : reply.changes()) {
        const auto key = limitKeyByName(change.key());
        const int at = key ? rowOf(static_cast<int>(*key)) : -1;
        if (at < 0)
            continue;
        LimitRowData data = rowAt(at);
        *data.row.mutable_configured() = change.new_value();
        data.row.set_state(change.new_value().has_max() ? v1::CELL_STATE_UNLIMITED : v1::CELL_STATE_VALUE);
        *data.row.mutable_effective() = change.effective();
        data.row.set_limiting_path(change.limiting_path());
        data.pending.reset();
        data.changedOutside.clear();
        update(std::move(data));
    }
    Q_EMIT pendingChanged();
}

void LimitModel::markChangedOutside(const QString &key, const QString &who)
{
    const auto known = limitKeyByName(key.toStdString());
    const int at = known ? rowOf(static_cast<int>(*known)) : -1;
    if (at < 0)
        return;
    LimitRowData data = rowAt(at);
    data.changedOutside = who;
    update(std::move(data));
}

Result<> LimitModel::setPending(LimitKey key, const QString &typed)
{
    const int at = rowOf(static_cast<int>(key));
    if (at < 0)
        return fail(ENOENT, "set", limitInfo(key).name, "not a limit of this cgroup");
    LimitRowData data = rowAt(at);
    const LimitValue value = GANTRY_TRY(parseLimitValue(key, typed.toStdString()));
    const bool same = configured(data.row) == std::optional(value);
    data.pending = same ? std::nullopt : std::optional(value);
    update(std::move(data));
    Q_EMIT pendingChanged();
    return {};
}

void LimitModel::revert()
{
    for (int row = 0; row < rowCount(); ++row) {
        LimitRowData data = rowAt(row);
        if (data.pending) {
            data.pending.reset();
            update(std::move(data));
        }
    }
    Q_EMIT pendingChanged();
}

bool LimitModel::hasPending() const
{
    return std::ranges::any_of(rows(), [](const LimitRowData &data) { return data.pending.has_value(); });
}

v1::SetLimitsRequest LimitModel::request() const
{
    v1::SetLimitsRequest request;
    request.mutable_target()->set_node_id(m_nodeId);
    for (const LimitRowData &data : rows()) {
        if (!data.pending)
            continue;
        v1::LimitSetting &setting = *request.add_settings();
        setting.set_key(std::string(limitInfo(data.key).name));
        *setting.mutable_value() = toMessage(*data.pending);
    }
    return request;
}

void LimitModel::update(LimitRowData row)
{
    std::vector<LimitRowData> one;
    one.push_back(std::move(row));
    upsert(std::move(one));
}

int LimitModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString LimitModel::display(const LimitRowData &row, int column) const
{
    switch (column) {
    case Name:
        return LimitModel::tr("%1 (%2)", "limit, its file").arg(text::limitLabel(row.key), text::utf8(row.row.key()));
    case Configured:
        return row.changedOutside.isEmpty() ? configuredText(row)
                                            : tr("%1 (changed outside)", "limit value").arg(configuredText(row));
    case New:
        return row.pending ? text::limitValue(row.key, *row.pending) : QString();
    case Effective:
        return effectiveText(row);
    case LimitedBy:
        return row.row.limiting_path().empty() ? text::absent() : text::utf8(row.row.limiting_path());
    case InUse:
        return usageText(row);
    case File:
        return text::utf8(row.row.file().empty() ? row.row.key() : row.row.file());
    default:
        return {};
    }
}

QVariant LimitModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const LimitRowData &row = rowAt(index.row());
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return display(row, column);
    case Qt::EditRole: {
        const auto value = row.pending ? row.pending : configured(row.row);
        return column == New && value ? text::limitInput(row.key, *value) : QString();
    }
    case Qt::ToolTipRole:
        return tip(row, column, m_readOnlyReason);
    case Qt::TextAlignmentRole:
        return cellAlignment(column == Configured || column == New || column == Effective || column == InUse);
    case Qt::FontRole:
        if (row.pending && column == New) {
            QFont bold;
            bold.setBold(true);
            return bold;
        }
        return {};
    case Qt::ForegroundRole:
        if (column == Configured && !row.changedOutside.isEmpty())
            return theme::severity(v1::SEVERITY_WARNING, QGuiApplication::palette());
        return row.row.not_settable_reason().empty() ? QVariant() : QVariant(theme::muted(QGuiApplication::palette()));
    case SortRole:
        return column == Name ? QVariant(static_cast<int>(row.key)) : QVariant(display(row, column));
    case IdRole:
        return static_cast<quint64>(row.key);
    case FilterTextRole:
        return QStringList{display(row, Name), display(row, LimitedBy), display(row, File)}.join(QLatin1Char('\n'));
    case PathRole:
        return text::utf8(row.row.limiting_path());
    default:
        return {};
    }
}

bool LimitModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid) || index.column() != New)
        return false;
    const LimitKey key = rowAt(index.row()).key;
    if (const auto done = setPending(key, value.toString()); !done) {
        Q_EMIT editRefused(key, text::errorSentence(done.error()));
        return false;
    }
    return true;
}

QVariant LimitModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Limit"),      QT_TR_NOOP("Configured"), QT_TR_NOOP("New value"),
                                        QT_TR_NOOP("Effective"),  QT_TR_NOOP("Limited by"), QT_TR_NOOP("In use"),
                                        QT_TR_NOOP("Kernel file")};
    const bool isNumber = section == Configured || section == New || section == Effective || section == InUse;
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, isNumber);
}

Qt::ItemFlags LimitModel::flags(const QModelIndex &index) const
{
    const Qt::ItemFlags plain = KeyedTable::flags(index);
    if (!index.isValid() || index.column() != New || !m_readOnlyReason.isEmpty() ||
        !rowAt(index.row()).row.not_settable_reason().empty())
        return plain;
    return plain | Qt::ItemIsEditable;
}

} // namespace gantry
