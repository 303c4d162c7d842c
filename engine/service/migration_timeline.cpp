// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_timeline.h"

#include "engine/base/strings.h"
#include "engine/migration/pace.h"
#include "engine/repository/bytes.h"
#include "engine/service/status.h"
#include "engine/service/transfer_client.h"

#include <algorithm>
#include <chrono>
#include <ranges>
#include <span>
#include <vector>

namespace gantry::service {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t kAtOnce = 64;                         ///< checkpoints of one file
constexpr std::size_t kMostCommon = 4;                      ///< their pages are looked at on both sides
constexpr std::chrono::milliseconds kTold{500};

Result<std::vector<v1::CheckpointInfo>> listOf(v1::Checkpoint::Stub &stub, const std::stop_token &stop)
{
    grpc::ClientContext context;
    const std::stop_callback onStop(stop, [&context] { context.TryCancel(); });
    v1::ListCheckpointsReply reply;
    if (const grpc::Status status = stub.List(&context, {}, &reply); !status.ok())
        return std::unexpected(errorFrom(status));
    return std::vector<v1::CheckpointInfo>(reply.checkpoints().begin(), reply.checkpoints().end());
}

/// What the source has of it, oldest first, and which of that the target has, too.
struct Past
{
    std::vector<std::string> missing;
    std::vector<std::string> common;
};
Past pastOf(const std::vector<v1::CheckpointInfo> &there, const std::vector<v1::CheckpointInfo> &here,
            const TimelineWish &wish)
{
    const auto last = std::ranges::find(there, wish.last, &v1::CheckpointInfo::id);
    const std::string subject = last == there.end() ? wish.container : last->subject();
    Past out;
    for (const v1::CheckpointInfo &one : there) {
        if (one.subject() != subject)
            continue;
        const bool isHere = std::ranges::find(here, one.id(), &v1::CheckpointInfo::id) != here.end();
        (isHere ? out.common : out.missing).push_back(one.id());
    }
    if (out.common.size() > kMostCommon)
        out.common.erase(out.common.begin(), out.common.end() - kMostCommon);
    return out;
}

/// Some of them, by one file.
Result<> copySome(const TimelineEnd &source, const TimelineEnd &target, std::span<const std::string> ids,
                  const std::vector<std::string> &bases, const TimelineWish &wish, const repository::Sink &onBytes,
                  const std::stop_token &stop)
{
    v1::ExportRequest request;
    request.mutable_checkpoints()->Add(ids.begin(), ids.end());
    request.mutable_bases()->Add(bases.begin(), bases.end());
    *request.mutable_actor() = wish.actor;
    ImportCall import(target.transfer, wish.actor, stop, wish.name);
    const repository::Sink sink = [&](repository::ByteView bytes) -> Result<> {
        GANTRY_CHECK(onBytes(bytes));
        return import.write(bytes);
    };
    GANTRY_TRY(receiveExport(source.transfer, request, {}, sink, stop));
    GANTRY_TRY(import.finish());
    return {};
}

} // namespace

Result<TimelineCopied> copyTimeline(const TimelineEnd &source, const TimelineEnd &target, const TimelineWish &wish,
                                    const OnMigrationPhase &onPhase, const std::stop_token &stop)
{
    const auto there = GANTRY_TRY(listOf(source.checkpoints, stop));
    const auto here = GANTRY_TRY(listOf(target.checkpoints, stop));
    const Past past = pastOf(there, here, wish);
    TimelineCopied out;
    migration::Pace pace(wish.bytesPerSecond);
    auto told = steady_clock::time_point::min();
    const auto onBytes = [&](repository::ByteView bytes) -> Result<> {
        out.bytes += bytes.size();
        if (const auto now = steady_clock::now(); onPhase && (told < now - kTold)) {
            told = now;
            v1::MigrationPhase phase;
            phase.set_name("timeline");
            phase.set_bytes(out.bytes);
            onPhase(phase);
        }
        return pace.take(bytes.size(), {steady_clock::time_point::max(), stop});
    };
    std::span<const std::string> rest(past.missing);
    while (!rest.empty()) {
        const auto some = rest.first(std::min(rest.size(), kAtOnce));
        GANTRY_CHECK(copySome(source, target, some, past.common, wish, onBytes, stop));
        out.checkpoints += some.size();
        rest = rest.subspan(some.size());
    }
    return out;
}

void takeTimelineAlong(const TimelineEnd &source, const TimelineEnd &target, TimelineWish wish, v1::MigrationDone &done,
                       const OnMigrationPhase &onPhase, const std::stop_token &stop)
{
    wish.last = done.checkpoint();
    const auto copied = copyTimeline(source, target, wish, onPhase, stop);
    if (copied)
        done.add_notes(strCat("checkpoints that were copied along: ", copied->checkpoints, ", ", copied->bytes,
                              " bytes; the host it came from keeps its own"));
    else
        done.add_notes(printable(strCat("its checkpoints are not all with it: ", copied.error().message(),
                                        ". Those of ", wish.container,
                                        " are where it came from: gantryctl export there, gantryctl import here")));
}

} // namespace gantry::service
