// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/source.h"
#include "engine/repository/store.h"
#include "gantry/v1/transfer.grpc.pb.h"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

/// The caller's end of gantry.v1.Transfer. Thread: any; blocks until all is through.
namespace gantry::service {

struct Exported
{
    v1::ExportHead head;
    v1::ExportDone done;
};

/// @param onHead told before the first byte; may be empty. @errors the engine's; the sink's, which ends the call;
/// ECANCELED; EBADMSG where not all of it came.
[[nodiscard]] Result<Exported> receiveExport(v1::Transfer::Stub &stub, const v1::ExportRequest &request,
                                             const std::function<void(const v1::ExportHead &)> &onHead,
                                             const repository::Sink &sink, const std::stop_token &stop);

/// An import that is written to as its bytes come. It is given up, and nothing of it imported, if this object dies
/// before finish(). Thread: one.
class ImportCall
{
public:
    /// @param subject as in ImportHead.
    ImportCall(v1::Transfer::Stub &stub, const v1::Actor &actor, const std::stop_token &stop,
               const std::string &subject = {});
    ImportCall(const ImportCall &) = delete;
    ImportCall &operator=(const ImportCall &) = delete;
    ImportCall(ImportCall &&) = delete;
    ImportCall &operator=(ImportCall &&) = delete;
    ~ImportCall();

    /// @errors the engine's, which takes no more; ECANCELED.
    [[nodiscard]] Result<> write(std::span<const std::byte> bytes);
    /// This was all. @errors as write(). Nothing is imported then.
    [[nodiscard]] Result<v1::ImportReply> finish();

private:
    [[nodiscard]] Result<> put(const v1::ImportPart &part);

    grpc::ClientContext m_context;
    const std::stop_callback<std::function<void()>> m_cancel;
    v1::ImportReply m_reply;
    std::unique_ptr<grpc::ClientWriter<v1::ImportPart>> m_writer; ///< null: its end was heard
    grpc::Status m_end;
};

/// @param subject as in ImportHead. @errors the engine's; the source's, which ends the call; ECANCELED. Nothing is
/// imported then.
[[nodiscard]] Result<v1::ImportReply> sendImport(v1::Transfer::Stub &stub, const v1::Actor &actor,
                                                 const repository::Source &source, const std::stop_token &stop,
                                                 const std::string &subject = {});

} // namespace gantry::service
