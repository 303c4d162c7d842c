// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that is shared, mapped, or not ordinary.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

constexpr std::size_t kSize = std::size_t{256} << 10;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

char *map(std::size_t size, int protection, int flags, int fd = -1)
{
    void *memory = ::mmap(nullptr, size, protection, flags, fd, 0);
    must(memory == MAP_FAILED ? -1 : 0, "mmap");
    return static_cast<char *>(memory);
}

/// A page of memory that a child has as well, and still has: what one writes, the other reads.
Look sharedWithChild(char *memory, std::size_t size)
{
    const std::string bytes = randomBytes(size);
    std::memcpy(memory, bytes.data(), size);
    const auto child = std::make_shared<Child>([memory](std::int64_t question) {
        memory[1] = static_cast<char>(question); // seen by the parent
        return static_cast<std::int64_t>(memory[0]);
    });
    const auto was = std::make_shared<std::string>(bytes);
    return [memory, child, was](Report &report) {
        report.same("content", std::string_view(memory, was->size()), *was);
        memory[0] = static_cast<char>(memory[0] ^ 0x55);
        (*was)[0] = memory[0];
        const auto told = static_cast<char>((*was)[1] + 1);
        report.same("the child sees", child->ask(told), memory[0]);
        report.same("the parent sees", memory[1], told);
        (*was)[1] = told;
    };
}

Look sharedAnonymous()
{
    return sharedWithChild(map(kSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS), kSize);
}

Look memoryFile()
{
    const auto fd = static_cast<int>(must(::memfd_create("covered", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd_create"));
    must(::ftruncate(fd, kSize), "ftruncate");
    must(::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), "seals");
    must(::lseek(fd, 77, SEEK_SET), "lseek");
    const Look shared = sharedWithChild(map(kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd), kSize);
    return [shared, fd](Report &report) {
        shared(report);
        report.same("seals", ::fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW);
        report.same("position", ::lseek(fd, 0, SEEK_CUR), 77);
        report.same("size", ::lseek(fd, 0, SEEK_END), kSize);
        ::lseek(fd, 77, SEEK_SET);
        report.same("may not grow", ::ftruncate(fd, 2 * kSize), -1);
    };
}

Look hugePages()
{
    char *own = map(kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
    const std::string was = randomBytes(kHugePage);
    std::memcpy(own, was.data(), was.size());
    const Look shared =
        sharedWithChild(map(kHugePage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB), kHugePage);
    return [own, was, shared](Report &report) {
        report.same("content of its own page", std::string_view(own, was.size()), was);
        const std::string maps = contentOf("/proc/self/smaps");
        report.holds("they are huge pages", maps.find("KernelPageSize:     2048 kB") != std::string::npos);
        shared(report);
    };
}

Look hugeMemoryFile()
{
    const auto fd = static_cast<int>(must(::memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB), "memfd_create"));
    must(::ftruncate(fd, kHugePage), "ftruncate");
    return sharedWithChild(map(kHugePage, PROT_READ | PROT_WRITE, MAP_SHARED, fd), kHugePage);
}

Look mappedFile()
{
    const std::string was = randomBytes(kSize);
    const auto fd =
        static_cast<int>(must(::open(scratch("mapped").c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), "open"));
    must(::write(fd, was.data(), was.size()), "write");
    char *own = map(kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
    own[5'000] = static_cast<char>(~was[5'000]); // one page that the file does not have
    char *shared = map(kSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
    ::close(fd);
    return [was, own, shared](Report &report) {
        report.same("what the private mapping alone has", own[5'000], static_cast<char>(~was[5'000]));
        report.same("what it has of the file", own[100'000], was[100'000]);
        report.same("the shared mapping", std::string_view(shared, kSize), was);
        // What is written there is in the file.
        shared[200'000] = static_cast<char>(shared[200'000] ^ 1);
        report.same("the file", contentOf(scratch("mapped"))[200'000], shared[200'000]);
        shared[200'000] = static_cast<char>(shared[200'000] ^ 1);
    };
}

/// Rights, and what is told of a mapping: asked by a system call that reads, or writes, there.
Look protections()
{
    const long page = ::sysconf(_SC_PAGESIZE);
    char *memory = map(static_cast<std::size_t>(4 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    std::memset(memory, 'x', static_cast<std::size_t>(4 * page));
    must(::mprotect(memory + page, static_cast<std::size_t>(page), PROT_READ), "mprotect");
    must(::mprotect(memory + 2 * page, static_cast<std::size_t>(page), PROT_NONE), "mprotect");
    must(::madvise(memory + 3 * page, static_cast<std::size_t>(page), MADV_DONTFORK), "madvise");
    int ends[2];
    must(::pipe2(ends, O_CLOEXEC), "pipe");
    return [=, from = ends[0], to = ends[1]](Report &report) {
        const auto reads = [&](int number) {
            errno = 0;
            const bool good = ::write(to, memory + number * page, 1) == 1;
            return good && readSome(from) == "x" ? 0 : errno;
        };
        const auto writes = [&](int number) {
            must(::write(to, "x", 1), "write");
            errno = 0;
            const bool good = ::read(from, memory + number * page, 1) == 1;
            const int code = good ? 0 : errno;
            if (!good)
                (void)readSome(from);
            return code;
        };
        report.same("reading", reads(0), 0);
        report.same("writing", writes(0), 0);
        report.same("reading where that is allowed", reads(1), 0);
        report.same("writing where only reading is allowed", writes(1), EFAULT);
        report.same("reading where nothing is allowed", reads(2), EFAULT);
        const std::string maps = contentOf("/proc/self/smaps");
        report.holds("kept from children", maps.find(" dc") != std::string::npos);
    };
}

constexpr std::array kKinds{
    Kind{"shared-memory", sharedAnonymous}, Kind{"memfd", memoryFile},       Kind{"huge-pages", hugePages},
    Kind{"huge-memfd", hugeMemoryFile},     Kind{"mapped-file", mappedFile}, Kind{"protections", protections},
};

} // namespace

std::span<const Kind> memoryKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
