// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::checkpoint {

/// Gives a whole image by its name ("pstree.img"); nullopt: there is none. @errors of where it lies; EFBIG where it has
/// more bytes than it was asked for at most.
using ReadImage = std::function<Result<std::optional<std::string>>(const std::string &name, std::uint64_t most)>;

/// Longest entry that is believed: a process of 260 000 mappings has one of 10 MiB.
inline constexpr std::size_t kMostImageEntry = std::size_t{16} << 20;

/// The eight bytes that an image of this name begins with; empty for one that is not read here.
/// Source: CRIU's criu/include/magic.h.
[[nodiscard]] std::string imageHead(std::string_view name);

/// Calls visit(entry, offset) for each entry behind the head: 4 bytes of size, then that many of a message.
/// @param name of the image, for the head and for errors. @param visit its failure ends the walk.
/// @errors EBADMSG, with name and offset, for a head of another image, or an entry that is cut or too long.
[[nodiscard]] Result<> forEachEntry(std::string_view image, std::string_view name,
                                    const std::function<Result<>(std::string_view, std::size_t)> &visit);

/// Adds one entry behind the others: its size in the machine's own order, as CRIU has it, and the message.
void appendEntry(std::string &image, std::string_view message);

/// "mm-12.img at byte 8" is not what it should be.
[[nodiscard]] std::unexpected<Error> failImage(std::string_view name, std::size_t offset, std::string_view why);

} // namespace gantry::checkpoint
