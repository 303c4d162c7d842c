// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/bridge.h"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::daemon {

namespace {

/// A pipe of Linux holds as much.
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;

/// Non-blocking for as long as it lives: other programs may have the same open file.
class NonBlocking
{
public:
    explicit NonBlocking(int fd) : m_fd(fd), m_flags(::fcntl(fd, F_GETFL))
    {
        m_failed = m_flags < 0 || ::fcntl(fd, F_SETFL, m_flags | O_NONBLOCK) < 0 ? errno : 0;
    }
    NonBlocking(const NonBlocking &) = delete;
    NonBlocking &operator=(const NonBlocking &) = delete;
    NonBlocking(NonBlocking &&) = delete;
    NonBlocking &operator=(NonBlocking &&) = delete;
    ~NonBlocking()
    {
        if (m_failed == 0)
            ::fcntl(m_fd, F_SETFL, m_flags);
    }
    [[nodiscard]] int failed() const { return m_failed; }

private:
    const int m_fd;
    const int m_flags;
    int m_failed;
};

bool isLater(int error)
{
    return error == EAGAIN || error == EINTR;
}

bool isGone(int error)
{
    return error == EPIPE || error == ECONNRESET || error == EIO; // EIO: a terminal that was hung up
}

/// One direction: bytes that were read and not yet written.
class Flow
{
public:
    Flow(int from, std::string_view fromName, int to, std::string_view toName)
        : m_from(from), m_to(to), m_fromName(fromName), m_toName(toName)
    {}

    [[nodiscard]] bool isFull() const { return m_end == m_buffer.size(); }
    [[nodiscard]] bool isEmpty() const { return m_begin == m_end; }
    [[nodiscard]] bool wantsToRead() const { return !m_atEnd && !isFull(); }
    /// Nothing more comes, and all that came has gone out.
    [[nodiscard]] bool isDone() const { return m_atEnd && isEmpty(); }
    /// Nobody takes what would be written.
    [[nodiscard]] bool isRefused() const { return m_refused; }

    /// @return whether a byte moved, or the end was seen.
    [[nodiscard]] Result<bool> read()
    {
        const ssize_t got = ::read(m_from, m_buffer.data() + m_end, m_buffer.size() - m_end);
        if (got < 0 && isLater(errno))
            return false;
        if (got < 0 && !isGone(errno))
            return failErrno("read", m_fromName);
        if (got <= 0)
            m_atEnd = true;
        else
            m_end += static_cast<std::size_t>(got);
        return true;
    }
    [[nodiscard]] Result<bool> write()
    {
        const ssize_t put = ::write(m_to, m_buffer.data() + m_begin, m_end - m_begin);
        if (put < 0 && isLater(errno))
            return false;
        if (put < 0 && !isGone(errno))
            return failErrno("write", m_toName);
        if (put < 0) {
            m_refused = m_atEnd = true;
            m_begin = m_end = 0;
            return true;
        }
        m_begin += static_cast<std::size_t>(put);
        if (isEmpty())
            m_begin = m_end = 0;
        return true;
    }

private:
    const int m_from;
    const int m_to;
    const std::string_view m_fromName;
    const std::string_view m_toName;
    std::array<std::byte, kBufferBytes> m_buffer{};
    std::size_t m_begin = 0;
    std::size_t m_end = 0;
    bool m_atEnd = false;
    bool m_refused = false;
};

class Bridge
{
public:
    Bridge(const BridgeEnds &ends, std::chrono::milliseconds patience)
        : m_ends(ends)
        , m_patience(patience)
        , m_up(ends.in, "standard input", ends.peer, "service")
        , m_down(ends.peer, "service", ends.out, "standard output")
    {}

    [[nodiscard]] Result<BridgeEnd> run()
    {
        for (;;) {
            if (m_up.isDone() && !m_halfClosed) {
                ::shutdown(m_ends.peer, SHUT_WR); // a peer that has gone is seen by reading
                m_halfClosed = true;
            }
            if (m_down.isRefused())
                return BridgeEnd::OutClosed;
            if (m_down.isDone())
                return BridgeEnd::PeerClosed;
            if (const auto end = GANTRY_TRY(step()))
                return *end;
        }
    }

private:
    /// One round of poll(2). @return why to end, or nothing.
    [[nodiscard]] Result<std::optional<BridgeEnd>> step()
    {
        const short peerEvents =
            static_cast<short>((m_down.wantsToRead() ? POLLIN : 0) | (m_up.isEmpty() ? 0 : POLLOUT));
        // A descriptor that nothing is wanted of is left out: its POLLHUP would turn the wait into a busy loop. Of the
        // output the hang-up is always wanted.
        std::array<pollfd, 4> set{
            pollfd{m_up.wantsToRead() ? m_ends.in : -1, POLLIN, 0},
            pollfd{m_ends.out, static_cast<short>(m_down.isEmpty() ? 0 : POLLOUT), 0},
            pollfd{peerEvents == 0 ? -1 : m_ends.peer, peerEvents, 0},
            pollfd{m_ends.stop, POLLIN, 0},
        };
        const int ready = ::poll(set.data(), set.size(), m_halfClosed ? static_cast<int>(m_patience.count()) : -1);
        if (ready < 0)
            return errno == EINTR ? Result<std::optional<BridgeEnd>>() : failErrno("poll", "bridge");
        const auto &[in, out, peer, stop] = set;
        if (ready == 0)
            return BridgeEnd::PeerSilent;
        if (stop.revents != 0)
            return BridgeEnd::Stopped;
        if ((out.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
            return BridgeEnd::OutClosed;
        if (in.revents != 0)
            GANTRY_TRY(m_up.read());
        if ((peer.revents & (POLLIN | POLLHUP | POLLERR)) != 0 && m_down.wantsToRead())
            GANTRY_TRY(m_down.read());
        // Tried at once what was read just now: mostly there is room for it.
        if (!m_up.isEmpty())
            GANTRY_TRY(m_up.write());
        if (!m_down.isEmpty())
            GANTRY_TRY(m_down.write());
        return std::nullopt;
    }

    const BridgeEnds m_ends;
    const std::chrono::milliseconds m_patience;
    Flow m_up;
    Flow m_down;
    bool m_halfClosed = false;
};

} // namespace

Result<BridgeEnd> bridge(const BridgeEnds &ends, std::chrono::milliseconds patience)
{
    // In this order: where both are one open file, the flags that it had come back last.
    const NonBlocking in(ends.in);
    const NonBlocking out(ends.out);
    const NonBlocking peer(ends.peer);
    for (const NonBlocking *const end : {&in, &out, &peer}) {
        if (end->failed() != 0)
            return failErrno("fcntl", end == &peer ? "service" : "standard input or output", end->failed());
    }
    return Bridge(ends, patience).run();
}

} // namespace gantry::daemon
