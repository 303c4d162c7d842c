// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaObject>
#include <QVariant>

#include <span>

namespace gantry {

/// headerData() of a table: the title of a column, translated in the context of the model's class, and its alignment.
/// @param titles source texts marked with QT_TR_NOOP, one a column. @param isNumber the column is right-aligned.
[[nodiscard]] QVariant columnHeader(const QMetaObject &model, std::span<const char *const> titles, int section,
                                    Qt::Orientation orientation, int role, bool isNumber);

/// Alignment of a cell: numbers to the right, text to the left.
[[nodiscard]] QVariant cellAlignment(bool isNumber);

} // namespace gantry
