// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <atomic>
#include <cstdint>
#include <list>
#include <string>
#include <thread>

namespace gantry::test {

/// A way to a service: a UNIX socket of its own in front of the service's, which is slow, stalls, or is cut. Ends with
/// this object, and all connections over it.
class BadWay
{
public:
    /// @param path of its own socket. @param service of the one behind. Ends the program where it cannot listen.
    BadWay(std::string path, std::string service);
    BadWay(const BadWay &) = delete;
    BadWay &operator=(const BadWay &) = delete;
    BadWay(BadWay &&) = delete;
    BadWay &operator=(BadWay &&) = delete;
    ~BadWay();

    /// Ends all connections, and those that come. Thread: any, as the next ones.
    void cut() { m_isCut = true; }
    /// Hands nothing on until it is told otherwise; nobody is told.
    void stall(bool stalls) { m_stalls = stalls; }
    /// In each direction of each connection. @param bytesPerSecond 0: as fast as it goes.
    void setRate(std::uint64_t bytesPerSecond) { m_rate = bytesPerSecond; }
    /// Handed on in both directions.
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }

private:
    struct Pair
    {
        UniqueFd near; ///< towards the client
        UniqueFd far;  ///< towards the service
        std::jthread up{};
        std::jthread down{};
    };
    void accept(const std::stop_token &stop);
    void carry(const std::stop_token &stop, const Pair &pair, int from, int to);

    const std::string m_path;
    const std::string m_service;
    UniqueFd m_listener;
    std::atomic<bool> m_isCut{false};
    std::atomic<bool> m_stalls{false};
    std::atomic<std::uint64_t> m_rate{0};
    std::atomic<std::uint64_t> m_bytes{0};
    std::list<Pair> m_pairs; ///< of the thread that accepts
    std::jthread m_thread;
};

} // namespace gantry::test
