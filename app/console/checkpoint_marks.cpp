// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that change what an admin says of checkpoints.
#include "app/console/checkpoint_marks.h"

#include "app/console/actor.h"
#include "app/console/batch_call.h"
#include "app/console/verbs.h"
#include "widgets/dialogs/checkpoint_note_dialog.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <algorithm>
#include <utility>

namespace gantry::console {

void updateCheckpoints(HostClient &client, std::vector<v1::UpdateCheckpointRequest> requests, QObject *context,
                       std::function<void(const UpdatedCheckpoints &)> done)
{
    for (v1::UpdateCheckpointRequest &request : requests)
        *request.mutable_actor() = consoleActor();
    using Replies = std::vector<Result<v1::UpdateCheckpointReply>>;
    callAll<v1::UpdateCheckpointRequest, v1::UpdateCheckpointReply>(
        client, method::kUpdateCheckpoint, requests, context, [done = std::move(done)](const Replies &replies) {
            UpdatedCheckpoints out;
            for (const Result<v1::UpdateCheckpointReply> &reply : replies) {
                if (!reply) {
                    out.problems << text::errorSentence(reply.error());
                    out.areGone = out.areGone || reply.error().posix() == ENOENT;
                    continue;
                }
                out.all.push_back(reply->checkpoint());
                if (!reply->not_recorded().empty())
                    out.problems << VerbFlow::tr("The change was made, but it is missing in the audit log: %1")
                                        .arg(text::utf8(reply->not_recorded()));
            }
            out.problems.removeDuplicates();
            done(out);
        });
}

void Verbs::describeCheckpoint(const v1::CheckpointInfo &checkpoint)
{
    auto *dialog = new CheckpointNoteDialog(checkpoint, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog, checkpoint] { markCheckpoints({checkpoint}, {dialog->request()}); });
    dialog->open();
}

void Verbs::pinCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints, bool pinned)
{
    std::vector<v1::UpdateCheckpointRequest> requests;
    for (const v1::CheckpointInfo &checkpoint : checkpoints) {
        if (checkpoint.pinned() == pinned)
            continue;
        requests.emplace_back().set_checkpoint(checkpoint.id());
        requests.back().set_pinned(pinned);
    }
    markCheckpoints(checkpoints, requests);
}

void Verbs::markCheckpoints(const std::vector<v1::CheckpointInfo> &checkpoints,
                            const std::vector<v1::UpdateCheckpointRequest> &requests)
{
    updateCheckpoints(m_client, requests, this, [this, checkpoints](const UpdatedCheckpoints &updated) {
        CheckpointEdit edit;
        for (const v1::CheckpointInfo &now : updated.all) {
            const auto before = std::ranges::find(checkpoints, now.id(), &v1::CheckpointInfo::id);
            if (before == checkpoints.end())
                continue;
            edit.before.push_back(*before);
            edit.after.push_back(now);
        }
        Q_EMIT checkpointsMarked(edit);
        Q_EMIT checkpointsChanged();
        if (updated.problems.isEmpty())
            Q_EMIT m_flow.message(tr("%n checkpoint(s) changed.", nullptr, static_cast<int>(updated.all.size())));
        else
            Q_EMIT m_flow.failed(updated.problems.join(u'\n'));
    });
}

} // namespace gantry::console
