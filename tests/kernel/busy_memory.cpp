// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/busy_memory.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace {

constexpr std::size_t kPage = 4'096;
constexpr std::size_t kWords = kPage / sizeof(std::uint64_t);
constexpr std::size_t kStill = 20'480; ///< pages that are only read: 80 MiB
constexpr std::size_t kMoved = 2'048;  ///< that move to and fro: 8 MiB
constexpr std::size_t kEmptied = 2'048;

std::atomic<bool> asked = false;
std::uint64_t secret = 0;
std::uint64_t *still = nullptr;
std::uint64_t *moved = nullptr; ///< where it is now
std::uint64_t *there = nullptr; ///< where it goes next
std::uint64_t *emptied = nullptr;
std::uint64_t next = 1;

std::uint64_t mixed(std::uint64_t value)
{
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
}

std::uint64_t random64()
{
    return mixed(next += 0x9e3779b97f4a7c15);
}

[[noreturn]] void wrong(const char *what, std::size_t page)
{
    // At once: it may be killed at any moment.
    if (const int file = ::open("wrong", O_WRONLY | O_CREAT, 0600); file >= 0)
        ::dprintf(file, "%s: page %zu\n", what, page);
    std::_Exit(9);
}

std::uint64_t *mapped(std::size_t pages, std::uint64_t *at = nullptr)
{
    void *memory = ::mmap(at, pages * kPage, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | (at == nullptr ? 0 : MAP_FIXED), -1, 0);
    if (memory == MAP_FAILED)
        wrong("mmap", pages);
    return static_cast<std::uint64_t *>(memory);
}

void write(std::uint64_t *area, std::size_t page, std::uint64_t seed)
{
    for (std::size_t i = 0; i < kWords; ++i)
        area[page * kWords + i] = mixed(secret + seed + page * kWords + i);
}

void check(const char *what, const std::uint64_t *area, std::size_t page, std::uint64_t seed)
{
    for (std::size_t i = 0; i < kWords; i += 61) {
        if (area[page * kWords + i] != mixed(secret + seed + page * kWords + i))
            wrong(what, page);
    }
}

void checkEmpty(const char *what, const std::uint64_t *area, std::size_t page)
{
    for (std::size_t i = 0; i < kWords; ++i) {
        if (area[page * kWords + i] != 0)
            wrong(what, page);
    }
}

constexpr std::uint64_t kSeedOfMoved = 1'000'003;
constexpr std::uint64_t kSeedOfEmptied = 2'000'003;

/// A child has the same pages, those too that have not come in yet.
void forkOne()
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        for (int i = 0; i < 8; ++i) {
            check("in a child", still, random64() % kStill, 0);
            check("moved, in a child", moved, random64() % kMoved, kSeedOfMoved);
        }
        std::_Exit(0);
    }
    int status = 0;
    if (pid < 0 || ::waitpid(pid, &status, 0) != pid || status != 0)
        wrong("fork", static_cast<std::size_t>(status));
}

void moveOne()
{
    if (::mremap(moved, kMoved * kPage, kMoved * kPage, MREMAP_MAYMOVE | MREMAP_FIXED, there) == MAP_FAILED)
        wrong("mremap", 0);
    std::uint64_t *was = moved;
    moved = there;
    there = mapped(kMoved, was);
    for (int i = 0; i < 4; ++i)
        check("moved", moved, random64() % kMoved, kSeedOfMoved);
    checkEmpty("where it moved from", there, random64() % kMoved);
}

/// Emptied by madvise, or unmapped and mapped anew; then written again.
void emptySome(bool unmap)
{
    const std::size_t first = random64() % (kEmptied - 16);
    for (std::size_t page = first; page < first + 16; ++page)
        check("before it is emptied", emptied, page, kSeedOfEmptied);
    std::uint64_t *at = emptied + first * kWords;
    if (unmap && ::munmap(at, 16 * kPage) != 0)
        wrong("munmap", first);
    if (unmap)
        mapped(16, at);
    else if (::madvise(at, 16 * kPage, MADV_DONTNEED) != 0)
        wrong("madvise", first);
    for (std::size_t page = first; page < first + 16; ++page) {
        checkEmpty("after it was emptied", emptied, page);
        write(emptied, page, kSeedOfEmptied);
    }
}

void answer(long rounds)
{
    std::uint64_t sum = 0;
    for (std::size_t page = 0; page < kStill; ++page)
        check("all", still, page, 0);
    for (std::size_t i = 0; i < kStill * kWords; ++i)
        sum += still[i];
    for (std::size_t page = 0; page < kMoved; ++page)
        check("all moved", moved, page, kSeedOfMoved);
    for (std::size_t page = 0; page < kEmptied; ++page)
        check("all emptied", emptied, page, kSeedOfEmptied);
    std::FILE *file = std::fopen("answer.new", "w");
    if (file == nullptr)
        wrong("fopen", 0);
    std::fprintf(file, "%ld %ld %ld\n", static_cast<long>(secret >> 2), static_cast<long>(sum >> 2), rounds);
    std::fclose(file);
    if (std::rename("answer.new", "answer") != 0)
        wrong("rename", 0);
}

} // namespace

void fillMemory()
{
    secret = mixed(static_cast<std::uint64_t>(::getpid()));
    still = mapped(kStill);
    moved = mapped(kMoved);
    there = mapped(kMoved);
    emptied = mapped(kEmptied);
    for (std::size_t page = 0; page < kStill; ++page)
        write(still, page, 0);
    for (std::size_t page = 0; page < kMoved; ++page)
        write(moved, page, kSeedOfMoved);
    for (std::size_t page = 0; page < kEmptied; ++page)
        write(emptied, page, kSeedOfEmptied);
    ::signal(SIGUSR1, [](int) { asked = true; });
}

void useMemory()
{
    // Another thread of the same memory, beside all that the first one does.
    std::thread([] {
        for (std::uint64_t i = 0;; ++i)
            check("by a thread", still, mixed(i) % kStill, 0);
    }).detach();
    for (long round = 0;; ++round) {
        check("read", still, random64() % kStill, 0);
        forkOne();
        moveOne();
        emptySome(round % 2 == 0);
        if (asked.exchange(false))
            answer(round);
    }
}

} // namespace gantry::test
