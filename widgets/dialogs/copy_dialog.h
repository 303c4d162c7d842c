// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/checkpoint.pb.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gantry {

class CommandLine;
class WarningList;

/// Restores a checkpoint as another container, or as several: asks for their name and number, and lists everything that
/// stands in the way before anything is done. Open it with open(); call start() once its signal is connected.
/// Thread: GUI.
class CopyDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit CopyDialog(const v1::CheckpointInfo &checkpoint, QWidget *parent = nullptr);

    /// Asks for the dry run; so does each change of name and number.
    void start();
    /// Answers to previewRequested.
    void setPreview(const v1::CopyCheckpointReply &reply);
    void setFailure(const v1::Failure &failure);

    /// Not a dry run, actor unset.
    [[nodiscard]] v1::CopyCheckpointRequest request() const;
    [[nodiscard]] QLineEdit *nameEdit() const { return m_name; }
    [[nodiscard]] QSpinBox *countBox() const { return m_count; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::CopyCheckpointRequest &dryRun);

private:
    v1::CheckpointInfo m_checkpoint;
    QLineEdit *m_name;
    QSpinBox *m_count;
    QLabel *m_verdict;
    QLabel *m_problem;
    WarningList *m_warnings;
    CommandLine *m_command;
    QPushButton *m_accept;
};

} // namespace gantry
