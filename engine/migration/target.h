// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/migration/frames.h"
#include "engine/migration/log.h"
#include "engine/repository/rest.h"
#include "engine/repository/source.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gantry::migration {

/// What the target's engine does about the container that comes. On the thread of runTarget().
struct Landing
{
    /// Reads a file into the store. @return ids of what it had.
    std::function<Result<std::vector<std::string>>(const repository::Source &, const std::stop_token &)> store;
    /// Brings it up so that none of it runs.
    std::function<Result<v1::MigrationHeld>(const std::string &checkpoint, const std::stop_token &)> hold;
    /// Lets it run; no error if it does. @errors ENOENT: it is not there any more.
    std::function<Result<>()> run;
    /// Ends and removes all there is of it; what came into the store nobody sees then. No error where nothing is.
    std::function<Result<>()> remove;
    /// Keeps what goes along with it, until adopt(); before hold(). May be empty.
    std::function<Result<>(const v1::MigrationBelongings &)> keep{};
    /// Takes that, after run(). May be empty.
    std::function<v1::MigrationTaken()> adopt{};
};

struct TargetPlan
{
    Record record;
    std::vector<std::string> bases;           ///< checkpoints that are here
    std::vector<repository::Rest> rests{};    ///< and the beginnings of others
    std::chrono::milliseconds alive = kAlive; ///< how often it says that it is there
};

/// How a target's side came out.
enum class Landed : std::uint8_t {
    Runs,
    Holds ///< the way broke: it goes on standing still until it is told what was decided
};

/// The target's side of one migration, after its hello was heard and judged well.
/// @errors the first thing that failed, here or at the source; nothing of it is left here then, or the log says that
/// something is. Thread: any; blocks.
[[nodiscard]] Result<Landed> runTarget(Frames &frames, const Log &log, const TargetPlan &plan, const Landing &landing,
                                       const Wait &wait);

/// What remained of one whose job is gone, at a start, or when the source's decision is known.
/// @param commit as the source has decided; of no meaning where it is past that. @return what was done, a sentence.
/// @errors EALREADY: it was told otherwise before; ENOENT: there is no such migration; of running or removing it.
[[nodiscard]] Result<std::string> concludeTarget(const Log &log, const std::string &id, bool commit,
                                                 const Landing &landing);

} // namespace gantry::migration
