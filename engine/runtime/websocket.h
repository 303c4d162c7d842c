// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::runtime {

/// Messages that a server sends over a WebSocket (RFC 6455) on a UNIX socket, by Boost.Beast: pings are answered while
/// next() waits, a close is answered and ends it. Nothing is sent otherwise.
/// Thread: one at a time.
class WebSocket
{
public:
    /// Longest message taken.
    static constexpr std::size_t kMostMessage = std::size_t{1} << 20;

    /// Connects and shakes hands. @param path "/1.0/events?type=lifecycle".
    /// @errors those of connect(2); ETIMEDOUT, ECANCELED, ECONNRESET; EPROTO: an HTTP server that does not speak it
    /// here, with its status; EBADMSG: none.
    [[nodiscard]] static Result<std::unique_ptr<WebSocket>> open(const std::string &socket, std::string_view path,
                                                                 const Patience &patience);
    WebSocket(const WebSocket &) = delete;
    WebSocket &operator=(const WebSocket &) = delete;
    WebSocket(WebSocket &&) = delete;
    WebSocket &operator=(WebSocket &&) = delete;
    ~WebSocket();

    /// The next message, text or binary. @errors ETIMEDOUT (none yet; what came of one is kept), ECANCELED; ECONNRESET
    /// when the server has ended it or is gone; EFBIG; EBADMSG (no WebSocket frames). After the last three: ECONNRESET.
    [[nodiscard]] Result<std::string> next(const Patience &patience);

private:
    class Impl;
    explicit WebSocket(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace gantry::runtime
