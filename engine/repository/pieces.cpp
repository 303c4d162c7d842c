// SPDX-License-Identifier: GPL-3.0-or-later
// Looking at a stream without reading all of it.
#include "engine/base/strings.h"
#include "engine/repository/store_state.h"

#include <algorithm>
#include <utility>

namespace gantry::repository {

namespace {

std::unexpected<Error> notThere(PieceId id)
{
    return fail(EBADMSG, "read", strCat("block ", id.block()),
                strCat("the catalogue does not know piece ", id.index(), " of it"));
}

} // namespace

Result<std::vector<PieceRun>> Store::pieces(const CheckpointId &id, std::string_view stream) const
{
    const auto row = GANTRY_TRY(m_state->reading->checkpoint(id));
    if (!row)
        return fail(ENOENT, "read", id.text(), "there is no such checkpoint");
    const CheckpointBody body = GANTRY_TRY(openBody(*m_state, *row));
    const auto found = std::ranges::find(body.streams, stream,
                                         [](const StreamRecord &one) -> std::string_view { return one.info.name; });
    if (found == body.streams.end())
        return fail(ENOENT, "read", stream, "the checkpoint has no such stream");
    ListReader lists(*m_state);
    return lists.read(*m_state, *found);
}

Result<std::vector<Digest>> Store::digests(std::span<const PieceId> ids, const std::stop_token &stop) const
{
    // By block: each row is asked for and opened once.
    std::vector<std::pair<PieceId, std::size_t>> order;
    order.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        order.emplace_back(ids[i], i);
    std::ranges::sort(order);
    std::vector<Digest> out(ids.size());
    std::vector<PieceRow> rows;
    std::optional<std::uint64_t> opened;
    for (const auto &[id, at] : order) {
        if (opened != id.block()) {
            if (stop.stop_requested())
                return fail(ECANCELED, "read", strCat("block ", id.block()), "cancelled");
            const auto row = GANTRY_TRY(m_state->reading->block(id.block()));
            if (!row)
                return notThere(id);
            rows = GANTRY_TRY(openPieces(*row, m_state->sealer, m_state->disk.pathOf(kCatalogueFile)));
            opened = id.block();
        }
        const auto found = std::ranges::find(rows, id.index(), &PieceRow::index);
        if (found == rows.end())
            return notThere(id);
        out[at] = found->digest;
    }
    return out;
}

Result<std::vector<std::byte>> Store::piece(PieceId id) const
{
    PieceSet one;
    one.add(id);
    const DigestedBlockPtr whole = GANTRY_TRY(BlockReader(*m_state).readPieces(id.block(), one));
    const Block::Piece *found = whole->block->find(id.index());
    if (found == nullptr)
        return notThere(id);
    const ByteView bytes = whole->block->bytesOf(*found);
    return ByteVector(bytes.begin(), bytes.end());
}

} // namespace gantry::repository
