// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/standstill.h"

#include "engine/base/log.h"
#include "engine/base/strings.h"
#include "engine/cgroup/freezer.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::checkpoint {

using runtime::Clock;
using runtime::Patience;
using std::chrono::microseconds;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::seconds kThawPatience{20};
constexpr std::chrono::seconds kEndPatience{20};
constexpr std::chrono::milliseconds kFreezePatience{2'000};
/// A freeze that takes no longer is seen to the fifth of a millisecond.
constexpr std::chrono::milliseconds kFinePatience{10};
constexpr std::chrono::microseconds kFineLook{200};

/// A program that has the runtime resume a container, and thaws its cgroup by itself then: a runtime that it has
/// resumed already takes it to run, and does nothing about a CRIU that has frozen it again.
Result<std::vector<std::string>> thawWords(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup,
                                           const std::vector<std::string> &resume)
{
    const cgroup::FreezerFile file = GANTRY_TRY(cgroup::freezerFile(hierarchies, cgroup));
    std::vector<std::string> out{runtime::toolPath("sh"), "-c",
                                 R"(file=$0; thawed=$1; shift; "$@"; [ ! -e "$file" ] || echo "$thawed" > "$file")",
                                 file.path, std::string(file.thawed)};
    out.insert(out.end(), resume.begin(), resume.end());
    return out;
}

/// As waitFreezer(), whose looks are 5 ms apart on cgroup v1.
Result<> waitFrozen(const cgroup::Hierarchies &hierarchies, const cgroup::Cgroup &cgroup, const std::stop_token &stop)
{
    for (const auto last = Clock::now() + kFinePatience; Clock::now() < last; std::this_thread::sleep_for(kFineLook)) {
        if (GANTRY_TRY(cgroup::readFreezer(hierarchies, cgroup)) == cgroup::Freezer::Frozen)
            return {};
    }
    GANTRY_TRY(cgroup::waitFreezer(hierarchies, cgroup, true, kFreezePatience, stop));
    return {};
}

/// @return false: not before `last`. Source: pidfd_open(2), readable once it has ended.
bool hasEnded(int process, Clock::time_point last)
{
    while (true) {
        pollfd wait{process, POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(last - Clock::now()).count();
        const int done = ::poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
        if (done > 0)
            return true;
        if (done == 0)
            return false;
    }
}

} // namespace

Standstill::Standstill(runtime::Known known, cgroup::CgroupPath cgroup, const cgroup::Hierarchies &hierarchies)
    : m_known(std::move(known))
    , m_cgroup(std::move(cgroup))
    , m_hierarchies(&hierarchies)
    , m_since(Clock::now())
    , m_stands(m_since)
{}

Standstill::Standstill(Standstill &&other) noexcept
    : m_known(std::exchange(other.m_known, std::nullopt))
    , m_cgroup(std::move(other.m_cgroup))
    , m_hierarchies(other.m_hierarchies)
    , m_guard(std::move(other.m_guard))
    , m_byKernel(other.m_byKernel)
    , m_since(other.m_since)
    , m_stands(other.m_stands)
{}

Standstill::~Standstill()
{
    if (m_known)
        (void)end(); // the failure that led here is what is told
}

Result<Standstill> Standstill::byRuntime(const runtime::Known &known, const std::vector<std::string> &resume,
                                         const std::string &mark, const cgroup::Hierarchies &hierarchies,
                                         const Patience &patience)
{
    Standstill out(known, GANTRY_TRY(cgroup::CgroupPath::parse(known.facts->cgroupPath)), hierarchies);
    if (known.facts->state == runtime::State::Paused)
        return out;
    const auto cgroup = GANTRY_TRY(cgroup::locate(hierarchies, out.m_cgroup));
    const auto words = GANTRY_TRY(thawWords(hierarchies, cgroup, resume));
    out.m_guard.emplace(GANTRY_TRY(launch::Guard::post(words, mark)));
    GANTRY_CHECK(known.owner->act(*known.facts, runtime::Verb::Pause, patience));
    return out;
}

Result<Standstill> Standstill::ofCgroup(const runtime::Known &known, const cgroup::CgroupPath &path,
                                        const std::string &mark, const cgroup::Hierarchies &hierarchies,
                                        const Patience &patience)
{
    const std::string &name = known.facts->name;
    if (hierarchies.mode() != cgroup::Mode::V2)
        return fail(ENOTSUP, "checkpoint", name,
                    strCat("on a host that has cgroup v1, ", known.facts->runtime, " cannot save what stands still"),
                    "Save it without --stop, then stop it; what it does in between is not saved");
    const auto cgroup = GANTRY_TRY(cgroup::locate(hierarchies, path));
    const auto before = GANTRY_TRY(cgroup::readFreezer(hierarchies, cgroup));
    if (before != cgroup::Freezer::Thawed)
        return fail(EBUSY, "checkpoint", name, strCat("its cgroup ", path.text(), " is ", freezerName(before)),
                    "Thaw it first");
    Standstill out(known, path, hierarchies);
    out.m_byKernel = true;
    const auto words = GANTRY_TRY(thawWords(hierarchies, cgroup, {"true"}));
    out.m_guard.emplace(GANTRY_TRY(launch::Guard::post(words, mark)));
    GANTRY_CHECK(cgroup::writeFreezer(hierarchies, cgroup, true));
    GANTRY_TRY(cgroup::waitFreezer(hierarchies, cgroup, true, kFreezePatience, patience.stop));
    return out;
}

Result<Standstill> Standstill::atOnce(const runtime::Known &known, const std::vector<std::string> &resume,
                                      const std::string &mark, const cgroup::Hierarchies &hierarchies,
                                      const std::function<Result<>()> &before, const Patience &patience)
{
    Standstill out(known, GANTRY_TRY(cgroup::CgroupPath::parse(known.facts->cgroupPath)), hierarchies);
    const auto cgroup = GANTRY_TRY(cgroup::locate(hierarchies, out.m_cgroup));
    const auto words = GANTRY_TRY(thawWords(hierarchies, cgroup, resume));
    out.m_byKernel = true; // its end thaws it, which does nothing to what runs
    out.m_guard.emplace(GANTRY_TRY(launch::Guard::post(words, mark)));
    GANTRY_CHECK(before());
    if (const auto now = GANTRY_TRY(cgroup::readFreezer(hierarchies, cgroup)); now != cgroup::Freezer::Thawed) {
        out.leave();
        return fail(EBUSY, "checkpoint", known.facts->name, strCat("its cgroup is ", freezerName(now)),
                    "Thaw it first");
    }
    out.m_since = Clock::now();
    GANTRY_CHECK(cgroup::writeFreezer(hierarchies, cgroup, true));
    GANTRY_CHECK(waitFrozen(hierarchies, cgroup, patience.stop));
    out.m_stands = Clock::now();
    return out;
}

Result<> Standstill::check(const std::stop_token &stop) const
{
    const auto cgroup = GANTRY_TRY(cgroup::locate(*m_hierarchies, m_cgroup));
    const auto state = GANTRY_TRY(cgroup::waitFreezer(*m_hierarchies, cgroup, true, kFreezePatience, stop));
    if (state != cgroup::Freezer::Frozen && state != cgroup::Freezer::FrozenByAncestor)
        return fail(EBUSY, "checkpoint", m_cgroup.text(), "it was thawed by somebody while it was saved", "Try again");
    return {};
}

Result<> Standstill::thaw(const runtime::Known &known) const
{
    if (!m_byKernel)
        return known.owner->act(*known.facts, runtime::Verb::Unpause, {Clock::now() + kThawPatience});
    const auto cgroup = GANTRY_TRY(cgroup::locate(*m_hierarchies, m_cgroup));
    return cgroup::writeFreezer(*m_hierarchies, cgroup, false);
}

Result<microseconds> Standstill::end()
{
    const runtime::Known known = *std::exchange(m_known, std::nullopt);
    if (!m_guard)
        return microseconds::zero();
    auto thawed = thaw(known);
    const auto stood = std::chrono::duration_cast<microseconds>(Clock::now() - m_since);
    if (!thawed) {
        log::warning(log::Area::Runtime, known.facts->name, " stays paused: ", thawed.error().message());
        return std::unexpected(std::move(thawed).error());
    }
    m_guard->stand();
    return stood;
}

void Standstill::dismissGuard()
{
    if (m_guard)
        m_guard->stand();
}

void Standstill::leave()
{
    dismissGuard();
    m_known.reset();
}

Result<> Standstill::letDie(std::span<const std::int32_t> pids)
{
    const runtime::Known known = *std::exchange(m_known, std::nullopt);
    const std::string &name = known.facts->name;
    // Opened while they stand: a pid may be another's once they have ended.
    std::vector<std::pair<std::int32_t, UniqueFd>> all;
    for (const std::int32_t pid : pids) {
        if (auto process = process::openProcess({.pid = pid}))
            all.emplace_back(pid, *std::move(process));
    }
    const auto kill = [](const UniqueFd &process) {
        ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0); // who has ended already need not end
    };
    // The first one last, and by its runtime: one that ends by itself is started anew where its runtime is to do that.
    // Kernel: what is frozen by cgroup v1 takes a SIGKILL only when it is thawed, and before anything else; what is
    // frozen by v2 takes it at once.
    for (const auto &[pid, process] : all) {
        if (pid != pids.front())
            kill(process);
    }
    auto killed = known.owner->act(*known.facts, runtime::Verb::Kill, {Clock::now() + kEndPatience});
    if (!killed)
        log::warning(log::Area::Runtime, name, " is killed without its runtime: ", killed.error().message());
    for (const auto &[pid, process] : all)
        kill(process);
    // "There is none any more" is what is wanted. By somebody else's pause, too, it would not take its end.
    (void)thaw(known);
    const Clock::time_point last = Clock::now() + kEndPatience;
    for (const auto &[pid, process] : all) {
        if (!hasEnded(process.get(), last))
            return fail(EBUSY, "checkpoint", name, strCat("its process ", pid, " does not end"));
    }
    if (m_guard)
        m_guard->stand();
    return {};
}

} // namespace gantry::checkpoint
