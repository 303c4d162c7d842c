// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "app/console/undo_stack.h"
#include "app/console/verb_flow.h"
#include "engine/proto/convert.h"

#include <functional>
#include <list>
#include <optional>
#include <string>

namespace gantry::console {

/// Dry run, write, undo and redo of limits for every page that edits them; changes of controllers are undone here, too.
/// A dry run is asked for when the user has paused for a moment, and an answer that a newer question has overtaken is
/// dropped. How long values of systemd hold is remembered for the session. Thread: GUI.
class LimitController : public QObject
{
    Q_OBJECT
public:
    LimitController(HostClient &client, VerbFlow &flow, QObject *parent);

    /// Serves a page: its limitPreviewRequested and limitApplyRequested are answered through its setPreview(),
    /// setApplied() and setLimitFailure(); setPersistence() tells it what was chosen last.
    template <class PageWidget> void serve(PageWidget *page)
    {
        Editor &editor = m_editors.emplace_back();
        editor.preview = [page](const v1::SetLimitsReply &reply) { page->setPreview(reply); };
        editor.failure = [page](const v1::Failure &failure) { page->setLimitFailure(failure); };
        editor.applied = [page](const v1::SetLimitsReply &reply) { page->setApplied(reply); };
        editor.persistence = [page](v1::Persistence persistence) { page->setPersistence(persistence); };
        connect(page, &PageWidget::limitPreviewRequested, this,
                [this, &editor](const v1::SetLimitsRequest &request) { requestPreview(editor, request); });
        connect(page, &PageWidget::limitApplyRequested, this,
                [this, &editor](const v1::SetLimitsRequest &request) { apply(editor, request); });
        connect(&editor.pause, &QTimer::timeout, this, [this, &editor] { preview(editor); });
        editor.pause.setSingleShot(true);
    }

    /// The controllers of a cgroup were changed by us: that can be undone.
    void noteControllers(const v1::SetControllersReply &reply);
    /// Name, note or pin of checkpoints were changed by us: that can be undone.
    void noteCheckpoints(const CheckpointEdit &edit);
    void undo();
    void redo();
    /// What Undo and Redo would put back, for their tool tips; nullptr: nothing.
    [[nodiscard]] const Edit *nextUndo() const { return m_undo.nextUndo(); }
    [[nodiscard]] const Edit *nextRedo() const { return m_undo.nextRedo(); }

Q_SIGNALS:
    /// The engine holds these values now.
    void limitsChanged(const gantry::v1::SetLimitsReply &reply);
    void undoChanged();
    /// Undo or redo changed name, note or pin of checkpoints.
    void checkpointsPutBack();

private:
    struct Editor
    {
        std::function<void(const v1::SetLimitsReply &)> preview;
        std::function<void(const v1::Failure &)> failure;
        std::function<void(const v1::SetLimitsReply &)> applied;
        std::function<void(v1::Persistence)> persistence;
        QTimer pause;
        v1::SetLimitsRequest request;
        std::string path;        ///< of the last dry run
        std::uint64_t asked = 0; ///< number of the newest question
    };

    void requestPreview(Editor &editor, const v1::SetLimitsRequest &request);
    void preview(Editor &editor);
    void apply(Editor &editor, v1::SetLimitsRequest request);
    void took(const v1::SetLimitsReply &reply);
    /// Remembers how long a value of systemd is to hold, for every page.
    void remember(const v1::SetLimitsRequest &request, const v1::SetLimitsReply &reply);
    void putBack(const Edit &edit, bool isUndo);
    void putBack(const LimitEdit &edit, bool isUndo);
    void putBack(const ControllersEdit &edit, bool isUndo);
    void putBack(const CheckpointEdit &edit, bool isUndo);
    /// What every way back does beside its own: marks the edit, and drops one whose cgroup is gone.
    template <class Request, class Reply> void runBack(Verb<Request, Reply> verb, bool isUndo);
    void drop(bool isUndo);
    [[nodiscard]] static std::optional<Confirmation> askIfDangerous(const std::vector<v1::SetLimitsReply> &replies);
    [[nodiscard]] static std::optional<Confirmation>
    askAboutChildren(const std::vector<v1::SetControllersReply> &replies);

    HostClient &m_client;
    VerbFlow &m_flow;
    UndoStack m_undo;
    bool m_puttingBack = false;
    std::list<Editor> m_editors; ///< addresses are kept by connections
};

} // namespace gantry::console
