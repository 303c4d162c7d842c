// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/cgroup/hierarchy.h"
#include "engine/systemd/bus.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gantry::systemd {

/// ManagedOOMPreference=, as systemd leaves it on the cgroup (user.oomd_avoid, user.oomd_omit).
enum class OomdPreference : std::uint8_t { None, Avoid, Omit };
/// "none", "avoid", "omit".
[[nodiscard]] std::string_view oomdPreferenceName(OomdPreference preference);

/// What systemd-oomd would kill.
struct OomdCandidate
{
    cgroup::CgroupPath path;
    std::uint64_t pgscan = 0; ///< pages scanned for reclaim since the last look
    std::uint64_t swapBytes = 0;
    std::uint64_t memoryBytes = 0;
    OomdPreference preference = OomdPreference::None;
    std::uint64_t kills = 0; ///< user.oomd_kills: processes of it that were killed so far
};

/// One cgroup systemd-oomd watches.
struct OomdWatched
{
    cgroup::CgroupPath path;
    bool swap = false;       ///< ManagedOOMSwap=; false: ManagedOOMMemoryPressure=
    double limitPercent = 0; ///< of time stalled ("full avg10"), or of the host's swap
    double nowPercent = 0;
    std::vector<OomdCandidate> candidates; ///< the first would be killed first; omitted ones stand last
};

struct OomdState
{
    std::vector<OomdWatched> watched;
    double swapUsedPercent = 0;
    double swapLimitPercent = 0;
    bool dryRun = false;
};

/// What oomctl prints: the watched cgroups with their limits; without candidates and the numbers of now. Lines that it
/// does not know are skipped, paths that are none too. @errors EILSEQ for a percentage that is none.
[[nodiscard]] Result<OomdState> parseOomdDump(std::string_view dump);

/// Asks systemd-oomd what it watches and looks at the cgroups below as it does itself: leaves, and whole cgroups with
/// memory.oom.group. Thread: any; calls block: workers only.
class Oomd
{
public:
    explicit Oomd(cgroup::HierarchiesPtr hierarchies, std::vector<BusAddress> addresses = systemAddresses())
        : m_hierarchies(std::move(hierarchies)), m_bus("the system bus", std::move(addresses))
    {}

    /// The first call looks twice, for what was scanned meanwhile. @errors ENOTCONN: it does not run; as Bus::call().
    [[nodiscard]] Result<OomdState> state(Clock::time_point deadline);

private:
    struct Scanned
    {
        std::uint64_t pages = 0;
        std::uint64_t before = 0;
    };
    void look(OomdState &state);
    [[nodiscard]] std::vector<OomdCandidate> candidatesOf(const OomdWatched &watched);

    const cgroup::HierarchiesPtr m_hierarchies;
    const Bus m_bus;
    std::mutex m_mutex;
    std::map<cgroup::CgroupPath, Scanned> m_scanned; ///< as last looked at
};

/// Listens to systemd-oomd's own signal "Killed". Where it does not run, or there is no bus, it waits for either.
class OomdWatch
{
public:
    /// "memory-pressure", "memory-used" (swap and memory); others of later versions as they come.
    using Callback = std::function<void(const std::string &cgroupPath, const std::string &reason)>;
    /// @param callback on a thread of the watch; must not throw.
    explicit OomdWatch(Callback callback, std::vector<BusAddress> addresses = {systemAddresses().front()});
    OomdWatch(const OomdWatch &) = delete;
    OomdWatch &operator=(const OomdWatch &) = delete;
    OomdWatch(OomdWatch &&) = delete;
    OomdWatch &operator=(OomdWatch &&) = delete;
    ~OomdWatch();

private:
    void run(const std::stop_token &stop);
    /// Until the connection ends.
    void listen(sd_bus &bus, const std::stop_token &stop);

    const Callback m_callback;
    const std::vector<BusAddress> m_addresses;
    const UniqueFd m_wake;
    std::jthread m_thread;
};

} // namespace gantry::systemd
