// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <openssl/types.h>

/// TLS 1.3 between two ends that know each other's certificate, and believe nobody else. Source: ssl(7ossl).
namespace gantry::migration {

/// A key pair and its certificate, signed by itself, as PEM. The key is for memory alone.
struct Identity
{
    std::string certificate;
    std::string key;
};
/// A new one: P-256, good for a day, and from a day ago on, since the clocks of two hosts differ.
/// @errors EIO with OpenSSL's words.
[[nodiscard]] Result<Identity> newIdentity();

/// What one end of such connections has. Thread: any.
class TlsContext
{
public:
    enum class Side : std::uint8_t { Server, Client };
    /// @param peerCertificate PEM. @errors EINVAL: one of the texts is no certificate or no key of it.
    [[nodiscard]] static Result<TlsContext> create(Side side, const Identity &own, const std::string &peerCertificate);

private:
    friend class TlsEnd;
    using ContextPtr = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX *)>;
    TlsContext(Side side, ContextPtr context) : m_side(side), m_context(std::move(context)) {}

    Side m_side;
    ContextPtr m_context;
};

/// One connection, which never waits. Thread: one at a time.
class TlsEnd
{
public:
    /// What has to happen before the same call is worth repeating.
    enum class State : std::uint8_t { Done, WantsRead, WantsWrite };

    /// @param socket connected, or about to be; is made non-blocking. @errors of fcntl(2); ENOMEM.
    [[nodiscard]] static Result<TlsEnd> create(const TlsContext &context, UniqueFd socket);
    /// Done: the other end is who it has to be, and, for a server, has shown so.
    /// @errors ECONNRESET with OpenSSL's words: it is not, or it speaks something else, or has gone.
    [[nodiscard]] Result<State> handshake();
    /// @param done bytes that were taken or given. @errors ECONNRESET.
    [[nodiscard]] Result<State> write(std::span<const std::byte> bytes, std::size_t &done);
    [[nodiscard]] Result<State> read(std::span<std::byte> into, std::size_t &done);
    [[nodiscard]] int fd() const { return m_socket.get(); }
    /// For poll(2).
    [[nodiscard]] static short events(State state);

private:
    using ConnectionPtr = std::unique_ptr<SSL, void (*)(SSL *)>;
    TlsEnd(UniqueFd socket, ConnectionPtr connection) : m_socket(std::move(socket)), m_connection(std::move(connection))
    {}
    [[nodiscard]] Result<State> outcome(int returned);

    UniqueFd m_socket;
    ConnectionPtr m_connection; ///< uses the socket
};

} // namespace gantry::migration
