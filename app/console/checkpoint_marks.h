// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QStringList>

#include "app/console/link/host_client.h"
#include "gantry/v1/checkpoint.pb.h"

#include <functional>
#include <vector>

namespace gantry::console {

/// What became of requests to change name, note or pin of checkpoints.
struct UpdatedCheckpoints
{
    std::vector<v1::CheckpointInfo> all; ///< those that were changed, as they are now, in the order of the requests
    QStringList problems;                ///< a sentence for each that was not, and for what is not in the audit log
    bool areGone = false;                ///< some are not in the store any more
};

/// Makes the requests in our name, all at once. There is no dry run: nothing of it disturbs a workload, and it can be
/// undone. Thread: GUI.
void updateCheckpoints(HostClient &client, std::vector<v1::UpdateCheckpointRequest> requests, QObject *context,
                       std::function<void(const UpdatedCheckpoints &)> done);

} // namespace gantry::console
