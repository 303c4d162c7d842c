// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/checkpoint/image_files.h"

#include <cstddef>
#include <span>

namespace gantry::checkpoint {

/// Makes room for connections that are to be restored into our own network namespace: ends what the kernel still keeps
/// of them although no process has it any more (TIME_WAIT for a minute, FIN_WAIT2 and the like). CRIU would find their
/// addresses taken. Only these very connections are touched, by sock_diag's SOCK_DESTROY.
/// @return how many. @errors EADDRINUSE naming one that a process has, or that the kernel does not let go of
/// (CONFIG_INET_DIAG_DESTROY is missing); those of netlink. Source: sock_diag(7). Thread: any; blocks for a moment.
[[nodiscard]] Result<std::size_t> endLeftovers(std::span<const TcpConnection> connections);

/// The same for all connections that are in CRIU's images in this open folder; nothing where they have a network
/// namespace of their own. @errors also EBADMSG of the images.
[[nodiscard]] Result<> makeRoomForConnections(int folder);

} // namespace gantry::checkpoint
