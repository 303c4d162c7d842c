// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "gantry/v1/alerts.pb.h"
#include "widgets/models/hosts_tree_model.h"

#include <map>
#include <memory>

QT_FORWARD_DECLARE_CLASS(QSystemTrayIcon)

namespace gantry::console {

/// A window's icon in the tray: the worst open alert of all its hosts, and how many there are on each. Where the
/// desktop has no tray it only keeps count. Thread: GUI.
class TrayIcon : public QObject
{
    Q_OBJECT
public:
    explicit TrayIcon(QObject *parent = nullptr);
    ~TrayIcon() override;

    /// What is open on a host. @param name in the tool tip; empty: it is the only one.
    void setOpen(HostKey host, const QString &name, v1::Severity worst, int count);
    /// The host is gone.
    void remove(HostKey host);
    /// @return false: there is no tray.
    bool showMessage(HostKey host, const QString &title, const QString &body, v1::Severity severity);

    /// The host that has the worst alert, of several the one that has most of them; none: nothing is open.
    [[nodiscard]] HostKey worstHost() const;
    [[nodiscard]] QString toolTip() const;

Q_SIGNALS:
    /// It was clicked: the alerts of this host are wanted. None: those of any.
    void raiseRequested(gantry::HostKey host);

private:
    struct Open
    {
        QString name;
        v1::Severity worst = v1::SEVERITY_NONE;
        int count = 0;
    };
    [[nodiscard]] v1::Severity worst() const;
    void update();

    std::map<HostKey, Open> m_open;
    HostKey m_told; ///< whose message was shown last
    std::unique_ptr<QSystemTrayIcon> m_icon;
};

} // namespace gantry::console
