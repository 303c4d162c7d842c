// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/pace.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace gantry::migration {

namespace {

constexpr std::chrono::milliseconds kSavedUp{100};
constexpr std::size_t kLeastPiece = 4'096;

} // namespace

Pace::Time Pace::realTime()
{
    return {[] { return Clock::now(); },
            [](Clock::time_point until, const std::stop_token &stop) {
                std::mutex mutex;
                std::condition_variable_any never;
                std::unique_lock lock(mutex);
                never.wait_until(lock, stop, until, [] { return false; });
            }};
}

std::size_t Pace::piece(std::size_t whole) const
{
    if (m_perSecond <= 0)
        return whole;
    const double tenth = m_perSecond * std::chrono::duration<double>(kSavedUp).count();
    return tenth >= static_cast<double>(whole) ? whole : std::max(kLeastPiece, static_cast<std::size_t>(tenth));
}

Result<> Pace::take(std::size_t bytes, const Wait &wait)
{
    if (m_perSecond <= 0)
        return {};
    const Clock::time_point now = m_time.now();
    m_free = std::max(m_free, now - kSavedUp);
    if (m_free > wait.until)
        return fail(ETIMEDOUT, "migrate", "the rate", "the time is over before all of it may be sent");
    if (m_free > now)
        m_time.sleep(m_free, wait.stop);
    if (wait.stop.stop_requested())
        return fail(ECANCELED, "migrate", "the rate", "it was cancelled");
    m_free += std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(static_cast<double>(bytes) / m_perSecond));
    return {};
}

} // namespace gantry::migration
