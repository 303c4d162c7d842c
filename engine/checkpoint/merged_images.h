// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace gantry::repository {
class Writer;
}

namespace gantry::checkpoint {

// Memory that CRIU saved in rounds: what did not change since the round before is only in that one's images. Here the
// rounds are one set of images again, as if all had been saved at once, and what reads them knows nothing of rounds.

/// Pages that follow each other in one file of pages.
struct MergedRun
{
    std::size_t folder = 0;  ///< index in the list of folders
    std::string file;        ///< "pages-1.img" there
    std::uint64_t first = 0; ///< in that file, in pages
    std::uint64_t count = 0;

    bool operator==(const MergedRun &) const = default;
};

/// One pagemap with its pages.
struct MergedMap
{
    std::string map;             ///< the image: all of its pages are here, none is another round's
    std::string pages;           ///< "pages-7.img": where they are to be found, in the order of `runs`
    std::vector<MergedRun> runs; ///< by address
};

/// @param folders open; the last dump first, behind each the round before it. @param name "pagemap-12.img" of the last
/// dump. @errors EBADMSG naming image and byte for what is no pagemap, and for pages that are in no round; of reading.
[[nodiscard]] Result<MergedMap> mergeMap(std::span<const int> folders, const std::string &name);

/// Writes the image of a pagemap and its pages into a checkpoint, each page read from where it is. @errors as
/// mergeMap(); EBADMSG where a file of pages has fewer than its map says; ECANCELED; of the writer.
[[nodiscard]] Result<> writeMerged(repository::Writer &writer, std::span<const int> folders, const std::string &name,
                                   const std::stop_token &stop);

} // namespace gantry::checkpoint
