// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/group_service.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/migration/log.h"
#include "engine/proto/convert.h"
#include "engine/runtime/files.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_jobs.h"
#include "engine/service/convert_checkpoint.h"
#include "engine/service/migration_jobs.h"
#include "engine/service/status.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>

namespace gantry::service {

using Order = v1::GroupOrder;
using News = v1::GroupNews;
using repository::CheckpointId;
using runtime::Clock;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

namespace {

constexpr int kMostMembers = 64;
constexpr std::size_t kMostMemberName = 512; ///< bytes
constexpr std::uint32_t kUsualLease = 5'000;
constexpr std::uint32_t kLeastLease = 1'000;
constexpr std::uint32_t kMostLease = 60'000;

milliseconds leaseOf(std::uint32_t asked)
{
    return milliseconds(asked == 0 ? kUsualLease : std::clamp(asked, kLeastLease, kMostLease));
}

/// Who tells the same has the same CLOCK_MONOTONIC. Source: random(4), time_namespaces(7).
std::string clockName()
{
    std::error_code unknown;
    return strCat(trim(readFile("/proc/sys/kernel/random/boot_id").value_or("")), " ",
                  std::filesystem::read_symlink("/proc/self/ns/time", unknown).string());
}

std::int64_t nanosOf(Clock::time_point time)
{
    return std::chrono::duration_cast<nanoseconds>(time.time_since_epoch()).count();
}

/// @errors EINVAL.
Result<> checkBegin(const v1::GroupBegin &begin)
{
    // Who only looks whether it could be saved has no group yet.
    if (!migration::isId(begin.group()) && !(begin.dry_run() && begin.group().empty()))
        return fail(EINVAL, "group", printable(begin.group()), "no id of a group");
    if (begin.members_size() > kMostMembers)
        return fail(EINVAL, "group", begin.group(), strCat("more than ", kMostMembers, " members"));
    for (const std::string &name : begin.members()) {
        if (name.empty() || name.size() > kMostMemberName || name != printable(name))
            return fail(EINVAL, "group", printable(name), "no name of a member");
    }
    return {};
}

} // namespace

/// One member, for one call.
class GroupService::Member
{
public:
    Member(const Parts &parts, GroupLine &line, grpc::ServerContext &context, const v1::GroupBegin &begin)
        : m_parts(parts)
        , m_line(line)
        , m_context(context)
        , m_begin(begin)
        , m_onGivenUp(line.givenUp(), [this] { m_stop.request_stop(); })
        , m_onClose(parts.gate.onClose([this] { m_stop.request_stop(); }))
    {}
    /// Its failure is told, too.
    [[nodiscard]] Result<> save()
    {
        return told("checkpoint", [this] { return trySave(); });
    }
    [[nodiscard]] Result<> restore()
    {
        return told("restore", [this] { return tryRestore(); });
    }

private:
    [[nodiscard]] Result<> told(const char *verb, const std::function<Result<>()> &work);
    [[nodiscard]] Result<> trySave();
    [[nodiscard]] Result<> tryRestore();
    void beginJob(const char *verb, const std::string &subject);
    [[nodiscard]] Result<Order> next(Order::PartCase kind) { return m_line.expect(kind, m_stop.get_token()); }
    [[nodiscard]] Result<> ready(const std::string &subject, const std::vector<checkpoint::Finding> &findings);
    [[nodiscard]] Result<> frozen(Clock::time_point begun, Clock::time_point stands, repository::Manifest &manifest);
    /// The last two steps: from `keep` on only a word undoes it.
    [[nodiscard]] Result<> keep();
    [[nodiscard]] Result<> done(const repository::Checkpoint &one, v1::GroupDone last);

    const Parts &m_parts;
    GroupLine &m_line;
    grpc::ServerContext &m_context;
    const v1::GroupBegin &m_begin;
    std::stop_source m_stop;
    const std::stop_callback<std::function<void()>> m_onGivenUp;
    const Observers::Subscription m_onClose;
    control::Call m_call;
    std::optional<std::uint64_t> m_job;
    std::optional<std::stop_callback<std::function<void()>>> m_onCancel;
    std::vector<std::string> m_results;
    bool m_keeps = false;
};

Result<> GroupService::Member::told(const char *verb, const std::function<Result<>()> &work)
{
    auto out = work();
    if (m_job)
        m_parts.jobs.end(*m_job, out ? std::nullopt : std::optional(out.error()), m_results);
    if (!out) {
        News last;
        *last.mutable_failure() = gantry::toMessage(out.error());
        if (auto sent = m_line.send(last); !sent)
            log::info(log::Area::Control, verb, " of a group: its caller is gone: ", out.error().message());
    }
    return out;
}

void GroupService::Member::beginJob(const char *verb, const std::string &subject)
{
    m_call.actor = m_parts.peers.actorOf(m_context, m_begin.actor().program(), m_begin.actor().user());
    m_call.deadline = deadlineOf(m_begin.deadline_ms());
    m_call.stop = m_stop.get_token();
    m_job = m_parts.jobs.add(verb, subject, m_call.actor.text(), true);
    m_onCancel.emplace(m_parts.jobs.stopToken(*m_job), [this] { m_stop.request_stop(); });
    m_call.onPhase = [this](std::string_view name) {
        m_parts.jobs.phase(*m_job, name);
        News news;
        news.set_phase(std::string(name));
        static_cast<void>(m_line.send(news)); // who is gone is missed at the next step
    };
    m_parts.jobs.start(*m_job);
}

Result<> GroupService::Member::ready(const std::string &subject, const std::vector<checkpoint::Finding> &findings)
{
    News news;
    news.mutable_ready()->set_subject(printable(subject));
    for (const checkpoint::Finding &finding : findings)
        *news.mutable_ready()->add_findings() = service::toMessage(finding);
    return m_line.send(news);
}

Result<> GroupService::Member::frozen(Clock::time_point begun, Clock::time_point stands, repository::Manifest &manifest)
{
    News news;
    v1::GroupFrozen &frozen = *news.mutable_frozen();
    frozen.set_clock(clockName());
    frozen.set_begun_nsec(nanosOf(begun));
    frozen.set_frozen_nsec(nanosOf(stands));
    frozen.set_since_nsec(static_cast<std::uint64_t>((Clock::now() - stands).count()));
    GANTRY_CHECK(m_line.send(news));
    const Order order = GANTRY_TRY(next(Order::kSave));
    manifest.values[kGroupSkew] = std::to_string(order.save().skew_usec());
    return {};
}

Result<> GroupService::Member::keep()
{
    GANTRY_TRY(next(Order::kKeep));
    m_keeps = true;
    News news;
    news.mutable_kept();
    static_cast<void>(m_line.send(news));
    // A caller that is gone has meant it.
    if (auto order = next(Order::kGo); !order && m_line.isGivenUp()) {
        m_keeps = false;
        return std::unexpected(std::move(order).error());
    }
    return {};
}

Result<> GroupService::Member::done(const repository::Checkpoint &one, v1::GroupDone last)
{
    m_parts.runtimes.lookSoon();
    News news;
    last.set_job_id(*m_job);
    *last.mutable_checkpoint() = toMessage(one);
    *news.mutable_done() = std::move(last);
    static_cast<void>(m_line.send(news)); // it is done, whoever hears of it
    return {};
}

Result<> GroupService::Member::trySave()
{
    GANTRY_CHECK(checkBegin(m_begin));
    v1::CreateCheckpointRequest request;
    *request.mutable_target() = m_begin.target();
    request.set_name(m_begin.name());
    request.set_note(m_begin.note());
    request.set_stop(m_begin.stop());
    *request.mutable_options() = m_begin.options();
    auto wish = GANTRY_TRY(m_parts.checkpoints.wishFor(request));
    const auto kept = GANTRY_TRY(m_parts.checkpoints.keptBy(m_begin.target()));
    if (!kept || !kept->container || !kept->container->place)
        return fail(ENOTSUP, "checkpoint", wish.manifest.container.name, "Gantry did not start it",
                    "Containers that \"gantryctl run\" started can be saved together");
    const std::string subject = kept->known.facts->name;
    wish.manifest.values[kSubject] = wish.manifest.container.name = subject;
    if (kept->known.facts->state == runtime::State::Paused)
        return fail(EBUSY, "checkpoint", subject, "it is paused", "Unpause it first");
    const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("checkpoint"));
    if (m_begin.dry_run()) {
        const auto looked = GANTRY_TRY(checkpoint::lookForSave(wish.pids, means.criu, subject, m_stop.get_token()));
        GANTRY_CHECK(m_parts.store.mayOpen());
        return ready(subject, looked.findings);
    }
    GANTRY_CHECK(m_parts.peers.mayAct(m_context, "checkpoint", subject));
    const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
    wish.manifest.values[kGroupId] = m_begin.group();
    wish.manifest.values[kGroupMembers] =
        joined(std::vector<std::string>(m_begin.members().begin(), m_begin.members().end()), "\n");
    wish.manifest.values[kGroupMember] = m_begin.member();
    std::optional<CheckpointId> id;
    wish.together =
        checkpoint::Together{[&]() -> Result<> {
                                 GANTRY_CHECK(ready(subject, {}));
                                 GANTRY_TRY(next(Order::kFreeze));
                                 return {};
                             },
                             [&](Clock::time_point begun, Clock::time_point stands, repository::Manifest &manifest) {
                                 return frozen(begun, stands, manifest);
                             },
                             [&](const checkpoint::Saved &saved) -> Result<> {
                                 id = saved.id;
                                 News news;
                                 *news.mutable_saved() = toMessage(GANTRY_TRY(store->checkpoint(saved.id)));
                                 GANTRY_CHECK(m_line.send(news));
                                 return keep();
                             }};
    beginJob("checkpoint", subject);
    const auto saved =
        saveRecorded(m_parts.checkpoints.toolsFor(means, store), std::move(wish), kept, m_call.deadline, m_call);
    if (!saved) {
        if (id && !m_keeps)
            removeCheckpoints(*store, {*id});
        return std::unexpected(saved.error());
    }
    m_results = resultLines(*saved);
    v1::GroupDone last;
    last.set_frozen_usec(static_cast<std::uint64_t>(saved->stood.count()));
    last.set_not_recorded(saved->notRecorded);
    for (const std::string &note : saved->notes)
        last.add_notes(printable(note));
    return done(GANTRY_TRY(store->checkpoint(saved->id)), std::move(last));
}

Result<> GroupService::Member::tryRestore()
{
    GANTRY_CHECK(checkBegin(m_begin));
    const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
    const repository::Checkpoint one = GANTRY_TRY(theOne(store, m_begin.checkpoint()));
    if (valueOf(one.manifest, kGroupId) != m_begin.group())
        return fail(EINVAL, "restore", one.id.text(), "it is of another group");
    const std::string subject = valueOf(one.manifest, kSubject);
    const checkpoint::Means means = GANTRY_TRY(m_parts.checkpoints.meansFor("restore"));
    if (!checkpoint::isByRuntime(one.manifest))
        return fail(ENOTSUP, "restore", printable(subject), "Gantry did not start it",
                    "Containers that \"gantryctl run\" started can be restored together");
    GANTRY_CHECK(checkpoint::checkRestoreByRuntime(one, means, *store, {Clock::now() + kLookPatience}));
    if (m_begin.dry_run())
        return ready(subject, {});
    GANTRY_CHECK(m_parts.peers.mayAct(m_context, "restore", subject));
    GANTRY_CHECK(ready(subject, {}));
    GANTRY_TRY(next(Order::kHold));
    beginJob("restore", subject);
    const auto restored = restoreRecorded(m_parts.checkpoints.toolsFor(means, store), one, m_call.deadline, m_call, {},
                                          [this](const checkpoint::Restored & /*held*/) -> Result<> {
                                              News news;
                                              news.mutable_held();
                                              GANTRY_CHECK(m_line.send(news));
                                              return keep();
                                          });
    if (!restored)
        return std::unexpected(restored.error());
    m_results = resultLines(*restored);
    v1::GroupDone last;
    last.set_root_pid(restored->pid);
    last.set_frozen_usec(static_cast<std::uint64_t>(restored->stood.count()));
    last.set_not_recorded(restored->notRecorded);
    for (const std::string &note : restored->notes)
        last.add_notes(printable(note));
    return done(one, std::move(last));
}

grpc::Status GroupService::Save(grpc::ServerContext *context, GroupLine::Stream *stream)
{
    return toStatus([&]() -> Result<> {
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        Order first;
        if (!stream->Read(&first) || !first.has_begin())
            return fail(EINVAL, "checkpoint", "stream", "the first message does not say what is to be saved");
        GroupLine line(*stream, *context, leaseOf(first.begin().lease_ms()));
        return Member(m_parts, line, *context, first.begin()).save();
    }());
}

grpc::Status GroupService::Restore(grpc::ServerContext *context, GroupLine::Stream *stream)
{
    return toStatus([&]() -> Result<> {
        const auto ticket = GANTRY_TRY(m_parts.gate.enter(context->peer()));
        Order first;
        if (!stream->Read(&first) || !first.has_begin())
            return fail(EINVAL, "restore", "stream", "the first message does not say what is to be restored");
        GroupLine line(*stream, *context, leaseOf(first.begin().lease_ms()));
        return Member(m_parts, line, *context, first.begin()).restore();
    }());
}

} // namespace gantry::service
