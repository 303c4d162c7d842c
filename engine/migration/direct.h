// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/migration/frames.h"
#include "engine/migration/tls.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gantry::migration {

/// A target's port is closed after this long without the one that may come.
inline constexpr std::chrono::seconds kUnused{60};
/// A source tries all addresses for this long.
inline constexpr std::chrono::milliseconds kConnecting{2'000};
inline constexpr int kMostAddresses = 16;

/// The frames of one connection between two hosts: each with its length before it, four bytes, the highest first.
/// Thread: one at a time, but for wake().
class DirectFrames final : public Frames
{
public:
    /// Whether it is still worth going on.
    using Check = std::function<Result<>()>;

    /// @param end its handshake is done. @param peer address and port of the other end, to be shown.
    DirectFrames(TlsEnd end, std::string peer);
    DirectFrames(const DirectFrames &) = delete;
    DirectFrames &operator=(const DirectFrames &) = delete;
    DirectFrames(DirectFrames &&) = delete;
    DirectFrames &operator=(DirectFrames &&) = delete;
    /// Tells the other end that nothing more comes, and waits a while for it to have read that.
    ~DirectFrames() override;

    /// Asked before each wait, in send() too, after wake(), and once a second. What it fails with is passed on; a send
    /// that has begun leaves the connection broken then.
    void setCheck(Check check) { m_check = std::move(check); }
    /// Data is not sent to who has given it up: his word is what it fails with.
    /// @errors ECONNRESET with the reason; EMSGSIZE; of the check.
    [[nodiscard]] Result<> send(const Frame &frame) override;
    /// @errors of Frames::receive(), with the reason; EBADMSG: it is no frame; of the check.
    [[nodiscard]] Result<Frame> receive(const Wait &wait) override;
    /// Has the check asked now. Thread: any.
    void wake();
    [[nodiscard]] const std::string &peer() const { return m_peer; }

private:
    /// The next frame, if all of it has come; see m_wants where it has not.
    [[nodiscard]] Result<std::optional<Frame>> take();
    /// True once a whole frame is in m_in.
    [[nodiscard]] Result<bool> fill();
    /// Until the connection is ready, `until` at most, or it was woken.
    [[nodiscard]] Result<> pause(std::chrono::steady_clock::time_point until);
    [[nodiscard]] std::unexpected<Error> broken(Error error);

    TlsEnd m_end;
    const std::string m_peer;
    const UniqueFd m_wake;
    Check m_check;
    TlsEnd::State m_wants = TlsEnd::State::WantsRead;
    std::string m_in;             ///< of the frame that comes
    std::size_t m_have = 0;       ///< bytes of it that are there
    std::optional<Frame> m_early; ///< came while something was sent
    bool m_broken = false;
};

/// A target's port for one migration. Whoever comes has five seconds to show the one certificate; the first who does is
/// the only one. Closed when destroyed. Thread: one at a time.
class DirectListener
{
public:
    /// @param address to listen at, IPv4 or IPv6; empty: all that this host has, but for loopback.
    /// @errors EINVAL: it is no address; EADDRNOTAVAIL: not one of this host, or it has none; of socket(2).
    [[nodiscard]] static Result<DirectListener> open(const std::string &address);

    /// What a source has to know. It has the source's key: see MigrationDirect.
    [[nodiscard]] const v1::MigrationDirect &direct() const { return m_direct; }
    /// Waits for the source; the port is closed then. @param isGone asked five times a second: nobody wants it any
    /// more.
    /// @errors ECANCELED; ETIMEDOUT, with how many others came; of accept4(2).
    [[nodiscard]] Result<std::unique_ptr<DirectFrames>> accept(const Wait &wait, const std::function<bool()> &isGone);

private:
    DirectListener(UniqueFd socket, TlsContext context, v1::MigrationDirect direct)
        : m_socket(std::move(socket)), m_context(std::move(context)), m_direct(std::move(direct))
    {}
    struct Comer
    {
        TlsEnd end;
        std::string peer;
        std::chrono::steady_clock::time_point until;
        TlsEnd::State wants = TlsEnd::State::WantsRead;
    };
    [[nodiscard]] Result<> takeNew();
    /// One more step of each; nobody yet: null.
    [[nodiscard]] std::unique_ptr<DirectFrames> advance();

    UniqueFd m_socket;
    TlsContext m_context;
    v1::MigrationDirect m_direct;
    std::vector<Comer> m_comers;
    std::size_t m_refused = 0;
    std::string m_why; ///< the last of them
};

/// Connects to the first address where the target is, and waits for its word that it takes us.
/// @errors EINVAL: `direct` makes no sense; ECONNREFUSED naming each address and what it said; ECANCELED.
/// Thread: any; blocks.
[[nodiscard]] Result<std::unique_ptr<DirectFrames>> connectDirect(const v1::MigrationDirect &direct,
                                                                  const std::stop_token &stop,
                                                                  std::chrono::milliseconds patience = kConnecting);

} // namespace gantry::migration
