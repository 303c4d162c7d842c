// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/content_list.h"

#include <utility>

namespace gantry::repository {

void ContentListWriter::flush()
{
    if (m_run.count == 0)
        return;
    putVarint(m_bytes, m_run.count << 1 | (m_run.zeros ? 1 : 0));
    if (!m_run.zeros) {
        // Unsigned, then cast: the difference of two ids fits, whatever its sign.
        putSigned(m_bytes, static_cast<std::int64_t>(m_run.first.v - m_expected));
        m_expected = m_run.first.v + m_run.count;
    }
    m_run = {};
}

void ContentListWriter::addZeros(std::uint64_t count)
{
    if (!m_run.zeros)
        flush();
    m_run.zeros = true;
    m_run.count += count;
    m_pieces += count;
}

void ContentListWriter::add(PieceId id)
{
    if (m_run.zeros || m_run.first.v + m_run.count != id.v)
        flush();
    if (m_run.count == 0)
        m_run = {false, id, 0};
    ++m_run.count;
    ++m_pieces;
}

ByteVector ContentListWriter::finish()
{
    flush();
    return std::move(m_bytes);
}

Result<std::vector<PieceRun>> parseContentList(ByteView bytes, std::string_view what)
{
    ByteReader in(bytes, what);
    std::vector<PieceRun> out;
    std::uint64_t expected = 0;
    std::uint64_t pieces = 0;
    while (!in.atEnd()) {
        const std::uint64_t word = GANTRY_TRY(in.varint());
        PieceRun run{(word & 1) != 0, {}, word >> 1};
        pieces += run.count;
        if (run.count == 0 || run.count > kMaxPieces || pieces > kMaxPieces)
            return fail(EBADMSG, "read", what, "a run of pieces makes no sense");
        if (!run.zeros) {
            run.first.v = expected + static_cast<std::uint64_t>(GANTRY_TRY(in.signedVarint()));
            expected = run.first.v + run.count;
            if (expected < run.first.v)
                return fail(EBADMSG, "read", what, "a run of pieces makes no sense");
        }
        out.push_back(run);
    }
    return out;
}

} // namespace gantry::repository
