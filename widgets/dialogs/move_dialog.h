// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"
#include "gantry/v1/inventory.pb.h"

#include <vector>

class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

/// Chooses the cgroup that processes move to, with completion. Open it with open(). Thread: GUI.
class MoveDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param cgroupPaths every path that may be chosen.
    MoveDialog(const std::vector<v1::Process> &processes, const QStringList &cgroupPaths, QWidget *parent = nullptr);

    /// The request as chosen: processes by pid and start time, target by path; actor unset.
    [[nodiscard]] v1::MoveProcessesRequest request() const;
    void setTargetPath(const QString &path);

private:
    void check();

    std::vector<v1::Process> m_processes;
    QStringList m_paths;
    QLineEdit *m_target;
    QLabel *m_problem;
    QPushButton *m_move;
};

} // namespace gantry
