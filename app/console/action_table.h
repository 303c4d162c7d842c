// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QKeySequence>
#include <QString>

#include "app/console/node_facts.h"

#include <span>

namespace gantry::console {

enum class ActionId {
    Freeze,
    Kill,
    Signal,
    MoveProcesses,
    SetLimits,
    NewCgroup,
    RemoveCgroup,
    Start,
    Stop,
    Restart,
    RemoveContainer,
    Controllers,
    Reclaim,
    Check,
    Checkpoint,
    Schedule,
    Migrate,
    Evacuate,
    AddHost,
    EditHost,
    RemoveHost,
    ConnectHost,
    DisconnectHost,
    Undo,
    Redo,
    Refresh,
    CopyPath,
    Jump,
    SaveTable,
    ReadOnly,
    Notifications,
    Back,
    Forward,
    Filter,
    Palette,
    Shortcuts,
    CheckpointHelp,
    Quit
};

/// Which menu an action stands in.
enum class ActionMenu { Host, Node, View, Help };

/// How many nodes an action takes; Window and Switch take none, and a Switch stays on or off.
enum class ActionScope { Window, Switch, OneNode, ManyNodes };

/// One row an action: menus, tool bar, context menu, palette, list of keys and the tests iterate it.
struct ActionSpec
{
    ActionId id;
    const char *name; ///< object name, for settings and tests
    ActionMenu menu;
    ActionScope scope;
    bool changesHost; ///< greyed where the user may only look
    bool onToolBar;
    const char *icon; ///< of resources/icons, or nullptr
    const char *keys; ///< portable text of the shortcuts, separated by "; "
    /// Why it does not fit this node, in a sentence; empty: it fits. nullptr: it fits every node.
    QString (*refusal)(const NodeFacts &node);
    const char *call =
        nullptr; ///< path of the call that it makes, which an older engine may not have; nullptr: any has
};

[[nodiscard]] std::span<const ActionSpec> actionTable();
[[nodiscard]] const ActionSpec &actionSpec(ActionId id);

/// Translated text of the action for `count` selected nodes ("Freeze 5 cgroups"). @param thaws the toggle would thaw.
[[nodiscard]] QString actionText(ActionId id, int count, bool thaws);

} // namespace gantry::console
