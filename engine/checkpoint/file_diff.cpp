// SPDX-License-Identifier: GPL-3.0-or-later
// diffKept(): what two checkpoints have differently of files that are part of them.
#include "engine/base/strings.h"
#include "engine/checkpoint/image_diff.h"

#include <algorithm>
#include <map>

#include <sys/stat.h>

namespace gantry::checkpoint {

namespace {

std::map<std::string, const KeptEntry *> entriesOf(const KeptFiles &files)
{
    std::map<std::string, const KeptEntry *> out;
    for (const KeptEntry &entry : files.entries)
        out.emplace(files.pathOf(entry), &entry);
    return out;
}

std::optional<std::uint64_t> sizeOf(const KeptEntry &entry)
{
    return S_ISREG(entry.mode) ? std::optional(entry.size) : std::nullopt;
}

} // namespace

void diffKept(const KeptFiles &before, const KeptFiles &after, std::vector<FileDifference> &out)
{
    // What only one of them could have is told by the images, as far as they know it.
    const auto both = [&](const std::string &path) { return before.covers(path) && after.covers(path); };
    std::erase_if(out, [&both](const FileDifference &one) { return both(one.path); });
    const auto old = entriesOf(before);
    const auto now = entriesOf(after);
    for (const auto &[path, entry] : old) {
        if (both(path) && !now.contains(path))
            out.push_back({Change::Gone, path, sizeOf(*entry), std::nullopt, true});
    }
    for (const auto &[path, entry] : now) {
        const auto then = old.find(path);
        if (!both(path))
            continue;
        if (then == old.end()) {
            out.push_back({Change::New, path, std::nullopt, sizeOf(*entry), true});
            continue;
        }
        const KeptEntry &one = *then->second;
        if (!looksAlike(one, *entry) || before.digestOf(one) != after.digestOf(*entry))
            out.push_back({Change::Changed, path, sizeOf(one), sizeOf(*entry), true});
    }
}

} // namespace gantry::checkpoint
