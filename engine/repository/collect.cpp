// SPDX-License-Identifier: GPL-3.0-or-later
// Garbage collection: what no checkpoint needs leaves the packs.
#include "engine/base/strings.h"
#include "engine/repository/store_state.h"

#include <algorithm>

namespace gantry::repository {

namespace {

/// One pack that nobody writes to, with its blocks.
struct Candidate
{
    PackRow pack;
    std::vector<BlockRow> blocks;
};

/// Holds claim() off the packs it works on, and makes Writers remember what they found, from the beginning to the end
/// of a collection. Order matters: packs are reserved, and Writers remember, before rows and manifests are read. So no
/// block that is not among the rows gets into a reserved pack, and a checkpoint that is committed later has all it
/// found in the index in `used` or `usedByDone`.
class Collection
{
public:
    explicit Collection(StoreState &state) : m_state(state), m_lists(state) {}
    Collection(const Collection &) = delete;
    Collection &operator=(const Collection &) = delete;
    ~Collection();

    [[nodiscard]] Result<> begin();
    [[nodiscard]] Result<CollectReport> run(double wasteful, const std::stop_token &stop, const Progress &progress);

private:
    [[nodiscard]] Result<> mark();
    [[nodiscard]] Result<> sweep(Candidate &candidate, double wasteful);
    [[nodiscard]] Result<bool> isWasteful(const Candidate &candidate, double wasteful);
    [[nodiscard]] std::vector<std::vector<PieceRow>> forget(const Candidate &candidate,
                                                            std::vector<std::vector<PieceRow>> pieces);
    [[nodiscard]] Result<> rewrite(const Candidate &candidate, const std::vector<std::vector<PieceRow>> &needed);
    [[nodiscard]] Result<> copyNeeded(BlockPress &press, const BlockRow &row, const std::vector<PieceRow> &needed);
    [[nodiscard]] bool isNeeded(PieceId id) const;
    [[nodiscard]] std::string catalogue() const { return m_state.disk.pathOf(kCatalogueFile); }

    StoreState &m_state;
    ListReader m_lists;
    bool m_begun = false;
    std::vector<Candidate> m_candidates;
    PieceSet m_marked;
    CollectReport m_report;
};

Collection::~Collection()
{
    if (!m_begun)
        return;
    for (const Candidate &candidate : m_candidates)
        m_state.packs.giveBack(candidate.pack.number);
    const std::scoped_lock lock(m_state.mutex);
    m_state.collecting = false;
    m_state.usedByDone = {};
}

Result<> Collection::begin()
{
    {
        const std::scoped_lock lock(m_state.mutex);
        if (m_state.collecting)
            return fail(EBUSY, "collect", m_state.disk.path(), "a collection runs already");
        m_state.collecting = true;
    }
    m_begun = true;
    std::map<std::uint64_t, std::size_t> places;
    for (const PackRow &pack : GANTRY_TRY(m_state.reading->packs())) {
        if (!m_state.packs.reserve(pack.number))
            continue;
        places[pack.number] = m_candidates.size();
        m_candidates.push_back({pack, {}});
    }
    // Again, now that nobody can write to them: what was committed since the first look counts.
    for (const PackRow &pack : GANTRY_TRY(m_state.reading->packs())) {
        if (const auto at = places.find(pack.number); at != places.end())
            m_candidates[at->second].pack = pack;
    }
    GANTRY_CHECK(m_state.reading->forEachBlock([&](const BlockRow &row) -> Result<> {
        if (const auto at = places.find(row.pack); at != places.end())
            m_candidates[at->second].blocks.push_back(row);
        return {};
    }));
    return mark();
}

Result<> Collection::mark()
{
    const auto all = GANTRY_TRY(m_state.reading->checkpointsAndSum());
    Digest sum{};
    for (const CheckpointRow &row : all.rows) {
        exclusiveOr(sum, sumOf(m_state, row));
        const CheckpointBody body = GANTRY_TRY(openBody(m_state, row));
        GANTRY_CHECK(addPieces(m_state, m_lists, body, m_marked));
    }
    if (sum != all.sum)
        return fail(EBADMSG, "collect", catalogue(), "checkpoints are missing in it: what they need is not known",
                    "see what the check of the repository says");
    return {};
}

bool Collection::isNeeded(PieceId id) const
{
    const auto uses = [id](const PieceSet *one) { return one->contains(id); };
    return m_marked.contains(id) || m_state.usedByDone.contains(id) || std::ranges::any_of(m_state.used, uses);
}

/// What stays of each block. The rest can be found in the index by no Writer any more.
std::vector<std::vector<PieceRow>> Collection::forget(const Candidate &candidate,
                                                      std::vector<std::vector<PieceRow>> pieces)
{
    const std::scoped_lock lock(m_state.mutex);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        std::erase_if(pieces[i], [&](const PieceRow &piece) {
            const PieceId id = PieceId::make(candidate.blocks[i].number, piece.index);
            if (isNeeded(id))
                return false;
            m_state.index.remove(piece.digest, id);
            return true;
        });
    }
    return pieces;
}

Result<bool> Collection::isWasteful(const Candidate &candidate, double wasteful)
{
    std::uint64_t all = 0;
    std::uint64_t needed = 0;
    const std::scoped_lock lock(m_state.mutex);
    for (const BlockRow &row : candidate.blocks) {
        for (const PieceRow &piece : GANTRY_TRY(openPieces(row, m_state.sealer, catalogue()))) {
            all += piece.size;
            needed += isNeeded(PieceId::make(row.number, piece.index)) ? piece.size : 0;
        }
    }
    return needed == 0 || (needed < all && static_cast<double>(all - needed) >= wasteful * static_cast<double>(all));
}

Result<> Collection::copyNeeded(BlockPress &press, const BlockRow &row, const std::vector<PieceRow> &needed)
{
    const auto old = GANTRY_TRY(m_lists.blocks.readRow(row, Verify::PiecesLater));
    // The same number, the same indices: no content list has to change.
    Block block;
    block.number = row.number;
    for (const PieceRow &piece : needed) {
        const Block::Piece *found = old->find(piece.index);
        // What is broken must not become what looks whole.
        if (found == nullptr || m_state.sealer.digest(old->bytesOf(*found)) != piece.digest)
            return fail(EBADMSG, "collect", placeOf(m_state, row),
                        strCat("piece ", piece.index, " is not what was written"));
        const bool neighbour = !block.pieces.empty() && block.pieces.back().index + 1 == piece.index;
        block.add(piece.index, old->bytesOf(*found), found->follows && neighbour);
    }
    return press.put(std::move(block), needed);
}

Result<> Collection::rewrite(const Candidate &candidate, const std::vector<std::vector<PieceRow>> &needed)
{
    BlockPress press(m_state, m_state.packs);
    CatalogueChange change;
    for (std::size_t i = 0; i < needed.size(); ++i) {
        if (needed[i].empty())
            change.blocksGone.push_back(candidate.blocks[i].number);
        else
            GANTRY_CHECK(copyNeeded(press, candidate.blocks[i], needed[i]));
    }
    change.blocks = GANTRY_TRY(press.finish());
    change.packs = press.packs();
    change.packsGone.push_back(candidate.pack.number);
    if (auto applied = m_state.writing->apply(change); !applied) {
        if (!isRefusal(applied.error()))
            press.leave();
        return applied;
    }
    press.keep();
    const std::uint64_t written = press.bytes();
    m_report.freed.v += candidate.pack.length > written ? candidate.pack.length - written : 0;
    ++m_report.packsRemoved;
    m_report.packsRewritten += change.blocks.empty() ? 0U : 1U;
    return m_state.packs.remove(candidate.pack.number);
}

Result<> Collection::sweep(Candidate &candidate, double wasteful)
{
    if (!GANTRY_TRY(isWasteful(candidate, wasteful)))
        return {};
    std::vector<std::vector<PieceRow>> pieces;
    for (const BlockRow &row : candidate.blocks)
        pieces.push_back(GANTRY_TRY(openPieces(row, m_state.sealer, catalogue())));
    return rewrite(candidate, forget(candidate, std::move(pieces)));
}

Result<CollectReport> Collection::run(double wasteful, const std::stop_token &stop, const Progress &progress)
{
    std::uint64_t all = 0;
    std::uint64_t done = 0;
    for (const Candidate &candidate : m_candidates)
        all += candidate.pack.length;
    for (Candidate &candidate : m_candidates) {
        if (stop.stop_requested())
            return fail(ECANCELED, "collect", m_state.disk.path(), "cancelled");
        GANTRY_CHECK(sweep(candidate, wasteful));
        candidate.blocks = {};
        done += candidate.pack.length;
        if (progress)
            progress(Bytes(done), Bytes(all));
    }
    return m_report;
}

} // namespace

Result<CollectReport> Store::collect(double wasteful, std::stop_token stop, const Progress &progress)
{
    GANTRY_CHECK(m_state->writable());
    Collection collection(*m_state);
    GANTRY_CHECK(collection.begin());
    return collection.run(wasteful, stop, progress);
}

} // namespace gantry::repository
