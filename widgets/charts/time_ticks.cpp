// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/time_ticks.h"

#include <QDateTime>

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry {

namespace {

constexpr int kMinute = 60;
constexpr int kHour = 60 * kMinute;
constexpr int kDay = 24 * kHour;
constexpr std::array kSteps{1,        2,           5,           10,           15,           30,
                            kMinute,  2 * kMinute, 5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute,
                            kHour,    2 * kHour,   3 * kHour,   6 * kHour,    12 * kHour,   kDay,
                            2 * kDay, 7 * kDay,    14 * kDay,   28 * kDay,    91 * kDay,    364 * kDay};
constexpr double kTickWidth = 90; ///< pixels, a label and air

QString labelOf(const QDateTime &time, double step)
{
    const bool isMidnight = time.time().msecsSinceStartOfDay() == 0;
    return time.toString(step >= kDay || isMidnight ? QStringLiteral("MM-dd")
                         : step < kMinute           ? QStringLiteral("HH:mm:ss")
                                                    : QStringLiteral("HH:mm"));
}

} // namespace

std::vector<TimeTick> timeTicks(double from, double to, int most)
{
    std::vector<TimeTick> out;
    constexpr double kFarthest = 1e11; // the year 5138: QDateTime still counts
    if (!(to > from) || most < 1 || std::abs(from) > kFarthest || std::abs(to) > kFarthest)
        return out;
    const double wanted = (to - from) / most;
    const auto *found = std::ranges::lower_bound(kSteps, wanted);
    const double step = found == kSteps.end() ? std::ceil(wanted / kDay) * kDay : *found;
    // Round in local time, which a change to summer time moves only at steps of hours.
    const double offset = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(from)).offsetFromUtc();
    for (double time = std::ceil((from + offset) / step) * step - offset; time <= to; time += step) {
        const QDateTime local = QDateTime::fromMSecsSinceEpoch(std::llround(time * 1'000));
        out.push_back({time, labelOf(local, step)});
    }
    return out;
}

int timeTicksIn(double width)
{
    return std::max(1, static_cast<int>(width / kTickWidth));
}

QVector<double> TimeTicker::createTickVector(double, const QCPRange &range)
{
    QVector<double> out;
    for (const TimeTick &tick : timeTicks(range.lower, range.upper, timeTicksIn(m_axis.axisRect()->width())))
        out.append(tick.time);
    return out;
}

int TimeTicker::getSubTickCount(double)
{
    return 0;
}

} // namespace gantry
