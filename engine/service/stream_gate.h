// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/observers.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace gantry::service {

/// Counts the watch streams and knows when all of them have to end: a client that opens streams without end, or reads
/// none of them, takes no thread from others. Thread: any.
class StreamGate
{
    struct State
    {
        std::mutex mutex;
        std::map<std::string, std::size_t> byPeer;
        std::size_t total = 0;
        std::size_t looking = 0;
        bool closed = false;
    };

public:
    static constexpr std::size_t kMostStreams = 64;
    static constexpr std::size_t kMostStreamsOfPeer = 24;
    /// Of all that only look, so that those who act find room.
    static constexpr std::size_t kMostStreamsOfLookers = 32;

    /// On whose account a stream is.
    struct Account
    {
        std::string owner; ///< all with the same share kMostStreamsOfPeer
        bool looks = false;
    };
    /// @param accountOf of a connection, by gRPC's name of it. Thread: any. Without: its own account.
    explicit StreamGate(std::function<Account(const std::string &)> accountOf = {}) : m_accountOf(std::move(accountOf))
    {}

    /// One open stream; leaves when destroyed.
    class Ticket
    {
    public:
        Ticket(std::shared_ptr<State> state, Account account) : m_state(std::move(state)), m_account(std::move(account))
        {}
        Ticket(Ticket &&) noexcept = default;
        Ticket &operator=(Ticket &&) = delete;
        Ticket(const Ticket &) = delete;
        Ticket &operator=(const Ticket &) = delete;
        ~Ticket();
        /// The engine ends: the stream has to, too.
        [[nodiscard]] bool closed() const;

    private:
        std::shared_ptr<State> m_state;
        Account m_account;
    };

    /// @param peer as gRPC names it. @errors EMFILE when its owner, or all together, have too many streams open;
    /// ECANCELED after close().
    [[nodiscard]] Result<Ticket> enter(const std::string &peer);
    /// Every stream ends.
    void close();
    /// Calls back at close().
    [[nodiscard]] Observers::Subscription onClose(std::function<void()> callback)
    {
        return m_closing.subscribe(std::move(callback));
    }

private:
    Observers m_closing;
    const std::function<Account(const std::string &)> m_accountOf;
    std::shared_ptr<State> m_state = std::make_shared<State>();
};

} // namespace gantry::service
