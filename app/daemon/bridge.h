// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <chrono>
#include <cstdint>

namespace gantry::daemon {

/// What a bridge connects. None is closed by it.
struct BridgeEnds
{
    int in;        ///< a pipe or a socket
    int out;       ///< the same socket as `in`, or another descriptor
    int peer;      ///< a connected stream socket
    int stop = -1; ///< readable: the bridge ends; -1: nothing stops it
};

/// Why a bridge has ended.
enum class BridgeEnd : std::uint8_t {
    PeerClosed, ///< and all that it had sent has gone out
    OutClosed,  ///< nobody reads what the peer sends
    Stopped,
    PeerSilent ///< `in` was at its end and the peer neither closed nor moved a byte for `patience`
};

/// Carries bytes from `in` to `peer` and from `peer` to `out` until one side ends. The end of `in` is passed on as a
/// half-close, so what the peer still answers arrives. Never waits in read(2) or write(2): each end is made
/// non-blocking, and `in` and `out` get their flags back.
/// @errors of fcntl(2), poll(2), read(2), write(2) with the end as subject; those of a peer or a reader that has gone
/// are none. Thread: any, for as long as it lasts. Source: poll(2), shutdown(2).
[[nodiscard]] Result<BridgeEnd> bridge(const BridgeEnds &ends,
                                       std::chrono::milliseconds patience = std::chrono::seconds(10));

} // namespace gantry::daemon
