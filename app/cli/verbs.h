// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/args.h"

#include <span>

namespace gantry::cli {

/// With several --host: {"hosts": [{"host", "result": the verb's document or null, "error": {"errno", ...} or null}]},
/// in their order; events has {"events": [...]} as its document then.

/// Every verb; a new one is one function and one row in verbs.cpp.
[[nodiscard]] std::span<const Verb> verbs();

// verbs_show.cpp: what the host is now. JSON documents:
//   tree        {"cgroups": [NODE + "depth", "metrics"]}, parents before their children
//   containers  {"containers": [NODE + "metrics"]}
//   namespaces  {"namespaces": [NODE]}
//   show        {"node": NODE, "metrics", "devices", "limits": [...]}
//   runtimes    {"runtimes": [{"name", "version", "endpoint", "user_uid", "problem", "containers"}]}
//   logs        {"source", "lines": [{"time_usec", "error_stream", "text"}]}
//   files       {"path", "files": [{"name", "mount_point", "writable", "text", "failure"}]}
//   host        host facts, "read_only": the right that is missing to act, or null
//   host install HOST  {"host", "path", "version", "was_there", "in_path", "service", "no_service"}; one of the last two is
//               null
Outcome runTree(Session &session, const Arguments &arguments);
Outcome runContainers(Session &session, const Arguments &arguments);
Outcome runRuntimes(Session &session, const Arguments &arguments);
Outcome runLogs(Session &session, const Arguments &arguments);
Outcome runNamespaces(Session &session, const Arguments &arguments);
Outcome runShow(Session &session, const Arguments &arguments);
Outcome runFiles(Session &session, const Arguments &arguments);
Outcome runHost(Session &session, const Arguments &arguments);

// verbs_watch.cpp: what happens. One JSON document a line:
//   top     {"time_usec", "monotonic_usec", "sweep_usec", "skipped", "cgroups": [{"path", "id", "metrics"}]}
//   events  {"sequence", "time_usec", "kind", "path", "key", "old", "new", "delta", "pid", "comm", "actor", "failure"}
Outcome runTop(Session &session, const Arguments &arguments);
Outcome runEvents(Session &session, const Arguments &arguments);

// verbs_change.cpp: what changes the host. JSON documents begin with "dry_run", "path" and "not_recorded" (why the
// change is missing in the audit log, or null) and end with "warnings":
//   set             "changes": [{"key", "old", "new", "effective", "limited_by", "file", "warnings"}]
//   freeze, thaw    "old", "new", "processes"
//   kill            "processes", "remaining"
//   signal          "processes": [{"pid", "start_ticks", "comm", "failure"}]
//   move            "processes": [{"pid", "start_ticks", "comm", "from"}]
//   mkcgroup, rmcgroup  "directories"
//   controllers     "old", "new": names; "leaf", "moved"
//   start, stop, restart, remove  "container", "old", "new" (null: it is gone), "route", "command"
//   reclaim         "usage_before", "usage_after", "complete"
Outcome runSet(Session &session, const Arguments &arguments);
Outcome runFreeze(Session &session, const Arguments &arguments);
Outcome runThaw(Session &session, const Arguments &arguments);
Outcome runKill(Session &session, const Arguments &arguments);
Outcome runSignal(Session &session, const Arguments &arguments);
Outcome runMove(Session &session, const Arguments &arguments);
Outcome runMakeCgroup(Session &session, const Arguments &arguments);
Outcome runRemoveCgroup(Session &session, const Arguments &arguments);
Outcome runControllers(Session &session, const Arguments &arguments);
Outcome runReclaim(Session &session, const Arguments &arguments);
Outcome runStart(Session &session, const Arguments &arguments);
Outcome runStop(Session &session, const Arguments &arguments);
Outcome runRestart(Session &session, const Arguments &arguments);
Outcome runRemove(Session &session, const Arguments &arguments);

// verbs_checkpoint.cpp: saving what runs. JSON documents:
//   check  {"possible", "root_pid", "processes", "resident_bytes", "criu": {"path", "version"}, "options", FREEZE,
//          "findings": [{"severity", "cause", "object", "why", "remedy", "option", "pid"}]}; exit status 1 where it is
//          not possible
//   checkpoint   {"dry_run", "job", "checkpoint": CHECKPOINT, "frozen_usec", "frozen_bytes", FREEZE, "pre_dump":
//                [{"saved_bytes", "frozen_usec"}], "files", "findings", "not_recorded", "would_save": [{"path",
//                "folder", "declared", "files", "bytes", "taken_by"}], "files_saved", "files_bytes", "files_usec",
//                "notes"}
//   FREEZE: "expected_freeze_usec", "freeze_bytes_per_second", "no_pre_dump_reason"
//   checkpoints  {"checkpoints": [CHECKPOINT], "damages"}; CHECKPOINT: {"id", "time_usec", "subject", "runtime",
//   "name",
//                "note", "trigger", "parent", "processes", "logical_bytes", "fresh_bytes", "stored_bytes", "pinned",
//                "criu_version", "kernel_release", "host", "files", "files_bytes", "group" (null: of none),
//                "group_members", "group_member", "group_skew_usec"}
//   restore, resume  {"dry_run", "job", "checkpoint", "root_pid", "safety": CHECKPOINT or null, "ended": [{"pid",
//                "comm"}], "ended_count", "replaced": [{"path", "folder", "now", "files_then", "bytes_then",
//                "files_now", "bytes_now", "changed_then_usec", "changed_now_usec"}], "notes", "not_recorded"}
//   restore --as, --copies  {"dry_run", "job", "checkpoint", "conflicts": [{"name" (null: of all), "error"}], "copies":
//                [{"name", "root_pid" (null: does not run), "error" (null: runs, or was not tried), "bundle", "log",
//                "cgroups_path", "duration_usec"}], "notes", "not_recorded"}; exit status 1 where there are conflicts,
//                or not all run
//   suspend      as checkpoint
//   mark         {"checkpoint", "not_recorded"}
//   rmcheckpoint {"dry_run", "checkpoint", "not_recorded"}
//   repo gc     {"freed_bytes", "packs_removed", "packs_rewritten", "not_recorded"}
//   repo check  {"checkpoints", "read_bytes", "damages_found", "damages": [{"object", "text", "checkpoints",
//               "checkpoints_touched"}]}; exit status 1 where there are
//   repo stats  {"checkpoints", "logical_bytes", "stored_bytes", "unfinished" and "unfinished_bytes" (what migrations
//               that broke off have left for the next try: how many, and of stored_bytes), "key"}; "none", "file",
//               "passphrase"; null: no store
//   repo init   {"path", "encrypted", "not_recorded"}
//   repo expire  {"dry_run", "checkpoints": [CHECKPOINT], "not_recorded"}
//   schedule list  {"schedules": [SCHEDULE], "runner_pid"}; SCHEDULE: {"id", "subject", "period_ms", "keep",
//   "keep_seconds",
//                "keep_bytes", "restart", "by", "state", "next_usec", "last_usec", "last_checkpoint", "last_error",
//                "taken", "skipped", "restarts"}
//   schedule set, remove  {"dry_run", "schedule": SCHEDULE, "not_recorded"}; set: "replaced", "runner_pid"
//   schedule run  {"runs"}
// verbs_schedule.cpp
Outcome runSchedule(Session &session, const Arguments &arguments);
Outcome runExpire(Session &session, const Arguments &arguments);
Outcome runRepository(Session &session, const Arguments &arguments);
Outcome runCheck(Session &session, const Arguments &arguments);
Outcome runCheckpoint(Session &session, const Arguments &arguments);
Outcome runCheckpoints(Session &session, const Arguments &arguments);
// verbs_time.cpp
Outcome runRestore(Session &session, const Arguments &arguments);
// verbs_copies.cpp
Outcome runCopies(Session &session, const Arguments &arguments);
// verbs_fork.cpp
//   restore --on  as above, and "host", "findings" (as check, and "skipped"), "names", "known" (the checkpoint was
//   there
//                before), "bytes" (sent), "possible"; --check-only, --dry-run, or where something is in the way: these
//                alone
Outcome runFork(Session &session, const Arguments &arguments);
// verbs_group.cpp
//   checkpoint --together  {"dry_run", "group", "skew_usec", "one_clock", "members": [MEMBER]}; MEMBER: {"member",
//                "checkpoint", "frozen_usec", "root_pid", "notes", "not_recorded", "error"}, where "error" is null it
//                is done
//   restore --group  {"dry_run", "group", "members": [MEMBER]}
//   --dry-run of both  {"dry_run", "possible", "members": [{"member", "possible", "findings", "error"}]}
//   Exit status 1 where a member cannot be, or not all was done.
Outcome runCheckpointTogether(Session &session, const Arguments &arguments);
Outcome runRestoreGroup(Session &session, const Arguments &arguments);
Outcome runMigrate(Session &session, const Arguments &arguments);
// verbs_bulk.cpp. JSON documents, of "migrate" with several containers as of "evacuate":
//   {"parallel", "moved", "results": [{"target", "host" (null: none), "name", "state": "done", "failed", "unknown",
//   "given up", "stays", "why" and "error" (null: none), and what "migrate" tells of one}], "remaining" (evacuate):
//   [{"target", "runtime"}]}
//   --check-only: {"possible", "results": [{"target", "host" (null: none), "possible", "why", "error", "findings"}]}
//   Exit status 1 where not all were moved, or one cannot go.
Outcome runMigrateMany(Session &session, const Arguments &arguments);
Outcome runEvacuate(Session &session, const Arguments &arguments);
Outcome runMigrations(Session &session, const Arguments &arguments);
Outcome runSuspend(Session &session, const Arguments &arguments);
Outcome runResume(Session &session, const Arguments &arguments);
Outcome runMark(Session &session, const Arguments &arguments);
Outcome runRemoveCheckpoint(Session &session, const Arguments &arguments);

// verbs_look.cpp: looking into checkpoints. JSON documents:
//   inspect  {"checkpoint": CHECKPOINT, "host_name", "saved_bytes", "processes": [{"pid", "ppid", "pgid", "sid", "comm",
//            "state", "threads", "uid", "gid", "euid", "egid", "exe", "arguments", "working_folder", "root",
//            "namespaces", "descriptors", "mappings", "saved_bytes"}], "descriptors": [{"pid", "comm", "fd", "kind",
//            "text", "flags", "position", "close_on_exec", "file", "deleted"}], "sockets": [{"protocol", "state", "local",
//            "peer", "inode", "peer_inode", "owners"}], "mappings": [{"pid", "comm", "start", "end": hexadecimal,
//            "access", "offset", "bytes", "what", "saved_bytes"}], "files": [{"kind", "path", "bytes", "deleted", "type",
//            "source", "options", "saved", "mode", "modified_usec", "digest"}], "more": rows of each list that were left
//            off}
//   diff     {"before", "after": CHECKPOINT, "totals": {LIST: {"gone", "new", "changed"}, "pages"}, "processes",
//            "descriptors", "sockets": [{"change", "pid", "comm", "object", "before", "after"}], "files": [{"change",
//            "path", "before_bytes", "after_bytes", "by_content"}], "mappings": [{"change", "pid", "comm", "start", "end", "what",
//            "pages_before", "pages_after", "pages_changed", "pages_new", "pages_gone"}]}
Outcome runInspect(Session &session, const Arguments &arguments);
Outcome runDiff(Session &session, const Arguments &arguments);

// verbs_transfer.cpp: checkpoints as files. JSON documents:
//   export  {"file", "bytes", "checkpoints": [CHECKPOINT], "leaves_encryption", "not_recorded"}; with --output alone
//   import  {"format", "added", "known": [CHECKPOINT], "not_recorded"}
Outcome runExport(Session &session, const Arguments &arguments);
Outcome runImport(Session &session, const Arguments &arguments);

// verbs_launch.cpp: containers that Gantry starts. JSON documents:
//   run    {"dry_run", "job", "name", "runtime", "root_pid" (null: dry run), "cgroups_path", "bundle", "log",
//          "not_recorded"}
//   rmrun  {"dry_run", "name", "bundle", "not_recorded"}
Outcome runRun(Session &session, const Arguments &arguments);
Outcome runRemoveRun(Session &session, const Arguments &arguments);

} // namespace gantry::cli
