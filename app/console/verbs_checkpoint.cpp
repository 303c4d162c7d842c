// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that save what runs.
#include "app/console/checkpoint_help.h"
#include "app/console/dialog_previews.h"
#include "app/console/group_controller.h"
#include "app/console/store_controller.h"
#include "app/console/verbs.h"
#include "engine/proto/convert.h"
#include "widgets/dialogs/check_dialog.h"
#include "widgets/dialogs/checkpoint_dialog.h"
#include "widgets/dialogs/restore_dialog.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

namespace gantry::console {

void Verbs::check(const NodeFacts &node)
{
    const QString target = node.path.isEmpty() ? node.name : node.path;
    auto *dialog =
        new CheckDialog(node.name, QStringLiteral("gantryctl check %1").arg(text::shellWord(target)), m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &CheckDialog::checkRequested, this, [this, dialog, id = node.id] {
        v1::CheckRequest request;
        request.mutable_target()->set_node_id(id.v);
        m_client.call(method::kCheck, request, dialog, [dialog](const Result<v1::CheckReply> &reply) {
            if (reply)
                dialog->setReply(*reply);
            else
                dialog->setFailure(toMessage(reply.error()));
        });
    });
    connect(dialog, &CheckDialog::helpRequested, dialog, [dialog] { showCheckpointHelp(dialog); });
    dialog->start();
    dialog->open();
}

void Verbs::checkpoint(const NodeFacts &node)
{
    v1::Target target;
    target.set_node_id(node.id.v);
    askCheckpoint(target, node.name, node.path.isEmpty() ? node.name : node.path);
}

void Verbs::checkpointProcess(const v1::Process &process)
{
    v1::Target target;
    target.set_pid(process.pid());
    askCheckpoint(target, tr("process %1 (%2)", "pid, name").arg(process.pid()).arg(text::utf8(process.comm())),
                  QStringLiteral("pid:%1").arg(process.pid()));
}

void Verbs::askCheckpoint(const v1::Target &target, const QString &name, const QString &word)
{
    using Replies = std::vector<v1::CreateCheckpointReply>;
    auto *dialog = new CheckpointDialog(target, name, word, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kCreateCheckpoint, dialog);
    m_store.serve(*dialog, [dialog] { dialog->start(); });
    connect(dialog, &QDialog::accepted, this, [this, dialog, name] {
        const auto words = [name](const Replies &replies) {
            const v1::CheckpointInfo &made = replies.front().checkpoint();
            const QString size = text::bytes(made.logical_bytes());
            const QString fresh = text::bytes(made.fresh_bytes());
            const auto stood = [](std::uint64_t micros) { return text::duration(Micros(micros)); };
            if (replies.front().frozen_usec() != 0 && replies.front().expected_freeze_usec() != 0)
                return tr("%1 is saved (%2, of which %3 are new) and runs on; it stood still for %4, expected were %5.")
                    .arg(name, size, fresh, stood(replies.front().frozen_usec()),
                         stood(replies.front().expected_freeze_usec()));
            return replies.front().frozen_usec() == 0
                       ? tr("%1 is saved (%2, of which %3 are new) and has ended.").arg(name, size, fresh)
                       : tr("%1 is saved (%2, of which %3 are new) and runs on; it stood still for %4.")
                             .arg(name, size, fresh, stood(replies.front().frozen_usec()));
        };
        Q_EMIT m_flow.message(tr("%1 is being saved…").arg(name));
        m_flow.run<v1::CreateCheckpointRequest, v1::CreateCheckpointReply>(
            {.method = method::kCreateCheckpoint,
             .kind = QStringLiteral("checkpoint"),
             .requests = {dialog->request()},
             .paths = {},
             .ask = [](const Replies &) { return std::optional<Confirmation>(); }, // the dialog was the question
             .doneText = words,
             .done = [this](const Replies &) { Q_EMIT checkpointsChanged(); }});
    });
    dialog->start();
    dialog->open();
}

void Verbs::restoreCheckpoint(const v1::CheckpointInfo &checkpoint)
{
    auto *dialog = new RestoreDialog(checkpoint, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kRestoreCheckpoint, dialog);
    m_store.serve(*dialog, [dialog] { dialog->start(); });
    connect(dialog, &QDialog::accepted, this,
            [this, dialog, checkpoint] { restoreAsAsked(checkpoint, dialog->request()); });
    if (m_groups != nullptr)
        connect(dialog, &RestoreDialog::groupRequested, m_groups,
                [this, checkpoint] { m_groups->askRestore(m_host, checkpoint); });
    dialog->start();
    dialog->open();
}

void Verbs::restoreAsAsked(const v1::CheckpointInfo &checkpoint, const v1::RestoreCheckpointRequest &request)
{
    using Replies = std::vector<v1::RestoreCheckpointReply>;
    const QString subject = text::utf8(checkpoint.subject());
    const QString time = text::dateTime(checkpoint.realtime_usec());
    Q_EMIT m_flow.message(tr("%1 is being restored…").arg(subject));
    m_flow.run<v1::RestoreCheckpointRequest, v1::RestoreCheckpointReply>(
        {.method = method::kRestoreCheckpoint,
         .kind = QStringLiteral("restore"),
         .requests = {request},
         .paths = {},
         .ask = [](const Replies &) { return std::optional<Confirmation>(); }, // the dialog was the question
         .doneText =
             [subject, time](const Replies &replies) {
                 const v1::RestoreCheckpointReply &reply = replies.front();
                 const QString done =
                     tr("%1 runs again as it was at %2: pid %3.").arg(subject, time).arg(reply.root_pid());
                 return reply.has_safety() ? tr("%1 What ran before is saved.", "sentence").arg(done) : done;
             },
         .done =
             [this](const Replies &replies) {
                 Q_EMIT checkpointRestored(replies.front().checkpoint());
                 Q_EMIT checkpointsChanged();
             }});
}

void Verbs::removeCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints)
{
    using Replies = std::vector<v1::RemoveCheckpointReply>;
    std::vector<v1::RemoveCheckpointRequest> requests;
    for (const v1::CheckpointInfo &checkpoint : checkpoints)
        requests.emplace_back().set_checkpoint(checkpoint.id());
    const auto question = [](const Replies &replies) {
        Confirmation out;
        out.grade = Confirmation::Grade::Destructive;
        out.title = tr("Remove checkpoints");
        out.question =
            tr("%n checkpoint(s) will be gone. This cannot be undone.", nullptr, static_cast<int>(replies.size()));
        out.acceptText = tr("Remove", "button");
        QStringList commands;
        for (const v1::RemoveCheckpointReply &reply : replies) {
            const v1::CheckpointInfo &one = reply.checkpoint();
            const QString name = one.name().empty() ? QString() : QStringLiteral(" – ") + text::utf8(one.name());
            out.objects.push_back({tr("%1, %2", "what was saved, when")
                                           .arg(text::utf8(one.subject()), text::dateTime(one.realtime_usec())) +
                                       name,
                                   0, one.pinned()});
            commands << QStringLiteral("gantryctl rmcheckpoint %1").arg(text::utf8(one.id()));
        }
        out.commandLine = commands.join(QStringLiteral("; "));
        return std::optional(out);
    };
    m_flow.run<v1::RemoveCheckpointRequest, v1::RemoveCheckpointReply>(
        {.method = method::kRemoveCheckpoint,
         .kind = QStringLiteral("removeCheckpoint"),
         .requests = std::move(requests),
         .paths = {},
         .ask = question,
         .doneText =
             [](const Replies &replies) {
                 return tr("%n checkpoint(s) removed.", nullptr, static_cast<int>(replies.size()));
             },
         .done = [this](const Replies &) { collectCheckpoints(); }});
}

void Verbs::collectCheckpoints()
{
    Q_EMIT checkpointsChanged();
    v1::CollectRequest request;
    *request.mutable_actor() = consoleActor();
    // What was removed gives its room back only now.
    m_client.call(method::kCollectCheckpoints, request, this, [this](const Result<v1::CollectReply> &reply) {
        if (!reply)
            Q_EMIT m_flow.failed(text::errorSentence(reply.error()));
    });
}

} // namespace gantry::console
