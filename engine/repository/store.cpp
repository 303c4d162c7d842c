// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/store.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/repository/store_state.h"
#include "engine/repository/writer_state.h"

#include <algorithm>

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::repository {

namespace {

constexpr const char *kLockFile = "lock";
constexpr std::size_t kShortestPrefix = 4;

/// What a sealed row of a checkpoint is bound to.
ByteVector boundOf(const CheckpointId &id, std::string_view part)
{
    ByteVector out(id.v.begin(), id.v.end());
    append(out, viewOf(part));
    return out;
}

std::string nameOf(const StoreState &state, const CheckpointId &id)
{
    return strCat(state.disk.pathOf(kCatalogueFile), ": checkpoint ", id.text());
}

Result<WriteLock> lockForWriting(const Disk &disk)
{
    UniqueFd fd = GANTRY_TRY(disk.open(kLockFile, O_RDWR | O_CREAT));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failErrno("flock", disk.pathOf(kLockFile));
        TextBuffer text;
        const auto pid = text.readFd(fd.get(), kLockFile);
        return fail(EBUSY, "open", disk.path(),
                    strCat("process ", pid ? printable(trim(*pid)) : "?", " writes to the repository"),
                    "wait until it has ended, or look only");
    }
    // No step of the medium that a test would count: what it says is for people.
    const std::string pid = strCat(::getpid(), '\n');
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0)
        return failErrno("write", disk.pathOf(kLockFile));
    return WriteLock(std::move(fd));
}

Result<> checkOptions(const StoreOptions &options)
{
    constexpr std::size_t kLeastBlock = 4096;
    constexpr std::size_t kMostBlock = std::size_t{1} << 20;
    if (options.level < 0 || options.level > 19 || options.blockBytes < kLeastBlock || options.blockBytes > kMostBlock)
        return fail(EINVAL, "open", "repository", "an option is out of its range");
    return {};
}

/// Everything that who writes must know: where blocks end in their packs, and which pieces there are.
Result<> prepareWriting(StoreState &state)
{
    state.writing = GANTRY_TRY(Catalogue::open(state.disk, true));
    std::map<std::uint64_t, std::uint64_t> ends;
    bool unsure = false;
    auto walked = state.writing->forEachBlock([&](const BlockRow &row) -> Result<> {
        const auto pieces = openPieces(row, state.sealer, state.disk.pathOf(kCatalogueFile));
        unsure = unsure || !pieces;
        if (!pieces)
            return {};
        std::uint64_t &end = ends[row.pack];
        end = std::max(end, row.offset + row.size);
        for (const PieceRow &piece : *pieces)
            state.index.add(piece.digest, PieceId::make(row.number, piece.index));
        return {};
    });
    GANTRY_CHECK(std::move(walked));
    state.nextBlock = GANTRY_TRY(state.writing->nextBlock());
    return state.packs.recover(GANTRY_TRY(state.writing->packs()), ends, unsure);
}

/// Exactly one, or why not.
Result<CheckpointId> onlyOne(const std::vector<CheckpointId> &fits, std::string_view what)
{
    if (fits.size() == 1)
        return fits.front();
    if (fits.empty())
        return fail(ENOENT, "find", printable(what), "there is no such checkpoint");
    std::vector<std::string> ids;
    for (const CheckpointId &id : fits)
        ids.push_back(id.text());
    return fail(ENOTUNIQ, "find", printable(what), strCat("several fit: ", joined(ids)));
}

/// Changes what may be changed. @param edit of the labels.
Result<> relabel(StoreState &state, const CheckpointId &id, const std::function<void(CheckpointLabels &)> &edit)
{
    Catalogue *catalogue = GANTRY_TRY(state.writable());
    const std::scoped_lock lock(state.labelling);
    const auto row = GANTRY_TRY(catalogue->checkpoint(id));
    if (!row)
        return fail(ENOENT, "change", id.text(), "there is no such checkpoint");
    CheckpointLabels labels = GANTRY_TRY(openLabels(state, *row));
    edit(labels);
    CatalogueChange change;
    change.checkpoint = *row;
    change.checkpoint->labels = GANTRY_TRY(sealLabels(state, id, labels));
    change.sumChange = sumOf(state, *row);
    exclusiveOr(change.sumChange, sumOf(state, *change.checkpoint));
    return catalogue->apply(change);
}

} // namespace

WriteLock::~WriteLock()
{
    if (m_fd)
        ::flock(m_fd.get(), LOCK_UN);
}

StoreState::StoreState(Disk disk_, StoreOptions options_)
    : disk(std::move(disk_)), options(std::move(options_)), packs(disk, options.packBytes), index(options.indexedPieces)
{}

Result<Catalogue *> StoreState::writable()
{
    if (!writing)
        return fail(EROFS, "write", disk.path(), "the repository was opened to look only");
    return &*writing;
}

void StoreState::forgetKey()
{
    if (auto *passphrase = std::get_if<Passphrase>(&options.key))
        wipe(passphrase->text);
}

Result<CheckpointBody> openBody(const StoreState &state, const CheckpointRow &row)
{
    const std::string what = nameOf(state, row.id);
    return parseBody(textOf(GANTRY_TRY(state.sealer.open(row.body, boundOf(row.id, "body"), what))));
}

Result<CheckpointLabels> openLabels(const StoreState &state, const CheckpointRow &row)
{
    const std::string what = nameOf(state, row.id);
    return parseLabels(textOf(GANTRY_TRY(state.sealer.open(row.labels, boundOf(row.id, "labels"), what))));
}

Result<ByteVector> sealBody(const StoreState &state, const CheckpointId &id, const CheckpointBody &body)
{
    return state.sealer.seal(viewOf(GANTRY_TRY(encodeBody(body))), boundOf(id, "body"));
}

Result<ByteVector> sealLabels(const StoreState &state, const CheckpointId &id, const CheckpointLabels &labels)
{
    return state.sealer.seal(viewOf(GANTRY_TRY(encodeLabels(labels))), boundOf(id, "labels"));
}

Digest sumOf(const StoreState &state, const CheckpointRow &row)
{
    // Of digests, so that no byte can pass from one part to the other.
    ByteVector parts(row.id.v.begin(), row.id.v.end());
    append(parts, state.sealer.digest(row.body));
    append(parts, state.sealer.digest(row.labels));
    return state.sealer.digest(parts);
}

void exclusiveOr(Digest &sum, const Digest &other)
{
    std::ranges::transform(sum, other, sum.begin(), std::bit_xor{});
}

Store::Store(std::shared_ptr<StoreState> state) : m_state(std::move(state)) {}
Store::Store(Store &&) noexcept = default;
Store &Store::operator=(Store &&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::create(const std::string &path, StoreOptions options)
{
    GANTRY_CHECK(readySodium());
    GANTRY_CHECK(checkOptions(options));
    {
        const Disk disk = GANTRY_TRY(Disk::open(path, true, options.hook));
        const WriteLock lock = GANTRY_TRY(lockForWriting(disk));
        if (const auto there = disk.open(kFormatFile, O_RDONLY); there || there.error().posix() != ENOENT)
            return fail(there ? EEXIST : there.error().posix(), "create", path, "there is a repository already");
        GANTRY_CHECK(disk.createFolder(kPackFolder));
        GANTRY_CHECK(Catalogue::create(disk));
        // Last: a folder without this file is no repository.
        GANTRY_CHECK(createFormat(disk, options.key));
    }
    return open(path, std::move(options));
}

Result<Store> Store::open(const std::string &path, StoreOptions options)
{
    GANTRY_CHECK(readySodium());
    GANTRY_CHECK(checkOptions(options));
    Disk disk = GANTRY_TRY(Disk::open(path, false, options.hook));
    auto state = std::make_shared<StoreState>(std::move(disk), std::move(options));
    auto format = openFormat(state->disk, state->options.key);
    state->forgetKey(); // a wrong one, too: it may be nearly the right one
    if (!format)
        return std::unexpected(std::move(format).error());
    state->unlocked = std::move(format->unlocked);
    state->sealer = state->unlocked.sealer;
    state->layout = format->version == 1 ? BlockLayout::Whole : BlockLayout::Frames;
    if (state->options.write)
        state->lock = GANTRY_TRY(lockForWriting(state->disk));
    state->reading = GANTRY_TRY(Catalogue::open(state->disk, false));
    if (state->options.write)
        GANTRY_CHECK(prepareWriting(*state));
    return Store(std::move(state));
}

Result<Writer> Store::write()
{
    GANTRY_CHECK(m_state->writable());
    return Writer(std::make_unique<Writer::State>(m_state));
}

Result<Listing> Store::list() const
{
    const std::string catalogue = m_state->disk.pathOf(kCatalogueFile);
    const auto all = GANTRY_TRY(m_state->reading->checkpointsAndSum());
    Listing out;
    Digest sum{};
    for (const CheckpointRow &row : all.rows) {
        exclusiveOr(sum, sumOf(*m_state, row));
        auto body = openBody(*m_state, row);
        const auto labels = openLabels(*m_state, row);
        if (!body || !labels) {
            out.damages.push_back({catalogue, (body ? labels.error() : body.error()).message(), {row.id}});
            continue;
        }
        Checkpoint one{row.id, std::move(body->manifest), body->sizes, labels->pinned};
        one.manifest.name = labels->name;
        one.manifest.note = labels->note;
        if (labels->unfinished)
            out.unfinished.push_back({std::move(one), *labels->unfinished});
        else
            out.checkpoints.push_back(std::move(one));
    }
    if (sum != all.sum && out.damages.empty())
        out.damages.push_back({catalogue, "checkpoints are missing, or were put in, or their sum is broken", {}});
    return out;
}

Result<CheckpointId> Store::find(std::string_view what) const
{
    std::vector<CheckpointId> byId;
    std::vector<CheckpointId> byName;
    for (const CheckpointRow &row : GANTRY_TRY(m_state->reading->checkpoints())) {
        const auto labels = openLabels(*m_state, row);
        if (labels && labels->unfinished)
            continue;
        // A broken row keeps its id.
        if (what.size() >= kShortestPrefix && row.id.text().starts_with(what))
            byId.push_back(row.id);
        if (labels && !what.empty() && labels->name == what)
            byName.push_back(row.id);
    }
    return onlyOne(byId.empty() ? byName : byId, what);
}

Result<Checkpoint> Store::checkpoint(const CheckpointId &id) const
{
    const auto row = GANTRY_TRY(m_state->reading->checkpoint(id));
    if (!row)
        return fail(ENOENT, "read", id.text(), "there is no such checkpoint");
    CheckpointBody body = GANTRY_TRY(openBody(*m_state, *row));
    CheckpointLabels labels = GANTRY_TRY(openLabels(*m_state, *row));
    Checkpoint out{id, std::move(body.manifest), body.sizes, labels.pinned};
    out.manifest.name = std::move(labels.name);
    out.manifest.note = std::move(labels.note);
    return out;
}

Result<Manifest> Store::manifest(const CheckpointId &id) const
{
    return GANTRY_TRY(checkpoint(id)).manifest;
}

Result<std::vector<StreamInfo>> Store::streams(const CheckpointId &id) const
{
    const auto row = GANTRY_TRY(m_state->reading->checkpoint(id));
    if (!row)
        return fail(ENOENT, "read", id.text(), "there is no such checkpoint");
    const CheckpointBody body = GANTRY_TRY(openBody(*m_state, *row));
    std::vector<StreamInfo> out;
    for (const StreamRecord &stream : body.streams)
        out.push_back(stream.info);
    return out;
}

Result<> Store::remove(const CheckpointId &id)
{
    Catalogue *catalogue = GANTRY_TRY(m_state->writable());
    const std::scoped_lock lock(m_state->labelling);
    const auto row = GANTRY_TRY(catalogue->checkpoint(id));
    if (!row)
        return fail(ENOENT, "remove", id.text(), "there is no such checkpoint");
    CatalogueChange change;
    change.checkpointsGone.push_back(id);
    change.sumChange = sumOf(*m_state, *row);
    if (!openBody(*m_state, *row) || !openLabels(*m_state, *row)) {
        // What it added to the sum cannot be told any more. Only if nothing else is wrong a new sum is right.
        Digest sum{};
        bool sound = true;
        for (const CheckpointRow &other : GANTRY_TRY(catalogue->checkpoints())) {
            if (other.id == id)
                continue;
            sound = sound && openBody(*m_state, other) && openLabels(*m_state, other);
            exclusiveOr(sum, sumOf(*m_state, other));
        }
        if (sound)
            change.sum = sum;
    }
    return catalogue->apply(change);
}

Result<> Store::pin(const CheckpointId &id, bool pinned)
{
    return relabel(*m_state, id, [pinned](CheckpointLabels &labels) { labels.pinned = pinned; });
}

Result<> Store::rename(const CheckpointId &id, std::string name)
{
    return relabel(*m_state, id, [&name](CheckpointLabels &labels) { labels.name = std::move(name); });
}

Result<> Store::note(const CheckpointId &id, std::string note)
{
    return relabel(*m_state, id, [&note](CheckpointLabels &labels) { labels.note = std::move(note); });
}

Result<> Store::setUnfinished(const CheckpointId &id, bool unfinished,
                              std::chrono::sys_time<std::chrono::microseconds> now)
{
    return relabel(*m_state, id, [&](CheckpointLabels &labels) {
        labels.unfinished = unfinished ? std::optional(Unfinished{id, now}) : std::nullopt;
    });
}

bool Store::isEncrypted() const
{
    return m_state->sealer.encrypts();
}

Unlocked Store::unlocked() const
{
    return m_state->unlocked;
}

Result<std::string> Store::keyKind(const std::string &path)
{
    GANTRY_CHECK(readySodium());
    const Disk disk = GANTRY_TRY(Disk::open(path, false, {}));
    return GANTRY_TRY(readFormat(disk)).keyKind;
}

Result<StoreStats> Store::stats() const
{
    const Listing listing = GANTRY_TRY(list());
    StoreStats out;
    out.checkpoints = listing.checkpoints.size();
    for (const Checkpoint &one : listing.checkpoints)
        out.logical.v += one.sizes.logical.v;
    if (!listing.checkpoints.empty())
        out.last = listing.checkpoints.back().sizes;
    out.unfinished = listing.unfinished.size();
    for (const UnfinishedCheckpoint &one : listing.unfinished)
        out.unfinishedStored.v += one.checkpoint.sizes.stored.v;
    for (const PackRow &pack : GANTRY_TRY(m_state->reading->packs())) {
        ++out.packs;
        out.packed.v += pack.length;
    }
    for (const char *suffix : {"", "-wal", "-shm"}) {
        struct stat facts
        {};
        if (::stat(strCat(m_state->disk.pathOf(kCatalogueFile), suffix).c_str(), &facts) == 0)
            out.catalogue.v += static_cast<std::uint64_t>(facts.st_size);
    }
    return out;
}

} // namespace gantry::repository
