// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/checkpoint_note_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

namespace {
constexpr int kMostBytes = 4096; // what the engine takes
} // namespace

CheckpointNoteDialog::CheckpointNoteDialog(const v1::CheckpointInfo &checkpoint, QWidget *parent)
    : QDialog(parent)
    , m_checkpoint(checkpoint)
    , m_name(new QLineEdit(text::utf8(checkpoint.name()), this))
    , m_note(new QLineEdit(text::utf8(checkpoint.note()), this))
    , m_problem(new QLabel(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Name and note"));
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(paragraph(tr("%1, as it was at %2", "what was saved, when")
                                    .arg(text::utf8(checkpoint.subject()), text::dateTime(checkpoint.realtime_usec())),
                                this));
    auto *form = new QFormLayout;
    m_name->setObjectName(QStringLiteral("name"));
    m_note->setObjectName(QStringLiteral("note"));
    form->addRow(tr("&Name:"), m_name);
    form->addRow(tr("N&ote:"), m_note);
    layout->addLayout(form);
    m_problem->setWordWrap(true);
    layout->addWidget(m_problem);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Save"));
    connect(m_name, &QLineEdit::textChanged, this, &CheckpointNoteDialog::check);
    connect(m_note, &QLineEdit::textChanged, this, &CheckpointNoteDialog::check);
    check();
    m_name->selectAll();
    resize(sizeHint().expandedTo({520, 200}));
}

v1::UpdateCheckpointRequest CheckpointNoteDialog::request() const
{
    v1::UpdateCheckpointRequest out;
    out.set_checkpoint(m_checkpoint.id());
    if (std::string name = m_name->text().toStdString(); name != m_checkpoint.name())
        out.set_name(std::move(name));
    if (std::string note = m_note->text().toStdString(); note != m_checkpoint.note())
        out.set_note(std::move(note));
    return out;
}

void CheckpointNoteDialog::check()
{
    const v1::UpdateCheckpointRequest wish = request();
    const bool isLong = wish.name().size() > kMostBytes || wish.note().size() > kMostBytes;
    showProblem(*m_problem, *m_accept, isLong ? tr("A text has at most %n byte(s).", nullptr, kMostBytes) : QString());
    const bool isChanged = wish.has_name() || wish.has_note();
    m_accept->setEnabled(!isLong && isChanged);
    QString line = QStringLiteral("gantryctl mark %1").arg(text::utf8(wish.checkpoint()));
    if (wish.has_name())
        line += QStringLiteral(" --name ") + text::shellWord(text::utf8(wish.name()));
    if (wish.has_note())
        line += QStringLiteral(" --note ") + text::shellWord(text::utf8(wish.note()));
    m_command->setLine(isChanged && !isLong ? line : QString());
}

} // namespace gantry
