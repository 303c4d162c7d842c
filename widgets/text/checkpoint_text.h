// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "gantry/v1/checkpoint.pb.h"

#include <string>

namespace gantry::text {

/// Words for what the engine tells of a checkpoint. Thread: GUI (they translate).

/// "running", "stopped", "zombie"; another word as it is.
[[nodiscard]] QString savedState(const std::string &state);
/// Of SavedDescriptor: "file", "pipe"; a word of the kernel's own ("eventfd") as it is.
[[nodiscard]] QString savedFileKind(const std::string &kind);
[[nodiscard]] QString savedFile(v1::SavedFile::Kind kind);
[[nodiscard]] QString diffChange(v1::DiffChange change);

/// With which others it was saved at one instant, and how exactly that was; of one that has a group.
[[nodiscard]] QString groupSentence(const v1::CheckpointInfo &checkpoint);

} // namespace gantry::text
