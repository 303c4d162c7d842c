// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/copy_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace gantry {

namespace {
constexpr int kMostName = 63;
constexpr int kMostCopies = 100;
constexpr int kShownNames = 6;

QString namesText(const v1::CopyCheckpointReply &reply)
{
    QStringList names;
    for (int i = 0; i < std::min(reply.copies_size(), kShownNames); ++i)
        names << text::utf8(reply.copies(i).name());
    if (reply.copies_size() > kShownNames)
        names << QStringLiteral("… ") + text::utf8(reply.copies().rbegin()->name());
    return names.join(QStringLiteral(", "));
}
} // namespace

CopyDialog::CopyDialog(const v1::CheckpointInfo &checkpoint, QWidget *parent)
    : QDialog(parent)
    , m_checkpoint(checkpoint)
    , m_name(new QLineEdit(this))
    , m_count(new QSpinBox(this))
    , m_verdict(paragraph({}, this))
    , m_problem(paragraph({}, this))
    , m_warnings(new WarningList(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Restore as new container"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(tr("What %1 was at %2 runs once more: under another name, with files and a log of its "
                                   "own. What runs now is left as it is.")
                                    .arg(text::utf8(checkpoint.subject()), text::dateTime(checkpoint.realtime_usec())),
                                this));
    auto *form = new QFormLayout;
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setMaxLength(kMostName);
    m_name->setText(
        tr("%1-copy", "name of a container; letters without accents").arg(text::utf8(checkpoint.subject())));
    m_name->selectAll();
    m_count->setRange(1, kMostCopies);
    m_count->setToolTip(tr("Several get a number behind the name: -1, -2…"));
    form->addRow(tr("&Name:"), m_name);
    form->addRow(tr("N&umber:", "how many containers"), m_count);
    layout->addLayout(form);
    layout->addWidget(m_verdict);
    layout->addWidget(m_problem);
    layout->addWidget(m_warnings);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Restore", "button"));
    m_problem->hide();
    connect(m_name, &QLineEdit::textChanged, this, &CopyDialog::start);
    connect(m_count, &QSpinBox::valueChanged, this, &CopyDialog::start);
    m_name->setFocus();
}

void CopyDialog::start()
{
    m_accept->setEnabled(false); // until the dry run has said that it can be done
    QString line = QStringLiteral("gantryctl restore %1 --as %2")
                       .arg(text::utf8(m_checkpoint.id()), text::shellWord(m_name->text()));
    if (m_count->value() > 1)
        line += QStringLiteral(" --copies %1").arg(m_count->value());
    m_command->setLine(m_name->text().isEmpty() ? QString() : line);
    m_problem->hide();
    m_warnings->setWarnings({});
    if (m_name->text().isEmpty()) {
        m_verdict->setText(tr("Give it a name."));
        return;
    }
    m_verdict->setText(tr("Looking whether it can be restored…"));
    v1::CopyCheckpointRequest dryRun = request();
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

v1::CopyCheckpointRequest CopyDialog::request() const
{
    v1::CopyCheckpointRequest out;
    out.set_checkpoint(m_checkpoint.id());
    out.set_name(m_name->text().toStdString());
    out.set_copies(m_count->value() == 1 ? 0 : static_cast<std::uint32_t>(m_count->value()));
    return out;
}

void CopyDialog::setPreview(const v1::CopyCheckpointReply &reply)
{
    if (m_name->text().isEmpty())
        return; // it was asked for before
    QStringList problems;
    for (const v1::CopyCheckpointReply::Conflict &one : reply.conflicts())
        problems << QStringLiteral("• ") + text::errorSentence(one.failure());
    const int count = reply.copies_size();
    m_verdict->setText(problems.isEmpty()
                           ? tr("%n new container(s): %1", nullptr, count).arg(namesText(reply))
                           : tr("%n thing(s) stand in the way:", nullptr, static_cast<int>(problems.size())));
    m_problem->setVisible(!problems.isEmpty());
    showProblem(*m_problem, *m_accept, problems.join(u'\n'));
    QStringList notes;
    if (problems.isEmpty())
        for (const std::string &note : reply.notes())
            notes << text::utf8(note);
    m_warnings->setWarnings(notes);
    growToFit(*this);
}

void CopyDialog::setFailure(const v1::Failure &failure)
{
    m_verdict->setText(tr("It cannot be restored as a new container."));
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    growToFit(*this);
}

} // namespace gantry
