// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>

#include "gantry/v1/checkpoint.pb.h"

#include <span>
#include <string_view>

namespace gantry::text {

/// One row of the engine's table of causes, as the help tells it. Texts are English, as the engine has them, and must
/// outlive the help.
struct HelpCause
{
    /// When it shows first: before anything is stopped, in CRIU's log of a checkpoint, in that of a restore.
    enum class Stage { Check, Checkpoint, Restore };

    Stage stage = Stage::Check;
    v1::CheckFinding::Severity severity = v1::CheckFinding::SEVERITY_ERROR;
    std::string_view name; ///< stable: "io-uring"
    std::string_view why;
    std::string_view remedy;
    std::string_view option; ///< of criu(8), without its dashes
    std::string_view log;    ///< part of CRIU's line
};

/// One row of the engine's table of what was saved, restored and looked at.
struct HelpCovered
{
    std::string_view what;
    std::string_view why; ///< what is lost, or why it is refused; empty: it comes back as it was
};

/// A measured figure that the help tells, as README has it.
struct HelpFigure
{
    const char *what;   ///< to be translated in the context "Speed"
    const char *figure; ///< with its unit; the same text is in README
};
/// How fast checkpoints are: of one run of packaging/bench.sh on the build machine.
[[nodiscard]] std::span<const HelpFigure> helpFigures();

/// "What can be checkpointed and what cannot", in the console's language, as HTML with an anchor for each part.
/// @param search empty: all of it; otherwise only the causes with all of these words in any order, in any of their
/// texts, or whose line of CRIU's log is in it.
/// @param name of the cause that the search is a line of, where it is known: only that one.
/// @param faded colour of what matters less. @param found set to the number of causes shown, where it is not null.
[[nodiscard]] QString checkpointHelp(std::span<const HelpCause> causes, std::span<const HelpCovered> covered,
                                     const QString &search, const QString &name, const QColor &faded,
                                     int *found = nullptr);

} // namespace gantry::text
