// SPDX-License-Identifier: GPL-3.0-or-later
// A process whose parts tst_kernel_inspect looks for in its checkpoints: inspect_target MIB. Says "ready" on standard
// output, puts /dev/null in its place and waits; at SIGUSR1 it changes what is told at change(), and makes the file
// "changed". No sanitizers: see checkpoint_target.cpp.
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

constexpr std::size_t kPage = 4'096;
constexpr std::size_t kSharedPages = 8;

std::atomic<bool> asked = false;
std::size_t pages = 0;
unsigned char *area = nullptr;
unsigned char *shared = nullptr;
int appended = -1;

int must(long result, const char *what)
{
    if (result >= 0)
        return static_cast<int>(result);
    std::fprintf(stderr, "inspect_target: %s: %s\n", what, std::strerror(errno));
    std::_Exit(1);
}

/// So that no page is like another.
void mark(std::size_t page, unsigned char generation)
{
    std::memcpy(area + page * kPage, &page, sizeof page);
    area[page * kPage + sizeof page] = generation;
}

unsigned char *map(std::size_t bytes, int flags)
{
    void *out = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
    if (out == MAP_FAILED)
        must(-1, "mmap");
    return static_cast<unsigned char *>(out);
}

void listenAt(sockaddr_in address)
{
    const int fd = must(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    must(::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), "bind");
    must(::listen(fd, 4), "listen");
    socklen_t size = sizeof address;
    must(::getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size), "getsockname");
    std::FILE *file = std::fopen("facts", "w");
    if (file == nullptr)
        must(-1, "fopen");
    std::fprintf(file, "%d %d %lu", fd, ntohs(address.sin_port), reinterpret_cast<unsigned long>(area));
    std::fclose(file);
}

/// One that has a thread, and one that has ended.
void startOthers(int out)
{
    if (must(::fork(), "fork") == 0) {
        ::close(out);
        std::thread([] { ::pause(); }).detach();
        while (true)
            ::pause();
    }
    if (must(::fork(), "fork") == 0)
        std::_Exit(3);
    ::usleep(50'000);
}

/// 37 pages get other content, one that had none gets some, one of shared memory; a file is opened, another grows.
void change()
{
    for (std::size_t i = 0; i < 37; ++i)
        mark(i * 7, 2);
    mark(pages - 1, 2);
    shared[3 * kPage] = 2;
    must(::write(appended, "0123456789", 10), "write");
    const int fd = must(::open("opened", O_RDWR | O_CREAT, 0600), "open");
    must(::ftruncate(fd, 100), "ftruncate");
    ::close(must(::open("changed.new", O_WRONLY | O_CREAT, 0600), "open"));
    must(std::rename("changed.new", "changed"), "rename");
}

} // namespace

int main(int argc, char **argv)
{
    ::setsid();
    pages = std::strtoul(argc > 1 ? argv[1] : "1", nullptr, 10) * 256;
    // With a page that is not its own before and behind, so that the kernel joins it with no other mapping.
    area = map((pages + 2) * kPage, MAP_PRIVATE) + kPage;
    must(::mprotect(area - kPage, kPage, PROT_NONE), "mprotect");
    must(::mprotect(area + pages * kPage, kPage, PROT_NONE), "mprotect");
    for (std::size_t i = 0; i + 1 < pages; ++i)
        mark(i, 1);
    shared = map(kSharedPages * kPage, MAP_SHARED);
    shared[0] = shared[3 * kPage] = 1;
    appended = must(::open("appended", O_RDWR | O_CREAT | O_APPEND, 0600), "open");
    must(::write(appended, "hello", 5), "write");
    int ends[2];
    must(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listenAt(address);
    const int out = must(::fcntl(STDOUT_FILENO, F_DUPFD, 100), "fcntl");
    const int null = must(::open("/dev/null", O_RDWR), "open");
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        must(::dup2(null, fd), "dup2");
    ::close(null);
    startOthers(out);
    ::signal(SIGUSR1, [](int) { asked = true; });
    if (::write(out, "ready\n", 6) != 6)
        return 1;
    ::close(out);
    while (true) {
        if (asked.exchange(false))
            change();
        ::usleep(2'000);
    }
}
