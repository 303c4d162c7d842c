// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QMap>
#include <QSet>
#include <QString>
#include <QStringList>

#include "widgets/dialogs/host_dialog.h"

QT_FORWARD_DECLARE_CLASS(QSettings)

namespace gantry::console {

/// How the window looked last time and what the user chose: a value, read at start and written at the end.
struct Settings
{
    QByteArray geometry;
    QByteArray windowState; ///< docks and tool bars (QMainWindow::saveState)
    QByteArray splitter;
    QByteArray treeHeader;
    QMap<QString, QByteArray> tableHeaders; ///< by name of the page or panel
    QStringList expandedPaths;
    QString selectedPath; ///< "/a/b", or "HOST:/a/b" on another host
    QString grouping; ///< "cgroups", "containers", "namespaces", "runtimes", "pods", "labels", "slices", "users"
    QString labelKey; ///< of the grouping "labels"
    QString page;     ///< one of pageNames()
    int chartSeconds = 300;
    QSet<QString> silencedConfirmations; ///< verbs with "do not ask again"
    bool notifications = true;
    bool readOnly = false; ///< the user asked to look only
    QList<HostEntry> hosts; ///< besides this one

    [[nodiscard]] static Settings load(QSettings &store);
    void save(QSettings &store) const;
};

} // namespace gantry::console
