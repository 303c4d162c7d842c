// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/alert_model.h"

#include "engine/base/metric.h"
#include "widgets/models/column_header.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

#include <QGuiApplication>

#include <array>

namespace gantry {

namespace {

QString stateText(const v1::Alert &alert)
{
    if (alert.resolved())
        return AlertModel::tr("resolved");
    if (alert.acknowledged())
        return AlertModel::tr("acknowledged by %1").arg(text::utf8(alert.acknowledged_by()));
    return AlertModel::tr("open");
}

} // namespace

bool AlertModel::isOpen(const v1::Alert &alert)
{
    return !alert.resolved() && !alert.acknowledged();
}

std::uint64_t AlertModel::keyOf(const v1::Alert &row) const
{
    return row.id();
}

void AlertModel::apply(const v1::AlertUpdate &update)
{
    std::vector<v1::Alert> alerts(update.alerts().begin(), update.alerts().end());
    if (update.snapshot()) {
        replaceAll(std::move(alerts));
        return;
    }
    const auto &gone = update.removed();
    removeWhere([&gone](const v1::Alert &alert) { return std::ranges::find(gone, alert.id()) != gone.end(); });
    upsert(std::move(alerts));
}

void AlertModel::setRules(const v1::RuleList &rules)
{
    m_rules.clear();
    for (const v1::AlertRule &rule : rules.rules())
        m_rules.emplace(rule.id(), rule);
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int AlertModel::openCount() const
{
    return static_cast<int>(std::ranges::count_if(rows(), &AlertModel::isOpen));
}

v1::Severity AlertModel::worst() const
{
    v1::Severity worst = v1::SEVERITY_NONE;
    for (const v1::Alert &alert : rows()) {
        if (isOpen(alert))
            worst = std::max(worst, alert.severity());
    }
    return worst;
}

int AlertModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString AlertModel::valueText(const v1::Alert &alert) const
{
    const auto it = m_rules.find(alert.rule_id());
    if (it == m_rules.end())
        return text::number(MetricUnit::Number, alert.value());
    if (it->second.source() == v1::ALERT_SOURCE_EVENT)
        return tr("%n time(s)", "how often an alert fired", static_cast<int>(alert.count()));
    const auto metric = metricByNumber(it->second.metric());
    const MetricUnit unit =
        it->second.source() == v1::ALERT_SOURCE_RATIO || !metric ? MetricUnit::Percent : metricInfo(*metric)->unit;
    return tr("%1 (level %2)", "value and the level it crossed")
        .arg(text::number(unit, alert.value()), text::number(unit, alert.level()));
}

QString AlertModel::display(const v1::Alert &alert, int column) const
{
    switch (column) {
    case Level:
        return text::severity(alert.severity());
    case Rule: {
        const auto it = m_rules.find(alert.rule_id());
        return it == m_rules.end() ? text::utf8(alert.rule_id()) : text::ruleName(it->second);
    }
    case Where:
        return text::utf8(alert.cgroup_path());
    case Value:
        return valueText(alert);
    case Since:
        return text::dateTime(alert.raised_realtime_usec());
    case State:
        return stateText(alert);
    case Note:
        return text::utf8(alert.note());
    default:
        return {};
    }
}

QVariant AlertModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const v1::Alert &alert = rowAt(index.row());
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole:
        return display(alert, index.column());
    case Qt::TextAlignmentRole:
        return cellAlignment(index.column() == Value);
    case Qt::ForegroundRole:
        return isOpen(alert) ? QVariant() : QVariant(theme::muted(QGuiApplication::palette()));
    case SortRole:
        if (index.column() == Level) {
            // Open ones before the others, then the worst, then the newest: what just happened is in sight.
            constexpr qlonglong kOpen = 10;
            constexpr int kTimeBits = 56; // of microseconds since 1970
            const qlonglong rank = alert.severity() + (isOpen(alert) ? kOpen : 0);
            return (rank << kTimeBits) + alert.raised_realtime_usec();
        }
        if (index.column() == Since)
            return static_cast<qlonglong>(alert.raised_realtime_usec());
        return index.column() == Value ? QVariant(alert.value()) : QVariant(display(alert, index.column()));
    case IdRole:
        return static_cast<quint64>(alert.id());
    case SeverityRole:
        return static_cast<int>(alert.severity());
    case FilterTextRole: {
        QStringList texts;
        for (int column = 0; column < ColumnCount; ++column)
            texts << display(alert, column);
        return texts.join(QLatin1Char('\n'));
    }
    case PathRole:
        return text::utf8(alert.cgroup_path());
    default:
        return {};
    }
}

QVariant AlertModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static constexpr std::array kTitles{QT_TR_NOOP("Level"), QT_TR_NOOP("Rule"),  QT_TR_NOOP("Where"),
                                        QT_TR_NOOP("Value"), QT_TR_NOOP("Since"), QT_TR_NOOP("State"),
                                        QT_TR_NOOP("Note")};
    return columnHeader(staticMetaObject, kTitles, section, orientation, role, section == Value);
}

} // namespace gantry
