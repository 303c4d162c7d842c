// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/worker_pool.h"

#include <utility>

namespace gantry {

WorkerPool::WorkerPool(std::size_t most) : m_most(most) {}

WorkerPool::~WorkerPool()
{
    m_stop.request_stop();
    std::vector<std::jthread> threads;
    {
        const std::scoped_lock lock(m_mutex);
        threads.swap(m_threads);
    }
    m_wake.notify_all();
    threads.clear(); // joins
}

void WorkerPool::run(Task task)
{
    {
        const std::scoped_lock lock(m_mutex);
        m_tasks.push_back(std::move(task));
        if (m_idle < m_tasks.size() && m_threads.size() < m_most)
            m_threads.emplace_back([this] { work(m_stop.get_token()); });
    }
    m_wake.notify_one();
}

std::size_t WorkerPool::queued() const
{
    const std::scoped_lock lock(m_mutex);
    return m_tasks.size();
}

void WorkerPool::work(std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    while (true) {
        ++m_idle;
        const bool got = m_wake.wait(lock, stop, [this] { return !m_tasks.empty(); });
        --m_idle;
        if (!got)
            return;
        Task task = std::move(m_tasks.front());
        m_tasks.pop_front();
        lock.unlock();
        task(stop);
        task = nullptr;
        lock.lock();
    }
}

} // namespace gantry
