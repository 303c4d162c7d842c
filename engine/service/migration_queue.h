// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

/// Several migrations: which begins when, how each came out, and which host each goes to. No threads, no clock, no
/// connection: who has it does the work. Thread: one at a time.
namespace gantry::service {

enum class QueuedState : std::uint8_t {
    Waiting,
    AtWork,
    Stopping, ///< at work, and asked to give up
    Done,
    Failed,  ///< it runs where it was
    Unknown, ///< it is not known yet where it runs
    GivenUp, ///< it runs where it was, because somebody wanted that
};

/// At most so many are at work; they begin in their order.
class MigrationQueue
{
public:
    /// @param parallel 1 at least. @param stopOnError after one that failed no further one begins.
    MigrationQueue(std::size_t items, std::size_t parallel, bool stopOnError);

    /// The next one to begin, which is at work then; call it until there is none: after the beginning and after each
    /// end(). @return nullopt: none may begin now.
    [[nodiscard]] std::optional<std::size_t> next();
    /// One at work has ended. @param how Done, Failed, Unknown, GivenUp.
    void end(std::size_t item, QueuedState how);
    /// @return it is at work: stop it. One that waits is given up at once; one that has ended stays as it is.
    [[nodiscard]] bool giveUp(std::size_t item);
    /// All that have not ended. @return those at work: stop them.
    [[nodiscard]] std::vector<std::size_t> giveUpAll();
    /// One that failed, or was given up, waits again. @return false: it is neither.
    bool retry(std::size_t item);

    [[nodiscard]] std::size_t size() const { return m_states.size(); }
    [[nodiscard]] QueuedState state(std::size_t item) const { return m_states.at(item); }
    [[nodiscard]] std::size_t count(QueuedState state) const;
    /// None waits, none is at work.
    [[nodiscard]] bool isOver() const;

private:
    [[nodiscard]] std::size_t atWork() const;

    std::vector<QueuedState> m_states;
    const std::size_t m_parallel;
    const bool m_stopOnError;
};

/// What a host thinks of a container that may go there.
struct Judged
{
    bool possible = false;
    std::uint64_t availableBytes = 0; ///< memory of the host; 0: not told
    std::uint64_t wantedBytes = 0;    ///< of the container
};

/// Chooses a host for each container: the biggest container first, and among the hosts where it is possible the one
/// with most memory left, counting those that were chosen for it before. A host that the container would not fit into
/// any more is taken by none, unless it does not tell its memory.
/// @param judged for each container what each host thinks, hosts in the same order.
/// @return for each container the host's place; nullopt: it can go nowhere.
[[nodiscard]] std::vector<std::optional<std::size_t>> placeContainers(const std::vector<std::vector<Judged>> &judged);

} // namespace gantry::service
