// SPDX-License-Identifier: GPL-3.0-or-later
// Reading blocks, content lists and streams.
#include "engine/base/strings.h"
#include "engine/repository/read_ahead.h"
#include "engine/repository/store_state.h"

#include <algorithm>
#include <utility>

namespace gantry::repository {

namespace {

/// Content lists are read whole; 64 TiB of pages that no two follow each other have one of this size.
constexpr std::uint64_t kMaxList = std::uint64_t{16} << 30;
constexpr std::size_t kMostListBlocks = 256;
/// Blocks of a stream that are kept because they are needed again; beyond, they are read again.
constexpr std::size_t kMostHeld = std::size_t{256} << 20;
constexpr std::size_t kZeros = std::size_t{64} << 10;
/// Bytes of a block's record that are read first where it is not read whole: the table of 256 KiB of pages fits.
constexpr std::size_t kBeginning = std::size_t{1} << 10;

/// Calls visit(block, index, count) for the parts of a run that lie in one block each.
template <class Visit> Result<> forEachPart(const PieceRun &run, Visit visit)
{
    PieceId id = run.first;
    for (std::uint64_t left = run.count; left > 0;) {
        const std::uint64_t count = std::min(left, PieceId::kPerBlock - id.index());
        GANTRY_CHECK(visit(id.block(), id.index(), count));
        id.v += count;
        left -= count;
    }
    return {};
}

Result<> missing(std::uint64_t block, std::uint32_t index)
{
    return fail(EBADMSG, "read", strCat("block ", block), strCat("piece ", index, " is not in it"));
}

/// One stream on its way to a sink.
class StreamReading
{
public:
    StreamReading(const StoreState &state, const StreamRecord &stream, const Sink &sink)
        : m_state(state), m_stream(stream), m_sink(sink), m_again(state)
    {}
    Result<> run(const std::vector<PieceRun> &runs, const std::stop_token &stop);

private:
    /// When a block is needed for the last time, and whether it was before.
    struct Use
    {
        std::uint64_t last = 0;
        bool seen = false;
    };
    void plan(const std::vector<PieceRun> &runs);
    Result<DigestedBlockPtr> take(std::uint64_t number);
    void letGo(std::uint64_t number);
    Result<> part(std::uint64_t number, std::uint32_t index, std::uint64_t count);
    Result<> zeros(std::uint64_t count);
    Result<> deliver(ByteView bytes);

    const StoreState &m_state;
    const StreamRecord &m_stream;
    const Sink &m_sink;
    BlockReader m_again;
    PieceSet m_needed;
    std::optional<ReadAhead> m_ahead;
    std::unordered_map<std::uint64_t, Use> m_uses;
    std::unordered_map<std::uint64_t, DigestedBlockPtr> m_held;
    std::size_t m_heldBytes = 0;
    std::uint64_t m_visit = 0;
    std::uint64_t m_delivered = 0;
    RunningDigest m_digest;
};

void StreamReading::plan(const std::vector<PieceRun> &runs)
{
    std::vector<std::uint64_t> order;
    std::uint64_t visit = 0;
    for (const PieceRun &run : runs) {
        if (run.zeros)
            continue;
        for (std::uint64_t i = 0; i < run.count; ++i)
            m_needed.add(PieceId{run.first.v + i});
        static_cast<void>(forEachPart(run, [&](std::uint64_t block, std::uint32_t, std::uint64_t) -> Result<> {
            const auto [at, first] = m_uses.try_emplace(block);
            if (first)
                order.push_back(block);
            at->second.last = visit++;
            return {};
        }));
    }
    m_ahead.emplace(m_state, std::move(order), m_needed);
}

Result<DigestedBlockPtr> StreamReading::take(std::uint64_t number)
{
    if (const auto held = m_held.find(number); held != m_held.end())
        return held->second;
    DigestedBlockPtr block;
    if (std::exchange(m_uses.at(number).seen, true))
        block = GANTRY_TRY(m_again.readPieces(number, m_needed));
    else
        block = GANTRY_TRY(m_ahead->next());
    while (!m_held.empty() && m_heldBytes > kMostHeld)
        letGo(m_held.begin()->first);
    m_heldBytes += block->block->bytes.size();
    m_held[number] = block;
    return block;
}

void StreamReading::letGo(std::uint64_t number)
{
    if (const auto held = m_held.find(number); held != m_held.end()) {
        m_heldBytes -= held->second->block->bytes.size();
        m_held.erase(held);
    }
}

Result<> StreamReading::deliver(ByteView bytes)
{
    m_delivered += bytes.size();
    if (m_delivered > m_stream.info.size.v)
        return fail(EBADMSG, "read", m_stream.info.name, "the stream is longer than it was written");
    return m_sink(bytes);
}

Result<> StreamReading::zeros(std::uint64_t count)
{
    static const ByteVector kNothing(kZeros);
    for (std::uint64_t i = 0; i < count; ++i)
        m_digest.add(Digest{});
    for (std::uint64_t left = count * kPage; left > 0;) {
        const std::uint64_t size = std::min<std::uint64_t>(left, kZeros);
        GANTRY_CHECK(deliver(ByteView(kNothing).first(size)));
        left -= size;
    }
    return {};
}

Result<> StreamReading::part(std::uint64_t number, std::uint32_t index, std::uint64_t count)
{
    const DigestedBlockPtr whole = GANTRY_TRY(take(number));
    const Block &block = *whole->block;
    const Block::Piece *first = block.find(index);
    const auto at = first == nullptr ? block.pieces.size() : static_cast<std::size_t>(first - block.pieces.data());
    if (count > block.pieces.size() - at)
        return missing(number, index);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (block.pieces[at + i].index != index + i)
            return missing(number, index);
        m_digest.add(whole->digests[at + i]);
        bytes += block.pieces[at + i].size;
    }
    // Pieces of a run lie one behind the other.
    GANTRY_CHECK(deliver(ByteView(block.bytes).subspan(first->offset, bytes)));
    if (m_uses.at(number).last == m_visit++)
        letGo(number);
    return {};
}

Result<> StreamReading::run(const std::vector<PieceRun> &runs, const std::stop_token &stop)
{
    plan(runs);
    for (const PieceRun &run : runs) {
        if (stop.stop_requested())
            return fail(ECANCELED, "read", m_stream.info.name, "cancelled");
        if (run.zeros) {
            GANTRY_CHECK(zeros(run.count));
            continue;
        }
        GANTRY_CHECK(forEachPart(run, [this](std::uint64_t block, std::uint32_t index, std::uint64_t count) {
            return part(block, index, count);
        }));
    }
    if (m_delivered != m_stream.info.size.v || m_digest.finish() != m_stream.content)
        return fail(EBADMSG, "verify", m_stream.info.name, "the stream is not what was written");
    return {};
}

} // namespace

std::string placeOf(const StoreState &state, const BlockRow &row)
{
    return strCat(state.disk.pathOf(packName(row.pack)), " at byte ", row.offset, " (block ", row.number, ')');
}

Result<> BlockReader::readRecord(const BlockRow &row, Verify verify, const PieceSet *needed)
{
    m_record.resize(row.size);
    const std::span<std::byte> record = m_record;
    const bool inParts = needed != nullptr && verify == Verify::PiecesLater && !m_state.sealer.encrypts();
    const std::size_t beginning = inParts ? std::min(kBeginning, record.size()) : record.size();
    GANTRY_CHECK(m_state.packs.read(row.pack, row.offset, record.first(beginning)));
    if (beginning == record.size())
        return {};
    for (const RecordPart &part : neededParts(record.first(beginning), record.size(), *needed))
        GANTRY_CHECK(m_state.packs.read(row.pack, row.offset + part.first, record.subspan(part.first, part.size)));
    return {};
}

Result<std::shared_ptr<const Block>> BlockReader::readRow(const BlockRow &row, Verify verify, const PieceSet *needed)
{
    const std::string what = placeOf(m_state, row);
    if (row.size < kBlockHead || row.size > 2 * kMaxBlockBytes)
        return fail(EBADMSG, "read", what, "the size in the catalogue makes no sense");
    GANTRY_CHECK(readRecord(row, verify, needed));
    return std::make_shared<const Block>(
        GANTRY_TRY(parseBlock(m_record, row.number, m_state.sealer, m_decompressor, what, verify, needed)));
}

Result<DigestedBlockPtr> BlockReader::readPiecesOf(const BlockRow &row, const PieceSet &needed)
{
    const auto pieces = GANTRY_TRY(openPieces(row, m_state.sealer, m_state.disk.pathOf(kCatalogueFile)));
    DigestedBlock out;
    out.block = GANTRY_TRY(readRow(row, Verify::PiecesLater, &needed));
    out.digests.resize(out.block->pieces.size());
    for (const PieceRow &piece : pieces) {
        if (!needed.contains(PieceId::make(row.number, piece.index)))
            continue;
        const Block::Piece *found = out.block->find(piece.index);
        if (found == nullptr || m_state.sealer.digest(out.block->bytesOf(*found)) != piece.digest)
            return fail(EBADMSG, "verify", placeOf(m_state, row),
                        strCat("piece ", piece.index, " is not what was written"));
        out.digests[static_cast<std::size_t>(found - out.block->pieces.data())] = piece.digest;
    }
    return std::make_shared<const DigestedBlock>(std::move(out));
}

template <class Read> auto BlockReader::withRow(std::uint64_t number, Read read)
{
    // A collection, perhaps of another process, may move the block between the two steps; not often in a row.
    constexpr int kTries = 3;
    using Answer = decltype(read(BlockRow()));
    for (int i = 1;; ++i) {
        const auto row = m_state.reading->block(number);
        if (!row)
            return Answer(std::unexpected(row.error()));
        if (!*row)
            return Answer(fail(EBADMSG, "read", strCat("block ", number), "the catalogue does not know it"));
        Answer answer = read(**row);
        if (answer || i == kTries || (answer.error().posix() != ENOENT && answer.error().posix() != EBADMSG))
            return answer;
        m_state.packs.forget((*row)->pack);
    }
}

Result<std::shared_ptr<const Block>> BlockReader::read(std::uint64_t number)
{
    return withRow(number, [this](const BlockRow &row) { return readRow(row, Verify::PiecesLater); });
}

Result<DigestedBlockPtr> BlockReader::readPieces(std::uint64_t number, const PieceSet &needed)
{
    return withRow(number, [this, &needed](const BlockRow &row) { return readPiecesOf(row, needed); });
}

Result<std::vector<PieceRun>> ListReader::read(const StoreState &state, const StreamRecord &stream)
{
    if (stream.listSize > kMaxList)
        return fail(EBADMSG, "read", stream.info.name, "the size of its content list makes no sense");
    ByteVector list;
    for (const PieceRun &run : GANTRY_TRY(parseContentList(stream.listRuns, stream.info.name))) {
        GANTRY_CHECK(forEachPart(run, [&](std::uint64_t number, std::uint32_t index, std::uint64_t count) -> Result<> {
            if (held.size() > kMostListBlocks)
                held.clear();
            auto &block = held[number];
            if (block == nullptr)
                block = GANTRY_TRY(blocks.read(number));
            for (std::uint32_t i = index; i < index + count; ++i) {
                const Block::Piece *piece = block->find(i);
                if (piece == nullptr)
                    return missing(number, i);
                append(list, block->bytesOf(*piece));
            }
            return {};
        }));
    }
    if (list.size() != stream.listSize || state.sealer.digest(list) != stream.list)
        return fail(EBADMSG, "verify", stream.info.name, "its content list is not what was written");
    return parseContentList(list, stream.info.name);
}

Result<> addPieces(const StoreState &state, ListReader &lists, const CheckpointBody &body, PieceSet &out)
{
    const auto addRuns = [&out](const std::vector<PieceRun> &runs) {
        for (const PieceRun &run : runs) {
            for (std::uint64_t i = 0; !run.zeros && i < run.count; ++i)
                out.add(PieceId{run.first.v + i});
        }
    };
    for (const StreamRecord &stream : body.streams) {
        addRuns(GANTRY_TRY(parseContentList(stream.listRuns, stream.info.name)));
        addRuns(GANTRY_TRY(lists.read(state, stream)));
    }
    return {};
}

Result<StreamContent> readContent(const StoreState &state, const CheckpointId &id, std::string_view stream)
{
    const auto row = GANTRY_TRY(state.reading->checkpoint(id));
    if (!row)
        return fail(ENOENT, "read", id.text(), "there is no such checkpoint");
    CheckpointBody body = GANTRY_TRY(openBody(state, *row));
    const auto found = std::ranges::find(body.streams, stream,
                                         [](const StreamRecord &one) -> std::string_view { return one.info.name; });
    if (found == body.streams.end())
        return fail(ENOENT, "read", stream, "the checkpoint has no such stream");
    ListReader lists(state);
    std::vector<PieceRun> runs = GANTRY_TRY(lists.read(state, *found));
    return StreamContent{std::move(*found), std::move(runs)};
}

Result<> Store::read(const CheckpointId &id, std::string_view stream, const Sink &sink, std::stop_token stop) const
{
    const StreamContent content = GANTRY_TRY(readContent(*m_state, id, stream));
    return StreamReading(*m_state, content.record, sink).run(content.runs, stop);
}

} // namespace gantry::repository
