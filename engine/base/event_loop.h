// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/mailbox.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

struct sd_event;
struct sd_event_source;

namespace gantry {

/// Keeps one source of an EventLoop alive; destroying it stops the callbacks. Thread: the loop's.
class EventSource
{
public:
    EventSource() = default;
    EventSource(EventSource &&) noexcept = default;
    EventSource &operator=(EventSource &&) noexcept = default;
    EventSource(const EventSource &) = delete;
    EventSource &operator=(const EventSource &) = delete;
    ~EventSource() = default;
    [[nodiscard]] explicit operator bool() const { return m_state != nullptr; }
    void reset() { m_state.reset(); }

private:
    friend class EventLoop;
    struct State;
    struct Deleter
    {
        void operator()(State *state) const;
    };
    std::unique_ptr<State, Deleter> m_state;
};

/// One sd-event loop. Everything but post() and stop() belongs to the thread that runs it.
class EventLoop
{
public:
    using Task = std::move_only_function<void()>;

    /// @errors errno of sd_event_new.
    [[nodiscard]] static Result<std::unique_ptr<EventLoop>> create();
    EventLoop(const EventLoop &) = delete;
    EventLoop &operator=(const EventLoop &) = delete;
    EventLoop(EventLoop &&) = delete;
    EventLoop &operator=(EventLoop &&) = delete;
    ~EventLoop();

    /// Runs until stop(). Callbacks run here.
    void run();
    /// Thread: any.
    void stop();
    /// Runs `task` on the loop's thread as soon as it can. Thread: any. Tasks posted after the end are dropped.
    void post(Task task);

    /// Calls back with the epoll events (EPOLLIN, EPOLLPRI ...) that `fd` has. The fd must outlive the source.
    [[nodiscard]] Result<EventSource> watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback);
    /// Calls back every `interval`, first after one interval. A late callback is not made up for.
    [[nodiscard]] Result<EventSource> every(std::chrono::microseconds interval, std::function<void()> callback);
    /// Calls back once.
    [[nodiscard]] Result<EventSource> after(std::chrono::microseconds delay, std::function<void()> callback);

private:
    explicit EventLoop(sd_event *event);
    sd_event *m_event;
    Mailbox<Task> m_tasks;
    EventSource m_taskSource;
};

} // namespace gantry
