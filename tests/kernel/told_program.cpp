// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/told_program.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace gantry::test {

namespace {

int ours = -1;
std::atomic<bool> wants = false;

sockaddr_un named(const std::string &path)
{
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof address.sun_path, "%s", path.c_str());
    return address;
}

void sendTo(const sockaddr_un &address, socklen_t size, std::string_view words)
{
    (void)::sendto(ours, words.data(), words.size(), 0, reinterpret_cast<const sockaddr *>(&address), size);
}

void ask()
{
    std::array<char, 200> path{};
    std::FILE *file = std::fopen("ask-at", "r");
    if (file == nullptr)
        std::_Exit(2);
    const std::size_t size = std::fread(path.data(), 1, path.size() - 1, file);
    std::fclose(file);
    sendTo(named(std::string(path.data(), size)), sizeof(sockaddr_un), "checkpoint");
}

void note(std::string_view words)
{
    std::FILE *file = std::fopen("heard", "a");
    if (file == nullptr)
        std::_Exit(3);
    std::fprintf(file, "%.*s\n", static_cast<int>(words.size()), words.data());
    std::fclose(file);
}

void answer(std::string_view how, const sockaddr_un &from, socklen_t size)
{
    if (how == "told-waits")
        sendTo(from, size, "wait 6");
    ::usleep(how == "told-waits" ? 2'500'000 : 300'000);
    note("ready");
    sendTo(from, size, "ready");
}

} // namespace

bool bindTold()
{
    std::array<char, 4'096> folder{};
    if (::getcwd(folder.data(), folder.size()) == nullptr)
        return false;
    const sockaddr_un address = named(std::string(folder.data()) + "/told.gantry-checkpoint");
    ours = ::socket(AF_UNIX, SOCK_DGRAM, 0);
    // So that a signal between two looks is not missed.
    const timeval patience{.tv_sec = 0, .tv_usec = 50'000};
    (void)::signal(SIGUSR1, [](int) { wants = true; });
    return ours >= 0 && ::bind(ours, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0 &&
           ::setsockopt(ours, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0;
}

void listenTold(std::string_view how)
{
    while (true) {
        if (wants.exchange(false))
            ask();
        if (how == "told-silent") {
            ::usleep(10'000);
            continue;
        }
        std::array<char, 200> words{};
        sockaddr_un from{};
        socklen_t size = sizeof from;
        const ssize_t got = ::recvfrom(ours, words.data(), words.size(), 0, reinterpret_cast<sockaddr *>(&from), &size);
        if (got < 0 && errno != EAGAIN && errno != EINTR)
            std::_Exit(4);
        if (got < 0)
            continue;
        const std::string_view message(words.data(), static_cast<std::size_t>(got));
        note(message);
        if (message == "before-checkpoint")
            answer(how, from, size);
    }
}

} // namespace gantry::test
