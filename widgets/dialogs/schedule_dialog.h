// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/schedules.pb.h"

#include <string>

class QCheckBox;
class QLabel;
class QPushButton;
class QSpinBox;

namespace gantry {

class AmountField;
class CommandLine;

/// Checkpoints that are taken by themselves: how often, which are kept, whether what dies comes back; how the schedule
/// that there is does, and its end. Open it with open(); call start() once its signals are connected. Thread: GUI.
class ScheduleDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param name of what is saved. @param word the TARGET of gantryctl.
    ScheduleDialog(const v1::Target &target, const QString &name, const QString &word, QWidget *parent = nullptr);

    /// Asks for the dry run.
    void start();
    /// Answers to previewRequested.
    void setPreview(const v1::SetScheduleReply &reply);
    void setFailure(const v1::Failure &failure);
    /// The schedules of the host.
    void setSchedules(const v1::ListSchedulesReply &reply);
    /// Answers to expireRequested. @param failure with ENOENT: it has no checkpoint yet, so that none would go.
    void setExpired(const v1::ExpireReply &reply);
    void setExpireFailure(const v1::Failure &failure);

    /// The request as chosen; not a dry run, actor unset.
    [[nodiscard]] v1::SetScheduleRequest request() const;
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::SetScheduleRequest &dryRun);
    /// What retention would remove now, after each answer to previewRequested: answer with
    /// setExpired() or setExpireFailure().
    void expireRequested(const gantry::v1::ExpireRequest &dryRun);
    /// The dialog closes. @param id of the schedule.
    void removeRequested(const QString &id);

private:
    void buildForm();
    void onChange();
    void showFound();
    void showCommand();
    void askExpired();
    [[nodiscard]] v1::Retention retention() const;

    v1::Target m_target;
    QString m_word;
    QLabel *m_verdict;
    QLabel *m_problem;
    QLabel *m_state;
    AmountField *m_every; ///< ms
    QCheckBox *m_byCount;
    QSpinBox *m_count;
    QCheckBox *m_byAge;
    AmountField *m_age; ///< s
    QCheckBox *m_bySize;
    AmountField *m_size; ///< bytes
    QCheckBox *m_restart;
    QLabel *m_expired;
    CommandLine *m_command;
    QPushButton *m_remove;
    QPushButton *m_accept;
    std::string m_id; ///< of what is saved, by the dry run; empty: not told yet
    v1::ListSchedulesReply m_schedules;
    bool m_isFilled = false; ///< from the schedule that there is
};

} // namespace gantry
