// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <stop_token>

namespace gantry::service {

/// One call that has one answer. Thread: any; blocks, `most` at most; a wish to stop cancels it.
template <class Stub, class Request, class Reply>
[[nodiscard]] grpc::Status
callOnce(Stub &stub, grpc::Status (Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
         const Request &request, Reply &reply, std::chrono::seconds most, const std::stop_token &stop)
{
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + most);
    const std::stop_callback onStop(stop, [&context] { context.TryCancel(); });
    return (stub.*method)(&context, request, &reply);
}

} // namespace gantry::service
