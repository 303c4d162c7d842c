// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that look into checkpoints: nothing is changed.
#include "app/console/store_controller.h"
#include "app/console/verbs.h"
#include "engine/proto/convert.h"
#include "widgets/dialogs/inspect_dialog.h"

namespace gantry::console {

namespace {

/// Asks, shows the answer in the dialog, and shows the dialog meanwhile.
template <class Request, class Reply, class Dialog>
void lookInto(HostClient &client, StoreController &store, const Method<Request, Reply> &method, const Request &request,
              Dialog *dialog)
{
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    const auto look = [&client, method, request, dialog] {
        client.call(method, request, dialog, [dialog](const Result<Reply> &reply) {
            if (reply)
                dialog->setReply(*reply);
            else
                dialog->setFailure(toMessage(reply.error()));
        });
    };
    store.serve(*dialog, look);
    look();
    dialog->show();
}

} // namespace

void Verbs::inspectCheckpoint(const QString &id)
{
    v1::InspectRequest request;
    request.set_checkpoint(id.toStdString());
    lookInto(m_client, m_store, method::kInspectCheckpoint, request, new InspectDialog(id, m_window));
}

void Verbs::compareCheckpoints(const QString &before, const QString &after)
{
    v1::DiffRequest request;
    request.set_before(before.toStdString());
    request.set_after(after.toStdString());
    lookInto(m_client, m_store, method::kDiffCheckpoints, request, new DiffDialog(before, after, m_window));
}

} // namespace gantry::console
