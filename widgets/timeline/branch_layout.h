// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gantry {

/// What the layout of branches looks at in a checkpoint.
struct BranchMark
{
    std::string id;
    std::string parent;        ///< id of the one it went on from; empty: not known
    std::string subject;       ///< what was saved
    std::int64_t timeUsec = 0; ///< CLOCK_REALTIME
};

/// No mark, no branch.
inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// Where a mark stands and what it hangs on.
struct PlacedMark
{
    std::size_t branch = 0;
    std::size_t parent = kNone; ///< position of the mark it went on from; kNone: nothing before it is known
    bool presumed = false; ///< `parent` is only the newest one before it: what it went on from is not known or gone
};

/// Checkpoints that went on from each other, one after the other, in a row of their own.
struct Branch
{
    std::size_t subject = 0;
    std::size_t row = 0;
    std::size_t from = kNone;       ///< mark it forks off; kNone: it begins by itself
    std::vector<std::size_t> marks; ///< oldest first, never empty
};

/// One subject and its rows.
struct BranchGroup
{
    std::string subject;
    std::size_t firstRow = 0;
    std::size_t rows = 0;
    std::vector<std::size_t> branches; ///< in the order of their first marks
    std::size_t newest = kNone;        ///< its newest mark
};

struct BranchLayout
{
    std::vector<PlacedMark> marks; ///< as given
    std::vector<Branch> branches;
    std::vector<BranchGroup> groups; ///< in the order of their first marks
    std::size_t rows = 0;
};

/// Puts marks on rows. A mark whose parent is the last of its branch goes on there; any other parent is forked off to a
/// branch of its own, so that the old future stays where it was. Rows are used again where a branch has ended before
/// another begins; the newest branch of a group is never ended. Each group has rows of its own, below each other.
///
/// A mark with an unknown or lost parent is presumed to go on from the newest one of its subject before it. A parent
/// that is not older than its child is no parent, so that no list makes a circle. Work: n log n. Thread: any.
[[nodiscard]] BranchLayout layOutBranches(std::span<const BranchMark> marks);

} // namespace gantry
