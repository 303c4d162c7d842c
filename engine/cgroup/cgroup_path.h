// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace gantry::cgroup {

/// Path of a cgroup from the root of the tree, the same in every hierarchy it exists in: "/" or "/a/b".
/// A value of this type never has "..", ".", empty components or '/' inside a name, and control characters only where
/// the kernel itself listed such a name.
class CgroupPath
{
public:
    /// The root.
    CgroupPath() = default;
    /// @errors EINVAL naming what is wrong with the text (".." component, control character, not absolute, component
    /// longer than NAME_MAX = 255 bytes).
    [[nodiscard]] static Result<CgroupPath> parse(std::string_view text);

    [[nodiscard]] const std::string &text() const { return m_text; }
    [[nodiscard]] bool isRoot() const { return m_text.size() == 1; }
    /// Last component; "/" for the root.
    [[nodiscard]] std::string_view name() const;
    /// The root's parent is the root.
    [[nodiscard]] CgroupPath parent() const;
    /// Child of this name. @errors EINVAL as parse().
    [[nodiscard]] Result<CgroupPath> child(std::string_view name) const;
    /// Child with a name that readdir gave: what exists must be shown, so control characters are taken.
    /// @errors EINVAL for what cannot be the name of a directory.
    [[nodiscard]] Result<CgroupPath> listedChild(std::string_view name) const;
    /// True if `other` is this cgroup or below it.
    [[nodiscard]] bool contains(const CgroupPath &other) const;
    /// Number of components: 0 for the root.
    [[nodiscard]] std::size_t depth() const;

    auto operator<=>(const CgroupPath &) const = default;

private:
    explicit CgroupPath(std::string text) : m_text(std::move(text)) {}
    std::string m_text = "/";
};

} // namespace gantry::cgroup
