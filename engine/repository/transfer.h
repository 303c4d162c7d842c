// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/rest.h"
#include "engine/repository/source.h"
#include "engine/repository/store.h"

#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// Checkpoints as one file that is written and read from its first byte to its last, so that it goes through any pipe.
///
/// It is a tar archive (tar.h: pax), so that other programs can look into it, and a single checkpoint's streams can be
/// had by "tar xf": that is why it is no format of its own. Its members, in this order and no other:
///   gantry-export.json        {"format": 1, "checkpoints": [ID...]}; ID: 32 hexadecimal digits
///   sum
/// then for each checkpoint, in that order:
///   ID/manifest.json          {"id", "pinned", "manifest": as in manifest.cpp, "streams": [{"name", "kind", "size"}]}
///   sum
/// and for each of its streams, in that order, either as a whole
///   ID/streams/NAME
///   sum
/// or, for pages of which some came before in this file, as a list and the pages that are new:
///   ID/lists/NAME             text, a line each: "new COUNT", "zero COUNT", "old FIRST COUNT"
///   sum
///   ID/pages/NAME             the new ones
///   sum
/// and at the end
///   gantry-export.end         the same as a sum would have
///   two blocks of zeros, and nothing more.
/// A page has 4096 bytes; FIRST counts those of all streams of kind "pages" as they came in ID/streams and ID/pages,
/// from 0 on; only the first Writer::kMostRemembered can be named. A file with one checkpoint has no lists.
/// For a store that has some of it already there is format 2: gantry-export.json has also "bases": [ID...], checkpoints
/// that the reader has to have, and is not given. Their pages of all streams of kind "pages", in the order of the names
/// of these, are counted before those that come, and lists are in a file with one checkpoint, too.
/// Format 3 has also "rests": [{"of": ID, "pages": COUNT}...], and "bases" may be absent: the first pages of
/// checkpoints that the reader has kept when an earlier file broke off (rest.h). They are counted after those of the
/// bases. "sum" is 64 hexadecimal digits and a line feed: BLAKE2b-256 over the 32 bytes of the digest before (of
/// nothing, for the first) and all bytes since then, the member with that one included. So no byte can be changed, left
/// out or put in without being found, and what is found is told by its place. It protects from accidents, not from who
/// makes a file: what is restored from an import runs as root, so an import is to be trusted as a program is. Headers
/// are those of tarHead() to the byte; archives that were packed anew are refused. The content is in clear, whatever
/// the store does. Compression, encryption and signatures are a filter's.
namespace gantry::repository {

/// Newest format that is read.
inline constexpr int kExportFormat = 3;
/// Of one file.
inline constexpr std::size_t kMostExported = 10'000;

/// Writes these checkpoints, in this order. Takes 80 bytes for each distinct page where there are several, at most
/// 320 MiB. What was written when it fails is no whole file, and is known as that.
/// @param bases checkpoints of this store that the reader's store has as well: pages that they have are not written.
/// @param rests what the reader's store has of others, each of which has to be true (beginsWith()): the same.
/// @return bytes that were not written because a rest has them.
/// @errors EINVAL: none, one twice, or more than kMostExported; as Store::read(); the sink's; ECANCELED.
/// Thread: any; blocks.
[[nodiscard]] Result<std::uint64_t> exportCheckpoints(const Store &store, std::span<const CheckpointId> ids,
                                                      const Sink &sink, const std::stop_token &stop,
                                                      std::span<const CheckpointId> bases = {},
                                                      std::span<const Rest> rests = {});

struct Imported
{
    std::vector<Checkpoint> added;
    std::vector<CheckpointId> known; ///< were in the store before, and are as they were
};

/// True for the first block of such a file.
[[nodiscard]] bool isExport(ByteView firstBlock);

/// Reads such a file into the store; they keep their ids, so that parents are known between stores. All of them become
/// visible at the end, or none.
/// @errors EBADMSG with the byte of the file: it is damaged, cut off, or none; ENOTSUP: a newer Gantry wrote it;
/// ENOENT: a base or a rest is not in the store; as Writer; the source's; ECANCELED. Thread: any; blocks.
/// @param edit changes what each is called here, before it is written; may be empty.
/// @param isKept where the file, of one checkpoint, breaks off, the pages that came are kept for the next try, as
/// unfinished; so are they when it is stopped. Where it is damaged, or the store fails, nothing is.
[[nodiscard]] Result<Imported> importCheckpoints(Store &store, Source source, const std::stop_token &stop,
                                                 const std::function<void(Manifest &)> &edit = {}, bool isKept = false);

} // namespace gantry::repository
