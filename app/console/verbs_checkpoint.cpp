// SPDX-License-Identifier: GPL-3.0-or-later
// The verbs that save what runs.
#include "app/console/checkpoint_help.h"
#include "app/console/verbs.h"
#include "engine/proto/convert.h"
#include "widgets/dialogs/check_dialog.h"
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

} // namespace gantry::console
