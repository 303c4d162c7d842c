// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRectF>

#include "widgets/timeline/branch_layout.h"
#include "widgets/timeline/timeline_mark.h"

#include <cstddef>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry {

/// Marks of one branch that stand so near to each other that they are painted as one.
struct TimelineCluster
{
    std::size_t branch = 0;
    std::size_t first = 0; ///< of the branch's marks
    std::size_t count = 1;
    QPointF place; ///< its middle, in pixels
    double radius = 0;
};

/// Subjects that run now, each with the id of the checkpoint that it goes on from; empty: not known.
using TimelineHeads = std::map<std::string, std::string>;

/// The present of a subject.
struct TimelineNow
{
    std::size_t group = 0;
    std::size_t row = 0;
    std::size_t from = kNone; ///< mark it goes on from
    bool presumed = false;    ///< which is only the newest one
};

/// Where everything of a TimelineView stands: time to the right, a row for each branch. Pixels are those of the
/// viewport. Thread: GUI.
class TimelineScene
{
public:
    static constexpr double kRowHeight = 40;
    static constexpr double kGroupHeight = 20; ///< name of a subject, where there are several
    static constexpr double kRightPad = 0.05;  ///< of the range, right of now

    /// @return false: they are the same as before.
    bool setMarks(std::vector<TimelineMark> marks);
    bool setHeads(TimelineHeads heads);
    /// The presents of subjects with marks, in the order of the groups.
    [[nodiscard]] const std::vector<TimelineNow> &presents() const { return m_presents; }
    [[nodiscard]] const std::vector<TimelineMark> &marks() const { return m_marks; }
    [[nodiscard]] const BranchLayout &layout() const { return m_layout; }
    /// Position of a mark; kNone: there is none.
    [[nodiscard]] std::size_t indexOf(const std::string &id) const;

    /// Where rows and axis are; rows are moved up by `scroll`.
    void setPlot(const QRectF &plot, double scroll);
    [[nodiscard]] const QRectF &plot() const { return m_plot; }
    void setRange(double from, double to);
    [[nodiscard]] double from() const { return m_from; }
    [[nodiscard]] double to() const { return m_to; }

    [[nodiscard]] double xOf(double time) const;
    [[nodiscard]] double timeAt(double x) const;
    /// Middle of a row's line.
    [[nodiscard]] double yOf(std::size_t row) const;
    /// Top of a group's name.
    [[nodiscard]] double yOfGroup(std::size_t group) const;
    [[nodiscard]] bool hasGroupNames() const { return m_isNamed || m_layout.groups.size() > 1; }
    /// The name of a subject is shown even where there is only one.
    void setNamed(bool named);
    /// Of all rows.
    [[nodiscard]] double contentHeight() const { return m_height; }
    /// Seconds since the epoch.
    [[nodiscard]] double timeOf(std::size_t mark) const { return static_cast<double>(m_marks[mark].timeUsec) / 1e6; }
    [[nodiscard]] QPointF placeOf(std::size_t mark) const;

    /// What is on screen of a branch, with one cluster more on both sides where there is one. Work: a few steps for
    /// each that fits the screen, however many marks there are.
    [[nodiscard]] std::vector<TimelineCluster> clustersOf(std::size_t branch) const;
    /// Branches of which something is on screen.
    [[nodiscard]] std::vector<std::size_t> shownBranches() const;
    /// Newest mark of the cluster at that point; kNone: there is none. @param count how many are in it.
    [[nodiscard]] TimelineCluster clusterAt(const QPointF &point) const; ///< count 0: there is none
    [[nodiscard]] std::size_t markOf(const TimelineCluster &cluster, std::size_t which) const;

    enum class Step { Back, On, Up, Down, First, Last };
    /// Where a key leads from a mark: along its branch, and from its begin to what it forks off; to the nearest in time
    /// of the row above or below. The mark itself where there is nothing.
    [[nodiscard]] std::size_t step(std::size_t mark, Step where) const;

private:
    [[nodiscard]] std::size_t nearestInRow(std::size_t row, double time) const;
    [[nodiscard]] TimelineCluster clusterFrom(std::size_t branch, std::size_t first) const;
    void layOut();
    void takePresents();
    void layRows();

    std::vector<TimelineMark> m_marks;
    TimelineHeads m_heads;
    BranchLayout m_layout;
    std::vector<TimelineNow> m_presents;
    std::unordered_map<std::string, std::size_t> m_index;
    std::vector<double> m_rowTops;   ///< by row, before scrolling
    std::vector<double> m_groupTops; ///< by group
    bool m_isNamed = false;
    double m_height = 0;
    QRectF m_plot;
    double m_scroll = 0;
    double m_from = 0;
    double m_to = 1;
    std::uint64_t m_biggest = 1;
};

} // namespace gantry
