// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMetaType>

#include "gantry/v1/alerts.pb.h"
#include "widgets/text/cell.h"

namespace gantry {

/// What a usage bar paints: current against soft and hard limit, all in bytes.
struct Usage
{
    Cell current;
    Cell soft; ///< memory.high
    Cell hard; ///< memory.max
    /// Worst of: at or above 90 % of hard is critical, at or above 90 % of soft a warning.
    [[nodiscard]] v1::Severity severity() const;
    /// Share of the bar that is filled, 0..1, of the hard limit (or of the soft one where there is no hard one).
    /// Negative: there is nothing to compare with, only the number is shown.
    [[nodiscard]] double fraction() const;
    bool operator==(const Usage &) const = default;
};

/// Open alerts of a node and everything below it.
struct Badge
{
    int count = 0;
    v1::Severity worst = v1::SEVERITY_NONE;
    bool operator==(const Badge &) const = default;
};

} // namespace gantry

Q_DECLARE_METATYPE(gantry::Usage)
Q_DECLARE_METATYPE(gantry::Badge)
