// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/channel.h"

#include <fcntl.h>

#include <grpcpp/create_channel_posix.h>

namespace gantry::service {

grpc::ChannelArguments clientArguments()
{
    grpc::ChannelArguments out;
    out.SetMaxReceiveMessageSize(kMostAnswerBytes);
    out.SetMaxSendMessageSize(kMostRequestBytes);
    out.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMostMetadataBytes);
    return out;
}

Result<std::shared_ptr<grpc::Channel>> channelOverFd(UniqueFd socket)
{
    GANTRY_CHECK(makeNonBlocking(socket.get()));
    return grpc::CreateCustomInsecureChannelFromFd("engine", socket.release(), clientArguments());
}

Result<> makeNonBlocking(int fd)
{
    const int flags = ::fcntl(fd, F_GETFL);
    if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
        return failErrno("fcntl", "socket");
    return {};
}

} // namespace gantry::service
