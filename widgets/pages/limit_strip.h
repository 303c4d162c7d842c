// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>
#include <QPointer>

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/control.pb.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace gantry {

class LimitRouteDialog;

/// The pending change of limits: old > new, what it will do, Apply and Revert. Asks the engine for a dry run with each
/// change of the pending values, and a second time the user when the dry run says that processes will die, or that
/// systemd or another manager keeps the value: then how long it is to hold is a choice. Hidden while nothing is
/// pending and every change is recorded. Thread: GUI.
class LimitStrip final : public QFrame
{
    Q_OBJECT
public:
    explicit LimitStrip(QWidget *parent = nullptr);

    /// What is pending (settings and target; dry_run and actor are ours); no settings hides the strip.
    void setPending(const v1::SetLimitsRequest &request);
    /// While a line is dragged: no dry run yet, only the text.
    void setDragText(const QString &text);
    /// Answer to previewRequested.
    void setPreview(const v1::SetLimitsReply &reply);
    /// Answer to applyRequested: where the change is missing in the audit log, says so until dismissed.
    void setApplied(const v1::SetLimitsReply &reply);
    /// The dry run or the real call was refused.
    void setFailure(const v1::Failure &failure);
    /// Greys Apply and says why; empty makes it available.
    void setReadOnlyReason(const QString &reason);
    /// Cgroup and usage sentences in confirmation and command line need the path.
    void setCgroupPath(const QString &path);
    /// How long a value holds that a manager keeps, unless the user chooses otherwise; the last choice of the session.
    void setPersistence(v1::Persistence persistence);

Q_SIGNALS:
    /// A dry run is wanted; answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::SetLimitsRequest &request);
    /// The user wants it, after a second confirmation where it is dangerous. Target is the node id of the preview.
    void applyRequested(const gantry::v1::SetLimitsRequest &request);
    void revertRequested();

private:
    void apply();
    void askRoute();
    void askDangerous();
    void askPreview();
    void revertOrDismiss();
    void showEffect(const QString &text, v1::Severity severity);
    void updateButtons();
    [[nodiscard]] QString commandLine() const;
    [[nodiscard]] v1::SetLimitsRequest realRequest() const;

    QLabel *m_change;
    QLabel *m_effect;
    QPushButton *m_apply;
    QPushButton *m_revert;
    QToolButton *m_copy;
    v1::SetLimitsRequest m_request;
    v1::SetLimitsReply m_preview;
    bool m_previewed = false;
    bool m_notRecorded = false; ///< shows that a change was made and not recorded; nothing is pending
    QString m_readOnlyReason;
    QString m_path;
    v1::Persistence m_persistence = v1::PERSISTENCE_RUNTIME;
    QPointer<LimitRouteDialog> m_routeDialog; ///< while it is open, dry runs are its own
};

} // namespace gantry
