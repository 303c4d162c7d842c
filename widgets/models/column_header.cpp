// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/models/column_header.h"

namespace gantry {

QVariant columnHeader(const QMetaObject &model, std::span<const char *const> titles, int section,
                      Qt::Orientation orientation, int role, bool isNumber)
{
    if (orientation != Qt::Horizontal || section < 0 || static_cast<std::size_t>(section) >= titles.size())
        return {};
    if (role == Qt::DisplayRole)
        return model.tr(titles[static_cast<std::size_t>(section)], nullptr);
    return role == Qt::TextAlignmentRole ? cellAlignment(isNumber) : QVariant();
}

QVariant cellAlignment(bool isNumber)
{
    return QVariant::fromValue((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

} // namespace gantry
