// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_client.h"

#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/one_call.h"
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
constexpr std::chrono::minutes kListening{12}; ///< besides what is said: the longest that a migration takes otherwise

template <class Request, class Reply>
Result<Reply> call(v1::Migration::Stub &stub,
                   grpc::Status (v1::Migration::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                   const Request &request, const std::stop_token &stop = {})
{
    Reply reply;
    if (const grpc::Status status = callOnce(stub, method, request, reply, kCall, stop); !status.ok())
        return std::unexpected(errorFrom(status));
    return reply;
}

/// The target's port for this migration, open as long as its call. Thread: one, but for cancel().
class Port
{
public:
    Port(v1::Migration::Stub &target, const std::string &address, const v1::MigrationBegin &begin)
    {
        v1::ListenMigrationRequest request;
        request.set_address(address);
        *request.mutable_actor() = begin.actor();
        m_context.set_deadline(std::chrono::system_clock::now() + kListening +
                               std::chrono::milliseconds(begin.deadline_ms()));
        m_reader = target.Listen(&m_context, request);
    }
    Port(const Port &) = delete;
    Port &operator=(const Port &) = delete;
    Port(Port &&) = delete;
    Port &operator=(Port &&) = delete;
    ~Port()
    {
        cancel();
        await();
    }
    /// @errors why the target does not listen.
    [[nodiscard]] Result<v1::MigrationListening> open(const std::stop_token &stop)
    {
        const std::stop_callback onStop(stop, [this] { cancel(); });
        v1::MigrationListening out;
        if (m_reader->Read(&out))
            return out;
        await();
        return m_end.ok() ? fail(EPROTO, "listen", "the target", "it says nothing")
                          : Result<v1::MigrationListening>(std::unexpected(errorFrom(m_end)));
    }
    /// Nobody needs it any more. Thread: any.
    void cancel() { m_context.TryCancel(); }
    /// Until the target has done with it.
    void await()
    {
        if (std::exchange(m_isOver, true))
            return;
        v1::MigrationListening more;
        while (m_reader->Read(&more)) {
        }
        m_end = m_reader->Finish();
    }

private:
    grpc::ClientContext m_context;
    std::unique_ptr<grpc::ClientReader<v1::MigrationListening>> m_reader;
    bool m_isOver = false;
    grpc::Status m_end;
};

/// Carries frames both ways until both streams have ended, or, where the two have a connection of their own, hears the
/// source alone. Thread: the caller's, and one of its own.
class Relay
{
public:
    /// @param port of the target that the source was told of; null: none.
    Relay(const Ends &ends, const OnMigrationPhase &onPhase, Port *port)
        : m_ends(ends), m_port(port), m_source(ends.source.Send(&m_sourceContext)), m_onPhase(onPhase)
    {}

    void run(const v1::MigrationBegin &begin, const std::stop_token &stop)
    {
        Frame first;
        *first.mutable_begin() = begin;
        m_isDirectOnly = begin.direct().only();
        m_source->Write(first);
        const std::jthread giver([this, &stop](const std::stop_token &over) { giveUp(stop, over); });
        carry();
        if (m_target) {
            m_target->WritesDone();
            m_back.join();
            static_cast<void>(m_target->Finish()); // what it has to say it has said in its last frame
        } else if (m_port != nullptr) {
            if (!m_isDirect)
                m_port->cancel();
            m_port->await();
        }
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
                if (m_target && !m_done->unconfirmed())
                    m_target->Write(frame);
                break;
            }
            if (frame.has_phase())
                hear(frame.phase());
            if (frame.has_hello() && !startCarrying(frame.hello()))
                continue;
            if (frame.has_abort())
                m_abort = gantry::fromMessage(frame.abort());
            // A target that is gone: the source hears no answer, and its stream is ended from the other side.
            if ((m_target && !m_target->Write(frame)) || frame.has_abort())
                break;
        }
        // It has said its last word, and waits for this; or it still talks, to nobody.
        if (m_done || m_abort)
            endToSource();
        drain(*m_source);
    }
    void hear(const v1::MigrationPhase &phase)
    {
        if (!phase.id().empty()) {
            m_isDirect = phase.way().starts_with("direct");
            if (m_isDirect)
                m_id = phase.id();
        }
        if (m_onPhase)
            m_onPhase(phase);
    }
    /// The source wants to be carried. @return false: it must not, which it is told.
    bool startCarrying(const v1::MigrationHello &hello)
    {
        if (m_isDirectOnly) {
            tellSource(fail(ENOTSUP, "migrate", "the source", "it cannot connect to the target itself",
                            "Use the same version of Gantry on both hosts, or let it be relayed")
                           .error());
            return false;
        }
        if (m_port != nullptr)
            m_port->cancel();
        m_id = hello.id();
        m_target = m_ends.target.Receive(&m_targetContext);
        m_back = std::thread([this] { carryBack(); });
        return true;
    }
    void tellSource(const Error &error)
    {
        const std::scoped_lock writing(m_writing);
        Frame frame;
        *frame.mutable_abort() = toMessage(error);
        if (!m_sourceEnded)
            m_source->Write(frame);
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
        tellSource(fail(ECANCELED, "migrate", "the source", "it was given up").error());
        if (changed.wait_for(lock, over, kGiveUp, [] { return false; }) || over.stop_requested())
            return;
        m_sourceContext.TryCancel();
        m_targetContext.TryCancel();
        if (m_port != nullptr)
            m_port->cancel();
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
    const Ends &m_ends;
    Port *const m_port;
    const std::unique_ptr<Stream> m_source;
    std::unique_ptr<Stream> m_target; ///< null: the source does not want to be carried, or not yet
    std::thread m_back;               ///< reads what m_target says
    const OnMigrationPhase &m_onPhase;
    bool m_isDirectOnly = false;
    bool m_isDirect = false; ///< the source has its own connection to the target
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
    std::string text = concluded->text();
    if (tell.commit()) {
        tell.set_side("source");
        *tell.mutable_taken() = concluded->taken();
        const auto there = GANTRY_TRY(call(ends.source, &v1::Migration::Stub::Conclude, tell));
        if (tell.taken().schedule() || !tell.taken().rules().empty() || !tell.taken().notes().empty())
            text += "; " + there.text();
    }
    return Settled{tell.commit(), std::move(text)};
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

Result<v1::MigrationDone> migrate(const Ends &ends, const v1::MigrationBegin &asked, const OnMigrationPhase &onPhase,
                                  const std::stop_token &stop, const MigrationTransport &transport)
{
    using Way = MigrationTransport::Way;
    v1::MigrationBegin begin = asked;
    std::optional<Port> port;
    std::vector<std::string> notes;
    if (transport.way != Way::Relay) {
        port.emplace(ends.target, transport.address, begin);
        auto listening = port->open(stop);
        if (!listening && (transport.way == Way::Direct || stop.stop_requested()))
            return std::unexpected(std::move(listening).error());
        if (listening) {
            begin.mutable_direct()->Swap(listening->mutable_direct());
            begin.mutable_direct()->set_only(transport.way == Way::Direct);
        } else {
            notes.push_back(strCat("the target opens no port, so it was relayed: ", listening.error().message()));
        }
        if (listening && !listening->not_recorded().empty())
            notes.push_back(strCat("that a port was opened is not in the audit log: ", listening->not_recorded()));
    }
    Relay relay(ends, onPhase, begin.has_direct() ? &*port : nullptr);
    relay.run(begin, stop);
    if (relay.done() && !relay.done()->unconfirmed()) {
        v1::MigrationDone out = *relay.done();
        out.mutable_notes()->Add(notes.begin(), notes.end());
        if (out.way().empty()) // an older source knows no other
            out.set_way("relay");
        return out;
    }
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
