// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "gantry/v1/group.grpc.pb.h"

#include <chrono>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// The caller's part in gantry.v1.Group: it leads all members from step to step. Thread: any; blocks.
namespace gantry::service {

struct GroupMember
{
    std::string name; ///< "HOST/NAME"
    v1::Group::Stub &host;
    v1::Target target{};      ///< to be saved
    std::string checkpoint{}; ///< to be restored
};

/// Told what a member is at, on the calling thread; may be empty.
using OnGroupPhase = std::function<void(std::string_view member, std::string_view phase)>;

/// What one member said at the end, in the order of the members. An error: what was decided for all could not be done
/// for this one; the others did it.
using GroupEnds = std::vector<Result<v1::GroupDone>>;

struct GroupSaved
{
    std::string group;
    /// At most so much time lay between the moments at which the first and the last one came to stand still.
    std::chrono::microseconds skew{};
    bool oneClock =
        false; ///< by the one clock that all have; otherwise by this caller's, over all ways to and from them
    GroupEnds members;
};

/// Whether each of them could be saved (restored: they have checkpoints), by a dry run of all at the same time.
/// @return what each one found, or why not, in their order.
[[nodiscard]] std::vector<Result<v1::GroupReady>> checkTogether(std::span<const GroupMember> members,
                                                                const v1::GroupBegin &begin);

/// Saves all at one instant, or none. @param begin name, note, stop, options, actor, deadline, lease: of all.
/// @param stop gives it up, until all are in their stores. @errors of the first member that failed, which it names:
/// all run on then, and no checkpoint is left; one that did not answer does so after its lease, which is said.
[[nodiscard]] Result<GroupSaved> saveTogether(std::span<const GroupMember> members, const v1::GroupBegin &begin,
                                              const OnGroupPhase &onPhase, const std::stop_token &stop);

/// Restores all of a group, or none: none runs before all are there. @errors as above: none is there then.
[[nodiscard]] Result<GroupEnds> restoreTogether(std::span<const GroupMember> members, const v1::GroupBegin &begin,
                                                const OnGroupPhase &onPhase, const std::stop_token &stop);

} // namespace gantry::service
