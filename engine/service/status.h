// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <grpcpp/support/status.h>

namespace gantry::service {

/// The one place where errors become gRPC statuses and back. Thread: any.

/// Status for an error: the code by errno, the sentence as message, gantry.v1.Failure serialized in the details.
[[nodiscard]] grpc::Status toStatus(const Error &error);

/// OK for a value, toStatus() for an error.
template <class T> [[nodiscard]] grpc::Status toStatus(const Result<T> &result)
{
    return result ? grpc::Status::OK : toStatus(result.error());
}

/// The error a peer sent. Where the details hold no Failure (the call never reached a handler), the nearest errno of
/// the code: ECONNRESET for a lost connection, ETIMEDOUT, ECANCELED, EOPNOTSUPP for a call the peer does not know.
/// @param status one that is not OK.
[[nodiscard]] Error errorFrom(const grpc::Status &status);

} // namespace gantry::service
