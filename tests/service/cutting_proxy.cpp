// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/service/cutting_proxy.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::test {

CuttingProxy::CuttingProxy(UniqueFd server, Plan plan) : m_plan(plan), m_far(std::move(server))
{
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        std::abort();
    m_client = UniqueFd(ends[0]);
    m_near = UniqueFd(ends[1]);
    m_thread = std::jthread([this] { run(); });
}

CuttingProxy::CuttingProxy(UniqueFd client, UniqueFd server, Plan plan)
    : m_plan(plan), m_near(std::move(client)), m_far(std::move(server)), m_thread([this] { run(); })
{}

CuttingProxy::~CuttingProxy()
{
    cut();
}

void CuttingProxy::cut()
{
    ::shutdown(m_near.get(), SHUT_RDWR);
    ::shutdown(m_far.get(), SHUT_RDWR);
}

void CuttingProxy::run()
{
    std::size_t left = m_plan.cutAfter;
    while (left > 0) {
        std::array<pollfd, 2> ends{{{m_near.get(), POLLIN, 0}, {m_far.get(), POLLIN, 0}}};
        if (::poll(ends.data(), ends.size(), -1) < 0)
            break;
        if (ends[0].revents != 0) {
            const std::size_t n = pass(m_near.get(), m_far.get(), std::min(m_plan.piece, left));
            if (n == 0)
                break;
            left -= n;
            m_passed += n;
        }
        if (ends[1].revents != 0 && pass(m_far.get(), m_near.get(), m_plan.piece) == 0)
            break;
    }
    cut();
}

std::size_t CuttingProxy::pass(int from, int to, std::size_t most) const
{
    std::array<char, 4096> buffer{};
    const ssize_t n = ::recv(from, buffer.data(), std::min(most, buffer.size()), 0);
    for (ssize_t sent = 0; sent < n;) {
        pollfd out{to, POLLOUT, 0};
        const ssize_t m = ::send(to, buffer.data() + sent, static_cast<std::size_t>(n - sent), MSG_NOSIGNAL);
        if (m < 0 && errno == EAGAIN)
            ::poll(&out, 1, -1);
        else if (m < 0)
            return 0;
        else
            sent += m;
    }
    return n > 0 ? static_cast<std::size_t>(n) : 0;
}

} // namespace gantry::test
