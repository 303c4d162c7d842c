// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

#include <optional>

namespace gantry::console {

enum class ThemeChoice { Desktop, Light, Dark };

/// What the command line of `gantry` asks for.
struct Options
{
    bool help = false;
    bool version = false;
    QString screenshotFile; ///< empty: show a window
    QSize size{1400, 880};
    QString select; ///< cgroup path, container name or id, "pid:N"; empty: as last time
    QString page;   ///< name of a page ("overview"); empty: as last time
    double afterSeconds = 3.0;
    bool readOnly = false; ///< look only, whatever was chosen last time
    ThemeChoice theme = ThemeChoice::Desktop;
};

/// Reads the command line, program name first.
/// @return nullopt when it is wrong; `problem` then says why in one translated sentence. Thread: GUI, also before there
/// is an application object.
[[nodiscard]] std::optional<Options> parseOptions(const QStringList &arguments, QString &problem);

/// The text of --help.
[[nodiscard]] QString helpText();

} // namespace gantry::console
