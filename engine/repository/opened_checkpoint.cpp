// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/opened_checkpoint.h"

#include "engine/base/strings.h"
#include "engine/repository/store_state.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace gantry::repository {

namespace {

/// Content of blocks that is kept: images of one checkpoint lie together.
constexpr std::size_t kMostKept = std::size_t{64} << 20;

std::unexpected<Error> notThere(PieceId id)
{
    return fail(EBADMSG, "read", strCat("block ", id.block()),
                strCat("the catalogue does not know piece ", id.index(), " of it"));
}

} // namespace

struct OpenedCheckpoint::State
{
    explicit State(std::shared_ptr<StoreState> shared) : store(std::move(shared)), blocks(*store), lists(*store) {}

    [[nodiscard]] Result<const StreamRecord *> record(std::string_view stream) const
    {
        const auto found = std::ranges::lower_bound(
            body.streams, stream, {}, [](const StreamRecord &one) { return std::string_view(one.info.name); });
        if (found == body.streams.end() || found->info.name != stream)
            return fail(ENOENT, "read", stream, "the checkpoint has no such stream");
        return &*found;
    }

    /// All pieces of it are verified, as more of them are likely to be wanted.
    [[nodiscard]] Result<DigestedBlockPtr> block(std::uint64_t number)
    {
        if (const auto found = kept.find(number); found != kept.end())
            return found->second;
        PieceSet all;
        for (std::uint32_t i = 0; i < PieceId::kPerBlock; ++i)
            all.add(PieceId::make(number, i));
        DigestedBlockPtr out = GANTRY_TRY(blocks.readPieces(number, all));
        if (keptBytes > kMostKept) {
            kept.clear();
            keptBytes = 0;
        }
        keptBytes += out->block->bytes.size();
        kept.emplace(number, out);
        return out;
    }

    [[nodiscard]] Result<> append(PieceId id, std::string &out, RunningDigest &digest)
    {
        const DigestedBlockPtr whole = GANTRY_TRY(block(id.block()));
        const Block::Piece *found = whole->block->find(id.index());
        if (found == nullptr)
            return notThere(id);
        digest.add(whole->digests[static_cast<std::size_t>(found - whole->block->pieces.data())]);
        out += textOf(whole->block->bytesOf(*found));
        return {};
    }

    std::shared_ptr<StoreState> store;
    CheckpointBody body; ///< streams by name
    BlockReader blocks;
    ListReader lists;
    std::unordered_map<std::uint64_t, DigestedBlockPtr> kept;
    std::size_t keptBytes = 0;
};

OpenedCheckpoint::OpenedCheckpoint(std::unique_ptr<State> state) : m_state(std::move(state)) {}
OpenedCheckpoint::OpenedCheckpoint(OpenedCheckpoint &&) noexcept = default;
OpenedCheckpoint &OpenedCheckpoint::operator=(OpenedCheckpoint &&) noexcept = default;
OpenedCheckpoint::~OpenedCheckpoint() = default;

const StreamInfo *OpenedCheckpoint::find(std::string_view stream) const
{
    const auto found = m_state->record(stream);
    return found ? &(*found)->info : nullptr;
}

Result<std::string> OpenedCheckpoint::read(std::string_view stream, std::uint64_t most)
{
    const StreamRecord &record = *GANTRY_TRY(m_state->record(stream));
    const std::uint64_t size = record.info.size.v;
    if (size > most)
        return fail(EFBIG, "read", stream, strCat("it has ", size, " bytes"));
    std::string out;
    RunningDigest digest;
    for (const PieceRun &run : GANTRY_TRY(m_state->lists.read(*m_state->store, record))) {
        for (std::uint64_t i = 0; i < run.count; ++i) {
            if (run.zeros) {
                out.append(kPage, '\0');
                digest.add(Digest{});
            } else {
                GANTRY_CHECK(m_state->append(PieceId{run.first.v + i}, out, digest));
            }
            if (out.size() > size)
                return fail(EBADMSG, "read", stream, "the stream is longer than it was written");
        }
    }
    if (out.size() != size || digest.finish() != record.content)
        return fail(EBADMSG, "verify", stream, "the stream is not what was written");
    return out;
}

Result<std::vector<PieceRun>> OpenedCheckpoint::pieces(std::string_view stream)
{
    return m_state->lists.read(*m_state->store, *GANTRY_TRY(m_state->record(stream)));
}

Result<std::vector<Digest>> OpenedCheckpoint::digests(std::span<const PieceId> ids, const std::stop_token &stop) const
{
    const StoreState &store = *m_state->store;
    // By block: each row is asked for and opened once.
    std::vector<std::pair<PieceId, std::size_t>> order;
    order.reserve(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i)
        order.emplace_back(ids[i], i);
    std::ranges::sort(order);
    std::vector<Digest> out(ids.size());
    std::vector<PieceRow> rows;
    std::optional<std::uint64_t> opened;
    for (const auto &[id, at] : order) {
        if (opened != id.block()) {
            if (stop.stop_requested())
                return fail(ECANCELED, "read", strCat("block ", id.block()), "cancelled");
            const auto row = GANTRY_TRY(store.reading->block(id.block()));
            if (!row)
                return notThere(id);
            rows = GANTRY_TRY(openPieces(*row, store.sealer, store.disk.pathOf(kCatalogueFile)));
            opened = id.block();
        }
        const auto found = std::ranges::find(rows, id.index(), &PieceRow::index);
        if (found == rows.end())
            return notThere(id);
        out[at] = found->digest;
    }
    return out;
}

Result<std::vector<std::byte>> OpenedCheckpoint::piece(PieceId id)
{
    const DigestedBlockPtr whole = GANTRY_TRY(m_state->block(id.block()));
    const Block::Piece *found = whole->block->find(id.index());
    if (found == nullptr)
        return notThere(id);
    const ByteView bytes = whole->block->bytesOf(*found);
    return ByteVector(bytes.begin(), bytes.end());
}

Result<OpenedCheckpoint> Store::look(const CheckpointId &id) const
{
    const auto row = GANTRY_TRY(m_state->reading->checkpoint(id));
    if (!row)
        return fail(ENOENT, "read", id.text(), "there is no such checkpoint");
    auto state = std::make_unique<OpenedCheckpoint::State>(m_state);
    state->body = GANTRY_TRY(openBody(*m_state, *row));
    std::ranges::sort(state->body.streams, {}, [](const StreamRecord &one) { return std::string_view(one.info.name); });
    return OpenedCheckpoint(std::move(state));
}

} // namespace gantry::repository
