// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/source.h"

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

namespace gantry::runtime {

namespace {

std::unexpected<Error> without(std::string_view verb, const Facts &container)
{
    return fail(ENOTSUP, verb, container.name, std::string(container.runtime) + " cannot do that from here");
}

} // namespace

Result<> checkPatience(std::string_view op, std::string_view subject, const Patience &patience)
{
    if (patience.stop.stop_requested())
        return failErrno(op, subject, ECANCELED);
    if (Clock::now() >= patience.deadline)
        return failErrno(op, subject, ETIMEDOUT);
    return {};
}

void pauseFor(Clock::duration time, const Patience &patience)
{
    constexpr std::chrono::milliseconds kStep{50};
    const auto end = std::min(patience.deadline, Clock::now() + time);
    while (Clock::now() < end && !patience.stop.stop_requested())
        std::this_thread::sleep_for(kStep);
}

Result<> waitForEvents(const NextEvent &next, const std::function<bool(std::string_view)> &matters,
                       const Patience &patience, bool &lost)
{
    constexpr std::chrono::milliseconds kGather{50};
    constexpr std::size_t kMostGathered = 10'000;
    Clock::time_point end = patience.deadline;
    bool changed = false;
    for (std::size_t i = 0; i < kMostGathered; ++i) {
        const auto event = next({end, patience.stop});
        if (!event && (event.error().posix() == ETIMEDOUT || event.error().posix() == ECANCELED))
            return {};
        if (!event) {
            lost = true;
            return changed ? Result<>() : std::unexpected(event.error());
        }
        if (matters(*event) && !std::exchange(changed, true))
            end = std::min(patience.deadline, Clock::now() + kGather);
    }
    return {};
}

Result<> Source::update(const Facts &container, std::span<const std::pair<LimitKey, LimitValue>> /*limits*/,
                        const Patience & /*patience*/) const
{
    return without(verbName(Verb::Update), container);
}

Result<> Source::act(const Facts &container, Verb verb, const Patience & /*patience*/) const
{
    return without(verbName(verb), container);
}

Result<LogTail> Source::tailLog(const Facts &container, std::size_t /*lines*/, const Patience & /*patience*/) const
{
    return without(verbName(Verb::Log), container);
}

} // namespace gantry::runtime
