// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QProxyStyle>

class QAbstractItemView;

namespace gantry {

/// The desktop's style with more air between the columns of tables and trees. Thread: GUI.
class TableStyle final : public QProxyStyle
{
    Q_OBJECT
public:
    using QProxyStyle::QProxyStyle;

    [[nodiscard]] int pixelMetric(PixelMetric metric, const QStyleOption *option, const QWidget *widget) const override;

    /// Gives the view and its headers this style, owned by the view.
    static void applyTo(QAbstractItemView &view);
};

} // namespace gantry
