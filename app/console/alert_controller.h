// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/desktop_notifier.h"
#include "app/console/link/host_client.h"
#include "widgets/models/hosts_tree_model.h"

namespace gantry {
class AlertsPanel;
class NodeTreeModel;
} // namespace gantry

namespace gantry::console {

class TrayIcon;

/// Brings alerts to the tree's badges, the panel and the desktop, and what the user decides about them and their rules
/// to the engine. Thread: GUI.
class AlertController : public QObject
{
    Q_OBJECT
public:
    /// @param notify whether the desktop is told. @param tray outlives it.
    AlertController(HostClient &client, NodeTreeModel &tree, AlertsPanel &panel, TrayIcon &tray, HostKey host,
                    bool notify, QObject *parent);
    ~AlertController() override;
    AlertController(const AlertController &) = delete;
    AlertController &operator=(const AlertController &) = delete;
    AlertController(AlertController &&) = delete;
    AlertController &operator=(AlertController &&) = delete;

    /// Whether the desktop is told from now on.
    void setNotify(bool notify) { m_notify = notify; }
    /// Named to the desktop, where the window has several hosts. Empty: it has one.
    void setHostName(const QString &name);

Q_SIGNALS:
    void jumpRequested(gantry::NodeId node);
    /// The user wants to see the window, and in it the alerts.
    void raiseRequested();
    /// A sentence about what the engine refused.
    void failed(const QString &sentence);

private:
    void connectPanel();
    void connectNotifier();
    void tellTray();
    void apply(const v1::AlertUpdate &update);
    void askRules();
    void acknowledge(v1::AcknowledgeRequest request);
    template <class Request, class Reply> void changeRules(const Method<Request, Reply> &method, Request request);

    HostClient &m_client;
    NodeTreeModel &m_tree;
    AlertsPanel &m_panel;
    TrayIcon &m_tray;
    const HostKey m_host;
    QString m_hostName;
    bool m_notify;
    DesktopNotifier m_notifier;
};

} // namespace gantry::console
