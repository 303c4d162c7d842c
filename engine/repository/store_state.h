// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/repository/block.h"
#include "engine/repository/catalogue.h"
#include "engine/repository/content_list.h"
#include "engine/repository/pack_store.h"
#include "engine/repository/piece_index.h"
#include "engine/repository/sealer.h"
#include "engine/repository/store.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <vector>

namespace gantry::repository {

/// Held by who writes. Let go of in so many words: a child of ours that is between its fork and its exec holds what a
/// close alone would let go of.
class WriteLock
{
public:
    WriteLock() = default;
    explicit WriteLock(UniqueFd fd) : m_fd(std::move(fd)) {}
    WriteLock(WriteLock &&) noexcept = default;
    WriteLock &operator=(WriteLock &&) noexcept = default;
    WriteLock(const WriteLock &) = delete;
    WriteLock &operator=(const WriteLock &) = delete;
    ~WriteLock();

private:
    UniqueFd m_fd;
};

/// What the parts of an open store share. Inside engine/repository only.
struct StoreState
{
    StoreState(Disk disk_, StoreOptions options_);

    const Disk disk;
    StoreOptions options; ///< not changed once it is open
    Sealer sealer;
    Unlocked unlocked; ///< to open it again
    BlockLayout layout = BlockLayout::Frames; ///< of what is written: one that those read that made the store
    WriteLock lock;
    std::optional<Catalogue> reading;
    std::optional<Catalogue> writing; ///< a connection of its own: who reads does not wait for an fsync
    PackStore packs;

    std::mutex labelling; ///< held while a row of a checkpoint is read, edited and written; before `mutex`
    std::mutex mutex;     ///< of all below
    PieceIndex index;
    std::uint64_t nextBlock = 1;
    std::set<const PieceSet *> used; ///< by Writers that are not done: what they found in the index
    bool collecting = false;
    PieceSet usedByDone; ///< while collecting: what Writers had found that are done since

    /// @errors EROFS where the store was opened to look only.
    [[nodiscard]] Result<Catalogue *> writable();
    /// A passphrase is not kept longer than it takes to open.
    void forgetKey();
};

/// A row, opened. @errors EBADMSG, ENOTSUP.
[[nodiscard]] Result<CheckpointBody> openBody(const StoreState &state, const CheckpointRow &row);
[[nodiscard]] Result<CheckpointLabels> openLabels(const StoreState &state, const CheckpointRow &row);
[[nodiscard]] Result<ByteVector> sealBody(const StoreState &state, const CheckpointId &id, const CheckpointBody &body);
[[nodiscard]] Result<ByteVector> sealLabels(const StoreState &state, const CheckpointId &id,
                                            const CheckpointLabels &labels);
/// What a row adds to the sum over all checkpoints.
[[nodiscard]] Digest sumOf(const StoreState &state, const CheckpointRow &row);
void exclusiveOr(Digest &sum, const Digest &other);

/// A block with the digests of those of its pieces that are needed.
struct DigestedBlock
{
    std::shared_ptr<const Block> block;
    std::vector<Digest> digests; ///< one a piece of the block; of those not needed it is nothing
};
using DigestedBlockPtr = std::shared_ptr<const DigestedBlock>;

/// Reads blocks. Thread: one at a time.
class BlockReader
{
public:
    explicit BlockReader(const StoreState &state) : m_state(state) {}
    /// The caller verifies what it uses of it. @errors EBADMSG where the catalogue does not know it, or it is broken.
    [[nodiscard]] Result<std::shared_ptr<const Block>> read(std::uint64_t number);
    /// As a row says, without asking the catalogue. @param needed as parseBlock().
    [[nodiscard]] Result<std::shared_ptr<const Block>> readRow(const BlockRow &row, Verify verify = Verify::Seal,
                                                               const PieceSet *needed = nullptr);
    /// With the digests of those of its pieces that are `needed`, each verified.
    [[nodiscard]] Result<DigestedBlockPtr> readPieces(std::uint64_t number, const PieceSet &needed);

private:
    [[nodiscard]] Result<DigestedBlockPtr> readPiecesOf(const BlockRow &row, const PieceSet &needed);
    /// Looks the row up and reads by it, again where a collection moved the block in between.
    template <class Read> [[nodiscard]] auto withRow(std::uint64_t number, Read read);

    /// What of the record is looked at, into m_record.
    [[nodiscard]] Result<> readRecord(const BlockRow &row, Verify verify, const PieceSet *needed);

    const StoreState &m_state;
    Decompressor m_decompressor;
    ByteVector m_record; ///< of the last block; what was not needed of it is anything
};
/// "PATH at byte N (block M)".
[[nodiscard]] std::string placeOf(const StoreState &state, const BlockRow &row);

/// The content list of a stream, verified. @param blocks remembered between calls: lists of one checkpoint lie
/// together.
struct ListReader
{
    explicit ListReader(const StoreState &state) : blocks(state) {}
    [[nodiscard]] Result<std::vector<PieceRun>> read(const StoreState &state, const StreamRecord &stream);

    BlockReader blocks;
    std::unordered_map<std::uint64_t, std::shared_ptr<const Block>> held;
};
/// A stream, and where its content is.
struct StreamContent
{
    StreamRecord record;
    std::vector<PieceRun> runs;
};
/// @errors ENOENT: no such checkpoint or stream; EBADMSG.
[[nodiscard]] Result<StreamContent> readContent(const StoreState &state, const CheckpointId &id,
                                                std::string_view stream);
/// Every piece that the checkpoint needs, its lists' too.
[[nodiscard]] Result<> addPieces(const StoreState &state, ListReader &lists, const CheckpointBody &body, PieceSet &out);

/// After these a failed commit is known not to have happened: nothing was written, or what was is cut short. After
/// another, the write-ahead log may hold a commit that a later reader would find: the packs stay as they are then.
[[nodiscard]] bool isRefusal(const Error &error);

/// Compresses, seals and writes blocks on threads of its own. Thread: one at a time.
class BlockPress
{
public:
    BlockPress(const StoreState &state, PackStore &packs);
    BlockPress(const BlockPress &) = delete;
    BlockPress &operator=(const BlockPress &) = delete;
    ~BlockPress();

    /// Waits while the queue is full. @param pieces its rows. @errors the first failure of a thread.
    [[nodiscard]] Result<> put(Block block, std::vector<PieceRow> pieces);
    /// Waits until all is written, then makes it last. @return rows by number; put() must not be called any more.
    [[nodiscard]] Result<std::vector<BlockRow>> finish();
    /// Of the packs that were written to, after finish().
    [[nodiscard]] std::vector<PackRow> packs() const { return m_appender.rows(); }
    /// The catalogue has taken rows and packs.
    void keep() { m_appender.keep(); }
    /// It cannot be told whether the catalogue has taken them: what was written stays until the store is opened anew.
    void leave() { m_appender.leave(); }
    [[nodiscard]] std::uint64_t bytes() const { return m_appender.bytes(); }

private:
    struct Job
    {
        Block block;
        std::vector<PieceRow> pieces;
    };
    void work();
    [[nodiscard]] Result<BlockRow> press(const Job &job, Compressor *compressor);

    const StoreState &m_state;
    PackAppender m_appender;
    std::mutex m_mutex; ///< of all below
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    std::size_t m_queuedBytes = 0;
    std::vector<BlockRow> m_rows;
    std::optional<Error> m_failure;
    bool m_ended = false;
    std::vector<std::jthread> m_threads;
};

} // namespace gantry::repository
