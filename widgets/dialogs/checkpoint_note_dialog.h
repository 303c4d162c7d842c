// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/checkpoint.pb.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

class CommandLine;

/// Changes name and note of a checkpoint. Open it with open(). Thread: GUI.
class CheckpointNoteDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit CheckpointNoteDialog(const v1::CheckpointInfo &checkpoint, QWidget *parent = nullptr);

    /// What is to be changed; actor unset.
    [[nodiscard]] v1::UpdateCheckpointRequest request() const;
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

private:
    void check();

    v1::CheckpointInfo m_checkpoint;
    QLineEdit *m_name;
    QLineEdit *m_note;
    QLabel *m_problem;
    CommandLine *m_command;
    QPushButton *m_accept;
};

} // namespace gantry
