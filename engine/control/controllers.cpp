// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that only cgroup v2 has: controllers for children, reclaim.
#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/cgroup/files.h"
#include "engine/cgroup/procs.h"
#include "engine/control/control.h"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::control {

namespace {

constexpr std::string_view kSetControllers = "setControllers";
/// Kernel: these work inside threaded cgroups, beside processes.
constexpr std::array<std::string_view, 4> kThreaded{"cpu", "cpuset", "pids", "perf_event"};
/// Processes that fork while they are moved come back in the next pass.
constexpr int kMostPasses = 64;
constexpr std::string_view kLeafName = "leaf";

bool has(std::span<const std::string> words, std::string_view word)
{
    return std::ranges::find(words, word) != words.end();
}

Result<std::vector<std::string>> readWords(int dir, const std::string &file)
{
    TextBuffer buffer;
    return splitWords(trim(GANTRY_TRY(buffer.readAt(dir, file))));
}

/// One cgroup's directory on v2 and what it holds now.
struct Place
{
    const cgroup::Hierarchy *hierarchy;
    UniqueFd dir;
    std::vector<std::string> available; ///< cgroup.controllers
    std::vector<std::string> enabled;   ///< cgroup.subtree_control
    std::vector<std::string> children;
};

Result<Place> placeOf(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target)
{
    const cgroup::Hierarchy *const unified = hierarchies.unified();
    if (unified == nullptr)
        return fail(ENOTSUP, kSetControllers, target.path.text(),
                    "this host has no cgroup v2; v1 mounts each controller whole");
    Place out{unified, GANTRY_TRY(cgroup::openCgroup(*unified, target)), {}, {}, {}};
    out.available = GANTRY_TRY(readWords(out.dir.get(), "cgroup.controllers"));
    out.enabled = GANTRY_TRY(readWords(out.dir.get(), "cgroup.subtree_control"));
    out.children = GANTRY_TRY(cgroup::childNames(out.dir.get()));
    return out;
}

/// Limits of one controller that a child has and that are lost with it.
std::string limitsOf(const cgroup::Hierarchies &hierarchies, const cgroup::CgroupPath &child,
                     std::string_view controller)
{
    std::string out;
    for (const LimitInfo &info : limitTable()) {
        if (info.controller != controller || !info.unlimited)
            continue;
        const auto value = cgroup::readLimit(hierarchies, child, info.key);
        const bool none = !value || std::holds_alternative<std::string>(*value) || cgroup::limitsNothing(*value) ||
                          (info.role == LimitRole::Guarantee && *value == LimitValue(std::uint64_t{0}));
        if (!none)
            out += strCat(" ", child.name(), ": ", info.name, " ", limitValueText(*value), ";");
    }
    return out;
}

Warning changesChildren(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &target, const Place &place,
                        std::string_view controller, bool enable)
{
    Warning out{WarningCode::ChangesChildren, target.path.text(), {}, place.children.size(), 0};
    out.detail = strCat(controller, enable ? " is counted and limited for each of: " : " is taken from: ",
                        place.children.empty() ? "(no child yet)" : joined(place.children));
    if (enable)
        return out;
    std::string lost;
    for (const std::string &name : place.children) {
        if (const auto child = target.path.listedChild(name))
            lost += limitsOf(hierarchies, *child, controller);
    }
    if (!lost.empty())
        out.detail += strCat("; limits that are lost:", lost);
    return out;
}

/// "leaf", "leaf-2" ...: a name that no child has.
std::string freeLeafName(const std::vector<std::string> &children)
{
    std::string name(kLeafName);
    for (int i = 2; has(children, name); ++i)
        name = strCat(kLeafName, "-", i);
    return name;
}

/// Moves every process of `from` to `to`. @return how many; on failure those moved are in `moved`.
Result<> moveAll(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &from, const cgroup::Cgroup &to,
                 std::vector<std::int32_t> &moved)
{
    for (int pass = 0; pass < kMostPasses; ++pass) {
        const auto pids = GANTRY_TRY(cgroup::readProcs(hierarchy, from));
        if (pids.empty())
            return {};
        for (const std::int32_t pid : pids) {
            const auto done = cgroup::writeProcs(hierarchy, to, pid);
            if (done)
                moved.push_back(pid);
            else if (done.error().posix() != ESRCH)
                return done;
        }
    }
    return fail(EAGAIN, kSetControllers, from.path.text(), "its processes fork faster than they can be moved",
                "freeze it first");
}

} // namespace

Result<ControllersResult> Control::setControllers(const cgroup::Cgroup &target, const ControllersWish &wish,
                                                  const Call &call) const
{
    const cgroup::Hierarchies &hierarchies = *m_hierarchies;
    call.phase("check");
    GANTRY_CHECK(checkTarget(kSetControllers, target));
    if (wish.enable.empty() && wish.disable.empty())
        return fail(EINVAL, kSetControllers, target.path.text(), "no controller is given");
    const Place place = GANTRY_TRY(placeOf(hierarchies, target));

    ControllersResult result;
    result.node = target.id;
    result.path = target.path;
    result.before = place.enabled;
    result.after = place.enabled;
    TextBuffer buffer;
    const auto typeText = buffer.readAt(place.dir.get(), "cgroup.type"); // the root has none
    const std::string type(typeText ? trim(*typeText) : std::string_view());
    std::string text;
    bool domain = false;
    for (const std::string &name : wish.enable) {
        if (has(wish.disable, name))
            return fail(EINVAL, kSetControllers, name, "it is both to be enabled and to be disabled");
        if (!has(place.available, name))
            return fail(ENODEV, kSetControllers, strCat(target.path.text(), ": ", name),
                        strCat("not available here; available: ", joined(place.available)),
                        "enable it in the cgroups above first");
        if (has(place.enabled, name))
            continue;
        text += strCat(text.empty() ? "+" : " +", name);
        domain = domain || std::ranges::find(kThreaded, name) == kThreaded.end();
        result.after.push_back(name);
        result.warnings.push_back(changesChildren(hierarchies, target, place, name, true));
    }
    for (const std::string &name : wish.disable) {
        if (!has(place.enabled, name))
            continue;
        for (const std::string &child : place.children) {
            const auto dir = openAt(place.dir.get(), child, O_PATH | O_DIRECTORY);
            const auto used = dir ? readWords(dir->get(), "cgroup.subtree_control") : std::unexpected(dir.error());
            if (used && has(*used, name))
                return fail(EBUSY, kSetControllers, strCat(target.path.text(), ": ", name),
                            strCat("the child ", child, " has it enabled for its own children"),
                            strCat("disable it in ", child, " first"));
        }
        text += strCat(text.empty() ? "-" : " -", name);
        std::erase(result.after, name);
        result.warnings.push_back(changesChildren(hierarchies, target, place, name, false));
    }
    std::ranges::sort(result.after);
    if (const RoutePtr route = routeTo(target))
        result.warnings.push_back(
            {WarningCode::SystemdOwned, target.path.text(), strCat(route->name(), " sets the controllers itself")});

    // Kernel: a cgroup has either processes or controllers for its children; the root has both.
    const auto pids = GANTRY_TRY(cgroup::readProcs(*place.hierarchy, target));
    // Threaded controllers alone would be taken beside processes, but then the children were "domain invalid": nobody
    // could enter them. Only where threads are shared already is that what is wanted.
    const bool threaded = type == "threaded" || type == "domain threaded";
    const bool needsLeaf = !target.path.isRoot() && !pids.empty() && !text.empty() && (domain || !threaded);
    if (needsLeaf && !wish.makeLeaf)
        return fail(EBUSY, kSetControllers, target.path.text(),
                    strCat("it has ", pids.size(),
                           " processes of its own, and cgroup v2 lets a cgroup have either "
                           "processes or controllers for its children"),
                    "let Gantry move them into a new child cgroup first (--make-leaf)");
    if (needsLeaf) {
        const std::string leaf = freeLeafName(place.children);
        result.leaf = GANTRY_TRY(target.path.child(leaf)).text();
        result.moved = static_cast<std::uint32_t>(pids.size());
        result.warnings.push_back({WarningCode::MovesToLeaf, result.leaf, {}, pids.size(), 0});
    }
    if (call.dryRun || text.empty())
        return result;

    call.phase("write");
    std::vector<std::int32_t> moved;
    std::optional<cgroup::Cgroup> leaf;
    const auto work = [&]() -> Result<> {
        if (needsLeaf) {
            const auto path = GANTRY_TRY(cgroup::CgroupPath::parse(result.leaf));
            if (::mkdirat(place.dir.get(), std::string(path.name()).c_str(), 0755) != 0)
                return failErrno("mkdir", result.leaf);
            leaf = GANTRY_TRY(cgroup::locate(hierarchies, path));
            GANTRY_CHECK(moveAll(*place.hierarchy, target, *leaf, moved));
        }
        auto written = writeFileAt(place.dir.get(), "cgroup.subtree_control", text);
        if (!written)
            written.error().subject = strCat(target.path.text(), "/cgroup.subtree_control");
        return written;
    };
    AuditRecord record{.verb = std::string(kSetControllers),
                       .target = target.path.text(),
                       .key = "cgroup.subtree_control",
                       .oldValue = joined(result.before),
                       .newValue = joined(result.after),
                       .actor = call.actor.text()};
    if (auto done = work(); !done) {
        call.phase("rollBack");
        Error error = std::move(done).error();
        for (const std::int32_t pid : moved) {
            const auto back = cgroup::writeProcs(*place.hierarchy, target, pid);
            if (!back && back.error().posix() != ESRCH)
                error.detail += strCat("; pid ", pid, " could not be moved back: ", back.error().message());
        }
        if (leaf && ::unlinkat(place.dir.get(), std::string(leaf->path.name()).c_str(), AT_REMOVEDIR) != 0)
            error.detail += strCat("; ", result.leaf, " is left");
        return recorded(std::move(record), Result<ControllersResult>(std::unexpected(std::move(error))));
    }
    call.phase("readBack");
    result.moved = static_cast<std::uint32_t>(moved.size());
    result.after = GANTRY_TRY(readWords(place.dir.get(), "cgroup.subtree_control"));
    record.newValue = joined(result.after);
    return recorded(std::move(record), Result<ControllersResult>(std::move(result)));
}

Result<ReclaimResult> Control::reclaim(const cgroup::Cgroup &target, std::uint64_t bytes,
                                       std::optional<std::uint32_t> swappiness, const Call &call) const
{
    constexpr std::uint32_t kMostSwappiness = 200;
    call.phase("check");
    GANTRY_CHECK(checkTarget("reclaim", target));
    if (bytes == 0)
        return fail(EINVAL, "reclaim", target.path.text(), "no amount is given");
    if (swappiness && *swappiness > kMostSwappiness)
        return fail(ERANGE, "reclaim", "swappiness", strCat(*swappiness, " is not from 0 to 200"));
    const cgroup::Hierarchy *const memory = m_hierarchies->forController("memory");
    if (memory == nullptr || memory->version != cgroup::Version::V2)
        return fail(ENOTSUP, "reclaim", target.path.text(), "memory is not on cgroup v2 here, only v2 has it");
    const UniqueFd dir = GANTRY_TRY(cgroup::openCgroup(*memory, target));
    TextBuffer buffer;
    const auto usage = [&] { return cgroup::readNumber(buffer, dir.get(), "memory.current"); };
    ReclaimResult result;
    result.node = target.id;
    result.path = target.path;
    result.usageBefore = GANTRY_TRY(usage());
    result.usageAfter = result.usageBefore;
    if (bytes > result.usageBefore)
        result.warnings.push_back(
            {WarningCode::WillRound, target.path.text(), "more than it uses", result.usageBefore, bytes});
    if (call.dryRun)
        return result;
    call.phase("write");
    const auto written = writeFileAt(dir.get(), "memory.reclaim",
                                     swappiness ? strCat(bytes, " swappiness=", *swappiness) : strCat(bytes));
    result.complete = written.has_value();
    AuditRecord record{.verb = "reclaim",
                       .target = target.path.text(),
                       .key = "memory.reclaim",
                       .oldValue = strCat(result.usageBefore),
                       .actor = call.actor.text()};
    // EAGAIN is the kernel's word for "less than asked for" (cgroup-v2.rst, memory.reclaim).
    if (!written && written.error().posix() != EAGAIN) {
        Error error = written.error();
        error.subject = strCat(target.path.text(), "/memory.reclaim");
        if (error.posix() == EINVAL && swappiness)
            error.remedy = "kernels before 6.8 take no swappiness here: leave it out";
        return recorded(std::move(record), Result<ReclaimResult>(std::unexpected(std::move(error))));
    }
    call.phase("readBack");
    result.usageAfter = GANTRY_TRY(usage());
    record.newValue = strCat(result.usageAfter);
    return recorded(std::move(record), Result<ReclaimResult>(std::move(result)));
}

} // namespace gantry::control
