// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/transfer_client.h"

#include "engine/repository/bytes.h"
#include "engine/service/status.h"

namespace gantry::service {

namespace {

constexpr std::size_t kSentAtOnce = std::size_t{256} << 10;
}

Result<Exported> receiveExport(v1::Transfer::Stub &stub, const v1::ExportRequest &request,
                               const std::function<void(const v1::ExportHead &)> &onHead, const repository::Sink &sink,
                               const std::stop_token &stop)
{
    grpc::ClientContext context;
    const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
    const auto reader = stub.Export(&context, request);
    Exported out;
    bool whole = false;
    v1::ExportPart part;
    while (reader->Read(&part)) {
        if (part.has_head()) {
            out.head = part.head();
            if (onHead)
                onHead(out.head);
        } else if (part.has_done()) {
            out.done = part.done();
            whole = true;
        } else if (auto taken = sink(repository::viewOf(part.data())); !taken) {
            context.TryCancel();
            static_cast<void>(reader->Finish()); // "cancelled"
            return std::unexpected(std::move(taken).error());
        }
    }
    if (const grpc::Status status = reader->Finish(); !status.ok())
        return std::unexpected(errorFrom(status));
    if (!whole)
        return fail(EBADMSG, "export", "checkpoint", "not all of it came");
    return out;
}

Result<v1::ImportReply> sendImport(v1::Transfer::Stub &stub, const v1::Actor &actor, const repository::Source &source,
                                   const std::stop_token &stop, const std::string &subject)
{
    grpc::ClientContext context;
    const std::stop_callback cancel(stop, [&context] { context.TryCancel(); });
    v1::ImportReply reply;
    const auto writer = stub.Import(&context, &reply);
    v1::ImportPart part;
    *part.mutable_head()->mutable_actor() = actor;
    part.mutable_head()->set_subject(subject);
    repository::ByteVector buffer(kSentAtOnce);
    // Where the engine has seen enough it takes no more, and says why at the end.
    for (bool open = writer->Write(part); open;) {
        const auto got = source(buffer);
        if (!got) {
            context.TryCancel();
            static_cast<void>(writer->Finish()); // "cancelled"
            return std::unexpected(got.error());
        }
        if (*got == 0)
            part.set_end(true);
        else
            part.set_data(std::string(repository::textOf(std::span(buffer).first(*got))));
        open = writer->Write(part) && *got != 0;
    }
    writer->WritesDone();
    if (const grpc::Status status = writer->Finish(); !status.ok())
        return std::unexpected(errorFrom(status));
    return reply;
}

} // namespace gantry::service
