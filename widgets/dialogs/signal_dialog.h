// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"
#include "gantry/v1/inventory.pb.h"

#include <vector>

class QListWidget;

namespace gantry {

/// Chooses a signal for processes. Open it with open(). Thread: GUI.
class SignalDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit SignalDialog(const std::vector<v1::Process> &processes, QWidget *parent = nullptr);

    /// The request as chosen: processes by pid and start time, signal number; actor unset.
    [[nodiscard]] v1::SignalRequest request() const;

private:
    std::vector<v1::Process> m_processes;
    QListWidget *m_signals;
};

} // namespace gantry
