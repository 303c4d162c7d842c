// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"
#include "engine/base/limit.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace gantry::cli {

namespace {

/// A request with what every change has: target, dry run, actor.
template <class Request> std::expected<Request, Stop> requestFor(const Session &session, const Arguments &arguments)
{
    Request out;
    *out.mutable_target() = GANTRY_TRY(targetOf(arguments.operands.front()));
    out.set_dry_run(arguments.dryRun);
    *out.mutable_actor() = session.actor();
    return out;
}

std::string_view sentenceFor(v1::Warning::Code code)
{
    switch (code) {
    case v1::Warning::CODE_WILL_OOM_KILL:
        return "the kernel will reclaim memory and then kill processes";
    case v1::Warning::CODE_MAY_BE_BUSY:
        return "the kernel refuses this where it cannot reclaim enough";
    case v1::Warning::CODE_WILL_THROTTLE:
        return "its processes will be slowed down";
    case v1::Warning::CODE_SOFT_LIMIT_INERT:
        return "the kernel does not enforce this soft limit";
    case v1::Warning::CODE_FORKS_WILL_FAIL:
        return "nothing is killed, but new processes cannot be started";
    case v1::Warning::CODE_ANCESTOR_LIMITS:
        return "a cgroup above limits more strictly, so this has no effect";
    case v1::Warning::CODE_SYSTEMD_OWNED:
        return "systemd owns it and may undo direct changes at any time";
    case v1::Warning::CODE_WILL_ROUND:
        return "the kernel keeps a rounded value";
    case v1::Warning::CODE_OWN_SESSION:
        return "your own session is in there";
    case v1::Warning::CODE_DRAINS_SLOWLY:
        return "swap in use drains slowly";
    case v1::Warning::CODE_FROZEN:
        return "it is frozen: the effect shows after it is thawed";
    case v1::Warning::CODE_CHARGES_STAY:
        return "memory charged so far stays with the old cgroup";
    case v1::Warning::CODE_CHANGES_OTHER:
        return "another limit changes too";
    case v1::Warning::CODE_CHANGES_CHILDREN:
        return "every child of it changes too";
    case v1::Warning::CODE_RUNTIME_OWNED:
        return "its container runtime keeps this limit too and may write it again";
    case v1::Warning::CODE_NOT_PERSISTENT:
        return "it holds until the unit stops or the host is started again";
    case v1::Warning::CODE_MOVES_TO_LEAF:
        return "its processes are moved into a child cgroup first";
    case v1::Warning::CODE_NOT_IN_FORCE:
        return "the kernel took the value but does not act on it";
    case v1::Warning::CODE_IRREVERSIBLE:
        return "the kernel has no way back";
    default:
        return "caution";
    }
}

template <class Warnings> void warnAbout(const Warnings &warnings)
{
    for (const v1::Warning &warning : warnings)
        Session::warn(strCat("warning: ", warning.subject(), ": ", sentenceFor(warning.code()),
                             warning.detail().empty() ? "" : strCat(" (", warning.detail(), ")")));
}

/// What a person reads, which must not take a dry run for a change.
std::string withNote(const Arguments &arguments, std::string text)
{
    return arguments.dryRun ? std::move(text) + "Dry run: nothing was changed.\n" : std::move(text);
}

/// What every document begins with. Warns of a change that the audit log lacks.
template <class Reply> Json beginDocument(const Arguments &arguments, const std::string &path, const Reply &reply)
{
    const std::string &reason = reply.not_recorded();
    if (!reason.empty())
        Session::warn(strCat("warning: ", path, ": done, but missing in the audit log: ", reason));
    return {{"dry_run", arguments.dryRun}, {"path", path}, {"not_recorded", reason.empty() ? Json() : Json(reason)}};
}

std::string changeTable(const v1::SetLimitsReply &reply)
{
    Json rows = Json::array();
    for (const v1::LimitChange &change : reply.changes()) {
        Json &row = rows.emplace_back(toJson(change));
        row["old"] = limitText(change.key(), change.old_value());
        row["new"] = limitText(change.key(), change.new_value());
        row["effective"] = limitText(change.key(), change.effective());
        row["via"] = change.route().empty() ? change.file() : change.route();
    }
    static constexpr std::array kColumns{Column{"LIMIT", "/key"},
                                         Column{"OLD", "/old"},
                                         Column{"NEW", "/new"},
                                         Column{"EFFECTIVE", "/effective"},
                                         Column{"LIMITED BY", "/limited_by"},
                                         Column{"VIA", "/via"}};
    return renderTable(rows, kColumns);
}

/// KEY=VALUE words; a word like "rbps=1M" goes on with the device line before it, so that
/// `io.max=8:0 rbps=1M` needs no quotes.
std::expected<std::vector<std::string>, Stop> joinSettings(std::span<const std::string> words)
{
    static constexpr std::array<std::string_view, 4> kRates{"rbps=", "wbps=", "riops=", "wiops="};
    std::vector<std::string> out;
    for (const std::string &word : words) {
        const bool goesOn = std::ranges::any_of(kRates, [&word](auto rate) { return word.starts_with(rate); });
        if (goesOn && !out.empty() && out.back().starts_with("io.max="))
            out.back() += strCat(" ", word);
        else if (const std::size_t equals = word.find('='); equals == 0 || equals == std::string::npos)
            return wrongUsage(strCat("\"", printable(word), "\" is not KEY=VALUE"));
        else
            out.push_back(word);
    }
    return out;
}

Outcome runFreezer(Session &session, const Arguments &arguments,
                   grpc::Status (v1::Control::Stub::*method)(grpc::ClientContext *, const v1::FreezeRequest &,
                                                             v1::FreezeReply *))
{
    const auto request = GANTRY_TRY(requestFor<v1::FreezeRequest>(session, arguments));
    const v1::FreezeReply reply = GANTRY_TRY(session.call(session.control(), method, request));
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["old"] = freezerName(reply.old_state());
    document["new"] = freezerName(reply.new_state());
    document["processes"] = reply.process_count();
    document["warnings"] = arrayOf(reply.warnings());
    return session.print(document, [&] {
        return withNote(arguments,
                        strCat(reply.cgroup_path(), ": ", cellText(document["old"], Format::Text), " -> ",
                               cellText(document["new"], Format::Text), " (processes: ", reply.process_count(), ")\n"));
    });
}

template <class Reply> Outcome printDirectories(const Session &session, const Arguments &arguments, const Reply &reply)
{
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["directories"] = reply.directories();
    document["warnings"] = arrayOf(reply.warnings());
    return session.print(document, [&] {
        std::string out;
        for (const std::string &directory : reply.directories())
            out += strCat(printable(directory), "\n");
        return withNote(arguments, out);
    });
}

Json processJson(const v1::ProcessRef &process, const std::string &comm)
{
    return {{"pid", process.pid()}, {"start_ticks", process.start_ticks()}, {"comm", comm}};
}

Outcome runContainerAction(Session &session, const Arguments &arguments, v1::ContainerActionRequest::Action action)
{
    auto request = GANTRY_TRY(requestFor<v1::ContainerActionRequest>(session, arguments));
    request.set_action(action);
    const v1::ContainerActionReply reply =
        GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::ActOnContainer, request));
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.container(), reply);
    document["container"] = reply.container();
    document["old"] = enumName(v1::ContainerState_Name(reply.old_state()), "CONTAINER_STATE_");
    document["new"] = enumName(v1::ContainerState_Name(reply.new_state()), "CONTAINER_STATE_");
    document["route"] = reply.route().empty() ? Json() : Json(reply.route());
    document["command"] = reply.command().empty() ? Json() : Json(reply.command());
    document["warnings"] = arrayOf(reply.warnings());
    return session.print(document, [&] {
        const std::string now =
            document["new"].is_null() ? std::string("removed") : document["new"].get<std::string>();
        return withNote(arguments, strCat(reply.container(), ": ", cellText(document["old"], Format::Text), " -> ",
                                          now, reply.command().empty() ? "" : strCat(" (", reply.command(), ")"), "\n"));
    });
}

} // namespace

Outcome runSet(Session &session, const Arguments &arguments)
{
    auto request = GANTRY_TRY(requestFor<v1::SetLimitsRequest>(session, arguments));
    request.set_persistence(arguments.permanent ? v1::PERSISTENCE_PERMANENT : v1::PERSISTENCE_RUNTIME);
    request.set_by_file(arguments.byFile);
    for (const std::string &word : GANTRY_TRY(joinSettings(std::span(arguments.operands).subspan(1)))) {
        const std::size_t equals = word.find('=');
        const LimitKey key = GANTRY_TRY(limitKeyByName(word.substr(0, equals)));
        v1::LimitSetting &setting = *request.add_settings();
        setting.set_key(std::string(limitInfo(key).name));
        *setting.mutable_value() = toMessage(GANTRY_TRY(parseLimitValue(key, word.substr(equals + 1))));
    }
    const v1::SetLimitsReply reply =
        GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::SetLimits, request));
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["changes"] = arrayOf(reply.changes());
    for (const v1::LimitChange &change : reply.changes())
        warnAbout(change.warnings());
    return session.print(document, [&] { return withNote(arguments, changeTable(reply)); });
}

Outcome runFreeze(Session &session, const Arguments &arguments)
{
    return runFreezer(session, arguments, &v1::Control::Stub::Freeze);
}

Outcome runThaw(Session &session, const Arguments &arguments)
{
    return runFreezer(session, arguments, &v1::Control::Stub::Thaw);
}

Outcome runKill(Session &session, const Arguments &arguments)
{
    const auto request = GANTRY_TRY(requestFor<v1::KillRequest>(session, arguments));
    const v1::KillReply reply = GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::Kill, request));
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["processes"] = reply.process_count();
    document["remaining"] = reply.remaining();
    document["warnings"] = arrayOf(reply.warnings());
    GANTRY_CHECK(session.print(document, [&] {
        return withNote(arguments,
                        strCat(reply.cgroup_path(), arguments.dryRun ? ": would kill" : ": killed",
                               " (processes: ", reply.process_count(), ", remaining: ", reply.remaining(), ")\n"));
    }));
    if (reply.remaining() > 0 && !arguments.dryRun)
        return std::unexpected(Stop(1, strCat("kill ", reply.cgroup_path(), ": ", reply.remaining(),
                                              " processes are still there (uninterruptible, or frozen elsewhere)")));
    return {};
}

Outcome runSignal(Session &session, const Arguments &arguments)
{
    auto request = GANTRY_TRY(requestFor<v1::SignalRequest>(session, arguments));
    request.set_signal(GANTRY_TRY(parseSignal(arguments.operands.at(1))));
    const v1::SignalReply reply = GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::Signal, request));
    Json document = beginDocument(arguments, request.target().cgroup_path(), reply);
    document["processes"] = Json::array();
    std::string failures;
    for (const v1::SignalReply::Item &item : reply.items()) {
        Json &row = document["processes"].emplace_back(processJson(item.process(), item.comm()));
        row["failure"] = item.has_failure() ? toJson(item.failure()) : Json();
        if (item.has_failure())
            failures += strCat(failures.empty() ? "" : "; ", fromMessage(item.failure()).message());
    }
    GANTRY_CHECK(session.print(document, [&] {
        static constexpr std::array kColumns{Column{"PID", "/pid", Format::Number}, Column{"COMMAND", "/comm"},
                                             Column{"FAILURE", "/failure/name"}};
        return withNote(arguments, renderTable(document["processes"], kColumns));
    }));
    return failures.empty() ? Outcome() : std::unexpected(Stop(1, failures));
}

Outcome runMove(Session &session, const Arguments &arguments)
{
    auto request = GANTRY_TRY(requestFor<v1::MoveProcessesRequest>(session, arguments));
    for (const std::string &pid : std::span(arguments.operands).subspan(1))
        request.add_processes()->set_pid(GANTRY_TRY(parsePid(pid)));
    const v1::MoveProcessesReply reply =
        GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::MoveProcesses, request));
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["processes"] = Json::array();
    for (const v1::MoveProcessesReply::Item &item : reply.items())
        document["processes"].emplace_back(processJson(item.process(), item.comm()))["from"] = item.from_path();
    document["warnings"] = arrayOf(reply.warnings());
    return session.print(document, [&] {
        static constexpr std::array kColumns{Column{"PID", "/pid", Format::Number}, Column{"COMMAND", "/comm"},
                                             Column{"FROM", "/from"}};
        return withNote(arguments, renderTable(document["processes"], kColumns));
    });
}

Outcome runMakeCgroup(Session &session, const Arguments &arguments)
{
    v1::CreateCgroupRequest request;
    request.set_path(arguments.operands.front());
    request.set_dry_run(arguments.dryRun);
    *request.mutable_actor() = session.actor();
    return printDirectories(session, arguments,
                            GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::CreateCgroup, request)));
}

Outcome runRemoveCgroup(Session &session, const Arguments &arguments)
{
    const auto request = GANTRY_TRY(requestFor<v1::RemoveCgroupRequest>(session, arguments));
    return printDirectories(session, arguments,
                            GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::RemoveCgroup, request)));
}

Outcome runControllers(Session &session, const Arguments &arguments)
{
    auto request = GANTRY_TRY(requestFor<v1::SetControllersRequest>(session, arguments));
    request.set_make_leaf(arguments.makeLeaf);
    for (const std::string &word : std::span(arguments.operands).subspan(1)) {
        if (word.size() < 2 || (word.front() != '+' && word.front() != '-'))
            return wrongUsage(strCat("\"", printable(word), "\" is not +NAME or -NAME"));
        (word.front() == '+' ? request.add_enable() : request.add_disable())->assign(word, 1);
    }
    const v1::SetControllersReply reply =
        GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::SetControllers, request));
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["old"] = reply.old_enabled();
    document["new"] = reply.new_enabled();
    document["leaf"] = reply.leaf_path().empty() ? Json() : Json(reply.leaf_path());
    document["moved"] = reply.moved_processes();
    document["warnings"] = arrayOf(reply.warnings());
    return session.print(document, [&] {
        std::string out = strCat(reply.cgroup_path(), ": ", cellText(document["old"], Format::Text), " -> ",
                                 cellText(document["new"], Format::Text), "\n");
        if (!reply.leaf_path().empty())
            out += strCat("processes moved to ", reply.leaf_path(), ": ", reply.moved_processes(), "\n");
        return withNote(arguments, std::move(out));
    });
}

Outcome runReclaim(Session &session, const Arguments &arguments)
{
    auto request = GANTRY_TRY(requestFor<v1::ReclaimRequest>(session, arguments));
    request.set_bytes(GANTRY_TRY(parseBytes(arguments.operands.at(1))));
    if (arguments.swappiness)
        request.set_swappiness(*arguments.swappiness);
    const v1::ReclaimReply reply = GANTRY_TRY(session.call(session.control(), &v1::Control::Stub::Reclaim, request));
    warnAbout(reply.warnings());
    Json document = beginDocument(arguments, reply.cgroup_path(), reply);
    document["usage_before"] = reply.usage_before();
    document["usage_after"] = reply.usage_after();
    document["complete"] = reply.complete();
    document["warnings"] = arrayOf(reply.warnings());
    return session.print(document, [&] {
        return withNote(arguments, strCat(reply.cgroup_path(), ": ", cellText(reply.usage_before(), Format::Size),
                                          " -> ", cellText(reply.usage_after(), Format::Size),
                                          reply.complete() || arguments.dryRun
                                              ? "\n"
                                              : " (the kernel found less to take back than asked for)\n"));
    });
}

Outcome runStart(Session &session, const Arguments &arguments)
{
    return runContainerAction(session, arguments, v1::ContainerActionRequest::ACTION_START);
}

Outcome runStop(Session &session, const Arguments &arguments)
{
    return runContainerAction(session, arguments, v1::ContainerActionRequest::ACTION_STOP);
}

Outcome runRestart(Session &session, const Arguments &arguments)
{
    return runContainerAction(session, arguments, v1::ContainerActionRequest::ACTION_RESTART);
}

Outcome runRemove(Session &session, const Arguments &arguments)
{
    return runContainerAction(session, arguments, v1::ContainerActionRequest::ACTION_REMOVE);
}

} // namespace gantry::cli
