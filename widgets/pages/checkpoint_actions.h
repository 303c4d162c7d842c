// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/checkpoint.pb.h"

#include <array>
#include <vector>

class QPushButton;

namespace gantry {

/// What can be done with the checkpoints that are selected on a page: its buttons and the same as a menu. Thread: GUI.
class CheckpointActions final : public QWidget
{
    Q_OBJECT
public:
    explicit CheckpointActions(QWidget *parent = nullptr);

    void setSelected(std::vector<v1::CheckpointInfo> selected);
    /// Why nothing may be changed; empty: it may.
    void setReadOnlyReason(const QString &reason);
    /// What Enter and a double click do: look inside, where it is offered.
    void activate();
    void openMenu(const QPoint &globalPosition);

Q_SIGNALS:
    /// @param id of the checkpoint.
    void inspectRequested(const QString &id);
    /// @param before the older one.
    void compareRequested(const QString &before, const QString &after);
    void restoreRequested(const gantry::v1::CheckpointInfo &checkpoint);
    /// As another container.
    void copyRequested(const gantry::v1::CheckpointInfo &checkpoint);
    /// Name and note are to be changed.
    void describeRequested(const gantry::v1::CheckpointInfo &checkpoint);
    void pinRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints, bool pinned);
    void exportRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints);
    void removeRequested(const std::vector<gantry::v1::CheckpointInfo> &checkpoints);

private:
    void offer();
    void compare();
    [[nodiscard]] std::array<QPushButton *, 8> buttons() const;

    QPushButton *m_inspect;
    QPushButton *m_compare;
    QPushButton *m_restore;
    QPushButton *m_copy;
    QPushButton *m_describe;
    QPushButton *m_pin;
    QPushButton *m_export;
    QPushButton *m_remove;
    std::vector<v1::CheckpointInfo> m_selected;
    QString m_readOnlyReason;
};

} // namespace gantry
