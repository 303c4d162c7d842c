// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_queue.h"

#include "engine/base/error.h"

#include <algorithm>
#include <numeric>

namespace gantry::service {

MigrationQueue::MigrationQueue(std::size_t items, std::size_t parallel, bool stopOnError)
    : m_states(items, QueuedState::Waiting), m_parallel(std::max(parallel, std::size_t{1})), m_stopOnError(stopOnError)
{}

std::size_t MigrationQueue::count(QueuedState state) const
{
    return static_cast<std::size_t>(std::ranges::count(m_states, state));
}

std::size_t MigrationQueue::atWork() const
{
    return count(QueuedState::AtWork) + count(QueuedState::Stopping);
}

bool MigrationQueue::isOver() const
{
    return atWork() == 0 && count(QueuedState::Waiting) == 0;
}

std::optional<std::size_t> MigrationQueue::next()
{
    if (atWork() >= m_parallel)
        return std::nullopt;
    const auto at = std::ranges::find(m_states, QueuedState::Waiting);
    if (at == m_states.end())
        return std::nullopt;
    *at = QueuedState::AtWork;
    return static_cast<std::size_t>(at - m_states.begin());
}

void MigrationQueue::end(std::size_t item, QueuedState how)
{
    QueuedState &state = m_states.at(item);
    GANTRY_ASSERT(state == QueuedState::AtWork || state == QueuedState::Stopping);
    GANTRY_ASSERT(how >= QueuedState::Done);
    state = how;
    if (m_stopOnError && (how == QueuedState::Failed || how == QueuedState::Unknown))
        std::ranges::replace(m_states, QueuedState::Waiting, QueuedState::GivenUp);
}

bool MigrationQueue::giveUp(std::size_t item)
{
    QueuedState &state = m_states.at(item);
    if (state == QueuedState::Waiting)
        state = QueuedState::GivenUp;
    if (state != QueuedState::AtWork)
        return false;
    state = QueuedState::Stopping;
    return true;
}

std::vector<std::size_t> MigrationQueue::giveUpAll()
{
    std::vector<std::size_t> out;
    for (std::size_t item = 0; item < m_states.size(); ++item) {
        if (giveUp(item))
            out.push_back(item);
    }
    return out;
}

bool MigrationQueue::retry(std::size_t item)
{
    QueuedState &state = m_states.at(item);
    if (state != QueuedState::Failed && state != QueuedState::GivenUp)
        return false;
    state = QueuedState::Waiting;
    return true;
}

std::vector<std::optional<std::size_t>> placeContainers(const std::vector<std::vector<Judged>> &judged)
{
    const auto wanted = [&judged](std::size_t container) {
        std::uint64_t most = 0;
        for (const Judged &one : judged[container])
            most = std::max(most, one.wantedBytes);
        return most;
    };
    std::vector<std::size_t> order(judged.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return wanted(a) > wanted(b); });
    std::vector<std::optional<std::size_t>> out(judged.size());
    std::vector<std::uint64_t> given; // to each host
    for (const std::size_t container : order) {
        std::uint64_t best = 0;
        given.resize(std::max(given.size(), judged[container].size()));
        for (std::size_t host = 0; host < judged[container].size(); ++host) {
            const Judged &one = judged[container][host];
            const bool isTold = one.availableBytes > 0;
            const std::uint64_t left = one.availableBytes - std::min(one.availableBytes, given[host]);
            // What it would not fit into alone its judgement tells of, and somebody may have passed over that.
            const bool fits = !isTold || given[host] == 0 || left >= one.wantedBytes;
            if (one.possible && fits && (!out[container] || left > best)) {
                out[container] = host;
                best = left;
            }
        }
        if (out[container])
            given[*out[container]] += judged[container][*out[container]].wantedBytes;
    }
    return out;
}

} // namespace gantry::service
