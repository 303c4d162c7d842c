// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/said.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gantry::link {

namespace {

constexpr std::size_t kMostText = std::size_t{16} << 10;
constexpr std::size_t kMostLine = 300;
constexpr std::chrono::milliseconds kEndPatience{500};

} // namespace

Said::Said(UniqueFd pipe) : m_pipe(std::move(pipe)), m_stop(::eventfd(0, EFD_CLOEXEC)), m_thread([this] { read(); }) {}

Said::~Said()
{
    ::eventfd_write(m_stop.get(), 1);
}

void Said::read()
{
    std::array<char, 4096> buffer{};
    for (;;) {
        std::array<pollfd, 2> set{pollfd{m_pipe.get(), POLLIN, 0}, pollfd{m_stop.get(), POLLIN, 0}};
        if (::poll(set.data(), set.size(), -1) < 0 && errno != EINTR)
            return;
        if (set[1].revents != 0)
            return;
        if (set[0].revents == 0)
            continue;
        const ssize_t got = ::read(m_pipe.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        const std::scoped_lock lock(m_mutex);
        m_text.append(buffer.data(), static_cast<std::size_t>(got));
        m_untaken += static_cast<std::size_t>(got);
        if (m_text.size() > kMostText)
            m_text.erase(0, m_text.size() - kMostText);
        m_untaken = std::min(m_untaken, m_text.size());
    }
    const std::scoped_lock lock(m_mutex);
    m_atEnd = true;
    m_ended.notify_all();
}

std::string Said::textAtEnd() const
{
    std::unique_lock lock(m_mutex);
    m_ended.wait_for(lock, kEndPatience, [this] { return m_atEnd; });
    return m_text;
}

std::string Said::text() const
{
    const std::scoped_lock lock(m_mutex);
    return m_text;
}

std::string Said::take()
{
    const std::scoped_lock lock(m_mutex);
    return m_text.substr(m_text.size() - std::exchange(m_untaken, 0));
}

std::string lastLines(std::string_view text, std::size_t most)
{
    std::vector<std::string> lines;
    while (!text.empty() && lines.size() < most) {
        const std::size_t newline = text.find_last_of('\n');
        const std::string_view line = trim(newline == std::string_view::npos ? text : text.substr(newline + 1));
        text = newline == std::string_view::npos ? std::string_view() : text.substr(0, newline);
        const std::string shown = printable(trim(line.substr(0, kMostLine)));
        if (!shown.empty() && !shown.starts_with("gantry.")) // the engine's log
            lines.insert(lines.begin(), shown);
    }
    return joined(lines, "; ");
}

} // namespace gantry::link
