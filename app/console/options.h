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
    std::optional<QSize> size; ///< of the window; nullopt: see firstSize()
    QString select; ///< cgroup path, container name or id, "pid:N"; empty: as last time
    QString page;   ///< name of a page ("overview"); empty: as last time
    double afterSeconds = 3.0;
    QStringList hosts;     ///< destinations of hosts that are there for this once
    bool readOnly = false; ///< look only, whatever was chosen last time
    ThemeChoice theme = ThemeChoice::Desktop;
};

/// Reads the command line, program name first.
/// @return nullopt when it is wrong; `problem` then says why in one translated sentence. Thread: GUI, also before there
/// is an application object.
[[nodiscard]] std::optional<Options> parseOptions(const QStringList &arguments, QString &problem);

/// How big the window is when it was never there before: as asked for, else what its contents want, as far as the
/// screen has room. A picture needs no screen. @param room what the screen offers to windows.
[[nodiscard]] QSize firstSize(const Options &options, QSize room);

/// The text of --help.
[[nodiscard]] QString helpText();

} // namespace gantry::console
