// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/charts/accessible_chart.h"

#include <QAccessibleWidget>
#include <QVariant>
#include <QWidget>

namespace gantry {

namespace {

constexpr const char *kProperty = "gantryChart";

QAccessibleInterface *makeAccessible(const QString &, QObject *object)
{
    auto *widget = qobject_cast<QWidget *>(object);
    if (widget == nullptr || !widget->property(kProperty).toBool())
        return nullptr;
    return new QAccessibleWidget(widget, QAccessible::Chart);
}

} // namespace

void hearAsChart(QWidget &widget)
{
    [[maybe_unused]] static const bool kInstalled = [] {
        QAccessible::installFactory(makeAccessible);
        return true;
    }();
    widget.setProperty(kProperty, true);
}

} // namespace gantry
