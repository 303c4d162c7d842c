// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/style/table_style.h"

#include <QAbstractItemView>
#include <QHeaderView>

namespace gantry {

int TableStyle::pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const
{
    constexpr int kAir = 6;
    if (metric == PM_FocusFrameHMargin || metric == PM_HeaderMargin)
        return kAir;
    return QProxyStyle::pixelMetric(metric, option, widget);
}

void TableStyle::applyTo(QAbstractItemView &view)
{
    auto *style = new TableStyle;
    style->setParent(&view);
    view.setStyle(style);
    for (QHeaderView *header : view.findChildren<QHeaderView *>())
        header->setStyle(style);
}

} // namespace gantry
