// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint restored as new containers.
#include "app/console/dialog_previews.h"
#include "app/console/fork_controller.h"
#include "app/console/store_controller.h"
#include "app/console/verbs.h"
#include "widgets/dialogs/copy_dialog.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

namespace gantry::console {

namespace {

QStringList runningOf(const v1::CopyCheckpointReply &reply)
{
    QStringList out;
    for (const v1::CopyCheckpointReply::Copy &copy : reply.copies()) {
        if (copy.root_pid() != 0)
            out << text::utf8(copy.name());
    }
    return out;
}

} // namespace

void Verbs::setForks(ForkController &forks, HostKey host)
{
    m_forks = &forks;
    m_host = host;
}

void Verbs::copyCheckpoint(const v1::CheckpointInfo &checkpoint)
{
    auto *dialog = new CopyDialog(checkpoint,
                                  m_forks == nullptr ? std::vector<MigrationHost>() : m_forks->hosts(m_host), m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kCopyCheckpoint, dialog);
    m_store.serve(*dialog, [dialog] { dialog->start(); });
    if (m_forks != nullptr)
        m_forks->serve(*dialog, m_host);
    connect(dialog, &QDialog::accepted, this, [this, dialog, checkpoint] {
        if (dialog->elsewhere())
            m_forks->start(m_host, checkpoint, *dialog);
        else
            copyAsAsked(checkpoint, dialog->request());
    });
    dialog->start();
    dialog->open();
}

void Verbs::copyAsAsked(const v1::CheckpointInfo &checkpoint, const v1::CopyCheckpointRequest &request)
{
    using Replies = std::vector<v1::CopyCheckpointReply>;
    const QString subject = text::utf8(checkpoint.subject());
    Q_EMIT m_flow.message(tr("%1 is being restored as a new container…").arg(subject));
    m_flow.run<v1::CopyCheckpointRequest, v1::CopyCheckpointReply>(
        {.method = method::kCopyCheckpoint,
         .kind = QStringLiteral("restore"),
         .requests = {request},
         .paths = {},
         .ask = [](const Replies &) { return std::optional<Confirmation>(); }, // the dialog was the question
         .doneText =
             [](const Replies &replies) {
                 const QStringList running = runningOf(replies.front());
                 return tr("%n new container(s) run: %1", nullptr, static_cast<int>(running.size()))
                     .arg(running.isEmpty() ? QStringLiteral("—") : running.join(QStringLiteral(", ")));
             },
         .done = [this](const Replies &replies) { tellCopies(replies.front()); }});
}

void Verbs::tellCopies(const v1::CopyCheckpointReply &reply)
{
    QStringList problems;
    for (const v1::CopyCheckpointReply::Conflict &one : reply.conflicts())
        problems << text::errorSentence(one.failure());
    for (const v1::CopyCheckpointReply::Copy &copy : reply.copies()) {
        if (copy.has_failure()) {
            problems << tr("%1 does not run: %2").arg(text::utf8(copy.name()), text::errorSentence(copy.failure()));
        } else if (copy.root_pid() != 0) {
            // The present of the new one goes on from here.
            v1::CheckpointInfo from = reply.checkpoint();
            from.set_subject(copy.name());
            Q_EMIT checkpointRestored(from);
        } else if (reply.conflicts().empty()) {
            problems << tr("%1 was not tried.").arg(text::utf8(copy.name()));
        }
    }
    Q_EMIT checkpointsChanged();
    if (!problems.isEmpty())
        Q_EMIT m_flow.failed(problems.join(u'\n'));
}

} // namespace gantry::console
