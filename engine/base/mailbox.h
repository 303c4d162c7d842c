// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace gantry {

/// A queue between two threads with an eventfd that becomes readable when something was posted: the engine's loop waits
/// for it with sd-event, the GUI with a QSocketNotifier. Thread: post() any, takeAll() the owner.
template <class T> class Mailbox
{
public:
    /// Ends the program if the kernel has no eventfd left: nothing works then.
    Mailbox() : m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { GANTRY_ASSERT(m_wake); }

    void post(T item)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_items.push_back(std::move(item));
        }
        ::eventfd_write(m_wake.get(), 1);
    }

    /// Everything posted so far; clears the eventfd.
    [[nodiscard]] std::deque<T> takeAll()
    {
        eventfd_t ignored = 0;
        ::eventfd_read(m_wake.get(), &ignored);
        const std::scoped_lock lock(m_mutex);
        return std::exchange(m_items, {});
    }

    /// Readable while something waits.
    [[nodiscard]] int fd() const { return m_wake.get(); }

private:
    UniqueFd m_wake;
    std::mutex m_mutex;
    std::deque<T> m_items;
};

/// Holds the newest value only: an unread one is replaced and counted. Same threads and eventfd as Mailbox.
template <class T> class LatestSlot
{
public:
    LatestSlot() : m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { GANTRY_ASSERT(m_wake); }

    void put(T value)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_skipped += m_full ? 1u : 0u;
            m_value = std::move(value);
            m_full = true;
        }
        ::eventfd_write(m_wake.get(), 1);
    }

    /// The newest value and how many were replaced since the last take; false if there is none.
    [[nodiscard]] bool take(T &value, std::uint64_t &skipped)
    {
        eventfd_t ignored = 0;
        ::eventfd_read(m_wake.get(), &ignored);
        const std::scoped_lock lock(m_mutex);
        if (!m_full)
            return false;
        value = std::move(m_value);
        m_value = T{};
        m_full = false;
        skipped = std::exchange(m_skipped, 0);
        return true;
    }

    [[nodiscard]] int fd() const { return m_wake.get(); }

private:
    UniqueFd m_wake;
    std::mutex m_mutex;
    T m_value{};
    bool m_full = false;
    std::uint64_t m_skipped = 0;
};

} // namespace gantry
