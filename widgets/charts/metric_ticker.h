// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/charts/qcp.h"

#include "engine/base/metric.h"

namespace gantry {

/// Ticks of a value axis: powers of two for bytes, round decimals otherwise; labels with their unit. Thread: GUI.
class MetricTicker final : public QCPAxisTicker
{
public:
    explicit MetricTicker(MetricUnit unit) : m_unit(unit) { setTickCount(4); }

protected:
    double getTickStep(const QCPRange &range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale &locale, QChar formatChar, int precision) override;

private:
    MetricUnit m_unit;
};

} // namespace gantry
