// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/migration.pb.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace gantry {

/// One migration on its way, and how it came out. It may be closed: the migration goes on. Thread: GUI.
class MigrationProgress final : public QDialog
{
    Q_OBJECT
public:
    /// @param name it has on the target.
    MigrationProgress(const QString &container, const QString &source, const QString &target, const QString &name,
                      QWidget *parent = nullptr);

    void setPhase(const v1::MigrationPhase &phase);
    void setDone(const v1::MigrationDone &done);
    /// @param sentences why. @param unknown it is not known where it runs.
    void setFailed(const QString &sentences, bool unknown);

    /// The engine's word for a phase, as a sentence.
    [[nodiscard]] static QString phaseText(const QString &name);

    [[nodiscard]] QString words() const;
    [[nodiscard]] QPushButton *cancelButton() const { return m_cancel; }
    [[nodiscard]] QPushButton *rollBackButton() const { return m_rollBack; }

Q_SIGNALS:
    /// It is to be given up: it runs on where it is, if it has not been handed over.
    void cancelRequested();
    /// It is to come back.
    void rollBackRequested();

private:
    void end(const QString &result, bool good);

    const QString m_container;
    const QString m_source;
    const QString m_target;
    const QString m_name;
    QLabel *m_phase;
    QLabel *m_figures;
    QProgressBar *m_bar;
    QPushButton *m_cancel;
    QPushButton *m_rollBack;
    QString m_way;  ///< as a sentence; empty: not known yet
    bool m_isThere = false; ///< what is under way still are its checkpoints
    QString m_note; ///< why it is another one than was asked for
};

} // namespace gantry
