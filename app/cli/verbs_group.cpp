// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl checkpoint --together, restore --group.
#include "app/cli/on_interrupt.h"
#include "app/cli/session.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/group_client.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>

namespace gantry::cli {

namespace {

constexpr std::size_t kShownDigits = 12;
constexpr std::size_t kLeastDigits = 4; ///< of a group's id, at the least

/// A member as it is typed: "NAME", on the host of this verb, or "HOST/NAME".
struct MemberText
{
    std::string host; ///< empty: this verb's
    std::string name;
};

std::expected<MemberText, Stop> parseMember(const std::string &text)
{
    const std::size_t slash = text.rfind('/');
    MemberText out;
    out.name = text.substr(slash == std::string::npos ? 0 : slash + 1);
    out.host = slash == std::string::npos ? std::string() : text.substr(0, slash);
    if (out.name.empty() || (slash != std::string::npos && out.host.empty()) || text.starts_with("pid:"))
        return wrongUsage(strCat("\"", printable(text), "\": a member is a container's name, or HOST/NAME"));
    return out;
}

/// One connection to each host. Thread: one.
class Hosts
{
public:
    Hosts(Session &session, const Arguments &arguments) : m_session(session), m_arguments(arguments) {}
    /// How the verb's own host is called in a member's name; empty: nobody has named it.
    [[nodiscard]] std::string ownName() const
    {
        return m_arguments.hosts.empty() ? std::string() : m_arguments.hosts.front().text;
    }
    [[nodiscard]] std::string fullName(const MemberText &member) const
    {
        const std::string host = member.host.empty() ? ownName() : member.host;
        return host.empty() ? member.name : strCat(host, "/", member.name);
    }
    [[nodiscard]] std::expected<Session *, Stop> at(const std::string &host)
    {
        if (host.empty() || host == ownName())
            return &m_session;
        std::unique_ptr<Session> &found = m_others[host];
        if (!found) {
            const link::Destination destination = GANTRY_TRY(link::parseDestination(host));
            found = GANTRY_TRY(Session::open(m_arguments, destination));
        }
        return found.get();
    }

private:
    Session &m_session;
    const Arguments &m_arguments;
    std::map<std::string, std::unique_ptr<Session>> m_others;
};

Json errorJson(const Error &error)
{
    return toJson(toMessage(error));
}

std::string sentenceOf(const Error &error)
{
    return strCat(error.message(), error.remedy.empty() ? "" : "; ", error.remedy);
}

service::OnGroupPhase phaseTeller(const Session &session, const Arguments &arguments)
{
    return [&session, silent = arguments.json](std::string_view member, std::string_view phase) {
        if (!silent)
            session.note(strCat(member, ": ", phase));
    };
}

/// What a dry run has found. {"dry_run", "possible", "members": [{"member", "possible", "findings", "error"}]}
Outcome tellLooked(const Session &session, std::span<const service::GroupMember> members,
                   const std::vector<Result<v1::GroupReady>> &looked, std::string_view what)
{
    Json rows = Json::array();
    std::string text;
    bool possible = true;
    for (std::size_t i = 0; i < members.size(); ++i) {
        Json findings = Json::array();
        if (looked[i]) {
            for (const v1::CheckFinding &finding : looked[i]->findings())
                findings.push_back(toJson(finding));
        }
        possible = possible && looked[i].has_value();
        rows.push_back({{"member", members[i].name},
                        {"possible", looked[i].has_value()},
                        {"findings", findings},
                        {"error", looked[i] ? Json() : errorJson(looked[i].error())}});
        text += strCat("  ", members[i].name, ": ", looked[i] ? std::string("can be") : sentenceOf(looked[i].error()),
                       "\n");
        for (const Json &finding : findings) {
            if (finding["severity"] == "warning")
                text += strCat("    warning: ", finding["object"].get<std::string>(), ": ",
                               finding["why"].get<std::string>(), "\n");
        }
    }
    GANTRY_CHECK(session.print({{"dry_run", true}, {"possible", possible}, {"members", rows}}, [&] {
        return strCat("They ", possible ? "can" : "cannot", " be ", what, " together:\n", text,
                      "Dry run: nothing was changed.\n");
    }));
    if (!possible)
        return std::unexpected(Stop(1, ""));
    return {};
}

/// [{"member", "checkpoint", "frozen_usec", "root_pid" (null: it was saved), "notes", "error"}]
Json endsJson(std::span<const service::GroupMember> members, const service::GroupEnds &ends, bool restored)
{
    Json out = Json::array();
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto &one = ends[i];
        out.push_back(
            {{"member", members[i].name},
             {"checkpoint", one ? toJson(one->checkpoint()) : Json()},
             {"frozen_usec", one ? Json(one->frozen_usec()) : Json()},
             {"root_pid", one && restored ? Json(one->root_pid()) : Json()},
             {"notes", one ? Json(std::vector<std::string>(one->notes().begin(), one->notes().end())) : Json()},
             {"not_recorded", one ? textOrNull(one->not_recorded()) : Json()},
             {"error", one ? Json() : errorJson(one.error())}});
        if (one)
            Session::warnUnrecorded(one->not_recorded());
    }
    return out;
}

Outcome endOf(const service::GroupEnds &ends)
{
    if (std::ranges::all_of(ends, [](const auto &one) { return one.has_value(); }))
        return {};
    return std::unexpected(Stop(1, ""));
}

std::string notesText(std::string_view member, const v1::GroupDone &done)
{
    std::string out;
    for (const std::string &note : done.notes())
        out += strCat("note: ", member, ": ", note, "\n");
    return out;
}

std::string milliText(std::uint64_t micros)
{
    constexpr std::uint64_t kTenth = 100;
    const std::uint64_t tenths = (micros + kTenth - 1) / kTenth; // "at most" stays true
    return strCat(tenths / 10, ".", tenths % 10, " ms");
}

} // namespace

Outcome runCheckpointTogether(Session &session, const Arguments &arguments)
{
    if (!arguments.filePaths.empty() || arguments.volumes || arguments.withoutFiles || !arguments.preDump.empty())
        return wrongUsage("--together excludes --files, --volumes, --without-files and --pre-dump");
    Hosts hosts(session, arguments);
    std::vector<service::GroupMember> members;
    for (const std::string &operand : arguments.operands) {
        const MemberText text = GANTRY_TRY(parseMember(operand));
        const std::string name = hosts.fullName(text);
        if (std::ranges::find(members, name, &service::GroupMember::name) != members.end())
            return wrongUsage(strCat("\"", printable(operand), "\" is named twice"));
        Session *const host = GANTRY_TRY(hosts.at(text.host));
        service::GroupMember &one = members.emplace_back(name, host->group());
        one.target.set_container(text.name);
    }
    v1::GroupBegin begin;
    begin.set_name(arguments.name.value_or(""));
    begin.set_note(arguments.note.value_or(""));
    begin.set_stop(arguments.stop);
    begin.mutable_options()->Add(arguments.criuOptions.begin(), arguments.criuOptions.end());
    *begin.mutable_actor() = session.actor();
    if (arguments.dryRun)
        return tellLooked(session, members, service::checkTogether(members, begin), "saved");
    const OnInterrupt interrupt;
    const service::GroupSaved saved =
        GANTRY_TRY(service::saveTogether(members, begin, phaseTeller(session, arguments), interrupt.token()));
    const auto skew = static_cast<std::uint64_t>(saved.skew.count());
    const Json document = {{"dry_run", false},
                           {"group", saved.group},
                           {"skew_usec", skew},
                           {"one_clock", saved.oneClock},
                           {"members", endsJson(members, saved.members, false)}};
    GANTRY_CHECK(session.print(document, [&] {
        std::string out = strCat("group ", saved.group.substr(0, kShownDigits), ": stopped within ", milliText(skew),
                                 saved.oneClock ? "" : " at most, by this machine's clock",
                                 arguments.stop ? ", saved and ended" : ", saved", "\n");
        for (std::size_t i = 0; i < members.size(); ++i) {
            const auto &one = saved.members[i];
            out +=
                strCat("  ", members[i].name, ": ",
                       one ? strCat("checkpoint ", one->checkpoint().id().substr(0, kShownDigits))
                           : strCat("it is saved, but: ", sentenceOf(one.error())),
                       one && !arguments.stop ? strCat(", stood still for ", milliText(one->frozen_usec())) : "", "\n");
            if (one)
                out += notesText(members[i].name, *one);
        }
        return out;
    }));
    return endOf(saved.members);
}

namespace {

/// The group that is meant, by its id, the beginning of it, or its name.
std::expected<v1::CheckpointInfo, Stop> findGroup(Session &session, const std::string &what)
{
    const auto list =
        GANTRY_TRY(session.call(session.checkpoint(), &v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest()));
    std::optional<v1::CheckpointInfo> out;
    for (const v1::CheckpointInfo &one : list.checkpoints()) {
        const bool isMeant = !one.group().empty() && ((what.size() >= kLeastDigits && one.group().starts_with(what)) ||
                                                      (!what.empty() && one.name() == what));
        if (!isMeant || (out && out->group() == one.group()))
            continue;
        if (out)
            return std::unexpected(
                Stop(fail(EEXIST, "restore", printable(what), "several groups are called so", "Write more of its id")
                         .error()));
        out = one;
    }
    if (!out)
        return std::unexpected(
            Stop(fail(ENOENT, "restore", printable(what), "no checkpoint of such a group is on this host",
                      "gantryctl checkpoints tells the groups")
                     .error()));
    return *std::move(out);
}

/// The checkpoint of one member. @errors ENOENT: the group is not whole.
std::expected<std::string, Stop> checkpointOf(Session &host, const std::string &group, const std::string &member)
{
    const auto list =
        GANTRY_TRY(host.call(host.checkpoint(), &v1::Checkpoint::Stub::List, v1::ListCheckpointsRequest()));
    const auto found = std::ranges::find_if(list.checkpoints(), [&](const v1::CheckpointInfo &one) {
        return one.group() == group && one.group_member() == member;
    });
    if (found == list.checkpoints().end())
        return std::unexpected(Stop(fail(ENOENT, "restore", printable(member),
                                         strCat("its host has no checkpoint of group ", group.substr(0, kShownDigits),
                                                ": the group is not whole"),
                                         "gantryctl restore CHECKPOINT brings a single one back")
                                        .error()));
    return found->id();
}

} // namespace

Outcome runRestoreGroup(Session &session, const Arguments &arguments)
{
    if (arguments.inPlace || arguments.asName || arguments.copies || !arguments.onHost.empty() ||
        arguments.withoutFiles)
        return wrongUsage("--group excludes --in-place, --as, --copies, --on and --without-files");
    const v1::CheckpointInfo group = GANTRY_TRY(findGroup(session, arguments.operands.front()));
    Hosts hosts(session, arguments);
    std::vector<service::GroupMember> members;
    for (const std::string &name : group.group_members()) {
        const MemberText text = GANTRY_TRY(parseMember(name));
        Session *const host = GANTRY_TRY(hosts.at(text.host));
        service::GroupMember &one = members.emplace_back(name, host->group());
        one.checkpoint = GANTRY_TRY(checkpointOf(*host, group.group(), name));
    }
    v1::GroupBegin begin;
    begin.set_group(group.group());
    *begin.mutable_actor() = session.actor();
    if (arguments.dryRun)
        return tellLooked(session, members, service::checkTogether(members, begin), "restored");
    const OnInterrupt interrupt;
    const service::GroupEnds ends =
        GANTRY_TRY(service::restoreTogether(members, begin, phaseTeller(session, arguments), interrupt.token()));
    const Json document = {{"dry_run", false}, {"group", group.group()}, {"members", endsJson(members, ends, true)}};
    GANTRY_CHECK(session.print(document, [&] {
        std::string out = strCat("group ", group.group().substr(0, kShownDigits), ": all are there\n");
        for (std::size_t i = 0; i < members.size(); ++i)
            out +=
                strCat("  ", members[i].name, ": ",
                       ends[i] ? strCat("runs, pid ", ends[i]->root_pid(), "\n", notesText(members[i].name, *ends[i]))
                               : strCat("it was restored, but: ", sentenceOf(ends[i].error()), "\n"));
        return out;
    }));
    return endOf(ends);
}

} // namespace gantry::cli
