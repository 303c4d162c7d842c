// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/checkpoint/image_tree.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::checkpoint {

/// A file that has another length than when it was saved, and goes with the checkpoint all the same.
struct ChangedFile
{
    std::string path;
    std::uint64_t then = 0; ///< bytes
    std::uint64_t now = 0;

    /// For an admin, one line.
    [[nodiscard]] std::string text() const;
};

/// Looks whether the files that a checkpoint's processes had open are as they need them. CRIU wants each as long as it
/// was ("bad size") unless it is only ever appended to. What was only read, or written at its end as a log is, may
/// have grown or been cut since: it is let through, and the writer goes on at its end, so that nothing in it is lost. A
/// file that is written in its midst, or mapped, must be as it was.
/// Only where the processes share our mount namespace and root: others' files are not to be seen from here.
/// @errors ENOENT: one is gone; ESTALE: one does not go with it any more; both name it and say what to do.
[[nodiscard]] Result<std::vector<ChangedFile>> checkOpenFiles(const SavedTree &tree);

/// Tells CRIU of them: writes their new length, and who writes at the end its place there, into files.img.
/// @param folder of images. @errors EBADMSG; of writing.
[[nodiscard]] Result<> admitFiles(int folder, const std::vector<ChangedFile> &files);

} // namespace gantry::checkpoint
