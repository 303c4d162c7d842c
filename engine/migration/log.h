// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Moving what runs to another host: that exactly one copy runs, whatever fails. No process, no connection, no thread.
namespace gantry::migration {

enum class Side : std::uint8_t {
    Source, ///< where it runs until the commit point; decides
    Target
};

/// How far a side has come. What stands here is on the disk before anything follows from it.
enum class Step : std::uint8_t {
    Begun,     ///< source: it may be frozen; target: something of it may be there
    Held,      ///< target only: it is restored and stands still
    Committed, ///< the commit point: the source's never runs again; the target's runs
    Aborted,   ///< the source's runs; the target has nothing of it
    Done       ///< after Committed: the other side knows, and this one has cleaned up
};

/// One migration as one side knows it.
struct Record
{
    std::string id; ///< of the migration, on both sides: 32 hexadecimal digits
    Side side = Side::Source;
    Step step = Step::Begun;
    std::string subject;           ///< what moves, as it is shown
    std::string peer;              ///< the other host, as it is shown
    std::string by;                ///< whose wish it is, for the audit log
    std::int64_t begunMicros = 0;  ///< wall clock
    std::vector<std::string> held; ///< target: cgroups of what stands still, source: of what is frozen; for recovery
    bool keeps = true; ///< source: what is left of it after the commit, its files and log, stays
    bool operator==(const Record &) const = default;
};

/// What a side has to do for a record that it finds when it starts, or when a link is back.
enum class Duty : std::uint8_t {
    None,
    RunSource,    ///< thaw it; call Log::advance(Aborted) before
    EndSource,    ///< it must not run; the target is to be told Committed until it says that it knows
    AskSource,    ///< leave it as it stands until the source has said what was decided
    RunTarget,    ///< thaw it, and tell the source so
    RemoveTarget, ///< end and remove what is there of it; call Log::advance(Aborted) before
};

/// Of a record whose job is not at work any more.
[[nodiscard]] Duty dutyOf(const Record &record);

/// The source's answer to a target that holds.
enum class Decision : std::uint8_t {
    Undecided, ///< its job is at work: wait, and ask again
    Commit,
    Abort
};

/// Names as they stand in the files and in messages ("source", "committed").
[[nodiscard]] std::string_view sideName(Side side);
[[nodiscard]] std::string_view stepName(Step step);

/// The records of a host, one file each ("ID.source.json"), written so that they hold one step or the next, even if the
/// machine stops meanwhile. This is a two-phase commit with presumed abort, of which the source is the coordinator: a
/// source that knows nothing of a migration, or has only begun it and has no job at work, has aborted it. Sides, not
/// hosts, are what is told apart, so that a host may be both. Thread: any; blocks on the disk.
class Log
{
public:
    /// @param folder made when it is needed.
    explicit Log(std::string folder) : m_folder(std::move(folder)) {}

    /// A new one, in step Begun. The same record again is no error.
    /// @errors EINVAL: no id; EEXIST: the id is another migration's; of replaceFile().
    [[nodiscard]] Result<> begin(const Record &record) const;
    /// Takes a side a step further; returns when that is on the disk. The step it is in already is no error, so that
    /// whatever was interrupted can be done again. Source: Begun to Committed or Aborted, Committed to Done. Target:
    /// Begun to Held or Aborted, Held to Committed or Aborted, Committed to Done.
    /// @errors ENOENT: no such migration; EALREADY: it was decided otherwise; EINVAL: a step is left out; of reading
    /// and replaceFile(): then it may have become either, and find() tells.
    [[nodiscard]] Result<> advance(const std::string &id, Side side, Step to) const;
    /// What has to be known to find it again after a crash. @errors as advance().
    [[nodiscard]] Result<> setHeld(const std::string &id, Side side, std::vector<std::string> cgroups) const;
    /// @return nullopt: there is none. @errors EBADMSG with the file; of reading.
    [[nodiscard]] Result<std::optional<Record>> find(const std::string &id, Side side) const;
    /// What the source has decided; writes Aborted where that follows from there being no job.
    /// @param atWork whether a job of this process is at it. @errors of find() and advance(): nothing is known then,
    /// and nothing must follow from it.
    [[nodiscard]] Result<Decision> decide(const std::string &id, bool atWork) const;
    /// Those with a duty. @param unreadable set to the files that are no records: their migrations must be looked at by
    /// a person. @errors of reading the folder.
    [[nodiscard]] Result<std::vector<Record>> unfinished(std::vector<std::string> &unreadable) const;
    /// Of one that is Done or Aborted; no error where there is none. The target's is kept until the source is Done: it
    /// may be told Committed once more.
    /// @errors EBUSY: it has a duty; of find(), unlink(2).
    [[nodiscard]] Result<> forget(const std::string &id, Side side) const;

private:
    [[nodiscard]] std::string file(const std::string &id, Side side) const;
    [[nodiscard]] Result<std::optional<Record>> read(const std::string &id, Side side) const;
    [[nodiscard]] Result<Record> known(const std::string &id, Side side) const;
    [[nodiscard]] Result<> write(const Record &record) const;

    const std::string m_folder;
    mutable std::mutex m_mutex; ///< a step is read, checked and written as one
};

/// A new id. @errors of getrandom(2).
[[nodiscard]] Result<std::string> newId();
[[nodiscard]] bool isId(std::string_view text);

/// JSON; parseRecord() reads it back.
[[nodiscard]] std::string formatRecord(const Record &record);
/// @errors EBADMSG.
[[nodiscard]] Result<Record> parseRecord(std::string_view json);

} // namespace gantry::migration
