// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/group_client.h"

#include "engine/base/strings.h"
#include "engine/migration/log.h"
#include "engine/proto/convert.h"
#include "engine/service/status.h"

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace gantry::service {

namespace {

using GroupClock = std::chrono::steady_clock;
using GroupPart = v1::GroupNews::PartCase;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr std::chrono::milliseconds kAlive{700}; ///< between two signs of life; a lease is a second at least
constexpr std::chrono::seconds kRollBack{30};    ///< for all to end after it was given up
constexpr std::chrono::minutes kBesides{2};      ///< besides the deadline: the longest that a call takes
constexpr std::chrono::milliseconds kUsualGroup{600'000};

/// One member's call. What the thread that reads writes is under the group's mutex.
struct GroupCall
{
    const GroupMember *member = nullptr;
    grpc::ClientContext context{};
    std::unique_ptr<grpc::ClientReaderWriter<v1::GroupOrder, v1::GroupNews>> stream{};
    GroupClock::time_point asked{};      ///< when the last order was given
    std::optional<v1::GroupNews> news{}; ///< the answer to it
    GroupClock::time_point answered{};
    std::vector<std::string> phases{}; ///< not told yet
    std::optional<Error> failure{};
    bool isOver = false;  ///< nothing more comes
    std::thread reader{}; ///< the last one
};

/// All members on their way. Thread: one, but for its readers.
class GroupLead
{
public:
    GroupLead(std::span<const GroupMember> members, const v1::GroupBegin &begin, OnGroupPhase onPhase,
              std::stop_token stop)
        : m_begin(begin), m_onPhase(std::move(onPhase)), m_stop(std::move(stop))
    {
        for (const GroupMember &one : members)
            m_calls.emplace_back(std::make_unique<GroupCall>())->member = &one;
    }
    GroupLead(const GroupLead &) = delete;
    GroupLead &operator=(const GroupLead &) = delete;
    GroupLead(GroupLead &&) = delete;
    GroupLead &operator=(GroupLead &&) = delete;
    /// What is not at its end is given up.
    ~GroupLead()
    {
        end(kRollBack);
        for (const auto &call : m_calls) {
            if (call->reader.joinable())
                call->reader.join();
        }
    }

    enum class Kind : std::uint8_t { Save, Restore };
    void begin(Kind kind);
    /// Gives an order to all, and waits until all have answered with news of this kind. @errors the first failure,
    /// after which all were given up and have ended.
    [[nodiscard]] Result<> step(const v1::GroupOrder &order, GroupPart answer);
    /// The second half of that. @errors as step().
    [[nodiscard]] Result<> await(GroupPart answer);
    /// The last step: none is given up any more.
    [[nodiscard]] GroupEnds go();
    /// What each one found, or why not.
    [[nodiscard]] std::vector<Result<v1::GroupReady>> looked();
    [[nodiscard]] const std::vector<std::unique_ptr<GroupCall>> &calls() const { return m_calls; }

private:
    void read(GroupCall &call);
    void send(GroupCall &call, const v1::GroupOrder &order);
    void sendAll(const v1::GroupOrder &order);
    /// Until `isDone` under the lock; tells phases, and the members that the caller lives.
    void wait(std::unique_lock<std::mutex> &lock, GroupClock::time_point until, bool stoppable,
              const std::function<bool()> &isDone);
    [[nodiscard]] bool isEvery(const std::function<bool(const GroupCall &)> &what) const;
    /// Under the lock: the first one that failed. nullptr: none.
    [[nodiscard]] const GroupCall *failed(GroupPart answer) const;
    void end(std::chrono::milliseconds patience);
    [[nodiscard]] Error giveUp(Error why);

    v1::GroupBegin m_begin;
    const OnGroupPhase m_onPhase;
    const std::stop_token m_stop;
    std::vector<std::unique_ptr<GroupCall>> m_calls;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    GroupClock::time_point m_aliveAt{}; ///< when they were told so last
    bool m_halfClosed = false;
};

bool GroupLead::isEvery(const std::function<bool(const GroupCall &)> &what) const
{
    return std::ranges::all_of(m_calls, [&what](const auto &call) { return what(*call); });
}

void GroupLead::read(GroupCall &call)
{
    v1::GroupNews news;
    while (call.stream->Read(&news)) {
        const std::scoped_lock lock(m_mutex);
        if (news.has_phase())
            call.phases.push_back(news.phase());
        else if (news.has_failure())
            call.failure = gantry::fromMessage(news.failure());
        else {
            call.news = std::move(news);
            call.answered = GroupClock::now();
        }
        m_changed.notify_all();
        news.Clear();
    }
    const grpc::Status status = call.stream->Finish();
    const std::scoped_lock lock(m_mutex);
    if (!status.ok() && !call.failure)
        call.failure = errorFrom(status);
    call.isOver = true;
    m_changed.notify_all();
}

void GroupLead::send(GroupCall &call, const v1::GroupOrder &order)
{
    call.stream->Write(order); // whoever does not hear it ends, which is seen
}

void GroupLead::sendAll(const v1::GroupOrder &order)
{
    for (const auto &call : m_calls)
        send(*call, order);
    m_aliveAt = GroupClock::now();
}

void GroupLead::wait(std::unique_lock<std::mutex> &lock, GroupClock::time_point until, bool stoppable,
                     const std::function<bool()> &isDone)
{
    v1::GroupOrder alive;
    alive.mutable_alive();
    while (!isDone() && GroupClock::now() < until && !(stoppable && m_stop.stop_requested())) {
        std::vector<std::pair<std::string_view, std::string>> phases;
        for (const auto &call : m_calls) {
            for (std::string &phase : std::exchange(call->phases, {}))
                phases.emplace_back(call->member->name, std::move(phase));
        }
        const bool isDue = !m_halfClosed && GroupClock::now() >= m_aliveAt + kAlive;
        if (phases.empty() && !isDue) {
            const auto next = std::min(until, m_halfClosed ? until : m_aliveAt + kAlive);
            const auto isNews = [&] {
                return isDone() || !isEvery([](const GroupCall &call) { return call.phases.empty(); });
            };
            if (stoppable)
                m_changed.wait_until(lock, m_stop, next, isNews);
            else
                m_changed.wait_until(lock, next, isNews);
            continue;
        }
        lock.unlock();
        for (const auto &[member, phase] : phases) {
            if (m_onPhase)
                m_onPhase(member, phase);
        }
        if (isDue)
            sendAll(alive);
        lock.lock();
    }
}

const GroupCall *GroupLead::failed(GroupPart answer) const
{
    const auto found = std::ranges::find_if(m_calls, [answer](const auto &call) {
        return call->failure || call->isOver || (call->news && call->news->part_case() != answer);
    });
    return found == m_calls.end() ? nullptr : found->get();
}

void GroupLead::end(std::chrono::milliseconds patience)
{
    if (!std::exchange(m_halfClosed, true)) {
        for (const auto &call : m_calls) {
            if (call->stream)
                call->stream->WritesDone();
        }
    }
    const auto isOver = [this] { return isEvery([](const GroupCall &call) { return call.isOver || !call.stream; }); };
    std::unique_lock lock(m_mutex);
    wait(lock, GroupClock::now() + patience, false, isOver);
    if (isOver())
        return;
    for (const auto &call : m_calls)
        call->context.TryCancel();
}

Error GroupLead::giveUp(Error why)
{
    v1::GroupOrder order;
    *order.mutable_give_up() = gantry::toMessage(why);
    sendAll(order);
    end(kRollBack);
    std::string silent;
    const std::scoped_lock lock(m_mutex);
    for (const auto &call : m_calls) {
        const int code = call->failure ? call->failure->posix() : 0;
        if (!call->isOver || code == ECONNRESET || code == ETIMEDOUT)
            silent += strCat(silent.empty() ? "" : ", ", call->member->name);
    }
    if (!silent.empty())
        why.detail += strCat("; not heard of any more: ", silent,
                             ", where what was begun is undone once its Gantry has missed this caller");
    return why;
}

Result<> GroupLead::step(const v1::GroupOrder &order, GroupPart answer)
{
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto &call : m_calls)
            call->news.reset();
    }
    // The clock of each runs from before its order was given.
    for (const auto &call : m_calls) {
        call->asked = GroupClock::now();
        send(*call, order);
    }
    m_aliveAt = GroupClock::now();
    return await(answer);
}

Result<> GroupLead::await(GroupPart answer)
{
    std::optional<Error> why;
    {
        std::unique_lock lock(m_mutex);
        wait(lock, GroupClock::time_point::max(), true, [&] {
            return failed(answer) != nullptr || isEvery([](const GroupCall &call) { return call.news.has_value(); });
        });
        if (const GroupCall *const one = failed(answer); one != nullptr) {
            why = one->failure ? *one->failure
                               : fail(EPROTO, "group", "", "it ended, or said something else than it was to").error();
            why->subject = one->member->name;
            why->detail = one->failure ? one->failure->message() : why->detail;
        } else if (m_stop.stop_requested()) {
            why = fail(ECANCELED, "group", "all", "it was given up").error();
        }
    }
    if (!why)
        return {};
    return std::unexpected(giveUp(*std::move(why)));
}

void GroupLead::begin(Kind kind)
{
    const auto until = std::chrono::system_clock::now() + kBesides +
                       std::max(kUsualGroup, std::chrono::milliseconds(m_begin.deadline_ms()));
    for (const auto &call : m_calls) {
        v1::Group::Stub &host = call->member->host;
        call->context.set_deadline(until);
        call->stream = kind == Kind::Save ? host.Save(&call->context) : host.Restore(&call->context);
        v1::GroupOrder order;
        *order.mutable_begin() = m_begin;
        order.mutable_begin()->set_member(call->member->name);
        *order.mutable_begin()->mutable_target() = call->member->target;
        order.mutable_begin()->set_checkpoint(call->member->checkpoint);
        send(*call, order);
        call->reader = std::thread([this, one = call.get()] { read(*one); });
    }
    m_aliveAt = GroupClock::now();
}

std::vector<Result<v1::GroupReady>> GroupLead::looked()
{
    std::vector<Result<v1::GroupReady>> out;
    std::unique_lock lock(m_mutex);
    wait(lock, GroupClock::now() + kBesides, false,
         [&] { return isEvery([](const GroupCall &call) { return call.isOver || call.news || call.failure; }); });
    for (const auto &call : m_calls) {
        if (call->failure)
            out.emplace_back(std::unexpected(*call->failure));
        else if (call->news && call->news->has_ready())
            out.emplace_back(call->news->ready());
        else
            out.emplace_back(fail(ETIMEDOUT, "group", call->member->name, "it does not say what it finds"));
    }
    return out;
}

GroupEnds GroupLead::go()
{
    v1::GroupOrder order;
    order.mutable_go();
    {
        const std::scoped_lock lock(m_mutex);
        for (const auto &call : m_calls)
            call->news.reset();
    }
    sendAll(order);
    GroupEnds out;
    std::unique_lock lock(m_mutex);
    wait(lock, GroupClock::now() + kUsualGroup, false,
         [&] { return isEvery([](const GroupCall &call) { return call.isOver || call.news || call.failure; }); });
    for (const auto &call : m_calls) {
        if (call->failure)
            out.emplace_back(std::unexpected(*call->failure));
        else if (call->news && call->news->has_done())
            out.emplace_back(call->news->done());
        else
            out.emplace_back(fail(EPROTO, "group", call->member->name, "it ended without a word"));
    }
    return out;
}

v1::GroupOrder groupStep(v1::GroupOrder::PartCase kind)
{
    v1::GroupOrder out;
    switch (kind) {
    case v1::GroupOrder::kFreeze:
        out.mutable_freeze();
        break;
    case v1::GroupOrder::kHold:
        out.mutable_hold();
        break;
    default:
        out.mutable_keep();
    }
    return out;
}

/// As GroupSaved has it, of members that have said when they stood.
void measure(const std::vector<std::unique_ptr<GroupCall>> &calls, GroupSaved &out)
{
    const v1::GroupFrozen &one = calls.front()->news->frozen();
    out.oneClock = !one.clock().empty();
    std::int64_t begun = one.begun_nsec();
    std::int64_t stands = one.frozen_nsec();
    auto asked = GroupClock::time_point::max();
    auto stood = GroupClock::time_point::min();
    for (const auto &call : calls) {
        const v1::GroupFrozen &frozen = call->news->frozen();
        out.oneClock = out.oneClock && frozen.clock() == one.clock();
        begun = std::min<std::int64_t>(begun, frozen.begun_nsec());
        stands = std::max<std::int64_t>(stands, frozen.frozen_nsec());
        asked = std::min(asked, call->asked);
        stood = std::max(stood, call->answered - nanoseconds(frozen.since_nsec()));
    }
    out.skew = std::chrono::ceil<microseconds>(out.oneClock ? nanoseconds(stands - begun) : nanoseconds(stood - asked));
}

} // namespace

std::vector<Result<v1::GroupReady>> checkTogether(std::span<const GroupMember> members, const v1::GroupBegin &begin)
{
    v1::GroupBegin dry = begin;
    dry.set_dry_run(true);
    const bool isRestore = std::ranges::none_of(members, [](const GroupMember &one) { return one.checkpoint.empty(); });
    GroupLead lead(members, dry, {}, {});
    lead.begin(isRestore ? GroupLead::Kind::Restore : GroupLead::Kind::Save);
    return lead.looked();
}

Result<GroupSaved> saveTogether(std::span<const GroupMember> members, const v1::GroupBegin &asked,
                                const OnGroupPhase &onPhase, const std::stop_token &stop)
{
    v1::GroupBegin begin = asked;
    begin.set_group(GANTRY_TRY(migration::newId()));
    for (const GroupMember &one : members)
        begin.add_members(one.name);
    GroupSaved out;
    out.group = begin.group();
    GroupLead lead(members, begin, onPhase, stop);
    lead.begin(GroupLead::Kind::Save);
    GANTRY_CHECK(lead.await(GroupPart::kReady));
    GANTRY_CHECK(lead.step(groupStep(v1::GroupOrder::kFreeze), GroupPart::kFrozen));
    measure(lead.calls(), out);
    v1::GroupOrder save;
    save.mutable_save()->set_skew_usec(static_cast<std::uint64_t>(out.skew.count()));
    GANTRY_CHECK(lead.step(save, GroupPart::kSaved));
    GANTRY_CHECK(lead.step(groupStep(v1::GroupOrder::kKeep), GroupPart::kKept));
    out.members = lead.go();
    return out;
}

Result<GroupEnds> restoreTogether(std::span<const GroupMember> members, const v1::GroupBegin &begin,
                                  const OnGroupPhase &onPhase, const std::stop_token &stop)
{
    GroupLead lead(members, begin, onPhase, stop);
    lead.begin(GroupLead::Kind::Restore);
    GANTRY_CHECK(lead.await(GroupPart::kReady));
    GANTRY_CHECK(lead.step(groupStep(v1::GroupOrder::kHold), GroupPart::kHeld));
    GANTRY_CHECK(lead.step(groupStep(v1::GroupOrder::kKeep), GroupPart::kKept));
    return lead.go();
}

} // namespace gantry::service
