// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

class QAbstractItemModel;
class QHeaderView;

namespace gantry::text {

/// The columns of `header` that are shown, in the order they are shown in.
[[nodiscard]] QList<int> shownColumns(const QHeaderView &header);

/// RFC 4180 text (CRLF, header line first, quotes doubled) of what `model` shows: the display texts of `columns`, rows
/// in the model's order, children after their parent. A text that a spreadsheet would run as a formula (it begins with
/// = + - @ and is no number) gets an apostrophe in front. Thread: GUI.
[[nodiscard]] QString csv(const QAbstractItemModel &model, const QList<int> &columns);

} // namespace gantry::text
