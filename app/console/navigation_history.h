// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/ids.h"

#include <cstddef>
#include <vector>

namespace gantry::console {

/// The nodes looked at, for Back and Forward. Not thread-safe.
class NavigationHistory
{
public:
    /// A node was chosen; what lay ahead is forgotten. The same node again changes nothing.
    void visit(NodeId id)
    {
        if (!m_nodes.empty() && m_nodes[m_at] == id)
            return;
        if (!m_nodes.empty())
            m_nodes.resize(m_at + 1);
        m_nodes.push_back(id);
        m_at = m_nodes.size() - 1;
    }
    [[nodiscard]] bool canGoBack() const { return m_at > 0; }
    [[nodiscard]] bool canGoForward() const { return m_at + 1 < m_nodes.size(); }
    /// One step back, or forward; only where that is possible.
    NodeId back() { return m_nodes.at(--m_at); }
    NodeId forward() { return m_nodes.at(++m_at); }

private:
    std::vector<NodeId> m_nodes;
    std::size_t m_at = 0;
};

} // namespace gantry::console
