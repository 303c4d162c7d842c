// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded (LD_PRELOAD) into a program under test: its wall clock is the kernel's plus the nanoseconds, an int64, that
// stand in the file GANTRY_TEST_CLOCK at that moment. No namespace has a CLOCK_REALTIME of its own
// (time_namespaces(7)), and the machine's own clock belongs to everybody. Programs that it starts see the real one.
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const volatile std::int64_t *g_ahead = nullptr;

__attribute__((constructor)) void begin()
{
    const char *const file = std::getenv("GANTRY_TEST_CLOCK");
    const int fd = file == nullptr ? -1 : ::open(file, O_RDONLY | O_CLOEXEC);
    void *const page = fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof *g_ahead, PROT_READ, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        std::abort(); // a test that thinks it skews a clock would prove nothing
    ::close(fd);
    g_ahead = static_cast<const volatile std::int64_t *>(page);
    ::unsetenv("LD_PRELOAD");
}

constexpr std::int64_t kSecond = 1'000'000'000;

} // namespace

extern "C" int clock_gettime(clockid_t clock, struct timespec *out) noexcept
{
    const auto failed = static_cast<int>(::syscall(SYS_clock_gettime, clock, out));
    if (failed == 0 && g_ahead != nullptr && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        const std::int64_t now = out->tv_sec * kSecond + out->tv_nsec + *g_ahead;
        out->tv_sec = now / kSecond;
        out->tv_nsec = now % kSecond;
    }
    return failed;
}

extern "C" int gettimeofday(struct timeval *out, void * /*zone*/) noexcept
{
    struct timespec now = {};
    const int failed = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1'000;
    return failed;
}

extern "C" time_t time(time_t *out) noexcept
{
    struct timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != nullptr)
        *out = now.tv_sec;
    return now.tv_sec;
}
