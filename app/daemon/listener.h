// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <string>

namespace gantry::daemon {

/// The service's socket: made, or handed over by systemd (sd_listen_fds(3)). Anybody may connect; who is let in is
/// decided by whom the kernel names. Thread: one at a time.
class Listener
{
public:
    /// @param path of the socket where none is handed over; its folder is made. What a service that was killed has left
    /// is replaced. @errors EBUSY: another service has it; EINVAL: what was handed over is no such socket; of
    /// bind(2), flock(2).
    [[nodiscard]] static Result<Listener> open(const std::string &path);
    Listener(const Listener &) = delete;
    Listener &operator=(const Listener &) = delete;
    Listener &operator=(Listener &&) = delete;
    Listener(Listener &&other) noexcept = default;
    ~Listener(); ///< removes the socket's file, if it was made here

    [[nodiscard]] int fd() const { return m_socket.get(); }
    /// @return an empty descriptor where nobody waits any more. @errors of accept4(2).
    [[nodiscard]] Result<UniqueFd> accept() const;

private:
    Listener(UniqueFd socket, UniqueFd turn, std::string made)
        : m_socket(std::move(socket)), m_turn(std::move(turn)), m_made(std::move(made))
    {}
    UniqueFd m_socket;
    UniqueFd m_turn;    ///< locked: the path is ours
    std::string m_made; ///< empty: systemd's
};

} // namespace gantry::daemon
