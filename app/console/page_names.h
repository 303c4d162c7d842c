// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStringList>

namespace gantry::console {

/// The pages of a node, in the order of their tabs.
enum class Page {
    Container,
    Overview,
    Processes,
    Limits,
    Namespaces,
    Events,
    Checkpoints,
    Timeline,
    Files,
    Runtimes,
    Oomd,
    Abilities
};

/// Stable names for the command line and the settings, in the order of Page.
[[nodiscard]] inline QStringList pageNames()
{
    return {QStringLiteral("container"),   QStringLiteral("overview"),   QStringLiteral("processes"),
            QStringLiteral("limits"),      QStringLiteral("namespaces"), QStringLiteral("events"),
            QStringLiteral("checkpoints"), QStringLiteral("timeline"),   QStringLiteral("files"),
            QStringLiteral("runtimes"),    QStringLiteral("oomd"),       QStringLiteral("abilities")};
}

} // namespace gantry::console
