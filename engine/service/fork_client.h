// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "gantry/v1/fork.grpc.pb.h"
#include "gantry/v1/transfer.grpc.pb.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

/// The caller's part in gantry.v1.Fork: new containers on one host from a checkpoint of another. Thread: any; blocks.
namespace gantry::service {

/// One of the two hosts.
struct ForkEnd
{
    v1::Fork::Stub &fork;
    v1::Transfer::Stub &transfer;
};
struct ForkEnds
{
    ForkEnd source; ///< has the checkpoint
    ForkEnd target; ///< has the copies
};

struct ForkWish
{
    v1::CopyCheckpointRequest copy; ///< not a dry run; the checkpoint as it is named on the source
    std::vector<std::string> skip;  ///< causes of warnings that shall not stop it; "all" is every one
};

/// How far it is.
struct ForkPhase
{
    std::string name;            ///< "check", "send", then as of Checkpoint.Copy
    std::uint64_t bytes = 0;     ///< sent
    std::uint64_t mostBytes = 0; ///< there are about so many at most; 0: not known
};
/// Told on the calling thread, while it is sent some times a second; may be empty.
using OnForkPhase = std::function<void(const ForkPhase &)>;

struct Forked
{
    v1::JudgeForkReply judged;
    bool refused = false;                ///< by what was judged: what follows is of no meaning, and nothing was done
    std::uint64_t bytes = 0;             ///< sent; 0: the checkpoint was there before
    v1::CopyCheckpointReply copies;      ///< those that run stay, also where others failed
    std::vector<std::string> unrecorded; ///< why something of it is missing in an audit log
};

/// All that can be seen beforehand. @errors of Profile, Judge.
[[nodiscard]] Result<v1::JudgeForkReply> judgeFork(const ForkEnds &ends, const v1::CopyCheckpointRequest &copy,
                                                   const std::stop_token &stop = {});

/// Judges, sends what the target lacks, and has it restored there. The source is not changed but for its audit log.
/// @param stop gives it up: what was sent so far is forgotten; what came whole stays in the target's store, and so do
/// copies that run.
/// @errors of judging; of sending, nothing is on the target then; of Checkpoint.Copy, and ECANCELED, EIO: what broke
/// while it was restored, with what is known of it.
[[nodiscard]] Result<Forked> fork(const ForkEnds &ends, const ForkWish &wish, const OnForkPhase &onPhase,
                                  const std::stop_token &stop);

} // namespace gantry::service
