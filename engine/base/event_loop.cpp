// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/event_loop.h"

#include "engine/base/strings.h"

#include <sys/epoll.h>
#include <systemd/sd-event.h>

namespace gantry {

struct EventSource::State
{
    sd_event_source *source = nullptr;
    std::chrono::microseconds interval{0}; ///< zero: once
    std::function<void(std::uint32_t)> onIo;
    std::function<void()> onTime;
};

void EventSource::Deleter::operator()(State *state) const
{
    sd_event_source_disable_unref(state->source);
    delete state;
}

namespace {

template <class Function> int guarded(Function &&function)
{
    // A callback of ours never throws by design; bad_alloc ends the program rather than unwinding through C.
    [&]() noexcept { function(); }();
    return 0;
}

} // namespace

Result<std::unique_ptr<EventLoop>> EventLoop::create()
{
    sd_event *event = nullptr;
    if (const int r = sd_event_new(&event); r < 0)
        return failErrno("sd_event_new", "", -r);
    std::unique_ptr<EventLoop> loop(new EventLoop(event));
    EventLoop *self = loop.get();
    loop->m_taskSource = GANTRY_TRY(self->watch(self->m_tasks.fd(), EPOLLIN, [self](std::uint32_t) {
        for (Task &task : self->m_tasks.takeAll())
            task();
    }));
    return loop;
}

EventLoop::EventLoop(sd_event *event) : m_event(event) {}

EventLoop::~EventLoop()
{
    m_taskSource.reset();
    sd_event_unref(m_event);
}

void EventLoop::run()
{
    const int r = sd_event_loop(m_event);
    GANTRY_ASSERT(r >= 0);
}

void EventLoop::stop()
{
    post([this] { sd_event_exit(m_event, 0); });
}

void EventLoop::post(Task task)
{
    m_tasks.post(std::move(task));
}

Result<EventSource> EventLoop::watch(int fd, std::uint32_t events, std::function<void(std::uint32_t)> callback)
{
    EventSource out;
    out.m_state.reset(new EventSource::State);
    EventSource::State *state = out.m_state.get();
    state->onIo = std::move(callback);
    const int r = sd_event_add_io(
        m_event, &state->source, fd, events,
        [](sd_event_source *, int, std::uint32_t revents, void *data) {
            // A copy: the callback may destroy its own source.
            const auto call = static_cast<EventSource::State *>(data)->onIo;
            return guarded([&] { call(revents); });
        },
        state);
    if (r < 0)
        return failErrno("sd_event_add_io", strCat("fd ", fd), -r);
    return out;
}

Result<EventSource> EventLoop::every(std::chrono::microseconds interval, std::function<void()> callback)
{
    EventSource out;
    out.m_state.reset(new EventSource::State);
    EventSource::State *state = out.m_state.get();
    state->onTime = std::move(callback);
    state->interval = interval;
    const int r = sd_event_add_time_relative(
        m_event, &state->source, CLOCK_MONOTONIC, static_cast<std::uint64_t>(interval.count()), 1000,
        [](sd_event_source *source, std::uint64_t, void *data) {
            auto *self = static_cast<EventSource::State *>(data);
            sd_event_source_set_time_relative(source, static_cast<std::uint64_t>(self->interval.count()));
            sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
            const auto call = self->onTime;
            return guarded([&] { call(); });
        },
        state);
    if (r < 0)
        return failErrno("sd_event_add_time_relative", "", -r);
    return out;
}

Result<EventSource> EventLoop::after(std::chrono::microseconds delay, std::function<void()> callback)
{
    EventSource out;
    out.m_state.reset(new EventSource::State);
    EventSource::State *state = out.m_state.get();
    state->onTime = std::move(callback);
    const int r = sd_event_add_time_relative(
        m_event, &state->source, CLOCK_MONOTONIC, static_cast<std::uint64_t>(delay.count()), 1000,
        [](sd_event_source *, std::uint64_t, void *data) {
            const auto call = static_cast<EventSource::State *>(data)->onTime;
            return guarded([&] { call(); });
        },
        state);
    if (r < 0)
        return failErrno("sd_event_add_time_relative", "", -r);
    return out;
}

} // namespace gantry
