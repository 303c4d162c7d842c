// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/source.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gantry::runtime {

struct HttpReply
{
    long status = 0; ///< 200 ...
    std::string body;
};

/// A name as it stands in a path or query of a URL: what is not unreserved (RFC 3986) as "%2F".
[[nodiscard]] std::string urlEscaped(std::string_view text);

/// HTTP requests over one UNIX socket, by libcurl. Proxies of the environment are not used.
/// Thread: one at a time; make another client for another thread. A request blocks for its patience.
class HttpClient
{
public:
    /// Longest body taken.
    static constexpr std::size_t kMostBody = std::size_t{64} << 20;

    /// Connects at the first request. @param socket path of the UNIX socket.
    explicit HttpClient(std::string socket);
    HttpClient(const HttpClient &) = delete;
    HttpClient &operator=(const HttpClient &) = delete;
    HttpClient(HttpClient &&) = delete;
    HttpClient &operator=(HttpClient &&) = delete;
    ~HttpClient();

    /// The reply, whatever its status. @param method "GET", "POST", "PUT", "PATCH", "DELETE".
    /// @param json body; empty: none.
    /// @errors those of connect(2); ETIMEDOUT, ECANCELED, ECONNRESET (it ended in the middle), EFBIG, EBADMSG (no HTTP).
    [[nodiscard]] Result<HttpReply> request(std::string_view method, std::string_view path, std::string_view json,
                                            const Patience &patience);
    [[nodiscard]] Result<HttpReply> get(std::string_view path, const Patience &patience)
    {
        return request("GET", path, {}, patience);
    }

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

/// A reply that does not end, taken line by line (events of a runtime). Thread: one at a time.
class HttpLines
{
public:
    /// Longest line taken.
    static constexpr std::size_t kMostLine = std::size_t{1} << 20;

    /// Sends the request and waits for the head of the reply.
    /// @errors as HttpClient::request(); EPROTO with the body for a status that is not 200.
    [[nodiscard]] static Result<std::unique_ptr<HttpLines>> open(const std::string &socket, std::string_view path,
                                                                 const Patience &patience);
    HttpLines(const HttpLines &) = delete;
    HttpLines &operator=(const HttpLines &) = delete;
    HttpLines(HttpLines &&) = delete;
    HttpLines &operator=(HttpLines &&) = delete;
    ~HttpLines();

    /// The next line without its end. @errors ETIMEDOUT (none yet), ECANCELED; ECONNRESET when the reply has ended;
    /// EFBIG.
    [[nodiscard]] Result<std::string> next(const Patience &patience);

private:
    class Impl;
    explicit HttpLines(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace gantry::runtime
