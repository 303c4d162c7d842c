// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verbs.h"

#include <array>

namespace gantry::cli {

namespace {

constexpr std::size_t kMany = 1'000;
constexpr std::array kVerbs{
    Verb{"tree", "", "All cgroups with what they use", 0, 0, kManyHosts, runTree},
    Verb{"containers", "", "All containers, whichever runtime started them", 0, 0, kRuntimes | kManyHosts,
         runContainers},
    Verb{"runtimes", "", "Container runtimes: version, where they answer, what is wrong", 0, 0, kRuntimes | kManyHosts,
         runRuntimes},
    Verb{"start", "CONTAINER", "Start a container by its runtime", 1, 1, kDryRun | kRuntimes, runStart},
    Verb{"stop", "CONTAINER", "Stop a container by its runtime", 1, 1, kDryRun | kRuntimes, runStop},
    Verb{"restart", "CONTAINER", "Restart a container by its runtime", 1, 1, kDryRun | kRuntimes, runRestart},
    Verb{"remove", "CONTAINER", "Remove a container that does not run, by its runtime", 1, 1, kDryRun | kRuntimes,
         runRemove},
    Verb{"logs", "TARGET", "The last lines of a container's log, or of a unit's journal", 1, 1, kLines | kRuntimes,
         runLogs},
    Verb{"namespaces", "", "All namespaces: members, owner, what keeps them alive", 0, 0, kManyHosts | kManyHosts,
         runNamespaces},
    Verb{"show", "TARGET", "Everything about one cgroup: counters, limits, what really limits it", 1, 1, kNoOption,
         runShow},
    Verb{"top", "", "Who uses what, measured over each interval", 0, 0, kRepeat | kManyHosts, runTop},
    Verb{"set", "TARGET KEY=VALUE...", "Set limits, all or none, and read them back", 2, kMany, kDryRun | kPersistence,
         runSet},
    Verb{"freeze", "TARGET", "Stop all its processes until thawed", 1, 1, kDryRun, runFreeze},
    Verb{"thaw", "TARGET", "Let its processes run again", 1, 1, kDryRun, runThaw},
    Verb{"kill", "TARGET", "Kill every process in it and below", 1, 1, kDryRun, runKill},
    Verb{"signal", "TARGET SIGNAL", "Send a signal to each process in it, or to one process (pid:N)", 2, 2, kDryRun,
         runSignal},
    Verb{"move", "TARGET PID...", "Move processes into it, all or none", 2, kMany, kDryRun, runMove},
    Verb{"mkcgroup", "PATH", "Make a cgroup", 1, 1, kDryRun, runMakeCgroup},
    Verb{"rmcgroup", "PATH", "Remove an empty cgroup", 1, 1, kDryRun, runRemoveCgroup},
    Verb{"controllers", "TARGET +NAME|-NAME...", "Enable and disable controllers for its children (cgroup v2)", 2,
         kMany, kDryRun | kMakeLeaf | kSigned, runControllers},
    Verb{"reclaim", "TARGET SIZE", "Ask the kernel to take memory back from it (cgroup v2)", 2, 2,
         kDryRun | kSwappiness, runReclaim},
    Verb{"files", "TARGET [NAME]", "Its control and statistics files as the kernel has them now", 1, 2, kNoOption,
         runFiles},
    Verb{"check", "TARGET", "Whether it can be checkpointed, and what stands in the way; stops nothing", 1, 1,
         kRuntimes | kCriu | kManyHosts | kManyHosts, runCheck},
    Verb{
        "checkpoint", "TARGET...",
        "Save its processes, and the files that they write in their midst, that --files names, or that a container has "
        "by its bind mounts (--volumes); they run on, unless --stop is given. --together: several containers of "
        "\"run\" "
        "at one instant, all or none; those of other hosts as HOST/NAME",
        1, kMany, kDryRun | kRuntimes | kCriu | kSave | kLabels | kFiles | kNoFiles | kTogether, runCheckpoint},
    Verb{"checkpoints", "", "What was saved on this host", 0, 0, kManyHosts, runCheckpoints},
    Verb{"inspect", "CHECKPOINT", "What is in a checkpoint: processes, descriptors, sockets, memory, files", 1, 1,
         kManyHosts, runInspect},
    Verb{"diff", "CHECKPOINT CHECKPOINT", "What the second checkpoint has otherwise than the first", 2, 2, kNoOption,
         runDiff},
    Verb{
        "restore", "CHECKPOINT|GROUP",
        "Bring its processes back as they were, with the pids they had, and its files; or, what \"run\" started, as a "
        "new container (--as NAME), or as NAME-1 to NAME-N (--copies N), which live on; those also on another host "
        "(--on HOST), where the checkpoint stays, too. --group: all that were saved together, each on its host, all or "
        "none",
        1, 1, kDryRun | kCriu | kGroup | kInPlace | kAs | kCopies | kOn | kJudge | kNoFiles, runRestore},
    Verb{"suspend", "TARGET", "Save its processes and end them, until resumed", 1, 1,
         kDryRun | kRuntimes | kCriu | kLabels, runSuspend},
    Verb{"resume", "CHECKPOINT|TARGET", "Bring back what was suspended last, in cgroups made again where they are gone",
         1, 1, kDryRun | kCriu, runResume},
    Verb{"migrate", "CONTAINER... HOST",
         "Move a running container to another host, memory and files: it runs there, or it never left. --check-only "
         "tells what both hosts find. Of several each goes for itself, in this order; \"{}\" in --as is its name",
         2, kMany, kDryRun | kRuntimes | kCriu | kAs | kJudge | kMove | kBulk, runMigrate},
    Verb{"evacuate", "HOST...",
         "Move all containers that can be moved to other hosts, each to the one with most free memory that it can go "
         "to; tells what stays and why",
         1, kMany, kDryRun | kRuntimes | kCriu | kAs | kJudge | kMove | kBulk, runEvacuate},
    Verb{"migrations", "[HOST]",
         "Migrations of this host that were left in the midst; with HOST, bring those between the two to their end", 0,
         1, kCriu | kRuntimes, runMigrations},
    Verb{"mark", "CHECKPOINT", "Name a checkpoint, note something, keep it whatever retention says", 1, 1,
         kLabels | kPins, runMark},
    Verb{"rmcheckpoint", "CHECKPOINT", "Forget a checkpoint", 1, 1, kDryRun, runRemoveCheckpoint},
    Verb{"export", "CHECKPOINT...",
         "Write checkpoints as one file, in clear, to standard output; podman's format is for podman's checkpoints", 1,
         kMany, kExport, runExport},
    Verb{"import", "[FILE|-]",
         "Take checkpoints from a file of \"export\" or of \"podman container checkpoint --export\"; trust it as a "
         "program",
         0, 1, kNoOption, runImport},
    Verb{"repo", "init|gc|check|stats|expire [SUBJECT]",
         "The store of checkpoints: make it (encrypted, with a key file or a passphrase), give room back, verify all "
         "of it, tell how big it is, remove what is not to be kept",
         1, 2, kDryRun | kKeep | kKeyFile, runRepository},
    Verb{"schedule", "set TARGET|list|remove TARGET|run",
         "Checkpoints that are taken by themselves, and a restore of what dies; \"run\" does it until it is ended", 1,
         2, kDryRun | kRuntimes | kCriu | kSchedule | kKeep, runSchedule},
    Verb{"run", "", "Start a container that is made to be saved and restored, by runc or crun; it lives on", 1, kMany,
         kDryRun | kName | kRun, runRun},
    Verb{"rmrun", "NAME", "Remove a container of \"run\" that does not run, with its log and all that it changed", 1, 1,
         kDryRun, runRemoveRun},
    Verb{"events", "", "Limit hits, OOM kills and changes, as they happen with --follow", 0, 0, kFollow | kManyHosts,
         runEvents},
    Verb{"host", "[install HOST]",
         "What this machine is and what works on it; or bring gantryd to a host by ssh, as root, and start it there", 0,
         2, kCriu | kManyHosts | kPrefix, runHost},
};

} // namespace

std::span<const Verb> verbs()
{
    return kVerbs;
}

} // namespace gantry::cli
