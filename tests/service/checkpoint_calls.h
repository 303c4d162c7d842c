// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/checkpoint.grpc.pb.h"
#include "tests/service/service_host.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace gantry::test {

/// Calls of gantry.v1.Checkpoint by a client, two minutes each at most. Thread: one at a time.
class CheckpointCalls
{
protected:
    void openCalls(const std::shared_ptr<grpc::Channel> &channel) { m_stub = v1::Checkpoint::NewStub(channel); }
    void closeCalls() { m_stub.reset(); }

    /// @errors as the service tells them.
    template <class Request, class Reply>
    Result<Reply> call(grpc::Status (v1::Checkpoint::Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
                       const Request &request)
    {
        BoundedContext context(std::chrono::seconds(120));
        Reply reply;
        if (const grpc::Status status = ((*m_stub).*method)(&context, request, &reply); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }
    Result<v1::RestoreCheckpointReply> call(const v1::RestoreCheckpointRequest &request)
    {
        return call(&v1::Checkpoint::Stub::Restore, request);
    }
    Result<v1::CreateCheckpointReply> call(const v1::CreateCheckpointRequest &request)
    {
        return call(&v1::Checkpoint::Stub::Create, request);
    }

    /// To go back to it in place.
    static v1::RestoreCheckpointRequest inPlace(const std::string &what)
    {
        v1::RestoreCheckpointRequest out;
        out.set_checkpoint(what);
        out.set_in_place(true);
        return out;
    }

private:
    std::unique_ptr<v1::Checkpoint::Stub> m_stub;
};

} // namespace gantry::test
