// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace gantry {

/// Threads for what may block in the kernel: writes to limit files, freezes, walks over /proc. Each task gets a thread
/// at once, up to `most`; further ones wait. A write blocked in the kernel can hold up only its own thread. Thread:
/// run() any. The destructor asks running tasks to stop and waits for them.
class WorkerPool
{
public:
    using Task = std::move_only_function<void(std::stop_token)>;

    explicit WorkerPool(std::size_t most = 32);
    WorkerPool(const WorkerPool &) = delete;
    WorkerPool &operator=(const WorkerPool &) = delete;
    WorkerPool(WorkerPool &&) = delete;
    WorkerPool &operator=(WorkerPool &&) = delete;
    ~WorkerPool();

    void run(Task task);
    /// Tasks that wait for a thread.
    [[nodiscard]] std::size_t queued() const;

private:
    void work(std::stop_token stop);

    const std::size_t m_most;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<Task> m_tasks;
    std::size_t m_idle = 0;
    std::stop_source m_stop;
    std::vector<std::jthread> m_threads;
};

} // namespace gantry
