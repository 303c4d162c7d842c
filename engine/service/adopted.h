// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/base/fd.h"

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace gantry::service {

/// Children of ours that are not ours to end: what was restored. Reaps each when it ends; a zombie would keep its pid
/// from its next restore. What still runs when this ends becomes the first process's. Thread: the loop's.
class Adopted
{
public:
    /// Told a pid and the status of waitpid(2); on the loop's thread.
    using OnEnd = std::function<void(std::int32_t pid, int status)>;

    explicit Adopted(EventLoop &loop) : m_loop(loop) {}
    /// Before the loop runs.
    void onEnd(OnEnd callback) { m_onEnd = std::move(callback); }

    void add(std::int32_t pid);

private:
    struct Child
    {
        UniqueFd end;
        EventSource source; ///< dies before the descriptor it watches
    };

    EventLoop &m_loop;
    OnEnd m_onEnd;
    std::map<std::int32_t, Child> m_children;
};

} // namespace gantry::service
