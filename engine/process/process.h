// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"
#include "engine/base/ids.h"
#include "engine/base/quantity.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace gantry::process {

/// One process as it was read. Text chosen by the process is made printable.
struct ProcessInfo
{
    ProcessKey key;
    std::int32_t parentPid = 0;
    std::string comm;
    std::string commandLine; ///< arguments joined by blanks, at most 4 096 bytes; empty for kernel threads and zombies
    uid_t uid = 0;           ///< real user id
    std::uint32_t threads = 0;
    char state = '?'; ///< letter of /proc/PID/stat
    Bytes resident;
    Micros cpuUser{0};
    Micros cpuSystem{0};
    std::int32_t innerPid = 0;    ///< pid in its innermost pid namespace; 0 when it is the same
    std::string unreadableReason; ///< set when a part could not be read
};

/// What /proc/PID/stat says.
struct Stat
{
    std::int32_t pid = 0;
    std::string comm; ///< raw: up to 15 bytes of anything, ')' and newlines included
    char state = '?';
    std::int32_t parentPid = 0;
    std::int32_t processGroup = 0;
    std::int32_t session = 0;
    std::uint32_t terminal = 0; ///< device number of the controlling one; 0: none
    std::uint64_t userTicks = 0;
    std::uint64_t systemTicks = 0;
    std::uint32_t threads = 0;
    std::uint64_t startTicks = 0; ///< clock ticks after boot
    std::uint64_t residentPages = 0;
};
/// @errors EILSEQ with the text. Source: proc_pid_stat(5).
[[nodiscard]] Result<Stat> parseStat(std::string_view text);

/// What is wanted of /proc/PID/status.
struct Status
{
    uid_t uid = 0;
    std::int32_t tracerPid = 0;              ///< who traces it by ptrace(2); 0: nobody
    std::uint64_t swapKib = 0;               ///< VmSwap: its memory that is in swap, in KiB; 0 of a zombie
    std::vector<std::int32_t> namespacePids; ///< NSpid: outermost first; empty on kernels without it
    /// NSsid: its session as each of its pid namespaces sees it, outermost first; 0: the leader is outside of that one.
    std::vector<std::int32_t> namespaceSessions;
};
/// @errors EILSEQ when there is no usable "Uid:" line. Source: proc_pid_status(5).
[[nodiscard]] Result<Status> parseStatus(std::string_view text);

/// Arguments of /proc/PID/cmdline (separated by NUL) joined by blanks, printable, cut to 4 096 bytes.
[[nodiscard]] std::string joinArguments(std::string_view cmdline);

/// Reads stat, status and cmdline below `proc`/PID. Thread: any.
/// @errors ESRCH when the process is gone; EACCES, EPERM when even stat may not be read. A part that may not be read
/// leaves its field empty and a reason behind.
[[nodiscard]] Result<ProcessInfo> readProcess(std::int32_t pid, const std::string &proc = "/proc");

/// Only /proc/PID/stat, or status, or the raw arguments. @errors ESRCH, EACCES, EILSEQ.
[[nodiscard]] Result<Stat> readStat(std::int32_t pid, const std::string &proc = "/proc");
[[nodiscard]] Result<Status> readStatus(std::int32_t pid, const std::string &proc = "/proc");
[[nodiscard]] Result<std::vector<std::string>> readArguments(std::int32_t pid, const std::string &proc = "/proc");

/// Who keeps a number from being given to a new process.
struct Holder
{
    std::int32_t number = 0;
    Stat process; ///< has the number as its pid, as that of a thread, as its process group or as its session
};
/// The first of `numbers` that is not free. @param ending processes that do not count, nor what descends from them.
/// Thread: any; it may read the stat of every process. Source: clone3(2), set_tid: EEXIST; credentials(7).
[[nodiscard]] std::optional<Holder> holderOf(std::span<const std::int32_t> numbers,
                                             std::span<const std::int32_t> ending, const std::string &proc = "/proc");

/// Pids of all processes of the reader's pid namespace, sorted. @errors of reading the folder.
[[nodiscard]] Result<std::vector<std::int32_t>> listPids(const std::string &proc = "/proc");

/// A pidfd of exactly this process: the start time is compared after opening (0 in the key: not compared).
/// @errors ESRCH when it is gone or another process has the pid now.
[[nodiscard]] Result<UniqueFd> openProcess(const ProcessKey &key);

/// Sends a signal through such a pidfd. @errors as openProcess(); EPERM; EINVAL for a number that is no signal.
[[nodiscard]] Result<> sendSignal(const ProcessKey &key, int signal);

/// Whether this thread has a capability in effect. @param capability CAP_SYS_ADMIN ... of <linux/capability.h>.
[[nodiscard]] bool hasCapability(int capability);

/// Names of users, looked up once each. The first look-up of a user may ask the network (nss): workers only.
class UserNames
{
public:
    /// The number as text where the host has no name for it.
    [[nodiscard]] const std::string &name(uid_t uid);

private:
    std::map<uid_t, std::string> m_names;
};

} // namespace gantry::process
