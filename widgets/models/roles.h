// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <Qt>

namespace gantry {

/// Roles every model of Gantry answers the same way, beside Qt's own.
enum Role : int {
    SortRole = Qt::UserRole + 1, ///< raw number or text to sort by; invalid sorts last in ascending order
    IdRole,                      ///< quint64: node id, pid, sequence, alert or job number
    KindRole,                    ///< int: gantry.v1.NodeKind
    UsageRole,                   ///< gantry::Usage, for UsageBarDelegate
    BadgeRole,                   ///< gantry::Badge, for BadgeDelegate
    SeverityRole,                ///< int: gantry.v1.Severity
    FilterTextRole,              ///< all texts the filter looks into, separated by newlines
    PathRole,                    ///< QString: cgroup path, empty where the row has none
    FrozenRole,                  ///< bool
    StateRole,                   ///< int: gantry.v1.FreezerState
};

} // namespace gantry
