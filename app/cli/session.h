// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/args.h"
#include "app/cli/to_json.h"
#include "engine/service/engine.h"
#include "engine/service/status.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/launch.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "gantry/v1/schedules.grpc.pb.h"
#include "gantry/v1/transfer.grpc.pb.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/client_context.h>

namespace gantry::cli {

/// An engine of its own, the stubs of its services, and the place where output goes. Thread: main's.
class Session
{
public:
    /// Starts the engine. @errors of Engine::start().
    [[nodiscard]] static Result<std::unique_ptr<Session>> open(const Arguments &arguments);

    [[nodiscard]] v1::Host::Stub &host() { return *m_host; }
    [[nodiscard]] v1::Inventory::Stub &inventory() { return *m_inventory; }
    [[nodiscard]] v1::Metrics::Stub &metrics() { return *m_metrics; }
    [[nodiscard]] v1::Control::Stub &control() { return *m_control; }
    [[nodiscard]] v1::Alerts::Stub &alerts() { return *m_alerts; }
    [[nodiscard]] v1::Checkpoint::Stub &checkpoint() { return *m_checkpoint; }
    [[nodiscard]] v1::Launch::Stub &launch() { return *m_launch; }
    [[nodiscard]] v1::Schedules::Stub &schedules() { return *m_schedules; }
    [[nodiscard]] v1::Transfer::Stub &transfer() { return *m_transfer; }

    /// One unary call: call(session.host(), &v1::Host::Stub::Info, request). @errors as the engine sent them.
    template <class Stub, class Request, class Reply>
    [[nodiscard]] static Result<Reply>
    call(Stub &stub, grpc::Status (Stub::*method)(grpc::ClientContext *, const Request &, Reply *),
         const Request &request)
    {
        grpc::ClientContext context;
        Reply reply;
        if (const grpc::Status status = (stub.*method)(&context, request, &reply); !status.ok())
            return std::unexpected(service::errorFrom(status));
        return reply;
    }

    /// The first message of a watch stream, which is then closed. @errors as the engine sent them.
    template <class Stub, class Request, class Message>
    [[nodiscard]] static Result<Message>
    firstOf(Stub &stub,
            std::unique_ptr<grpc::ClientReader<Message>> (Stub::*method)(grpc::ClientContext *, const Request &),
            const Request &request)
    {
        grpc::ClientContext context;
        const auto reader = (stub.*method)(&context, request);
        Message message;
        if (!reader->Read(&message))
            return std::unexpected(service::errorFrom(reader->Finish()));
        context.TryCancel();
        return message;
    }

    /// Who asks, for the audit log.
    [[nodiscard]] v1::Actor actor() const;

    /// Prints the document as JSON, or what `table` makes of it.
    [[nodiscard]] Outcome print(const Json &document, const std::function<std::string()> &table) const;
    /// Prints one of many: JSON on one line, or what `text` makes.
    [[nodiscard]] Outcome printItem(const Json &item, const std::function<std::string()> &text) const;
    /// One line to stderr.
    static void warn(std::string_view text);
    /// The same for what was done, but has no record. @param reason empty: it has one.
    static void warnUnrecorded(const std::string &reason);

private:
    Session(std::unique_ptr<service::Engine> engine, bool json);

    const bool m_json;
    std::unique_ptr<service::Engine> m_engine;
    std::unique_ptr<v1::Host::Stub> m_host;
    std::unique_ptr<v1::Inventory::Stub> m_inventory;
    std::unique_ptr<v1::Metrics::Stub> m_metrics;
    std::unique_ptr<v1::Control::Stub> m_control;
    std::unique_ptr<v1::Alerts::Stub> m_alerts;
    std::unique_ptr<v1::Checkpoint::Stub> m_checkpoint;
    std::unique_ptr<v1::Launch::Stub> m_launch;
    std::unique_ptr<v1::Schedules::Stub> m_schedules;
    std::unique_ptr<v1::Transfer::Stub> m_transfer;
};

/// TARGET as typed into the protocol's. @errors wrong usage.
[[nodiscard]] std::expected<v1::Target, Stop> targetOf(std::string_view text);

/// Writes everything to a descriptor. A reader that has gone is no failure: the program ends quietly (exit status 0).
/// @errors of write(2).
[[nodiscard]] Outcome writeOut(int fd, std::string_view text);

} // namespace gantry::cli
