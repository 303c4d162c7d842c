// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <atomic>
#include <cstddef>
#include <thread>

namespace gantry::test {

/// A bad cable between two sockets: hands bytes on in small pieces and is cut after so many from the client.
class CuttingProxy
{
public:
    struct Plan
    {
        std::size_t piece = 4096;                            ///< most bytes handed on at once
        std::size_t cutAfter = static_cast<std::size_t>(-1); ///< bytes from the client until both ends are closed
    };
    /// @param server the end towards the engine. Give clientEnd() to the client.
    CuttingProxy(UniqueFd server, Plan plan);
    /// The same with a client's end that is there already.
    CuttingProxy(UniqueFd client, UniqueFd server, Plan plan);
    CuttingProxy(const CuttingProxy &) = delete;
    CuttingProxy &operator=(const CuttingProxy &) = delete;
    CuttingProxy(CuttingProxy &&) = delete;
    CuttingProxy &operator=(CuttingProxy &&) = delete;
    /// Cuts and waits.
    ~CuttingProxy();

    [[nodiscard]] UniqueFd clientEnd() { return std::move(m_client); }
    /// Bytes of the client that were handed on. Thread: any.
    [[nodiscard]] std::size_t passed() const { return m_passed; }
    /// Closes both directions now. Thread: any.
    void cut();

private:
    void run();
    /// Hands on what is there, at most `most` bytes. @return bytes, 0 when this side has ended.
    [[nodiscard]] std::size_t pass(int from, int to, std::size_t most) const;

    const Plan m_plan;
    UniqueFd m_client;
    UniqueFd m_near; ///< towards the client
    UniqueFd m_far;  ///< towards the engine
    std::atomic<std::size_t> m_passed = 0;
    std::jthread m_thread;
};

} // namespace gantry::test
