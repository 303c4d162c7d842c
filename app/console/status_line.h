// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/link/host_client.h"

QT_FORWARD_DECLARE_CLASS(QLabel)
QT_FORWARD_DECLARE_CLASS(QStatusBar)
QT_FORWARD_DECLARE_CLASS(QToolButton)

namespace gantry::console {

/// What always stands in the status bar: host, link, and a lock with the reason where one may only look. Thread: GUI.
class StatusLine : public QObject
{
    Q_OBJECT
public:
    explicit StatusLine(QStatusBar *bar);

    void setHost(const v1::HostInfo &info);
    void setNodeCount(int count);
    void setLink(const HostClient &client);
    /// Empty hides the lock.
    void setReadOnlyReason(const QString &reason);
    /// Icons again, after the palette changed.
    void updateIcons();
    /// A line that goes after a while.
    void showMessage(const QString &text);

private:
    QStatusBar *m_bar;
    QToolButton *m_lock;
    QLabel *m_nodes;
    QLabel *m_link;
    QLabel *m_host;
};

/// One sentence about the link, for status bar and banner; empty while it is live.
[[nodiscard]] QString linkSentence(const HostClient &client);

} // namespace gantry::console
