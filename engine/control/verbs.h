// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"
#include "engine/cgroup/freezer.h"
#include "engine/cgroup/limits.h"
#include "engine/runtime/facts.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// Questions and answers of the verbs, as plain values; they mirror gantry/v1/control.proto.
namespace gantry::control {

/// Who asks, for the audit record.
struct Actor
{
    std::string program{};              ///< "gantry", "gantryctl"
    std::string user{};                 ///< as the caller says
    std::optional<std::uint32_t> uid{}; ///< of the peer's credentials, where the way in has them
    std::int32_t pid = 0;               ///< of the same; 0: not known
    std::string origin{};               ///< "uid 1000 by sudo": on whose behalf, as the way in says; may be empty

    /// "root via gantryctl (uid 0, pid 812, for uid 1000 by sudo)".
    [[nodiscard]] std::string text() const;
};

/// How long a value holds that systemd or a runtime keeps. Numbers of gantry.v1.Persistence.
enum class Persistence : std::uint8_t { Runtime = 1, Permanent = 2 };

/// How a verb is called.
struct Call
{
    Actor actor;
    bool dryRun = false; ///< writes nothing, answers what would happen
    std::chrono::milliseconds deadline{5000};
    Persistence persistence = Persistence::Runtime; ///< for values that a manager keeps
    bool byFile = false;                            ///< writes the kernel's file even where a manager keeps the value
    std::stop_token stop{};
    /// Told "check", "write", "wait", "readBack" or "rollBack" on the calling thread; may be empty.
    std::function<void(std::string_view)> onPhase{};

    void phase(std::string_view name) const
    {
        if (onPhase)
            onPhase(name);
    }
};

/// Numbers of gantry.v1.Warning.Code.
enum class WarningCode : std::uint8_t {
    WillOomKill = 1,
    MayBeBusy = 2,
    WillThrottle = 3,
    SoftLimitInert = 4,
    ForksWillFail = 5,
    AncestorLimits = 6,
    SystemdOwned = 7,
    WillRound = 8,
    OwnSession = 9,
    DrainsSlowly = 10,
    Frozen = 11,
    ChargesStay = 12,
    ChangesOther = 13,
    ChangesChildren = 14,
    RuntimeOwned = 15,
    NotPersistent = 16,
    MovesToLeaf = 17,
    NotInForce = 18,
    Irreversible = 19
};

/// A caveat of a change that is allowed.
struct Warning
{
    WarningCode code;
    std::string subject{}; ///< cgroup path, file or process
    std::string detail{};  ///< the facts, for a log
    std::uint64_t have = 0;
    std::uint64_t want = 0;
};

/// True for the errors that mean "the kernel has no such value here" (ENOENT, ENOTSUP, ENODEV of a controller that is
/// mounted nowhere), as opposed to "it could not be read".
[[nodiscard]] bool isAbsent(const Error &error);

struct LimitRow
{
    LimitKey key;
    Result<LimitValue> configured; ///< the error tells absent (isAbsent()) from unreadable
    cgroup::EffectiveLimit effective{};
    std::string file{};                   ///< "memory/a/b/memory.limit_in_bytes", from the mount's own name
    std::string notSettable{};            ///< why it cannot be set; empty if it can
    std::optional<std::uint64_t> usage{}; ///< what the limit is about, in the key's unit
    std::string mapping{};                ///< v1 counterpart in words
    std::string route{};                  ///< Route::name(); empty: the file itself
    std::string notInForce{};             ///< the kernel's reason why the value does not hold
    std::string managerEffective{};       ///< Route::effective()
};

struct LimitSetting
{
    LimitKey key;
    LimitValue value;
};

struct LimitChange
{
    LimitKey key;
    Result<LimitValue> oldValue;
    LimitValue newValue; ///< dry run: as the kernel will round it; else what the kernel holds
    cgroup::EffectiveLimit effective{};
    std::vector<Warning> warnings{};
    std::string file{};
    std::string route{};   ///< Route::name(); empty: the file itself
    std::string command{}; ///< what an admin would type for it
};

/// What every executed verb tells besides its own result.
struct Outcome
{
    NodeId node{};
    cgroup::CgroupPath path{};
    std::vector<Warning> warnings{};
    /// Why the audit record could not be written; empty when it was, or for a dry run. The verb goes on without: an
    /// admin must be able to act on a host whose disk is full.
    std::string notRecorded{};
    std::string route{}; ///< Route::name() of who did it; empty: the kernel's files
};

struct SetLimitsResult : Outcome
{
    std::vector<LimitChange> changes{};
};

struct FreezeResult : Outcome
{
    cgroup::Freezer oldState = cgroup::Freezer::Absent;
    cgroup::Freezer newState = cgroup::Freezer::Absent; ///< dry run: what is asked for
    std::uint32_t processCount = 0;                     ///< of the cgroup and those below
};

struct KillResult : Outcome
{
    std::uint32_t processCount = 0; ///< before
    std::uint32_t remaining = 0;    ///< still there at the deadline (uninterruptible, or frozen elsewhere)
};

struct SignalItem
{
    ProcessKey process{};
    std::string comm{};
    std::optional<Error> failure{}; ///< nullopt: delivered
};
struct SignalResult : Outcome
{
    std::vector<SignalItem> items{};
};

struct MovedProcess
{
    ProcessKey process{};
    std::string comm{};
    std::string
        fromPath{}; ///< in the first hierarchy where it really moves (memory first); the target's where none does
};
struct MoveResult : Outcome
{
    std::vector<MovedProcess> items{};
};

/// Result of createCgroup() and removeCgroup().
struct DirectoriesResult : Outcome
{
    std::vector<std::string> directories{}; ///< made or removed, one a hierarchy; dry run: would be
};

/// cgroup.subtree_control: controllers to be enabled and disabled for the children; others stay as they are.
struct ControllersWish
{
    std::vector<std::string> enable{};
    std::vector<std::string> disable{};
    bool makeLeaf = false; ///< move the cgroup's own processes into a new child first where the kernel wants it
};
struct ControllersResult : Outcome
{
    std::vector<std::string> before{};
    std::vector<std::string> after{};
    std::string leaf{}; ///< path of the child the processes went to; empty: none was needed
    std::uint32_t moved = 0;
};

struct ReclaimResult : Outcome
{
    std::uint64_t usageBefore = 0; ///< bytes
    std::uint64_t usageAfter = 0;
    bool complete = false; ///< false: the kernel found less than asked for
};

struct ContainerActionResult : Outcome
{
    std::string container{}; ///< its name
    runtime::State oldState = runtime::State::Unknown;
    runtime::State newState = runtime::State::Unknown; ///< as its runtime tells; Unknown: it is gone
    std::string command{};                             ///< what an admin would type for it; empty: there is none
};

/// "frozen", "thawed" ... for logs and results.
[[nodiscard]] std::string_view freezerText(cgroup::Freezer state);

/// Result lines of a job: "memory.high: 300000000 -> 200000000", one line each.
[[nodiscard]] std::vector<std::string> resultLines(const SetLimitsResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const FreezeResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const KillResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const SignalResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const MoveResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const DirectoriesResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const ControllersResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const ReclaimResult &result);
[[nodiscard]] std::vector<std::string> resultLines(const ContainerActionResult &result);

} // namespace gantry::control
