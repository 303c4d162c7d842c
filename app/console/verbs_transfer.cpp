// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that move checkpoints between the store and files.
#include <QFileDialog>
#include <QFileInfo>
#include <QPointer>

#include "app/console/link/transfer_run.h"
#include "app/console/verbs.h"
#include "widgets/dialogs/transfer_dialog.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <cerrno>

namespace gantry::console {

namespace {

QString wordsOf(const std::vector<v1::CheckpointInfo> &checkpoints)
{
    QStringList out;
    for (const v1::CheckpointInfo &one : checkpoints)
        out << text::utf8(one.id());
    return out.join(u' ');
}

/// A file's name that tells whose it is: "web.gantry".
QString suggested(const std::vector<v1::CheckpointInfo> &checkpoints)
{
    const v1::CheckpointInfo &first = checkpoints.front();
    QString name = text::utf8(first.name().empty() ? first.subject() : first.name());
    for (QChar &c : name) {
        if (!c.isLetterOrNumber() && c != u'.' && c != u'_')
            c = u'-';
    }
    return name + QStringLiteral(".gantry");
}

} // namespace

void Verbs::exportCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints)
{
    const QString own = tr("Gantry checkpoints (*.gantry)");
    QStringList filters{own};
    // What podman made it can take back; nothing else has what podman's archive needs.
    const bool canBePodmans = checkpoints.size() == 1 && checkpoints.front().runtime() == "podman";
    if (canBePodmans)
        filters << tr("Archive that podman restores (*.tar)");
    auto *dialog = new QFileDialog(m_window, tr("Export checkpoints"), suggested(checkpoints));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilters(filters);
    connect(dialog, &QFileDialog::fileSelected, this, [this, dialog, own, canBePodmans, checkpoints](const QString &file) {
        const bool podmans = dialog->selectedNameFilter() != own || file.endsWith(QStringLiteral(".tar"));
        exportTo(checkpoints, file, canBePodmans && podmans);
    });
    dialog->open();
}

void Verbs::exportTo(const std::vector<v1::CheckpointInfo> &checkpoints, const QString &file, bool podmans)
{
    v1::ExportRequest request;
    for (const v1::CheckpointInfo &one : checkpoints)
        request.add_checkpoints(one.id());
    *request.mutable_actor() = consoleActor();
    request.set_format(podmans ? v1::TRANSFER_FORMAT_PODMAN : v1::TRANSFER_FORMAT_GANTRY);
    // The dialog for files has asked; gantryctl would not replace it.
    const QString force = QFileInfo::exists(file) ? QStringLiteral(" --force") : QString();
    auto *dialog = new TransferDialog(
        tr("Export"), tr("%n checkpoint(s) go to %1.", nullptr, static_cast<int>(checkpoints.size())).arg(file),
        tr("Who can read the file reads the memory of what was saved, with all that is secret in it."),
        QStringLiteral("gantryctl export %1%2 --output %3%4")
            .arg(wordsOf(checkpoints), podmans ? QStringLiteral(" --format podman") : QString(), text::shellWord(file),
                 force),
        m_window);
    TransferRun *run = TransferRun::exportTo(m_client, request, file);
    connect(run, &TransferRun::leavesEncryption, dialog,
            [dialog] { dialog->setWarning(tr("The store is encrypted, this file is not.")); });
    follow(*run, *dialog, [file](const TransferEnd &end) {
        return tr("%n checkpoint(s) exported: %1, %2.", "file, bytes", static_cast<int>(end.checkpoints.size()))
            .arg(file, text::bytes(end.bytes));
    });
}

void Verbs::importCheckpoints()
{
    auto *dialog = new QFileDialog(m_window, tr("Import checkpoints"), QString(),
                                   tr("Checkpoints of Gantry or podman (*.gantry *.tar *.gz *.zst);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &Verbs::importFrom);
    dialog->open();
}

void Verbs::importFrom(const QString &file)
{
    auto *dialog =
        new TransferDialog(tr("Import"), tr("Checkpoints come from %1.").arg(file),
                           tr("What is restored from it runs with the rights it was saved with, root's among them: "
                              "restore only what you would start as a program."),
                           QStringLiteral("gantryctl import %1").arg(text::shellWord(file)), m_window);
    TransferRun *run = TransferRun::importFrom(m_client, consoleActor(), file);
    // After a failure, too: the link can be lost when they are in the store already.
    connect(run, &TransferRun::ended, this, &Verbs::checkpointsChanged);
    follow(*run, *dialog, [](const TransferEnd &end) {
        const QString known = tr("%n of them was, or were, here before.", nullptr, static_cast<int>(end.known.size()));
        const QString added = tr("%n checkpoint(s) imported.", nullptr, static_cast<int>(end.checkpoints.size()));
        return end.known.empty() ? added : tr("%1 %2", "two sentences").arg(added, known);
    });
}

void Verbs::follow(TransferRun &run, TransferDialog &dialog, std::function<QString(const TransferEnd &)> doneText)
{
    dialog.setAttribute(Qt::WA_DeleteOnClose);
    connect(&dialog, &TransferDialog::cancelRequested, &run, &TransferRun::cancel);
    connect(&run, &TransferRun::progressed, &dialog, &TransferDialog::setProgress);
    connect(&run, &TransferRun::ended, this,
            [this, open = QPointer(&dialog), doneText = std::move(doneText)](const TransferEnd &end) {
                if (!end.failure) {
                    QString words = doneText(end);
                    if (!end.notRecorded.empty())
                        words += u' ' + tr("It is missing in the audit log: %1").arg(text::utf8(end.notRecorded));
                    if (open)
                        open->setDone(words);
                    Q_EMIT m_flow.message(words);
                    return;
                }
                const QString words = end.failure->posix() == ECANCELED ? tr("It was cancelled; nothing of it is left.")
                                                                        : text::errorSentence(*end.failure);
                if (open)
                    open->setFailure(words);
                else
                    Q_EMIT m_flow.failed(words);
            });
    dialog.open();
}

} // namespace gantry::console
