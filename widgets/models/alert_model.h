// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/keyed_table.h"

#include "gantry/v1/alerts.pb.h"
#include "widgets/models/roles.h"

#include <map>
#include <string>

namespace gantry {

/// Alerts, keyed by their number; names and units come from the rules. Thread: GUI.
class AlertModel final : public KeyedTable<v1::Alert, std::uint64_t>
{
    Q_OBJECT
public:
    enum Column { Level, Rule, Where, Value, Since, State, Note, ColumnCount };

    using KeyedTable::KeyedTable;

    void apply(const v1::AlertUpdate &update);
    void setRules(const v1::RuleList &rules);
    /// Alerts that are neither resolved nor acknowledged.
    [[nodiscard]] int openCount() const;
    /// Worst severity among the open ones; SEVERITY_NONE without any.
    [[nodiscard]] v1::Severity worst() const;

    [[nodiscard]] int columnCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// True for an alert that asks for attention: neither resolved nor acknowledged.
    [[nodiscard]] static bool isOpen(const v1::Alert &alert);

protected:
    [[nodiscard]] std::uint64_t keyOf(const v1::Alert &row) const override;

private:
    [[nodiscard]] QString valueText(const v1::Alert &alert) const;
    [[nodiscard]] QString display(const v1::Alert &alert, int column) const;

    std::map<std::string, v1::AlertRule> m_rules;
};

} // namespace gantry
