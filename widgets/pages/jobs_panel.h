// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/jobs.pb.h"
#include "widgets/models/job_model.h"

class QPushButton;

namespace gantry {

class TablePanel;

/// Operations with progress and result. Thread: GUI.
class JobsPanel final : public QWidget
{
    Q_OBJECT
public:
    explicit JobsPanel(QWidget *parent = nullptr);

    void apply(const v1::JobUpdate &update);
    /// Why no job may be cancelled; empty: they may.
    void setReadOnlyReason(const QString &reason);
    [[nodiscard]] int activeCount() const { return m_model.activeCount(); }
    void selectJob(quint64 id);
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    void cancelRequested(quint64 jobId);
    void activeCountChanged(int count);

private:
    void updateActions();

    JobModel m_model;
    TablePanel *m_table;
    QPushButton *m_cancel;
    QString m_readOnlyReason;
};

} // namespace gantry
