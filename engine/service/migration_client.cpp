// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_client.h"

#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/status.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace gantry::service {

namespace {

using Frame = v1::MigrationFrame;
using Stream = grpc::ClientReaderWriter<Frame, Frame>;

constexpr std::chrono::seconds kCall{60};
constexpr std::chrono::seconds kGiveUp{20};    ///< for both to end after it was given up
constexpr std::chrono::seconds kUndecided{20}; ///< a job of the source that lost its caller ends
constexpr std::chrono::milliseconds kAskAgain{200};

template <class Request, class Reply>
Result<Reply> call(v1::Migration::Stub &stub,
                   grpc::Status (v1::Migration::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                   const Request &request, const std::stop_token &stop = {})
{
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kCall);
    const std::stop_callback onStop(stop, [&context] { context.TryCancel(); });
    Reply reply;
    if (const grpc::Status status = (stub.*method)(&context, request, &reply); !status.ok())
        return std::unexpected(errorFrom(status));
    return reply;
}

/// Carries frames both ways until both streams have ended. Thread: the caller's, and one of its own.
class Relay
{
public:
    Relay(const Ends &ends, const OnMigrationPhase &onPhase)
        : m_source(ends.source.Send(&m_sourceContext))
        , m_target(ends.target.Receive(&m_targetContext))
        , m_onPhase(onPhase)
    {}

    void run(const v1::MigrationBegin &begin, const std::stop_token &stop)
    {
        Frame first;
        *first.mutable_begin() = begin;
        m_source->Write(first);
        const std::jthread giver([this, &stop](const std::stop_token &over) { giveUp(stop, over); });
        std::thread back([this] { carryBack(); });
        carry();
        m_target->WritesDone();
        back.join();
        static_cast<void>(m_target->Finish()); // what it has to say it has said in its last frame
        m_sourceEnd = m_source->Finish();
    }
    [[nodiscard]] const grpc::Status &sourceEnd() const { return m_sourceEnd; }
    [[nodiscard]] const std::optional<v1::MigrationDone> &done() const { return m_done; }
    /// The hello was carried: there may be something on both sides.
    [[nodiscard]] const std::string &id() const { return m_id; }
    [[nodiscard]] const std::optional<Error> &abort() const { return m_abort; }

private:
    void carry()
    {
        Frame frame;
        while (m_source->Read(&frame)) {
            if (frame.has_done()) {
                m_done = frame.done();
                if (!m_done->unconfirmed())
                    m_target->Write(frame);
                break;
            }
            if (frame.has_phase() && m_onPhase)
                m_onPhase(frame.phase());
            if (frame.has_hello())
                m_id = frame.hello().id();
            if (frame.has_abort())
                m_abort = fromMessage(frame.abort());
            // A target that is gone: the source hears no answer, and its stream is ended from the other side.
            if ((!m_id.empty() && !m_target->Write(frame)) || frame.has_abort())
                break;
        }
        // It has said its last word, and waits for this; or it still talks, to nobody.
        if (m_done || m_abort)
            endToSource();
        drain(*m_source);
    }
    void carryBack()
    {
        Frame frame;
        while (m_target->Read(&frame)) {
            const std::scoped_lock lock(m_writing);
            if (m_sourceEnded || !m_source->Write(frame))
                break;
        }
        // The source must not wait for what cannot come any more.
        endToSource();
        drain(*m_target);
    }
    /// Given up by the source, which tells the target; where one does not answer in time, by nobody.
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
        {
            const std::scoped_lock writing(m_writing);
            Frame frame;
            *frame.mutable_abort() = toMessage(fail(ECANCELED, "migrate", "the source", "it was given up").error());
            if (!m_sourceEnded)
                m_source->Write(frame);
        }
        if (changed.wait_for(lock, over, kGiveUp, [] { return false; }) || over.stop_requested())
            return;
        m_sourceContext.TryCancel();
        m_targetContext.TryCancel();
    }
    void endToSource()
    {
        const std::scoped_lock lock(m_writing);
        if (!std::exchange(m_sourceEnded, true))
            m_source->WritesDone();
    }
    /// A stream is read to its end before it is finished.
    static void drain(Stream &stream)
    {
        Frame frame;
        while (stream.Read(&frame)) {
        }
    }

    grpc::ClientContext m_sourceContext;
    grpc::ClientContext m_targetContext;
    const std::unique_ptr<Stream> m_source;
    const std::unique_ptr<Stream> m_target;
    const OnMigrationPhase &m_onPhase;
    std::mutex m_writing; ///< to the source
    bool m_sourceEnded = false;
    std::optional<v1::MigrationDone> m_done;
    std::optional<Error> m_abort;
    std::string m_id;
    grpc::Status m_sourceEnd;
};

struct Settled
{
    bool committed = false; ///< it is the target's
    std::string text;       ///< what was done
};
/// One that a target holds, or runs without its source knowing.
Result<Settled> settle(const Ends &ends, const std::string &id, const v1::Actor &actor)
{
    v1::DecideMigrationRequest ask;
    ask.set_id(id);
    auto decided = GANTRY_TRY(call(ends.source, &v1::Migration::Stub::Decide, ask));
    const auto until = std::chrono::steady_clock::now() + kUndecided;
    while (decided.decision() == v1::DecideMigrationReply::DECISION_UNDECIDED &&
           std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(kAskAgain);
        decided = GANTRY_TRY(call(ends.source, &v1::Migration::Stub::Decide, ask));
    }
    if (decided.decision() == v1::DecideMigrationReply::DECISION_UNDECIDED)
        return fail(EBUSY, "migrate", id, "the source's job is at it still");
    v1::ConcludeMigrationRequest tell;
    tell.set_id(id);
    tell.set_side("target");
    tell.set_commit(decided.decision() == v1::DecideMigrationReply::DECISION_COMMIT);
    *tell.mutable_actor() = actor;
    auto concluded = call(ends.target, &v1::Migration::Stub::Conclude, tell);
    if (!concluded) { // ENOENT where it was given up: that target never had anything of it
        if (tell.commit() && concluded.error().posix() == ENOENT)
            return fail(EIO, "migrate", id, "it was handed over, and the target says that it knows nothing of it",
                        "See to both hosts' state folders, \"migrations\"");
        return std::unexpected(std::move(concluded).error());
    }
    if (tell.commit()) {
        tell.set_side("source");
        GANTRY_TRY(call(ends.source, &v1::Migration::Stub::Conclude, tell));
    }
    return Settled{tell.commit(), concluded->text()};
}

} // namespace

bool forbids(const v1::CheckFinding &finding, std::span<const std::string> skip)
{
    const auto isSkipped = [&] {
        return std::ranges::find(skip, finding.cause()) != skip.end() || std::ranges::find(skip, "all") != skip.end();
    };
    return finding.severity() == v1::CheckFinding::SEVERITY_ERROR ||
           (finding.severity() == v1::CheckFinding::SEVERITY_WARNING && !isSkipped());
}

Result<v1::JudgeMigrationReply> judgeMigration(const Ends &ends, const v1::Target &target, const std::string &name,
                                               const std::stop_token &stop)
{
    v1::MigrationProfileRequest ask;
    *ask.mutable_target() = target;
    v1::JudgeMigrationRequest judge;
    *judge.mutable_profile() = GANTRY_TRY(call(ends.source, &v1::Migration::Stub::Profile, ask, stop));
    judge.set_name(name);
    return call(ends.target, &v1::Migration::Stub::Judge, judge, stop);
}

Result<v1::MigrationDone> migrate(const Ends &ends, const v1::MigrationBegin &begin, const OnMigrationPhase &onPhase,
                                  const std::stop_token &stop)
{
    Relay relay(ends, onPhase);
    relay.run(begin, stop);
    if (relay.done() && !relay.done()->unconfirmed())
        return *relay.done();
    Error failure = relay.abort()            ? *relay.abort()
                    : relay.sourceEnd().ok() ? fail(EIO, "migrate", "the source", "it ended without a word").error()
                                             : errorFrom(relay.sourceEnd());
    if (relay.id().empty())
        return std::unexpected(std::move(failure)); // the target has not heard of it
    const auto settled = settle(ends, relay.id(), begin.actor());
    if (!settled && settled.error().posix() == ENOENT)
        return std::unexpected(std::move(failure));
    if (!settled)
        return fail(EINPROGRESS, "migrate", begin.peer(),
                    strCat(failure.message(), "; where it runs is not known yet: ", settled.error().message()),
                    "When both hosts answer again: gantryctl migrations HOST");
    if (!settled->committed) // not handed over before the connection broke
        return std::unexpected(std::move(failure));
    v1::MigrationDone out = relay.done().value_or(v1::MigrationDone());
    out.set_id(relay.id());
    out.set_unconfirmed(false);
    out.add_notes(settled->text);
    return out;
}

Result<std::vector<std::string>> settleMigrations(const Ends &ends, const v1::Actor &actor, const std::stop_token &stop)
{
    const auto there =
        GANTRY_TRY(call(ends.source, &v1::Migration::Stub::Unfinished, v1::UnfinishedMigrationsRequest(), stop));
    const auto here =
        GANTRY_TRY(call(ends.target, &v1::Migration::Stub::Unfinished, v1::UnfinishedMigrationsRequest(), stop));
    std::vector<std::string> ids;
    const auto collect = [&ids](const v1::UnfinishedMigrationsReply &reply, std::string_view side) {
        for (const v1::UnfinishedMigration &one : reply.migrations()) {
            if (one.side() == side && std::ranges::find(ids, one.id()) == ids.end())
                ids.push_back(one.id());
        }
    };
    collect(there, "source");
    collect(here, "target");
    std::vector<std::string> out;
    for (const std::string &id : ids) {
        auto done = settle(ends, id, actor);
        if (done)
            out.push_back(std::move(done->text));
        else if (done.error().posix() != ENOENT) // of another pair of hosts
            return std::unexpected(std::move(done).error());
    }
    return out;
}

} // namespace gantry::service
