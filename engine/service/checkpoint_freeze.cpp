// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_freeze.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"

/// A sentence that the console translates: lupdate finds it by this name (translations/CMakeLists.txt).
#define GANTRY_TEXT(context, text) text

namespace gantry::service {

using checkpoint::FreezeTimes;
using checkpoint::PreDumpWish;
using checkpoint::SaveWay;

namespace {

constexpr const char *kByRuntime = GANTRY_TEXT("PreDump", "Its runtime's own verb saves it, in one go.");

void set(auto &reply, const std::optional<checkpoint::FreezeGuess> &guess, const std::string &reason)
{
    if (guess) {
        reply.set_expected_freeze_usec(static_cast<std::uint64_t>(guess->stood.count()));
        reply.set_freeze_bytes_per_second(guess->bytesPerSecond);
    }
    reply.set_no_pre_dump_reason(printable(reason));
}

void tell(auto &reply, const checkpoint::TreeLook &look, const checkpoint::CriuFacts &criu,
          const std::string &stateFolder, bool byRuntime, PreDumpWish wish)
{
    const Bytes resident = checkpoint::residentOf(look);
    const std::string reason = byRuntime ? kByRuntime : checkpoint::reasonAgainstPreDump(wish, criu, resident);
    const SaveWay way = byRuntime ? SaveWay::ByRuntime : reason.empty() ? SaveWay::InRounds : SaveWay::AtOnce;
    set(reply, checkpoint::guessFreeze(FreezeTimes(stateFolder).all(), way, resident), reason);
}

} // namespace

PreDumpWish preDumpOf(v1::CreateCheckpointRequest::PreDump wish)
{
    switch (wish) {
    case v1::CreateCheckpointRequest::PRE_DUMP_ALWAYS:
        return PreDumpWish::Always;
    case v1::CreateCheckpointRequest::PRE_DUMP_NO:
        return PreDumpWish::Never;
    default:
        return PreDumpWish::Auto;
    }
}

void tellExpected(v1::CheckReply &reply, const checkpoint::TreeLook &look, const checkpoint::CriuFacts &criu,
                  const std::string &stateFolder, bool byRuntime)
{
    tell(reply, look, criu, stateFolder, byRuntime, PreDumpWish::Auto);
}

void tellExpected(v1::CreateCheckpointReply &reply, const checkpoint::TreeLook &look, const checkpoint::Means &means,
                  bool byRuntime, PreDumpWish wish)
{
    tell(reply, look, means.criu, means.spillFolder, byRuntime, wish);
}

void tellMeasured(v1::CreateCheckpointReply &reply, const checkpoint::Saved &saved)
{
    reply.set_frozen_usec(static_cast<std::uint64_t>(saved.stood.count()));
    reply.set_frozen_bytes(saved.savedStill.v);
    set(reply, saved.expected, saved.preDump.why);
    for (const checkpoint::PreDumpRound &round : saved.preDump.rounds) {
        v1::CreateCheckpointReply::Round &out = *reply.add_pre_dump();
        out.set_saved_bytes(round.saved.v);
        out.set_frozen_usec(static_cast<std::uint64_t>(round.stood.count()));
    }
}

void rememberFreeze(checkpoint::Saved &saved, const std::string &stateFolder, bool byRuntime)
{
    if (byRuntime)
        saved.preDump.why = kByRuntime;
    const SaveWay way = byRuntime                      ? SaveWay::ByRuntime
                        : saved.preDump.rounds.empty() ? SaveWay::AtOnce
                                                       : SaveWay::InRounds;
    const FreezeTimes times(stateFolder);
    saved.expected = checkpoint::guessFreeze(times.all(), way, saved.resident);
    if (const auto kept = times.add({way, saved.resident, saved.stood}); !kept)
        log::debug(log::Area::Service, "how long it stood still is not kept: ", kept.error().message());
}

} // namespace gantry::service
