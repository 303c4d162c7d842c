// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/qcp.h"

#include <QString>

#include <vector>

namespace gantry {

/// A mark of a time axis.
struct TimeTick
{
    double time = 0; ///< seconds since the epoch
    QString label;   ///< "14:05", "14:05:30", "11-24" where a day begins; local time
};

/// Marks at round local times from `from` to `to` (seconds since the epoch), at most `most` and one more.
[[nodiscard]] std::vector<TimeTick> timeTicks(double from, double to, int most);

/// How many marks of a time axis fit `width` pixels.
[[nodiscard]] int timeTicksIn(double width);

/// The same marks for a plot, so that its grid stands below that of a widget with another time axis. Thread: GUI.
class TimeTicker final : public QCPAxisTicker
{
public:
    /// @param axis whose length says how many there are; must outlive this.
    explicit TimeTicker(const QCPAxis &axis) : m_axis(axis) {}

protected:
    QVector<double> createTickVector(double tickStep, const QCPRange &range) override;
    int getSubTickCount(double tickStep) override;

private:
    const QCPAxis &m_axis;
};

} // namespace gantry
