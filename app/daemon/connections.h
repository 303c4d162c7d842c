// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <cstddef>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/types.h>

namespace gantry::daemon {

/// The connections that are open, and whether there is room for one more: nobody takes the others' places, and root
/// always finds one. gRPC does not tell when a connection has ended; a second descriptor of the same socket does.
/// Thread: one at a time.
class Connections
{
public:
    static constexpr std::size_t kMost = 64;
    static constexpr std::size_t kMostOfOthers = 48; ///< than root
    static constexpr std::size_t kMostOfUser = 16;   ///< who is not root

    /// Whether one more of this user has a place. @errors EMFILE saying what is full.
    [[nodiscard]] Result<> roomFor(uid_t uid) const;
    /// Counts this one until it has ended. @errors of fcntl(2).
    [[nodiscard]] Result<> add(int connectedSocket, uid_t uid);
    /// Appends what poll(2) has to wait for to learn of ends.
    void addTo(std::vector<pollfd> &set) const;
    /// Forgets those that have ended.
    void sweep();
    [[nodiscard]] std::size_t count() const { return m_open.size(); }

private:
    struct Open
    {
        UniqueFd second;
        uid_t uid;
    };
    std::vector<Open> m_open;
};

} // namespace gantry::daemon
