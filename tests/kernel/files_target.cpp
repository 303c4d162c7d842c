// SPDX-License-Identifier: GPL-3.0-or-later
// A program that has half of its state in memory and half in a file, as a data base does, and that can tell whether the
// two agree. Argument: "records" (written by descriptor) or "mapped" (through a shared mapping); then the file.
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr std::size_t kRecord = 4'096;
constexpr std::size_t kRecords = 64;
std::atomic<bool> asked = false;

[[noreturn]] void fail(const char *what)
{
    std::perror(what);
    std::_Exit(1);
}

struct State
{
    int fd = -1;
    std::string path;
    char *mapped = nullptr; ///< null: it is written by descriptor
    std::uint64_t secret = 0;
    std::array<std::uint64_t, kRecords> generation{};
    off_t size = 0; ///< grows now and then
};

std::array<char, kRecord> record(const State &state, std::size_t i)
{
    std::array<char, kRecord> out{};
    std::uint64_t random = state.secret + i * 1'000'003 + state.generation[i] * 7'919;
    for (char &byte : out) {
        random = random * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        byte = static_cast<char>(random >> 56);
    }
    return out;
}

void put(State &state, std::size_t i)
{
    const auto bytes = record(state, i);
    const auto at = static_cast<off_t>(i * kRecord);
    if (state.mapped != nullptr)
        std::copy(bytes.begin(), bytes.end(), state.mapped + at);
    else if (::pwrite(state.fd, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(bytes.size()))
        fail("pwrite");
}

/// Records, and the file's length, that are not as memory says; and the file of that name must be the one that is open.
long wrong(const State &state)
{
    long out = 0;
    std::array<char, kRecord> bytes{};
    for (std::size_t i = 0; i < kRecords; ++i)
        out += ::pread(state.fd, bytes.data(), bytes.size(), static_cast<off_t>(i * kRecord)) !=
                           static_cast<ssize_t>(bytes.size()) ||
                       bytes != record(state, i)
                   ? 1
                   : 0;
    struct stat open
    {};
    struct stat named
    {};
    if (::fstat(state.fd, &open) != 0 || ::stat(state.path.c_str(), &named) != 0 || open.st_ino != named.st_ino ||
        open.st_size != state.size)
        out += 1'000;
    return out;
}

void answer(const State &state, long count)
{
    std::FILE *file = std::fopen("answer.new", "w");
    if (file == nullptr)
        fail("fopen");
    std::fprintf(file, "%ld %ld %ld\n", static_cast<long>(state.secret), wrong(state), count);
    std::fclose(file);
    if (std::rename("answer.new", "answer") != 0)
        fail("rename");
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    const std::string_view words = argv[1]; // "records:PATH"
    const std::size_t colon = words.find(':');
    State state;
    state.path = words.substr(colon + 1);
    ::setsid();
    state.secret = static_cast<std::uint64_t>(::getpid()) * 7'919;
    state.fd = ::open(state.path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0640);
    state.size = static_cast<off_t>(kRecords * kRecord);
    if (state.fd < 0 || ::ftruncate(state.fd, state.size) != 0)
        fail("open");
    if (words.substr(0, colon) == "mapped") {
        void *memory = ::mmap(nullptr, kRecords * kRecord, PROT_READ | PROT_WRITE, MAP_SHARED, state.fd, 0);
        if (memory == reinterpret_cast<void *>(-1))
            fail("mmap");
        state.mapped = static_cast<char *>(memory);
    }
    for (std::size_t i = 0; i < kRecords; ++i)
        put(state, i);
    // Its output is a log, which goes on.
    const int log = ::open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::signal(SIGUSR1, [](int) { asked = true; });
    if (log < 0 || ::write(1, "ready\n", 6) != 6)
        return 1;
    const int null = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2})
        ::dup2(null, fd);
    for (long count = 0;; ++count) {
        const std::size_t i = static_cast<std::size_t>(count * 7) % kRecords;
        ++state.generation[i];
        put(state, i);
        if (count % 50 == 49 && ::ftruncate(state.fd, state.size += 100) != 0)
            fail("ftruncate");
        if (::dprintf(log, "%ld\n", count) < 0)
            fail("dprintf");
        if (asked.exchange(false))
            answer(state, count);
        ::usleep(1'000);
    }
}
