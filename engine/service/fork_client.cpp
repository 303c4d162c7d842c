// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/fork_client.h"

#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/migration_client.h"
#include "engine/service/one_call.h"
#include "engine/service/status.h"
#include "engine/service/transfer_client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace gantry::service {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kForkCall{60};
constexpr std::chrono::seconds kForkGiveUp{30};         ///< for the copies that are on their way to be ended
constexpr std::chrono::milliseconds kForkNewsEach{200}; ///< of what is sent

template <class Request, class Reply>
Result<Reply> forkCall(v1::Fork::Stub &stub,
                       grpc::Status (v1::Fork::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                       const Request &request, std::string_view side, const std::stop_token &stop)
{
    Reply reply;
    const grpc::Status status = callOnce(stub, method, request, reply, kForkCall, stop);
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && status.error_details().empty())
        return fail(EOPNOTSUPP, "restore", side, "its Gantry is older, and does not know copies on another host",
                    "Use the same version of Gantry on both hosts");
    if (!status.ok())
        return std::unexpected(errorFrom(status));
    return reply;
}

/// What both hosts tell.
struct ForkLook
{
    v1::ForkProfile profile;
    v1::JudgeForkReply judged;
};

Result<ForkLook> lookAtBoth(const ForkEnds &ends, const v1::CopyCheckpointRequest &copy, const std::stop_token &stop)
{
    v1::ForkProfileRequest ask;
    ask.set_checkpoint(copy.checkpoint());
    v1::JudgeForkRequest judge;
    *judge.mutable_profile() =
        GANTRY_TRY(forkCall(ends.source.fork, &v1::Fork::Stub::Profile, ask, "the host that has it", stop));
    judge.set_name(copy.name());
    judge.set_copies(copy.copies());
    auto judged = GANTRY_TRY(forkCall(ends.target.fork, &v1::Fork::Stub::Judge, judge, "the other host", stop));
    return ForkLook{std::move(*judge.mutable_profile()), std::move(judged)};
}

/// One call of Fork.Restore. Thread: the caller's, and one of its own.
class Restoring
{
public:
    explicit Restoring(v1::Fork::Stub &target) : m_stream(target.Restore(&m_context)) {}

    [[nodiscard]] Result<v1::CopyCheckpointReply> run(const v1::CopyCheckpointRequest &copy, const OnForkPhase &onPhase,
                                                      std::uint64_t sent, const std::stop_token &stop)
    {
        v1::ForkOrder order;
        *order.mutable_copy() = copy;
        m_stream->Write(order); // what became of it the end tells
        std::optional<Result<v1::CopyCheckpointReply>> out;
        {
            const std::jthread giver([this, &stop](const std::stop_token &over) { giveUp(stop, over); });
            v1::ForkNews news;
            while (!out && m_stream->Read(&news)) {
                if (news.has_done())
                    out = std::move(*news.mutable_done());
                else if (news.has_failure())
                    out = std::unexpected(fromMessage(news.failure()));
                else if (onPhase)
                    onPhase({news.phase(), sent, sent});
            }
        }
        m_stream->WritesDone();
        const grpc::Status status = m_stream->Finish();
        if (out)
            return *std::move(out);
        if (!status.ok())
            return std::unexpected(errorFrom(status));
        return fail(EPROTO, "restore", "the other host", "it ended without a word");
    }

private:
    /// Asks for an end where that is wished for; if it does not come, the call is cancelled.
    void giveUp(const std::stop_token &stop, const std::stop_token &over)
    {
        std::mutex mutex;
        std::condition_variable_any changed;
        const std::stop_callback wake(stop, [&] {
            const std::scoped_lock lock(mutex);
            changed.notify_all();
        });
        std::unique_lock lock(mutex);
        if (!changed.wait(lock, over, [&stop] { return stop.stop_requested(); }))
            return;
        v1::ForkOrder order;
        order.set_give_up(true);
        m_stream->Write(order);
        static_cast<void>(changed.wait_for(lock, over, kForkGiveUp, [] { return false; }));
        if (!over.stop_requested())
            m_context.TryCancel();
    }

    grpc::ClientContext m_context;
    const std::unique_ptr<grpc::ClientReaderWriter<v1::ForkOrder, v1::ForkNews>> m_stream;
};

/// The checkpoint from store to store, without what the target has.
Result<> carry(const ForkEnds &ends, const ForkLook &looked, const v1::Actor &actor, const OnForkPhase &onPhase,
               const std::stop_token &stop, Forked &out)
{
    v1::ExportRequest request;
    request.add_checkpoints(looked.profile.checkpoint().id());
    request.mutable_bases()->CopyFrom(looked.judged.bases());
    *request.mutable_actor() = actor;
    ImportCall import(ends.target.transfer, actor, stop);
    ForkPhase phase{"send", 0, 0};
    auto told = steady_clock::time_point();
    const auto tell = [&] {
        told = steady_clock::now();
        if (onPhase)
            onPhase(phase);
    };
    const auto onHead = [&](const v1::ExportHead &head) {
        phase.mostBytes = head.most_bytes();
        tell();
    };
    const auto sink = [&](std::span<const std::byte> bytes) -> Result<> {
        GANTRY_CHECK(import.write(bytes));
        phase.bytes += bytes.size();
        if (steady_clock::now() - told >= kForkNewsEach)
            tell();
        return {};
    };
    const Exported exported = GANTRY_TRY(receiveExport(ends.source.transfer, request, onHead, sink, stop));
    const v1::ImportReply imported = GANTRY_TRY(import.finish());
    tell();
    out.bytes = phase.bytes;
    for (const std::string &why : {exported.done.not_recorded(), imported.not_recorded()}) {
        if (!why.empty())
            out.unrecorded.push_back(why);
    }
    return {};
}

/// Adds to what failed where the checkpoint is now.
Error stays(Error error, const std::string &id)
{
    error.detail += strCat(error.detail.empty() ? "" : "; ", "the checkpoint ", id, " is in the store there");
    return error;
}

} // namespace

Result<v1::JudgeForkReply> judgeFork(const ForkEnds &ends, const v1::CopyCheckpointRequest &copy,
                                     const std::stop_token &stop)
{
    return std::move(GANTRY_TRY(lookAtBoth(ends, copy, stop)).judged);
}

Result<Forked> fork(const ForkEnds &ends, const ForkWish &wish, const OnForkPhase &onPhase, const std::stop_token &stop)
{
    if (onPhase)
        onPhase({"check", 0, 0});
    ForkLook looked = GANTRY_TRY(lookAtBoth(ends, wish.copy, stop));
    Forked out;
    out.refused = std::ranges::any_of(looked.judged.findings(),
                                      [&wish](const v1::CheckFinding &one) { return forbids(one, wish.skip); });
    if (!out.refused && !looked.judged.known())
        GANTRY_CHECK(carry(ends, looked, wish.copy.actor(), onPhase, stop, out));
    out.judged = std::move(looked.judged);
    if (out.refused)
        return out;
    const std::string &id = looked.profile.checkpoint().id();
    if (stop.stop_requested())
        return std::unexpected(stays(fail(ECANCELED, "restore", wish.copy.name(), "it was given up").error(), id));
    v1::CopyCheckpointRequest copy = wish.copy;
    copy.set_checkpoint(id);
    auto restored = Restoring(ends.target.fork).run(copy, onPhase, out.bytes, stop);
    if (!restored)
        return std::unexpected(stays(std::move(restored).error(), id));
    out.copies = *std::move(restored);
    if (!out.copies.not_recorded().empty())
        out.unrecorded.push_back(out.copies.not_recorded());
    return out;
}

} // namespace gantry::service
