// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/block.h"

#include "engine/repository/piece_index.h"

#include <algorithm>

namespace gantry::repository {

namespace {

constexpr std::uint32_t kMagic = 0x314B'4247; // "GBK1"
constexpr std::uint32_t kCodecNone = 0;
constexpr std::uint32_t kCodecZstd = 1;
constexpr std::uint32_t kCodecFrames = 2;
/// Tables of pieces and frames, and what sealing adds, on top of the largest content.
constexpr std::size_t kMaxRaw = kMaxBlockBytes + PieceId::kPerBlock * 10 + 64;

/// What the seal is bound to.
ByteVector boundOf(const BlockHead &head)
{
    ByteVector out;
    putFixed64(out, head.number);
    putFixed32(out, head.raw);
    putFixed32(out, head.codec);
    return out;
}

void putTable(ByteVector &out, const Block &block)
{
    putVarint(out, block.pieces.size());
    std::uint32_t expected = 0;
    for (const Block::Piece &piece : block.pieces) {
        putVarint(out, piece.index - expected);
        putVarint(out, piece.size);
        expected = piece.index + 1;
    }
}

/// The pieces of a body, with their places in its content. @errors EBADMSG.
Result<std::vector<Block::Piece>> takeTable(ByteReader &in, std::string_view what)
{
    const std::uint64_t count = GANTRY_TRY(in.varint());
    if (count > PieceId::kPerBlock)
        return fail(EBADMSG, "read", what, "too many pieces");
    std::vector<Block::Piece> out;
    out.reserve(count);
    std::uint64_t expected = 0;
    std::uint64_t offset = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t skipped = GANTRY_TRY(in.varint());
        const std::uint64_t size = GANTRY_TRY(in.varint());
        if (skipped >= PieceId::kPerBlock || expected + skipped >= PieceId::kPerBlock || size > kMaxPiece)
            return fail(EBADMSG, "read", what, "a piece makes no sense");
        out.push_back({static_cast<std::uint32_t>(expected + skipped), static_cast<std::uint32_t>(offset),
                       static_cast<std::uint32_t>(size)});
        expected += skipped + 1;
        offset += size;
    }
    if (offset > kMaxBlockBytes)
        return fail(EBADMSG, "read", what, "its pieces do not fill it");
    return out;
}

/// Consecutive pieces of a block, compressed as one.
struct Frame
{
    std::size_t first = 0; ///< of the block's pieces
    std::size_t count = 0;
    std::size_t content = 0; ///< bytes before compression
    std::uint64_t packed = 0;
    bool compressed = false;
};

/// How pieces are put into frames.
std::vector<Frame> framesOf(const std::vector<Block::Piece> &pieces)
{
    std::vector<Frame> out;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (out.empty() || out.back().content >= kFrameBytes || !pieces[i].follows)
            out.push_back({.first = i});
        ++out.back().count;
        out.back().content += pieces[i].size;
    }
    return out;
}

ByteVector framedBody(const Block &block, Compressor &compressor)
{
    ByteVector packed;
    packed.reserve(block.bytes.size() + kFrameBytes);
    ByteVector out;
    putTable(out, block);
    for (const Frame &frame : framesOf(block.pieces)) {
        const ByteView content = ByteView(block.bytes).subspan(block.pieces[frame.first].offset, frame.content);
        const std::size_t before = packed.size();
        const bool compressed = compressor.compress(content, packed);
        if (!compressed)
            append(packed, content);
        putVarint(out, frame.count);
        putVarint(out, (packed.size() - before) << 1 | (compressed ? 1 : 0));
    }
    append(out, packed);
    return out;
}

bool isNeeded(const Frame &frame, std::uint64_t block, const std::vector<Block::Piece> &pieces, const PieceSet *needed)
{
    if (needed == nullptr)
        return true;
    for (std::size_t i = frame.first; i < frame.first + frame.count; ++i) {
        if (needed->contains(PieceId::make(block, pieces[i].index)))
            return true;
    }
    return false;
}

/// The beginning of a body in frames.
struct FrameTable
{
    std::vector<Block::Piece> pieces;
    std::vector<Frame> frames;
};

Result<FrameTable> takeFrameTable(ByteReader &in, std::string_view what)
{
    FrameTable out;
    out.pieces = GANTRY_TRY(takeTable(in, what));
    for (std::size_t first = 0; first < out.pieces.size();) {
        Frame frame{.first = first};
        const std::uint64_t count = GANTRY_TRY(in.varint());
        if (count == 0 || count > out.pieces.size() - first)
            return fail(EBADMSG, "read", what, "a frame makes no sense");
        frame.count = count;
        for (; first < frame.first + frame.count; ++first)
            frame.content += out.pieces[first].size;
        const std::uint64_t word = GANTRY_TRY(in.varint());
        frame.packed = word >> 1;
        frame.compressed = (word & 1) != 0;
        if (frame.packed > frame.content || (!frame.compressed && frame.packed != frame.content))
            return fail(EBADMSG, "read", what, "a frame makes no sense");
        out.frames.push_back(frame);
    }
    return out;
}

/// @param content bytes before compression, as the head says.
Result<Block> parseFrames(ByteView body, std::uint64_t number, std::size_t content, Decompressor &decompressor,
                          std::string_view what, const PieceSet *needed)
{
    ByteReader in(body, what);
    const auto [pieces, frames] = GANTRY_TRY(takeFrameTable(in, what));
    std::uint64_t packed = 0;
    std::size_t all = 0;
    std::size_t wanted = 0;
    for (const Frame &frame : frames) {
        packed += frame.packed;
        all += frame.content;
        wanted += isNeeded(frame, number, pieces, needed) ? frame.content : 0;
    }
    if (packed != in.rest().size() || all != content)
        return fail(EBADMSG, "read", what, "its frames do not fill it");
    Block out;
    out.number = number;
    out.bytes.resize(wanted);
    std::span<std::byte> room = out.bytes;
    for (ByteView rest = in.rest(); const Frame &frame : frames) {
        const ByteView bytes = rest.first(frame.packed);
        rest = rest.subspan(frame.packed);
        if (!isNeeded(frame, number, pieces, needed))
            continue;
        const auto at = static_cast<std::uint32_t>(out.bytes.size() - room.size());
        for (std::size_t i = frame.first; i < frame.first + frame.count; ++i)
            out.pieces.push_back({pieces[i].index, at + pieces[i].offset - pieces[frame.first].offset, pieces[i].size,
                                  i != frame.first});
        if (frame.compressed)
            GANTRY_CHECK(decompressor.decompressTo(room.first(frame.content), bytes, what));
        else
            std::ranges::copy(bytes, room.begin());
        room = room.subspan(frame.content);
    }
    return out;
}

} // namespace

void Block::add(std::uint32_t index, ByteView piece, bool follows)
{
    pieces.push_back(
        {index, static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(piece.size()), follows});
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

ByteVector encodeBlock(const Block &block, const Sealer &sealer, Compressor *compressor, BlockLayout layout)
{
    BlockHead head{0, block.number, 0, kCodecNone};
    ByteVector body;
    if (compressor != nullptr && layout == BlockLayout::Frames) {
        head.raw = static_cast<std::uint32_t>(block.bytes.size());
        head.codec = kCodecFrames;
        body = framedBody(block, *compressor);
    } else {
        body.reserve(block.bytes.size() + block.pieces.size() * 4 + 8);
        putTable(body, block);
        append(body, block.bytes);
        head.raw = static_cast<std::uint32_t>(body.size());
        if (ByteVector packed; compressor != nullptr && compressor->compress(body, packed)) {
            head.codec = kCodecZstd;
            body = std::move(packed);
        }
    }
    const std::size_t sealed = body.size() + sealer.overhead();
    ByteVector out;
    out.reserve(kBlockHead + sealed);
    putFixed32(out, kMagic);
    putFixed32(out, static_cast<std::uint32_t>(sealed));
    putFixed64(out, head.number);
    putFixed32(out, head.raw);
    putFixed32(out, head.codec);
    sealer.sealTo(out, body, boundOf(head));
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
    if (out.raw > kMaxRaw || out.sealed > kMaxRaw || out.codec > kCodecFrames)
        return fail(EBADMSG, "read", what, "the head of the block makes no sense");
    return out;
}

std::vector<RecordPart> neededParts(ByteView beginning, std::size_t size, const PieceSet &needed)
{
    constexpr std::string_view kWhat = "block";
    const std::vector<RecordPart> rest{{beginning.size(), size - beginning.size()}};
    const auto head = parseBlockHead(beginning, kWhat);
    if (!head || head->codec != kCodecFrames)
        return rest;
    ByteReader in(beginning.subspan(kBlockHead), kWhat);
    const auto table = takeFrameTable(in, kWhat);
    if (!table)
        return rest;
    std::vector<RecordPart> out;
    std::size_t at = beginning.size() - in.rest().size();
    for (const Frame &frame : table->frames) {
        const std::size_t end = std::min(at + frame.packed, size);
        const std::size_t first = std::max(at, beginning.size());
        at = end;
        if (first >= end || !isNeeded(frame, head->number, table->pieces, &needed))
            continue;
        if (!out.empty() && out.back().first + out.back().size == first)
            out.back().size += end - first;
        else
            out.push_back({first, end - first});
    }
    return out;
}

Result<Block> parseBlock(ByteView record, std::uint64_t number, const Sealer &sealer, Decompressor &decompressor,
                         std::string_view what, Verify verify, const PieceSet *needed)
{
    const BlockHead head = GANTRY_TRY(parseBlockHead(record, what));
    if (head.number != number || head.sealed != record.size() - kBlockHead)
        return fail(EBADMSG, "read", what, "it is another block");
    const ByteView sealed = record.subspan(kBlockHead);
    const ByteVector bound = boundOf(head);
    ByteVector room;
    const ByteView body = GANTRY_TRY(verify == Verify::Seal ? sealer.openIn(room, sealed, bound, what)
                                                            : sealer.unsealIn(room, sealed, bound, what));
    if (head.codec == kCodecFrames)
        return parseFrames(body, number, head.raw, decompressor, what, needed);
    if (head.codec == kCodecZstd)
        return parseBlockBody(GANTRY_TRY(decompressor.decompress(body, head.raw, what)), number, what);
    if (body.size() != head.raw)
        return fail(EBADMSG, "read", what, "the block has another size than it says");
    return parseBlockBody(body, number, what);
}

Result<Block> parseBlockBody(ByteView body, std::uint64_t number, std::string_view what)
{
    ByteReader in(body, what);
    Block out;
    out.number = number;
    out.pieces = GANTRY_TRY(takeTable(in, what));
    const std::size_t content = out.pieces.empty() ? 0 : out.pieces.back().offset + out.pieces.back().size;
    if (content != in.rest().size())
        return fail(EBADMSG, "read", what, "its pieces do not fill it");
    out.bytes.assign(in.rest().begin(), in.rest().end());
    return out;
}

} // namespace gantry::repository
