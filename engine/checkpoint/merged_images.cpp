// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/merged_images.h"

#include "criu_images.pb.h"
#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/image_file.h"
#include "engine/checkpoint/image_tree.h"
#include "engine/repository/store.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;
constexpr std::uint64_t kMostAddress = std::numeric_limits<std::uint64_t>::max();
// Of a pagemap's entry. Source: CRIU's criu/include/pagemap.h.
constexpr std::uint32_t kInParent = 1U << 0;
constexpr std::uint32_t kPresent = 1U << 2;

/// Pages of a round that follow each other in memory.
struct Area
{
    std::uint64_t address = 0;
    std::uint64_t count = 0;
    std::uint64_t first = 0; ///< in its file, in pages; only where it is here
    std::uint32_t flags = 0;
    bool longCount = false; ///< written by a CRIU that counts in 64 bits

    [[nodiscard]] std::uint64_t end() const { return address + count * kImagePage; }
    [[nodiscard]] bool isHere() const { return (flags & kPresent) != 0 && (flags & kInParent) == 0; }
};

/// One round's pagemap.
struct RoundMap
{
    std::string file; ///< of its pages
    std::uint32_t image = 0;
    std::vector<Area> areas; ///< by address
};

template <class Message> Result<Message> parsed(std::string_view entry, std::string_view name, std::size_t at)
{
    Message out;
    if (!out.ParseFromArray(entry.data(), static_cast<int>(entry.size())))
        return failImage(name, at, "an entry is not what its image is of");
    return out;
}

Result<RoundMap> parseRound(std::string_view image, const std::string &name)
{
    RoundMap out;
    bool head = true;
    std::uint64_t next = 0;
    GANTRY_CHECK(forEachEntry(image, name, [&](std::string_view entry, std::size_t at) -> Result<> {
        if (std::exchange(head, false)) {
            out.image = GANTRY_TRY(parsed<criu::PagemapHead>(entry, name, at)).pages();
            out.file = strCat("pages-", out.image, ".img");
            return {};
        }
        const auto in = GANTRY_TRY(parsed<criu::PagemapEntry>(entry, name, at));
        Area area{.address = in.address(),
                  .count = in.has_count() ? in.count() : in.short_count(),
                  .flags = in.has_flags() ? in.flags() : (in.in_parent() ? kInParent : kPresent),
                  .longCount = in.has_count()};
        const std::uint64_t last = out.areas.empty() ? 0 : out.areas.back().end();
        if (area.address % kImagePage != 0 || area.address < last ||
            area.count > (kMostAddress - area.address) / kImagePage)
            return failImage(name, at, "pages that lie over others, or beyond memory");
        if (area.isHere()) {
            area.first = next;
            next += area.count;
        }
        if (area.count != 0)
            out.areas.push_back(area);
        return {};
    }));
    if (head)
        return failImage(name, image.size(), "it is empty");
    return out;
}

/// Puts one map together.
class Merging
{
public:
    Merging(std::span<const int> folders, const std::string &name) : m_folders(folders), m_name(name) {}

    [[nodiscard]] Result<MergedMap> run();

private:
    struct Part
    {
        Area area;
        std::size_t folder = 0;
    };

    /// Of a round; read once. @errors ENOENT where that round has none.
    [[nodiscard]] Result<const RoundMap *> round(std::size_t folder);
    /// Finds [address, end) in that round or in those before it.
    [[nodiscard]] Result<> find(std::uint64_t address, std::uint64_t end, std::size_t folder);
    void add(const Area &area, std::size_t folder);
    [[nodiscard]] MergedMap result(const RoundMap &last) const;

    const std::span<const int> m_folders;
    const std::string &m_name;
    std::vector<std::optional<RoundMap>> m_rounds;
    std::vector<Part> m_parts; ///< by address
};

Result<const RoundMap *> Merging::round(std::size_t folder)
{
    m_rounds.resize(std::max(m_rounds.size(), m_folders.size()));
    if (!m_rounds[folder]) {
        TextBuffer buffer;
        const std::string_view image = GANTRY_TRY(buffer.readAt(m_folders[folder], m_name));
        m_rounds[folder] = GANTRY_TRY(parseRound(image, m_name));
    }
    return &*m_rounds[folder];
}

void Merging::add(const Area &area, std::size_t folder)
{
    if (!m_parts.empty()) {
        Part &last = m_parts.back();
        if (last.folder == folder && last.area.flags == area.flags && last.area.end() == area.address &&
            last.area.first + last.area.count == area.first) {
            last.area.count += area.count;
            return;
        }
    }
    m_parts.push_back({area, folder});
}

Result<> Merging::find(std::uint64_t address, std::uint64_t end, std::size_t folder)
{
    const auto missing = [&](std::uint64_t at) {
        return failImage(m_name, 0, strCat("the page at address ", at, " is in no round"));
    };
    if (folder == m_folders.size())
        return missing(address);
    const RoundMap *map = GANTRY_TRY(round(folder));
    auto area = std::ranges::upper_bound(map->areas, address, {}, &Area::end);
    for (; address < end; ++area) {
        if (area == map->areas.end() || area->address > address)
            return missing(address);
        const std::uint64_t until = std::min(end, area->end());
        if ((area->flags & kInParent) != 0) {
            GANTRY_CHECK(find(address, until, folder + 1));
        } else if (area->isHere()) {
            Area part = *area;
            part.address = address;
            part.first += (address - area->address) / kImagePage;
            part.count = (until - address) / kImagePage;
            add(part, folder);
        } else {
            return missing(address);
        }
        address = until;
    }
    return {};
}

MergedMap Merging::result(const RoundMap &last) const
{
    MergedMap out;
    out.pages = last.file;
    out.map = imageHead(m_name);
    criu::PagemapHead head;
    head.set_pages(last.image);
    appendEntry(out.map, head.SerializeAsString());
    for (const Part &part : m_parts) {
        criu::PagemapEntry entry;
        entry.set_address(part.area.address);
        // Required by all; what counts in 64 bits does not look at it.
        entry.set_short_count(static_cast<std::uint32_t>(
            std::min<std::uint64_t>(part.area.count, std::numeric_limits<std::uint32_t>::max())));
        if (part.area.longCount)
            entry.set_count(part.area.count);
        entry.set_flags(part.area.flags);
        appendEntry(out.map, entry.SerializeAsString());
        if (!part.area.isHere())
            continue;
        const std::string &file = m_rounds[part.folder]->file;
        out.runs.push_back({part.folder, file, part.area.first, part.area.count});
    }
    return out;
}

Result<MergedMap> Merging::run()
{
    const RoundMap *last = GANTRY_TRY(round(0));
    for (const Area &area : last->areas) {
        if ((area.flags & kInParent) != 0)
            GANTRY_CHECK(find(area.address, area.end(), 1));
        else
            add(area, 0);
    }
    return result(*last);
}

/// Collects pages of several files into pieces that are worth a write.
class PageCopy
{
public:
    PageCopy(repository::Writer &writer, repository::Writer::StreamNumber stream, const std::stop_token &stop)
        : m_writer(writer), m_stream(stream), m_stop(stop), m_buffer(kChunk)
    {}

    [[nodiscard]] Result<> copy(int file, const MergedRun &run);
    [[nodiscard]] Result<> flush();

private:
    repository::Writer &m_writer;
    const repository::Writer::StreamNumber m_stream;
    const std::stop_token &m_stop;
    std::vector<std::byte> m_buffer;
    std::size_t m_used = 0;
};

Result<> PageCopy::flush()
{
    GANTRY_CHECK(m_writer.write(m_stream, std::span(m_buffer).first(std::exchange(m_used, 0))));
    if (m_stop.stop_requested())
        return failErrno("checkpoint", "memory", ECANCELED);
    return {};
}

Result<> PageCopy::copy(int file, const MergedRun &run)
{
    std::uint64_t at = run.first * kImagePage;
    for (const std::uint64_t end = at + run.count * kImagePage; at < end;) {
        if (m_used == m_buffer.size())
            GANTRY_CHECK(flush());
        const std::size_t wanted = std::min<std::uint64_t>(m_buffer.size() - m_used, end - at);
        const ssize_t got = ::pread(file, m_buffer.data() + m_used, wanted, static_cast<off_t>(at));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failErrno("read", run.file);
        if (got == 0)
            return failImage(run.file, at, "it has fewer pages than its map says");
        m_used += static_cast<std::size_t>(got);
        at += static_cast<std::uint64_t>(got);
    }
    return {};
}

} // namespace

Result<MergedMap> mergeMap(std::span<const int> folders, const std::string &name)
{
    return Merging(folders, name).run();
}

Result<> writeMerged(repository::Writer &writer, std::span<const int> folders, const std::string &name,
                     const std::stop_token &stop)
{
    const MergedMap merged = GANTRY_TRY(mergeMap(folders, name));
    const auto map = GANTRY_TRY(writer.addStream(name, repository::StreamKind::Bytes));
    GANTRY_CHECK(writer.write(map, std::as_bytes(std::span(merged.map))));
    GANTRY_CHECK(writer.finish(map));
    const auto pages = GANTRY_TRY(writer.addStream(merged.pages, repository::StreamKind::Pages));
    PageCopy copy(writer, pages, stop);
    std::vector<UniqueFd> files(folders.size()); // a map has one file of pages in each round
    for (const MergedRun &run : merged.runs) {
        if (!files[run.folder])
            files[run.folder] = GANTRY_TRY(openAt(folders[run.folder], run.file, O_RDONLY));
        GANTRY_CHECK(copy.copy(files[run.folder].get(), run));
    }
    GANTRY_CHECK(copy.flush());
    return writer.finish(pages);
}

} // namespace gantry::checkpoint
