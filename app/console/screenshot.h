// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "app/console/options.h"

namespace gantry::console {

class HostClient;
class MainWindow;

/// Takes one picture of the live window after data has arrived, then ends the program: exit code 0, or 1 with the
/// reason on stderr. Thread: GUI.
class Screenshot : public QObject
{
    Q_OBJECT
public:
    Screenshot(MainWindow &window, const HostClient &client, const Options &options);

private:
    void shoot();
    void giveUp(const QString &reason);

    MainWindow &m_window;
    const HostClient &m_client;
    QString m_file;
    QTimer m_after; ///< from the first frame to the picture
    QTimer m_deadline;
};

} // namespace gantry::console
