// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/control.grpc.pb.h"
#include "tests/service/service_host.h"

#include <cstdint>
#include <string_view>

namespace gantry::lab {

/// The number that is configured for a key of a node; 0: none, or it cannot be told.
inline std::uint64_t configuredNumber(v1::Control::Stub &control, std::uint64_t node, std::string_view key)
{
    test::BoundedContext context(std::chrono::seconds(20));
    v1::ListLimitsRequest request;
    v1::ListLimitsReply reply;
    request.mutable_target()->set_node_id(node);
    if (!control.ListLimits(&context, request, &reply).ok())
        return 0;
    for (const v1::LimitRow &row : reply.rows()) {
        if (row.key() == key)
            return row.configured().number();
    }
    return 0;
}

} // namespace gantry::lab
