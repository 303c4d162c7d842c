// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QDialog;
class QDialogButtonBox;
class QLabel;
class QPushButton;
class QString;
class QWidget;

namespace gantry {

/// A row with Cancel and the button that does it (named by its verb), connected to the dialog and added to its layout.
/// @return the button that does it; it is the default.
[[nodiscard]] QPushButton *addDialogButtons(QDialog &dialog, const QString &acceptText);

/// Shows why `accept` cannot be pressed, in the colour of a failure, and switches it; an empty problem makes it free.
void showProblem(QLabel &label, QPushButton &accept, const QString &problem);

/// Makes the dialog high enough for what it shows now; never smaller. Word-wrapped texts that change need it: a layout
/// knows their height only for a width.
void growToFit(QDialog &dialog);

/// A plain text that may be as long as it likes.
[[nodiscard]] QLabel *paragraph(const QString &words, QWidget *parent);

/// Adds a button that closes the dialog below its layout. @return its row, for further buttons.
QDialogButtonBox &addCloseButton(QDialog &dialog);

} // namespace gantry
