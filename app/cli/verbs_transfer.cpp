// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/new_file.h"
#include "engine/base/strings.h"

#include <optional>
#include <vector>

#include <unistd.h>

namespace gantry::cli {

namespace {

constexpr std::size_t kMessage = std::size_t{256} << 10;

/// Where an export goes: a file that gets its name at the end, or standard output.
class Target
{
public:
    [[nodiscard]] static Result<Target> open(const std::string &file, bool replace)
    {
        Target out;
        if (!file.empty())
            out.m_file.emplace(GANTRY_TRY(NewFile::create(file, replace)));
        return out;
    }
    [[nodiscard]] Result<> write(std::string_view bytes)
    {
        m_written += bytes.size();
        const auto all = std::as_bytes(std::span(bytes));
        return m_file ? m_file->write(all) : writeAll(STDOUT_FILENO, all, "standard output");
    }
    [[nodiscard]] Result<> commit() { return m_file ? m_file->commit() : Result<>(); }
    [[nodiscard]] std::uint64_t written() const { return m_written; }

private:
    std::optional<NewFile> m_file; ///< none: standard output
    std::uint64_t m_written = 0;
};

struct Exported
{
    v1::ExportHead head;
    v1::ExportDone done;
};

/// @errors the engine's, and of writing.
Result<Exported> receive(v1::Transfer::Stub &stub, const v1::ExportRequest &request, Target &target)
{
    grpc::ClientContext context;
    const auto reader = stub.Export(&context, request);
    Exported out;
    bool whole = false;
    v1::ExportPart part;
    while (reader->Read(&part)) {
        if (part.has_head()) {
            out.head = part.head();
            if (out.head.leaves_encryption())
                Session::warn("the store is encrypted, what is exported is not: send it through a filter, such as age "
                              "or gpg, before it goes where others can read it");
        } else if (part.has_done()) {
            out.done = part.done();
            whole = true;
        } else if (auto written = target.write(part.data()); !written) {
            context.TryCancel();
            static_cast<void>(reader->Finish()); // "cancelled"
            return std::unexpected(std::move(written).error());
        }
    }
    if (const grpc::Status status = reader->Finish(); !status.ok())
        return std::unexpected(service::errorFrom(status));
    if (!whole)
        return fail(EBADMSG, "export", "checkpoint", "not all of it came");
    GANTRY_CHECK(target.commit());
    return out;
}

Result<v1::ImportReply> send(v1::Transfer::Stub &stub, const v1::Actor &actor, int fd, const std::string &name)
{
    grpc::ClientContext context;
    v1::ImportReply reply;
    const auto writer = stub.Import(&context, &reply);
    v1::ImportPart part;
    *part.mutable_head()->mutable_actor() = actor;
    bool open = writer->Write(part);
    std::vector<char> buffer(kMessage);
    while (open) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            auto failed = failErrno("read", name);
            context.TryCancel();
            static_cast<void>(writer->Finish()); // "cancelled"
            return failed;
        }
        if (got == 0)
            part.set_end(true);
        else
            part.set_data(buffer.data(), static_cast<std::size_t>(got));
        // Where the engine has seen enough it says why at the end.
        open = writer->Write(part) && got != 0;
    }
    writer->WritesDone();
    if (const grpc::Status status = writer->Finish(); !status.ok())
        return std::unexpected(service::errorFrom(status));
    return reply;
}

Json rowsOf(const google::protobuf::RepeatedPtrField<v1::CheckpointInfo> &checkpoints)
{
    Json out = Json::array();
    for (const v1::CheckpointInfo &one : checkpoints)
        out.push_back(toJson(one));
    return out;
}

std::string lineOf(const v1::CheckpointInfo &one, std::string_view what)
{
    constexpr std::size_t kDigits = 12;
    return strCat("checkpoint ", one.id().substr(0, kDigits), " of ", one.subject(), one.name().empty() ? "" : ", ",
                  one.name(), ": ", what, "\n");
}

} // namespace

Outcome runExport(Session &session, const Arguments &arguments)
{
    v1::ExportRequest request;
    request.mutable_checkpoints()->Add(arguments.operands.begin(), arguments.operands.end());
    if (arguments.format == "podman")
        request.set_format(v1::TRANSFER_FORMAT_PODMAN);
    else if (!arguments.format.empty() && arguments.format != "gantry")
        return wrongUsage(strCat("--format wants gantry or podman, not \"", printable(arguments.format), "\""));
    *request.mutable_actor() = session.actor();
    const std::string file = arguments.output == "-" ? std::string() : arguments.output;
    if (file.empty() && ::isatty(STDOUT_FILENO) == 1)
        return wrongUsage("an export is no text for a terminal: name a file with --output, or a pipe after it");
    if (file.empty() && arguments.json)
        return wrongUsage("--json wants --output FILE: standard output has the export");
    Target target = GANTRY_TRY(Target::open(file, arguments.force));
    const Exported exported = GANTRY_TRY(receive(session.transfer(), request, target));
    Session::warnUnrecorded(exported.done.not_recorded());
    if (file.empty())
        return {};
    const Json document = {{"file", file},
                           {"bytes", target.written()},
                           {"checkpoints", rowsOf(exported.head.checkpoints())},
                           {"leaves_encryption", exported.head.leaves_encryption()},
                           {"not_recorded", textOrNull(exported.done.not_recorded())}};
    return session.print(document, [&] {
        std::string out;
        for (const v1::CheckpointInfo &one : exported.head.checkpoints())
            out += lineOf(one, "exported");
        return strCat(out, printable(file), ": ", cellText(document["bytes"], Format::Size), "\n");
    });
}

Outcome runImport(Session &session, const Arguments &arguments)
{
    const std::string file = arguments.operands.empty() || arguments.operands.front() == "-"
                                 ? std::string()
                                 : arguments.operands.front();
    if (file.empty() && ::isatty(STDIN_FILENO) == 1)
        return wrongUsage("nothing comes from a terminal: name a file, or a pipe before it");
    UniqueFd opened;
    if (!file.empty())
        opened = GANTRY_TRY(openAt(AT_FDCWD, file, O_RDONLY));
    const v1::ImportReply reply =
        GANTRY_TRY(send(session.transfer(), session.actor(), file.empty() ? STDIN_FILENO : opened.get(),
                        file.empty() ? std::string("standard input") : file));
    Session::warnUnrecorded(reply.not_recorded());
    const Json document = {{"format", reply.format() == v1::TRANSFER_FORMAT_PODMAN ? "podman" : "gantry"},
                           {"added", rowsOf(reply.added())},
                           {"known", rowsOf(reply.known())},
                           {"not_recorded", textOrNull(reply.not_recorded())}};
    return session.print(document, [&reply] {
        std::string out;
        for (const v1::CheckpointInfo &one : reply.added())
            out += lineOf(one, "imported");
        for (const v1::CheckpointInfo &one : reply.known())
            out += lineOf(one, "was here before");
        return out;
    });
}

} // namespace gantry::cli
