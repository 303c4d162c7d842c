// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/checkpoint.pb.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

class CommandLine;
class WarningList;

/// Saves what runs: how to call the checkpoint, and whether it runs on afterwards; says first whether it can be done.
/// Open it with open(); call start() once its signal is connected. Thread: GUI.
class CheckpointDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param name of what is saved. @param word the TARGET of gantryctl.
    CheckpointDialog(const v1::Target &target, const QString &name, const QString &word, QWidget *parent = nullptr);

    /// Asks for the dry run.
    void start();
    /// Answers to previewRequested.
    void setPreview(const v1::CreateCheckpointReply &reply);
    void setFailure(const v1::Failure &failure);

    /// The request as typed; not a dry run, actor unset.
    [[nodiscard]] v1::CreateCheckpointRequest request() const;
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::CreateCheckpointRequest &dryRun);

private:
    void showCommand();
    /// What a container has by its bind mounts, a line each, with its size.
    void showVolumes(const v1::CreateCheckpointReply &reply);

    v1::Target m_target;
    QString m_word;
    QLabel *m_verdict;
    QLabel *m_problem;
    QLabel *m_freeze; ///< how long it is to stand still
    QLineEdit *m_name;
    QLineEdit *m_note;
    QCheckBox *m_stop;
    QCheckBox *m_files;
    QLabel *m_fileList;
    QCheckBox *m_volumes; ///< of a container; others may have them as well
    QLabel *m_volumeList;
    WarningList *m_warnings;
    CommandLine *m_command;
    QPushButton *m_accept;
};

} // namespace gantry
