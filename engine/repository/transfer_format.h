// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/manifest.h"
#include "engine/repository/rest.h"
#include "engine/repository/sealer.h"

#include <string>
#include <string_view>
#include <vector>

/// The parts of transfer.h's file that both directions share. Inside engine/repository only.
namespace gantry::repository::transfer {

inline constexpr std::string_view kHead = "gantry-export.json";
inline constexpr std::string_view kEnd = "gantry-export.end";
inline constexpr std::string_view kSum = "sum";
inline constexpr std::uint64_t kMostHead = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMostManifest = std::uint64_t{16} << 20;
inline constexpr std::uint64_t kMostList = std::uint64_t{64} << 20;

/// What ID/manifest.json says.
struct Outline
{
    CheckpointId id;
    bool pinned = false;
    Manifest manifest;
    std::vector<StreamInfo> streams;
};

struct Head
{
    std::vector<CheckpointId> ids;
    std::vector<CheckpointId> bases; ///< that are not in it; none, and no rests: format 1
    std::vector<Rest> rests{};       ///< without their digests; some: format 3
};
[[nodiscard]] std::string encodeHead(const Head &head);
/// @errors EBADMSG; ENOTSUP: of a newer Gantry.
[[nodiscard]] Result<Head> parseHead(std::string_view json);
/// @errors as encodeManifest().
[[nodiscard]] Result<std::string> encodeOutline(const Outline &outline);
/// @errors EBADMSG.
[[nodiscard]] Result<Outline> parseOutline(std::string_view json);

/// Pages of a stream.
struct Run
{
    enum class Kind : std::uint8_t { New, Zero, Old };
    Kind kind = Kind::New;
    std::uint64_t first = 0; ///< Old: number of the first
    std::uint64_t count = 0;
};
[[nodiscard]] std::string encodeList(const std::vector<Run> &runs);
/// @param pages that the stream has. @errors EBADMSG, also where they are not as many.
[[nodiscard]] Result<std::vector<Run>> parseList(std::string_view text, std::uint64_t pages);
/// How many pieces a stream of pages of this size has.
[[nodiscard]] constexpr std::uint64_t pagesOf(Bytes size)
{
    return (size.v + kPage - 1) / kPage;
}

/// The sums between the members.
class SumChain
{
public:
    void add(ByteView bytes) { m_digest.add(bytes); }
    /// Ends one part. @return its digits and a line feed; the next part begins with it.
    [[nodiscard]] std::string next();

private:
    RunningDigest m_digest;
};

} // namespace gantry::repository::transfer
