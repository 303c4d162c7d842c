// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/service/talk.h"

#include "engine/namespaces/netlink.h"

#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace gantry::test {

namespace {

using std::chrono::steady_clock;

constexpr timeval kAnswer{.tv_sec = 60, .tv_usec = 0}; ///< more than any standstill, and retransmissions after it
constexpr std::chrono::milliseconds kBetween{5};

std::size_t occurrences(std::string_view text, std::string_view of)
{
    std::size_t out = 0;
    for (std::size_t at = text.find(of); at != std::string_view::npos; at = text.find(of, at + of.size()))
        ++out;
    return out;
}

} // namespace

Exchange echoed(int n)
{
    const std::string word = strCat(n, '\n');
    return {word, word};
}

Talk::Talk(const Space &space, std::string address, std::uint16_t port, Exchanges exchanges)
    : m_address(std::move(address))
    , m_port(port)
    , m_exchanges(std::move(exchanges))
    , m_thread([this, path = space.path()] { talk(path); })
{}

bool Talk::goesOn() const
{
    const int before = m_answers;
    return QTest::qWaitFor([&] { return m_answers > before + 5 || m_broken; }, kPatience) && !m_broken;
}

void Talk::talk(const std::string &path)
{
    const UniqueFd space(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    UniqueFd line;
    const auto made = namespaces::inNetwork(space.get(), "talk", [&line]() -> Result<> {
        line = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        return line ? Result<>() : failErrno("socket", "talk");
    });
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(m_port);
    ::inet_pton(AF_INET, m_address.c_str(), &to.sin_addr);
    const int now = 1;
    ::setsockopt(line.get(), IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    ::setsockopt(line.get(), SOL_SOCKET, SO_RCVTIMEO, &kAnswer, sizeof kAnswer);
    // It may not listen yet.
    const auto until = steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (!made || ::connect(line.get(), reinterpret_cast<const sockaddr *>(&to), sizeof to) != 0) {
        if (!made || errno != ECONNREFUSED || m_stop || steady_clock::now() > until) {
            giveUp("connect");
            return;
        }
        std::this_thread::sleep_for(kBetween);
    }
    for (int i = 0; !m_stop && exchange(line.get(), m_exchanges(i)); ++i) {
        ++m_answers;
        std::this_thread::sleep_for(kBetween);
    }
}

bool Talk::exchange(int line, const Exchange &one)
{
    const auto begin = steady_clock::now();
    if (::send(line, one.word.data(), one.word.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(one.word.size()))
        return giveUp("send");
    std::string heard;
    while (!heard.ends_with(one.ending)) {
        std::array<char, 4'096> part{};
        const ssize_t got = ::recv(line, part.data(), part.size(), 0);
        if (got <= 0)
            return giveUp("recv");
        heard.append(part.data(), static_cast<std::size_t>(got));
        if (one.beginning.empty() && heard.size() >= one.ending.size() && heard != one.ending)
            return giveUp(strCat("\"", heard, "\" came for \"", one.word, "\""));
    }
    if (!heard.starts_with(one.beginning) || (!one.beginning.empty() && occurrences(heard, one.beginning) != 1))
        return giveUp(strCat("\"", heard, "\" came for \"", one.word, "\""));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
    m_longest = std::max(m_longest.load(), static_cast<int>(took.count()));
    return true;
}

bool Talk::giveUp(std::string_view why)
{
    if (!m_stop)
        qWarning("%s: %s", std::string(why).c_str(), strerror(errno));
    m_broken = true;
    return false;
}

} // namespace gantry::test
