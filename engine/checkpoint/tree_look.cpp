// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/tree_look.h"

#include "engine/base/fd.h"
#include "engine/base/limit.h"
#include "engine/base/mountinfo.h"
#include "engine/base/parse.h"
#include "engine/process/process.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <optional>

#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

namespace gantry::checkpoint {

using namespaces::Type;

namespace {

/// Kernel: MQUEUE_MAGIC (ipc/mqueue.c).
constexpr long kMessageQueueMagic = 0x19800202;

/// Kernel: s_dev is printed in its own encoding, 20 bits of minor (include/linux/kdev_t.h).
dev_t fromKernelDevice(std::uint64_t number)
{
    return makedev(static_cast<unsigned>(number >> 20), static_cast<unsigned>(number & 0xfffff));
}

/// "inotify wd:1 ino:2c sdev:1f ...": the file system.
std::optional<dev_t> watchedDevice(std::string_view line)
{
    const std::size_t at = line.find(" sdev:");
    if (!line.starts_with("inotify ") || at == std::string_view::npos)
        return std::nullopt;
    const std::string_view digits = line.substr(at + 6);
    std::uint64_t number = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), number, 16).ec != std::errc())
        return std::nullopt;
    return fromKernelDevice(number);
}

void readFdinfo(OpenFile &file, std::string_view text)
{
    while (auto line = takeLine(text)) {
        if (line->starts_with("mnt_id:")) {
            const auto id = parseU64(trim(line->substr(7)));
            file.mountId = id ? static_cast<std::int32_t>(*id) : -1;
        } else if (line->starts_with("lock:")) {
            file.locked = true;
        } else if (line->starts_with("eventfd-semaphore:")) { // from Linux 6.5 on
            file.isSemaphore = trim(line->substr(18)) == "1";
        } else if (line->starts_with("it_value:")) {
            file.isDue = trim(line->substr(9)) == "(0, 0)";
        } else if (line->starts_with("it_interval:")) {
            file.isDue = file.isDue && trim(line->substr(12)) != "(0, 0)";
        } else if (const auto device = watchedDevice(*line)) {
            file.watchedDevices.push_back(*device);
        }
    }
}

std::string linkOf(const std::string &path)
{
    std::array<char, 4'096> target{};
    const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
    return n < 0 ? std::string() : std::string(target.data(), static_cast<std::size_t>(n));
}

OpenFile lookAtFile(const std::string &folder, int fd)
{
    OpenFile out;
    out.fd = fd;
    const std::string path = strCat(folder, "/fd/", fd);
    out.target = printable(linkOf(path));
    struct stat info
    {};
    if (::stat(path.c_str(), &info) == 0) {
        out.mode = info.st_mode;
        out.rdev = info.st_rdev;
        out.device = info.st_dev;
        out.inode = info.st_ino;
        out.size = static_cast<std::uint64_t>(info.st_size);
        out.links = info.st_nlink;
    }
    // A file system without a device: queues are regular files, too.
    struct statfs filesystem
    {};
    if (S_ISREG(out.mode) && major(out.device) == 0 && ::statfs(path.c_str(), &filesystem) == 0)
        out.isMessageQueue = filesystem.f_type == kMessageQueueMagic;
    if (S_ISSOCK(out.mode)) {
        std::array<char, 64> name{};
        if (const ssize_t n = ::getxattr(path.c_str(), "system.sockprotoname", name.data(), name.size() - 1); n > 0)
            out.protocol = printable(name.data());
    }
    if (const auto text = readFile(strCat(folder, "/fdinfo/", fd)))
        readFdinfo(out, *text);
    return out;
}

void lookAtFiles(TaskLook &task, const std::string &folder)
{
    const auto dir = openAt(AT_FDCWD, folder + "/fd", O_RDONLY | O_DIRECTORY);
    const auto entries = dir ? openStream(dir->get()) : Result<DirStream>(std::unexpected(dir.error()));
    if (!entries) {
        task.problems.push_back(entries.error());
        return;
    }
    while (const dirent *entry = ::readdir(entries->get())) {
        const auto fd = parseU64(entry->d_name);
        if (fd && *fd <= INT_MAX)
            task.files.push_back(lookAtFile(folder, static_cast<int>(*fd)));
    }
    std::ranges::sort(task.files, {}, &OpenFile::fd);
    // Closed between the listing and the look.
    std::erase_if(task.files, [](const OpenFile &file) { return file.target.empty(); });
}

/// A line of maps: "RANGE PERMS OFFSET MAJOR:MINOR INODE PATH".
void lookAtMapping(TaskLook &task, std::string_view line, const std::string &folder)
{
    const std::string_view range = takeToken(line);
    for (int skipped = 0; skipped < 4; ++skipped)
        (void)takeToken(line);
    const std::string_view path = trim(line);
    if (path == "[uprobes]") {
        task.mappings.push_back({std::string(range), std::string(path), OddMapping::Kind::Uprobes});
        return;
    }
    // Kernel: shmget(2) calls its memory "/SYSV" and eight digits (ipc/shm.c).
    if (path.starts_with("/SYSV")) {
        task.mappings.push_back({std::string(range), printable(path), OddMapping::Kind::SharedMemory});
        return;
    }
    if (path.empty() || path.starts_with('['))
        return;
    const bool special = !path.starts_with('/');
    if (!special && !path.starts_with("/dev/"))
        return;
    struct stat info
    {};
    const bool known = ::stat(strCat(folder, "/map_files/", range).c_str(), &info) == 0;
    const bool zero = known && S_ISCHR(info.st_mode) && major(info.st_rdev) == 1;
    if (special || (known && S_ISCHR(info.st_mode) && !zero))
        task.mappings.push_back({std::string(range), printable(path), OddMapping::Kind::Device});
}

void lookAtMappings(TaskLook &task, const std::string &folder)
{
    const auto maps = readFile(folder + "/maps");
    if (!maps) {
        task.problems.push_back(maps.error());
        return;
    }
    std::string_view text = *maps;
    while (const auto line = takeLine(text))
        lookAtMapping(task, *line, folder);
}

/// Which mount its program is of, as CRIU finds it out.
void lookAtProgram(TaskLook &task, const std::string &folder)
{
    const auto file = openAt(AT_FDCWD, folder + "/exe", O_PATH);
    const auto text = file ? readFile(strCat("/proc/self/fdinfo/", file->get())) : std::unexpected(file.error());
    if (!text)
        return;
    OpenFile facts;
    readFdinfo(facts, *text);
    task.program = printable(linkOf(folder + "/exe"));
    task.programMountId = facts.mountId;
}

/// nullopt: it has gone.
std::optional<TaskLook> lookAtTask(std::int32_t pid)
{
    const auto stat = process::readStat(pid);
    if (!stat)
        return std::nullopt;
    const std::string folder = strCat("/proc/", pid);
    TaskLook out;
    out.key = {pid, stat->startTicks};
    out.comm = printable(stat->comm);
    out.state = stat->state;
    out.parentPid = stat->parentPid;
    out.processGroup = stat->processGroup;
    out.session = stat->session;
    out.terminal = stat->terminal;
    out.threads = stat->threads;
    out.resident = Bytes{stat->residentPages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE))};
    if (stat->state == 'Z' || stat->state == 'X')
        return out;
    const auto status = process::readStatus(pid);
    struct stat owner
    {};
    if (!status || ::stat(folder.c_str(), &owner) != 0)
        return std::nullopt;
    out.uid = status->uid;
    out.procOwner = owner.st_uid;
    out.tracerPid = status->tracerPid;
    out.swapped = Bytes{status->swapKib << 10};
    out.namespacePids = status->namespacePids;
    out.sessionOutsideNamespace = !status->namespaceSessions.empty() && status->namespaceSessions.back() == 0;
    if (auto spaces = namespaces::ofProcess(pid))
        out.spaces = *std::move(spaces);
    else
        out.problems.push_back(spaces.error());
    struct stat forChildren{};
    if (::stat((folder + "/ns/time_for_children").c_str(), &forChildren) == 0)
        out.timeForChildren = forChildren.st_ino;
    lookAtProgram(out, folder);
    lookAtFiles(out, folder);
    lookAtMappings(out, folder);
    // The pid may have been another's by the end.
    const auto again = process::readStat(pid);
    return again && again->startTicks == stat->startTicks ? std::optional(std::move(out)) : std::nullopt;
}

void lookAtSpaces(TreeLook &look, TaskLook &task)
{
    if (const std::uint64_t space = task.space(Type::Mnt); space != 0 && !look.mounts.contains(space)) {
        const auto text = readFile(strCat("/proc/", task.key.pid, "/mountinfo"));
        auto mounts = text ? parseMounts(*text) : Result<std::vector<MountLook>>(std::unexpected(text.error()));
        if (mounts)
            look.mounts.emplace(space, *std::move(mounts));
        else
            task.problems.push_back(mounts.error());
    }
    if (const std::uint64_t space = task.space(Type::Net); space != 0 && !look.sockets.contains(space)) {
        SocketLook sockets = lookAtSockets(task.key.pid);
        task.problems.insert(task.problems.end(), sockets.problems.begin(), sockets.problems.end());
        look.sockets.emplace(space, std::move(sockets));
    }
}

} // namespace

std::uint64_t TaskLook::space(Type type) const
{
    const auto found = std::ranges::find(spaces, type, &namespaces::Ref::type);
    return found == spaces.end() ? 0 : found->inode;
}

Result<std::vector<MountLook>> parseMounts(std::string_view mountinfo)
{
    std::vector<MountLook> out;
    while (const auto line = takeLine(mountinfo)) {
        if (line->empty())
            continue;
        MountInfoLine mount = GANTRY_TRY(parseMountInfoLine(*line));
        const DeviceNumber device = GANTRY_TRY(parseDeviceNumber(mount.device));
        out.push_back({mount.id, makedev(device.major, device.minor), std::move(mount.mountPoint),
                       std::move(mount.type), std::move(mount.root)});
    }
    return out;
}

Result<TreeLook> lookAtTree(std::span<const std::int32_t> pids, const std::stop_token &stop)
{
    TreeLook out;
    for (const std::int32_t pid : pids) {
        if (stop.stop_requested())
            return fail(ECANCELED, "check", "", "cancelled");
        auto task = lookAtTask(pid);
        if (!task && out.tasks.empty())
            return fail(ESRCH, "check", strCat("pid ", pid), "it has ended");
        if (task)
            out.tasks.push_back(*std::move(task));
    }
    for (TaskLook &task : out.tasks)
        lookAtSpaces(out, task);
    if (auto host = namespaces::ofHost())
        out.hostSpaces = *std::move(host);
    if (const auto text = readFile("/proc/self/mountinfo"))
        out.hostMounts = parseMounts(*text).value_or(std::vector<MountLook>());
    struct stat own{};
    if (::stat("/proc/self/ns/mnt", &own) == 0)
        out.ownMounts = own.st_ino;
    out.ownPid = ::getpid();
    out.hasSysResource = process::hasCapability(CAP_SYS_RESOURCE);
    return out;
}

Result<std::vector<std::int32_t>> treeOf(std::int32_t pid)
{
    std::map<std::int32_t, std::vector<std::int32_t>> children;
    bool there = false;
    for (const std::int32_t other : GANTRY_TRY(process::listPids())) {
        if (const auto stat = process::readStat(other)) {
            children[stat->parentPid].push_back(other);
            there = there || other == pid;
        }
    }
    if (!there)
        return fail(ESRCH, "check", strCat("pid ", pid), "there is no such process");
    std::vector<std::int32_t> out{pid};
    for (std::size_t i = 0; i < out.size(); ++i)
        if (const auto found = children.find(out[i]); found != children.end())
            out.insert(out.end(), found->second.begin(), found->second.end());
    return out;
}

Result<std::vector<std::int32_t>> treeOfStopped(std::int32_t pid)
{
    std::vector<std::int32_t> out{pid};
    TextBuffer buffer;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::string folder = strCat("/proc/", std::to_string(out[i]), "/task");
        const UniqueFd tasks = GANTRY_TRY(openAt(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY));
        const DirStream stream = GANTRY_TRY(openStream(tasks.get()));
        while (const dirent *entry = ::readdir(stream.get())) {
            if (static_cast<const char *>(entry->d_name)[0] == '.')
                continue;
            const std::string name = strCat(static_cast<const char *>(entry->d_name), "/children");
            std::string_view rest = GANTRY_TRY(buffer.readAt(tasks.get(), name));
            while (const auto child = parseI64(takeToken(rest)))
                out.push_back(static_cast<std::int32_t>(*child));
        }
    }
    return out;
}

} // namespace gantry::checkpoint
