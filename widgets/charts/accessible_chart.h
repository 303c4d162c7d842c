// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QWidget;

namespace gantry {

/// A screen reader hears "chart" of this widget instead of a nameless area; name and description are the widget's. To
/// be called before the name is given, which makes the interface, and what is made is kept. Thread: GUI.
void hearAsChart(QWidget &widget);

} // namespace gantry
