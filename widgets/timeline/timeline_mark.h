// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

class QPainter;
class QRectF;

namespace gantry {

/// Why a checkpoint was made, as far as it has a sign of its own.
enum class TimelineTrigger { Manual, Schedule, BeforeRestore, Suspend, Other };
inline constexpr std::array kTimelineTriggers{TimelineTrigger::Manual, TimelineTrigger::Schedule,
                                              TimelineTrigger::BeforeRestore, TimelineTrigger::Suspend,
                                              TimelineTrigger::Other};

/// One checkpoint on a TimelineView.
struct TimelineMark
{
    std::string id;
    std::string parent;        ///< id of the one it went on from; empty: not known
    std::string subject;       ///< what was saved
    std::int64_t timeUsec = 0; ///< CLOCK_REALTIME
    std::uint64_t bytes = 0;   ///< as it is read back
    TimelineTrigger trigger = TimelineTrigger::Manual;
    bool pinned = false;
    QString name;
    QString note;

    bool operator==(const TimelineMark &) const = default;
};

/// Of the words of gantry.v1.CheckpointInfo.trigger.
[[nodiscard]] TimelineTrigger timelineTrigger(std::string_view word);
[[nodiscard]] QString timelineTriggerText(TimelineTrigger trigger);
[[nodiscard]] QColor timelineTriggerColor(TimelineTrigger trigger, const QPalette &palette);
/// The sign of a trigger; shape and colour both tell: a disc by hand, a square of a schedule, an arrow back before a
/// restore, two bars for a suspend, a diamond for the rest. Thread: GUI.
void paintTrigger(QPainter &painter, const QRectF &box, TimelineTrigger trigger, const QPalette &palette);
/// A pin whose point is in the middle of the lower edge.
void paintPin(QPainter &painter, const QRectF &box, const QPalette &palette);

} // namespace gantry
