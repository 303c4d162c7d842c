// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/checkpoint.pb.h"
#include "widgets/models/checkpoint_model.h"

#include <vector>

class QPushButton;

namespace gantry {

class TablePanel;

/// What was saved on this host: look into one, compare two, restore one, remove some. Thread: GUI.
class CheckpointsPage final : public QWidget
{
    Q_OBJECT
public:
    explicit CheckpointsPage(QWidget *parent = nullptr);

    void setList(const v1::ListCheckpointsReply &reply);
    /// The list could not be had; what was there stays.
    void setFailure(const QString &sentence);
    /// Why nothing may be changed; empty: it may.
    void setReadOnlyReason(const QString &reason);
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    void restoreRequested(const gantry::v1::CheckpointInfo &checkpoint);
    /// Also Enter and a double click. @param id of the checkpoint.
    void inspectRequested(const QString &id);
    /// @param before the older one.
    void compareRequested(const QString &before, const QString &after);
    void removeRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints);

private:
    [[nodiscard]] std::vector<v1::CheckpointInfo> selected() const;
    void compare();
    void updateActions();

    CheckpointModel m_model;
    TablePanel *m_table;
    QPushButton *m_inspect;
    QPushButton *m_compare;
    QPushButton *m_restore;
    QPushButton *m_remove;
    QString m_readOnlyReason;
};

} // namespace gantry
