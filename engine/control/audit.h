// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <mutex>
#include <string>
#include <string_view>

namespace gantry::control {

/// One executed verb.
struct AuditRecord
{
    std::string verb{};   ///< "setLimits", "kill" ...
    std::string target{}; ///< cgroup path or pids
    std::string key{};    ///< "memory.high"; empty where there is none
    std::string oldValue{};
    std::string newValue{};
    std::string actor{};
    std::string result{}; ///< "done", or the error's message
    bool failed = false;
};

/// The record as one JSON line without a newline, with "time" in UTC (ISO 8601, microseconds).
[[nodiscard]] std::string auditLine(const AuditRecord &record, std::int64_t realtimeMicros);

/// Where executed verbs are recorded: the journal where journald runs, else an append-only file. Thread: any.
class AuditLog
{
public:
    struct Places
    {
        std::string journalSocket = "/run/systemd/journal/socket";
        std::string stateFolder; ///< of audit.log; made with mode 0700 when first needed
    };
    /// The journal, and as state folder $GANTRY_STATE where that is set, else /var/lib/gantry for root or
    /// $XDG_STATE_HOME/gantry (~/.local/state/gantry) for others. Thread: any, while nobody calls setenv(3).
    [[nodiscard]] static Places defaultPlaces();

    explicit AuditLog(Places places) : m_places(std::move(places)) {}

    /// Journal fields: MESSAGE, MESSAGE_ID, PRIORITY, GANTRY_VERB, GANTRY_TARGET, GANTRY_KEY, GANTRY_OLD, GANTRY_NEW,
    /// GANTRY_ACTOR, GANTRY_RESULT. File: one JSON line, mode 0600, synced to disk before this returns.
    /// @errors of sd_journal_sendv, or of making, writing or syncing the file.
    [[nodiscard]] Result<> record(const AuditRecord &record);

private:
    [[nodiscard]] Result<> toJournal(const AuditRecord &record) const;
    [[nodiscard]] Result<> toFile(const AuditRecord &record);

    const Places m_places;
    std::mutex
        m_fileMutex; ///< one line at a time; held over a local file's write only, never over a kernel control file
};

} // namespace gantry::control
