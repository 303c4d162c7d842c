// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace gantry {

/// Callbacks that want to know that something changed (not what: they look themselves). Thread: any. A callback runs on
/// the thread that changed something, so it only wakes somebody; it must not subscribe or unsubscribe.
class Observers
{
    struct State
    {
        std::mutex mutex;
        std::uint64_t next = 0;
        std::map<std::uint64_t, std::function<void()>> callbacks;
    };

public:
    /// Ends the callbacks when destroyed: none runs after that, and none is running. May outlive the Observers.
    class Subscription
    {
    public:
        Subscription() = default;
        Subscription(std::weak_ptr<State> state, std::uint64_t id) : m_state(std::move(state)), m_id(id) {}
        Subscription(Subscription &&o) noexcept : m_state(std::exchange(o.m_state, {})), m_id(o.m_id) {}
        Subscription &operator=(Subscription &&o) noexcept
        {
            reset();
            m_state = std::exchange(o.m_state, {});
            m_id = o.m_id;
            return *this;
        }
        Subscription(const Subscription &) = delete;
        Subscription &operator=(const Subscription &) = delete;
        ~Subscription() { reset(); }
        void reset()
        {
            if (const auto state = std::exchange(m_state, {}).lock()) {
                const std::scoped_lock lock(state->mutex);
                state->callbacks.erase(m_id);
            }
        }

    private:
        std::weak_ptr<State> m_state;
        std::uint64_t m_id = 0;
    };

    [[nodiscard]] Subscription subscribe(std::function<void()> callback)
    {
        const std::scoped_lock lock(m_state->mutex);
        const std::uint64_t id = ++m_state->next;
        m_state->callbacks.emplace(id, std::move(callback));
        return {m_state, id};
    }

    void notify() const
    {
        const std::scoped_lock lock(m_state->mutex);
        for (const auto &[id, callback] : m_state->callbacks)
            callback();
    }

private:
    std::shared_ptr<State> m_state = std::make_shared<State>();
};

} // namespace gantry
