// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/console/link/host_client.h"

#include <memory>
#include <vector>

namespace gantry::console {

/// Makes one call for each request, all at once; `done` runs when every answer is there, in the order of the requests.
/// Thread: GUI.
template <class Request, class Reply>
void callAll(HostClient &client, const Method<Request, Reply> &method, const std::vector<Request> &requests,
             QObject *context, std::function<void(const std::vector<Result<Reply>> &)> done)
{
    struct Gathered
    {
        std::vector<Result<Reply>> replies;
        std::size_t missing;
        std::function<void(const std::vector<Result<Reply>> &)> done;
    };
    auto gathered = std::make_shared<Gathered>(
        Gathered{std::vector<Result<Reply>>(requests.size()), requests.size(), std::move(done)});
    for (std::size_t i = 0; i < requests.size(); ++i) {
        client.call(method, requests[i], context, [gathered, i](const Result<Reply> &reply) {
            gathered->replies[i] = reply;
            if (--gathered->missing == 0)
                gathered->done(gathered->replies);
        });
    }
}

} // namespace gantry::console
