// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QVariant>

#include "widgets/models/node_store.h"

namespace gantry {

/// What NodeTreeModel::data() answers for a row; looks up, computes nothing that lasts. Thread: GUI.
[[nodiscard]] QVariant nodeData(const NodeRecord &record, int column, int role, bool stale);
/// Title and explanation of a column.
[[nodiscard]] QVariant nodeHeader(int column, int role);
/// The metric a column shows; None for Name, State and Alerts.
[[nodiscard]] Metric metricOf(int column);
/// The number a row sorts by in that column; NaN where there is none.
[[nodiscard]] double nodeSortNumber(const NodeRecord &record, int column);

} // namespace gantry
