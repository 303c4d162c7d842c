// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/event_loop.h"
#include "engine/base/fd.h"

#include <cstdint>
#include <map>

namespace gantry::service {

/// Children of ours that are not ours to end: what was restored. Reaps each when it ends; a zombie would keep its pid
/// from its next restore. What still runs when this ends becomes the first process's. Thread: the loop's.
class Adopted
{
public:
    explicit Adopted(EventLoop &loop) : m_loop(loop) {}

    void add(std::int32_t pid);

private:
    struct Child
    {
        UniqueFd end;
        EventSource source; ///< dies before the descriptor it watches
    };

    EventLoop &m_loop;
    std::map<std::int32_t, Child> m_children;
};

} // namespace gantry::service
