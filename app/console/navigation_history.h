// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/models/hosts_tree_model.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace gantry::console {

/// The nodes looked at, for Back and Forward. Not thread-safe.
class NavigationHistory
{
public:
    /// A node was chosen; what lay ahead is forgotten. The same node again changes nothing.
    void visit(NodeRef ref)
    {
        if (!m_nodes.empty() && m_nodes[m_at] == ref)
            return;
        if (!m_nodes.empty())
            m_nodes.resize(m_at + 1);
        m_nodes.push_back(ref);
        m_at = m_nodes.size() - 1;
    }
    /// Its nodes are no more.
    void forget(HostKey host)
    {
        const auto gone = [host](NodeRef ref) { return ref.host == host; };
        const auto before = static_cast<std::size_t>(std::count_if(m_nodes.begin(), m_nodes.begin() + at(), gone));
        std::erase_if(m_nodes, gone);
        m_at -= std::min(m_at, before);
        if (!m_nodes.empty())
            m_at = std::min(m_at, m_nodes.size() - 1);
    }
    [[nodiscard]] bool canGoBack() const { return m_at > 0; }
    [[nodiscard]] bool canGoForward() const { return m_at + 1 < m_nodes.size(); }
    /// One step back, or forward; only where that is possible.
    NodeRef back() { return m_nodes.at(--m_at); }
    NodeRef forward() { return m_nodes.at(++m_at); }

private:
    [[nodiscard]] std::ptrdiff_t at() const { return static_cast<std::ptrdiff_t>(m_at); }

    std::vector<NodeRef> m_nodes;
    std::size_t m_at = 0;
};

} // namespace gantry::console
