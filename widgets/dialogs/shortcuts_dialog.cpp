// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/shortcuts_dialog.h"

#include "widgets/dialogs/action_text.h"
#include "widgets/dialogs/dialog_buttons.h"

#include <QAction>
#include <QHeaderView>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace gantry {

namespace {

/// A key that is no action's: those of the widgets themselves.
struct KeyHelp
{
    const char *keys;
    const char *effect;
};

constexpr std::array kTreeKeys{
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Up, Down"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Previous, next row")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Left, Right"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Close, open a row")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Shift+Up, Shift+Down, Ctrl+Space"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Select several rows")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Menu, Shift+F10"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Menu of the row")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Esc"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Clear the filter")},
};
constexpr std::array kGraphKeys{
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Tab"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Choose the next limit line")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Up, Down, with Shift faster"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Move the chosen line")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Enter, Esc"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Drop the line, take it back")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Left, Right, +, \u2212"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Pan and zoom")},
    KeyHelp{QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Home, double click"),
            QT_TRANSLATE_NOOP("gantry::ShortcutsDialog", "Back to live")},
};

void addSection(QTreeWidget &tree, const QString &title, const std::vector<std::pair<QString, QString>> &rows)
{
    if (rows.empty())
        return;
    auto *section = new QTreeWidgetItem(&tree, {title});
    QFont bold = tree.font();
    bold.setBold(true);
    section->setFont(0, bold);
    section->setFirstColumnSpanned(true);
    for (const auto &[effect, keys] : rows)
        new QTreeWidgetItem(section, {effect, keys});
    section->setExpanded(true);
}

template <std::size_t N> std::vector<std::pair<QString, QString>> rowsOf(const std::array<KeyHelp, N> &table)
{
    std::vector<std::pair<QString, QString>> rows;
    for (const KeyHelp &help : table)
        rows.emplace_back(ShortcutsDialog::tr(help.effect), ShortcutsDialog::tr(help.keys));
    return rows;
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const QList<QAction *> &actions, QWidget *parent) : QDialog(parent)
{
    setWindowTitle(tr("Keys"));
    auto *tree = new QTreeWidget(this);
    tree->setAccessibleName(tr("Keys"));
    tree->setHeaderLabels({tr("Action"), tr("Keys")});
    tree->setRootIsDecorated(false);
    std::vector<std::pair<QString, QString>> rows;
    for (const QAction *action : actions) {
        if (!action->shortcuts().isEmpty())
            rows.emplace_back(actionName(*action), actionKeys(*action));
    }
    addSection(*tree, tr("Actions"), rows);
    addSection(*tree, tr("Tree and tables"), rowsOf(kTreeKeys));
    addSection(*tree, tr("Graphs"), rowsOf(kGraphKeys));
    tree->header()->resizeSection(0, 300);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(tree, 1);
    addCloseButton(*this);
    resize(560, 520);
}

} // namespace gantry
