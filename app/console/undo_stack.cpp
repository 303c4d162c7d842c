// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/undo_stack.h"

#include <algorithm>

namespace gantry::console {

namespace {

std::vector<std::string> missingIn(const std::vector<std::string> &set, const std::vector<std::string> &words)
{
    std::vector<std::string> out;
    for (const std::string &word : words) {
        if (std::ranges::find(set, word) == set.end())
            out.push_back(word);
    }
    return out;
}

} // namespace

LimitEdit LimitEdit::of(const v1::SetLimitsReply &reply, const v1::SetLimitsRequest &request)
{
    LimitEdit edit;
    edit.persistence = request.persistence();
    edit.byFile = request.by_file();
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
    out.set_persistence(persistence);
    out.set_by_file(byFile);
    return out;
}

ControllersEdit ControllersEdit::of(const v1::SetControllersReply &reply)
{
    ControllersEdit edit;
    edit.node = NodeId{reply.node_id()};
    edit.path = reply.cgroup_path();
    edit.before.assign(reply.old_enabled().begin(), reply.old_enabled().end());
    edit.after.assign(reply.new_enabled().begin(), reply.new_enabled().end());
    std::ranges::sort(edit.before);
    std::ranges::sort(edit.after);
    return edit;
}

v1::SetControllersRequest ControllersEdit::request(const std::vector<std::string> &from,
                                                   const std::vector<std::string> &to) const
{
    v1::SetControllersRequest out;
    out.mutable_target()->set_node_id(node.v);
    for (std::string &name : missingIn(from, to))
        out.add_enable(std::move(name));
    for (std::string &name : missingIn(to, from))
        out.add_disable(std::move(name));
    return out;
}

std::vector<v1::UpdateCheckpointRequest> CheckpointEdit::requests(const std::vector<v1::CheckpointInfo> &from,
                                                                  const std::vector<v1::CheckpointInfo> &to)
{
    std::vector<v1::UpdateCheckpointRequest> out;
    for (std::size_t i = 0; i < from.size(); ++i) {
        v1::UpdateCheckpointRequest request;
        request.set_checkpoint(to[i].id());
        if (from[i].name() != to[i].name())
            request.set_name(to[i].name());
        if (from[i].note() != to[i].note())
            request.set_note(to[i].note());
        if (from[i].pinned() != to[i].pinned())
            request.set_pinned(to[i].pinned());
        if (request.has_name() || request.has_note() || request.has_pinned())
            out.push_back(std::move(request));
    }
    return out;
}

void UndoStack::push(Edit edit)
{
    if (std::visit([](const auto &one) { return one.isEmpty(); }, edit))
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
