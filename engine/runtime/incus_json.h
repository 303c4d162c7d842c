// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/json.h"
#include "engine/runtime/source.h"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::runtime {

/// Incus and LXD have one API between them (LXD 5.0, Incus 6.0), and a command line tool each.
enum class IncusKind : std::uint8_t { Incus, Lxd };

/// An instance's place: its name is unique in its project only.
struct IncusName
{
    std::string project;
    std::string instance;

    /// "web"; "blue_web" in a project that is not "default": so Incus itself calls its cgroups, folders and logs.
    /// Neither part may have a '_' of its own.
    [[nodiscard]] std::string full() const;
    [[nodiscard]] static IncusName ofFull(std::string_view full);
    /// "/1.0/instances/web?project=blue" with `below` before the query.
    [[nodiscard]] std::string path(std::string_view below = {}) const;
};

/// One container of GET /1.0/instances?recursion=1&all-projects=true.
struct IncusRow
{
    Facts facts;        ///< all but pid, addresses, cgroup; id: volatile.uuid, else the full name
    IncusName name;
    std::string stamp;  ///< changes when its first process may be another one: state, last start
    std::string rootPool; ///< storage pool of its root file system; empty: none is told
    bool hasNetwork = false; ///< it may get an address after a while
    bool settled = true;     ///< false: the state is on the way to another, or an error that may pass
};
/// Virtual machines are left out: their cgroup is the daemon's own.
/// @errors EBADMSG: no list. Rows without a name are left out.
[[nodiscard]] Result<std::vector<IncusRow>> parseIncusList(IncusKind kind, std::string_view body);

/// GET /1.0/instances/NAME/state.
struct IncusState
{
    std::int32_t pid = 0;
    std::int64_t startedMicros = 0;   ///< 0: not told (before Incus 6.0, LXD 5.21)
    std::vector<Address> addresses{}; ///< those that others reach it by
};
/// @errors EBADMSG.
[[nodiscard]] Result<IncusState> parseIncusState(std::string_view body);

struct IncusEvent
{
    std::string name;     ///< full name of the instance; empty: of more than one
    bool matters = false; ///< may change what list or state tells
};
/// One message of GET /1.0/events?type=lifecycle. One that cannot be read matters: nobody knows what it told.
[[nodiscard]] IncusEvent parseIncusEvent(std::string_view message);

/// What is around each answer.
struct IncusReply
{
    Json metadata;
    std::string operation; ///< "/1.0/operations/UUID": it is not done yet
};
/// @errors EBADMSG.
[[nodiscard]] Result<IncusReply> parseIncusReply(std::string_view body);
/// The daemon's own words in a reply that is no success.
[[nodiscard]] std::string incusMessage(std::string_view body);
/// True if the words say that it is so already ("The container is already frozen").
[[nodiscard]] bool isSoInIncus(std::string_view words);
/// The errno for an HTTP status and the words with it.
[[nodiscard]] int errnoOfIncus(long status, std::string_view words);

/// Limits with a configuration key that Incus writes to this control file and with this value: memory.max
/// (limits.memory), pids.max (limits.processes), cpu.max (limits.cpu.allowance). By what Incus 6.0 writes:
/// limits.cpu.priority and limits.disk.priority become weights that are not the number given, and limits.cpu, set
/// together with another key, was not written to cpuset.cpus.
[[nodiscard]] bool hasIncusKey(LimitKey key);
/// Configuration for these limits: "limits.memory": "157286400"; an empty value takes the key away.
/// @param config the instance's expanded one: what must not be lost, and the period in force.
/// @errors ENOTSUP naming a value without a word (parts of a millisecond), or what stands in the way
/// (limits.memory.enforce=soft, a share in limits.cpu.allowance).
[[nodiscard]] Result<std::map<std::string, std::string>>
incusConfig(std::span<const std::pair<LimitKey, LimitValue>> limits, const Json &config);

/// Lines of a console's or LXC's log.
/// @param lines the last so many.
[[nodiscard]] std::vector<LogLine> incusLogLines(std::string_view text, std::size_t lines);

} // namespace gantry::runtime
