// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/image_tree.h"

#include "criu_images.pb.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/image_files.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include <sys/mman.h>

namespace gantry::checkpoint {

namespace {

constexpr std::uint64_t kMostImages = std::uint64_t{256} << 20;
constexpr std::size_t kMostTasks = 100'000;
constexpr std::uint64_t kMostAddress = std::numeric_limits<std::uint64_t>::max();

// Bits of a mapping's status. Source: CRIU's criu/include/image.h.
constexpr std::uint32_t kVsyscall = 1U << 2;
constexpr std::uint32_t kVdso = 1U << 3;
constexpr std::uint32_t kHeap = 1U << 5;
constexpr std::uint32_t kFilePrivate = 1U << 6;
constexpr std::uint32_t kFileShared = 1U << 7;
constexpr std::uint32_t kAnonShared = 1U << 8;
constexpr std::uint32_t kVvar = 1U << 12;
constexpr std::uint32_t kMemfd = 1U << 14;
// Of a pagemap's entry. Source: CRIU's criu/include/pagemap.h.
constexpr std::uint32_t kInParent = 1U << 0;
constexpr std::uint32_t kLazy = 1U << 1;
constexpr std::uint32_t kPresent = 1U << 2;

template <class Message> Result<Message> parsed(std::string_view entry, std::string_view name, std::size_t at)
{
    Message out;
    if (!out.ParseFromArray(entry.data(), static_cast<int>(entry.size())))
        return failImage(name, at, "an entry is not what its image is of");
    return out;
}

std::string stateName(std::uint32_t state)
{
    // Source: CRIU's criu/include/rst_info.h and pstree.h.
    switch (state) {
    case 1:
        return "running";
    case 2:
    case 6:
        return "zombie";
    case 3:
        return "stopped";
    default:
        return std::to_string(state);
    }
}

/// Of those that CRIU knows by number. Source: fstype of CRIU's images/mnt.proto.
std::string mountType(const criu::MountEntry &mount)
{
    static constexpr std::array<std::string_view, 24> kTypes{
        "",        "proc",    "sysfs",  "devtmpfs", "binfmt_misc", "tmpfs", "devpts", "simfs",   "pstore", "securityfs",
        "fusectl", "debugfs", "cgroup", "aufs",     "mqueue",      "fuse",  "",       "overlay", "autofs", "tracefs",
        "",        "",        "",       "cgroup2"};
    if (!mount.type_name().empty())
        return mount.type_name();
    return mount.type() < kTypes.size() ? std::string(kTypes.at(mount.type())) : std::string();
}

/// Reads the images one after the other into a tree.
class TreeReading
{
public:
    explicit TreeReading(const ReadImage &read) : m_read(read) {}
    [[nodiscard]] Result<SavedTree> run();

private:
    [[nodiscard]] Result<std::optional<std::string>> image(const std::string &name);
    [[nodiscard]] Result<std::string> needed(const std::string &name);
    /// The first entry; nullopt: there is no such image.
    template <class Message> [[nodiscard]] Result<std::optional<Message>> only(const std::string &name);
    [[nodiscard]] Result<> files();
    [[nodiscard]] Result<> tasks();
    [[nodiscard]] Result<> task(SavedTask &task);
    [[nodiscard]] Result<> ids(SavedTask &task, const criu::IdsEntry &ids);
    [[nodiscard]] Result<> descriptors(SavedTask &task, std::uint32_t files);
    [[nodiscard]] Result<> memory(SavedTask &task);
    [[nodiscard]] Result<> area(const criu::MemoryEntry::Area &in, std::uint64_t stack, SavedArea &out);
    [[nodiscard]] Result<std::optional<SavedPageMap>> pageMap(const std::string &name);
    [[nodiscard]] Result<> mounts(std::uint32_t mountNamespace);

    const ReadImage &m_read;
    SavedTree m_out;
    std::map<std::uint32_t, std::uint64_t> m_memory; ///< memfd's file -> its memory
    std::uint64_t m_left = kMostImages;
};

Result<std::optional<std::string>> TreeReading::image(const std::string &name)
{
    auto out = GANTRY_TRY(m_read(name, m_left));
    if (out && out->size() > m_left)
        return fail(EFBIG, "inspect", name, "the images have more than is believed");
    m_left -= out ? out->size() : 0;
    return out;
}

Result<std::string> TreeReading::needed(const std::string &name)
{
    auto out = GANTRY_TRY(image(name));
    if (!out)
        return fail(ENOENT, "inspect", name, "the checkpoint has no such image");
    return *std::move(out);
}

template <class Message> Result<std::optional<Message>> TreeReading::only(const std::string &name)
{
    const auto text = GANTRY_TRY(image(name));
    if (!text)
        return std::optional<Message>();
    std::optional<Message> out;
    GANTRY_CHECK(forEachEntry(*text, name, [&](std::string_view entry, std::size_t at) -> Result<> {
        if (!out)
            out = GANTRY_TRY(parsed<Message>(entry, name, at));
        return {};
    }));
    if (!out)
        return failImage(name, text->size(), "it is empty");
    return out;
}

Result<> TreeReading::files()
{
    SavedMemfds memfds;
    if (const auto text = GANTRY_TRY(image("memfd.img")))
        memfds = GANTRY_TRY(parseMemfds(*text));
    const auto text = GANTRY_TRY(image("files.img"));
    if (!text)
        return {};
    ParsedFiles parsed = GANTRY_TRY(parseFiles(*text, memfds));
    m_out.files = std::move(parsed.files);
    m_memory = std::move(parsed.memory);
    if (const auto remaps = GANTRY_TRY(image("remap-fpath.img")))
        GANTRY_CHECK(markDeleted(*remaps, m_out.files));
    return {};
}

Result<> TreeReading::tasks()
{
    const std::string name = "pstree.img";
    std::set<std::int32_t> pids;
    return forEachEntry(GANTRY_TRY(needed(name)), name, [&](std::string_view entry, std::size_t at) -> Result<> {
        const auto in = GANTRY_TRY(parsed<criu::TreeEntry>(entry, name, at));
        SavedTask out;
        out.pid = static_cast<std::int32_t>(in.pid());
        out.ppid = static_cast<std::int32_t>(in.ppid());
        out.pgid = static_cast<std::int32_t>(in.pgid());
        out.sid = static_cast<std::int32_t>(in.sid());
        for (const std::uint32_t thread : in.threads())
            out.threads.push_back(static_cast<std::int32_t>(thread));
        if (out.pid <= 0 || !pids.insert(out.pid).second)
            return failImage(name, at, "a pid that cannot be, or twice");
        if (m_out.tasks.size() == kMostTasks)
            return failImage(name, at, "more processes than any host has");
        m_out.tasks.push_back(std::move(out));
        return {};
    });
}

Result<> TreeReading::ids(SavedTask &task, const criu::IdsEntry &ids)
{
    task.namespaces = {ids.pid_namespace(), ids.net_namespace(),  ids.ipc_namespace(),    ids.uts_namespace(),
                       ids.mnt_namespace(), ids.user_namespace(), ids.cgroup_namespace(), ids.time_namespace()};
    return ids.files() == 0 ? Result<>() : descriptors(task, ids.files());
}

Result<> TreeReading::descriptors(SavedTask &task, std::uint32_t files)
{
    const std::string name = strCat("fdinfo-", files, ".img");
    const auto text = GANTRY_TRY(image(name)); // of a zombie there is none
    if (!text)
        return {};
    GANTRY_CHECK(forEachEntry(*text, name, [&](std::string_view entry, std::size_t at) -> Result<> {
        const auto in = GANTRY_TRY(parsed<criu::DescriptorEntry>(entry, name, at));
        if (in.fd() > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max()))
            return failImage(name, at, "a descriptor that cannot be");
        // A kind that is not in files.img, as those of another CRIU, has its number at least.
        if (!m_out.files.contains(in.file()))
            m_out.files[in.file()].kind = fileKind(in.type());
        task.descriptors.push_back({static_cast<std::int32_t>(in.fd()), (in.flags() & 1) != 0, in.file()});
        return {};
    }));
    std::ranges::sort(task.descriptors, {}, &SavedDescriptor::fd);
    return {};
}

Result<std::optional<SavedPageMap>> TreeReading::pageMap(const std::string &name)
{
    const auto text = GANTRY_TRY(image(name));
    if (!text)
        return std::optional<SavedPageMap>();
    return parsePageMap(*text, name);
}

Result<> TreeReading::area(const criu::MemoryEntry::Area &in, std::uint64_t stack, SavedArea &out)
{
    out.start = in.start();
    out.end = in.end();
    out.offset = in.offset();
    out.protection = in.protection();
    out.shared = (in.flags() & MAP_SHARED) != 0;
    const std::uint32_t status = in.status();
    if ((status & (kFilePrivate | kFileShared | kMemfd)) != 0) {
        const auto id = static_cast<std::uint32_t>(in.shared());
        const SavedFile *file = m_out.file(id);
        out.what = file == nullptr ? std::string("?") : file->text;
        if (const auto memory = m_memory.find(id); memory != m_memory.end())
            out.sharedMemory = memory->second;
    } else if ((status & kAnonShared) != 0) {
        out.what = "[shared]";
        out.sharedMemory = in.shared();
    } else if ((status & kHeap) != 0) {
        out.what = "[heap]";
    } else if ((status & kVdso) != 0) {
        out.what = "[vdso]";
    } else if ((status & kVvar) != 0) {
        out.what = "[vvar]";
    } else if ((status & kVsyscall) != 0) {
        out.what = "[vsyscall]";
    } else {
        out.what = in.start() <= stack && stack < in.end() ? "[stack]" : "[anon]";
    }
    // A private mapping of a memfd has pages of its own.
    if (!out.shared)
        out.sharedMemory = 0;
    if (out.sharedMemory != 0 && !m_out.sharedMemory.contains(out.sharedMemory)) {
        auto map = GANTRY_TRY(pageMap(strCat("pagemap-shmem-", out.sharedMemory, ".img")));
        m_out.sharedMemory[out.sharedMemory] = map ? *std::move(map) : SavedPageMap();
    }
    return {};
}

Result<> TreeReading::memory(SavedTask &task)
{
    const std::string name = strCat("mm-", task.pid, ".img");
    const auto in = GANTRY_TRY(only<criu::MemoryEntry>(name));
    if (!in)
        return {};
    if (const SavedFile *exe = m_out.file(in->exe_file()); exe != nullptr)
        task.exe = exe->text;
    task.argumentsStart = in->arguments_start();
    task.argumentsEnd = in->arguments_end();
    if (auto map = GANTRY_TRY(pageMap(strCat("pagemap-", task.pid, ".img"))))
        task.pages = *std::move(map);
    std::uint64_t last = 0;
    for (const criu::MemoryEntry::Area &one : in->areas()) {
        if (one.start() < last || one.end() <= one.start())
            return failImage(name, 0, "mappings that lie over each other");
        last = one.end();
        SavedArea out;
        GANTRY_CHECK(area(one, in->start_stack(), out));
        const std::uint64_t size = out.end - out.start;
        if (out.sharedMemory == 0)
            out.pages = task.pages.pagesIn(out.start, out.end);
        else if (out.offset <= kMostAddress - size)
            out.pages = m_out.sharedMemory[out.sharedMemory].pagesIn(out.offset, out.offset + size);
        task.areas.push_back(std::move(out));
    }
    return {};
}

Result<> TreeReading::task(SavedTask &task)
{
    const std::string coreName = strCat("core-", task.pid, ".img");
    const auto core = GANTRY_TRY(only<criu::CoreEntry>(coreName));
    if (!core)
        return fail(ENOENT, "inspect", coreName, "the checkpoint has no such image");
    task.comm = core->task().comm();
    task.state = stateName(core->task().state());
    const criu::CoreEntry::Credentials &who = core->thread().credentials();
    task.uid = who.uid();
    task.gid = who.gid();
    task.euid = who.euid();
    task.egid = who.egid();
    if (core->has_ids())
        GANTRY_CHECK(ids(task, core->ids()));
    else if (const auto apart = GANTRY_TRY(only<criu::IdsEntry>(strCat("ids-", task.pid, ".img"))))
        GANTRY_CHECK(ids(task, *apart));
    if (const auto folders = GANTRY_TRY(only<criu::FolderEntry>(strCat("fs-", task.pid, ".img")))) {
        if (const SavedFile *working = m_out.file(folders->working()); working != nullptr)
            task.workingFolder = working->text;
        if (const SavedFile *root = m_out.file(folders->root()); root != nullptr)
            task.root = root->text;
    }
    return memory(task);
}

Result<> TreeReading::mounts(std::uint32_t mountNamespace)
{
    const std::string name = strCat("mountpoints-", mountNamespace, ".img");
    const auto text = GANTRY_TRY(image(name));
    if (!text)
        return {};
    return forEachEntry(*text, name, [&](std::string_view entry, std::size_t at) -> Result<> {
        auto in = GANTRY_TRY(parsed<criu::MountEntry>(entry, name, at));
        std::string point = in.mount_point();
        if (point.starts_with('.')) // as CRIU has them inside
            point.erase(0, 1);
        m_out.mounts.push_back({std::move(point), mountType(in), in.source(), in.root(), in.options(), in.external()});
        return {};
    });
}

Result<SavedTree> TreeReading::run()
{
    GANTRY_CHECK(tasks());
    GANTRY_CHECK(files());
    std::set<std::uint32_t> mountNamespaces;
    for (SavedTask &one : m_out.tasks) {
        GANTRY_CHECK(task(one));
        constexpr std::size_t kUts = 3;
        constexpr std::size_t kMount = 4;
        if (mountNamespaces.insert(one.namespaces[kMount]).second)
            GANTRY_CHECK(mounts(one.namespaces[kMount]));
        if (m_out.hostName.empty() && one.namespaces[kUts] != 0) {
            if (const auto names = GANTRY_TRY(only<criu::NamesEntry>(strCat("utsns-", one.namespaces[kUts], ".img"))))
                m_out.hostName = names->node();
        }
    }
    return std::move(m_out);
}

} // namespace

std::uint64_t SavedPageMap::pagesIn(std::uint64_t start, std::uint64_t end) const
{
    // How many lie before an address: runs are numbered through.
    const auto before = [this](std::uint64_t address) -> std::uint64_t {
        const auto next = std::ranges::lower_bound(runs, address, {}, &SavedPages::address);
        if (next == runs.begin())
            return 0;
        const SavedPages &run = *std::prev(next);
        return run.first + std::min(run.count, (address - run.address) / kImagePage);
    };
    return start < end ? before(end) - before(start) : 0;
}

const SavedFile *SavedTree::file(std::uint32_t id) const
{
    const auto found = files.find(id);
    return found == files.end() ? nullptr : &found->second;
}

Result<SavedPageMap> parsePageMap(std::string_view image, const std::string &name)
{
    SavedPageMap out;
    bool head = true;
    std::uint64_t next = 0; ///< in the image of pages
    std::uint64_t end = 0;  ///< of the last run
    GANTRY_CHECK(forEachEntry(image, name, [&](std::string_view entry, std::size_t at) -> Result<> {
        if (std::exchange(head, false)) {
            out.image = GANTRY_TRY(parsed<criu::PagemapHead>(entry, name, at)).pages();
            return {};
        }
        const auto in = GANTRY_TRY(parsed<criu::PagemapEntry>(entry, name, at));
        const std::uint64_t count = in.has_count() ? in.count() : in.short_count();
        if (in.address() % kImagePage != 0 || in.address() < end || count > (kMostAddress - in.address()) / kImagePage)
            return failImage(name, at, "pages that lie over others, or beyond memory");
        end = in.address() + count * kImagePage;
        // Before there were flags, what was not in the parent was here.
        const bool here =
            in.has_flags() ? (in.flags() & kPresent) != 0 && (in.flags() & kInParent) == 0 : !in.in_parent();
        if (!here || count == 0)
            return {};
        out.runs.push_back({in.address(), count, next, (in.flags() & kLazy) != 0});
        next += count;
        return {};
    }));
    if (head)
        return failImage(name, image.size(), "it is empty");
    return out;
}

Result<SavedTree> readTree(const ReadImage &read)
{
    return TreeReading(read).run();
}

} // namespace gantry::checkpoint
