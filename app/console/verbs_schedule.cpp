// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints that are taken by themselves.
#include "app/console/dialog_previews.h"
#include "app/console/store_controller.h"
#include "app/console/verbs.h"
#include "engine/proto/convert.h"
#include "widgets/dialogs/schedule_dialog.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

namespace gantry::console {

void Verbs::schedule(const NodeFacts &node)
{
    using Replies = std::vector<v1::SetScheduleReply>;
    v1::Target target;
    target.set_node_id(node.id.v);
    auto *dialog = new ScheduleDialog(target, node.name, node.path.isEmpty() ? node.name : node.path, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    servePreviews(m_client, method::kSetSchedule, dialog);
    m_store.serve(*dialog, [dialog] { dialog->start(); });
    m_client.call(method::kListSchedules, v1::ListSchedulesRequest(), dialog,
                  [dialog](const Result<v1::ListSchedulesReply> &reply) {
                      if (reply)
                          dialog->setSchedules(*reply);
                  });
    connect(dialog, &ScheduleDialog::expireRequested, dialog, [this, dialog](const v1::ExpireRequest &request) {
        m_client.call(method::kExpire, request, dialog, [dialog](const Result<v1::ExpireReply> &reply) {
            if (reply)
                dialog->setExpired(*reply);
            else
                dialog->setExpireFailure(toMessage(reply.error()));
        });
    });
    connect(dialog, &ScheduleDialog::removeRequested, this, &Verbs::removeSchedule);
    connect(dialog, &QDialog::accepted, this, [this, dialog, name = node.name] {
        m_flow.run<v1::SetScheduleRequest, v1::SetScheduleReply>(
            {.method = method::kSetSchedule,
             .kind = QStringLiteral("setSchedule"),
             .requests = {dialog->request()},
             .paths = {},
             .ask = [](const Replies &) { return std::optional<Confirmation>(); }, // the dialog was the question
             .doneText = [name](const Replies &) { return tr("%1 is saved by itself from now on.").arg(name); }});
    });
    dialog->start();
    dialog->open();
}

void Verbs::removeSchedule(const QString &id)
{
    using Replies = std::vector<v1::RemoveScheduleReply>;
    v1::RemoveScheduleRequest request;
    request.set_schedule(id.toStdString());
    const auto question = [](const Replies &replies) {
        Confirmation out;
        out.grade = Confirmation::Grade::Danger;
        out.title = tr("Remove schedule");
        out.question =
            tr("%1 is not saved by itself any more, and does not come back where it dies. Its checkpoints stay.")
                .arg(text::utf8(replies.front().schedule().subject()));
        out.acceptText = tr("Remove", "button");
        out.commandLine = QStringLiteral("gantryctl schedule remove %1")
                              .arg(text::shellWord(text::utf8(replies.front().schedule().id())));
        return std::optional(out);
    };
    m_flow.run<v1::RemoveScheduleRequest, v1::RemoveScheduleReply>(
        {.method = method::kRemoveSchedule,
         .kind = QStringLiteral("removeSchedule"),
         .requests = {request},
         .paths = {},
         .ask = question,
         .doneText = [](const Replies &replies) {
             return tr("The schedule of %1 is removed.").arg(text::utf8(replies.front().schedule().subject()));
         }});
}

} // namespace gantry::console
