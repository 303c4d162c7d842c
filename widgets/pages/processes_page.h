// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/inventory.pb.h"
#include "widgets/models/process_model.h"

#include <vector>

class QCheckBox;
class QPushButton;

namespace gantry {

class TablePanel;

/// The processes of the selected node, with Signal and Move. Thread: GUI.
class ProcessesPage final : public QWidget
{
    Q_OBJECT
public:
    explicit ProcessesPage(QWidget *parent = nullptr);

    /// Another node: empties the table.
    void clear();
    void setProcesses(const v1::ProcessList &list);
    /// The list could not be read.
    void setFailure(const v1::Failure &failure);
    void setReadOnlyReason(const QString &reason);
    /// Whether processes of cgroups below are wanted, too.
    [[nodiscard]] bool isRecursive() const;
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    /// Open SignalDialog for these.
    void signalRequested(const std::vector<gantry::v1::Process> &processes);
    /// Open MoveDialog for these.
    void moveRequested(const std::vector<gantry::v1::Process> &processes);
    /// Open CheckpointDialog for this one and all below it.
    void checkpointRequested(const gantry::v1::Process &process);
    void recursiveChanged(bool recursive);
    /// "Show in cgroup tree".
    void jumpRequested(const QString &cgroupPath);

private:
    [[nodiscard]] std::vector<v1::Process> selected() const;
    void updateActions();
    void openMenu(const QPoint &position);

    ProcessModel m_model;
    TablePanel *m_table;
    QPushButton *m_signal;
    QPushButton *m_move;
    QPushButton *m_checkpoint;
    QCheckBox *m_recursive;
    QString m_readOnlyReason;
};

} // namespace gantry
