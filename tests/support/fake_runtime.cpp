// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fake_runtime.h"

#include "engine/base/error.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <optional>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace gantry::test {

namespace {

/// Appends what comes next. @return false at the end of the connection.
bool receive(int fd, std::string &into)
{
    std::array<char, 4096> buffer{};
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0)
        return false;
    into.append(buffer.data(), static_cast<std::size_t>(n));
    return true;
}

/// The next request of a connection; what follows it stays in `bytes`. @return nullopt at the end.
std::optional<std::pair<std::string, FakeRequest>> nextRequest(int fd, std::string &bytes)
{
    std::size_t end = 0;
    while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
        if (!receive(fd, bytes))
            return std::nullopt;
    }
    const std::string head = bytes.substr(0, end + 2);
    bytes.erase(0, end + 4);
    constexpr std::string_view kLength = "\r\nContent-Length: ";
    const std::size_t at = head.find(kLength);
    std::size_t length = 0;
    if (at != std::string::npos) {
        const std::size_t from = at + kLength.size();
        length = parseU64(std::string_view(head).substr(from, head.find('\r', from) - from)).value_or(0);
    }
    while (bytes.size() < length) {
        if (!receive(fd, bytes))
            return std::nullopt;
    }
    const std::size_t blank = head.find(' ');
    FakeRequest request{head.substr(0, blank), head.substr(blank + 1, head.find(' ', blank + 1) - blank - 1),
                        bytes.substr(0, length)};
    bytes.erase(0, length);
    return std::pair{head, std::move(request)};
}

} // namespace

void FakeRuntime::open()
{
    ::unlink(m_path.c_str());
    m_listener = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    m_path.copy(address.sun_path, sizeof address.sun_path - 1);
    GANTRY_ASSERT(::bind(m_listener.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0);
    GANTRY_ASSERT(::listen(m_listener.get(), 16) == 0);
    m_thread = std::jthread([this](const std::stop_token &stop) { accept(stop); });
}

void FakeRuntime::close()
{
    if (!m_thread.joinable())
        return;
    m_thread.request_stop();
    ::shutdown(m_listener.get(), SHUT_RDWR);
    m_thread.join();
    std::vector<std::jthread> served;
    {
        const std::scoped_lock lock(m_mutex);
        for (const UniqueFd &open : m_connections)
            ::shutdown(open.get(), SHUT_RDWR);
        served.swap(m_served);
    }
    served.clear(); // they want the lock before they end
    const std::scoped_lock lock(m_mutex);
    m_listeners.clear();
    m_connections.clear();
    m_listener.reset();
}

void FakeRuntime::answer(const std::string &pathEnd, const std::string &body, int status)
{
    const std::scoped_lock lock(m_mutex);
    m_answers[pathEnd] = {body, status};
}

void FakeRuntime::upgradeEvents(Upgrade upgrade)
{
    const std::scoped_lock lock(m_mutex);
    m_upgrade = std::move(upgrade);
}

void FakeRuntime::tellBytes(const std::string &data)
{
    const std::scoped_lock lock(m_mutex);
    for (const int fd : m_listeners)
        static_cast<void>(::send(fd, data.data(), data.size(), MSG_NOSIGNAL)); // who left hears nothing
}

void FakeRuntime::endEvents()
{
    const std::scoped_lock lock(m_mutex);
    for (const int fd : m_listeners)
        ::shutdown(fd, SHUT_RDWR);
    m_listeners.clear();
}

std::size_t FakeRuntime::listeners() const
{
    const std::scoped_lock lock(m_mutex);
    return m_listeners.size();
}

std::string FakeRuntime::heard() const
{
    const std::scoped_lock lock(m_mutex);
    return m_heard;
}

std::vector<FakeRequest> FakeRuntime::requests() const
{
    const std::scoped_lock lock(m_mutex);
    return m_requests;
}

void FakeRuntime::accept(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        UniqueFd fd(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!fd)
            return;
        const std::scoped_lock lock(m_mutex);
        const int number = fd.get();
        m_connections.push_back(std::move(fd));
        m_served.emplace_back([this, number] { serve(number); });
    }
}

void FakeRuntime::serve(int fd)
{
    std::string bytes;
    while (auto request = nextRequest(fd, bytes)) {
        if (m_hang) {
            while (receive(fd, bytes))
                bytes.clear();
            return;
        }
        const bool listens = request->second.target.find("/events") != std::string::npos;
        send(fd, request->first, std::move(request->second));
        while (listens) {
            if (!receive(fd, bytes))
                return;
            const std::scoped_lock lock(m_mutex);
            m_heard += std::exchange(bytes, {});
        }
    }
}

void FakeRuntime::send(int fd, const std::string &head, FakeRequest request)
{
    const std::scoped_lock lock(m_mutex);
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::string whole = request.method + " " + path;
    std::string out = "HTTP/1.1 404 Not Found\r\nContent-Length: 25\r\n\r\n{\"message\":\"no such thing\"}";
    const std::pair<std::string, int> *found = nullptr;
    for (const auto &[end, answer] : m_answers) {
        if (end.starts_with('/') ? path.ends_with(end) && found == nullptr : whole == end)
            found = &answer;
    }
    const bool events = path.ends_with("/events");
    if (events)
        out = m_upgrade ? m_upgrade(head) : "HTTP/1.1 200 OK\r\n\r\n"; // until the end of the connection
    if (found != nullptr)
        out = found->first.starts_with('!')
                  ? found->first.substr(1)
                  : strCat("HTTP/1.1 ", found->second, " X\r\nContent-Length: ", found->first.size(), "\r\n\r\n",
                           found->first);
    m_requests.push_back(std::move(request));
    static_cast<void>(::send(fd, out.data(), out.size(), MSG_NOSIGNAL)); // who left hears nothing
    if (events) // only now: nothing is told before the head
        m_listeners.push_back(fd);
    if (out.find("Content-Length") != std::string::npos && out.ends_with("CUT"))
        ::shutdown(fd, SHUT_RDWR);
}

} // namespace gantry::test
