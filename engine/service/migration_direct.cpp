// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Migration: from host to host, without the caller between them.
#include "engine/service/migration_direct.h"

#include "engine/proto/convert.h"
#include "engine/service/migration_jobs.h"
#include "engine/service/status.h"

namespace gantry::service {

using migration::DirectFrames;
using migration::DirectListener;
using migration::Frame;
using migration::Wait;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds kDecidedPatience{20}; ///< for the target to take a word after it was decided

} // namespace

DirectWay::DirectWay(StreamFrames &caller, DirectFrames &target, Wait wait)
    : m_caller(caller), m_target(target), m_wait(std::move(wait)), m_onStop(m_wait.stop, [this] { m_target.wake(); })
{
    m_target.setCheck([this] { return check(); });
    m_caller.onNews([this] { m_target.wake(); });
}

DirectWay::~DirectWay()
{
    m_caller.onNews({});
    m_target.setCheck({});
}

void DirectWay::decide()
{
    m_isDecided = true;
    m_until = steady_clock::now() + kDecidedPatience;
}

Result<> DirectWay::check()
{
    if (m_isDecided) {
        if (m_isSending && steady_clock::now() > m_until)
            return fail(ETIMEDOUT, "migrate", m_target.peer(), "it does not read what it is sent");
        return {};
    }
    while (!m_abort && !m_lost) {
        auto said = m_caller.receive({steady_clock::now()});
        if (said && said->has_abort())
            m_abort = *std::move(said);
        else if (!said && said.error().posix() == ECONNRESET)
            m_lost = fail(ECONNRESET, "migrate", "the caller", "the connection broke").error();
        else if (!said)
            break;
    }
    if (m_abort)
        return std::unexpected(gantry::fromMessage(m_abort->abort()));
    if (m_lost)
        return std::unexpected(*m_lost);
    if (m_isSending && m_wait.stop.stop_requested())
        return fail(ECANCELED, "migrate", m_target.peer(), "it was cancelled");
    if (m_isSending && steady_clock::now() > m_wait.until)
        return fail(ETIMEDOUT, "migrate", m_target.peer(), "it takes too long");
    return {};
}

Result<> DirectWay::send(const Frame &frame)
{
    if (frame.has_phase())
        return m_caller.send(frame);
    if (frame.has_commit() || frame.has_abort() || frame.has_done())
        decide();
    m_isSending = true;
    auto sent = frame.has_done() && frame.done().unconfirmed() ? Result<>() : m_target.send(frame);
    m_isSending = false;
    if (frame.has_done() || frame.has_abort()) // what the target does not hear it asks for
        return m_caller.send(frame);
    return sent;
}

Result<Frame> DirectWay::receive(const Wait &wait)
{
    if (check()) {
        auto heard = m_target.receive(wait);
        if (heard || m_isDecided || (!m_abort && !m_lost))
            return heard;
    }
    if (m_abort)
        return *m_abort;
    return std::unexpected(*m_lost);
}

grpc::Status MigrationService::Listen(grpc::ServerContext *context, const v1::ListenMigrationRequest *request,
                                      grpc::ServerWriter<v1::MigrationListening> *writer)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "listen", printable(request->address())));
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        std::stop_source stop;
        const auto onClose = m_parts.gate.onClose([&stop] { stop.request_stop(); });
        auto opened = DirectListener::open(request->address());
        v1::MigrationListening told;
        told.set_not_recorded(
            record(m_parts.audit, "listen", printable(request->address()),
                   opened ? strCat("port ", opened->direct().port()) : std::string(),
                   m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()),
                   opened ? nullptr : &opened.error()));
        DirectListener listener = GANTRY_TRY(std::move(opened));
        *told.mutable_direct() = listener.direct();
        if (!writer->Write(told))
            return fail(ECONNRESET, "listen", "the caller", "the connection broke");
        const auto frames = GANTRY_TRY(listener.accept({steady_clock::now() + migration::kUnused, stop.get_token()},
                                                       [context] { return context->IsCancelled(); }));
        const Frame first = GANTRY_TRY(frames->receive({steady_clock::now() + kMigrationEnd, stop.get_token()}));
        if (!first.has_hello())
            return fail(EINVAL, "receive", frames->peer(), "the first message is no hello");
        return TargetJob(*this, *frames, *context).run(first.hello());
    }());
}

} // namespace gantry::service
