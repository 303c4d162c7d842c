// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"

#include <memory>

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

namespace gantry::service {

/// Largest request the engine takes.
inline constexpr int kMostRequestBytes = 4 << 20;
/// Largest answer a client takes: a first snapshot of 100 000 cgroups has some 20 MiB.
inline constexpr int kMostAnswerBytes = 64 << 20;
/// Most metadata (statuses with their Failure travel in it) of one call.
inline constexpr int kMostMetadataBytes = 64 << 10;

/// What every client channel is made with.
[[nodiscard]] grpc::ChannelArguments clientArguments();

/// Channel over a connected stream socket, whose other end is given to Engine::serveFd(). Never reconnects: when the
/// connection is cut, calls end with UNAVAILABLE. @errors of fcntl(2).
[[nodiscard]] Result<std::shared_ptr<grpc::Channel>> channelOverFd(UniqueFd socket);

/// Sets O_NONBLOCK, which gRPC wants of the sockets it is given.
[[nodiscard]] Result<> makeNonBlocking(int fd);

} // namespace gantry::service
