// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/content_list.h"
#include "engine/repository/manifest.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::repository {

/// A checkpoint of which many small streams are read, or pieces here and there: what the catalogue says of it is opened
/// once, and blocks are kept for a while. Store::look() makes it; it may outlive its Store. Thread: one at a time.
class OpenedCheckpoint
{
public:
    struct State;
    explicit OpenedCheckpoint(std::unique_ptr<State> state);
    OpenedCheckpoint(OpenedCheckpoint &&) noexcept;
    OpenedCheckpoint &operator=(OpenedCheckpoint &&) noexcept;
    ~OpenedCheckpoint();

    /// Null: it has no such stream.
    [[nodiscard]] const StreamInfo *find(std::string_view stream) const;
    /// A stream as a whole, verified. @param most bytes that are believed.
    /// @errors ENOENT: there is no such stream; EFBIG; EBADMSG; errno of the medium.
    [[nodiscard]] Result<std::string> read(std::string_view stream, std::uint64_t most);
    /// The pieces of a stream in order; none is read. Two with the same id have the same content; whether two of
    /// different ids have is told by digests(). @errors ENOENT, EBADMSG.
    [[nodiscard]] Result<std::vector<PieceRun>> pieces(std::string_view stream);
    /// What the catalogue has of each piece, of any checkpoint of this store, in the order given.
    /// @errors EBADMSG for one that it does not know; ECANCELED.
    [[nodiscard]] Result<std::vector<Digest>> digests(std::span<const PieceId> ids, const std::stop_token &stop) const;
    /// The content of one, verified. @errors EBADMSG.
    [[nodiscard]] Result<std::vector<std::byte>> piece(PieceId id);

private:
    std::unique_ptr<State> m_state;
};

} // namespace gantry::repository
