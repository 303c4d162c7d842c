// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/ids.h"
#include "gantry/v1/checkpoint.pb.h"
#include "gantry/v1/control.pb.h"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace gantry::console {

/// A change of limits that was made, and how to put it back.
struct LimitEdit
{
    NodeId node; ///< a re-created cgroup has another one: the engine then answers ESTALE and nothing is written
    std::string path;
    std::vector<v1::LimitSetting> before; ///< in the order in which they are put back
    std::vector<v1::LimitSetting> after;
    /// As the change was made: what was set for ever is put back for ever, what was written to the file, too.
    v1::Persistence persistence = v1::PERSISTENCE_UNSPECIFIED;
    bool byFile = false;

    /// The edit behind a reply to SetLimits. Values that were unreadable before cannot be put back and are left out.
    /// @param request that was answered.
    [[nodiscard]] static LimitEdit of(const v1::SetLimitsReply &reply, const v1::SetLimitsRequest &request = {});
    /// Request that restores `settings` of this edit; actor unset.
    [[nodiscard]] v1::SetLimitsRequest request(const std::vector<v1::LimitSetting> &settings) const;
    [[nodiscard]] bool isEmpty() const { return before.empty(); }
};

/// A change of the controllers a cgroup has for its children. Processes that were moved into a leaf stay there.
struct ControllersEdit
{
    NodeId node;
    std::string path;
    std::vector<std::string> before; ///< cgroup.subtree_control
    std::vector<std::string> after;

    [[nodiscard]] static ControllersEdit of(const v1::SetControllersReply &reply);
    /// Request that turns one set into the other; actor unset.
    [[nodiscard]] v1::SetControllersRequest request(const std::vector<std::string> &from,
                                                    const std::vector<std::string> &to) const;
    [[nodiscard]] bool isEmpty() const { return before == after; }
};

/// A change of what an admin may say of checkpoints: name, note, pin.
struct CheckpointEdit
{
    std::vector<v1::CheckpointInfo> before;
    std::vector<v1::CheckpointInfo> after; ///< the same ones, as they are now

    /// Requests that make of each what it is in `to`; actor unset.
    [[nodiscard]] static std::vector<v1::UpdateCheckpointRequest> requests(const std::vector<v1::CheckpointInfo> &from,
                                                                           const std::vector<v1::CheckpointInfo> &to);
    [[nodiscard]] bool isEmpty() const { return requests(before, after).empty(); }
};

using Edit = std::variant<LimitEdit, ControllersEdit, CheckpointEdit>;

/// The edits of this session. An undo stays pending until the engine confirmed it; a refused one is dropped, so that
/// the next undo is not blocked by it. Not thread-safe.
class UndoStack
{
public:
    static constexpr std::size_t kMost = 100;

    /// A new edit; what could be redone is forgotten. An edit that cannot be put back is not kept.
    void push(Edit edit);
    /// The edit to undo or redo next, nullptr if there is none.
    [[nodiscard]] const Edit *nextUndo() const { return m_undone == m_edits.size() ? nullptr : &edit(1); }
    [[nodiscard]] const Edit *nextRedo() const { return m_undone == 0 ? nullptr : &edit(0); }
    /// The engine did it.
    void undone() { ++m_undone; }
    void redone() { --m_undone; }
    /// The engine refused for good (the cgroup is gone).
    void dropNextUndo();
    void dropNextRedo();

private:
    [[nodiscard]] const Edit &edit(std::size_t back) const { return m_edits.at(m_edits.size() - m_undone - back); }

    std::vector<Edit> m_edits;
    std::size_t m_undone = 0; ///< edits at the end that are undone
};

} // namespace gantry::console
