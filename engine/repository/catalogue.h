// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/block.h"
#include "engine/repository/bytes.h"
#include "engine/repository/disk.h"
#include "engine/repository/manifest.h"
#include "engine/repository/sealer.h"
#include "engine/repository/sqlite.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::repository {

inline constexpr const char *kCatalogueFile = "catalogue.sqlite";

struct PackRow
{
    std::uint64_t number = 0;
    std::uint64_t length = 0; ///< committed bytes; what the file has behind them is of no checkpoint
};

/// Where a block lies, and what it has.
struct BlockRow
{
    std::uint64_t number = 0;
    std::uint64_t pack = 0;
    std::uint64_t offset = 0;
    std::uint64_t size = 0; ///< of the record, head included
    ByteVector pieces;      ///< sealed: see sealPieces()
};

/// One piece of a block as the catalogue knows it.
struct PieceRow
{
    std::uint32_t index = 0;
    std::uint32_t size = 0;
    Digest digest{};
};
/// Bound to the place of the block, so that a row that was changed anywhere is found.
[[nodiscard]] ByteVector sealPieces(const std::vector<PieceRow> &pieces, const BlockRow &row, const Sealer &sealer);
/// @errors EBADMSG with `what` as subject.
[[nodiscard]] Result<std::vector<PieceRow>> openPieces(const BlockRow &row, const Sealer &sealer,
                                                       std::string_view what);
[[nodiscard]] Result<std::vector<PieceRow>> parsePieces(ByteView bytes, std::string_view what);

struct CheckpointRow
{
    CheckpointId id;
    std::uint64_t sequence = 0; ///< order of the commits
    ByteVector body;            ///< sealed JSON of CheckpointBody
    ByteVector labels;          ///< sealed JSON of CheckpointLabels
};

/// What changes at once, or not at all.
struct CatalogueChange
{
    std::vector<PackRow> packs; ///< new ones, and new lengths
    std::vector<std::uint64_t> packsGone;
    std::vector<BlockRow> blocks; ///< new ones, and new places
    std::vector<std::uint64_t> blocksGone;
    std::optional<CheckpointRow> checkpoint; ///< a new one, or new labels; the sequence is given by the catalogue
    std::vector<CheckpointRow> checkpointsNew; ///< that come together; none of them is there
    std::vector<CheckpointId> checkpointsGone;
    std::uint64_t nextBlock = 0; ///< 0: as it was
    /// XORed into the sum over all checkpoints (see Store): the digests of rows that come and of rows that go.
    Digest sumChange{};
    std::optional<Digest> sum; ///< replaces it
};

/// The SQLite file: which packs, blocks and checkpoints there are. It has a write-ahead log, so readers never wait for
/// the one who writes. Thread: any; one at a time inside.
class Catalogue
{
public:
    [[nodiscard]] static Result<> create(const Disk &disk);
    [[nodiscard]] static Result<Catalogue> open(const Disk &disk, bool write);

    [[nodiscard]] Result<std::vector<PackRow>> packs() const;
    [[nodiscard]] Result<std::optional<BlockRow>> block(std::uint64_t number) const;
    /// By number. @param visit its failure ends the walk. It must not call back.
    [[nodiscard]] Result<> forEachBlock(const std::function<Result<>(const BlockRow &)> &visit) const;
    /// In the order of their commits.
    [[nodiscard]] Result<std::vector<CheckpointRow>> checkpoints() const;
    [[nodiscard]] Result<std::optional<CheckpointRow>> checkpoint(const CheckpointId &id) const;
    /// Rows and sum of one moment.
    struct Checkpoints
    {
        std::vector<CheckpointRow> rows;
        Digest sum{};
    };
    [[nodiscard]] Result<Checkpoints> checkpointsAndSum() const;
    [[nodiscard]] Result<std::uint64_t> nextBlock() const;
    /// Lasts when it returns. @errors as Database; nothing has changed then.
    [[nodiscard]] Result<> apply(const CatalogueChange &change);
    /// What SQLite finds wrong with the file; empty: nothing.
    [[nodiscard]] Result<std::vector<std::string>> integrity() const;

private:
    Catalogue(const Disk &disk, Database database);
    [[nodiscard]] Result<> applyInside(const CatalogueChange &change);
    [[nodiscard]] Result<> applyBlocks(const CatalogueChange &change);
    [[nodiscard]] Result<> applyCheckpoints(const CatalogueChange &change);
    [[nodiscard]] Result<ByteVector> meta(std::string_view key) const;
    [[nodiscard]] Result<> setMeta(std::string_view key, ByteView value);
    [[nodiscard]] Result<std::vector<CheckpointRow>> checkpointsInside() const;

    const Disk *m_disk;
    std::unique_ptr<std::mutex> m_mutex;
    Database m_database;
};

} // namespace gantry::repository
