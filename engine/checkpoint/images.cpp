// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/images.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/criu_run.h"
#include "engine/checkpoint/merged_images.h"

#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kPrefix = "images."; ///< of folders on disk
constexpr std::size_t kChunk = std::size_t{1} << 20;

/// Streams of other things have a folder in their names.
bool isImage(std::string_view stream)
{
    return stream.find('/') == std::string_view::npos;
}

bool isPages(std::string_view image)
{
    return image.starts_with("pages-");
}

bool isPageMap(std::string_view image)
{
    return image.starts_with("pagemap-");
}

/// A file of that length with those pages only that are not lazy.
Result<> readEager(repository::PageReader pages, const LazyPlan::Task &task, int folder)
{
    const UniqueFd file = GANTRY_TRY(openAt(folder, task.stream, O_WRONLY | O_CREAT | O_EXCL, 0600));
    if (::ftruncate(file.get(), static_cast<off_t>(pages.count() * LazyMap::kPage)) != 0)
        return failErrno("ftruncate", task.stream);
    for (const auto &[first, count] : task.eager) {
        if (::lseek(file.get(), static_cast<off_t>(first * LazyMap::kPage), SEEK_SET) < 0)
            return failErrno("lseek", task.stream);
        GANTRY_CHECK(pages.read(
            first, count, [&](std::span<const std::byte> bytes) { return writeAll(file.get(), bytes, task.stream); }));
    }
    return {};
}

} // namespace

Bytes availableMemory()
{
    const auto text = readFile("/proc/meminfo");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (auto line = takeLine(rest)) {
        if (takeToken(*line) == "MemAvailable:")
            return Bytes{parseU64(takeToken(*line)).value_or(0) << 10};
    }
    return Bytes{0};
}

Bytes roomFor(const TreeLook &look)
{
    std::uint64_t out = kRoomBesides;
    for (const TaskLook &task : look.tasks)
        out += task.resident.v + task.swapped.v;
    return Bytes{out};
}

Result<ImageFolder> ImageFolder::create(Bytes most, const std::string &spillFolder)
{
    // The tree may grow until it stands still, so more than it was estimated to need; nothing is taken before it is used.
    const Bytes half{availableMemory().v / 2};
    if (most.v <= half.v)
        return ImageFolder(GANTRY_TRY(folderInMemory(half)));
    constexpr auto kFolder = LockedEntry::Kind::Folder;
    LockedEntry::removeLeft(spillFolder, kPrefix, kFolder); // they are only in the way of the disk's room
    return ImageFolder(GANTRY_TRY(LockedEntry::create(spillFolder, kPrefix, kFolder)));
}

ImageFolder::~ImageFolder()
{
    if (m_onDisk)
        m_onDisk->remove();
}

Result<> writeStream(repository::Writer &writer, int folder, const std::string &file, const std::string &name,
                     const std::stop_token &stop)
{
    const bool pages = name.starts_with("pages-");
    const auto kind = pages ? repository::StreamKind::Pages : repository::StreamKind::Bytes;
    const UniqueFd source = GANTRY_TRY(openAt(folder, file, O_RDONLY));
    const auto stream = GANTRY_TRY(writer.addStream(name, kind));
    std::vector<std::byte> buffer(kChunk);
    while (true) {
        if (stop.stop_requested())
            return failErrno("checkpoint", name, ECANCELED);
        const ssize_t got = ::read(source.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failErrno("read", file);
        if (got == 0)
            return writer.finish(stream);
        GANTRY_CHECK(writer.write(stream, std::span(buffer).first(static_cast<std::size_t>(got))));
    }
}

Result<> writeImages(repository::Writer &writer, std::span<const int> folders, const std::stop_token &stop)
{
    const int folder = folders.front();
    const bool merge = folders.size() > 1;
    const DirStream stream = GANTRY_TRY(openStream(folder));
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string name(static_cast<const char *>(entry->d_name));
        struct stat info{};
        if (::fstatat(folder, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
            return failErrno("stat", name);
        // Rounds are folders, and CRIU's link to the last one. A log is new each time, and as big as all that changed.
        if (!S_ISREG(info.st_mode) || name.ends_with(".log") || (merge && isPages(name)))
            continue;
        GANTRY_CHECK(merge && isPageMap(name) ? writeMerged(writer, folders, name, stop)
                                              : writeStream(writer, folder, name, name, stop));
    }
    return {};
}

Result<> readImages(const repository::Store &store, const repository::CheckpointId &id, int folder,
                    const std::stop_token &stop)
{
    for (const repository::StreamInfo &stream : GANTRY_TRY(store.streams(id))) {
        if (isImage(stream.name) && !isPages(stream.name))
            GANTRY_CHECK(readStream(store, id, stream.name, folder, stream.name, stop));
    }
    return {};
}

Result<> readPages(const repository::Store &store, const repository::CheckpointId &id, int folder, const LazyPlan &lazy,
                   const std::stop_token &stop)
{
    for (const repository::StreamInfo &stream : GANTRY_TRY(store.streams(id))) {
        if (!isImage(stream.name) || !isPages(stream.name))
            continue;
        const LazyPlan::Task *task = lazy.ofStream(stream.name);
        if (task == nullptr)
            GANTRY_CHECK(readStream(store, id, stream.name, folder, stream.name, stop));
        else
            GANTRY_CHECK(readEager(GANTRY_TRY(store.pages(id, stream.name)), *task, folder));
    }
    return {};
}

Result<> readStream(const repository::Store &store, const repository::CheckpointId &id, const std::string &name,
                    int folder, const std::string &file, const std::stop_token &stop)
{
    const UniqueFd target = GANTRY_TRY(openAt(folder, file, O_WRONLY | O_CREAT | O_EXCL, 0600));
    return store.read(
        id, name, [&](std::span<const std::byte> bytes) { return writeAll(target.get(), bytes, file); }, stop);
}

} // namespace gantry::checkpoint
