// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/args.h"
#include "app/cli/to_json.h"
#include "app/link/connection.h"
#include "engine/service/engine.h"
#include "engine/service/status.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/fork.grpc.pb.h"
#include "gantry/v1/group.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/launch.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "gantry/v1/migration.grpc.pb.h"
#include "gantry/v1/schedules.grpc.pb.h"
#include "gantry/v1/transfer.grpc.pb.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/client_context.h>

namespace gantry::cli {

/// What a verb has answered, where it does not go to standard output and standard error at once.
struct Answer
{
    std::vector<Json> documents;    ///< with --json
    std::string text;               ///< without
    std::vector<std::string> notes; ///< for stderr
};

/// The engine of one host, the stubs of its services, and the place where output goes. Thread: one at a time.
class Session
{
public:
    /// Starts an engine (Local), or connects to one. @param answer where its output is collected; null: it is printed.
    /// @errors of Engine::start(), of link::Connection::dial().
    [[nodiscard]] static Result<std::unique_ptr<Session>>
    open(const Arguments &arguments, const link::Destination &destination, Answer *answer = nullptr);

    /// The engine ends with this program: nobody else uses it.
    [[nodiscard]] bool hasOwnEngine() const { return m_engine != nullptr; }
    /// What the error of a call means on this connection. See link::Connection::explained().
    [[nodiscard]] Error explained(Error error);

    [[nodiscard]] v1::Host::Stub &host() { return *m_host; }
    [[nodiscard]] v1::Inventory::Stub &inventory() { return *m_inventory; }
    [[nodiscard]] v1::Metrics::Stub &metrics() { return *m_metrics; }
    [[nodiscard]] v1::Control::Stub &control() { return *m_control; }
    [[nodiscard]] v1::Alerts::Stub &alerts() { return *m_alerts; }
    [[nodiscard]] v1::Checkpoint::Stub &checkpoint() { return *m_checkpoint; }
    [[nodiscard]] v1::Launch::Stub &launch() { return *m_launch; }
    [[nodiscard]] v1::Schedules::Stub &schedules() { return *m_schedules; }
    [[nodiscard]] v1::Transfer::Stub &transfer() { return *m_transfer; }
    [[nodiscard]] v1::Migration::Stub &migration() { return *m_migration; }
    [[nodiscard]] v1::Fork::Stub &fork() { return *m_fork; }
    [[nodiscard]] v1::Group::Stub &group() { return *m_group; }

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

    /// Who asks, for the audit log: of another host, with the name of this one.
    [[nodiscard]] v1::Actor actor() const;

    /// Prints the document as JSON, or what `table` makes of it.
    [[nodiscard]] Outcome print(const Json &document, const std::function<std::string()> &table) const;
    /// Prints one of many: JSON on one line, or what `text` makes.
    [[nodiscard]] Outcome printItem(const Json &item, const std::function<std::string()> &text) const;
    /// One line for stderr, of a verb that several hosts may be asked at once.
    void note(std::string_view text) const;
    /// One line to stderr.
    static void warn(std::string_view text);
    /// The same for what was done, but has no record. @param reason empty: it has one.
    static void warnUnrecorded(const std::string &reason);

private:
    Session(bool json, Answer *answer) : m_json(json), m_answer(answer) {}
    void makeStubs(const std::shared_ptr<grpc::Channel> &channel);
    [[nodiscard]] Outcome put(const Json &document, int indent, const std::function<std::string()> &text) const;

    const bool m_json;
    Answer *const m_answer;                         ///< null: standard output
    std::unique_ptr<service::Engine> m_engine;      ///< null: it is another process's
    std::unique_ptr<link::Connection> m_connection; ///< null: it is our own
    std::unique_ptr<v1::Host::Stub> m_host;
    std::unique_ptr<v1::Inventory::Stub> m_inventory;
    std::unique_ptr<v1::Metrics::Stub> m_metrics;
    std::unique_ptr<v1::Control::Stub> m_control;
    std::unique_ptr<v1::Alerts::Stub> m_alerts;
    std::unique_ptr<v1::Checkpoint::Stub> m_checkpoint;
    std::unique_ptr<v1::Launch::Stub> m_launch;
    std::unique_ptr<v1::Schedules::Stub> m_schedules;
    std::unique_ptr<v1::Transfer::Stub> m_transfer;
    std::unique_ptr<v1::Migration::Stub> m_migration;
    std::unique_ptr<v1::Fork::Stub> m_fork;
    std::unique_ptr<v1::Group::Stub> m_group;
};

/// TARGET as typed into the protocol's. @errors wrong usage.
[[nodiscard]] std::expected<v1::Target, Stop> targetOf(std::string_view text);

/// Writes everything to a descriptor. A reader that has gone is no failure: the program ends quietly (exit status 0).
/// @errors of write(2).
[[nodiscard]] Outcome writeOut(int fd, std::string_view text);

} // namespace gantry::cli
