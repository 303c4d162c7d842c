// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/ids.h"
#include "gantry/v1/control.pb.h"

#include <cstddef>
#include <string>
#include <vector>

namespace gantry::console {

/// A change of limits that was made, and how to put it back.
struct LimitEdit
{
    NodeId node; ///< a re-created cgroup has another one: the engine then answers ESTALE and nothing is written
    std::string path;
    std::vector<v1::LimitSetting> before; ///< in the order in which they are put back
    std::vector<v1::LimitSetting> after;

    /// The edit behind a reply to SetLimits. Values that were unreadable before cannot be put back and are left out.
    [[nodiscard]] static LimitEdit of(const v1::SetLimitsReply &reply);
    /// Request that restores `settings` of this edit; actor unset.
    [[nodiscard]] v1::SetLimitsRequest request(const std::vector<v1::LimitSetting> &settings) const;
};

/// The limit edits of this session. An undo stays pending until the engine confirmed it; a refused one is dropped, so
/// that the next undo is not blocked by it. Not thread-safe.
class UndoStack
{
public:
    static constexpr std::size_t kMost = 100;

    /// A new edit; what could be redone is forgotten. An edit that cannot be put back is not kept.
    void push(LimitEdit edit);
    /// The edit to undo or redo next, nullptr if there is none.
    [[nodiscard]] const LimitEdit *nextUndo() const { return m_undone == m_edits.size() ? nullptr : &edit(1); }
    [[nodiscard]] const LimitEdit *nextRedo() const { return m_undone == 0 ? nullptr : &edit(0); }
    /// The engine did it.
    void undone() { ++m_undone; }
    void redone() { --m_undone; }
    /// The engine refused for good (the cgroup is gone).
    void dropNextUndo();
    void dropNextRedo();

private:
    [[nodiscard]] const LimitEdit &edit(std::size_t back) const { return m_edits.at(m_edits.size() - m_undone - back); }

    std::vector<LimitEdit> m_edits;
    std::size_t m_undone = 0; ///< edits at the end that are undone
};

} // namespace gantry::console
