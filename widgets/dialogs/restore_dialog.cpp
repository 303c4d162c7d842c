// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/restore_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/checkpoint_text.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {
constexpr int kShownFiles = 6;
constexpr int kShownPids = 8;
} // namespace

RestoreDialog::RestoreDialog(const v1::CheckpointInfo &checkpoint, QWidget *parent)
    : QDialog(parent)
    , m_checkpoint(checkpoint)
    , m_verdict(paragraph(tr("Looking whether it can be restored…"), this))
    , m_problem(paragraph({}, this))
    , m_safety(new QCheckBox(tr("Checkpoint the &present state first"), this))
    , m_files(new QCheckBox(tr("Put its &files back, too, as they were then"), this))
    , m_fileList(paragraph({}, this))
    , m_warnings(new WarningList(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Restore checkpoint"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(tr("%1 will run again as it was at %2, with the pids it had.")
                                    .arg(text::utf8(checkpoint.subject()), text::dateTime(checkpoint.realtime_usec())),
                                this));
    if (!checkpoint.group().empty())
        addGroup();
    layout->addWidget(m_verdict);
    layout->addWidget(m_problem);
    layout->addWidget(m_safety);
    layout->addWidget(m_files);
    layout->addWidget(m_fileList);
    layout->addWidget(m_warnings);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Restore", "button"));
    m_accept->setEnabled(false); // until the dry run has said that it can be done
    m_problem->hide();
    m_safety->setChecked(true);
    m_safety->setToolTip(tr("If that fails, nothing is restored and the present runs on."));
    m_safety->hide();
    m_files->setObjectName(QStringLiteral("files"));
    m_files->setChecked(true);
    m_files->setVisible(checkpoint.files() > 0);
    m_fileList->hide();
    for (const QCheckBox *box : {m_safety, m_files}) {
        connect(box, &QCheckBox::toggled, this, [this] {
            showWish();
            start(); // something else can stand in the way then
        });
    }
    showWish();
}

void RestoreDialog::addGroup()
{
    auto *button = new QPushButton(tr("Restore &all of them…"), this);
    button->setObjectName(QStringLiteral("group"));
    button->setAutoDefault(false);
    connect(button, &QPushButton::clicked, this, [this] {
        reject();
        Q_EMIT groupRequested();
    });
    auto *row = new QHBoxLayout;
    row->addWidget(
        paragraph(tr("It was %1.", "saved together with others").arg(text::groupSentence(m_checkpoint)), this), 1);
    row->addWidget(button);
    static_cast<QVBoxLayout *>(layout())->addLayout(row);
}

void RestoreDialog::start()
{
    m_accept->setEnabled(false);
    v1::RestoreCheckpointRequest dryRun = request();
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

v1::RestoreCheckpointRequest RestoreDialog::request() const
{
    v1::RestoreCheckpointRequest out;
    out.set_checkpoint(m_checkpoint.id());
    out.set_in_place(true);
    out.set_skip_safety(!m_safety->isChecked());
    out.set_without_files(m_checkpoint.files() > 0 && !m_files->isChecked());
    return out;
}

bool RestoreDialog::isBare() const
{
    return m_checkpoint.runtime() == "bare";
}

void RestoreDialog::setPreview(const v1::RestoreCheckpointReply &reply)
{
    m_endsSomething = reply.ended_count() > 0;
    QStringList pids;
    for (const v1::RestoreCheckpointReply::Ended &one : reply.ended()) {
        if (pids.size() < kShownPids)
            pids << tr("%1 (%2)", "pid, program").arg(one.pid()).arg(text::utf8(one.comm()));
    }
    const int more = static_cast<int>(reply.ended_count()) - static_cast<int>(pids.size());
    QString ended = pids.join(QStringLiteral(", "));
    if (more > 0)
        ended = tr("%1 and %n more", "pids", more).arg(ended);
    m_verdict->setText(
        m_endsSomething
            ? tr("%n process(es) that run now will end: %1.", nullptr, static_cast<int>(reply.ended_count())).arg(ended)
            : tr("Nothing of it runs now."));
    m_facts.clear();
    if (isBare() && (m_checkpoint.files() == 0 || !m_files->isChecked()))
        m_facts << tr("Its files are not put back: what it had open must be there, as it was.");
    showFiles(reply);
    for (const std::string &note : reply.notes())
        m_facts << text::utf8(note);
    m_problem->hide();
    m_safety->setVisible(m_endsSomething);
    m_accept->setEnabled(true);
    showWish();
    growToFit(*this);
}

void RestoreDialog::showFiles(const v1::RestoreCheckpointReply &reply)
{
    using Replaced = v1::RestoreCheckpointReply::Replaced;
    QStringList lines;
    int more = 0;
    for (const Replaced &file : reply.replaced()) {
        if (file.now() == Replaced::NOW_AS_IT_WAS)
            continue;
        const QString path = text::utf8(file.path());
        const std::int64_t newer = file.changed_now_usec() - file.changed_then_usec();
        if (lines.size() >= kShownFiles)
            ++more;
        else if (file.now() == Replaced::NOW_GONE)
            lines << tr("%1: gone since, comes back with %2").arg(path, text::bytes(file.bytes_then()));
        else if (newer > 0)
            lines << tr("%1: %2 now, written up to %3 later, will be %4")
                         .arg(path, text::bytes(file.bytes_now()), text::duration(Micros(static_cast<std::uint64_t>(newer))),
                              text::bytes(file.bytes_then()));
        else
            lines << tr("%1: %2 now, will be %3")
                         .arg(path, text::bytes(file.bytes_now()), text::bytes(file.bytes_then()));
    }
    if (more > 0)
        lines << tr("and %n more", "files", more);
    m_fileList->setText(lines.join(QLatin1Char('\n')));
    m_fileList->setVisible(!lines.isEmpty());
}

void RestoreDialog::setFailure(const v1::Failure &failure)
{
    m_verdict->setText(tr("It cannot be restored."));
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    // What an earlier dry run has told is not what would happen.
    m_endsSomething = false;
    m_facts.clear();
    m_fileList->hide();
    showWish();
    growToFit(*this);
}

void RestoreDialog::showWish()
{
    const bool isLost = m_endsSomething && !m_safety->isChecked();
    QStringList warnings = m_facts;
    if (isLost)
        warnings.prepend(tr("The present is lost: this cannot be undone."));
    m_warnings->setWarnings(warnings);
    // What cannot be undone is nothing for Enter.
    m_accept->setAutoDefault(!isLost);
    m_accept->setDefault(!isLost);
    QString line = QStringLiteral("gantryctl restore %1").arg(text::utf8(m_checkpoint.id()));
    line += QStringLiteral(" --in-place");
    if (!m_safety->isChecked())
        line += QStringLiteral(" --no-safety");
    if (m_checkpoint.files() > 0 && !m_files->isChecked())
        line += QStringLiteral(" --without-files");
    m_command->setLine(line);
}

} // namespace gantry
