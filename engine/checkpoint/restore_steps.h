// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/images.h"
#include "engine/checkpoint/oci_container.h"
#include "engine/checkpoint/save.h"

#include <functional>
#include <string>
#include <string_view>

/// What a restore by the verb of runc and crun is made of, in place (by_runtime.h) or as another container (copies.h).
/// by_runtime_restore.cpp. Thread: any; blocks.
namespace gantry::checkpoint {

/// True if the checkpoint has a stream of this name.
[[nodiscard]] bool hasStream(const repository::Store &store, const repository::CheckpointId &id, std::string_view name);

/// A small stream as text: config.json as it was saved. @errors EFBIG; of the store.
[[nodiscard]] Result<std::string> savedText(const repository::Store &store, const repository::CheckpointId &id,
                                            std::string_view name);

/// CRIU's images, all of them, pages too: by a runtime's verb none comes in later. @errors of the store, of writing.
[[nodiscard]] Result<ImageFolder> readAllImages(const repository::Checkpoint &checkpoint, const Means &means,
                                                const repository::Store &store, const std::stop_token &stop);
/// The same into an open folder.
[[nodiscard]] Result<> readAllImages(const repository::Store &store, const repository::CheckpointId &id, int folder,
                                     const std::stop_token &stop);

/// What it had changed of its root: an archive in a folder of its own, for unpackUpper(). @errors as readAllImages().
[[nodiscard]] Result<ImageFolder> readUpper(const repository::Checkpoint &checkpoint, const Means &means,
                                            const repository::Store &store, const std::stop_token &stop);
/// @param upper an empty folder. @errors EIO with tar's words.
[[nodiscard]] Result<> unpackUpper(const ImageFolder &archive, const std::string &upper,
                                   const runtime::Patience &patience);

/// Told of the keeper before the verb has done anything, and of the file that is there once all of it runs.
using OnBegun = std::function<Result<>(std::int32_t keeper, const std::string &pidFile)>;

/// The verb itself, under a keeper. The images are only read: several restores may share them.
/// @param container as it is to be. @param log absolute path, of its output. @param more options for CRIU, besides
/// those it was saved with: "cgroup-root=/a". @param onBegun may be empty. @errors EIO with the reason from CRIU's
/// log; as runKept(). Nothing of it runs then, and its runtime does not know it; one of that id that has another bundle
/// is left alone.
[[nodiscard]] Result<Restored> runRestore(const repository::Manifest &manifest, const OciContainer &container,
                                          const ImageFolder &images, const std::string &log, const Means &means,
                                          const runtime::Patience &patience, const std::vector<std::string> &more = {},
                                          const OnBegun &onBegun = {});

} // namespace gantry::checkpoint
