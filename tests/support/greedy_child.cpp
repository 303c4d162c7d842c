// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/greedy_child.h"

#include "tests/support/scratch_cgroup.h"

#include <chrono>
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace gantry::test {

std::int64_t monotonicMicros()
{
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

GreedyChild::GreedyChild(std::uint64_t most) : m_most(most)
{
    void *const shared = ::mmap(nullptr, sizeof *m_at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        std::abort();
    m_at = new (shared) std::atomic<std::int64_t>(0);
}

GreedyChild::~GreedyChild()
{
    ::munmap(m_at, sizeof *m_at);
}

std::function<int()> GreedyChild::body() const
{
    return [at = m_at, most = m_most] {
        void *const memory = ::mmap(nullptr, most, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return 1;
        for (std::uint64_t page = 0; page < most; page += 4096) {
            at->store(monotonicMicros());
            touchPage(memory, page);
        }
        return sleepForEver();
    };
}

} // namespace gantry::test
