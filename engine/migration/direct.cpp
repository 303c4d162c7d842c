// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/migration/direct.h"

#include "engine/base/strings.h"
#include "engine/migration/addresses.h"
#include "engine/proto/convert.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

namespace gantry::migration {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kLength = 4;
constexpr std::size_t kMostDirectFrame = std::size_t{4} << 20;
constexpr std::chrono::seconds kLook{1};
constexpr milliseconds kAsk{200};
constexpr std::chrono::seconds kShow{5};
constexpr std::chrono::seconds kLastWord{2};
constexpr std::size_t kMostComers = 16;
constexpr int kQueue = 16;

int millisUntil(steady_clock::time_point until)
{
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    return static_cast<int>(std::clamp(left, milliseconds{0}, milliseconds{kLook}).count());
}

std::span<std::byte> bytesOf(std::string &text)
{
    return std::as_writable_bytes(std::span(text));
}

/// A peer without power or cable is noticed within 10 s, whether something is on its way or not. Source: tcp(7).
void noticeDeath(int socket)
{
    const auto set = [socket](int level, int option, int value) {
        // Only a kernel without TCP would refuse them, and it had no socket.
        static_cast<void>(::setsockopt(socket, level, option, &value, sizeof value));
    };
    constexpr int kSeconds = 2;
    set(SOL_SOCKET, SO_KEEPALIVE, 1);
    set(IPPROTO_TCP, TCP_KEEPIDLE, 2 * kSeconds);
    set(IPPROTO_TCP, TCP_KEEPINTVL, kSeconds);
    set(IPPROTO_TCP, TCP_KEEPCNT, 3);
    set(IPPROTO_TCP, TCP_USER_TIMEOUT, 10'000);
    set(IPPROTO_TCP, TCP_NODELAY, 1);
}

} // namespace

DirectFrames::DirectFrames(TlsEnd end, std::string peer)
    : m_end(std::move(end)), m_peer(std::move(peer)), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{
    GANTRY_ASSERT(m_wake);
    noticeDeath(m_end.fd());
}

DirectFrames::~DirectFrames()
{
    if (m_broken || ::shutdown(m_end.fd(), SHUT_WR) != 0)
        return;
    // A socket that is closed with something unread takes back what it has sent.
    std::array<char, 65'536> unwanted{};
    const auto until = steady_clock::now() + kLastWord;
    while (steady_clock::now() < until) {
        pollfd end{m_end.fd(), POLLIN, 0};
        if (::poll(&end, 1, millisUntil(until)) <= 0 || ::recv(m_end.fd(), unwanted.data(), unwanted.size(), 0) <= 0)
            break;
    }
}

void DirectFrames::wake()
{
    ::eventfd_write(m_wake.get(), 1);
}

std::unexpected<Error> DirectFrames::broken(Error error)
{
    m_broken = true;
    ::shutdown(m_end.fd(), SHUT_RDWR); // the other end shall know at once
    return std::unexpected(std::move(error));
}

Result<> DirectFrames::pause(steady_clock::time_point until)
{
    if (m_check)
        GANTRY_CHECK(m_check());
    std::array<pollfd, 2> ends{{{m_end.fd(), TlsEnd::events(m_wants), 0}, {m_wake.get(), POLLIN, 0}}};
    if (::poll(ends.data(), ends.size(), millisUntil(until)) < 0 && errno != EINTR)
        return failErrno("poll", m_peer);
    if (ends[1].revents != 0) {
        eventfd_t ignored = 0;
        ::eventfd_read(m_wake.get(), &ignored);
        if (m_check)
            return m_check();
    }
    return {};
}

Result<> DirectFrames::send(const Frame &frame)
{
    const std::size_t size = frame.ByteSizeLong();
    if (size > kMostDirectFrame)
        return fail(EMSGSIZE, "migrate", m_peer, strCat("a message of ", size, " bytes is too long"));
    if (m_broken)
        return fail(ECONNRESET, "migrate", m_peer, "the connection broke");
    if (m_check)
        GANTRY_CHECK(m_check());
    if ((frame.has_data() || frame.has_packed()) && !m_early) {
        m_early = GANTRY_TRY(take());
        if (m_early && m_early->has_abort())
            return std::unexpected(fromMessage(m_early->abort()));
    }
    std::string bytes(kLength, '\0');
    for (std::size_t i = 0; i < kLength; ++i)
        bytes[i] = static_cast<char>(size >> (8 * (kLength - 1 - i)) & 0xffU);
    if (!frame.AppendToString(&bytes))
        return fail(EIO, "migrate", m_peer, "the message cannot be written");
    for (std::span<const std::byte> rest = std::as_bytes(std::span(bytes)); !rest.empty();) {
        std::size_t done = 0;
        const auto state = m_end.write(rest, done);
        if (!state)
            return broken(state.error());
        rest = rest.subspan(done);
        if (*state == TlsEnd::State::Done)
            continue;
        m_wants = *state;
        if (auto paused = pause(steady_clock::time_point::max()); !paused)
            return broken(std::move(paused).error());
    }
    return {};
}

Result<bool> DirectFrames::fill()
{
    if (m_in.size() < kLength)
        m_in.resize(kLength);
    while (true) {
        if (m_have == m_in.size()) {
            std::size_t size = 0;
            for (std::size_t i = 0; i < kLength; ++i)
                size = size << 8 | static_cast<unsigned char>(m_in[i]);
            if (size > kMostDirectFrame)
                return broken(fail(EBADMSG, "migrate", m_peer, strCat("a message of ", size, " bytes")).error());
            if (m_have == kLength + size)
                return true;
            m_in.resize(kLength + size);
        }
        std::size_t done = 0;
        const auto state = m_end.read(bytesOf(m_in).subspan(m_have), done);
        if (!state)
            return broken(state.error());
        m_have += done;
        if (*state != TlsEnd::State::Done) {
            m_wants = *state;
            return false;
        }
    }
}

Result<std::optional<Frame>> DirectFrames::take()
{
    if (m_early)
        return std::exchange(m_early, std::nullopt);
    if (m_broken)
        return fail(ECONNRESET, "migrate", m_peer, "the connection broke");
    if (!GANTRY_TRY(fill()))
        return std::nullopt;
    Frame out;
    const bool good = out.ParseFromArray(m_in.data() + kLength, static_cast<int>(m_in.size() - kLength));
    m_in.clear();
    m_have = 0;
    if (!good)
        return broken(fail(EBADMSG, "migrate", m_peer, "it said something that is no message").error());
    return out;
}

Result<Frame> DirectFrames::receive(const Wait &wait)
{
    const std::stop_callback onStop(wait.stop, [this] { wake(); });
    while (true) {
        if (auto frame = GANTRY_TRY(take()))
            return *std::move(frame);
        if (wait.stop.stop_requested())
            return fail(ECANCELED, "migrate", m_peer, "it was cancelled");
        if (steady_clock::now() >= wait.until)
            return fail(ETIMEDOUT, "migrate", m_peer, "it did not answer in time");
        GANTRY_CHECK(pause(wait.until));
    }
}

Result<DirectListener> DirectListener::open(const std::string &address)
{
    const Identity own = GANTRY_TRY(newIdentity());
    const Identity source = GANTRY_TRY(newIdentity());
    TlsContext context = GANTRY_TRY(TlsContext::create(TlsContext::Side::Server, own, source.certificate));
    v1::MigrationDirect direct;
    if (address.empty()) {
        for (std::string &one : GANTRY_TRY(ownAddresses()))
            direct.add_addresses(std::move(one));
        if (direct.addresses().empty())
            return fail(EADDRNOTAVAIL, "listen", "this host", "it has no address but loopback");
    } else {
        direct.add_addresses(address);
    }
    UniqueFd socket = GANTRY_TRY(address.empty() ? boundToAll() : boundTo(address));
    if (::listen(socket.get(), kQueue) != 0)
        return failErrno("listen", address);
    direct.set_port(GANTRY_TRY(portOf(socket.get())));
    direct.set_target_certificate(own.certificate);
    direct.set_source_certificate(source.certificate);
    direct.set_source_key(source.key);
    return DirectListener(std::move(socket), std::move(context), std::move(direct));
}

Result<> DirectListener::takeNew()
{
    while (true) {
        NetAddress from;
        UniqueFd socket(::accept4(m_socket.get(), from.get(), &from.size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            if (errno == EAGAIN)
                return {};
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            return failErrno("accept4", "the port");
        }
        // One that has been silent the longest makes room: nobody keeps the source away by coming often.
        if (m_comers.size() == kMostComers) {
            m_comers.erase(m_comers.begin());
            ++m_refused;
        }
        if (auto end = TlsEnd::create(m_context, std::move(socket)))
            m_comers.push_back({*std::move(end), from.text(), steady_clock::now() + kShow});
    }
}

std::unique_ptr<DirectFrames> DirectListener::advance()
{
    for (auto at = m_comers.begin(); at != m_comers.end();) {
        const auto state = at->end.handshake();
        if (state && *state == TlsEnd::State::Done)
            return std::make_unique<DirectFrames>(std::move(at->end), at->peer);
        if (state && steady_clock::now() < at->until) {
            at->wants = *state;
            ++at;
            continue;
        }
        ++m_refused;
        m_why = strCat(at->peer, ": ", state ? "it said nothing" : state.error().detail);
        at = m_comers.erase(at);
    }
    return nullptr;
}

Result<std::unique_ptr<DirectFrames>> DirectListener::accept(const Wait &wait, const std::function<bool()> &isGone)
{
    while (true) {
        if (wait.stop.stop_requested() || isGone())
            return fail(ECANCELED, "listen", "the port", "nobody wants it any more");
        if (steady_clock::now() >= wait.until)
            return fail(ETIMEDOUT, "listen", "the port",
                        strCat("the source did not come", m_refused == 0 ? "" : "; others came and were refused: ",
                               m_refused == 0 ? std::string() : strCat(m_refused, ", the last: ", m_why)));
        std::vector<pollfd> ends{{m_socket.get(), POLLIN, 0}};
        for (const Comer &comer : m_comers)
            ends.push_back({comer.end.fd(), TlsEnd::events(comer.wants), 0});
        if (::poll(ends.data(), ends.size(), static_cast<int>(kAsk.count())) < 0 && errno != EINTR)
            return failErrno("poll", "the port");
        GANTRY_CHECK(takeNew());
        auto frames = advance();
        if (!frames)
            continue;
        // For this one alone.
        m_socket.reset();
        m_comers.clear();
        // A client's handshake is over before its certificate was looked at: it waits for a word.
        GANTRY_CHECK(frames->send(phaseFrame("direct", 0)));
        return frames;
    }
}

namespace {

/// One address on the way to a connection. Thread: one.
class Attempt
{
public:
    Attempt(const TlsContext &context, const std::string &address, std::uint16_t port) : m_address(address)
    {
        const auto there = NetAddress::parse(address, port);
        if (!there) {
            m_why = there.error();
            return;
        }
        m_name = there->text();
        UniqueFd socket(::socket(there->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!socket || (::connect(socket.get(), there->get(), there->size) != 0 && errno != EINPROGRESS)) {
            m_why = failErrno("connect", m_name).error();
            return;
        }
        if (auto end = TlsEnd::create(context, std::move(socket)))
            m_end.emplace(*std::move(end));
        else
            m_why = end.error();
    }
    [[nodiscard]] bool isOver() const { return m_why.has_value(); }
    [[nodiscard]] pollfd waitsFor() const
    {
        if (m_isConnecting)
            return {m_end->fd(), POLLOUT, 0};
        return {m_fd, TlsEnd::events(m_wants), 0};
    }
    /// What came of it: with a word of the target it is a connection.
    [[nodiscard]] std::unique_ptr<DirectFrames> advance(short events)
    {
        auto done = step(events);
        if (!done)
            m_why = std::move(done).error();
        return done ? *std::move(done) : nullptr;
    }
    [[nodiscard]] std::string text() const
    {
        return strCat(m_name.empty() ? m_address : m_name, ": ",
                      !m_why ? std::string(m_isConnecting ? "no answer" : "it does not take this connection")
                      : m_why->detail.empty() ? m_why->code.message()
                                              : m_why->detail);
    }

private:
    [[nodiscard]] Result<std::unique_ptr<DirectFrames>> step(short events)
    {
        if (m_isConnecting) {
            if (events == 0)
                return nullptr;
            int failed = 0;
            socklen_t size = sizeof failed;
            ::getsockopt(m_end->fd(), SOL_SOCKET, SO_ERROR, &failed, &size);
            if (failed != 0)
                return failErrno("connect", m_name, failed);
            m_isConnecting = false;
            m_fd = m_end->fd();
        }
        if (!m_frames) {
            m_wants = GANTRY_TRY(m_end->handshake());
            if (m_wants != TlsEnd::State::Done)
                return nullptr;
            m_wants = TlsEnd::State::WantsRead;
            m_frames = std::make_unique<DirectFrames>(*std::move(m_end), m_name);
        }
        const auto word = m_frames->receive({steady_clock::time_point::min()});
        if (!word && word.error().posix() == ETIMEDOUT)
            return nullptr;
        if (!word)
            return std::unexpected(word.error());
        if (!word->has_phase())
            return fail(EPROTO, "connect", m_name, "it begins with something else than a phase");
        return std::move(m_frames);
    }

    const std::string m_address;
    std::string m_name; ///< with the port
    std::optional<TlsEnd> m_end;
    std::unique_ptr<DirectFrames> m_frames;
    int m_fd = -1;
    bool m_isConnecting = true;
    TlsEnd::State m_wants = TlsEnd::State::WantsRead;
    std::optional<Error> m_why;
};

} // namespace

Result<std::unique_ptr<DirectFrames>> connectDirect(const v1::MigrationDirect &direct, const std::stop_token &stop,
                                                    milliseconds patience)
{
    if (direct.addresses().empty() || direct.addresses_size() > kMostAddresses || direct.port() == 0 ||
        direct.port() > UINT16_MAX)
        return fail(EINVAL, "connect", "the target", "its addresses and port make no sense");
    const TlsContext context = GANTRY_TRY(TlsContext::create(
        TlsContext::Side::Client, {direct.source_certificate(), direct.source_key()}, direct.target_certificate()));
    std::vector<std::unique_ptr<Attempt>> attempts;
    for (const std::string &address : direct.addresses())
        attempts.push_back(std::make_unique<Attempt>(context, address, static_cast<std::uint16_t>(direct.port())));
    const auto until = steady_clock::now() + patience;
    while (steady_clock::now() < until && !stop.stop_requested()) {
        std::vector<pollfd> ends;
        std::vector<Attempt *> open;
        for (const auto &attempt : attempts) {
            if (attempt->isOver())
                continue;
            open.push_back(attempt.get());
            ends.push_back(attempt->waitsFor());
        }
        if (open.empty())
            break;
        if (::poll(ends.data(), ends.size(), std::min(millisUntil(until), static_cast<int>(kAsk.count()))) < 0 &&
            errno != EINTR)
            return failErrno("poll", "the target");
        for (std::size_t i = 0; i < open.size(); ++i) {
            if (auto frames = open[i]->advance(ends[i].revents))
                return frames;
        }
    }
    if (stop.stop_requested())
        return fail(ECANCELED, "connect", "the target", "it was cancelled");
    std::vector<std::string> told;
    for (const auto &attempt : attempts)
        told.push_back(attempt->text());
    return fail(ECONNREFUSED, "connect", "the target", joined(told, "; "),
                "Let the source through to that port, name another address, or let the migration be relayed");
}

} // namespace gantry::migration
