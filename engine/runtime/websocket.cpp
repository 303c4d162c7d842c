// SPDX-License-Identifier: GPL-3.0-or-later
// The one file that sees Boost: its headers take seconds to compile.
#include "engine/runtime/websocket.h"

#include "engine/base/strings.h"

#include <cerrno>
#include <functional>
#include <optional>
#include <utility>

#include <sys/un.h>

// One thread at a time runs the loop: it needs no fences, which the thread sanitizer does not know.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace gantry::runtime {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

/// A connection that ends at once. Beast would wait for the other side to end it, which one that misbehaves may not do.
class Connection : public beast::basic_stream<asio::local::stream_protocol>
{
public:
    using beast::basic_stream<asio::local::stream_protocol>::basic_stream;

    template <class Handler>
    friend void async_teardown(beast::role_type /*role*/, Connection &connection, Handler &&handler)
    {
        connection.close();
        asio::post(connection.get_executor(), beast::bind_handler(std::forward<Handler>(handler), beast::error_code()));
    }
};

} // namespace

/// A loop of its own, run by whoever waits: it can be left at any time, and what was begun goes on the next time.
class WebSocket::Impl
{
public:
    explicit Impl(std::string socket) : m_socket(std::move(socket)) { m_stream.read_message_max(kMostMessage); }

    [[nodiscard]] Result<> connect(std::string_view path, const Patience &patience);
    [[nodiscard]] Result<std::string> next(const Patience &patience);

private:
    /// What the operation that was begun came to. @errors ETIMEDOUT, ECANCELED: it goes on.
    [[nodiscard]] Result<beast::error_code> wait(const Patience &patience);
    void finish(const beast::error_code &code)
    {
        m_running = false;
        m_outcome = code;
    }
    [[nodiscard]] std::unexpected<Error> error(int err, std::string_view detail) const
    {
        return fail(err, m_what, m_socket, detail);
    }
    [[nodiscard]] std::unexpected<Error> errorOf(const beast::error_code &code) const;

    const std::string m_socket;
    std::string m_what; ///< "GET /1.0/events", for errors
    asio::io_context m_loop{1};
    websocket::stream<Connection> m_stream{m_loop};
    websocket::response_type m_reply;
    beast::flat_buffer m_buffer;
    beast::error_code m_outcome;
    bool m_running = false; ///< an operation was begun and has not ended
    bool m_broken = false;
};

Result<beast::error_code> WebSocket::Impl::wait(const Patience &patience)
{
    m_loop.restart();
    const std::stop_callback wake(patience.stop, [this] { m_loop.stop(); });
    while (m_running) {
        if (patience.stop.stop_requested())
            return error(ECANCELED, "cancelled");
        if (Clock::now() >= patience.deadline)
            return error(ETIMEDOUT, "no answer in time");
        m_loop.run_one_until(patience.deadline);
    }
    return m_outcome;
}

std::unexpected<Error> WebSocket::Impl::errorOf(const beast::error_code &code) const
{
    if (code == websocket::error::closed || code == asio::error::eof || code == beast::http::error::end_of_stream ||
        code == beast::http::error::partial_message)
        return error(ECONNRESET, "the stream has ended");
    if (code == websocket::error::upgrade_declined)
        return error(EPROTO, strCat("HTTP status ", m_reply.result_int()));
    if (code == websocket::error::message_too_big || code == websocket::error::buffer_overflow)
        return error(EFBIG, strCat("more than ", kMostMessage, " bytes"));
    if (code.category() == boost::system::system_category())
        return error(code.value() == EPIPE ? ECONNRESET : code.value(), code.message());
    return error(EBADMSG, strCat("no WebSocket: ", code.message()));
}

Result<> WebSocket::Impl::connect(std::string_view path, const Patience &patience)
{
    m_what = strCat("GET ", path.substr(0, path.find('?')));
    if (m_socket.size() >= sizeof(sockaddr_un::sun_path))
        return error(ENAMETOOLONG, "no path of a socket");
    const auto done = [this](const beast::error_code &code) { finish(code); };
    m_running = true;
    beast::get_lowest_layer(m_stream).async_connect(asio::local::stream_protocol::endpoint(m_socket), done);
    if (const beast::error_code code = GANTRY_TRY(wait(patience)))
        return errorOf(code);
    m_running = true;
    m_stream.async_handshake(m_reply, "localhost", std::string(path), done);
    if (const beast::error_code code = GANTRY_TRY(wait(patience)))
        return errorOf(code);
    return {};
}

Result<std::string> WebSocket::Impl::next(const Patience &patience)
{
    if (m_broken)
        return error(ECONNRESET, "the stream has ended");
    if (!std::exchange(m_running, true))
        m_stream.async_read(m_buffer, [this](const beast::error_code &code, std::size_t) { finish(code); });
    if (const beast::error_code code = GANTRY_TRY(wait(patience))) {
        m_broken = true;
        return errorOf(code);
    }
    std::string out = beast::buffers_to_string(m_buffer.data());
    m_buffer.consume(m_buffer.size());
    return out;
}

WebSocket::WebSocket(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

WebSocket::~WebSocket() = default;

Result<std::unique_ptr<WebSocket>> WebSocket::open(const std::string &socket, std::string_view path,
                                                   const Patience &patience)
{
    auto impl = std::make_unique<Impl>(socket);
    GANTRY_CHECK(impl->connect(path, patience));
    return std::unique_ptr<WebSocket>(new WebSocket(std::move(impl)));
}

Result<std::string> WebSocket::next(const Patience &patience)
{
    return m_impl->next(patience);
}

} // namespace gantry::runtime
