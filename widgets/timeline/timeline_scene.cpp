// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline/timeline_scene.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string_view>

namespace gantry {

namespace {

constexpr double kApart = 22;   ///< pixels from which two marks are two
constexpr double kReach = 6;    ///< of the mouse beside a mark
constexpr double kLeast = 5;    ///< radius of a mark without memory
constexpr double kMore = 4;     ///< and what the biggest one has more
constexpr double kAbove = 0.47; ///< of a row above its line; below it is the name

} // namespace

bool TimelineScene::setMarks(std::vector<TimelineMark> marks)
{
    if (marks == m_marks)
        return false;
    m_marks = std::move(marks);
    layOut();
    return true;
}

bool TimelineScene::setHeads(TimelineHeads heads)
{
    if (heads == m_heads)
        return false;
    m_heads = std::move(heads);
    layOut();
    return true;
}

void TimelineScene::setNamed(bool named)
{
    m_isNamed = named;
    layRows();
}

void TimelineScene::layOut()
{
    m_index.clear();
    m_biggest = 1;
    std::vector<BranchMark> hung;
    hung.reserve(m_marks.size() + m_heads.size());
    std::set<std::string_view> subjects;
    for (std::size_t i = 0; i < m_marks.size(); ++i) {
        const TimelineMark &mark = m_marks[i];
        m_index.emplace(mark.id, i);
        m_biggest = std::max(m_biggest, mark.bytes);
        // Whatever a store says, nothing is later than the present.
        const auto time = std::min(mark.timeUsec, std::numeric_limits<std::int64_t>::max() - 1);
        hung.push_back({mark.id, mark.parent, mark.subject, time});
        subjects.insert(mark.subject);
    }
    // The present is one more mark, after all others.
    for (const auto &[subject, head] : m_heads) {
        if (subjects.contains(subject))
            hung.push_back({{}, head, subject, std::numeric_limits<std::int64_t>::max()});
    }
    m_layout = layOutBranches(hung);
    takePresents();
    layRows();
}

void TimelineScene::takePresents()
{
    m_presents.clear();
    // Backwards: a branch of nothing but the present is behind all others.
    while (m_layout.marks.size() > m_marks.size()) {
        const PlacedMark placed = m_layout.marks.back();
        Branch &branch = m_layout.branches[placed.branch];
        BranchGroup &group = m_layout.groups[branch.subject];
        m_presents.push_back({branch.subject, branch.row, placed.parent, placed.presumed});
        branch.marks.pop_back();
        group.newest = kNone;
        if (branch.marks.empty()) {
            std::erase(group.branches, placed.branch);
            m_layout.branches.erase(m_layout.branches.begin() + static_cast<std::ptrdiff_t>(placed.branch));
        }
        m_layout.marks.pop_back();
        for (const std::size_t one : group.branches) {
            const std::size_t last = m_layout.branches[one].marks.back();
            if (group.newest == kNone || m_marks[group.newest].timeUsec <= m_marks[last].timeUsec)
                group.newest = last;
        }
    }
    std::ranges::sort(m_presents, {}, &TimelineNow::group);
}

void TimelineScene::layRows()
{
    m_rowTops.assign(m_layout.rows, 0);
    m_groupTops.clear();
    double y = 0;
    for (const BranchGroup &group : m_layout.groups) {
        m_groupTops.push_back(y);
        if (hasGroupNames())
            y += kGroupHeight;
        for (std::size_t row = 0; row < group.rows; ++row, y += kRowHeight)
            m_rowTops[group.firstRow + row] = y;
    }
    m_height = y;
}

std::size_t TimelineScene::indexOf(const std::string &id) const
{
    const auto it = m_index.find(id);
    return it == m_index.end() ? kNone : it->second;
}

void TimelineScene::setPlot(const QRectF &plot, double scroll)
{
    m_plot = plot;
    m_scroll = scroll;
}

void TimelineScene::setRange(double from, double to)
{
    m_from = from;
    m_to = to;
}

double TimelineScene::xOf(double time) const
{
    return m_plot.left() + (time - m_from) / (m_to - m_from) * m_plot.width();
}

double TimelineScene::timeAt(double x) const
{
    return m_from + (x - m_plot.left()) / std::max(1.0, m_plot.width()) * (m_to - m_from);
}

double TimelineScene::yOf(std::size_t row) const
{
    return m_plot.top() - m_scroll + m_rowTops.at(row) + kRowHeight * kAbove;
}

double TimelineScene::yOfGroup(std::size_t group) const
{
    return m_plot.top() - m_scroll + m_groupTops.at(group);
}

QPointF TimelineScene::placeOf(std::size_t mark) const
{
    return {xOf(timeOf(mark)), yOf(m_layout.branches[m_layout.marks[mark].branch].row)};
}

std::size_t TimelineScene::markOf(const TimelineCluster &cluster, std::size_t which) const
{
    return m_layout.branches[cluster.branch].marks.at(cluster.first + which);
}

TimelineCluster TimelineScene::clusterFrom(std::size_t branch, std::size_t first) const
{
    const std::vector<std::size_t> &marks = m_layout.branches[branch].marks;
    const double begin = timeOf(marks[first]);
    const double apart = kApart / std::max(1.0, m_plot.width()) * (m_to - m_from);
    const auto end = std::partition_point(marks.begin() + static_cast<std::ptrdiff_t>(first) + 1, marks.end(),
                                          [&](std::size_t mark) { return timeOf(mark) < begin + apart; });
    TimelineCluster out;
    out.branch = branch;
    out.first = first;
    out.count = static_cast<std::size_t>(end - marks.begin()) - first;
    const double middle = (begin + timeOf(*(end - 1))) / 2;
    out.place = {xOf(middle), yOf(m_layout.branches[branch].row)};
    const double share = static_cast<double>(m_marks[marks[first]].bytes) / static_cast<double>(m_biggest);
    out.radius = out.count > 1 ? kLeast + kMore : kLeast + kMore * std::sqrt(share);
    return out;
}

std::vector<TimelineCluster> TimelineScene::clustersOf(std::size_t branch) const
{
    const std::vector<std::size_t> &marks = m_layout.branches[branch].marks;
    std::vector<TimelineCluster> out;
    auto begin = std::ranges::lower_bound(marks, m_from, {}, [this](std::size_t mark) { return timeOf(mark); });
    if (begin != marks.begin())
        --begin;
    for (auto i = static_cast<std::size_t>(begin - marks.begin()); i < marks.size();) {
        out.push_back(clusterFrom(branch, i));
        i += out.back().count;
        if (out.back().place.x() > m_plot.right())
            break;
    }
    return out;
}

std::vector<std::size_t> TimelineScene::shownBranches() const
{
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < m_layout.branches.size(); ++i) {
        const double y = yOf(m_layout.branches[i].row);
        if (y > m_plot.top() - kRowHeight && y < m_plot.bottom() + kRowHeight)
            out.push_back(i);
    }
    return out;
}

TimelineCluster TimelineScene::clusterAt(const QPointF &point) const
{
    TimelineCluster best;
    best.count = 0;
    if (!m_plot.contains(point))
        return best;
    double nearest = kReach;
    for (const std::size_t branch : shownBranches()) {
        if (std::abs(yOf(m_layout.branches[branch].row) - point.y()) > kRowHeight)
            continue;
        for (const TimelineCluster &cluster : clustersOf(branch)) {
            const double distance =
                std::hypot(cluster.place.x() - point.x(), cluster.place.y() - point.y()) - cluster.radius;
            if (distance <= nearest) {
                nearest = distance;
                best = cluster;
            }
        }
    }
    return best;
}

std::size_t TimelineScene::nearestInRow(std::size_t row, double time) const
{
    std::size_t best = kNone;
    for (const Branch &branch : m_layout.branches) {
        if (branch.row != row)
            continue;
        const auto at =
            std::ranges::lower_bound(branch.marks, time, {}, [this](std::size_t mark) { return timeOf(mark); });
        for (const std::ptrdiff_t offset : {-1, 0}) {
            const std::ptrdiff_t i = at - branch.marks.begin() + offset;
            if (i < 0 || i >= std::ssize(branch.marks))
                continue;
            const std::size_t mark = branch.marks[static_cast<std::size_t>(i)];
            if (best == kNone || std::abs(timeOf(mark) - time) < std::abs(timeOf(best) - time))
                best = mark;
        }
    }
    return best;
}

std::size_t TimelineScene::step(std::size_t mark, Step where) const
{
    const Branch &branch = m_layout.branches[m_layout.marks[mark].branch];
    const auto here = std::ranges::find(branch.marks, mark);
    std::size_t to = kNone;
    switch (where) {
    case Step::Back:
        to = here == branch.marks.begin() ? branch.from : *(here - 1);
        break;
    case Step::On:
        to = here + 1 == branch.marks.end() ? kNone : *(here + 1);
        break;
    case Step::Up:
        to = branch.row == 0 ? kNone : nearestInRow(branch.row - 1, timeOf(mark));
        break;
    case Step::Down:
        to = branch.row + 1 >= m_layout.rows ? kNone : nearestInRow(branch.row + 1, timeOf(mark));
        break;
    case Step::First:
        to = branch.marks.front();
        break;
    case Step::Last:
        to = branch.marks.back();
        break;
    }
    return to == kNone ? mark : to;
}

} // namespace gantry
