// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/runtime_route.h"

#include "engine/base/strings.h"
#include "engine/control/control.h"
#include "engine/control/limit_warnings.h"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

namespace gantry::control {

namespace {

using runtime::Verb;

/// From the runtime's answer to the kernel's event.
constexpr std::chrono::seconds kRuntimeLag{2};
constexpr std::chrono::milliseconds kShowsLook{20};
constexpr std::chrono::milliseconds kShowsPatience{1'000};
constexpr std::chrono::milliseconds kSamePatience{5'000};  ///< where what is told since is what was before
constexpr std::chrono::milliseconds kNewsPatience{15'000}; ///< until a runtime has told anything since

bool has(const runtime::Facts &facts, Verb verb)
{
    return std::ranges::find(facts.verbs, verb) != facts.verbs.end();
}

/// That a unit of systemd will have the container running again, or miss it, and how that unit is told.
std::vector<Warning> keeperWarnings(const runtime::Facts &facts, Verb verb)
{
    const std::string unit = runtime::keepingUnit(facts);
    if (unit.empty())
        return {};
    return {{WarningCode::SystemdOwned, unit,
             strCat("it runs ", printable(facts.name), ": ", runtime::keeperCommand(facts, verb))}};
}

runtime::Patience patienceOf(const Call &call)
{
    return {runtime::Clock::now() + call.deadline, call.stop};
}

/// One container's own cgroup.
class RuntimeRoute final : public Route
{
public:
    RuntimeRoute(runtime::Known container, cgroup::CgroupPath path, RoutePtr next,
                 std::shared_ptr<ExpectedWrites> expected)
        : m_container(std::move(container))
        , m_path(std::move(path))
        , m_next(std::move(next))
        , m_expected(std::move(expected))
    {}

    [[nodiscard]] std::string name() const override
    {
        return strCat(facts().runtime, ": ", printable(facts().name));
    }
    [[nodiscard]] bool sets(LimitKey key) const override
    {
        return setsItself(key) || (m_next != nullptr && m_next->sets(key));
    }
    [[nodiscard]] std::string nameFor(LimitKey key) const override
    {
        return setsItself(key) || m_next == nullptr ? name() : m_next->nameFor(key);
    }
    [[nodiscard]] bool isKept(LimitKey key, Persistence persistence) const override
    {
        // A unit makes its container anew each time it starts.
        return setsItself(key) ? runtime::keepingUnit(facts()).empty()
                               : m_next != nullptr && m_next->isKept(key, persistence);
    }
    [[nodiscard]] std::vector<Warning> caveats(LimitKey key, bool byRoute) const override
    {
        if (byRoute && setsItself(key))
            return sideEffects(key);
        std::vector<Warning> out =
            m_next != nullptr ? m_next->caveats(key, byRoute) : std::vector<Warning>();
        out.push_back({WarningCode::RuntimeOwned, m_path.text(),
                       strCat(name(), " does not know of this change and may undo it when it starts the container or "
                                      "is told to change it")});
        return out;
    }
    [[nodiscard]] LimitValue asApplied(LimitKey key, const LimitValue &value) const override
    {
        return setsItself(key) || m_next == nullptr ? value : m_next->asApplied(key, value);
    }
    [[nodiscard]] std::string command(std::span<const LimitSetting> settings, Persistence persistence) const override
    {
        const auto [own, others] = split(settings);
        std::string out = own.empty() ? std::string() : m_container.owner->updateCommand(facts(), own);
        if (!others.empty() && m_next != nullptr)
            out += strCat(out.empty() ? "" : " && ", m_next->command(others, persistence));
        return out;
    }
    [[nodiscard]] Result<> setLimits(std::span<const LimitSetting> settings, Persistence persistence,
                                     const Call &call) const override
    {
        const auto [own, others] = split(settings);
        if (!own.empty()) {
            const std::set<LimitKey> written = writtenFor(own);
            for (const LimitKey key : written)
                m_expected->expect(m_path.text(), std::string(limitInfo(key).name), {}, true,
                                   runtime::Clock::now() + call.deadline + kRuntimeLag);
            const auto done = m_container.owner->update(facts(), own, patienceOf(call));
            for (const LimitKey key : written)
                m_expected->endBy(m_path.text(), limitInfo(key).name, runtime::Clock::now() + kRuntimeLag);
            GANTRY_CHECK(done);
        }
        return others.empty() || m_next == nullptr ? Result<>() : m_next->setLimits(others, persistence, call);
    }
    [[nodiscard]] std::string effective(LimitKey key) const override
    {
        return m_next != nullptr ? m_next->effective(key) : std::string();
    }

    [[nodiscard]] std::optional<Result<>> setFrozen(bool frozen, const Call &call) const override
    {
        // Paused by the runtime is thawed by it; frozen by somebody else it knows nothing of.
        if (!has(facts(), frozen ? Verb::Pause : Verb::Unpause))
            return m_next != nullptr ? m_next->setFrozen(frozen, call) : std::nullopt;
        m_expected->expect(m_path.text(), "cgroup.freeze", {}, true,
                           runtime::Clock::now() + call.deadline + kRuntimeLag);
        const auto done = m_container.owner->act(facts(), frozen ? Verb::Pause : Verb::Unpause, patienceOf(call));
        m_expected->endBy(m_path.text(), "cgroup.freeze", runtime::Clock::now() + kRuntimeLag);
        return done;
    }
    [[nodiscard]] std::vector<Warning> killCaveats() const override { return keeperWarnings(facts(), Verb::Kill); }
    [[nodiscard]] std::optional<Result<>> kill(const Call &call) const override
    {
        // A runtime that was not asked takes it for a failure and may start the container again.
        if (!has(facts(), Verb::Kill))
            return m_next != nullptr ? m_next->kill(call) : std::nullopt;
        return m_container.owner->act(facts(), Verb::Kill, patienceOf(call));
    }
    [[nodiscard]] std::optional<Result<>> attach(std::span<const ProcessKey> processes, const Call &call) const override
    {
        return m_next != nullptr ? m_next->attach(processes, call) : std::nullopt;
    }

private:
    using Own = std::vector<std::pair<LimitKey, LimitValue>>;

    [[nodiscard]] const runtime::Facts &facts() const { return *m_container.facts; }
    [[nodiscard]] bool setsItself(LimitKey key) const
    {
        return has(facts(), Verb::Update) && m_container.owner->sets(facts(), key);
    }
    [[nodiscard]] std::vector<Warning> sideEffects(LimitKey key) const
    {
        std::vector<Warning> out;
        for (const auto &[other, value] : m_container.owner->changesToo(facts(), key))
            out.push_back({WarningCode::ChangesOther, m_path.text(),
                           strCat(facts().runtime, " sets ", limitInfo(other).name, " to ", value, " with it")});
        return out;
    }
    /// Files that the runtime writes for these.
    [[nodiscard]] std::set<LimitKey> writtenFor(const Own &own) const
    {
        std::set<LimitKey> out;
        for (const auto &[key, value] : own) {
            out.insert(key);
            for (const auto &[other, what] : m_container.owner->changesToo(facts(), key))
                out.insert(other);
        }
        return out;
    }
    [[nodiscard]] std::pair<Own, std::vector<LimitSetting>> split(std::span<const LimitSetting> settings) const
    {
        std::pair<Own, std::vector<LimitSetting>> out;
        for (const LimitSetting &setting : settings) {
            if (setsItself(setting.key))
                out.first.emplace_back(setting.key, setting.value);
            else
                out.second.push_back(setting);
        }
        return out;
    }

    const runtime::Known m_container;
    const cgroup::CgroupPath m_path;
    const RoutePtr m_next; ///< may be null
    const std::shared_ptr<ExpectedWrites> m_expected;
};

/// What the runtime's word for the verb leads to.
runtime::State aimOf(Verb verb)
{
    switch (verb) {
    case Verb::Start:
    case Verb::Restart:
        return runtime::State::Running;
    case Verb::Stop:
        return runtime::State::Exited;
    default:
        return runtime::State::Unknown; // gone
    }
}

} // namespace

RouteFinder runtimeRoutes(RuntimeParts parts, RouteFinder next)
{
    return [parts = std::move(parts), next = std::move(next)](const cgroup::Cgroup &target) -> RoutePtr {
        RoutePtr other = next ? next(target) : nullptr;
        auto container = parts.containers(target);
        if (!container)
            return other;
        return std::make_shared<const RuntimeRoute>(*std::move(container), target.path, std::move(other),
                                                    parts.expected);
    };
}

Result<ContainerActionResult> Control::actOnContainer(const runtime::Known &container, Verb verb,
                                           const std::optional<cgroup::Cgroup> &target,
                                           const std::function<runtime::FactsPtr()> &now, const Call &call) const
{
    const runtime::Facts &facts = *container.facts;
    const std::string name = printable(facts.name);
    const std::string_view word = runtime::verbName(verb);
    call.phase("check");
    if (target)
        GANTRY_CHECK(checkSubtree(word, *target));
    const bool runs = facts.state == runtime::State::Running || facts.state == runtime::State::Paused;
    if (verb == Verb::Remove && runs)
        return fail(EBUSY, word, name, "it runs", "stop it first");
    if (!has(facts, verb))
        return fail(ENOTSUP, word, name,
                    strCat(facts.runtime, " cannot do that with a container that is ", runtime::stateName(facts.state)),
                    runtime::keeperCommand(facts, verb));
    ContainerActionResult result;
    result.container = name;
    result.oldState = facts.state;
    result.newState = aimOf(verb);
    result.route = strCat(facts.runtime, ": ", name);
    result.command = container.owner->command(facts, verb);
    if (target) {
        result.node = target->id;
        result.path = target->path;
        result.warnings = cgroupWarnings(*m_hierarchies, *target);
    }
    for (Warning &warning : keeperWarnings(facts, verb))
        result.warnings.push_back(std::move(warning));
    if (call.dryRun)
        return result;

    call.phase("write");
    const Result<> done = container.owner->act(facts, verb, patienceOf(call));
    AuditRecord record{.verb = std::string(word),
                       .target = strCat(facts.runtime, "/", name),
                       .oldValue = std::string(runtime::stateName(facts.state)),
                       .newValue = std::string(word),
                       .actor = call.actor.text()};
    if (!done)
        return recorded(std::move(record), Result<ContainerActionResult>(std::unexpected(done.error())));
    call.phase("wait");
    // What the runtime told before the verb tells nothing of it: on a busy host it takes a while to be asked again.
    auto until = runtime::Clock::now() + (verb == Verb::Remove ? kShowsPatience : kNewsPatience);
    bool news = false;
    const runtime::State aim = result.newState;
    do {
        const runtime::FactsPtr shown = now();
        result.newState = shown != nullptr ? shown->state : runtime::State::Unknown;
        if (result.newState == aim)
            break;
        // The first news may have been asked for before the verb was done.
        if (shown != container.facts && !std::exchange(news, true))
            until = runtime::Clock::now() + (result.newState == result.oldState ? kSamePatience : kShowsPatience);
        std::this_thread::sleep_for(kShowsLook);
    } while (runtime::Clock::now() < until && !call.stop.stop_requested());
    // Its files may be seen a little longer; that it is gone is the runtime's word.
    if (verb == Verb::Remove)
        result.newState = aim;
    record.newValue = result.newState == runtime::State::Unknown ? "removed" : runtime::stateName(result.newState);
    return recorded(std::move(record), Result<ContainerActionResult>(std::move(result)));
}

} // namespace gantry::control
