// SPDX-License-Identifier: GPL-3.0-or-later
// What a repository's files say before it is believed: blocks, content lists, rows, manifests, the format file.
#include "engine/repository/block.h"
#include "engine/repository/catalogue.h"
#include "engine/repository/content_list.h"
#include "engine/repository/format.h"
#include "engine/repository/manifest.h"
#include "engine/repository/piece_index.h"

#include "tests/fuzz/fuzz_input.h"

using namespace gantry;
using namespace gantry::repository;

namespace {

void blocks(ByteView bytes)
{
    if (const auto body = parseBlockBody(bytes, 1, "fuzz")) {
        std::size_t total = 0;
        for (const Block::Piece &piece : body->pieces) {
            fuzz::require(body->find(piece.index) != nullptr);
            total += body->bytesOf(piece).size();
        }
        fuzz::require(total == body->bytes.size());
    }
    static const bool kReady = readySodium().has_value();
    static const Sealer kPlain;
    static Decompressor decompressor;
    fuzz::require(kReady);
    if (const auto head = parseBlockHead(bytes, "fuzz")) {
        static_cast<void>(parseBlock(bytes, head->number, kPlain, decompressor, "fuzz"));
        PieceSet some;
        for (std::uint32_t index = 0; index < PieceId::kPerBlock; index += 3)
            some.add(PieceId::make(head->number, index));
        const auto part = parseBlock(bytes, head->number, kPlain, decompressor, "fuzz", Verify::PiecesLater, &some);
        for (std::size_t i = 0; part && i < part->pieces.size(); ++i)
            fuzz::require(part->bytesOf(part->pieces[i]).size() == part->pieces[i].size);
        std::size_t end = bytes.size();
        for (const RecordPart &one : neededParts(bytes, bytes.size() + 4096, some)) {
            fuzz::require(one.first >= end && one.size > 0 && one.first + one.size <= bytes.size() + 4096);
            end = one.first + one.size;
        }
    }
    static_cast<void>(decompressor.decompress(bytes, 4096, "fuzz"));
}

void lists(ByteView bytes)
{
    const auto runs = parseContentList(bytes, "fuzz");
    if (!runs)
        return;
    // Written again it says the same, unless it is too long to be written piece by piece.
    constexpr std::uint64_t kMost = 100'000;
    std::uint64_t pieces = 0;
    for (const PieceRun &run : *runs)
        pieces += run.count;
    if (pieces > kMost)
        return;
    ContentListWriter writer;
    for (const PieceRun &run : *runs) {
        for (std::uint64_t i = 0; i < run.count; ++i) {
            if (run.zeros)
                writer.addZeros(1);
            else
                writer.add(PieceId{run.first.v + i});
        }
    }
    const auto again = parseContentList(writer.finish(), "fuzz");
    fuzz::require(again.has_value());
    std::uint64_t same = 0;
    for (const PieceRun &run : *again)
        same += run.count;
    fuzz::require(same == pieces);
}

void texts(std::string_view text)
{
    if (const auto body = parseBody(text)) {
        const auto encoded = encodeBody(*body);
        fuzz::require(encoded.has_value() && parseBody(*encoded).has_value());
    }
    if (const auto labels = parseLabels(text))
        fuzz::require(encodeLabels(*labels).has_value());
    if (const auto format = parseFormat(text, "fuzz"))
        fuzz::require(parseFormat(encodeFormat(*format), "fuzz").has_value());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text = fuzz::textOf(data, size);
    const ByteView bytes = viewOf(text);
    blocks(bytes);
    lists(bytes);
    if (const auto pieces = parsePieces(bytes, "fuzz"))
        fuzz::require(pieces->size() <= PieceId::kPerBlock);
    texts(text);
    return 0;
}
