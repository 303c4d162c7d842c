// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/block.h"
#include "engine/repository/bytes.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::repository {

/// Consecutive pieces of a stream: a run of ids that follow each other, or pages of zeros.
struct PieceRun
{
    bool zeros = false;
    PieceId first; ///< of no meaning for zeros
    std::uint64_t count = 0;

    bool operator==(const PieceRun &) const = default;
};

/// The content of a stream as runs, written down: for each, varint (count << 1 | zeros), then, unless zeros, the signed
/// varint of first id minus the id that would follow the run before. So an unchanged part of a stream has the same
/// bytes wherever it stands, and pages that were stored together cost a few bytes for all.
class ContentListWriter
{
public:
    void addZeros(std::uint64_t count);
    void add(PieceId id);
    /// The list; nothing may be added after.
    [[nodiscard]] ByteVector finish();
    [[nodiscard]] std::uint64_t pieces() const { return m_pieces; }
    /// The piece that was added last; of no meaning after zeros, or where there is none.
    [[nodiscard]] PieceId last() const { return PieceId{m_run.first.v + m_run.count - 1}; }

private:
    void flush();

    ByteVector m_bytes;
    PieceRun m_run;
    std::uint64_t m_expected = 0; ///< id after the last run
    std::uint64_t m_pieces = 0;
};

/// Most pieces of one stream: 4 PiB of pages.
inline constexpr std::uint64_t kMaxPieces = std::uint64_t{1} << 40;

/// @errors EBADMSG for what is no list, or has more than kMaxPieces.
[[nodiscard]] Result<std::vector<PieceRun>> parseContentList(ByteView bytes, std::string_view what);

} // namespace gantry::repository
