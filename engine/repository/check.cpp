// SPDX-License-Identifier: GPL-3.0-or-later
// Reads everything and says what is not as it was written, and which checkpoints it touches.
#include "engine/base/strings.h"
#include "engine/repository/store_state.h"

#include <algorithm>
#include <utility>

namespace gantry::repository {

namespace {

/// Lines of SQLite about a broken file: the first say it.
constexpr std::size_t kMostLines = 20;

class Checking
{
public:
    Checking(const StoreState &state, const std::stop_token &stop, const Progress &progress)
        : m_state(state), m_stop(stop), m_progress(progress), m_blocks(state), m_lists(state)
    {}
    [[nodiscard]] Result<CheckReport> run(const Listing &listing);

private:
    /// What is known of a block once it was read.
    struct Seen
    {
        std::vector<PieceRow> pieces;
        std::vector<bool> good;            ///< one a piece
        std::optional<std::size_t> damage; ///< in the report
    };
    [[nodiscard]] Result<> checkPacks(const std::vector<PackRow> &packs);
    [[nodiscard]] Result<> checkBlock(const BlockRow &row);
    void checkCheckpoint(const CheckpointRow &row);
    /// What is wrong with a stream, by the rows that are known to be right.
    void checkStream(const CheckpointId &id, const StreamRecord &stream);
    void checkRun(const CheckpointId &id, const PieceRun &run, RunningDigest &digest, bool &whole);
    void note(std::string object, std::string text);
    void touch(std::size_t damage, const CheckpointId &id);

    const StoreState &m_state;
    const std::stop_token &m_stop;
    const Progress &m_progress;
    BlockReader m_blocks;
    ListReader m_lists;
    std::unordered_map<std::uint64_t, Seen> m_seen;
    std::map<std::uint64_t, std::uint64_t> m_ends; ///< of the blocks of each pack
    std::uint64_t m_all = 0;
    CheckReport m_report;
};

void Checking::note(std::string object, std::string text)
{
    m_report.damages.push_back({std::move(object), std::move(text), {}});
}

void Checking::touch(std::size_t damage, const CheckpointId &id)
{
    auto &touched = m_report.damages[damage].checkpoints;
    if (touched.empty() || touched.back() != id)
        touched.push_back(id);
}

Result<> Checking::checkPacks(const std::vector<PackRow> &packs)
{
    for (const PackRow &pack : packs) {
        const std::string path = m_state.disk.pathOf(packName(pack.number));
        const auto look = m_state.packs.look(pack.number);
        if (!look)
            note(path, look.error().message());
        else if (look->size < pack.length)
            note(path, strCat("it has ", look->size, " bytes, the catalogue says ", pack.length));
        else if (!look->headGood)
            note(path, "its head is not that of a pack");
        const auto end = m_ends.find(pack.number);
        if (pack.length != (end == m_ends.end() ? kPackHead : end->second))
            note(path, "the catalogue's length of it does not fit its blocks");
        m_ends.erase(pack.number);
    }
    for (const auto &[pack, end] : m_ends)
        note(m_state.disk.pathOf(packName(pack)), "blocks lie in it, and the catalogue does not know it");
    return {};
}

Result<> Checking::checkBlock(const BlockRow &row)
{
    if (m_stop.stop_requested())
        return fail(ECANCELED, "check", m_state.disk.path(), "cancelled");
    Seen seen;
    std::string wrong;
    auto pieces = openPieces(row, m_state.sealer, m_state.disk.pathOf(kCatalogueFile));
    if (pieces) {
        seen.pieces = *std::move(pieces);
        seen.good.resize(seen.pieces.size());
        std::uint64_t &end = m_ends[row.pack];
        end = std::max(end, row.offset + row.size);
        auto block = m_blocks.readRow(row);
        if (!block) {
            wrong = block.error().message();
            // Without a key some of its pieces may be whole all the same.
            block = m_blocks.readRow(row, Verify::PiecesLater);
        }
        for (std::size_t i = 0; i < seen.pieces.size() && block; ++i) {
            const Block::Piece *piece = (*block)->find(seen.pieces[i].index);
            seen.good[i] =
                piece != nullptr && m_state.sealer.digest((*block)->bytesOf(*piece)) == seen.pieces[i].digest;
            if (!seen.good[i] && wrong.empty())
                wrong = strCat("piece ", seen.pieces[i].index, " is not what was written");
        }
    } else {
        wrong = pieces.error().message();
    }
    if (!wrong.empty()) {
        seen.damage = m_report.damages.size();
        note(placeOf(m_state, row), std::move(wrong));
    }
    m_seen[row.number] = std::move(seen);
    ++m_report.blocks;
    m_report.read.v += row.size;
    if (m_progress && m_report.blocks % 64 == 0)
        m_progress(m_report.read, Bytes(m_all));
    return {};
}

void Checking::checkRun(const CheckpointId &id, const PieceRun &run, RunningDigest &digest, bool &whole)
{
    for (std::uint64_t i = 0; i < run.count; ++i) {
        if (run.zeros) {
            digest.add(Digest{});
            continue;
        }
        const PieceId piece{run.first.v + i};
        const auto seen = m_seen.find(piece.block());
        if (seen == m_seen.end()) {
            if (std::exchange(whole, false))
                m_report.damages.push_back(
                    {m_state.disk.pathOf(kCatalogueFile), strCat("block ", piece.block(), " is missing in it"), {id}});
            continue;
        }
        const auto &[pieces, good, damage] = seen->second;
        const auto at = std::ranges::lower_bound(pieces, piece.index(), {}, &PieceRow::index);
        const bool known = at != pieces.end() && at->index == piece.index();
        if (damage && (!known || !good[static_cast<std::size_t>(at - pieces.begin())])) {
            touch(*damage, id);
            whole = false;
        } else if (known) {
            digest.add(at->digest);
        } else if (std::exchange(whole, false)) {
            m_report.damages.push_back({m_state.disk.pathOf(kCatalogueFile),
                                        strCat("piece ", piece.index(), " of block ", piece.block(), " is missing"),
                                        {id}});
        }
    }
}

void Checking::checkStream(const CheckpointId &id, const StreamRecord &stream)
{
    const std::string object = strCat("stream ", stream.info.name);
    bool whole = true;
    RunningDigest ignored;
    // First where the list itself lies: a broken block is named once, with its place.
    if (const auto outer = parseContentList(stream.listRuns, object)) {
        for (const PieceRun &run : *outer)
            checkRun(id, run, ignored, whole);
    }
    if (!whole)
        return;
    const auto runs = m_lists.read(m_state, stream);
    if (!runs) {
        m_report.damages.push_back({object, runs.error().message(), {id}});
        return;
    }
    RunningDigest digest;
    for (const PieceRun &run : *runs)
        checkRun(id, run, digest, whole);
    if (whole && digest.finish() != stream.content)
        m_report.damages.push_back({object, "it is not made of what was written", {id}});
}

void Checking::checkCheckpoint(const CheckpointRow &row)
{
    const auto body = openBody(m_state, row);
    if (!body)
        return; // the listing has it already
    for (const StreamRecord &stream : body->streams)
        checkStream(row.id, stream);
}

Result<CheckReport> Checking::run(const Listing &listing)
{
    m_report.damages = listing.damages;
    const std::string catalogue = m_state.disk.pathOf(kCatalogueFile);
    const auto lines = m_state.reading->integrity();
    if (!lines)
        note(catalogue, lines.error().message());
    for (std::size_t i = 0; lines && i < std::min(lines->size(), kMostLines); ++i)
        note(catalogue, (*lines)[i]);

    // Checkpoints first: what is committed later, or collected after, is not looked for.
    const auto rows = GANTRY_TRY(m_state.reading->checkpoints());
    const auto packs = GANTRY_TRY(m_state.reading->packs());
    std::vector<BlockRow> blocks;
    GANTRY_CHECK(m_state.reading->forEachBlock([&](const BlockRow &block) -> Result<> {
        blocks.push_back(block);
        m_all += block.size;
        return {};
    }));
    // As they lie on the medium.
    std::ranges::sort(blocks, {}, [](const BlockRow &row) { return std::pair(row.pack, row.offset); });
    for (const BlockRow &block : blocks)
        GANTRY_CHECK(checkBlock(block));
    GANTRY_CHECK(checkPacks(packs));
    for (const CheckpointRow &row : rows)
        checkCheckpoint(row);
    m_report.checkpoints = rows.size();
    if (m_progress)
        m_progress(m_report.read, Bytes(m_all));
    return std::move(m_report);
}

} // namespace

Result<CheckReport> Store::check(std::stop_token stop, const Progress &progress) const
{
    // A catalogue that cannot be read at all is the damage, not an error of the check.
    auto listing = list();
    Result<CheckReport> report = std::unexpected(Error{});
    if (listing) {
        Checking checking(*m_state, stop, progress);
        report = checking.run(*listing);
    } else {
        report = std::unexpected(listing.error());
    }
    if (report || report.error().posix() != EBADMSG)
        return report;
    CheckReport out;
    out.damages.push_back({m_state->disk.pathOf(kCatalogueFile), report.error().message(), {}});
    return out;
}

} // namespace gantry::repository
