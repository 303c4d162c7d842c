// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/control/verbs.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>

namespace gantry::control {

namespace {

/// Lines every verb ends with.
std::vector<std::string> withOutcome(std::vector<std::string> lines, const Outcome &outcome)
{
    if (!outcome.route.empty())
        lines.push_back(strCat("by ", outcome.route));
    if (!outcome.notRecorded.empty())
        lines.push_back(strCat("not recorded: ", outcome.notRecorded));
    return lines;
}

std::string processText(const ProcessKey &process, std::string_view comm)
{
    return strCat(process.pid, " (", comm, ")");
}

} // namespace

std::string Actor::text() const
{
    std::string out = printable(user);
    if (!program.empty())
        out += strCat(" via ", printable(program));
    if (uid)
        out += strCat(out.empty() ? "" : " ", "(uid ", *uid, ", pid ", pid,
                      origin.empty() ? std::string() : strCat(", for ", printable(origin)), ")");
    return out;
}

bool isAbsent(const Error &error)
{
    constexpr std::array kAbsent{ENOENT, ENOTSUP, ENODEV};
    return std::ranges::find(kAbsent, error.posix()) != kAbsent.end();
}

std::string_view freezerText(cgroup::Freezer state)
{
    switch (state) {
    case cgroup::Freezer::Absent:
        return "absent";
    case cgroup::Freezer::Thawed:
        return "thawed";
    case cgroup::Freezer::Freezing:
        return "freezing";
    case cgroup::Freezer::Frozen:
        return "frozen";
    case cgroup::Freezer::FrozenByAncestor:
        return "frozen by an ancestor";
    case cgroup::Freezer::Unreadable:
        break;
    }
    return "unreadable";
}

std::vector<std::string> resultLines(const SetLimitsResult &result)
{
    std::vector<std::string> lines;
    for (const LimitChange &change : result.changes)
        lines.push_back(strCat(limitInfo(change.key).name, ": ",
                               change.oldValue ? limitValueText(*change.oldValue) : change.oldValue.error().message(),
                               " -> ", limitValueText(change.newValue)));
    return withOutcome(std::move(lines), result);
}

std::vector<std::string> resultLines(const FreezeResult &result)
{
    return withOutcome({strCat(freezerText(result.oldState), " -> ", freezerText(result.newState),
                               ", processes: ", result.processCount)},
                       result);
}

std::vector<std::string> resultLines(const KillResult &result)
{
    return withOutcome({strCat("processes: ", result.processCount, ", still there: ", result.remaining)}, result);
}

std::vector<std::string> resultLines(const SignalResult &result)
{
    std::vector<std::string> lines;
    for (const SignalItem &item : result.items)
        lines.push_back(strCat(processText(item.process, item.comm), ": ",
                               item.failure ? item.failure->message() : std::string("delivered")));
    return withOutcome(std::move(lines), result);
}

std::vector<std::string> resultLines(const MoveResult &result)
{
    std::vector<std::string> lines;
    for (const MovedProcess &item : result.items)
        lines.push_back(strCat(processText(item.process, item.comm), ": ", item.fromPath, " -> ", result.path.text()));
    return withOutcome(std::move(lines), result);
}

std::vector<std::string> resultLines(const DirectoriesResult &result)
{
    return withOutcome(result.directories, result);
}

std::vector<std::string> resultLines(const ControllersResult &result)
{
    std::vector<std::string> lines{
        strCat("cgroup.subtree_control: ", joined(result.before), " -> ", joined(result.after))};
    if (!result.leaf.empty())
        lines.push_back(strCat("processes moved to ", result.leaf, ": ", result.moved));
    return withOutcome(std::move(lines), result);
}

std::vector<std::string> resultLines(const ReclaimResult &result)
{
    return withOutcome({strCat("memory.current: ", result.usageBefore, " -> ", result.usageAfter,
                               result.complete ? "" : " (less than asked for)")},
                       result);
}

std::vector<std::string> resultLines(const ContainerActionResult &result)
{
    const bool gone = result.newState == runtime::State::Unknown;
    return withOutcome({strCat(result.container, ": ", runtime::stateName(result.oldState), " -> ",
                               gone ? "removed" : runtime::stateName(result.newState))},
                       result);
}

} // namespace gantry::control
