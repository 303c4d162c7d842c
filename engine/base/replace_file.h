// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <string>
#include <string_view>

namespace gantry {

/// rename(2). @errors of it.
[[nodiscard]] Result<> renameFile(const std::string &from, const std::string &to);

/// Writes a file that holds the whole text or what it held before, even if the machine stops meanwhile: "path.new"
/// beside it, fsync, rename, fsync of the folder, which is made where it is missing. Only the owner may read it.
/// @errors of mkdir, open, write, fsync, rename. Thread: any; blocks.
[[nodiscard]] Result<> replaceFile(const std::string &path, std::string_view text);

} // namespace gantry
