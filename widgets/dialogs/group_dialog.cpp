// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/group_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/text/shell.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {

constexpr int kMostGroupName = 200;
constexpr int kMostGroupNote = 1'000; ///< below the engine's 4 096 bytes, whatever the letters

} // namespace

GroupDialog::GroupDialog(Kind kind, const QStringList &members, const QString &command, QWidget *parent)
    : QDialog(parent)
    , m_kind(kind)
    , m_base(command)
    , m_verdict(paragraph(tr("Looking whether all of them can be…", "saved or restored"), this))
    , m_table(new QTreeWidget(this))
    , m_name(new QLineEdit(this))
    , m_note(new QLineEdit(this))
    , m_stop(new QCheckBox(tr("&End them once all are saved"), this))
    , m_command(new CommandLine({}, this))
{
    const bool saves = kind == Kind::Save;
    const int count = static_cast<int>(members.size());
    setWindowTitle(saves ? tr("Checkpoint %n containers together", nullptr, count)
                         : tr("Restore %n containers together", nullptr, count));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(
        saves ? tr("All of them stand still at one instant, and each is saved on its host: no message between them is "
                   "lost or doubled when they are restored together. If one fails, all run on and none is saved.")
              : tr("None of them runs before all are there. If one fails, none is."),
        this));
    m_table->setObjectName(QStringLiteral("members"));
    m_table->setAccessibleName(tr("Containers", "of a group"));
    m_table->setRootIsDecorated(false);
    m_table->setHeaderLabels({tr("Container"), tr("What was found")});
    m_table->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_table->setWordWrap(true);
    for (const QString &member : members)
        new QTreeWidgetItem(m_table, {member, QStringLiteral("…")});
    layout->addWidget(m_table, 1);
    layout->addWidget(m_verdict);
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setMaxLength(kMostGroupName);
    m_note->setMaxLength(kMostGroupNote);
    if (saves) {
        for (QLineEdit *edit : {m_name, m_note})
            edit->setPlaceholderText(tr("may be empty"));
        auto *form = new QFormLayout;
        form->addRow(tr("&Name:"), m_name);
        form->addRow(tr("N&ote:"), m_note);
        layout->addLayout(form);
        layout->addWidget(m_stop);
    } else {
        for (QWidget *widget : std::initializer_list<QWidget *>{m_name, m_note, m_stop})
            widget->hide();
    }
    layout->addWidget(m_command);
    m_accept = addDialogButtons(*this, saves ? tr("&Checkpoint", "button") : tr("&Restore", "button"));
    m_accept->setEnabled(false); // until all have said that they can be
    connect(m_name, &QLineEdit::textChanged, this, &GroupDialog::showCommand);
    connect(m_note, &QLineEdit::textChanged, this, &GroupDialog::showCommand);
    connect(m_stop, &QCheckBox::toggled, this, &GroupDialog::showCommand);
    showCommand();
}

void GroupDialog::start()
{
    m_accept->setEnabled(false);
    Q_EMIT checkRequested();
}

void GroupDialog::showCommand()
{
    m_line = m_base;
    if (!m_name->text().isEmpty())
        m_line += QStringLiteral(" --name ") + text::shellWord(m_name->text());
    if (!m_note->text().isEmpty())
        m_line += QStringLiteral(" --note ") + text::shellWord(m_note->text());
    if (m_stop->isChecked())
        m_line += QStringLiteral(" --stop");
    m_command->setLine(m_line);
}

QString GroupDialog::line() const
{
    return m_line;
}

v1::GroupBegin GroupDialog::request() const
{
    v1::GroupBegin out;
    out.set_name(m_name->text().toStdString());
    out.set_note(m_note->text().toStdString());
    out.set_stop(m_stop->isChecked());
    return out;
}

void GroupDialog::setFound(const std::vector<Found> &found)
{
    const bool saves = m_kind == Kind::Save;
    for (int i = 0; i < m_table->topLevelItemCount() && i < static_cast<int>(found.size()); ++i) {
        const Found &one = found[static_cast<std::size_t>(i)];
        const QString good = saves ? tr("can be saved") : tr("can be restored");
        const QString words = !one.possible        ? tr("cannot be: %1", "saved or restored: why").arg(one.text)
                              : one.text.isEmpty() ? good
                                                   : tr("%1, but: %2", "can be saved, warnings").arg(good, one.text);
        m_table->topLevelItem(i)->setText(1, words);
        m_table->topLevelItem(i)->setToolTip(1, words);
    }
    const bool all = !found.empty() && std::ranges::all_of(found, &Found::possible);
    showProblem(*m_verdict, *m_accept, all ? QString() : tr("Not all of them can be: nothing is done."));
    m_verdict->setVisible(!all);
    growToFit(*this);
}

void GroupDialog::setFailure(const QString &why)
{
    showProblem(*m_verdict, *m_accept, why);
    m_verdict->show();
    growToFit(*this);
}

} // namespace gantry
