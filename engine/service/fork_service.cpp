// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/fork_service.h"

#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/findings.h"
#include "engine/service/fork_judge.h"
#include "engine/service/status.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace gantry::service {

namespace {

constexpr std::size_t kMostForkBases = 1'000;
constexpr std::chrono::seconds kForkHalfClose{5};

/// Checkpoints of this container that are here.
std::vector<repository::Checkpoint> sameIn(const repository::Store &store, const std::string &subject)
{
    auto listing = store.list();
    if (!listing)
        return {}; // all of it is sent then
    std::erase_if(listing->checkpoints, [&subject](const repository::Checkpoint &one) {
        return service::toMessage(one).subject() != subject;
    });
    return std::move(listing->checkpoints);
}

/// A right that the caller lacks, among what was found.
template <class Message> void addRights(const Result<> &may, Message &message)
{
    if (may)
        return;
    *message.add_findings() = findingOf(v1::CheckFinding::SEVERITY_ERROR, "rights", may.error().subject,
                                        may.error().message(), may.error().remedy);
}

/// Hears whether the caller gives it up, or is gone. Thread: of its own.
class GivenUp
{
public:
    GivenUp(ForkService::Stream &stream, grpc::ServerContext &context)
        : m_stream(stream), m_context(context), m_thread([this] { read(); })
    {}
    GivenUp(const GivenUp &) = delete;
    GivenUp &operator=(const GivenUp &) = delete;
    GivenUp(GivenUp &&) = delete;
    GivenUp &operator=(GivenUp &&) = delete;
    /// Waits a while for the caller to end its half, and cancels the call then.
    ~GivenUp()
    {
        {
            std::unique_lock lock(m_mutex);
            if (!m_changed.wait_for(lock, kForkHalfClose, [this] { return m_ended; }))
                m_context.TryCancel();
        }
        m_thread.join();
    }
    void stop() { m_stop.request_stop(); }
    [[nodiscard]] std::stop_token token() const { return m_stop.get_token(); }

private:
    void read()
    {
        v1::ForkOrder order;
        while (m_stream.Read(&order)) {
            if (order.give_up())
                m_stop.request_stop();
        }
        m_stop.request_stop();
        const std::scoped_lock lock(m_mutex);
        m_ended = true;
        m_changed.notify_all();
    }

    ForkService::Stream &m_stream;
    grpc::ServerContext &m_context;
    std::stop_source m_stop;
    std::mutex m_mutex; ///< of what follows
    std::condition_variable m_changed;
    bool m_ended = false;
    std::thread m_thread; ///< the last member: it uses the others
};

} // namespace

grpc::Status ForkService::Profile(grpc::ServerContext *context, const v1::ForkProfileRequest *request,
                                  v1::ForkProfile *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        const repository::Checkpoint one = GANTRY_TRY(theOne(store, request->checkpoint()));
        *reply = GANTRY_TRY(forkProfileOf(one, *store));
        // It is to be sent.
        addRights(m_parts.peers.mayAct(*context, "export", one.id.text()), *reply->mutable_container());
        return {};
    }());
}

grpc::Status ForkService::Judge(grpc::ServerContext *context, const v1::JudgeForkRequest *request,
                                v1::JudgeForkReply *reply)
{
    return toStatus([&]() -> Result<> {
        const v1::ForkProfile &profile = request->profile();
        const auto names = GANTRY_TRY(copyNames(request->name(), request->copies(), profile.container().subject()));
        const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("restore"));
        // A store that cannot be opened is a finding.
        if (const auto store = m_parts.store.forReading(); store && *store != nullptr) {
            const auto same = sameIn(**store, profile.checkpoint().subject());
            for (const repository::Checkpoint &one : std::span(same).last(std::min(same.size(), kMostForkBases)))
                reply->add_bases(one.id.text());
            const auto id = repository::CheckpointId::parse(profile.checkpoint().id());
            reply->set_known(id && (*store)->checkpoint(*id));
        }
        addRights(m_parts.peers.mayAct(*context, "restore", names.front()), *reply);
        for (v1::CheckFinding &finding :
             judgeFork(profile, names, reply->known(), means, m_parts.store, m_parts.runtimes))
            reply->mutable_findings()->Add(std::move(finding));
        reply->mutable_names()->Add(names.begin(), names.end());
        return {};
    }());
}

grpc::Status ForkService::Restore(grpc::ServerContext *context, Stream *stream)
{
    return toStatus([&]() -> Result<> {
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        v1::ForkOrder order;
        if (!stream->Read(&order) || !order.has_copy() || order.copy().dry_run())
            return fail(EINVAL, "restore", "stream", "the first message does not say what is to be restored");
        GivenUp given(*stream, *context);
        const auto atEnd = m_parts.gate.onClose([&given] { given.stop(); });
        const CopyRunner run = [&](const control::Executor::Spec &spec, control::Call call, auto work) {
            const std::uint64_t id = m_parts.jobs.add(spec.verb, spec.subject, call.actor.text(), true);
            const std::stop_callback onCancel(m_parts.jobs.stopToken(id), [&given] { given.stop(); });
            call.stop = given.token();
            call.onPhase = [&](std::string_view phase) {
                m_parts.jobs.phase(id, phase);
                v1::ForkNews news;
                news.set_phase(std::string(phase));
                stream->Write(news); // whoever is gone is heard of
            };
            m_parts.jobs.start(id);
            auto result = work(call);
            m_parts.jobs.end(id, result ? std::nullopt : std::optional(result.error()),
                             result ? resultLines(*result) : std::vector<std::string>());
            return control::Executor::Answer<CopyLines>{id, std::move(result)};
        };
        v1::ForkNews last;
        v1::CopyCheckpointReply reply;
        const auto done = m_parts.checkpoints.copyBy(*context, order.copy(), run, reply);
        if (done)
            *last.mutable_done() = std::move(reply);
        else
            *last.mutable_failure() = gantry::toMessage(done.error());
        stream->Write(last);
        return done;
    }());
}

} // namespace gantry::service
