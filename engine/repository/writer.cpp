// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/strings.h"
#include "engine/repository/cutter.h"
#include "engine/repository/store_state.h"
#include "engine/repository/writer_state.h"

#include <algorithm>
#include <set>
#include <utility>

namespace gantry::repository {

namespace {

/// What is gathered of a stream before digests are made of it, by several at once.
constexpr std::size_t kBatch = std::size_t{1} << 20;

} // namespace

Writer::State::State(std::shared_ptr<StoreState> store_)
    : store(std::move(store_))
    , press(*store, store->packs)
    , crew(store->sealer, std::clamp(store->options.threads, 1U, 64U) - 1)
    , own(~std::size_t{0} >> 1)
{
    const std::scoped_lock lock(store->mutex);
    store->used.insert(&used);
}

Writer::State::~State()
{
    release();
}

void Writer::State::release()
{
    const std::scoped_lock lock(store->mutex);
    if (store->used.erase(&used) != 0 && store->collecting)
        store->usedByDone.addAll(used);
}

Result<> Writer::State::flush(Draft &draft)
{
    if (draft.block.pieces.empty())
        return {};
    auto done = press.put(std::exchange(draft.block, {}), std::exchange(draft.rows, {}));
    return done;
}

Result<PieceId> Writer::State::put(Draft &draft, const Digest &digest, ByteView piece, PieceId before)
{
    if (const auto id = own.find(digest))
        return *id;
    {
        const std::scoped_lock lock(store->mutex);
        if (const auto id = store->index.find(digest)) {
            // Under the same lock: a collection either sees it here, or has taken it from the index before.
            used.add(*id);
            return *id;
        }
        if (draft.block.pieces.empty())
            draft.block.number = store->nextBlock++;
    }
    const auto index = static_cast<std::uint32_t>(draft.block.pieces.size());
    if (index == 0)
        draft.block.bytes.reserve(store->options.blockBytes + piece.size());
    const PieceId id = PieceId::make(draft.block.number, index);
    draft.block.add(index, piece, before.v + 1 == id.v);
    draft.rows.push_back({index, static_cast<std::uint32_t>(piece.size()), digest});
    own.add(digest, id);
    sizes.fresh.v += piece.size();
    if (draft.block.bytes.size() >= store->options.blockBytes || draft.block.pieces.size() == PieceId::kPerBlock)
        GANTRY_CHECK(flush(draft));
    return id;
}

Result<> Writer::State::putContent(Stream &stream, const std::vector<ByteView> &pieces)
{
    const std::vector<Digest> digests = crew.digests(pieces, stream.record.info.kind == StreamKind::Pages);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        stream.digest.add(digests[i]);
        if (digests[i] == kZeroPage)
            stream.list.addZeros(1);
        else
            stream.list.add(GANTRY_TRY(put(content, digests[i], pieces[i], stream.list.last())));
        if (remembering && stream.record.info.kind == StreamKind::Pages)
            remember(digests[i], pieces[i].size(), stream.list.last());
    }
    return {};
}

Result<std::size_t> Writer::State::cut(Stream &stream, ByteView bytes, bool end)
{
    const bool pages = stream.record.info.kind == StreamKind::Pages;
    const std::size_t enough = pages ? kPage : kByteCuts.most;
    std::size_t done = 0;
    std::vector<ByteView> pieces;
    for (std::size_t batch = 0; bytes.size() - done >= enough || (end && done < bytes.size());) {
        const ByteView rest = bytes.subspan(done);
        const std::size_t size = pages ? std::min(kPage, rest.size()) : firstCut(rest, kByteCuts);
        pieces.push_back(rest.first(size));
        done += size;
        batch += size;
        // Not all of a long span at once: what is new of this is compressed while the digests of the next are made.
        if (batch >= kBatch) {
            GANTRY_CHECK(putContent(stream, std::exchange(pieces, {})));
            batch = 0;
        }
    }
    GANTRY_CHECK(putContent(stream, pieces));
    return done;
}

Result<> Writer::State::take(Stream &stream, ByteView bytes)
{
    stream.record.info.size.v += bytes.size();
    sizes.logical.v += bytes.size();
    if (stream.rest.empty() && bytes.size() >= kBatch)
        bytes = bytes.subspan(GANTRY_TRY(cut(stream, bytes, false)));
    append(stream.rest, bytes);
    if (stream.rest.size() < kBatch)
        return {};
    const std::size_t done = GANTRY_TRY(cut(stream, stream.rest, false));
    stream.rest.erase(stream.rest.begin(), stream.rest.begin() + static_cast<std::ptrdiff_t>(done));
    return {};
}

Result<> Writer::State::finishStream(Stream &stream)
{
    GANTRY_CHECK(cut(stream, stream.rest, true));
    stream.rest = {};
    stream.finished = true;
    stream.record.info.pieces = stream.list.pieces();
    const ByteVector list = stream.list.finish();
    stream.record.listSize = list.size();
    stream.record.list = store->sealer.digest(list);
    stream.record.content = stream.digest.finish();
    ContentListWriter outer;
    for (ByteView rest = list; !rest.empty();) {
        const ByteView piece = rest.first(firstCut(rest, kListCuts));
        outer.add(GANTRY_TRY(put(lists, store->sealer.digest(piece), piece, outer.last())));
        rest = rest.subspan(piece.size());
    }
    stream.record.listRuns = outer.finish();
    return {};
}

Result<CheckpointRow> Writer::State::row(const CheckpointId &id, Manifest manifest)
{
    CheckpointBody body{std::move(manifest), sizes, {}};
    for (const Stream &stream : streams)
        body.streams.push_back(stream.record);
    const CheckpointLabels labels{body.manifest.name, body.manifest.note, false};
    CheckpointRow out{id, 0, {}, {}};
    out.body = GANTRY_TRY(sealBody(*store, id, body));
    out.labels = GANTRY_TRY(sealLabels(*store, id, labels));
    return out;
}

Result<CheckpointId> Writer::State::commit(Manifest manifest)
{
    for (Stream &stream : streams) {
        if (!stream.finished)
            GANTRY_CHECK(finishStream(stream));
    }
    CatalogueChange change = GANTRY_TRY(pressed());
    sizes.stored = Bytes(press.bytes());
    const CheckpointId id = CheckpointId::random();
    change.checkpoint = GANTRY_TRY(row(id, std::move(manifest)));
    change.sumChange = sumOf(*store, *change.checkpoint);
    GANTRY_CHECK(apply(std::move(change)));
    return id;
}

Result<CatalogueChange> Writer::State::pressed()
{
    GANTRY_CHECK(flush(content));
    GANTRY_CHECK(flush(lists));
    CatalogueChange change;
    change.blocks = GANTRY_TRY(press.finish());
    change.packs = press.packs();
    return change;
}

Result<> Writer::State::apply(CatalogueChange change)
{
    Catalogue *catalogue = GANTRY_TRY(store->writable());
    {
        const std::scoped_lock lock(store->mutex);
        change.nextBlock = store->nextBlock;
    }
    if (auto applied = catalogue->apply(change); !applied) {
        if (!isRefusal(applied.error()))
            press.leave();
        return std::unexpected(std::move(applied).error());
    }
    press.keep();
    const std::scoped_lock lock(store->mutex);
    store->index.addAll(own);
    return {};
}

Writer::Writer(std::unique_ptr<State> state) : m_state(std::move(state)) {}
Writer::Writer(Writer &&) noexcept = default;
Writer &Writer::operator=(Writer &&) noexcept = default;
Writer::~Writer() = default;

Result<Writer::StreamNumber> Writer::addStream(std::string name, StreamKind kind)
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    if (name.empty())
        return fail(EINVAL, "addStream", "stream", "it has no name");
    if (!isUtf8(name))
        return fail(EILSEQ, "addStream", printable(name), "the name is not UTF-8");
    if (!m_state->names.insert(name).second)
        return fail(EEXIST, "addStream", name, "the checkpoint has this stream already");
    State::Stream stream;
    stream.record.info.name = std::move(name);
    stream.record.info.kind = kind;
    m_state->streams.push_back(std::move(stream));
    return m_state->streams.size() - 1;
}

Result<> Writer::write(StreamNumber stream, std::span<const std::byte> bytes)
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    if (stream >= m_state->streams.size() || m_state->streams[stream].finished)
        return fail(EINVAL, "write", "stream", "it was finished, or never added");
    auto done = m_state->take(m_state->streams[stream], bytes);
    if (!done)
        m_state->failure = done.error();
    return done;
}

Result<> Writer::finish(StreamNumber stream)
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    if (stream >= m_state->streams.size() || m_state->streams[stream].finished)
        return fail(EINVAL, "finish", "stream", "it was finished, or never added");
    auto done = m_state->finishStream(m_state->streams[stream]);
    if (!done)
        m_state->failure = done.error();
    return done;
}

Result<CheckpointId> Writer::commit(Manifest manifest)
{
    if (m_state->failure)
        return std::unexpected(*m_state->failure);
    auto id = m_state->commit(std::move(manifest));
    if (id)
        m_state->failure = fail(EINVAL, "write", "checkpoint", "it was committed").error();
    else
        m_state->failure = id.error();
    m_state->release();
    return id;
}

Sizes Writer::sizes() const
{
    Sizes out = m_state->sizes;
    out.stored = Bytes(m_state->press.bytes());
    return out;
}

} // namespace gantry::repository
