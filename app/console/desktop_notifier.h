// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QObject>

#include "app/console/notification_policy.h"
#include "engine/base/ids.h"

#include <memory>

QT_FORWARD_DECLARE_CLASS(QMenu)
QT_FORWARD_DECLARE_CLASS(QSystemTrayIcon)

namespace gantry::console {

/// Tells the desktop about alerts: org.freedesktop.Notifications where there is a session bus, with Show and
/// Acknowledge; a message of the tray icon where there is only a tray; nothing elsewhere (the panel has them all). The
/// tray icon shows the worst open alert. Thread: GUI.
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
    void setWorst(v1::Severity worst, int openCount);

Q_SIGNALS:
    void showRequested(gantry::NodeId node);
    void acknowledgeRequested(quint64 alertId);
    /// The tray icon was clicked.
    void raiseRequested();

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
    std::unique_ptr<QSystemTrayIcon> m_tray;
};

} // namespace gantry::console
