// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/migration/frames.h"
#include "engine/migration/log.h"
#include "engine/repository/rest.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace gantry::migration {

/// What the target has already: its pages need not be sent.
struct Known
{
    std::vector<std::string> checkpoints;
    std::vector<repository::Rest> rests;
};

/// What the source's engine does about the container that leaves. On the thread of runSource().
struct Workload
{
    /// Saves it; it runs on. @return the checkpoint's id.
    std::function<Result<std::string>()> saveRunning;
    /// Saves it as it stands still, and then does as is said: see checkpoint::HandOver.
    std::function<Result<>(const checkpoint::HandOver &, const checkpoint::OnPhase &)> saveStill;
    /// Writes a checkpoint as a file, without what is known. @return bytes that only a rest saved.
    std::function<Result<std::uint64_t>(const std::string &id, const Known &, const repository::Sink &,
                                        const std::stop_token &)>
        exportTo;
    /// What goes along with it, as it is now that it stands still. May be empty.
    std::function<v1::MigrationBelongings()> belongings{};
    /// Those rests of a target that are as it says. May be empty: none is used.
    std::function<std::vector<repository::Rest>(std::vector<repository::Rest>, const std::stop_token &)> trueRests{};
};

struct SourcePlan
{
    Record record;
    v1::MigrationHello hello;
    unsigned rounds = 0;                     ///< most, 0 to kMostRounds
    std::chrono::milliseconds downtime{500}; ///< it may stand still so long: what ends the rounds
    std::uint64_t bytesPerSecond = 0;        ///< most of its data; 0: as fast as it goes
};
inline constexpr unsigned kMostRounds = 8;

struct Moved
{
    std::string checkpoint;
    std::uint64_t bytes = 0;              ///< sent, as they went
    std::uint64_t unpacked = 0;           ///< what these were before they were compressed
    std::uint64_t resumed = 0;            ///< not sent: a try before had brought them
    std::chrono::microseconds downtime{}; ///< until the target has said that it runs
    std::chrono::microseconds total{};
    std::chrono::microseconds sending{}; ///< of that, from a file's first byte until the target had stored it
    unsigned rounds = 0;
    bool unconfirmed = false; ///< it is the target's, which has not said that it runs
    std::vector<std::string> notes;
    v1::MigrationTaken taken; ///< by the target, which has it from now on
};

/// The source's side of one migration, up to its end, or to where nothing more can be done without the other side: what
/// the log says then. Frames of kind `phase` are sent on the way.
/// @errors the first thing that failed; it runs on here then, and the log says Aborted. Two are different: EINPROGRESS:
/// whether it was handed over is not known, it stands still, and the log has to be looked at by a person.
/// Thread: any; blocks.
[[nodiscard]] Result<Moved> runSource(Frames &frames, const Log &log, const SourcePlan &plan, const Workload &workload,
                                      const checkpoint::OnPhase &onPhase, const Wait &wait);

/// True if another round is worth its time. @param sent bytes of the rounds until now. @param perSecond bytes that the
/// way takes. The rounds end where what changes meanwhile fits into the downtime, or twice was no tenth smaller than
/// the round before, or there were kMostRounds.
[[nodiscard]] bool isRoundWorth(std::span<const std::uint64_t> sent, double perSecond,
                                std::chrono::milliseconds downtime, unsigned most);

} // namespace gantry::migration
