// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/service/two_networks.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace gantry::test {

/// What a client says, and what it has to hear.
struct Exchange
{
    std::string word;
    std::string ending;      ///< of the answer
    std::string beginning{}; ///< of it, once in it; empty: the ending is all of it
};

/// The n-th; from 0.
using Exchanges = std::function<Exchange(int n)>;
/// Numbers, each of which comes back as it is.
[[nodiscard]] Exchange echoed(int n);

/// A client that asks over one connection, one after the other: an answer that was lost, that came twice or that is
/// another one breaks it. Thread: one of its own, which ends with this object; what is public: any.
class Talk
{
public:
    /// Waits until somebody listens there.
    Talk(const Space &space, std::string address, std::uint16_t port, Exchanges exchanges = echoed);
    Talk(const Talk &) = delete;
    Talk &operator=(const Talk &) = delete;
    Talk(Talk &&) = delete;
    Talk &operator=(Talk &&) = delete;
    ~Talk() { m_stop = true; }
    [[nodiscard]] int answers() const { return m_answers; }
    /// The longest that an answer took, in ms.
    [[nodiscard]] int longest() const { return m_longest; }
    /// More answers come, and none was wrong.
    [[nodiscard]] bool goesOn() const;

private:
    void talk(const std::string &path);
    [[nodiscard]] bool exchange(int line, const Exchange &one);
    /// @return false.
    bool giveUp(std::string_view why);

    const std::string m_address;
    const std::uint16_t m_port;
    const Exchanges m_exchanges;
    std::atomic<bool> m_stop = false;
    std::atomic<bool> m_broken = false;
    std::atomic<int> m_answers = 0;
    std::atomic<int> m_longest = 0;
    std::jthread m_thread; ///< last: it uses the rest
};

} // namespace gantry::test
