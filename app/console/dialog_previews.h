// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>

#include "app/console/actor.h"
#include "app/console/link/host_client.h"
#include "engine/proto/convert.h"

#include <cstdint>
#include <memory>

namespace gantry::console {

/// Answers the dry runs a dialog asks for: its previewRequested(request) through setPreview() and setFailure(). A dry
/// run is asked for when the user has paused for a moment, and an answer that a newer question has overtaken is
/// dropped. Ends with the dialog. Thread: GUI.
template <class Dialog, class Request, class Reply>
void servePreviews(HostClient &client, const Method<Request, Reply> &method, Dialog *dialog)
{
    constexpr int kPauseMs = 120;
    struct State
    {
        Request request;
        std::uint64_t asked = 0; ///< number of the newest question
    };
    auto state = std::make_shared<State>();
    auto *pause = new QTimer(dialog);
    pause->setSingleShot(true);
    QObject::connect(dialog, &Dialog::previewRequested, pause, [state, pause](const Request &request) {
        state->request = request;
        ++state->asked;
        pause->start(kPauseMs);
    });
    QObject::connect(pause, &QTimer::timeout, dialog, [&client, method, state, dialog] {
        state->request.set_dry_run(true);
        *state->request.mutable_actor() = consoleActor();
        client.call(method, state->request, dialog,
                    [state, dialog, question = state->asked](const Result<Reply> &reply) {
                        if (question != state->asked)
                            return;
                        if (reply)
                            dialog->setPreview(*reply);
                        else
                            dialog->setFailure(toMessage(reply.error()));
                    });
    });
}

} // namespace gantry::console
