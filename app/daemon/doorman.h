// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/daemon/connections.h"
#include "engine/base/error.h"
#include "engine/base/fd.h"

#include <chrono>
#include <memory>

namespace gantry::daemon {

/// Tells those who are not let in why: whatever they call, the answer is the same. The engine knows nothing of them.
/// Thread: one at a time.
class Doorman
{
public:
    /// More than these at once are closed without a word.
    static constexpr std::size_t kMostAtOnce = 8;

    Doorman();
    Doorman(const Doorman &) = delete;
    Doorman &operator=(const Doorman &) = delete;
    Doorman(Doorman &&) = delete;
    Doorman &operator=(Doorman &&) = delete;
    ~Doorman();

    /// Answers on this connection, for some seconds, with this refusal.
    void turnAway(UniqueFd connectedSocket, const Error &refusal);

private:
    class Answer;
    std::unique_ptr<Answer> m_answer; ///< made when it is first needed
    Connections m_open;
    std::chrono::steady_clock::time_point m_logged{};
};

} // namespace gantry::daemon
