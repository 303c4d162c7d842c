// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QPalette>
#include <QStringView>

#include "gantry/v1/alerts.pb.h"

class QPainter;
class QRectF;

namespace gantry::theme {

/// Colours and icons, all derived from a palette so that they follow the desktop. Thread: GUI.

enum class Scheme { Light, Dark };

/// Gantry's own palettes, for a desktop that has none and for pictures. Text contrast at least 4.5:1.
[[nodiscard]] QPalette palette(Scheme scheme);
[[nodiscard]] bool isDark(const QPalette &palette);

/// Line colour of the n-th series of a chart; eight that differ in lightness as well, then again.
[[nodiscard]] QColor series(int index, const QPalette &palette);
/// Fill or text colour of a severity; the palette's text for SEVERITY_NONE.
[[nodiscard]] QColor severity(v1::Severity severity, const QPalette &palette);
/// Secondary text: still 4.5:1 on the base colour.
[[nodiscard]] QColor muted(const QPalette &palette);
/// Hair lines and chart grids.
[[nodiscard]] QColor line(const QPalette &palette);
[[nodiscard]] QColor softLimit(const QPalette &palette);
[[nodiscard]] QColor hardLimit(const QPalette &palette);
[[nodiscard]] QColor frozen(const QPalette &palette);

/// The sign of a severity: a triangle for a warning, an octagon for critical, a disc for none. Shape and colour both
/// tell.
void paintSeverity(QPainter &painter, const QRectF &box, v1::Severity severity, const QPalette &palette);
[[nodiscard]] QIcon severityIcon(v1::Severity severity, const QPalette &palette);

/// Icon `name` of resources/icons (without ".svg") in the palette's text colour, greyed when disabled. Cheap: it is
/// rendered when painted.
/// @return a null icon for a name that does not exist.
[[nodiscard]] QIcon icon(QStringView name, const QPalette &palette);

/// For what a shell or the kernel would read: every letter as wide as the others.
[[nodiscard]] QFont fixedFont();

} // namespace gantry::theme
