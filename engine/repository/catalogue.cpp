// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/catalogue.h"

#include <algorithm>

namespace gantry::repository {

namespace {

// Pages of 16 KiB: the row of a block with 64 pages of memory has 2.2 KiB, and two of them leave half of 4 KiB empty.
// next: number of the next new block. sum: over all checkpoints. Both as bytes.
constexpr const char *kSchema = R"sql(
PRAGMA page_size=16384;
PRAGMA journal_mode=WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pack(number INTEGER PRIMARY KEY, length INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS block(number INTEGER PRIMARY KEY, pack INTEGER NOT NULL, offset INTEGER NOT NULL,
                                 size INTEGER NOT NULL, pieces BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS checkpoint(id BLOB PRIMARY KEY, sequence INTEGER NOT NULL, body BLOB NOT NULL,
                                      labels BLOB NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('next', x'0100000000000000');
INSERT OR IGNORE INTO meta VALUES ('sum', zeroblob(32));
COMMIT;
)sql";

constexpr std::string_view kBlockColumns = "SELECT number, pack, offset, size, pieces FROM block ";

Result<BlockRow> blockOf(const Query &query)
{
    BlockRow out;
    out.number = GANTRY_TRY(query.number(0));
    out.pack = GANTRY_TRY(query.number(1));
    out.offset = GANTRY_TRY(query.number(2));
    out.size = GANTRY_TRY(query.number(3));
    out.pieces = GANTRY_TRY(query.bytes(4));
    return out;
}

Result<CheckpointRow> checkpointOf(const Query &query, std::string_view path)
{
    CheckpointRow out;
    const ByteVector id = GANTRY_TRY(query.bytes(0));
    if (id.size() != out.id.v.size())
        return fail(EBADMSG, "read", path, "the id of a checkpoint makes no sense");
    std::ranges::copy(id, out.id.v.begin());
    out.sequence = GANTRY_TRY(query.number(1));
    out.body = GANTRY_TRY(query.bytes(2));
    out.labels = GANTRY_TRY(query.bytes(3));
    return out;
}

ByteVector placeOf(const BlockRow &row)
{
    ByteVector out;
    putFixed64(out, row.number);
    putFixed64(out, row.pack);
    putFixed64(out, row.offset);
    putFixed64(out, row.size);
    return out;
}

} // namespace

ByteVector sealPieces(const std::vector<PieceRow> &pieces, const BlockRow &row, const Sealer &sealer)
{
    ByteVector out;
    out.reserve(pieces.size() * 38);
    for (const PieceRow &piece : pieces) {
        putVarint(out, piece.index);
        putVarint(out, piece.size);
        append(out, piece.digest);
    }
    return sealer.seal(out, placeOf(row));
}

Result<std::vector<PieceRow>> openPieces(const BlockRow &row, const Sealer &sealer, std::string_view what)
{
    return parsePieces(GANTRY_TRY(sealer.open(row.pieces, placeOf(row), what)), what);
}

Result<std::vector<PieceRow>> parsePieces(ByteView bytes, std::string_view what)
{
    ByteReader in(bytes, what);
    std::vector<PieceRow> out;
    while (!in.atEnd()) {
        const std::uint64_t index = GANTRY_TRY(in.varint());
        const std::uint64_t size = GANTRY_TRY(in.varint());
        const ByteView digest = GANTRY_TRY(in.take(Digest{}.size()));
        if (index >= PieceId::kPerBlock || size > kMaxPiece || (!out.empty() && index <= out.back().index))
            return fail(EBADMSG, "read", what, "a piece in it makes no sense");
        PieceRow piece{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(size), {}};
        std::ranges::copy(digest, piece.digest.begin());
        out.push_back(piece);
    }
    return out;
}

Catalogue::Catalogue(const Disk &disk, Database database)
    : m_disk(&disk), m_mutex(std::make_unique<std::mutex>()), m_database(std::move(database))
{}

Result<> Catalogue::create(const Disk &disk)
{
    if (const auto made = disk.create(kCatalogueFile); !made && made.error().posix() != EEXIST)
        return std::unexpected(made.error());
    const Database database = GANTRY_TRY(Database::open(disk.pathOf(kCatalogueFile), true));
    GANTRY_CHECK(disk.before(DiskStep::Commit, kCatalogueFile, "commit"));
    return database.run(kSchema);
}

Result<Catalogue> Catalogue::open(const Disk &disk, bool write)
{
    return Catalogue(disk, GANTRY_TRY(Database::open(disk.pathOf(kCatalogueFile), write)));
}

Result<std::vector<PackRow>> Catalogue::packs() const
{
    const std::scoped_lock lock(*m_mutex);
    Query query = GANTRY_TRY(Query::prepare(m_database, "SELECT number, length FROM pack ORDER BY number"));
    std::vector<PackRow> out;
    while (GANTRY_TRY(query.step())) {
        PackRow row;
        row.number = GANTRY_TRY(query.number(0));
        row.length = GANTRY_TRY(query.number(1));
        out.push_back(row);
    }
    return out;
}

Result<std::optional<BlockRow>> Catalogue::block(std::uint64_t number) const
{
    const std::scoped_lock lock(*m_mutex);
    Query query = GANTRY_TRY(
        Query::prepare(m_database, "SELECT number, pack, offset, size, pieces FROM block WHERE number = ?1"));
    query.bind(1, number);
    if (!GANTRY_TRY(query.step()))
        return std::nullopt;
    return std::optional(GANTRY_TRY(blockOf(query)));
}

Result<> Catalogue::forEachBlock(const std::function<Result<>(const BlockRow &)> &visit) const
{
    const std::scoped_lock lock(*m_mutex);
    std::string sql(kBlockColumns);
    sql += "ORDER BY number";
    Query query = GANTRY_TRY(Query::prepare(m_database, sql));
    while (GANTRY_TRY(query.step())) {
        const BlockRow row = GANTRY_TRY(blockOf(query));
        GANTRY_CHECK(visit(row));
    }
    return {};
}

Result<std::vector<CheckpointRow>> Catalogue::checkpointsInside() const
{
    Query query =
        GANTRY_TRY(Query::prepare(m_database, "SELECT id, sequence, body, labels FROM checkpoint ORDER BY sequence"));
    std::vector<CheckpointRow> out;
    while (GANTRY_TRY(query.step())) {
        out.push_back(GANTRY_TRY(checkpointOf(query, m_database.path())));
    }
    return out;
}

Result<std::vector<CheckpointRow>> Catalogue::checkpoints() const
{
    const std::scoped_lock lock(*m_mutex);
    return checkpointsInside();
}

Result<Catalogue::Checkpoints> Catalogue::checkpointsAndSum() const
{
    const std::scoped_lock lock(*m_mutex);
    GANTRY_CHECK(m_database.run("BEGIN"));
    auto rows = checkpointsInside();
    auto sum = meta("sum");
    GANTRY_CHECK(m_database.run("END"));
    if (!rows)
        return std::unexpected(std::move(rows).error());
    if (!sum)
        return std::unexpected(std::move(sum).error());
    Checkpoints out{*std::move(rows), {}};
    if (sum->size() != out.sum.size())
        return fail(EBADMSG, "read", m_database.path(), "the sum over the checkpoints makes no sense");
    std::ranges::copy(*sum, out.sum.begin());
    return out;
}

Result<std::optional<CheckpointRow>> Catalogue::checkpoint(const CheckpointId &id) const
{
    const std::scoped_lock lock(*m_mutex);
    Query query =
        GANTRY_TRY(Query::prepare(m_database, "SELECT id, sequence, body, labels FROM checkpoint WHERE id = ?1"));
    query.bind(1, ByteView(id.v));
    if (!GANTRY_TRY(query.step()))
        return std::nullopt;
    return std::optional(GANTRY_TRY(checkpointOf(query, m_database.path())));
}

Result<ByteVector> Catalogue::meta(std::string_view key) const
{
    Query query = GANTRY_TRY(Query::prepare(m_database, "SELECT value FROM meta WHERE key = ?1"));
    query.bind(1, key);
    if (!GANTRY_TRY(query.step()))
        return fail(EBADMSG, "read", m_database.path(), "a row of its table meta is missing");
    return query.bytes(0);
}

Result<> Catalogue::setMeta(std::string_view key, ByteView value)
{
    Query query = GANTRY_TRY(Query::prepare(m_database, "INSERT OR REPLACE INTO meta VALUES (?1, ?2)"));
    return query.bind(1, key).bind(2, value).runOnce();
}

Result<std::uint64_t> Catalogue::nextBlock() const
{
    const std::scoped_lock lock(*m_mutex);
    const ByteVector value = GANTRY_TRY(meta("next"));
    const std::uint64_t next = GANTRY_TRY(ByteReader(value, m_database.path()).fixed64());
    Query query = GANTRY_TRY(Query::prepare(m_database, "SELECT coalesce(max(number), 0) FROM block"));
    GANTRY_CHECK(query.step());
    // Both: a number that is given twice would make an old content list point at a new block.
    return std::max(next, GANTRY_TRY(query.number(0)) + 1);
}

Result<> Catalogue::applyBlocks(const CatalogueChange &change)
{
    Query pack = GANTRY_TRY(Query::prepare(m_database, "INSERT OR REPLACE INTO pack VALUES (?1, ?2)"));
    for (const PackRow &row : change.packs)
        GANTRY_CHECK(pack.bind(1, row.number).bind(2, row.length).runOnce());
    Query packGone = GANTRY_TRY(Query::prepare(m_database, "DELETE FROM pack WHERE number = ?1"));
    for (const std::uint64_t number : change.packsGone)
        GANTRY_CHECK(packGone.bind(1, number).runOnce());
    Query block = GANTRY_TRY(Query::prepare(m_database, "INSERT OR REPLACE INTO block VALUES (?1, ?2, ?3, ?4, ?5)"));
    for (const BlockRow &row : change.blocks) {
        block.bind(1, row.number).bind(2, row.pack).bind(3, row.offset).bind(4, row.size).bind(5, ByteView(row.pieces));
        GANTRY_CHECK(block.runOnce());
    }
    Query blockGone = GANTRY_TRY(Query::prepare(m_database, "DELETE FROM block WHERE number = ?1"));
    for (const std::uint64_t number : change.blocksGone)
        GANTRY_CHECK(blockGone.bind(1, number).runOnce());
    return {};
}

Result<> Catalogue::applyCheckpoints(const CatalogueChange &change)
{
    if (change.checkpoint) {
        // An old one keeps its place in the order.
        Query insert = GANTRY_TRY(Query::prepare(
            m_database, "INSERT INTO checkpoint VALUES (?1, (SELECT coalesce(max(sequence), 0) + 1 FROM checkpoint), "
                        "?2, ?3) ON CONFLICT(id) DO UPDATE SET labels = excluded.labels"));
        insert.bind(1, ByteView(change.checkpoint->id.v)).bind(2, ByteView(change.checkpoint->body));
        GANTRY_CHECK(insert.bind(3, ByteView(change.checkpoint->labels)).runOnce());
    }
    Query add = GANTRY_TRY(Query::prepare(
        m_database,
        "INSERT INTO checkpoint VALUES (?1, (SELECT coalesce(max(sequence), 0) + 1 FROM checkpoint), ?2, ?3)"));
    for (const CheckpointRow &row : change.checkpointsNew)
        GANTRY_CHECK(
            add.bind(1, ByteView(row.id.v)).bind(2, ByteView(row.body)).bind(3, ByteView(row.labels)).runOnce());
    Query gone = GANTRY_TRY(Query::prepare(m_database, "DELETE FROM checkpoint WHERE id = ?1"));
    for (const CheckpointId &id : change.checkpointsGone)
        GANTRY_CHECK(gone.bind(1, ByteView(id.v)).runOnce());

    ByteVector sum = GANTRY_TRY(meta("sum"));
    if (sum.size() != change.sumChange.size())
        return fail(EBADMSG, "read", m_database.path(), "the sum over the checkpoints makes no sense");
    for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] = change.sum ? (*change.sum)[i] : sum[i] ^ change.sumChange[i];
    return setMeta("sum", sum);
}

Result<> Catalogue::applyInside(const CatalogueChange &change)
{
    GANTRY_CHECK(applyBlocks(change));
    GANTRY_CHECK(applyCheckpoints(change));
    if (change.nextBlock != 0) {
        // Of two that write at once the one with the lower number may come last.
        const ByteVector old = GANTRY_TRY(meta("next"));
        ByteVector next;
        putFixed64(next, std::max(change.nextBlock, GANTRY_TRY(ByteReader(old, m_database.path()).fixed64())));
        GANTRY_CHECK(setMeta("next", next));
    }
    GANTRY_CHECK(m_disk->before(DiskStep::Commit, kCatalogueFile, "commit"));
    return m_database.run("COMMIT");
}

Result<> Catalogue::apply(const CatalogueChange &change)
{
    const std::scoped_lock lock(*m_mutex);
    GANTRY_CHECK(m_database.run("BEGIN IMMEDIATE"));
    auto done = applyInside(change);
    if (!done)
        static_cast<void>(m_database.run("ROLLBACK")); // SQLite may have done it itself
    return done;
}

Result<std::vector<std::string>> Catalogue::integrity() const
{
    const std::scoped_lock lock(*m_mutex);
    Query query = GANTRY_TRY(Query::prepare(m_database, "PRAGMA integrity_check"));
    std::vector<std::string> out;
    while (GANTRY_TRY(query.step())) {
        std::string line = query.text(0);
        if (line != "ok")
            out.push_back(std::move(line));
    }
    return out;
}

} // namespace gantry::repository
