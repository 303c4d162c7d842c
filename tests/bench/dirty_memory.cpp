// SPDX-License-Identifier: GPL-3.0-or-later
// What bench_migration moves: dirty_memory MIB MIB-A-SECOND. Has that much memory, of which a quarter does not
// compress, writes pages of it anew, chosen by chance, and a line of CLOCK_MONOTONIC's milliseconds each tick. Static,
// for a root without libraries.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>

#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    constexpr std::size_t kPage = 4'096;
    constexpr std::size_t kWords = kPage / sizeof(std::uint64_t);
    constexpr long kTickNanos = 10'000'000;
    const std::size_t pages = (std::strtoul(argv[1], nullptr, 10) << 20U) / kPage;
    const std::size_t eachTick = (std::strtoul(argv[2], nullptr, 10) << 20U) / kPage / 100;
    auto *const memory = static_cast<std::uint64_t *>(
        ::mmap(nullptr, pages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED)
        return 1;
    std::mt19937_64 random(7);
    const auto write = [&](std::size_t page) {
        for (std::size_t i = 0; i < kWords; ++i)
            memory[page * kWords + i] = i % 4 == 0 ? random() : page;
    };
    for (std::size_t page = 0; page < pages; ++page)
        write(page);
    timespec next{};
    ::clock_gettime(CLOCK_MONOTONIC, &next);
    while (true) {
        for (std::size_t i = 0; i < eachTick; ++i)
            write(random() % pages);
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        timespec wall{};
        ::clock_gettime(CLOCK_REALTIME, &wall);
        std::printf("%lld\n", (static_cast<long long>(wall.tv_sec) * 1'000 + wall.tv_nsec / 1'000'000) % 1'000'000'000);
        std::fflush(stdout);
        next.tv_nsec += kTickNanos;
        if (next.tv_nsec >= 1'000'000'000) {
            next.tv_nsec -= 1'000'000'000;
            ++next.tv_sec;
        }
        // What was missed while it stood still is not made up for.
        if (now.tv_sec > next.tv_sec || (now.tv_sec == next.tv_sec && now.tv_nsec > next.tv_nsec))
            next = now;
        ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, nullptr);
    }
}
