// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/console/migration_controller.h"
#include "gantry/v1/checkpoint.pb.h"

#include <vector>

namespace gantry {
class CopyDialog;
} // namespace gantry

namespace gantry::console {

/// New containers on one host of the window from a checkpoint of another: answers what the dialog asks, carries the
/// checkpoint, and shows how it goes. The work is done by the controller's threads. Thread: GUI.
class ForkController final : public QObject
{
    Q_OBJECT
public:
    /// @param controller whose child this becomes; it has hosts, threads and messages.
    explicit ForkController(MigrationController &controller);

    /// All hosts, this one first.
    [[nodiscard]] std::vector<MigrationHost> hosts(HostKey source) const;
    /// Answers its checkRequested. @param source has the checkpoint.
    void serve(CopyDialog &dialog, HostKey source);
    /// Does what was asked for in the dialog. @param dialog has another host.
    void start(HostKey source, const v1::CheckpointInfo &checkpoint, const CopyDialog &dialog);

Q_SIGNALS:
    /// The store of a host has another checkpoint.
    void checkpointsChanged(gantry::HostKey host);
    /// A container of a host goes on from this checkpoint, whose subject it is.
    void restored(gantry::HostKey host, const gantry::v1::CheckpointInfo &checkpoint);

private:
    void check(CopyDialog &dialog, HostKey source, int question, HostKey target,
               const v1::CopyCheckpointRequest &request);

    MigrationController &m_controller;
};

} // namespace gantry::console
