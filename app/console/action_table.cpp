// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/action_table.h"

#include <QCoreApplication>

#include "app/console/link/methods.h"
#include "widgets/text/labels.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::console {

namespace {

struct Text
{
    Q_DECLARE_TR_FUNCTIONS(Actions)
};

QString needsCgroup(const NodeFacts &node)
{
    return node.path.isEmpty() ? Text::tr("%1 has no cgroup of its own.").arg(node.name) : QString();
}

/// What every verb that disturbs a workload asks.
QString needsOpenCgroup(const NodeFacts &node)
{
    if (QString none = needsCgroup(node); !none.isEmpty())
        return none;
    if (node.isRoot())
        return Text::tr("The root cgroup holds the whole host.");
    if (!node.protectedReason.isEmpty())
        return Text::tr("%1 is protected: %2.").arg(node.path, node.protectedReason);
    return {};
}

QString needsFreezer(const NodeFacts &node)
{
    if (QString closed = needsOpenCgroup(node); !closed.isEmpty())
        return closed;
    if (node.freezer == v1::FREEZER_STATE_ABSENT)
        return Text::tr("%1 is in no hierarchy with a freezer.").arg(node.path);
    if (node.freezer == v1::FREEZER_STATE_FROZEN_BY_ANCESTOR)
        return Text::tr("%1 is frozen by an ancestor; thaw that one.").arg(node.path);
    return {};
}

QString needsEmptyCgroup(const NodeFacts &node)
{
    if (QString closed = needsOpenCgroup(node); !closed.isEmpty())
        return closed;
    if (node.hasChildren)
        return Text::tr("%1 has cgroups below it.").arg(node.path);
    return node.populated ? Text::tr("%1 still has processes.").arg(node.path) : QString();
}

QString needsHost(const NodeFacts &node)
{
    return node.hostKnown ? QString() : Text::tr("The host has not told yet which cgroup hierarchies it has.");
}

QString needsV2(const NodeFacts &node)
{
    if (QString none = needsCgroup(node); !none.isEmpty())
        return none;
    if (!node.protectedReason.isEmpty())
        return Text::tr("%1 is protected: %2.").arg(node.path, node.protectedReason);
    if (QString unknown = needsHost(node); !unknown.isEmpty())
        return unknown;
    return node.onV2 ? QString()
                     : Text::tr("%1 is not in a cgroup v2 hierarchy; v1 mounts each controller whole.").arg(node.path);
}

QString needsMemoryOnV2(const NodeFacts &node)
{
    if (QString closed = needsOpenCgroup(node); !closed.isEmpty())
        return closed;
    if (QString unknown = needsHost(node); !unknown.isEmpty())
        return unknown;
    return node.memoryOnV2 ? QString() : Text::tr("Memory is not on cgroup v2 here; only v2 can reclaim it.");
}

QString needsOtherSide(const NodeFacts &node)
{
    if (node.kind == v1::NODE_KIND_CONTAINER)
        return node.cgroup ? QString() : Text::tr("%1 has no cgroup of its own.").arg(node.name);
    return node.container ? QString() : Text::tr("%1 is no container's cgroup.").arg(node.name);
}

/// What every verb of a container's own runtime asks.
QString needsRuntime(const NodeFacts &node)
{
    if (!node.container)
        return Text::tr("%1 is no container.").arg(node.name);
    if (!node.runtimeProblem.isEmpty() && node.runtimeVerbs.isEmpty())
        return Text::tr("The runtime of %1 does not answer: %2.").arg(node.containerName, node.runtimeProblem);
    if (!node.runtimeKnowsIt)
        return Text::tr("No runtime says that %1 is its own.").arg(node.containerName);
    if (!node.protectedReason.isEmpty())
        return Text::tr("%1 is protected: %2.").arg(node.path, node.protectedReason);
    return {};
}

QString needsVerb(const NodeFacts &node, QLatin1String verb)
{
    if (QString closed = needsRuntime(node); !closed.isEmpty())
        return closed;
    if (node.runtimeVerbs.contains(verb))
        return {};
    const QString state = text::containerState(node.containerState);
    return state.isEmpty() ? Text::tr("%1 cannot do that with %2.").arg(node.runtime, node.containerName)
                           : Text::tr("%1: %2 cannot do that with a container that is %3.", "name, runtime, state")
                                 .arg(node.containerName, node.runtime, state);
}

QString needsStart(const NodeFacts &node)
{
    return needsVerb(node, QLatin1String("start"));
}

QString needsStop(const NodeFacts &node)
{
    return needsVerb(node, QLatin1String("stop"));
}

QString needsRestart(const NodeFacts &node)
{
    return needsVerb(node, QLatin1String("restart"));
}

QString needsRemove(const NodeFacts &node)
{
    if (QString closed = needsRuntime(node); !closed.isEmpty())
        return closed;
    const bool runs = node.containerState == v1::CONTAINER_STATE_RUNNING ||
                      node.containerState == v1::CONTAINER_STATE_PAUSED ||
                      node.containerState == v1::CONTAINER_STATE_STOPPING;
    return runs ? Text::tr("%1 runs: stop it first.").arg(node.containerName)
                : needsVerb(node, QLatin1String("remove"));
}

/// What is to be saved must run.
QString needsProcesses(const NodeFacts &node)
{
    if (node.isRoot())
        return Text::tr("The root cgroup holds the whole host.");
    if (node.kind == v1::NODE_KIND_CONTAINER && node.containerState == v1::CONTAINER_STATE_EXITED)
        return Text::tr("%1 does not run.").arg(node.containerName);
    if (node.kind != v1::NODE_KIND_CONTAINER && node.path.isEmpty())
        return Text::tr("%1 is no container and no cgroup.").arg(node.name);
    return {};
}

/// And it is no runtime's own, unless that has a verb for it.
QString needsNoRuntime(const NodeFacts &node)
{
    if (QString none = needsProcesses(node); !none.isEmpty())
        return none;
    if (!node.protectedReason.isEmpty())
        return Text::tr("%1 is protected: %2.").arg(node.path, node.protectedReason);
    constexpr std::array kWithVerb{u"runc", u"crun", u"podman", u"docker", u"lxc"};
    const bool hasVerb = std::ranges::find(kWithVerb, QStringView(node.runtime)) != kWithVerb.end();
    return node.runtimeKnowsIt && !hasVerb
               ? Text::tr("%1 keeps the state of %2; Gantry cannot checkpoint through it yet.")
                     .arg(node.runtime, node.containerName)
               : QString();
}

/// What can go to another host. Whether Gantry started it is told by the check.
QString needsLaunched(const NodeFacts &node)
{
    if (!node.container)
        return Text::tr("%1 is no container.").arg(node.name);
    if (QString none = needsProcesses(node); !none.isEmpty())
        return none;
    if (node.containerState == v1::CONTAINER_STATE_PAUSED)
        return Text::tr("%1 is paused.").arg(node.containerName);
    if (node.runtime != QLatin1String("runc") && node.runtime != QLatin1String("crun"))
        return Text::tr("%1 keeps %2: only what \"gantryctl run\" started can be migrated.")
            .arg(node.runtime, node.containerName);
    return {};
}

using enum ActionId;
using enum ActionMenu;
using enum ActionScope;

constexpr const char *kSend = "/gantry.v1.Migration/Send";

constexpr std::array kTable{
    ActionSpec{Freeze, "freeze", Node, ManyNodes, true, true, "freeze", "F", needsFreezer, method::kFreeze.path},
    ActionSpec{Kill, "kill", Node, ManyNodes, true, true, "kill", "Del", needsOpenCgroup, method::kKill.path},
    ActionSpec{Signal, "signal", Node, ManyNodes, true, true, "signal", "Ctrl+Shift+S", needsOpenCgroup,
               method::kSignal.path},
    ActionSpec{MoveProcesses, "move", Node, OneNode, true, true, "move", "Ctrl+Shift+V", needsCgroup,
               method::kMoveProcesses.path},
    ActionSpec{SetLimits, "limits", Node, OneNode, false, true, "limits", "Ctrl+L", needsCgroup,
               method::kListLimits.path},
    ActionSpec{NewCgroup, "new", Node, OneNode, true, true, "add", "Ctrl+N", needsCgroup, method::kCreateCgroup.path},
    ActionSpec{RemoveCgroup, "remove", Node, ManyNodes, true, true, "remove", "Shift+Del", needsEmptyCgroup,
               method::kRemoveCgroup.path},
    ActionSpec{Start, "start", Node, ManyNodes, true, false, "start", "Ctrl+Shift+A", needsStart,
               method::kActOnContainer.path},
    ActionSpec{Stop, "stop", Node, ManyNodes, true, false, "stop", "Ctrl+Shift+O", needsStop,
               method::kActOnContainer.path},
    ActionSpec{Restart, "restart", Node, ManyNodes, true, false, "restart", "Ctrl+Shift+T", needsRestart,
               method::kActOnContainer.path},
    ActionSpec{RemoveContainer, "removeContainer", Node, ManyNodes, true, false, "remove", "Ctrl+Shift+Del",
               needsRemove, method::kActOnContainer.path},
    ActionSpec{Controllers, "controllers", Node, OneNode, true, false, "controllers", "Ctrl+Shift+L", needsV2,
               method::kSetControllers.path},
    ActionSpec{Reclaim, "reclaim", Node, OneNode, true, false, "reclaim", "Ctrl+Shift+M", needsMemoryOnV2,
               method::kReclaim.path},
    ActionSpec{Check, "check", Node, OneNode, false, false, "check", "Ctrl+Shift+K", needsProcesses,
               method::kCheck.path},
    ActionSpec{Checkpoint, "checkpoint", Node, ManyNodes, true, false, "checkpoint", "Ctrl+Shift+P", needsNoRuntime,
               method::kCreateCheckpoint.path},
    ActionSpec{Schedule, "schedule", Node, OneNode, true, false, "checkpoint", "Ctrl+Shift+E", needsNoRuntime,
               method::kSetSchedule.path},
    ActionSpec{Migrate, "migrate", Node, ManyNodes, true, true, "migrate", "Ctrl+M", needsLaunched, kSend},
    ActionSpec{CopyPath, "copyPath", Node, ManyNodes, false, false, "copy", "Ctrl+Shift+C", needsCgroup},
    ActionSpec{Jump, "jump", Node, OneNode, false, false, "container", "Ctrl+J", needsOtherSide},
    ActionSpec{AddHost, "addHost", Host, Window, false, false, "host", "Ctrl+H", nullptr},
    ActionSpec{EditHost, "editHost", Host, Window, false, false, nullptr, "Ctrl+Shift+H", nullptr},
    ActionSpec{RemoveHost, "removeHost", Host, Window, false, false, nullptr, "Ctrl+Shift+D", nullptr},
    ActionSpec{ConnectHost, "connectHost", Host, Window, false, false, nullptr, "Ctrl+Return", nullptr},
    ActionSpec{DisconnectHost, "disconnectHost", Host, Window, false, false, nullptr, "Ctrl+D", nullptr},
    ActionSpec{Evacuate, "evacuate", Host, Window, true, false, "migrate", "Ctrl+Shift+G", nullptr, kSend},
    ActionSpec{Undo, "undo", Host, Window, true, true, "undo", "Ctrl+Z", nullptr},
    ActionSpec{Redo, "redo", Host, Window, true, true, "redo", "Ctrl+Shift+Z; Ctrl+Y", nullptr},
    ActionSpec{Refresh, "refresh", Host, Window, false, true, "refresh", "F5", nullptr},
    ActionSpec{SaveTable, "saveTable", Host, Window, false, false, "export", "Ctrl+S", nullptr},
    ActionSpec{ReadOnly, "readOnly", Host, Switch, false, false, "lock", "Ctrl+Shift+R", nullptr},
    ActionSpec{Notifications, "notifications", Host, Switch, false, false, nullptr, "Ctrl+Shift+N", nullptr},
    ActionSpec{Quit, "quit", Host, Window, false, false, nullptr, "Ctrl+Q", nullptr},
    ActionSpec{Back, "back", View, Window, false, true, "back", "Alt+Left", nullptr},
    ActionSpec{Forward, "forward", View, Window, false, true, "forward", "Alt+Right", nullptr},
    ActionSpec{Filter, "filter", View, Window, false, false, "search", "Ctrl+F", nullptr},
    ActionSpec{Palette, "palette", View, Window, false, true, "search", "Ctrl+K", nullptr},
    ActionSpec{Shortcuts, "shortcuts", Help, Window, false, false, "keyboard", "F1; ?", nullptr},
    ActionSpec{CheckpointHelp, "checkpointHelp", Help, Window, false, false, "check", "Ctrl+F1", nullptr},
};

} // namespace

std::span<const ActionSpec> actionTable()
{
    return kTable;
}

const ActionSpec &actionSpec(ActionId id)
{
    for (const ActionSpec &spec : kTable) {
        if (spec.id == id)
            return spec;
    }
    std::unreachable();
}

QString actionText(ActionId id, int count, bool thaws)
{
    const bool many = count > 1;
    switch (id) {
    case Freeze:
        if (thaws)
            return many ? Text::tr("&Thaw %n cgroups", nullptr, count) : Text::tr("&Thaw");
        return many ? Text::tr("&Freeze %n cgroups", nullptr, count) : Text::tr("&Freeze");
    case Kill:
        return many ? Text::tr("&Kill %n cgroups…", nullptr, count) : Text::tr("&Kill…");
    case Signal:
        return many ? Text::tr("&Signal to %n cgroups…", nullptr, count) : Text::tr("&Signal…");
    case MoveProcesses:
        return Text::tr("&Move processes…");
    case SetLimits:
        return Text::tr("Set &limits");
    case NewCgroup:
        return Text::tr("&New cgroup…");
    case RemoveCgroup:
        return many ? Text::tr("&Remove %n cgroups…", nullptr, count) : Text::tr("&Remove cgroup…");
    case Start:
        return many ? Text::tr("S&tart %n containers", nullptr, count) : Text::tr("S&tart container");
    case Stop:
        return many ? Text::tr("Sto&p %n containers…", nullptr, count) : Text::tr("Sto&p container…");
    case Restart:
        return many ? Text::tr("Rest&art %n containers…", nullptr, count) : Text::tr("Rest&art container…");
    case RemoveContainer:
        return many ? Text::tr("Remo&ve %n containers…", nullptr, count) : Text::tr("Remo&ve container…");
    case Controllers:
        return Text::tr("C&ontrollers…");
    case Reclaim:
        return Text::tr("R&eclaim memory…");
    case Check:
        return Text::tr("Can it be chec&kpointed?…");
    case Checkpoint:
        return many ? Text::tr("Checkpo&int %n containers together…", nullptr, count) : Text::tr("Checkpo&int…");
    case Schedule:
        return Text::tr("Sche&dule checkpoints…");
    case Migrate:
        return many ? Text::tr("Mi&grate %n containers to another host…", nullptr, count)
                    : Text::tr("Mi&grate to another host…");
    case Evacuate:
        return Text::tr("E&vacuate this host…");
    case AddHost:
        return Text::tr("Add &host…");
    case EditHost:
        return Text::tr("Ch&ange host…");
    case RemoveHost:
        return Text::tr("Re&move host from the list…");
    case ConnectHost:
        return Text::tr("C&onnect");
    case DisconnectHost:
        return Text::tr("D&isconnect");
    case Undo:
        return Text::tr("&Undo");
    case Redo:
        return Text::tr("&Redo");
    case Refresh:
        return Text::tr("&Refresh");
    case CopyPath:
        return many ? Text::tr("&Copy %n paths", nullptr, count) : Text::tr("&Copy path");
    case Jump:
        return Text::tr("&Jump to container or cgroup");
    case SaveTable:
        return Text::tr("&Save tree as CSV…");
    case ReadOnly:
        return Text::tr("&Look only");
    case Notifications:
        return Text::tr("&Desktop notifications");
    case Back:
        return Text::tr("&Back");
    case Forward:
        return Text::tr("&Forward");
    case Filter:
        return Text::tr("F&ilter the tree");
    case Palette:
        return Text::tr("&All actions…");
    case Shortcuts:
        return Text::tr("&Keys");
    case CheckpointHelp:
        return Text::tr("&What can be checkpointed");
    case Quit:
        return Text::tr("&Quit");
    }
    std::unreachable();
}

} // namespace gantry::console
