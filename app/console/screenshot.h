// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "app/console/options.h"

namespace gantry::console {

class HostClient;
class MainWindow;

/// Says on stderr that the node which is shown has no such page. @param page as MainWindow::missingPage() takes it.
void tellMissingPage(const MainWindow &window, const QString &page);

/// Takes one picture of the live window after data has arrived, then ends the program: exit code 0, or 1 with the
/// reason on stderr. A page that the node does not have is told there, too. Thread: GUI.
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
    const QString m_file;
    const QString m_page; ///< that was asked for
    QTimer m_after; ///< from the first frame to the picture
    QTimer m_deadline;
};

} // namespace gantry::console
