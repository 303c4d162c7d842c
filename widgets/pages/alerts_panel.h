// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "engine/base/ids.h"
#include "gantry/v1/alerts.pb.h"
#include "widgets/models/alert_model.h"

class QListWidget;
class QPushButton;

namespace gantry {

class TablePanel;

/// The alerts, acknowledging, and the rules behind them. Thread: GUI.
class AlertsPanel final : public QWidget
{
    Q_OBJECT
public:
    explicit AlertsPanel(QWidget *parent = nullptr);

    void apply(const v1::AlertUpdate &update);
    void setRules(const v1::RuleList &rules);
    void setReadOnlyReason(const QString &reason);
    /// Open alerts and the worst of them, for a tab, a badge or a tray icon.
    [[nodiscard]] int openCount() const { return m_model.openCount(); }
    [[nodiscard]] v1::Severity worst() const { return m_model.worst(); }
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    /// `user` is left to the window.
    void acknowledgeRequested(const gantry::v1::AcknowledgeRequest &request);
    /// A rule was made, changed, switched on or off.
    void ruleChangeRequested(const gantry::v1::AlertRule &rule);
    void ruleDeleteRequested(const QString &ruleId);
    void jumpRequested(gantry::NodeId id);
    void openCountChanged(int count);

private:
    void acknowledge(const QString &note);
    void askNote();
    void editRule(const v1::AlertRule &rule);
    void askDelete(const v1::AlertRule &rule);
    void openMenu(const QPoint &position);
    void connectAll();
    void updateActions();

    AlertModel m_model;
    v1::RuleList m_rules;
    TablePanel *m_table;
    QListWidget *m_ruleList;
    QPushButton *m_acknowledge;
    QPushButton *m_acknowledgeNote;
    QPushButton *m_newRule;
    QPushButton *m_editRule;
    QPushButton *m_deleteRule;
    QString m_readOnlyReason;
};

} // namespace gantry
