// SPDX-License-Identifier: GPL-3.0-or-later
// Looking into checkpoints: inspect, diff.
#include "app/cli/event_text.h"
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"

#include <array>
#include <charconv>

namespace gantry::cli {

namespace {

constexpr std::uint64_t kPage = 4096; ///< of CRIU's images on x86

std::string hex(std::uint64_t number)
{
    std::array<char, 17> out{};
    const auto end = std::to_chars(out.data(), out.data() + out.size(), number, 16).ptr;
    return {out.data(), end};
}

Json rowOf(const v1::SavedProcess &process)
{
    Json namespaces = Json::object();
    for (const char *kind : {"pid", "net", "ipc", "uts", "mnt", "user", "cgroup", "time"}) {
        const auto found = process.namespaces().find(kind);
        namespaces[kind] = found == process.namespaces().end() ? Json() : Json(found->second);
    }
    return {{"pid", process.pid()},
            {"ppid", process.ppid()},
            {"pgid", process.pgid()},
            {"sid", process.sid()},
            {"comm", process.comm()},
            {"state", process.state()},
            {"threads", process.threads()},
            {"uid", process.uid()},
            {"gid", process.gid()},
            {"euid", process.euid()},
            {"egid", process.egid()},
            {"exe", textOrNull(process.exe())},
            {"arguments", std::vector<std::string>(process.arguments().begin(), process.arguments().end())},
            {"working_folder", textOrNull(process.working_folder())},
            {"root", textOrNull(process.root())},
            {"namespaces", namespaces},
            {"descriptors", process.descriptors()},
            {"mappings", process.mappings()},
            {"saved_bytes", process.saved_bytes()}};
}

Json rowOf(const v1::SavedDescriptor &descriptor)
{
    return {{"pid", descriptor.pid()},
            {"comm", descriptor.comm()},
            {"fd", descriptor.fd()},
            {"kind", descriptor.kind()},
            {"text", descriptor.text()},
            {"flags", descriptor.flags()},
            {"position", descriptor.position()},
            {"close_on_exec", descriptor.close_on_exec()},
            {"file", descriptor.file()},
            {"deleted", descriptor.deleted()}};
}

Json rowOf(const v1::SavedSocket &socket)
{
    return {{"protocol", socket.protocol()},
            {"state", textOrNull(socket.state())},
            {"local", textOrNull(socket.local())},
            {"peer", textOrNull(socket.peer())},
            {"inode", socket.inode()},
            {"peer_inode", socket.peer_inode() == 0 ? Json() : Json(socket.peer_inode())},
            {"owners", std::vector<std::string>(socket.owners().begin(), socket.owners().end())}};
}

Json rowOf(const v1::SavedMapping &mapping)
{
    return {{"pid", mapping.pid()},
            {"comm", mapping.comm()},
            {"start", hex(mapping.start())},
            {"end", hex(mapping.end())},
            {"access", mapping.access()},
            {"offset", mapping.offset()},
            {"bytes", mapping.end() - mapping.start()},
            {"what", mapping.what()},
            {"saved_bytes", mapping.saved_bytes()}};
}

Json rowOf(const v1::SavedFile &file)
{
    return {{"kind", enumName(v1::SavedFile::Kind_Name(file.kind()), "KIND_")},
            {"path", file.path()},
            {"bytes", file.has_size_bytes() ? Json(file.size_bytes()) : Json()},
            {"deleted", file.deleted()},
            {"type", textOrNull(file.type())},
            {"source", textOrNull(file.source())},
            {"options", textOrNull(file.options())},
            {"saved", file.saved()},
            {"mode", file.saved() ? Json(file.mode()) : Json()},
            {"modified_usec", file.saved() ? Json(file.modified_usec()) : Json()},
            {"digest", textOrNull(file.digest())}};
}

Json changeName(v1::DiffChange change)
{
    return enumName(v1::DiffChange_Name(change), "DIFF_CHANGE_");
}

Json rowOf(const v1::DiffRow &row)
{
    return {{"change", changeName(row.change())}, {"pid", row.pid() == 0 ? Json() : Json(row.pid())},
            {"comm", textOrNull(row.comm())},     {"object", textOrNull(row.object())},
            {"before", textOrNull(row.before())}, {"after", textOrNull(row.after())}};
}

Json rowOf(const v1::DiffFile &file)
{
    return {{"change", changeName(file.change())},
            {"path", file.path()},
            {"before_bytes", file.has_before_bytes() ? Json(file.before_bytes()) : Json()},
            {"after_bytes", file.has_after_bytes() ? Json(file.after_bytes()) : Json()},
            {"by_content", file.by_content()}};
}

Json rowOf(const v1::DiffMapping &mapping)
{
    const bool shared = mapping.pid() == 0;
    return {{"change", changeName(mapping.change())},
            {"pid", shared ? Json() : Json(mapping.pid())},
            {"comm", textOrNull(mapping.comm())},
            {"start", shared ? Json() : Json(hex(mapping.start()))},
            {"end", shared ? Json() : Json(hex(mapping.end()))},
            {"what", mapping.what()},
            {"pages_before", mapping.pages_before()},
            {"pages_after", mapping.pages_after()},
            {"pages_changed", mapping.pages_changed()},
            {"pages_new", mapping.pages_new()},
            {"pages_gone", mapping.pages_gone()}};
}

/// As arrayOf() of to_json.h, for the messages above.
template <class Items> Json rowsOf(const Items &items)
{
    Json out = Json::array();
    for (const auto &item : items)
        out.push_back(rowOf(item));
    return out;
}

/// A table below its title; nothing where it has no row. @param more rows that were left off.
std::string section(std::string_view title, const Json &rows, std::span<const Column> columns, std::uint64_t more)
{
    if (rows.empty() && more == 0)
        return {};
    return strCat("\n", title, "\n", renderTable(rows, columns), more == 0 ? "" : strCat("... and ", more, " more\n"));
}

std::string headOf(const v1::CheckpointInfo &checkpoint)
{
    constexpr std::size_t kDigits = 12;
    return strCat("checkpoint ", checkpoint.id().substr(0, kDigits), " of ", checkpoint.subject(), ", ",
                  timeText(checkpoint.realtime_usec()),
                  checkpoint.name().empty() ? "" : strCat(", \"", checkpoint.name(), "\""));
}

std::string textOf(const v1::InspectReply &reply, const Json &document)
{
    static constexpr std::array kProcesses{Column{"PID", "/pid", Format::Number},
                                           Column{"PARENT", "/ppid", Format::Number},
                                           Column{"NAME", "/comm"},
                                           Column{"STATE", "/state"},
                                           Column{"UID", "/uid", Format::Number},
                                           Column{"THREADS", "/threads", Format::Number},
                                           Column{"SAVED", "/saved_bytes", Format::Size},
                                           Column{"COMMAND", "/command"}};
    static constexpr std::array kDescriptors{Column{"PID", "/pid", Format::Number}, Column{"FD", "/fd", Format::Number},
                                             Column{"KIND", "/kind"}, Column{"AT", "/position", Format::Number},
                                             Column{"WHAT", "/text"}};
    static constexpr std::array kSockets{Column{"PROTOCOL", "/protocol"}, Column{"STATE", "/state"},
                                         Column{"LOCAL", "/local"}, Column{"PEER", "/peer"},
                                         Column{"OPEN IN", "/owners"}};
    static constexpr std::array kMappings{Column{"PID", "/pid", Format::Number},
                                          Column{"FROM", "/start"},
                                          Column{"TO", "/end"},
                                          Column{"ACCESS", "/access"},
                                          Column{"SIZE", "/bytes", Format::Size},
                                          Column{"SAVED", "/saved_bytes", Format::Size},
                                          Column{"WHAT", "/what"}};
    static constexpr std::array kFiles{Column{"KIND", "/kind"}, Column{"SIZE", "/bytes", Format::Size},
                                       Column{"PATH", "/path"}, Column{"TYPE", "/type"}};
    Json saved = Json::array();
    Json needed = Json::array();
    for (const Json &file : document["files"])
        (file["saved"].get<bool>() ? saved : needed).push_back(file);
    Json processes = document["processes"];
    for (Json &process : processes)
        process["command"] = process["arguments"].empty()
                                 ? process["exe"]
                                 : Json(joined(process["arguments"].get<std::vector<std::string>>()));
    Json sockets = document["sockets"];
    for (Json &socket : sockets) {
        if (socket["peer"].is_null() && !socket["peer_inode"].is_null())
            socket["peer"] = strCat("socket:[", socket["peer_inode"].get<std::uint32_t>(), "]");
    }
    return strCat(headOf(reply.checkpoint()), ": ", cellText(document["saved_bytes"], Format::Size),
                  " of memory were saved\n", section("PROCESSES", processes, kProcesses, reply.more_processes()),
                  section("DESCRIPTORS", document["descriptors"], kDescriptors, reply.more_descriptors()),
                  section("SOCKETS", sockets, kSockets, reply.more_sockets()),
                  section("MEMORY", document["mappings"], kMappings, reply.more_mappings()),
                  section("FILES THAT ARE PART OF IT", saved, kFiles, 0),
                  section("FILES THAT MUST BE THERE WHEN IT IS RESTORED, AND MOUNTS", needed, kFiles,
                          reply.more_files()));
}

Json countsOf(const v1::DiffCounts &counts)
{
    return {{"gone", counts.gone()}, {"new", counts.fresh()}, {"changed", counts.changed()}};
}

std::uint64_t more(const v1::DiffCounts &counts, int rows)
{
    return counts.gone() + counts.fresh() + counts.changed() - static_cast<std::uint64_t>(rows);
}

Json documentOf(const v1::DiffReply &reply)
{
    return {{"before", toJson(reply.before())},
            {"after", toJson(reply.after())},
            {"totals",
             {{"processes", countsOf(reply.processes_total())},
              {"descriptors", countsOf(reply.descriptors_total())},
              {"sockets", countsOf(reply.sockets_total())},
              {"files", countsOf(reply.files_total())},
              {"mappings", countsOf(reply.mappings_total())},
              {"pages",
               {{"before", reply.pages_before()},
                {"after", reply.pages_after()},
                {"changed", reply.pages_changed()},
                {"new", reply.pages_new()},
                {"gone", reply.pages_gone()}}}}},
            {"processes", rowsOf(reply.processes())},
            {"descriptors", rowsOf(reply.descriptors())},
            {"sockets", rowsOf(reply.sockets())},
            {"files", rowsOf(reply.files())},
            {"mappings", rowsOf(reply.mappings())}};
}

std::string textOf(const v1::DiffReply &reply, const Json &document)
{
    static constexpr std::array kTotals{Column{"", "/what"}, Column{"NEW", "/new", Format::Number},
                                        Column{"GONE", "/gone", Format::Number},
                                        Column{"CHANGED", "/changed", Format::Number}};
    static constexpr std::array kRows{Column{"CHANGE", "/change"}, Column{"PID", "/pid", Format::Number},
                                      Column{"OF", "/comm"},       Column{"OBJECT", "/object"},
                                      Column{"BEFORE", "/before"}, Column{"AFTER", "/after"}};
    static constexpr std::array kFiles{Column{"CHANGE", "/change"}, Column{"BEFORE", "/before_bytes", Format::Number},
                                       Column{"AFTER", "/after_bytes", Format::Number}, Column{"PATH", "/path"}};
    static constexpr std::array kMappings{Column{"CHANGE", "/change"},
                                          Column{"PID", "/pid", Format::Number},
                                          Column{"OF", "/comm"},
                                          Column{"FROM", "/start"},
                                          Column{"TO", "/end"},
                                          Column{"PAGES", "/pages_after", Format::Number},
                                          Column{"CHANGED", "/pages_changed", Format::Number},
                                          Column{"NEW", "/pages_new", Format::Number},
                                          Column{"GONE", "/pages_gone", Format::Number},
                                          Column{"WHAT", "/what"}};
    Json totals = Json::array();
    for (const auto &[name, counts] : document["totals"].items()) {
        Json row = counts;
        row["what"] = name;
        totals.push_back(std::move(row));
    }
    const std::uint64_t other = reply.pages_changed() + reply.pages_new();
    return strCat(
        headOf(reply.before()), "\n", headOf(reply.after()), "\n", cellText(Json(other * kPage), Format::Size), " of ",
        cellText(Json(reply.pages_after() * kPage), Format::Size), " of memory are other than before\n\n",
        renderTable(totals, kTotals),
        section("PROCESSES", document["processes"], kRows, more(reply.processes_total(), reply.processes_size())),
        section("DESCRIPTORS", document["descriptors"], kRows,
                more(reply.descriptors_total(), reply.descriptors_size())),
        section("SOCKETS", document["sockets"], kRows, more(reply.sockets_total(), reply.sockets_size())),
        section("FILES", document["files"], kFiles, more(reply.files_total(), reply.files_size())),
        section("MEMORY (pages of 4 KiB)", document["mappings"], kMappings,
                more(reply.mappings_total(), reply.mappings_size())));
}

} // namespace

Outcome runInspect(Session &session, const Arguments &arguments)
{
    v1::InspectRequest request;
    request.set_checkpoint(arguments.operands.front());
    const v1::InspectReply reply =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Inspect, request));
    const Json document = {{"checkpoint", toJson(reply.checkpoint())},
                           {"host_name", textOrNull(reply.host_name())},
                           {"saved_bytes", reply.saved_bytes()},
                           {"processes", rowsOf(reply.processes())},
                           {"descriptors", rowsOf(reply.descriptors())},
                           {"sockets", rowsOf(reply.sockets())},
                           {"mappings", rowsOf(reply.mappings())},
                           {"files", rowsOf(reply.files())},
                           {"more",
                            {{"processes", reply.more_processes()},
                             {"descriptors", reply.more_descriptors()},
                             {"sockets", reply.more_sockets()},
                             {"mappings", reply.more_mappings()},
                             {"files", reply.more_files()}}}};
    return session.print(document, [&] { return textOf(reply, document); });
}

Outcome runDiff(Session &session, const Arguments &arguments)
{
    v1::DiffRequest request;
    request.set_before(arguments.operands[0]);
    request.set_after(arguments.operands[1]);
    const v1::DiffReply reply = GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::Diff, request));
    const Json document = documentOf(reply);
    return session.print(document, [&] { return textOf(reply, document); });
}

} // namespace gantry::cli
