// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/checkpoint.pb.h"

class QCheckBox;
class QLabel;
class QPushButton;

namespace gantry {

class CommandLine;
class WarningList;

/// Goes back to a checkpoint: says first what of the present ends with that, and saves it before, unless the user wants
/// it lost. Open it with open(); call start() once its signal is connected. Thread: GUI.
class RestoreDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit RestoreDialog(const v1::CheckpointInfo &checkpoint, QWidget *parent = nullptr);

    /// Asks for the dry run.
    void start();
    /// Answers to previewRequested.
    void setPreview(const v1::RestoreCheckpointReply &reply);
    void setFailure(const v1::Failure &failure);

    /// Not a dry run, actor unset.
    [[nodiscard]] v1::RestoreCheckpointRequest request() const;
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::RestoreCheckpointRequest &dryRun);
    /// All that were saved with it are to be restored together instead; this has closed.
    void groupRequested();

private:
    void showWish();
    /// With which others it was saved, and a button that restores all of them.
    void addGroup();
    /// What would be put back, a line each.
    void showFiles(const v1::RestoreCheckpointReply &reply);
    /// No runtime keeps it; what a runtime keeps goes back only where it does not run.
    [[nodiscard]] bool isBare() const;

    v1::CheckpointInfo m_checkpoint;
    QLabel *m_verdict;
    QLabel *m_problem;
    QCheckBox *m_safety;
    QCheckBox *m_files;
    QLabel *m_fileList;
    WarningList *m_warnings;
    CommandLine *m_command;
    QPushButton *m_accept;
    bool m_endsSomething = false; ///< the present lives
    QStringList m_facts;          ///< what the dry run warned of
};

} // namespace gantry
