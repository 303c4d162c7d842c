// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/palette_dialog.h"

#include "widgets/dialogs/action_text.h"

#include <QAction>
#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>

namespace gantry {

namespace {

/// Every word typed must occur, in any order.
bool matches(const QString &name, const QString &typed)
{
    const QStringList words = typed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::ranges::all_of(words, [&](const QString &word) { return name.contains(word, Qt::CaseInsensitive); });
}

} // namespace

PaletteDialog::PaletteDialog(const QList<QAction *> &actions, QWidget *parent)
    : QDialog(parent), m_actions(actions), m_typed(new QLineEdit(this)), m_list(new QListWidget(this))
{
    setWindowTitle(tr("Actions"));
    m_typed->setPlaceholderText(tr("Type an action"));
    m_typed->setAccessibleName(tr("Filter of actions"));
    m_typed->installEventFilter(this);
    m_list->setAccessibleName(tr("Actions"));
    m_list->setFocusPolicy(Qt::NoFocus);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_typed);
    layout->addWidget(m_list, 1);
    connect(m_typed, &QLineEdit::textChanged, this, &PaletteDialog::fill);
    connect(m_list, &QListWidget::itemClicked, this, &PaletteDialog::run);
    fill({});
    resize(560, 420);
}

void PaletteDialog::fill(const QString &typed)
{
    m_list->clear();
    for (qsizetype i = 0; i < m_actions.size(); ++i) {
        const QAction &action = *m_actions.at(i);
        const QString name = actionName(action);
        if (action.isSeparator() || name.isEmpty() || !matches(name, typed))
            continue;
        QString line = name;
        if (!action.isEnabled() && !action.statusTip().isEmpty())
            line = tr("%1 (not now: %2)", "action, reason").arg(name, action.statusTip());
        else if (!action.shortcut().isEmpty())
            line = tr("%1 [%2]", "action, keys").arg(name, actionKeys(action));
        auto *item = new QListWidgetItem(action.icon(), line, m_list);
        item->setData(Qt::UserRole, static_cast<qlonglong>(i));
        if (!action.isEnabled())
            item->setFlags(Qt::NoItemFlags);
    }
    for (int row = 0; row < m_list->count(); ++row) {
        if (m_list->item(row)->flags().testFlag(Qt::ItemIsEnabled)) {
            m_list->setCurrentRow(row);
            break;
        }
    }
}

void PaletteDialog::run()
{
    const QListWidgetItem *item = m_list->currentItem();
    if (item == nullptr || !item->flags().testFlag(Qt::ItemIsEnabled))
        return;
    QAction *action = m_actions.at(item->data(Qt::UserRole).toLongLong());
    accept();
    action->trigger();
}

bool PaletteDialog::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != m_typed || event->type() != QEvent::KeyPress)
        return QDialog::eventFilter(watched, event);
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
        QCoreApplication::sendEvent(m_list, event);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        run();
        return true;
    default:
        return false;
    }
}

} // namespace gantry
