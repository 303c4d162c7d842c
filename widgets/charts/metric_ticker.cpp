// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/metric_ticker.h"

#include "widgets/text/format.h"

#include <cmath>

namespace gantry {

double MetricTicker::getTickStep(const QCPRange &range)
{
    if (m_unit == MetricUnit::Byte || m_unit == MetricUnit::BytePerSecond)
        return std::exp2(std::ceil(std::log2(std::max(range.size() / 4, 1.0))));
    const double step = QCPAxisTicker::getTickStep(range);
    return m_unit == MetricUnit::Number ? std::max(1.0, step) : step;
}

int MetricTicker::getSubTickCount(double)
{
    return 0;
}

QString MetricTicker::getTickLabel(double tick, const QLocale &, QChar, int)
{
    if (m_unit == MetricUnit::Percent)
        return QCoreApplication::translate("FormatText", "%1 %").arg(QLocale().toString(tick, 'g', 4));
    return text::number(m_unit, tick);
}

} // namespace gantry
