// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/causes.h"
#include "engine/checkpoint/criu.h"
#include "engine/checkpoint/tree_look.h"

#include <cstdint>
#include <string>
#include <vector>

namespace gantry::checkpoint {

/// One thing that stands in the way of a checkpoint, or that an option takes care of.
struct Finding
{
    Cause cause = Cause::Unreadable;
    std::string object;   ///< "fd 14 -> anon_inode:[io_uring] of pid 812 (node)"; printable
    std::string value;    ///< of the option, where it takes one
    std::int32_t pid = 0; ///< whose; 0: of the host, or of the whole

    [[nodiscard]] const CauseInfo &info() const { return causeInfo(cause); }
};

/// Most findings of one cause; what exceeds it is told in one more, by number.
inline constexpr std::size_t kMostOfOneCause = 50;

/// What CRIU would say of this tree, worst first, without having stopped anything. A process may change a moment later:
/// a checkpoint can fail all the same.
[[nodiscard]] std::vector<Finding> judge(const TreeLook &look, const CriuFacts &criu);

/// True if nothing found keeps CRIU from a checkpoint.
[[nodiscard]] bool isPossible(const std::vector<Finding> &findings);

/// The options for CRIU that take care of findings, as in criu(8): "tcp-established", "ghost-limit=4194304".
[[nodiscard]] std::vector<std::string> chosenOptions(const std::vector<Finding> &findings);

} // namespace gantry::checkpoint
