// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/new_file.h"
#include "engine/base/strings.h"
#include "engine/service/transfer_client.h"

#include <optional>
#include <span>

#include <unistd.h>

namespace gantry::cli {

namespace {

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
    [[nodiscard]] Result<> write(std::span<const std::byte> bytes)
    {
        m_written += bytes.size();
        return m_file ? m_file->write(bytes) : writeAll(STDOUT_FILENO, bytes, "standard output");
    }
    [[nodiscard]] Result<> commit() { return m_file ? m_file->commit() : Result<>(); }
    [[nodiscard]] std::uint64_t written() const { return m_written; }

private:
    std::optional<NewFile> m_file; ///< none: standard output
    std::uint64_t m_written = 0;
};

/// @errors the engine's, and of writing.
Result<service::Exported> receive(v1::Transfer::Stub &stub, const v1::ExportRequest &request, Target &target)
{
    const auto onHead = [](const v1::ExportHead &head) {
        if (head.leaves_encryption())
            Session::warn("the store is encrypted, what is exported is not: send it through a filter, such as age or "
                          "gpg, before it goes where others can read it");
    };
    auto out = GANTRY_TRY(service::receiveExport(
        stub, request, onHead, [&target](std::span<const std::byte> bytes) { return target.write(bytes); }, {}));
    GANTRY_CHECK(target.commit());
    return out;
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
    const service::Exported exported = GANTRY_TRY(receive(session.transfer(), request, target));
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
    const std::string file =
        arguments.operands.empty() || arguments.operands.front() == "-" ? std::string() : arguments.operands.front();
    if (file.empty() && ::isatty(STDIN_FILENO) == 1)
        return wrongUsage("nothing comes from a terminal: name a file, or a pipe before it");
    UniqueFd opened;
    if (!file.empty())
        opened = GANTRY_TRY(openAt(AT_FDCWD, file, O_RDONLY));
    const repository::Source source =
        file.empty() ? repository::sourceOf(STDIN_FILENO, "standard input") : repository::sourceOf(opened.get(), file);
    const v1::ImportReply reply = GANTRY_TRY(service::sendImport(session.transfer(), session.actor(), source, {}));
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
