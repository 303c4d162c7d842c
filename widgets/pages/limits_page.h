// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/control.pb.h"
#include "widgets/models/limit_model.h"

class QLabel;

namespace gantry {

class LimitStrip;
class TablePanel;

/// Every settable value of the selected cgroup with an editor, and the pending change below. Thread: GUI.
class LimitsPage final : public QWidget
{
    Q_OBJECT
public:
    explicit LimitsPage(QWidget *parent = nullptr);

    /// Another node: empties the table and drops what is pending.
    void clear();
    void setLimits(const v1::ListLimitsReply &limits);
    void setFailure(const v1::Failure &failure);
    /// Answers to limitPreviewRequested and limitApplyRequested.
    void setPreview(const v1::SetLimitsReply &reply);
    void setApplied(const v1::SetLimitsReply &reply);
    void setLimitFailure(const v1::Failure &failure);
    /// The last choice of this session, see LimitStrip.
    void setPersistence(v1::Persistence persistence);
    /// We changed these from elsewhere (graph, undo): they are not "changed outside".
    void noteChanged(const v1::SetLimitsReply &reply);
    void setReadOnlyReason(const QString &reason);
    /// Somebody else wrote this file (EVENT_KIND_LIMIT_CHANGED without our actor).
    void markChangedOutside(const QString &key, const QString &who);
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    void limitPreviewRequested(const gantry::v1::SetLimitsRequest &request);
    void limitApplyRequested(const gantry::v1::SetLimitsRequest &request);
    /// "Show" on the ancestor that limits.
    void jumpRequested(const QString &cgroupPath);

private:
    void openMenu(const QPoint &position);

    LimitModel m_model;
    TablePanel *m_table;
    QLabel *m_hint;
    LimitStrip *m_strip;
};

} // namespace gantry
