// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_capture.h"

#include "engine/base/strings.h"

#include <algorithm>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::uint64_t kAlign = std::uint64_t{64} << 10; ///< no file system has bigger blocks to clone
constexpr std::size_t kAtOnce = std::size_t{4} << 20;     ///< between two looks whether to stop
constexpr const char *kPackFile = "files";

std::uint64_t aligned(std::uint64_t bytes)
{
    return (bytes + kAlign - 1) / kAlign * kAlign;
}

/// Copies what is data from `from` to the same places after `base`. @errors with the file's name.
Result<> copyData(int from, int to, std::uint64_t base, std::uint64_t size, const std::string &what,
                  const std::stop_token &stop)
{
    for (off_t at = 0; static_cast<std::uint64_t>(at) < size;) {
        const off_t data = ::lseek(from, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return {};
        at = data < 0 ? at : data; // a file system that knows no holes
        const off_t hole = ::lseek(from, at, SEEK_HOLE);
        const off_t end = std::min(hole < 0 ? static_cast<off_t>(size) : hole, static_cast<off_t>(size));
        if (::lseek(to, static_cast<off_t>(base) + at, SEEK_SET) < 0)
            return failErrno("lseek", printable(what));
        while (at < end) {
            if (stop.stop_requested())
                return failErrno("checkpoint", printable(what), ECANCELED);
            const ssize_t sent = ::sendfile(to, from, &at, std::min(kAtOnce, static_cast<std::size_t>(end - at)));
            if (sent < 0 && errno == EINTR)
                continue;
            if (sent < 0)
                return failErrno("copy", printable(what));
            if (sent == 0)
                return {}; // cut meanwhile by somebody else
        }
    }
    return {};
}

} // namespace

/// The stream of contents while it is written.
struct FileCapture::Writing
{
    repository::Writer &writer;
    repository::Writer::StreamNumber stream;
    const std::stop_token &stop;
    FileTotals &totals;

    /// Reads a file, or a part of a pack, and fills in what the entry tells of its content.
    [[nodiscard]] Result<> add(KeptEntry &entry, int fd, std::uint64_t base, const std::string &what) const
    {
        ContentDigest digest;
        GANTRY_CHECK(forEachContent(
            fd, base, entry.size, what, stop, [&](std::uint64_t offset, std::span<const std::byte> bytes) -> Result<> {
                digest.add(offset, bytes);
                if (!entry.extents.empty() && entry.extents.back().offset + entry.extents.back().length == offset)
                    entry.extents.back().length += bytes.size();
                else
                    entry.extents.push_back({offset, bytes.size()});
                return writer.write(stream, bytes);
            }));
        entry.digest = digest.finish(entry.size);
        totals.bytes += entry.size;
        return {};
    }
};

Result<std::unique_ptr<FileCapture>> FileCapture::prepare(const FilesWish &wish, std::span<const std::int32_t> pids,
                                                          const std::string &spillFolder, const std::stop_token &stop)
{
    removeLeftSnapshots(spillFolder);
    FilesPlan plan = GANTRY_TRY(planFiles(wish, pids, spillFolder, stop));
    std::unique_ptr<FileCapture> out(new FileCapture(wish, std::move(plan), spillFolder));
    out->m_notes = out->m_plan.notes;
    GANTRY_CHECK(out->makeRoom());
    return out;
}

Result<std::unique_ptr<FileCapture>> FileCapture::ofWish(const FilesWish &wish, std::span<const std::int32_t> pids,
                                                         const std::string &spillFolder, const std::stop_token &stop)
{
    if (!wish.written && wish.declared.empty())
        return nullptr;
    return prepare(wish, pids, spillFolder, stop);
}

void FileCapture::flush() const
{
    for (const PlannedRoot &root : m_plan.roots) {
        const auto file =
            root.by == TakenBy::Copy ? Result<UniqueFd>(UniqueFd()) : openToRead(AT_FDCWD, root.root.path);
        if (file && *file && root.folder)
            ::syncfs(file->get());
        else if (file && *file)
            ::fdatasync(file->get());
    }
}

Result<> FileCapture::makeRoom()
{
    const std::uint64_t most = m_plan.copiedBytes() * 5 / 4 + kRoomBesides;
    m_room.emplace(GANTRY_TRY(ImageFolder::create(Bytes{most}, m_stateFolder)));
    struct statvfs room
    {};
    if (::fstatvfs(m_room->fd(), &room) == 0 && room.f_bavail * room.f_frsize < m_plan.copiedBytes())
        return fail(
            ENOSPC, "checkpoint", m_stateFolder,
            strCat("the files take ", m_plan.copiedBytes(), " bytes, and neither memory nor this disk has room"));
    return {};
}

Result<> FileCapture::take(std::span<const std::int32_t> tree, const std::stop_token &stop)
{
    const auto begun = std::chrono::steady_clock::now();
    for (const PlannedRoot &planned : m_plan.roots) {
        if (planned.root.declared)
            GANTRY_CHECK(takeRoot(planned.root, planned.by, stop));
    }
    if (m_wish.written) {
        // What is open now, not what was when it was looked at.
        m_notes.clear();
        const auto now = chosenFiles(m_wish, writtenFiles(tree), m_files.roots, m_notes);
        for (const WrittenFile &file : now) {
            const auto planned =
                std::ranges::find(m_plan.roots, file.path, [](const PlannedRoot &one) { return one.root.path; });
            const bool copies = planned != m_plan.roots.end() && planned->by == TakenBy::Copy;
            GANTRY_CHECK(takeRoot({file.path, false}, copies ? TakenBy::Copy : TakenBy::Clone, stop));
        }
    }
    m_totals.stood = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    return {};
}

Result<> FileCapture::takeRoot(const KeptRoot &root, TakenBy by, const std::stop_token &stop)
{
    const std::size_t number = m_files.roots.size();
    m_files.roots.push_back(root);
    if (by == TakenBy::Snapshot) {
        auto snapshot = Snapshot::make(root.path, m_stateFolder);
        if (snapshot) {
            m_snapshots.emplace(number, *std::move(snapshot));
            return {};
        }
        by = TakenBy::Clone; // quota, for one, can stand in its way
    }
    const Spot spot = GANTRY_TRY(spotOf(root.path));
    std::size_t next = m_files.entries.size();
    const Walk::Visit visit = [&](KeptEntry entry, int dir, const std::string &name) -> Result<> {
        const bool content = S_ISREG(entry.mode) && !entry.sameAs && entry.size > 0;
        m_files.entries.push_back(std::move(entry));
        return content ? takeContent(m_files.entries.size() - 1, dir, name, by != TakenBy::Copy, stop) : Result<>();
    };
    return Walk(number, next, visit, stop).run(spot.folder.get(), spot.name, root.path);
}

Result<> FileCapture::takeContent(std::size_t entry, int dir, const std::string &name, bool clone,
                                  const std::stop_token &stop)
{
    const auto file = openToRead(dir, name);
    if (!file)
        return failErrno("read", printable(m_files.pathOf(m_files.entries[entry])), file.error().posix());
    return clone && clonedInto(entry, file->get(), dir) ? Result<>() : copiedInto(entry, file->get(), stop);
}

bool FileCapture::clonedInto(std::size_t entry, int file, int dir)
{
    struct stat info
    {};
    if (::fstat(file, &info) != 0)
        return false;
    auto at = m_clonePacks.find(info.st_dev);
    if (at == m_clonePacks.end()) {
        auto pack = openAt(dir, ".", O_TMPFILE | O_RDWR, 0600);
        if (!pack)
            return false;
        m_packs.push_back({*std::move(pack), 0});
        at = m_clonePacks.emplace(info.st_dev, m_packs.size() - 1).first;
    }
    Pack &pack = m_packs[at->second];
    file_clone_range range{};
    range.src_fd = file;
    range.dest_offset = pack.end;
    if (::ioctl(pack.fd.get(), FICLONERANGE, &range) != 0)
        return false;
    m_places[entry] = {at->second, pack.end};
    pack.end = aligned(pack.end + m_files.entries[entry].size);
    return true;
}

Result<> FileCapture::copiedInto(std::size_t entry, int file, const std::stop_token &stop)
{
    if (!m_copyPack) {
        m_packs.push_back({GANTRY_TRY(openAt(m_room->fd(), kPackFile, O_RDWR | O_CREAT | O_EXCL, 0600)), 0});
        m_copyPack = m_packs.size() - 1;
    }
    Pack &pack = m_packs[*m_copyPack];
    const KeptEntry &one = m_files.entries[entry];
    GANTRY_CHECK(copyData(file, pack.fd.get(), pack.end, one.size, m_files.pathOf(one), stop));
    m_places[entry] = {*m_copyPack, pack.end};
    pack.end = aligned(pack.end + one.size);
    return {};
}

Result<> FileCapture::storeSnapshots(Writing &writing)
{
    for (const auto &[root, snapshot] : m_snapshots) {
        const std::string &path = m_files.roots[root].path;
        std::size_t next = m_files.entries.size();
        const Walk::Visit visit = [&](KeptEntry entry, int dir, const std::string &name) -> Result<> {
            if (S_ISREG(entry.mode) && !entry.sameAs) {
                const UniqueFd file = GANTRY_TRY(openToRead(dir, name));
                GANTRY_CHECK(writing.add(entry, file.get(), 0, path));
            }
            m_files.entries.push_back(std::move(entry));
            return {};
        };
        GANTRY_CHECK(Walk(root, next, visit, writing.stop).run(snapshot.dir(), snapshot.name(), path));
    }
    m_snapshots.clear();
    return {};
}

Result<> FileCapture::store(repository::Writer &writer, repository::Manifest &manifest, const std::stop_token &stop)
{
    if (isEmpty())
        return {};
    const auto stream = GANTRY_TRY(writer.addStream(kContentStream, repository::StreamKind::Bytes));
    Writing writing{writer, stream, stop, m_totals};
    for (std::size_t i = 0; i < m_files.entries.size(); ++i) {
        KeptEntry &entry = m_files.entries[i];
        if (!S_ISREG(entry.mode) || entry.sameAs)
            continue;
        const auto place = m_places.find(i);
        const int fd = place == m_places.end() ? -1 : m_packs[place->second.pack].fd.get();
        GANTRY_CHECK(writing.add(entry, fd, fd < 0 ? 0 : place->second.base, m_files.pathOf(entry)));
    }
    GANTRY_CHECK(storeSnapshots(writing));
    GANTRY_CHECK(writer.finish(stream));
    m_totals.files = m_files.entries.size();
    manifest.values[kFilesKey] = std::to_string(m_totals.files);
    manifest.values[kFilesBytesKey] = std::to_string(m_totals.bytes);
    const std::string index = encode(m_files);
    const auto list = GANTRY_TRY(writer.addStream(kIndexStream, repository::StreamKind::Bytes));
    GANTRY_CHECK(writer.write(list, std::as_bytes(std::span(index))));
    return writer.finish(list);
}

} // namespace gantry::checkpoint
