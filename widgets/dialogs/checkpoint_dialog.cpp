// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/checkpoint_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/freeze_text.h"
#include "widgets/text/shell.h"

#include <QCheckBox>
#include <QCoreApplication>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

namespace {

constexpr int kMostName = 200;
constexpr int kShownFiles = 6;
constexpr int kMostNote = 1'000; ///< below the engine's 4 096 bytes, whatever the letters

} // namespace

CheckpointDialog::CheckpointDialog(const v1::Target &target, const QString &name, const QString &word, QWidget *parent)
    : QDialog(parent)
    , m_target(target)
    , m_word(word)
    , m_verdict(paragraph(tr("Looking whether %1 can be checkpointed…").arg(name), this))
    , m_problem(paragraph({}, this))
    , m_freeze(paragraph({}, this))
    , m_name(new QLineEdit(this))
    , m_note(new QLineEdit(this))
    , m_stop(new QCheckBox(tr("&End it once it is saved"), this))
    , m_files(new QCheckBox(tr("Save the &files that it writes, too"), this))
    , m_fileList(paragraph({}, this))
    , m_volumes(new QCheckBox(tr("Save its &volumes, too"), this))
    , m_volumeList(paragraph({}, this))
    , m_warnings(new WarningList(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Checkpoint %1").arg(name));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(m_verdict);
    layout->addWidget(m_problem);
    layout->addWidget(m_freeze);
    layout->addWidget(m_warnings);
    auto *form = new QFormLayout;
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setMaxLength(kMostName);
    m_name->setPlaceholderText(tr("may be empty"));
    m_note->setMaxLength(kMostNote);
    m_note->setPlaceholderText(tr("may be empty"));
    form->addRow(tr("&Name:"), m_name);
    form->addRow(tr("N&ote:"), m_note);
    layout->addLayout(form);
    layout->addWidget(m_stop);
    layout->addWidget(m_files);
    layout->addWidget(m_fileList);
    layout->addWidget(m_volumes);
    layout->addWidget(m_volumeList);
    m_files->setObjectName(QStringLiteral("files"));
    m_files->setChecked(true);
    m_files->hide(); // until the dry run has said that there are some
    m_fileList->hide();
    m_volumes->setObjectName(QStringLiteral("volumes"));
    m_volumes->setToolTip(tr("They are on the host, and others may have them as well. A restore puts them back as they "
                             "were then, for all of them."));
    m_volumes->hide(); // the same
    m_volumeList->setObjectName(QStringLiteral("volumeList"));
    m_volumeList->hide();
    auto *note = paragraph(tr("It stands still for a moment while its memory is saved. Files that are open and not part "
                              "of it must be there when it is restored, and only logs may have grown. If anything "
                              "fails, it runs on."),
                           this);
    note->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(note);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Checkpoint", "button"));
    m_accept->setEnabled(false); // until the dry run has said that it can be done
    m_problem->hide();
    m_freeze->setObjectName(QStringLiteral("freeze"));
    m_freeze->hide();
    connect(m_name, &QLineEdit::textChanged, this, &CheckpointDialog::showCommand);
    connect(m_note, &QLineEdit::textChanged, this, &CheckpointDialog::showCommand);
    connect(m_stop, &QCheckBox::toggled, this, &CheckpointDialog::showCommand);
    connect(m_files, &QCheckBox::toggled, this, &CheckpointDialog::showCommand);
    connect(m_volumes, &QCheckBox::toggled, this, [this] {
        showCommand();
        start(); // something else can stand in the way then
    });
    showCommand();
    m_name->setFocus();
}

void CheckpointDialog::start()
{
    m_accept->setEnabled(false);
    v1::CreateCheckpointRequest dryRun = request();
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

void CheckpointDialog::showCommand()
{
    QString line = QStringLiteral("gantryctl checkpoint %1").arg(text::shellWord(m_word));
    if (!m_name->text().isEmpty())
        line += QStringLiteral(" --name ") + text::shellWord(m_name->text());
    if (!m_note->text().isEmpty())
        line += QStringLiteral(" --note ") + text::shellWord(m_note->text());
    if (m_stop->isChecked())
        line += QStringLiteral(" --stop");
    if (!m_files->isChecked())
        line += QStringLiteral(" --without-files");
    if (m_volumes->isChecked())
        line += QStringLiteral(" --volumes");
    m_command->setLine(line);
}

v1::CreateCheckpointRequest CheckpointDialog::request() const
{
    v1::CreateCheckpointRequest out;
    *out.mutable_target() = m_target;
    out.set_name(m_name->text().toStdString());
    out.set_note(m_note->text().toStdString());
    out.set_stop(m_stop->isChecked());
    out.set_without_files(!m_files->isChecked());
    out.set_volumes(m_volumes->isChecked());
    return out;
}

void CheckpointDialog::setPreview(const v1::CreateCheckpointReply &reply)
{
    m_verdict->setText(
        tr("It can be checkpointed: %n process(es).", nullptr, static_cast<int>(reply.checkpoint().processes())));
    m_problem->hide();
    m_freeze->setText(text::expectedFreeze(reply));
    m_freeze->show();
    QStringList warnings;
    for (const v1::CheckFinding &finding : reply.findings()) {
        if (finding.severity() == v1::CheckFinding::SEVERITY_WARNING)
            warnings << QStringLiteral("%1: %2").arg(text::utf8(finding.object()),
                                                     QCoreApplication::translate("Causes", finding.why().c_str()));
    }
    for (const std::string &one : reply.notes())
        warnings << text::utf8(one);
    m_warnings->setWarnings(warnings);
    QStringList files;
    int more = 0;
    for (const v1::CheckpointFile &file : reply.would_save()) {
        if (file.declared())
            continue; // its volumes have a list of their own
        if (files.size() < kShownFiles)
            files << tr("%1 (%2)", "path, size").arg(text::utf8(file.path()), text::bytes(file.bytes()));
        else
            ++more;
    }
    if (more > 0)
        files << tr("and %n more", "files", more);
    m_files->setVisible(!files.isEmpty());
    if (files.isEmpty() && reply.files()) // by a runtime, which leaves no choice
        files << tr("What it changed of its files will be part of it.");
    m_fileList->setText(files.join(QLatin1Char('\n')));
    m_fileList->setVisible(!files.isEmpty());
    showVolumes(reply);
    m_problem->hide();
    m_accept->setEnabled(true);
    growToFit(*this);
}

void CheckpointDialog::showVolumes(const v1::CreateCheckpointReply &reply)
{
    QStringList lines;
    for (const v1::ContainerVolume &volume : reply.volumes()) {
        const QString path = text::utf8(volume.path());
        if (lines.size() == kShownFiles)
            break;
        if (volume.files() == 0)
            lines << tr("%1 (how big is not known)", "path").arg(path);
        else if (volume.more())
            lines << tr("%1 (more than %2)", "path, size").arg(path, text::bytes(volume.bytes()));
        else
            lines << tr("%1 (%2)", "path, size").arg(path, text::bytes(volume.bytes()));
    }
    if (const int more = reply.volumes_size() - static_cast<int>(lines.size()); more > 0)
        lines << tr("and %n more", "files", more);
    if (!lines.isEmpty() && !m_volumes->isChecked())
        lines.prepend(tr("They are not part of it:"));
    m_volumeList->setText(lines.join(QLatin1Char('\n')));
    m_volumes->setVisible(!lines.isEmpty());
    m_volumeList->setVisible(!lines.isEmpty());
}

void CheckpointDialog::setFailure(const v1::Failure &failure)
{
    m_verdict->setText(tr("It cannot be checkpointed."));
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    growToFit(*this);
}

} // namespace gantry
