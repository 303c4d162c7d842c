// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/digest_crew.h"
#include "engine/repository/store.h"
#include "engine/repository/store_state.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gantry::repository {

struct Writer::State
{
    /// A block that fills.
    struct Draft
    {
        Block block;
        std::vector<PieceRow> rows;
    };
    struct Stream
    {
        StreamRecord record;
        ByteVector rest; ///< not cut yet
        ContentListWriter list;
        RunningDigest digest; ///< over the digests of the pieces
        bool finished = false;
    };

    /// A checkpoint that is to be committed with others.
    struct Added
    {
        CheckpointId id;
        CheckpointBody body;
        bool pinned = false;
        std::optional<Unfinished> unfinished{};
    };
    struct RememberedPage
    {
        Digest digest{}; ///< kZeroPage: it cannot be repeated
        PieceId id;
    };

    explicit State(std::shared_ptr<StoreState> store_);
    State(const State &) = delete;
    State &operator=(const State &) = delete;
    ~State();

    [[nodiscard]] Result<> take(Stream &stream, ByteView bytes);
    /// Cuts off and stores what can be: all of it at the `end`. @return how much that was.
    [[nodiscard]] Result<std::size_t> cut(Stream &stream, ByteView bytes, bool end);
    [[nodiscard]] Result<> putContent(Stream &stream, const std::vector<ByteView> &pieces);
    /// The piece's id: of what is there, else in the draft. @param before of the piece before in the stream.
    [[nodiscard]] Result<PieceId> put(Draft &draft, const Digest &digest, ByteView piece, PieceId before);
    [[nodiscard]] Result<> flush(Draft &draft);
    [[nodiscard]] Result<> finishStream(Stream &stream);
    [[nodiscard]] Result<CheckpointRow> row(const CheckpointId &id, Manifest manifest);
    [[nodiscard]] Result<CheckpointId> commit(Manifest manifest);
    /// Waits until all that was taken is written.
    [[nodiscard]] Result<CatalogueChange> pressed();
    /// What is written is the catalogue's from now on.
    [[nodiscard]] Result<> apply(CatalogueChange change);
    // writer_import.cpp
    void remember(const Digest &digest, std::size_t size, PieceId id);
    /// A page that the store has; one that its index does not know cannot be repeated.
    void rememberOld(const Digest &digest);
    [[nodiscard]] Result<> onOpen(std::size_t stream, const std::function<Result<>(Stream &)> &what);
    [[nodiscard]] Result<> beginPage(Stream &stream);
    [[nodiscard]] Result<> addZeros(Stream &stream, std::uint64_t count);
    [[nodiscard]] Result<> repeat(Stream &stream, std::uint64_t first, std::uint64_t count);
    [[nodiscard]] Result<> endAdded(const CheckpointId &id, Manifest manifest, bool pinned);
    [[nodiscard]] Result<std::vector<Checkpoint>> commitAdded();
    /// Leaves of the checkpoint that is being written only the whole pages that have come.
    [[nodiscard]] Result<> cutOff();
    /// A collection need not heed what was found here any more, but for one that runs.
    void release();

    std::shared_ptr<StoreState> store;
    BlockPress press;
    DigestCrew crew;
    PieceIndex own; ///< pieces that are new with this checkpoint
    PieceSet used;  ///< that were there; guarded by the store's mutex
    Draft content;
    Draft lists; ///< blocks of their own: a collection reads all lists, and no content
    std::vector<Stream> streams;
    std::set<std::string> names;
    Sizes sizes;
    std::optional<Error> failure;
    bool remembering = false;
    std::vector<RememberedPage> remembered;
    std::vector<Added> added;
};

} // namespace gantry::repository
