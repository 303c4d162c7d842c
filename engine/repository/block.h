// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/bytes.h"
#include "engine/repository/sealer.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::repository {

class PieceSet;

/// Names one piece of content: the block it was first written with, and its place there. Never given twice.
struct PieceId
{
    static constexpr unsigned kIndexBits = 10;
    static constexpr std::uint64_t kPerBlock = std::uint64_t{1} << kIndexBits;
    static constexpr std::uint64_t kMaxBlock = ~std::uint64_t{0} >> (kIndexBits + 1);

    std::uint64_t v = 0;

    auto operator<=>(const PieceId &) const = default;
    [[nodiscard]] constexpr std::uint64_t block() const { return v >> kIndexBits; }
    [[nodiscard]] constexpr std::uint32_t index() const { return static_cast<std::uint32_t>(v & (kPerBlock - 1)); }
    [[nodiscard]] static constexpr PieceId make(std::uint64_t block, std::uint32_t index)
    {
        return PieceId{block << kIndexBits | index};
    }
};

/// Largest piece, and largest content of a block.
inline constexpr std::size_t kMaxPiece = std::size_t{1} << 18;
inline constexpr std::size_t kMaxBlockBytes = std::size_t{4} << 20;

/// Pieces that are compressed and sealed as one.
struct Block
{
    struct Piece
    {
        std::uint32_t index = 0;
        std::uint32_t offset = 0; ///< in bytes
        std::uint32_t size = 0;
        bool follows = true; ///< the piece before, in its stream too: both are needed together
    };

    std::uint64_t number = 0;
    std::vector<Piece> pieces; ///< by index; after a collection some are missing
    ByteVector bytes;

    void add(std::uint32_t index, ByteView piece, bool follows = true);
    [[nodiscard]] const Piece *find(std::uint32_t index) const;
    [[nodiscard]] ByteView bytesOf(const Piece &piece) const;
};

/// A block as it lies in a pack: a head of 24 bytes, then the sealed body.
///   0  "GBK1"   4  size of the sealed body   8  number of the block   16  size of the body before compression
///   20  codec: 0 none, 1 zstd, 2 zstd in frames
/// The body: varint number of pieces; for each, varint of index minus the index expected next, varint of its size; then
/// the bytes of the pieces. All that stands in the head but the size is bound to the seal.
/// In frames (repositories of format 2), only the bytes of the pieces are compressed, some of them at a time, so that
/// who needs few of them decompresses few. Behind the table of pieces: for each frame, varint number of its pieces,
/// varint (size << 1 | whether it is compressed); then the frames. Field 16 is the size of all content then.
inline constexpr std::size_t kBlockHead = 24;
/// A frame that has these gets nothing more. Of redis' memory, frames of this size are as small as one of a whole
/// block, and compressed as fast; of executable code they are 3 % larger, and take a fifth longer. A frame ends before
/// a piece that does not follow in its stream, too: of a tick's pages here and there, each is replaced by itself.
inline constexpr std::size_t kFrameBytes = std::size_t{16} << 10;

enum class BlockLayout : std::uint8_t { Whole, Frames };

struct BlockHead
{
    std::uint32_t sealed = 0;
    std::uint64_t number = 0;
    std::uint32_t raw = 0;
    std::uint32_t codec = 0;
};

/// @param compressor may be null: nothing is compressed. @param layout of what is.
[[nodiscard]] ByteVector encodeBlock(const Block &block, const Sealer &sealer, Compressor *compressor,
                                     BlockLayout layout);
/// @errors EBADMSG for what is no head, or claims more than kMaxBlockBytes.
[[nodiscard]] Result<BlockHead> parseBlockHead(ByteView record, std::string_view what);
/// Whether the seal is to be verified, or the caller verifies the digest of each piece that it uses: what is sealed
/// without a key need not be gone over twice then.
enum class Verify : std::uint8_t { Seal, PiecesLater };
/// Bytes of a record.
struct RecordPart
{
    std::size_t first = 0;
    std::size_t size = 0;
};
/// Which parts of a record of `size` bytes parseBlock() looks at, if it is to verify no seal and there is no key,
/// besides its `beginning`, which was read: by their places, with no two that touch. All the rest, where the beginning
/// is too short to tell, or it is no block in frames.
[[nodiscard]] std::vector<RecordPart> neededParts(ByteView beginning, std::size_t size, const PieceSet &needed);

/// @param record head and body. @param number which block it has to be.
/// @param needed frames without any of these are left out, and all their pieces: the block has others, one behind the
/// other. Null: all are needed. @errors EBADMSG with `what` as subject.
[[nodiscard]] Result<Block> parseBlock(ByteView record, std::uint64_t number, const Sealer &sealer,
                                       Decompressor &decompressor, std::string_view what, Verify verify = Verify::Seal,
                                       const PieceSet *needed = nullptr);
/// The body after it was opened and decompressed. @errors EBADMSG.
[[nodiscard]] Result<Block> parseBlockBody(ByteView body, std::uint64_t number, std::string_view what);

} // namespace gantry::repository
