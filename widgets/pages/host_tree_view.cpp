// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/host_tree_view.h"

namespace gantry {

void HostTreeView::dataChanged(const QModelIndex &, const QModelIndex &, const QList<int> &)
{
    viewport()->update();
}

} // namespace gantry
