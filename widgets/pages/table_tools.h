// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QHeaderView;
class QPoint;
class QPushButton;
class QString;
class QWidget;

namespace gantry {

/// Opens a menu at `position` (header coordinates) that shows and hides the columns of `header`; the first one stays.
void openColumnMenu(QHeaderView &header, const QPoint &position);

/// Frees a button of a table's bar, or greys it and says why in its tool tip.
/// @param readOnly why nothing may be changed; empty: it may. @param fits what is selected suits it; `otherwise` is said
/// where it does not.
void offerButton(QPushButton &button, const QString &readOnly, bool fits, const QString &otherwise);

/// Asks for a file name and writes `csv` there; a failure is said in a message box. @param name proposed, without
/// suffix. Returns at once: the dialog is not modal to the program.
void openCsvDialog(QWidget &parent, const QString &name, const QString &csv);

} // namespace gantry
