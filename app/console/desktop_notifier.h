// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QObject>

#include "app/console/notification_policy.h"
#include "engine/base/ids.h"

QT_FORWARD_DECLARE_CLASS(QMenu)

namespace gantry::console {

/// Tells the desktop about alerts: org.freedesktop.Notifications where there is a session bus, with Show and
/// Acknowledge; elsewhere trayMessageDue(). Thread: GUI.
class DesktopNotifier : public QObject
{
    Q_OBJECT
public:
    explicit DesktopNotifier(QObject *parent = nullptr);
    ~DesktopNotifier() override;

    /// Whose alerts these are, where there are several hosts; empty: there is one.
    void setHostName(const QString &name) { m_host = name; }
    void setRules(const v1::RuleList &rules);
    /// Shows what is due of an update (see NotificationPolicy). @param enabled false: only keeps count.
    void apply(const v1::AlertUpdate &update, bool enabled);

Q_SIGNALS:
    void showRequested(gantry::NodeId node);
    void acknowledgeRequested(quint64 alertId);
    /// There is no session bus: a message of the tray icon has to do.
    void trayMessageDue(const QString &title, const QString &body, gantry::v1::Severity severity);

private Q_SLOTS:
    // Called by name, from the bus.
    void onActionInvoked(uint notification, const QString &action);
    void onNotificationClosed(uint notification, uint reason);

private:
    [[nodiscard]] bool connectBus();
    void show(const v1::Alert &alert);
    void send(const v1::Alert &alert, const QString &title, const QString &body);

    [[nodiscard]] QString ofHost(const QString &text) const;

    NotificationPolicy m_policy;
    QString m_host;
    QMap<QString, QString> m_ruleNames;
    QMap<uint, v1::Alert> m_alertOf; ///< by number of the notification on the bus
    bool m_hasBus = false;
};

} // namespace gantry::console
