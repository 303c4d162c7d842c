// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/block.h"

#include <algorithm>

namespace gantry::repository {

namespace {

constexpr std::uint32_t kMagic = 0x314B'4247; // "GBK1"
constexpr std::uint32_t kCodecNone = 0;
constexpr std::uint32_t kCodecZstd = 1;
/// Sizes of the pieces, and what sealing adds, on top of the largest content.
constexpr std::size_t kMaxRaw = kMaxBlockBytes + PieceId::kPerBlock * 8 + 64;

/// What the seal is bound to.
ByteVector boundOf(const BlockHead &head)
{
    ByteVector out;
    putFixed64(out, head.number);
    putFixed32(out, head.raw);
    putFixed32(out, head.codec);
    return out;
}

} // namespace

void Block::add(std::uint32_t index, ByteView piece)
{
    pieces.push_back({index, static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(piece.size())});
    append(bytes, piece);
}

const Block::Piece *Block::find(std::uint32_t index) const
{
    // Until a collection took some away, each is at its index.
    if (index < pieces.size() && pieces[index].index == index)
        return &pieces[index];
    const auto at = std::ranges::lower_bound(pieces, index, {}, &Piece::index);
    return at != pieces.end() && at->index == index ? &*at : nullptr;
}

ByteView Block::bytesOf(const Piece &piece) const
{
    return ByteView(bytes).subspan(piece.offset, piece.size);
}

ByteVector encodeBlock(const Block &block, const Sealer &sealer, Compressor *compressor)
{
    ByteVector body;
    body.reserve(block.bytes.size() + block.pieces.size() * 4 + 8);
    putVarint(body, block.pieces.size());
    std::uint32_t expected = 0;
    for (const Block::Piece &piece : block.pieces) {
        putVarint(body, piece.index - expected);
        putVarint(body, piece.size);
        expected = piece.index + 1;
    }
    append(body, block.bytes);

    BlockHead head{0, block.number, static_cast<std::uint32_t>(body.size()), kCodecNone};
    ByteVector packed;
    if (compressor != nullptr && compressor->compress(body, packed)) {
        head.codec = kCodecZstd;
        body = std::move(packed);
    }
    const ByteVector sealed = sealer.seal(body, boundOf(head));
    ByteVector out;
    out.reserve(kBlockHead + sealed.size());
    putFixed32(out, kMagic);
    putFixed32(out, static_cast<std::uint32_t>(sealed.size()));
    putFixed64(out, head.number);
    putFixed32(out, head.raw);
    putFixed32(out, head.codec);
    append(out, sealed);
    return out;
}

Result<BlockHead> parseBlockHead(ByteView record, std::string_view what)
{
    ByteReader in(record, what);
    if (GANTRY_TRY(in.fixed32()) != kMagic)
        return fail(EBADMSG, "read", what, "there is no block");
    BlockHead out;
    out.sealed = GANTRY_TRY(in.fixed32());
    out.number = GANTRY_TRY(in.fixed64());
    out.raw = GANTRY_TRY(in.fixed32());
    out.codec = GANTRY_TRY(in.fixed32());
    if (out.raw > kMaxRaw || out.sealed > kMaxRaw || out.codec > kCodecZstd)
        return fail(EBADMSG, "read", what, "the head of the block makes no sense");
    return out;
}

Result<Block> parseBlock(ByteView record, std::uint64_t number, const Sealer &sealer, Decompressor &decompressor,
                         std::string_view what, Verify verify)
{
    const BlockHead head = GANTRY_TRY(parseBlockHead(record, what));
    if (head.number != number || head.sealed != record.size() - kBlockHead)
        return fail(EBADMSG, "read", what, "it is another block");
    const ByteView sealed = record.subspan(kBlockHead);
    const ByteVector bound = boundOf(head);
    ByteVector body =
        GANTRY_TRY(verify == Verify::Seal ? sealer.open(sealed, bound, what) : sealer.unseal(sealed, bound, what));
    if (head.codec == kCodecZstd)
        body = GANTRY_TRY(decompressor.decompress(body, head.raw, what));
    else if (body.size() != head.raw)
        return fail(EBADMSG, "read", what, "the block has another size than it says");
    return parseBlockBody(body, number, what);
}

Result<Block> parseBlockBody(ByteView body, std::uint64_t number, std::string_view what)
{
    ByteReader in(body, what);
    const std::uint64_t count = GANTRY_TRY(in.varint());
    if (count > PieceId::kPerBlock)
        return fail(EBADMSG, "read", what, "too many pieces");
    Block out;
    out.number = number;
    out.pieces.reserve(count);
    std::uint64_t expected = 0;
    std::uint64_t offset = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t skipped = GANTRY_TRY(in.varint());
        const std::uint64_t size = GANTRY_TRY(in.varint());
        if (skipped >= PieceId::kPerBlock || expected + skipped >= PieceId::kPerBlock || size > kMaxPiece)
            return fail(EBADMSG, "read", what, "a piece makes no sense");
        out.pieces.push_back({static_cast<std::uint32_t>(expected + skipped), static_cast<std::uint32_t>(offset),
                              static_cast<std::uint32_t>(size)});
        expected += skipped + 1;
        offset += size;
    }
    if (offset != in.rest().size() || offset > kMaxBlockBytes)
        return fail(EBADMSG, "read", what, "its pieces do not fill it");
    out.bytes.assign(in.rest().begin(), in.rest().end());
    return out;
}

} // namespace gantry::repository
