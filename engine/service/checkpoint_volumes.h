// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/save.h"
#include "engine/repository/store.h"
#include "engine/service/checkpoint_service.h"
#include "gantry/v1/checkpoint.pb.h"

#include <optional>

/// What gantry.v1.Checkpoint's calls say of files beside the root of a container that a runtime keeps: volumes, and
/// what else was named. Thread: any; reads files, blocks.
namespace gantry::service {

/// Of a container that runc or crun keeps, the wish has what is named, and its volumes where they are asked for; of
/// others it is left as it is. @errors ENOTSUP: files or volumes are named of what an engine restores by its own verb
/// (podman, whose verb saves its named volumes; Docker, LXC), or volumes of what no runtime keeps; EINVAL: a path of
/// its root, or no files are to be saved; EBADMSG: its config.json.
[[nodiscard]] Result<> wishBesideRoot(const std::optional<KeptContainer> &kept,
                                      const v1::CreateCheckpointRequest &request, checkpoint::SaveWish &wish);

/// Tells all of its volumes, and whether the wish has them; in a dry run how big they are, too. Of Docker's: that they
/// are not part of it.
/// @errors EBADMSG: its config.json.
[[nodiscard]] Result<> tellVolumes(const KeptContainer &kept, const checkpoint::SaveWish &wish, bool dryRun,
                                   v1::CreateCheckpointReply &reply);

/// That a new container does not get the files beside the root that are part of a checkpoint. @errors of the store.
[[nodiscard]] Result<> tellNotCopied(const repository::Checkpoint &one, const repository::Store &store,
                                     v1::CopyCheckpointReply &reply);

} // namespace gantry::service
