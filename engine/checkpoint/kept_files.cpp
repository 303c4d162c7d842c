// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/kept_files.h"

#include "engine/base/strings.h"

#include <kept_files.pb.h>

#include <algorithm>

#include <sys/stat.h>

namespace gantry::checkpoint {

namespace {

constexpr std::uint32_t kFormat = 1;
constexpr std::uint64_t kMostIndex = std::uint64_t{256} << 20; ///< bytes: a million files

/// "a/b", and nothing that leads elsewhere.
bool isBelow(std::string_view path)
{
    while (!path.empty()) {
        const std::size_t slash = path.find('/');
        const std::string_view part = path.substr(0, slash);
        if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos)
            return false;
        if (slash == std::string_view::npos)
            return true;
        path.remove_prefix(slash + 1);
    }
    return false;
}

void toMessage(const KeptEntry &entry, files::Entry &out)
{
    out.set_root(static_cast<std::uint32_t>(entry.root));
    out.set_path(entry.path);
    out.set_mode(entry.mode);
    out.set_uid(entry.uid);
    out.set_gid(entry.gid);
    out.set_size(entry.size);
    out.set_modified_sec(entry.modified.tv_sec);
    out.set_modified_nsec(static_cast<std::uint32_t>(entry.modified.tv_nsec));
    out.set_accessed_sec(entry.accessed.tv_sec);
    out.set_accessed_nsec(static_cast<std::uint32_t>(entry.accessed.tv_nsec));
    out.set_link(entry.link);
    out.set_device(entry.device);
    for (const auto &[name, value] : entry.attributes) {
        files::Attribute &attribute = *out.add_attributes();
        attribute.set_name(name);
        attribute.set_value(value);
    }
    for (const Extent &extent : entry.extents) {
        files::Extent &one = *out.add_extents();
        one.set_offset(extent.offset);
        one.set_length(extent.length);
    }
    out.set_digest(entry.digest);
    out.set_same_as(entry.sameAs ? static_cast<std::uint32_t>(*entry.sameAs + 1) : 0);
}

KeptEntry fromMessage(const files::Entry &entry)
{
    KeptEntry out;
    out.root = entry.root();
    out.path = entry.path();
    out.mode = entry.mode();
    out.uid = entry.uid();
    out.gid = entry.gid();
    out.size = entry.size();
    out.modified = {entry.modified_sec(), entry.modified_nsec()};
    out.accessed = {entry.accessed_sec(), entry.accessed_nsec()};
    out.link = entry.link();
    out.device = entry.device();
    for (const files::Attribute &attribute : entry.attributes())
        out.attributes.emplace_back(attribute.name(), attribute.value());
    for (const files::Extent &extent : entry.extents())
        out.extents.push_back({extent.offset(), extent.length()});
    out.digest = entry.digest();
    if (entry.same_as() != 0)
        out.sameAs = entry.same_as() - 1;
    return out;
}

bool isSound(const KeptFiles &files, const KeptEntry &entry, std::size_t number)
{
    if (entry.root >= files.roots.size() || (!entry.path.empty() && !isBelow(entry.path)))
        return false;
    if (entry.sameAs && (*entry.sameAs >= number || files.entries[*entry.sameAs].root != entry.root))
        return false;
    std::uint64_t end = 0;
    for (const Extent &extent : entry.extents) {
        if (extent.length == 0 || extent.offset < end || extent.offset > entry.size ||
            extent.length > entry.size - extent.offset)
            return false;
        end = extent.offset + extent.length;
    }
    return entry.extents.empty() || (S_ISREG(entry.mode) && !entry.sameAs);
}

} // namespace

std::uint64_t KeptEntry::contentBytes() const
{
    std::uint64_t out = 0;
    for (const Extent &extent : extents)
        out += extent.length;
    return out;
}

bool looksAlike(const KeptEntry &a, const KeptEntry &b)
{
    return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.size == b.size && a.link == b.link &&
           a.device == b.device && a.attributes == b.attributes;
}

const std::string &KeptFiles::digestOf(const KeptEntry &entry) const
{
    return entry.sameAs ? entries[*entry.sameAs].digest : entry.digest;
}

std::string KeptFiles::pathOf(const KeptEntry &entry) const
{
    const std::string &root = roots.at(entry.root).path;
    return entry.path.empty() ? root : strCat(root, "/", entry.path);
}

bool KeptFiles::covers(std::string_view path) const
{
    return std::ranges::any_of(roots, [path](const KeptRoot &root) { return isPathWithin(path, root.path); });
}

const KeptEntry *KeptFiles::entryOf(std::size_t root) const
{
    const auto found = std::ranges::find_if(
        entries, [root](const KeptEntry &entry) { return entry.root == root && entry.path.empty(); });
    return found == entries.end() ? nullptr : &*found;
}

std::string encode(const KeptFiles &files)
{
    files::Index out;
    out.set_format(kFormat);
    for (const KeptRoot &root : files.roots) {
        files::Root &one = *out.add_roots();
        one.set_path(root.path);
        one.set_declared(root.declared);
    }
    for (const KeptEntry &entry : files.entries)
        toMessage(entry, *out.add_entries());
    return out.SerializeAsString();
}

Result<KeptFiles> parseKeptFiles(std::string_view bytes)
{
    files::Index index;
    if (bytes.size() > kMostIndex || !index.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail(EBADMSG, "read", kIndexStream, "no list of files");
    if (index.format() != kFormat)
        return fail(ENOTSUP, "read", kIndexStream, strCat("format ", index.format()), "Take a newer Gantry");
    KeptFiles out;
    for (const files::Root &root : index.roots()) {
        if (!root.path().starts_with('/') || !isBelow(std::string_view(root.path()).substr(1)))
            return fail(EBADMSG, "read", kIndexStream, strCat("no place for files: ", printable(root.path())));
        out.roots.push_back({root.path(), root.declared()});
    }
    for (const files::Entry &entry : index.entries()) {
        KeptEntry one = fromMessage(entry);
        if (!isSound(out, one, out.entries.size()))
            return fail(EBADMSG, "read", kIndexStream, strCat("makes no sense: ", printable(one.path)));
        out.entries.push_back(std::move(one));
    }
    return out;
}

Result<KeptFiles> readKeptFiles(const repository::Store &store, const repository::CheckpointId &id)
{
    repository::OpenedCheckpoint opened = GANTRY_TRY(store.look(id));
    return readKeptFiles(opened);
}

Result<KeptFiles> readKeptFiles(repository::OpenedCheckpoint &checkpoint)
{
    if (checkpoint.find(kIndexStream) == nullptr)
        return KeptFiles();
    return parseKeptFiles(GANTRY_TRY(checkpoint.read(kIndexStream, kMostIndex)));
}

} // namespace gantry::checkpoint
