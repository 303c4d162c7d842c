// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/service/bad_way.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gantry::test {

namespace {

constexpr int kLookMillis = 10; ///< how soon a thread sees what it was told
constexpr std::size_t kPiece = 16'384;

sockaddr_un addressOf(const std::string &path)
{
    sockaddr_un out{};
    out.sun_family = AF_UNIX;
    path.copy(out.sun_path, sizeof out.sun_path - 1);
    return out;
}

UniqueFd unixSocket()
{
    return UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

bool isReadable(int fd)
{
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, kLookMillis) > 0;
}

} // namespace

BadWay::BadWay(std::string path, std::string service)
    : m_path(std::move(path)), m_service(std::move(service)), m_listener(unixSocket())
{
    ::unlink(m_path.c_str());
    const sockaddr_un address = addressOf(m_path);
    if (::bind(m_listener.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0 ||
        ::listen(m_listener.get(), SOMAXCONN) != 0) {
        std::fprintf(stderr, "no way at %s: %s\n", m_path.c_str(), std::strerror(errno));
        std::abort();
    }
    m_thread = std::jthread([this](const std::stop_token &stop) { accept(stop); });
}

BadWay::~BadWay()
{
    m_thread.request_stop();
    m_thread.join();
    m_pairs.clear();
    ::unlink(m_path.c_str());
}

void BadWay::accept(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        if (!isReadable(m_listener.get()))
            continue;
        UniqueFd near(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        UniqueFd far = unixSocket();
        const sockaddr_un address = addressOf(m_service);
        if (near.get() < 0 || m_isCut ||
            ::connect(far.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
            continue; // ended by this
        Pair &pair = m_pairs.emplace_back(std::move(near), std::move(far));
        pair.up = std::jthread(
            [this, &pair](const std::stop_token &over) { carry(over, pair, pair.near.get(), pair.far.get()); });
        pair.down = std::jthread(
            [this, &pair](const std::stop_token &over) { carry(over, pair, pair.far.get(), pair.near.get()); });
    }
}

void BadWay::carry(const std::stop_token &stop, const Pair &pair, int from, int to)
{
    std::array<char, kPiece> buffer{};
    while (!stop.stop_requested() && !m_isCut) {
        if (m_stalls) {
            std::this_thread::sleep_for(std::chrono::milliseconds(kLookMillis));
            continue;
        }
        if (!isReadable(from))
            continue;
        const std::uint64_t rate = m_rate;
        // Ten pieces a second: what is slow is slow all the time.
        const std::size_t most = rate == 0 ? kPiece : std::clamp<std::size_t>(rate / 10, 1, kPiece);
        const ssize_t n = ::recv(from, buffer.data(), most, 0);
        if (n <= 0)
            break;
        for (ssize_t sent = 0; sent < n;) {
            const ssize_t m = ::send(to, buffer.data() + sent, static_cast<std::size_t>(n - sent), MSG_NOSIGNAL);
            if (m < 0)
                break;
            sent += m;
        }
        m_bytes += static_cast<std::uint64_t>(n);
        if (rate != 0)
            std::this_thread::sleep_for(
                std::chrono::duration<double>(static_cast<double>(n) / static_cast<double>(rate)));
    }
    ::shutdown(pair.near.get(), SHUT_RDWR);
    ::shutdown(pair.far.get(), SHUT_RDWR);
}

} // namespace gantry::test
