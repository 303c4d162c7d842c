// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/bytes.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace gantry::repository {

/// Bytes that come one after the other: fills the beginning of what it is given, which is not empty. @return how many;
/// 0 only at the end. Its failure ends the reading.
using Source = std::function<Result<std::size_t>(std::span<std::byte>)>;

/// What is in memory, which must stay. For tests, and for small things.
[[nodiscard]] Source sourceOf(ByteView bytes);
/// read(2) until its end; `name` is for errors. The descriptor must stay open.
[[nodiscard]] Source sourceOf(int fd, std::string_view name);

/// A source with the first bytes read ahead, to see what it is.
struct Peeked
{
    ByteVector first; ///< as many as were asked for, or all there are
    Source source;    ///< gives all of it, the first bytes too
};
/// @errors the source's.
[[nodiscard]] Result<Peeked> peek(Source source, std::size_t size);

/// What zstd (RFC 8878) or gzip (RFC 1952) have packed, unpacked; anything else as it is. Told by its first bytes.
/// Takes at most 128 MiB of memory (zstd's greatest window, as zstd -d has it), whatever it claims.
/// @errors the source's; those of the result: EBADMSG with the byte of `source` where it is damaged or cut off.
[[nodiscard]] Result<Source> unpacked(Source source);

} // namespace gantry::repository
