// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/undo_stack.h"

#include <algorithm>

namespace gantry::console {

LimitEdit LimitEdit::of(const v1::SetLimitsReply &reply)
{
    LimitEdit edit;
    edit.node = NodeId{reply.node_id()};
    edit.path = reply.cgroup_path();
    for (const v1::LimitChange &change : reply.changes()) {
        if (change.old_state() != v1::CELL_STATE_VALUE && change.old_state() != v1::CELL_STATE_UNLIMITED)
            continue;
        v1::LimitSetting setting;
        setting.set_key(change.key());
        *setting.mutable_value() = change.old_value();
        edit.before.push_back(setting);
        *setting.mutable_value() = change.new_value();
        edit.after.push_back(std::move(setting));
    }
    std::ranges::reverse(edit.before);
    return edit;
}

v1::SetLimitsRequest LimitEdit::request(const std::vector<v1::LimitSetting> &settings) const
{
    v1::SetLimitsRequest out;
    out.mutable_target()->set_node_id(node.v);
    out.mutable_settings()->Add(settings.begin(), settings.end());
    return out;
}

void UndoStack::push(LimitEdit edit)
{
    if (edit.before.empty())
        return;
    m_edits.resize(m_edits.size() - m_undone);
    m_undone = 0;
    m_edits.push_back(std::move(edit));
    if (m_edits.size() > kMost)
        m_edits.erase(m_edits.begin());
}

void UndoStack::dropNextUndo()
{
    m_edits.erase(m_edits.end() - static_cast<std::ptrdiff_t>(m_undone) - 1);
}

void UndoStack::dropNextRedo()
{
    m_edits.erase(m_edits.end() - static_cast<std::ptrdiff_t>(m_undone));
    --m_undone;
}

} // namespace gantry::console
