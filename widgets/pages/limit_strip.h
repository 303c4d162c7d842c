// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/control.pb.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace gantry {

/// The pending change of limits: old > new, what it will do, Apply and Revert. Asks the engine for a dry run with each
/// change of the pending values, and a second time the user when the dry run says that processes will die. Hidden
/// while nothing is pending and every change is recorded. Thread: GUI.
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

Q_SIGNALS:
    /// A dry run is wanted; answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::SetLimitsRequest &request);
    /// The user wants it, after a second confirmation where it is dangerous. Target is the node id of the preview.
    void applyRequested(const gantry::v1::SetLimitsRequest &request);
    void revertRequested();

private:
    void apply();
    void revertOrDismiss();
    void showEffect(const QString &text, v1::Severity severity);
    void updateButtons();
    [[nodiscard]] QString commandLine() const;

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
};

} // namespace gantry
