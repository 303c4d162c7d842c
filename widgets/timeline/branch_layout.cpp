// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/branch_layout.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace gantry {

namespace {

/// Marks by time; the id decides between equal ones, so that the same list always looks the same.
std::vector<std::size_t> byTime(std::span<const BranchMark> marks)
{
    std::vector<std::size_t> out(marks.size());
    std::iota(out.begin(), out.end(), std::size_t{0});
    std::ranges::sort(out, [marks](std::size_t a, std::size_t b) {
        return std::tie(marks[a].timeUsec, marks[a].id, a) < std::tie(marks[b].timeUsec, marks[b].id, b);
    });
    return out;
}

std::size_t groupOf(BranchLayout &layout, std::unordered_map<std::string_view, std::size_t> &groups,
                    const std::string &subject)
{
    const auto [it, isNew] = groups.emplace(subject, layout.groups.size());
    if (isNew)
        layout.groups.emplace_back().subject = subject;
    return it->second;
}

/// Goes on with the branch of the parent where that is its end, else opens one.
void place(BranchLayout &layout, std::size_t mark, std::size_t group)
{
    PlacedMark &placed = layout.marks[mark];
    if (placed.parent != kNone) {
        const std::size_t branch = layout.marks[placed.parent].branch;
        if (layout.branches[branch].subject == group && layout.branches[branch].marks.back() == placed.parent) {
            placed.branch = branch;
            layout.branches[branch].marks.push_back(mark);
            return;
        }
    }
    placed.branch = layout.branches.size();
    layout.branches.push_back({group, 0, placed.parent, {mark}});
    layout.groups[group].branches.push_back(placed.branch);
}

/// Time from which a branch needs its row: that of the mark it forks off.
std::int64_t beginOf(const BranchLayout &layout, std::span<const BranchMark> marks, const Branch &branch)
{
    const std::int64_t own = marks[branch.marks.front()].timeUsec;
    const bool sameGroup =
        branch.from != kNone && layout.branches[layout.marks[branch.from].branch].subject == branch.subject;
    return sameGroup ? marks[branch.from].timeUsec : own;
}

/// Gives each branch of a group the lowest row that is free from its begin on.
void giveRows(BranchLayout &layout, std::span<const BranchMark> marks, BranchGroup &group)
{
    std::vector<std::pair<std::int64_t, std::size_t>> begins;
    for (const std::size_t branch : group.branches)
        begins.emplace_back(beginOf(layout, marks, layout.branches[branch]), branch);
    // The first one stays on top, whatever the clock said.
    std::sort(begins.begin() + 1, begins.end());
    using Busy = std::pair<std::int64_t, std::size_t>; // until, row
    std::priority_queue<Busy, std::vector<Busy>, std::greater<>> busy;
    std::set<std::size_t> free;
    const std::size_t alive = layout.marks[group.newest].branch;
    for (const auto &[begin, branch] : begins) {
        while (!busy.empty() && busy.top().first < begin) {
            free.insert(busy.top().second);
            busy.pop();
        }
        const std::size_t row = free.empty() ? group.rows++ : *free.begin();
        free.erase(row);
        layout.branches[branch].row = group.firstRow + row;
        const std::int64_t last = marks[layout.branches[branch].marks.back()].timeUsec;
        busy.emplace(branch == alive ? std::numeric_limits<std::int64_t>::max() : last, row);
    }
}

} // namespace

BranchLayout layOutBranches(std::span<const BranchMark> marks)
{
    BranchLayout out;
    out.marks.resize(marks.size());
    std::unordered_map<std::string_view, std::size_t> groups;
    std::unordered_map<std::string_view, std::size_t> seen; // ids of marks that are placed
    for (const std::size_t mark : byTime(marks)) {
        const std::size_t group = groupOf(out, groups, marks[mark].subject);
        const auto parent = marks[mark].parent.empty() ? seen.end() : seen.find(marks[mark].parent);
        out.marks[mark].parent = parent == seen.end() ? out.groups[group].newest : parent->second;
        out.marks[mark].presumed = parent == seen.end() && out.marks[mark].parent != kNone;
        place(out, mark, group);
        out.groups[group].newest = mark;
        seen.emplace(marks[mark].id, mark);
    }
    for (BranchGroup &group : out.groups) {
        group.firstRow = out.rows;
        giveRows(out, marks, group);
        out.rows += group.rows;
    }
    return out;
}

} // namespace gantry
