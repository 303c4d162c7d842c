// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/transfer_client.h"

#include "engine/repository/bytes.h"
#include "engine/service/status.h"

#include <utility>

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

ImportCall::ImportCall(v1::Transfer::Stub &stub, const v1::Actor &actor, const std::stop_token &stop,
                       const std::string &subject)
    : m_cancel(stop, [this] { m_context.TryCancel(); }), m_writer(stub.Import(&m_context, &m_reply))
{
    v1::ImportPart head;
    *head.mutable_head()->mutable_actor() = actor;
    head.mutable_head()->set_subject(subject);
    m_writer->Write(head); // an engine that takes none says why at the next one
}

ImportCall::~ImportCall()
{
    if (!m_writer)
        return;
    m_context.TryCancel();
    static_cast<void>(m_writer->Finish()); // "cancelled"
}

Result<> ImportCall::put(const v1::ImportPart &part)
{
    // Where the engine has seen enough it takes no more, and says why at the end.
    if (m_writer && !m_writer->Write(part))
        m_end = std::exchange(m_writer, nullptr)->Finish();
    return m_end.ok() ? Result<>() : std::unexpected(errorFrom(m_end));
}

Result<> ImportCall::write(std::span<const std::byte> bytes)
{
    v1::ImportPart part;
    part.set_data(std::string(repository::textOf(bytes)));
    return put(part);
}

Result<v1::ImportReply> ImportCall::finish()
{
    v1::ImportPart end;
    end.set_end(true);
    GANTRY_CHECK(put(end));
    if (m_writer) {
        m_writer->WritesDone();
        m_end = std::exchange(m_writer, nullptr)->Finish();
    }
    if (!m_end.ok())
        return std::unexpected(errorFrom(m_end));
    return std::move(m_reply);
}

Result<v1::ImportReply> sendImport(v1::Transfer::Stub &stub, const v1::Actor &actor, const repository::Source &source,
                                   const std::stop_token &stop, const std::string &subject)
{
    ImportCall call(stub, actor, stop, subject);
    repository::ByteVector buffer(kSentAtOnce);
    while (const std::size_t got = GANTRY_TRY(source(buffer)))
        GANTRY_CHECK(call.write(std::span(buffer).first(got)));
    return call.finish();
}

} // namespace gantry::service
