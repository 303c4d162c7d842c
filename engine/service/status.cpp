// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/status.h"

#include "engine/proto/convert.h"

#include <cerrno>

namespace gantry::service {

namespace {

grpc::StatusCode codeOf(int err)
{
    switch (err) {
    case EPERM:
    case EACCES:
        return grpc::StatusCode::PERMISSION_DENIED;
    case ENOENT:
    case ESRCH:
    case ENODEV:
        return grpc::StatusCode::NOT_FOUND;
    case ESTALE:
    case EBUSY:
    case ENOTEMPTY:
        return grpc::StatusCode::FAILED_PRECONDITION;
    case EINVAL:
    case ERANGE:
        return grpc::StatusCode::INVALID_ARGUMENT;
    case EEXIST:
        return grpc::StatusCode::ALREADY_EXISTS;
    case ETIMEDOUT:
        return grpc::StatusCode::DEADLINE_EXCEEDED;
    case ECANCELED:
        return grpc::StatusCode::CANCELLED;
    case ENOTSUP:
        return grpc::StatusCode::UNIMPLEMENTED;
    case EAGAIN:
    case EMFILE:
    case ENOMEM:
    case ENOSPC:
        return grpc::StatusCode::RESOURCE_EXHAUSTED;
    default:
        return grpc::StatusCode::INTERNAL;
    }
}

int errnoOf(grpc::StatusCode code)
{
    switch (code) {
    case grpc::StatusCode::UNAVAILABLE:
        return ECONNRESET;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
        return ETIMEDOUT;
    case grpc::StatusCode::CANCELLED:
        return ECANCELED;
    case grpc::StatusCode::UNIMPLEMENTED:
        return EOPNOTSUPP;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
        return ENOBUFS;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
        return EPERM;
    case grpc::StatusCode::INVALID_ARGUMENT:
        return EINVAL;
    case grpc::StatusCode::NOT_FOUND:
        return ENOENT;
    default:
        return EPROTO;
    }
}

/// Statuses travel in HTTP/2 metadata, which is bounded, and the path of a deep tree is not.
std::string shortened(std::string text)
{
    constexpr std::size_t kMost = 2'000;
    if (text.size() > kMost) {
        text.resize(kMost);
        text += "...";
    }
    return printable(text);
}

} // namespace

grpc::Status toStatus(const Error &error)
{
    v1::Failure failure = toMessage(error);
    failure.set_subject(shortened(failure.subject()));
    failure.set_detail(shortened(failure.detail()));
    return {codeOf(error.posix()), shortened(error.message()), failure.SerializeAsString()};
}

Error errorFrom(const grpc::Status &status)
{
    v1::Failure failure;
    if (failure.ParseFromString(status.error_details()) && failure.posix_errno() != 0)
        return fromMessage(failure);
    return Error{std::error_code(errnoOf(status.error_code()), std::generic_category()),
                 "call",
                 "the engine",
                 printable(status.error_message()),
                 {}};
}

} // namespace gantry::service
