// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/migration_client.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/transfer.grpc.pb.h"

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>

/// The checkpoints of a container that has moved, on the host where it is now. Thread: any; blocks.
namespace gantry::service {

/// One host.
struct TimelineEnd
{
    v1::Checkpoint::Stub &checkpoints;
    v1::Transfer::Stub &transfer;
};

/// Whose checkpoints, and how they go.
struct TimelineWish
{
    std::string container;            ///< as the source calls it
    std::string name;                 ///< it has on the target: what they are shown as there; empty: the same
    std::string last;                 ///< id of the one that came back on the target; empty: not known
    std::uint64_t bytesPerSecond = 0; ///< at most; 0: as fast as it goes
    v1::Actor actor{};
};

struct TimelineCopied
{
    std::size_t checkpoints = 0; ///< that the target had not
    std::uint64_t bytes = 0;     ///< of the files with them
};

/// Copies what the source has of it to the target, the oldest first, with the pages that the target has not; the caller
/// carries. The source's own stay. What has come stays where a later one fails.
/// @param onPhase told "timeline" and the bytes, on a thread of its own; may be empty.
/// @errors of List, Export, Import; ECANCELED.
[[nodiscard]] Result<TimelineCopied> copyTimeline(const TimelineEnd &source, const TimelineEnd &target,
                                                  const TimelineWish &wish, const OnMigrationPhase &onPhase,
                                                  const std::stop_token &stop);

/// The same after a migration: whatever comes of it is a note of that.
/// @param wish `last` is taken from `done`.
void takeTimelineAlong(const TimelineEnd &source, const TimelineEnd &target, TimelineWish wish, v1::MigrationDone &done,
                       const OnMigrationPhase &onPhase, const std::stop_token &stop);

} // namespace gantry::service
