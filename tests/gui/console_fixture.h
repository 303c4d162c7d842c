// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/console/engine_host.h"
#include "app/console/main_window.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "tests/support/scratch_cgroup.h"
#include "widgets/pages/node_tree_panel.h"

#include <QPushButton>
#include <QTemporaryDir>
#include <QTreeView>

#include <memory>

namespace gantry::test {

/// The whole console as main() wires it, on the engine of this machine. Its records go to a folder of their own.
struct Console
{
    QTemporaryDir state;
    console::EngineHost engine{
        {.stateFolder = state.path().toStdString(), .protectedPaths = {"/process_api"}, .criu = false}};
    console::HostClient client{[this](const std::stop_token &) { return engine.dial(); }};
    console::MainWindow window;

    explicit Console(const console::Settings &settings = {}) : window(client, settings)
    {
        window.resize(1400, 900);
        window.show();
        client.start();
    }

    /// Cgroup path of the selected node.
    [[nodiscard]] QString currentPath() const { return window.tree().pathOf(window.treePanel()->currentNode()); }
};

[[nodiscard]] inline QString pathOf(const ScratchCgroup &cgroup)
{
    return QString::fromStdString(cgroup.path().text());
}

/// memory.limit_in_bytes.
[[nodiscard]] inline std::uint64_t limitOf(const ScratchCgroup &cgroup)
{
    const std::string text = cgroup.read("memory", "memory.limit_in_bytes");
    return parseU64(trim(text)).value_or(0);
}

/// The dialog of that class which is open; nullptr: none.
template <class Dialog> [[nodiscard]] Dialog *openDialog(const QWidget &window)
{
    for (Dialog *dialog : window.findChildren<Dialog *>()) {
        if (dialog->isVisible())
            return dialog;
    }
    return nullptr;
}

/// The visible button below `parent` whose text, mnemonic aside, is `text`.
[[nodiscard]] inline QPushButton *buttonOf(const QWidget &parent, const QString &text)
{
    for (QPushButton *button : parent.findChildren<QPushButton *>()) {
        if (button->isVisible() && QString(button->text()).remove(u'&') == text)
            return button;
    }
    return nullptr;
}

} // namespace gantry::test
