// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/locked_entry.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace gantry::checkpoint {

/// Says, to every engine with the same state folder, that a tree's memory is still coming in: what has not come yet is
/// missing for CRIU, which would take it for empty. A file "lazy.PID.xxxxxx", held by who restores it.
class ComingIn
{
public:
    /// @param pid the tree's first process. @errors of the file.
    [[nodiscard]] static Result<std::unique_ptr<ComingIn>> say(const std::string &folder, std::int32_t pid);
    ComingIn(const ComingIn &) = delete;
    ComingIn &operator=(const ComingIn &) = delete;
    ComingIn(ComingIn &&) = delete;
    ComingIn &operator=(ComingIn &&) = delete;
    ~ComingIn();

    /// @errors EBUSY where it is so for one of these.
    [[nodiscard]] static Result<> check(const std::string &folder, std::span<const std::int32_t> pids);

private:
    explicit ComingIn(LockedEntry said) : m_said(std::move(said)) {}

    LockedEntry m_said;
};

} // namespace gantry::checkpoint
