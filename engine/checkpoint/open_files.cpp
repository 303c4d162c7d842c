// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/open_files.h"

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/image_file.h"

#include <criu_images.pb.h>

#include <algorithm>
#include <map>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kFilesImage = "files.img";
constexpr std::string_view kAsItWas =
    "Put the file back as it was then; gantryctl inspect tells which files it had open";

bool isWritten(std::uint32_t flags)
{
    return (flags & O_ACCMODE) != O_RDONLY;
}

/// Written as a log is: at its end only.
bool isAtEnd(const SavedFile &file)
{
    return (file.flags & O_APPEND) != 0 || file.position == file.size;
}

/// The processes see the paths that we see.
bool sharesOurs(const SavedTree &tree)
{
    return tree.mounts.empty() &&
           std::ranges::all_of(tree.tasks, [](const SavedTask &task) { return task.root.empty() || task.root == "/"; });
}

std::set<std::string_view> mappedFiles(const SavedTree &tree)
{
    std::set<std::string_view> out;
    for (const SavedTask &task : tree.tasks) {
        for (const SavedArea &area : task.areas)
            out.insert(area.what);
    }
    return out;
}

std::set<std::uint32_t> describedFiles(const SavedTree &tree)
{
    std::set<std::uint32_t> out;
    for (const SavedTask &task : tree.tasks) {
        for (const SavedDescriptor &descriptor : task.descriptors)
            out.insert(descriptor.file);
    }
    return out;
}

} // namespace

std::string ChangedFile::text() const
{
    const std::string difference =
        now > then ? strCat(now - then, " bytes longer") : strCat(then - now, " bytes shorter");
    return strCat(printable(path), " is ", difference, " than it was then: who writes to it goes on at its end");
}

Result<std::vector<ChangedFile>> checkOpenFiles(const SavedTree &tree)
{
    if (!sharesOurs(tree))
        return std::vector<ChangedFile>();
    const std::set<std::string_view> mapped = mappedFiles(tree);
    const std::set<std::uint32_t> described = describedFiles(tree);
    std::map<std::string_view, ChangedFile> changed;
    for (const auto &[id, file] : tree.files) {
        if (file.kind != "file" || file.deleted || !S_ISREG(file.mode) || !file.text.starts_with('/'))
            continue;
        struct stat now = {};
        if (::stat(file.text.c_str(), &now) != 0)
            return fail(errno, "restore", printable(file.text),
                        described.contains(id) ? "it was open then, and cannot be found"
                                               : "it was mapped then, and cannot be found",
                        kAsItWas);
        const auto size = static_cast<std::uint64_t>(now.st_size);
        if (!file.size || *file.size == size)
            continue;
        if (mapped.contains(file.text) || (isWritten(file.flags) && !isAtEnd(file)))
            return fail(ESTALE, "restore", printable(file.text),
                        strCat("it had ", *file.size, " bytes then and has ", size,
                               " now, and is not only written at its end: memory and file do not go together any more"),
                        kAsItWas);
        changed[file.text] = {file.text, *file.size, size};
    }
    std::vector<ChangedFile> out;
    for (auto &[path, one] : changed)
        out.push_back(std::move(one));
    return out;
}

Result<> admitFiles(int folder, const std::vector<ChangedFile> &files)
{
    if (files.empty())
        return {};
    TextBuffer buffer;
    const std::string_view image = GANTRY_TRY(buffer.readAt(folder, kFilesImage));
    std::string out = imageHead(kFilesImage);
    GANTRY_CHECK(forEachEntry(image, kFilesImage, [&](std::string_view bytes, std::size_t at) -> Result<> {
        // Fields that are not declared here are kept as they are.
        criu::FileEntry entry;
        if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
            return failImage(kFilesImage, at, "no file");
        const auto changed = std::ranges::find(files, entry.regular().name(), &ChangedFile::path);
        if (changed != files.end() && entry.regular().has_size()) {
            criu::RegularFile &file = *entry.mutable_regular();
            if (isWritten(file.flags()) && file.position() == file.size())
                file.set_position(changed->now);
            file.set_size(changed->now);
        }
        appendEntry(out, entry.SerializePartialAsString());
        return {};
    }));
    const UniqueFd file = GANTRY_TRY(openAt(folder, kFilesImage, O_WRONLY | O_TRUNC));
    return writeAll(file.get(), std::as_bytes(std::span(out)), kFilesImage);
}

} // namespace gantry::checkpoint
