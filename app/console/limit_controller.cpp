// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/limit_controller.h"

#include "app/console/checkpoint_marks.h"
#include "widgets/text/format.h"
#include "widgets/text/warning_text.h"

#include <algorithm>

namespace gantry::console {

namespace {
constexpr int kPauseMs = 120;

/// The cgroup was removed, or made again under the same name.
bool isGone(const Error &error)
{
    return error.posix() == ESTALE || error.posix() == ENOENT || error.posix() == ENODEV;
}

} // namespace

LimitController::LimitController(HostClient &client, VerbFlow &flow, QObject *parent)
    : QObject(parent), m_client(client), m_flow(flow)
{}

void LimitController::requestPreview(Editor &editor, const v1::SetLimitsRequest &request)
{
    editor.request = request;
    ++editor.asked;
    editor.pause.start(kPauseMs);
}

void LimitController::preview(Editor &editor)
{
    editor.request.set_dry_run(true);
    *editor.request.mutable_actor() = consoleActor();
    m_client.call(method::kSetLimits, editor.request, this,
                  [&editor, question = editor.asked](const Result<v1::SetLimitsReply> &reply) {
                      if (question != editor.asked)
                          return;
                      if (!reply) {
                          editor.failure(toMessage(reply.error()));
                          return;
                      }
                      editor.path = reply->cgroup_path();
                      editor.preview(*reply);
                  });
}

void LimitController::apply(Editor &editor, v1::SetLimitsRequest request)
{
    ++editor.asked;
    editor.pause.stop();
    request.set_dry_run(false);
    *request.mutable_actor() = consoleActor();
    m_client.call(method::kSetLimits, request, this,
                  [this, &editor, path = editor.path, request](const Result<v1::SetLimitsReply> &reply) {
                      if (!reply) {
                          const Error error = withPath(reply.error(), path);
                          editor.failure(toMessage(error));
                          // The page of a cgroup that is gone goes with it.
                          if (isGone(error))
                              Q_EMIT m_flow.failed(text::errorSentence(error));
                          return;
                      }
                      editor.applied(*reply);
                      m_undo.push(LimitEdit::of(*reply, request));
                      remember(request, *reply);
                      took(*reply);
                  });
}

void LimitController::took(const v1::SetLimitsReply &reply)
{
    QStringList lines;
    for (const v1::LimitChange &change : reply.changes()) {
        const auto key = limitKeyByName(change.key());
        const auto from = valueOf(change.old_value());
        const auto to = valueOf(change.new_value());
        if (key && from && to)
            lines.append(text::limitChange(*key, *from, *to));
    }
    Q_EMIT limitsChanged(reply);
    Q_EMIT undoChanged();
    Q_EMIT m_flow.message(tr("%1: %2.", "cgroup and what changed")
                              .arg(text::utf8(reply.cgroup_path()), lines.join(QStringLiteral(", "))));
}

void LimitController::remember(const v1::SetLimitsRequest &request, const v1::SetLimitsReply &reply)
{
    const bool routed =
        std::ranges::any_of(reply.changes(), [](const v1::LimitChange &change) { return !change.route().empty(); });
    if (!routed)
        return;
    for (Editor &editor : m_editors)
        editor.persistence(request.persistence());
}

void LimitController::noteControllers(const v1::SetControllersReply &reply)
{
    m_undo.push(ControllersEdit::of(reply));
    Q_EMIT undoChanged();
}

void LimitController::noteCheckpoints(const CheckpointEdit &edit)
{
    m_undo.push(edit);
    Q_EMIT undoChanged();
}

void LimitController::undo()
{
    if (const Edit *edit = m_undo.nextUndo(); edit && !m_puttingBack)
        putBack(*edit, true);
}

void LimitController::redo()
{
    if (const Edit *edit = m_undo.nextRedo(); edit && !m_puttingBack)
        putBack(*edit, false);
}

void LimitController::putBack(const Edit &edit, bool isUndo)
{
    m_puttingBack = true;
    std::visit([this, isUndo](const auto &one) { putBack(one, isUndo); }, edit);
}

template <class Request, class Reply> void LimitController::runBack(Verb<Request, Reply> verb, bool isUndo)
{
    verb.done = [this, isUndo, done = std::move(verb.done)](const std::vector<Reply> &replies) {
        m_puttingBack = false;
        isUndo ? m_undo.undone() : m_undo.redone();
        Q_EMIT undoChanged();
        if (done)
            done(replies);
    };
    verb.refused = [this, isUndo](const Error &error) {
        m_puttingBack = false;
        if (isGone(error))
            drop(isUndo);
    };
    verb.cancelled = [this] { m_puttingBack = false; };
    m_flow.run(std::move(verb));
}

void LimitController::putBack(const LimitEdit &edit, bool isUndo)
{
    Verb<v1::SetLimitsRequest, v1::SetLimitsReply> verb{method::kSetLimits,
                                                        QStringLiteral("setLimits"),
                                                        {edit.request(isUndo ? edit.before : edit.after)},
                                                        {edit.path},
                                                        &askIfDangerous,
                                                        [isUndo](const std::vector<v1::SetLimitsReply> &) {
                                                            return isUndo ? tr("Limits put back.")
                                                                          : tr("Limits set again.");
                                                        }};
    verb.done = [this](const std::vector<v1::SetLimitsReply> &replies) { took(replies.front()); };
    runBack(std::move(verb), isUndo);
}

void LimitController::putBack(const ControllersEdit &edit, bool isUndo)
{
    const auto &from = isUndo ? edit.after : edit.before;
    const auto &to = isUndo ? edit.before : edit.after;
    runBack(Verb<v1::SetControllersRequest, v1::SetControllersReply>{method::kSetControllers,
                                                                     QStringLiteral("setControllers"),
                                                                     {edit.request(from, to)},
                                                                     {edit.path},
                                                                     &askAboutChildren,
                                                                     [isUndo](
                                                                         const std::vector<v1::SetControllersReply> &) {
                                                                         return isUndo ? tr("Controllers put back.")
                                                                                       : tr("Controllers set again.");
                                                                     }},
            isUndo);
}

void LimitController::putBack(const CheckpointEdit &edit, bool isUndo)
{
    auto requests = isUndo ? CheckpointEdit::requests(edit.after, edit.before)
                           : CheckpointEdit::requests(edit.before, edit.after);
    updateCheckpoints(m_client, std::move(requests), this, [this, isUndo](const UpdatedCheckpoints &updated) {
        m_puttingBack = false;
        // What is gone meanwhile has no name to put back; the others have theirs.
        if (updated.all.empty() && updated.areGone)
            drop(isUndo);
        else if (!updated.all.empty())
            isUndo ? m_undo.undone() : m_undo.redone();
        Q_EMIT undoChanged();
        Q_EMIT checkpointsPutBack();
        if (updated.problems.isEmpty())
            Q_EMIT m_flow.message(tr("Name, note and pin are as they were before."));
        else
            Q_EMIT m_flow.failed(updated.problems.join(u'\n'));
    });
}

void LimitController::drop(bool isUndo)
{
    isUndo ? m_undo.dropNextUndo() : m_undo.dropNextRedo();
    Q_EMIT undoChanged();
}

std::optional<Confirmation> LimitController::askIfDangerous(const std::vector<v1::SetLimitsReply> &replies)
{
    Confirmation question;
    for (const v1::LimitChange &change : replies.front().changes()) {
        for (const v1::Warning &warning : change.warnings()) {
            if (text::isDangerous(warning))
                question.warnings.append(text::warningSentence(warning, change.key()));
        }
    }
    if (question.warnings.isEmpty())
        return std::nullopt;
    question.grade = Confirmation::Grade::Danger;
    question.title = tr("Put the limits back");
    question.question = tr("The host has changed since: the old limits would hurt now.");
    question.acceptText = tr("Put back", "button");
    question.objects = {{text::utf8(replies.front().cgroup_path())}};
    return question;
}

std::optional<Confirmation> LimitController::askAboutChildren(const std::vector<v1::SetControllersReply> &replies)
{
    Confirmation question;
    for (const v1::Warning &warning : replies.front().warnings())
        question.warnings.append(text::warningSentence(warning));
    if (question.warnings.isEmpty())
        return std::nullopt;
    question.grade = Confirmation::Grade::Danger;
    question.title = tr("Put the controllers back");
    question.question = tr("The cgroups below change with it.");
    question.acceptText = tr("Put back", "button");
    question.objects = {{text::utf8(replies.front().cgroup_path())}};
    return question;
}

} // namespace gantry::console
