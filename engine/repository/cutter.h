// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/bytes.h"

#include <cstddef>

namespace gantry::repository {

/// Where content-defined cuts fall: none before `least`, one at `most` at the latest, `mean` on average. Powers of two.
struct CutSizes
{
    std::size_t least = 0;
    std::size_t mean = 0;
    std::size_t most = 0;
};
/// Of streams of bytes.
inline constexpr CutSizes kByteCuts{std::size_t{16} << 10, std::size_t{64} << 10, std::size_t{256} << 10};
/// Of content lists: small, since a change in memory changes few places of its list.
inline constexpr CutSizes kListCuts{std::size_t{1} << 10, std::size_t{4} << 10, std::size_t{16} << 10};

/// Length of the first piece of `bytes`: a rolling hash over the last 64 bytes decides (gear hash, with a stricter mask
/// before the mean than after it, which narrows the spread: Xia et al., FastCDC, USENIX ATC 2016), so that bytes put in
/// or taken out move the cuts near them alone. @return bytes.size() where no cut falls in them.
[[nodiscard]] std::size_t firstCut(ByteView bytes, const CutSizes &sizes);

} // namespace gantry::repository
