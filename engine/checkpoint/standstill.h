// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/cgroup/hierarchy.h"
#include "engine/launch/keeper.h"
#include "engine/runtime/table.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gantry::checkpoint {

/// A container that stands still while it is saved, so that between its dump and its end it does no work that could be
/// lost. It goes on with this object's end, and, if this process dies, by a guard. Thread: one at a time; blocks.
class Standstill
{
public:
    /// Paused by its runtime; where somebody else has paused it before, it stays so. @param resume what lets it go on
    /// where Gantry cannot any more: a program's path and its arguments. @param mark of the program that will dump it,
    /// as launch::Guard has it. @errors of the runtime; of launch::Guard.
    [[nodiscard]] static Result<Standstill> byRuntime(const runtime::Known &known,
                                                      const std::vector<std::string> &resume, const std::string &mark,
                                                      const cgroup::Hierarchies &hierarchies,
                                                      const runtime::Patience &patience);
    /// Its cgroup frozen beneath its runtime, for whom it runs on: for those that do not save what they have paused.
    /// @param path the cgroup that its runtime names to CRIU. @param mark as above. @errors ENOTSUP: not on cgroup v2
    /// alone; EBUSY: it is frozen already; of the kernel's file; of launch::Guard.
    [[nodiscard]] static Result<Standstill> ofCgroup(const runtime::Known &known, const cgroup::CgroupPath &path,
                                                     const std::string &mark, const cgroup::Hierarchies &hierarchies,
                                                     const runtime::Patience &patience);
    /// The same with no program in between, for several that are to stand still at one moment: by its cgroup's freezer,
    /// which is what runc and crun use, so that for them it is paused. @param before called once all else is done; its
    /// failure leaves it running. @errors EBUSY: it is frozen already; of the kernel's file; of launch::Guard.
    [[nodiscard]] static Result<Standstill> atOnce(const runtime::Known &known, const std::vector<std::string> &resume,
                                                   const std::string &mark, const cgroup::Hierarchies &hierarchies,
                                                   const std::function<Result<>()> &before,
                                                   const runtime::Patience &patience);
    Standstill(Standstill &&other) noexcept;
    Standstill(const Standstill &) = delete;
    Standstill &operator=(const Standstill &) = delete;
    Standstill &operator=(Standstill &&) = delete;
    ~Standstill();

    /// CRIU thaws a cgroup while it works in it, and freezes it again where it found it so: what is read and what is
    /// ended now must be what was dumped. @errors EBUSY: somebody has thawed it; of reading.
    [[nodiscard]] Result<> check(const std::stop_token &stop) const;
    /// Lets it go on, unless somebody else had paused it. @return how long it stood.
    [[nodiscard]] Result<std::chrono::microseconds> end();
    /// Between these two, by CLOCK_MONOTONIC, it came to stand still.
    [[nodiscard]] runtime::Clock::time_point begun() const { return m_since; }
    [[nodiscard]] runtime::Clock::time_point stands() const { return m_stands; }
    /// If this process dies from now on it is left as it stands.
    void dismissGuard();
    /// It stands still for good, also after this object.
    void leave();
    /// Ends it as it stands, by its runtime, which then starts it no second time. What its runtime will not end is
    /// killed all the same. @param pids of it, its first process first. @errors EBUSY: it does not end.
    [[nodiscard]] Result<> letDie(std::span<const std::int32_t> pids);

private:
    Standstill(runtime::Known known, cgroup::CgroupPath cgroup, const cgroup::Hierarchies &hierarchies);
    [[nodiscard]] Result<> thaw(const runtime::Known &known) const;

    std::optional<runtime::Known> m_known; ///< nullopt: let go, or moved
    cgroup::CgroupPath m_cgroup;
    const cgroup::Hierarchies *m_hierarchies;
    std::optional<launch::Guard> m_guard; ///< nullopt: somebody else had paused it
    bool m_byKernel = false;
    runtime::Clock::time_point m_since;
    runtime::Clock::time_point m_stands;
};

} // namespace gantry::checkpoint
