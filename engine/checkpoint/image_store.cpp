// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/image_store.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace gantry::checkpoint {

using repository::OpenedCheckpoint;
using repository::PieceRun;

Result<SavedTree> readTree(OpenedCheckpoint &checkpoint, const std::stop_token &stop)
{
    const ReadImage read = [&checkpoint, &stop](const std::string &name,
                                                std::uint64_t most) -> Result<std::optional<std::string>> {
        if (stop.stop_requested())
            return fail(ECANCELED, "inspect", name, "cancelled");
        if (checkpoint.find(name) == nullptr)
            return std::optional<std::string>();
        return GANTRY_TRY(checkpoint.read(name, most));
    };
    return readTree(read);
}

Result<std::vector<StoredPages>> storedPages(OpenedCheckpoint &checkpoint, const SavedPageMap &map)
{
    std::vector<StoredPages> out;
    if (map.runs.empty())
        return out;
    const std::string name = strCat("pages-", map.image, ".img");
    const std::vector<PieceRun> pieces = GANTRY_TRY(checkpoint.pieces(name));
    auto piece = pieces.begin();
    std::uint64_t begin = 0; ///< page of the image with which *piece begins
    for (const SavedPages &run : map.runs) {
        for (std::uint64_t done = 0; done < run.count;) {
            const std::uint64_t page = run.first + done;
            while (piece != pieces.end() && page >= begin + piece->count)
                begin += (piece++)->count;
            if (piece == pieces.end())
                return failImage(name, page * kImagePage, "it has fewer pages than its map says");
            const std::uint64_t count = std::min(run.count - done, begin + piece->count - page);
            out.push_back({run.address + done * kImagePage, count, piece->zeros,
                           repository::PieceId{piece->zeros ? 0 : piece->first.v + (page - begin)}});
            done += count;
        }
    }
    return out;
}

Result<std::vector<std::string>> argumentsOf(OpenedCheckpoint &checkpoint, const SavedTask &task,
                                             const std::vector<StoredPages> &pages)
{
    std::string text;
    std::uint64_t at = task.argumentsStart;
    const std::uint64_t end =
        at + std::min(kMostArguments, task.argumentsEnd - std::min(task.argumentsStart, task.argumentsEnd));
    while (at < end) {
        const auto run = std::ranges::upper_bound(pages, at, {}, &StoredPages::end);
        if (run == pages.end() || run->address > at || run->zeros)
            break;
        const std::uint64_t page = (at - run->address) / kImagePage;
        const auto bytes = GANTRY_TRY(checkpoint.piece(repository::PieceId{run->first.v + page}));
        const std::string_view content = repository::textOf(bytes);
        const std::uint64_t offset = at % kImagePage;
        if (content.size() != kImagePage)
            return fail(EBADMSG, "inspect", strCat("pages-", task.pages.image, ".img"), "a piece of it is no page");
        const std::uint64_t size = std::min(end - at, kImagePage - offset);
        text += content.substr(offset, size);
        at += size;
    }
    std::vector<std::string> out;
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t zero = rest.find('\0');
        out.emplace_back(rest.substr(0, zero));
        rest.remove_prefix(zero == std::string_view::npos ? rest.size() : zero + 1);
    }
    return out;
}

} // namespace gantry::checkpoint
