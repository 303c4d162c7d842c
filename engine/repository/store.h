// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/quantity.h"
#include "engine/repository/disk.h"
#include "engine/repository/format.h"
#include "engine/repository/manifest.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::repository {

struct StoreState;
class OpenedCheckpoint;
class PageReader;
class Writer;

struct StoreOptions
{
    Key key;
    bool write = true;    ///< false: looks only; any number of processes may, also beside the one that writes
    int level = 1;        ///< of zstd, 1 to 19; 0: nothing is compressed
    unsigned threads = 2; ///< that compress and seal behind each Writer, and read ahead in read(); 1 to 64
    /// New pieces that are sealed and written as one; 4 KiB to 1 MiB. Of larger ones there are fewer to look up. How much
    /// is compressed as one is another matter: see kFrameBytes. bench_repository --blocks has the figures.
    std::size_t blockBytes = std::size_t{256} << 10;
    std::uint64_t packBytes = std::uint64_t{256} << 20; ///< a pack that has these gets nothing more
    /// Distinct pieces whose digests are kept in memory by who writes: 40 to 80 bytes each, so at most 320 MiB for the
    /// default, which are 16 GiB of distinct pages. Beyond, old pieces that come again are stored again.
    std::size_t indexedPieces = std::size_t{4} << 20;
    DiskHook hook; ///< tests
};

/// One thing that is not as it was written.
struct Damage
{
    std::string object; ///< "/var/lib/gantry/packs/000000000000002a.pack at byte 8192", "catalogue.sqlite"
    std::string text;   ///< what is wrong
    std::vector<CheckpointId> checkpoints; ///< that cannot be read whole any more; empty: none is touched
};

struct CheckReport
{
    std::uint64_t checkpoints = 0;
    std::uint64_t blocks = 0;
    Bytes read; ///< from packs
    std::vector<Damage> damages;
};

struct UnfinishedCheckpoint
{
    Checkpoint checkpoint;
    Unfinished what;
};

struct Listing
{
    std::vector<Checkpoint> checkpoints;          ///< in the order of their commits
    std::vector<UnfinishedCheckpoint> unfinished; ///< in that order, too; not among the others
    std::vector<Damage> damages;         ///< rows that are broken, or missing
};

struct CollectReport
{
    Bytes freed; ///< of packs; those that were written anew are taken off
    std::uint64_t packsRemoved = 0;
    std::uint64_t packsRewritten = 0; ///< among them: with pieces that stayed
};

struct StoreStats
{
    std::uint64_t checkpoints = 0;
    std::uint64_t packs = 0;
    Bytes logical;   ///< of all checkpoints, as they are read back
    Bytes packed;    ///< committed bytes of all packs
    Bytes catalogue; ///< its files
    Sizes last;      ///< of the newest checkpoint
    std::uint64_t unfinished = 0; ///< see Unfinished; not among the checkpoints
    Bytes unfinishedStored;       ///< what came with these, of `packed`
};

/// How far something has come, of how much; both in bytes. Called now and then, from the calling thread.
using Progress = std::function<void(Bytes done, Bytes all)>;
/// Takes the content of a stream piece after piece; its failure ends the reading.
using Sink = std::function<Result<>(std::span<const std::byte>)>;

/// The store of checkpoints: a folder with
///   format             version of the layout, cipher, and the repository's key sealed by the admin's (JSON)
///   lock               held by the one process that writes; has its pid
///   catalogue.sqlite   packs, blocks, checkpoints
///   packs/N.pack       blocks of pieces, compressed and sealed; only ever appended to, or removed
/// A piece (4 KiB page, or what was cut out of bytes) is stored once over all checkpoints of all containers. A
/// checkpoint is read directly, whatever others there are. Order of a commit: packs, fsync, then one transaction of the
/// catalogue; so at whatever instant the process or the machine dies, the checkpoints that were committed are there,
/// and nothing of others is.
/// The rows of checkpoints are sealed one by one, and a sum over all of them (XOR of their digests) tells a row that is
/// lost. Errors: EBADMSG for what is broken, with pack and offset; errno of the medium with the file.
/// Thread: any; calls that change the store wait for each other where they must. Everything blocks: call from a worker.
class Store
{
public:
    Store(Store &&) noexcept;
    Store &operator=(Store &&) noexcept;
    ~Store();

    /// Makes an empty one; the folder is made, its parent must be there. What a creation that died left is taken over.
    /// @errors EEXIST: there is one; as openFormat(); errno of the medium.
    [[nodiscard]] static Result<Store> create(const std::string &path, StoreOptions options);
    /// @errors ENOENT: there is none; EBUSY: another process writes, the detail names its pid; as openFormat().
    [[nodiscard]] static Result<Store> open(const std::string &path, StoreOptions options);

    /// Begins a checkpoint. Several may be written at once. @errors EROFS where the store was opened to look only.
    [[nodiscard]] Result<Writer> write();

    [[nodiscard]] Result<Listing> list() const;
    /// @param what an id, the unique beginning of one (4 digits or more), or a name. An id goes before a name.
    /// What is unfinished is not found. @errors ENOENT; ENOTUNIQ with the ids that fit as detail.
    [[nodiscard]] Result<CheckpointId> find(std::string_view what) const;
    /// @errors ENOENT, EBADMSG, ENOTSUP; so for all below.
    [[nodiscard]] Result<Checkpoint> checkpoint(const CheckpointId &id) const;
    [[nodiscard]] Result<Manifest> manifest(const CheckpointId &id) const;
    [[nodiscard]] Result<std::vector<StreamInfo>> streams(const CheckpointId &id) const;
    /// The content of a stream. What the sink gets was verified, piece by piece; only when read() returns well it was
    /// all of it. @errors ENOENT: no such checkpoint or stream; EBADMSG; ECANCELED; the sink's.
    [[nodiscard]] Result<> read(const CheckpointId &id, std::string_view stream, const Sink &sink,
                                std::stop_token stop = {}) const;

    /// To read pages of a stream of them (StreamKind::Pages) in any order. @errors as read(); EINVAL for another kind.
    [[nodiscard]] Result<PageReader> pages(const CheckpointId &id, std::string_view stream) const;
    /// For many small streams, and pieces here and there. @errors as checkpoint(). See opened_checkpoint.h.
    [[nodiscard]] Result<OpenedCheckpoint> look(const CheckpointId &id) const;

    /// Its room comes back by collect(). A broken one can be removed too.
    [[nodiscard]] Result<> remove(const CheckpointId &id);
    [[nodiscard]] Result<> pin(const CheckpointId &id, bool pinned);
    [[nodiscard]] Result<> rename(const CheckpointId &id, std::string name);
    [[nodiscard]] Result<> note(const CheckpointId &id, std::string note);
    /// Keeps it for the next try alone, or shows it again. Its name, note and pin stay. @param now by this host's
    /// clock.
    [[nodiscard]] Result<> setUnfinished(const CheckpointId &id, bool unfinished,
                                         std::chrono::sys_time<std::chrono::microseconds> now);

    /// Removes packs that nothing needs, and writes those anew of which at least `wasteful` (0 to 1) is needed by
    /// nothing. Writers and readers go on meanwhile. Refuses to work on a catalogue that is broken: what seems unused
    /// may be used by what is lost. One at a time. @errors EBADMSG: run check(); EBUSY: one runs; ECANCELED; errno.
    [[nodiscard]] Result<CollectReport> collect(double wasteful = 0.25, std::stop_token stop = {},
                                                const Progress &progress = {});
    /// Reads everything and verifies every digest. A damage is no error. @errors ECANCELED, errno of the medium.
    [[nodiscard]] Result<CheckReport> check(std::stop_token stop = {}, const Progress &progress = {}) const;
    [[nodiscard]] Result<StoreStats> stats() const;
    /// What it has is secret: there is a key.
    [[nodiscard]] bool isEncrypted() const;
    /// Opens the same store again, as StoreOptions::key, at once. Secret as the passphrase is.
    [[nodiscard]] Unlocked unlocked() const;
    /// Without any key: "none", "file" or "passphrase", as FormatFile. @errors ENOENT: there is none; as openFormat().
    [[nodiscard]] static Result<std::string> keyKind(const std::string &path);

private:
    friend class Writer;
    explicit Store(std::shared_ptr<StoreState> state);

    std::shared_ptr<StoreState> m_state;
};

/// Pages of one stream, wherever they stand in it; the blocks of the last few are kept. May outlive its Store.
/// Thread: one at a time.
class PageReader
{
public:
    struct State;

    PageReader(PageReader &&) noexcept;
    PageReader &operator=(PageReader &&) noexcept;
    ~PageReader();

    /// @return how many there are.
    [[nodiscard]] std::uint64_t count() const;
    /// Gives `pages` pages from `first` on to the sink, in as many pieces as it takes; each was verified. That nothing is
    /// missing from the stream is only told by Store::read(). @errors EINVAL beyond the end; as Store::read().
    [[nodiscard]] Result<> read(std::uint64_t first, std::uint64_t pages, const Sink &sink);

private:
    friend class Store;
    explicit PageReader(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

/// One checkpoint that is being written. Several streams may be open at once, as CRIU has its image files. Nothing of
/// it is visible before commit(), and nothing is left of it when it is destroyed without. After a failure every call
/// returns that failure. Digests are made in the calling thread; threads behind it compress, seal and write.
/// May outlive its Store. Thread: one at a time.
class Writer
{
public:
    struct State;
    using StreamNumber = std::size_t;

    Writer(Writer &&) noexcept;
    Writer &operator=(Writer &&) noexcept;
    ~Writer();

    /// @param name UTF-8, not empty, one of this name a checkpoint ("pages-1.img"). @errors EEXIST, EILSEQ, EINVAL.
    [[nodiscard]] Result<StreamNumber> addStream(std::string name, StreamKind kind);
    /// Waits while more than 8 MiB are to be compressed and written. @errors ENOSPC, EDQUOT, EFBIG, EIO with the pack;
    /// EINVAL for a stream that was finished.
    [[nodiscard]] Result<> write(StreamNumber stream, std::span<const std::byte> bytes);
    [[nodiscard]] Result<> finish(StreamNumber stream);
    /// Finishes what is open, makes all last, and enters it into the catalogue. Once, at the end; whatever it returns,
    /// this Writer is done. @errors as write(), and of the catalogue: nothing was committed then.
    [[nodiscard]] Result<CheckpointId> commit(Manifest manifest);
    /// What was taken so far; after commit() as it stands in the catalogue.
    [[nodiscard]] Sizes sizes() const;

    // For several checkpoints that become visible together, under ids that they have elsewhere (writer_import.cpp).
    // Who uses these does not call commit().
    /// Most pages that repeat() can name: what is known of them takes 40 bytes each.
    static constexpr std::uint64_t kMostRemembered = std::uint64_t{4} << 20;
    /// From now on pages that come by write() are remembered in their order, from 0 on.
    void rememberPages();
    /// The same, and the pages of a checkpoint that is in the store come first, in the order of its streams. A collection
    /// leaves them alone until the end. @errors as Store::look(); ECANCELED.
    [[nodiscard]] Result<> rememberPagesOf(const CheckpointId &id, const std::stop_token &stop);
    /// Adds whole pages that came before, of any stream. @errors EBADMSG: the stream ends within a page, or has no
    /// pages, or these did not come, or were zeros or no whole page.
    [[nodiscard]] Result<> repeat(StreamNumber stream, std::uint64_t first, std::uint64_t count);
    /// Adds pages of zeros. @errors EBADMSG as repeat().
    [[nodiscard]] Result<> addZeroPages(StreamNumber stream, std::uint64_t count);
    /// Ends one checkpoint, and begins the next. Streams of the one before cannot be written to any more.
    [[nodiscard]] Result<> endCheckpoint(const CheckpointId &id, Manifest manifest, bool pinned);
    /// Makes all of them visible, or none. One that has come into the store meanwhile is left as it is there.
    /// @return those that were added, with sizes; of bytes on disk each has its share. @errors as commit().
    [[nodiscard]] Result<std::vector<Checkpoint>> commitAll();
    /// Instead of that, where no more comes of the first checkpoint: keeps the whole pages that have come, of streams
    /// of pages, as unfinished. @return whether there were any. @errors EINVAL: it is not the first; as commit().
    [[nodiscard]] Result<bool> commitUnfinished(Manifest manifest, const Unfinished &what);

private:
    friend class Store;
    explicit Writer(std::unique_ptr<State> state);

    std::unique_ptr<State> m_state;
};

} // namespace gantry::repository
