// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/schedules.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"
#include "engine/cgroup/procs.h"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::service {

using schedule::Policy;
using schedule::State;

namespace {

constexpr const char *kPolicies = "schedules.json";
constexpr const char *kStates = "schedules.state.json";
constexpr const char *kEnded = "ended";

/// A file that is there to be locked. @errors of making the folder and opening it.
Result<UniqueFd> lockFile(const std::string &folder, const std::string &path)
{
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed)
        return failErrno("mkdir", folder, failed.value());
    UniqueFd out(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!out)
        return failErrno("open", path);
    return out;
}

} // namespace

Result<std::vector<Policy>> Schedules::policies() const
{
    const auto text = readFile(file(kPolicies));
    if (!text && text.error().posix() == ENOENT)
        return std::vector<Policy>();
    auto out = text ? schedule::parsePolicies(*text) : std::unexpected(text.error());
    if (!out)
        out.error().subject = file(kPolicies);
    return out;
}

Result<> Schedules::edit(const Change &change) const
{
    const std::string path = file("schedules.lock");
    const UniqueFd lock = GANTRY_TRY(lockFile(m_folder, path));
    while (::flock(lock.get(), LOCK_EX) != 0) {
        if (errno != EINTR)
            return failErrno("flock", path);
    }
    std::vector<Policy> all = GANTRY_TRY(policies());
    GANTRY_CHECK(change(all));
    return replaceFile(file(kPolicies), GANTRY_TRY(schedule::formatPolicies(all)));
}

std::uint64_t Schedules::version() const
{
    struct stat facts
    {};
    if (::stat(file(kPolicies).c_str(), &facts) != 0)
        return 0;
    // Each write is a new file, so either the inode or the time differs.
    return (static_cast<std::uint64_t>(facts.st_ino) << 32U) ^
           static_cast<std::uint64_t>(facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec);
}

std::vector<State> Schedules::states() const
{
    const auto text = readFile(file(kStates));
    return text ? schedule::parseStates(*text).value_or(std::vector<State>()) : std::vector<State>();
}

Result<> Schedules::keepStates(const std::vector<State> &states) const
{
    return replaceFile(file(kStates), schedule::formatStates(states));
}

Result<std::optional<UniqueFd>> Schedules::tryToRun() const
{
    const std::string path = file("schedules.run");
    UniqueFd lock = GANTRY_TRY(lockFile(m_folder, path));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return std::optional<UniqueFd>();
        return failErrno("flock", path);
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock.get(), 0) != 0 || ::pwrite(lock.get(), pid.data(), pid.size(), 0) < 0)
        return failErrno("write", path);
    return std::optional(std::move(lock));
}

std::int32_t Schedules::runner() const
{
    const std::string path = file("schedules.run");
    const UniqueFd lock(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!lock || ::flock(lock.get(), LOCK_SH | LOCK_NB) == 0)
        return 0; // nobody holds it; ours goes with the descriptor
    const auto text = readFile(path);
    const auto pid = text ? parseU64(trim(*text)) : std::unexpected(text.error());
    return pid && *pid <= 0x7fffffff ? static_cast<std::int32_t>(*pid) : 0;
}

std::vector<Life> Schedules::followed() const
{
    std::vector<Life> out;
    for (const State &state : states()) {
        if (auto life = parseLife(state.life))
            out.push_back(*std::move(life));
    }
    return out;
}

void Schedules::keepEnd(const Life &life) const
{
    const auto kept = replaceFile(strCat(file(kEnded), "/", life.pid), life.text());
    if (!kept)
        log::warning(log::Area::Control, "its schedule may bring it back: ", kept.error().message());
}

void Schedules::ending(std::span<const std::int32_t> pids) const
{
    for (const Life &life : followed()) {
        const auto now = std::ranges::find(pids, life.pid) == pids.end() ? Life() : lifeOf(life.pid).value_or(Life());
        if (now == life)
            keepEnd(life);
    }
}

void Schedules::endingIn(const cgroup::Hierarchies &hierarchies, const cgroup::CgroupPath &path) const
{
    std::vector<std::int32_t> pids;
    for (const Life &life : followed()) {
        const auto in = cgroup::cgroupsOf(hierarchies, life.pid);
        if (!in)
            continue;
        for (const std::string &text : *in) {
            const auto place = cgroup::CgroupPath::parse(text);
            if (place && path.contains(*place) && !place->isRoot()) {
                pids.push_back(life.pid);
                break;
            }
        }
    }
    ending(pids);
}

bool Schedules::wasEnded(const Life &life) const
{
    const auto text = readFile(strCat(file(kEnded), "/", life.pid));
    return text && trim(*text) == life.text();
}

void Schedules::forgetEnd(const Life &life) const
{
    if (wasEnded(life))
        ::unlink(strCat(file(kEnded), "/", life.pid).c_str());
}

} // namespace gantry::service
