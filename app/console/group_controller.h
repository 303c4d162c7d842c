// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/migration_controller.h"
#include "gantry/v1/checkpoint.pb.h"
#include "widgets/dialogs/group_dialog.h"

#include <vector>

namespace gantry::console {

/// Several containers saved at one instant, or restored together: answers what the dialog asks, leads the members, and
/// shows how it goes. The work is done by the controller's threads. Thread: GUI.
class GroupController final : public QObject
{
    Q_OBJECT
public:
    /// @param controller whose child this becomes; it has hosts, threads and messages.
    explicit GroupController(MigrationController &controller);

    /// Opens the question. @param containers of this host, by their names.
    void askSave(HostKey host, const QStringList &containers);
    /// The same for all that were saved with this one. @param host has it.
    void askRestore(HostKey host, const v1::CheckpointInfo &one);

Q_SIGNALS:
    /// The store of a host has other checkpoints.
    void checkpointsChanged(gantry::HostKey host);
    /// A container of a host goes on from this checkpoint.
    void restored(gantry::HostKey host, const gantry::v1::CheckpointInfo &checkpoint);

private:
    /// A member before its host was asked anything.
    struct Seat
    {
        QString member; ///< as in CheckpointInfo.group_members
        std::string container;
        MigrationPeer host;
    };
    class Members;

    void open(GroupDialog::Kind kind, const QString &group, const std::vector<Seat> &seats, const QString &command);
    void check(GroupDialog &dialog, const QString &group, const std::vector<Seat> &seats);
    void start(const GroupDialog &dialog, GroupDialog::Kind kind, const QString &group, const std::vector<Seat> &seats);

    MigrationController &m_controller;
};

} // namespace gantry::console
