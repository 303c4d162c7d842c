// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/file_return.h"

#include "engine/base/strings.h"
#include "engine/checkpoint/file_plan.h"
#include "engine/checkpoint/file_walk.h"

#include <algorithm>
#include <map>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kNewName = ".gantry-new-";
constexpr const char *kAsideName = ".gantry-aside-";

bool isSame(const timespec &a, const timespec &b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool isLater(const timespec &a, const timespec &b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

void count(const KeptEntry &entry, std::uint64_t &files, std::uint64_t &bytes, timespec &newest)
{
    ++files;
    bytes += entry.sameAs ? 0 : entry.size;
    if (isLater(entry.modified, newest))
        newest = entry.modified;
}

/// All but content and the time of the last read. (A folder's time is that of a change in it, which is looked at.)
bool isAsItWas(const KeptEntry &then, const KeptEntry &now)
{
    return looksAlike(then, now) && (S_ISDIR(then.mode) || isSame(then.modified, now.modified));
}

/// What was in one root, by path.
class RootThen
{
public:
    RootThen(const KeptFiles &files, std::size_t root) : m_files(files)
    {
        for (const KeptEntry &entry : files.entries) {
            if (entry.root == root)
                m_entries.emplace(entry.path, &entry);
        }
    }
    [[nodiscard]] bool isAlike(const std::vector<KeptEntry> &now) const
    {
        return now.size() == m_entries.size() && std::ranges::all_of(now, [&](const KeptEntry &entry) {
                   const auto then = m_entries.find(entry.path);
                   return then != m_entries.end() && isAsItWas(*then->second, entry) &&
                          otherName(*then->second, m_files.entries) == otherName(entry, now);
               });
    }
    [[nodiscard]] const std::string &digestOf(const std::string &path) const { return m_entries.at(path)->digest; }

private:
    static std::string otherName(const KeptEntry &entry, const std::vector<KeptEntry> &all)
    {
        return entry.sameAs ? all.at(*entry.sameAs).path : std::string();
    }

    const KeptFiles &m_files;
    std::map<std::string, const KeptEntry *> m_entries;
};

/// Reads what is there.
Result<bool> hasContentOf(const RootThen &then, const Spot &spot, const std::string &path, const std::stop_token &stop)
{
    bool out = true;
    std::size_t number = 0;
    const Walk::Visit visit = [&](const KeptEntry &entry, int dir, const std::string &name) -> Result<> {
        if (!out || !S_ISREG(entry.mode) || entry.sameAs)
            return {};
        const UniqueFd file = GANTRY_TRY(openToRead(dir, name));
        ContentDigest digest;
        GANTRY_CHECK(forEachContent(file.get(), 0, entry.size, path, stop,
                                    [&digest](std::uint64_t offset, std::span<const std::byte> bytes) -> Result<> {
                                        digest.add(offset, bytes);
                                        return {};
                                    }));
        out = digest.finish(entry.size) == then.digestOf(entry.path);
        return {};
    };
    GANTRY_CHECK(Walk(0, number, visit, stop).run(spot.folder.get(), spot.name, path));
    return out;
}

Result<Replaced> lookAtRoot(const KeptFiles &files, std::size_t root, const std::stop_token &stop)
{
    Replaced out;
    out.path = files.roots[root].path;
    const KeptEntry *const top = files.entryOf(root);
    out.folder = top != nullptr && S_ISDIR(top->mode);
    for (const KeptEntry &entry : files.entries) {
        if (entry.root == root)
            count(entry, out.filesThen, out.bytesThen, out.changedThen);
    }
    const Spot spot = GANTRY_TRY(spotOf(out.path));
    struct stat info
    {};
    if (::fstatat(spot.folder.get(), spot.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT)
            return failErrno("stat", printable(out.path));
        out.now = Replaced::Now::Gone;
        return out;
    }
    std::vector<KeptEntry> now;
    std::size_t number = 0;
    const Walk::Visit visit = [&](KeptEntry entry, int, const std::string &) -> Result<> {
        count(entry, out.filesNow, out.bytesNow, out.changedNow);
        now.push_back(std::move(entry));
        return {};
    };
    GANTRY_CHECK(Walk(root, number, visit, stop).run(spot.folder.get(), spot.name, out.path));
    const RootThen then(files, root);
    if (then.isAlike(now) && GANTRY_TRY(hasContentOf(then, spot, out.path, stop)))
        return out;
    out.now = Replaced::Now::Changed;
    GANTRY_CHECK(checkNothingMounted(out.path, "restore"));
    return out;
}

/// Makes what is no regular file.
Result<> makeOther(const KeptEntry &entry, int dir, const std::string &name, const std::string &what)
{
    int done = 0;
    if (S_ISDIR(entry.mode))
        done = ::mkdirat(dir, name.c_str(), 0700);
    else if (S_ISLNK(entry.mode))
        done = ::symlinkat(entry.link.c_str(), dir, name.c_str());
    else
        done = ::mknodat(dir, name.c_str(), (entry.mode & S_IFMT) | 0600U, entry.device);
    if (done != 0)
        return failErrno("make", printable(what));
    return {};
}

Result<> writeAt(int fd, std::uint64_t at, std::span<const std::byte> bytes, const std::string &what)
{
    while (!bytes.empty()) {
        const ssize_t wrote = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return failErrno("write", printable(what));
        at += static_cast<std::uint64_t>(wrote);
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
    return {};
}

} // namespace

/// Where a root is made anew.
struct FileReturn::Fresh
{
    UniqueFd dir;
    std::string folder;  ///< path of dir: the root itself where it is a folder that is there, else what it is in
    std::string name;    ///< below it, what is made
    std::string aside;   ///< below it, what goes aside
    bool inside = false; ///< dir is the root

    /// Where an entry of the root is made, below dir; empty: it is there.
    [[nodiscard]] std::string placeOf(const KeptEntry &entry) const
    {
        if (entry.path.empty())
            return inside ? std::string() : name;
        return strCat(name, "/", entry.path);
    }
};

namespace {

/// Takes the stream of contents and makes files of it, one entry after the other.
template <class Fresh> class Maker
{
public:
    Maker(const KeptFiles &files, const std::vector<std::optional<Fresh>> &fresh) : m_files(files), m_fresh(fresh) {}

    [[nodiscard]] Result<> take(std::span<const std::byte> bytes)
    {
        while (!bytes.empty()) {
            GANTRY_CHECK(advance());
            if (m_next == m_files.entries.size())
                return fail(EBADMSG, "restore", kContentStream, "it has more than the list of files says");
            const KeptEntry &entry = m_files.entries[m_next];
            const Extent &extent = entry.extents[m_extent];
            const auto part = bytes.first(std::min<std::uint64_t>(bytes.size(), extent.length - m_done));
            if (m_file)
                GANTRY_CHECK(writeAt(m_file.get(), extent.offset + m_done, part, m_files.pathOf(entry)));
            m_done += part.size();
            if (m_done == extent.length) {
                m_done = 0;
                ++m_extent;
            }
            bytes = bytes.subspan(part.size());
        }
        return {};
    }

    /// Makes what follows without content, then gives all its owner, rights and times.
    [[nodiscard]] Result<> finish()
    {
        GANTRY_CHECK(advance());
        if (m_next != m_files.entries.size())
            return fail(EBADMSG, "restore", kContentStream, "it has less than the list of files says");
        for (auto entry = m_files.entries.rbegin(); entry != m_files.entries.rend(); ++entry) {
            const auto &fresh = m_fresh[entry->root];
            const std::string place = fresh ? fresh->placeOf(*entry) : std::string();
            if (place.empty())
                continue;
            const auto [dir, name] = GANTRY_TRY(spotBelow(*fresh, place));
            GANTRY_CHECK(applyTo(dir.get(), name, *entry, m_files.pathOf(*entry)));
        }
        return {};
    }

private:
    /// Goes on to the next entry that has content to come.
    [[nodiscard]] Result<> advance()
    {
        while (m_next < m_files.entries.size()) {
            const KeptEntry &entry = m_files.entries[m_next];
            if (!m_begun)
                GANTRY_CHECK(make(entry));
            m_begun = true;
            if (m_extent < entry.extents.size())
                return {};
            m_file.reset();
            m_begun = false;
            m_extent = 0;
            ++m_next;
        }
        return {};
    }

    [[nodiscard]] static Result<Spot> spotBelow(const Fresh &fresh, const std::string &place)
    {
        const std::size_t slash = place.rfind('/');
        if (slash == std::string::npos)
            return Spot{GANTRY_TRY(openPlain(fresh.dir.get(), ".", O_RDONLY | O_DIRECTORY)), place};
        return Spot{GANTRY_TRY(openPlain(fresh.dir.get(), place.substr(0, slash), O_RDONLY | O_DIRECTORY)),
                    place.substr(slash + 1)};
    }

    [[nodiscard]] Result<> make(const KeptEntry &entry)
    {
        const auto &fresh = m_fresh[entry.root];
        const std::string place = fresh ? fresh->placeOf(entry) : std::string();
        if (place.empty())
            return {};
        const std::string what = m_files.pathOf(entry);
        const auto [dir, name] = GANTRY_TRY(spotBelow(*fresh, place));
        if (entry.sameAs) {
            const std::string first = fresh->placeOf(m_files.entries[*entry.sameAs]);
            if (::linkat(fresh->dir.get(), first.c_str(), dir.get(), name.c_str(), 0) != 0)
                return failErrno("link", printable(what));
            return {};
        }
        if (!S_ISREG(entry.mode))
            return makeOther(entry, dir.get(), name, what);
        auto file = openPlain(dir.get(), name, O_WRONLY | O_CREAT | O_EXCL, 0600);
        if (!file)
            return failErrno("make", printable(what), file.error().posix());
        m_file = *std::move(file);
        if (::ftruncate(m_file.get(), static_cast<off_t>(entry.size)) != 0)
            return failErrno("ftruncate", printable(what));
        return {};
    }

    const KeptFiles &m_files;
    const std::vector<std::optional<Fresh>> &m_fresh;
    std::size_t m_next = 0;
    bool m_begun = false;     ///< the next one is made
    std::size_t m_extent = 0; ///< of it
    std::uint64_t m_done = 0; ///< of the extent
    UniqueFd m_file;          ///< none: it is not written
};

} // namespace

Result<std::vector<Replaced>> lookAtReplaced(const KeptFiles &files, const std::stop_token &stop)
{
    std::vector<Replaced> out;
    for (std::size_t root = 0; root < files.roots.size(); ++root)
        out.push_back(GANTRY_TRY(lookAtRoot(files, root, stop)));
    return out;
}

Result<std::unique_ptr<FileReturn>> FileReturn::begin(const repository::CheckpointId &id,
                                                      const repository::Store &store, const std::string &stateFolder,
                                                      const std::stop_token &stop)
{
    std::unique_ptr<FileReturn> out(new FileReturn(GANTRY_TRY(readKeptFiles(store, id))));
    out->m_notes = undoLeftSwaps(stateFolder);
    const auto replaced = GANTRY_TRY(lookAtReplaced(out->m_files, stop));
    for (std::string &note : GANTRY_TRY(checkReplaced(out->m_files, replaced, {}, stop)))
        out->m_notes.push_back(std::move(note));
    const bool all =
        std::ranges::all_of(replaced, [](const Replaced &one) { return one.now == Replaced::Now::AsItWas; });
    if (!all)
        GANTRY_CHECK(out->replace(id, store, stateFolder, replaced, stop));
    return out;
}

Result<std::unique_ptr<FileReturn>> FileReturn::ofCheckpoint(const repository::Checkpoint &checkpoint, KeptFilesUse use,
                                                             const repository::Store &store,
                                                             const std::string &stateFolder,
                                                             const std::stop_token &stop)
{
    if (use == KeptFilesUse::LeftOut || !checkpoint.manifest.values.contains(kFilesKey))
        return nullptr;
    return begin(checkpoint.id, store, stateFolder, stop);
}

Result<> FileReturn::replace(const repository::CheckpointId &id, const repository::Store &store,
                             const std::string &stateFolder, const std::vector<Replaced> &replaced,
                             const std::stop_token &stop)
{
    m_swap.emplace(GANTRY_TRY(FileSwap::begin(stateFolder)));
    const std::string mark = repository::CheckpointId::random().text().substr(0, 12);
    std::vector<std::optional<Fresh>> fresh(m_files.roots.size());
    for (std::size_t root = 0; root < fresh.size(); ++root) {
        if (replaced[root].now != Replaced::Now::AsItWas)
            fresh[root] = GANTRY_TRY(makePlace(root, strCat(mark, "-", root)));
    }
    GANTRY_CHECK(writeContent(id, store, fresh, stop));
    for (std::size_t root = 0; root < fresh.size(); ++root) {
        if (fresh[root])
            GANTRY_CHECK(exchange(root, *fresh[root]));
        if (replaced[root].now != Replaced::Now::AsItWas)
            m_notes.push_back(strCat(printable(replaced[root].path), " was put back as it was then"));
    }
    return {};
}

Result<FileReturn::Fresh> FileReturn::makePlace(std::size_t root, const std::string &mark)
{
    const std::string &path = m_files.roots[root].path;
    const KeptEntry *const top = m_files.entryOf(root);
    Fresh out{.dir = {}, .folder = path, .name = kNewName + mark, .aside = kAsideName + mark};
    auto own = top != nullptr && S_ISDIR(top->mode) ? openPlain(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
                                                    : std::unexpected(Error());
    if (!own) {
        out.dir = GANTRY_TRY(spotOf(path)).folder;
        out.folder = path.rfind('/') == 0 ? std::string("/") : path.substr(0, path.rfind('/'));
        GANTRY_CHECK(m_swap->making(out.folder, out.name));
        return out;
    }
    out.dir = *std::move(own);
    out.inside = true;
    GANTRY_CHECK(m_swap->remembering(path));
    for (const std::string &name : {out.name, out.aside}) {
        GANTRY_CHECK(m_swap->making(path, name));
        if (::mkdirat(out.dir.get(), name.c_str(), 0700) != 0)
            return failErrno("mkdir", strCat(printable(path), "/", name));
    }
    return out;
}

Result<> FileReturn::writeContent(const repository::CheckpointId &id, const repository::Store &store,
                                  const std::vector<std::optional<Fresh>> &fresh, const std::stop_token &stop)
{
    Maker<Fresh> maker(m_files, fresh);
    GANTRY_CHECK(store.read(
        id, kContentStream, [&maker](std::span<const std::byte> bytes) { return maker.take(bytes); }, stop));
    return maker.finish();
}

Result<> FileReturn::exchange(std::size_t root, const Fresh &fresh)
{
    const std::string &path = m_files.roots[root].path;
    if (!fresh.inside)
        return m_swap->exchange({{fresh.folder, path.substr(path.rfind('/') + 1), fresh.aside, fresh.name}});
    std::set<std::string> names; ///< of what was in it
    for (const KeptEntry &entry : m_files.entries) {
        if (entry.root == root && !entry.path.empty() && entry.path.find('/') == std::string::npos)
            names.insert(entry.path);
    }
    std::set<std::string> all = names;
    const DirStream stream = GANTRY_TRY(openStream(fresh.dir.get()));
    while (const dirent *one = ::readdir(stream.get())) {
        std::string name(static_cast<const char *>(one->d_name));
        if (name != "." && name != ".." && name != fresh.name && name != fresh.aside)
            all.insert(std::move(name));
    }
    std::vector<FileSwap::Unit> units;
    for (const std::string &name : all)
        units.push_back({path, name, strCat(fresh.aside, "/", name),
                         names.contains(name) ? strCat(fresh.name, "/", name) : std::string()});
    GANTRY_CHECK(m_swap->exchange(units));
    const Spot spot = GANTRY_TRY(spotOf(path));
    return applyTo(spot.folder.get(), spot.name, *m_files.entryOf(root), path);
}

Result<> FileReturn::lives(std::int32_t pid)
{
    return m_swap ? m_swap->lives(pid) : Result<>();
}

Result<> FileReturn::begins(std::int32_t keeper, const std::string &pidFile)
{
    return m_swap ? m_swap->begins(keeper, pidFile) : Result<>();
}

Result<> FileReturn::keep()
{
    return m_swap ? m_swap->keep() : Result<>();
}

void FileReturn::keepInto(std::vector<std::string> &notes)
{
    notes.insert(notes.end(), m_notes.begin(), m_notes.end());
    if (const auto kept = keep(); !kept)
        notes.push_back(strCat("what was there before stays in part: ", kept.error().message()));
}

} // namespace gantry::checkpoint
