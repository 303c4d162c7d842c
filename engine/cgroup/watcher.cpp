// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/cgroup/watcher.h"

#include "engine/base/log.h"
#include "engine/base/parse.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <utility>

#include <cstring>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace gantry::cgroup {

namespace {

constexpr std::uint64_t kMask = FAN_CREATE | FAN_DELETE | FAN_MODIFY | FAN_ONDIR;

using FileSystemId = std::pair<int, int>;

/// True for a kernel thread. A process that has gone by now was not one.
bool isKernelThread(std::int32_t pid)
{
    constexpr std::uint64_t kPfKthread = 0x0020'0000; // include/linux/sched.h
    constexpr int kFieldsBetween = 6;                 // state, ppid, pgrp, session, tty_nr, tpgid stand before flags
    const auto text = readFile(strCat("/proc/", pid, "/stat"));
    if (!text)
        return false;
    std::string_view rest = *text;
    rest.remove_prefix(std::min(rest.size(), rest.rfind(')') + 1)); // comm may hold anything
    for (int i = 0; i < kFieldsBetween; ++i)
        (void)takeToken(rest);
    const auto flags = parseU64(takeToken(rest));
    return flags && (*flags & kPfKthread) != 0;
}

/// Nobody but the kernel can write these.
bool isEventFile(std::string_view name)
{
    return name.ends_with(".events") || name.ends_with(".events.local");
}

class FanotifyWatcher final : public TreeWatcher
{
public:
    FanotifyWatcher(UniqueFd fd, HierarchiesPtr hierarchies, std::map<FileSystemId, unsigned> slots,
                    std::function<void(const TreeEvent &)> callback)
        : m_fd(std::move(fd))
        , m_hierarchies(std::move(hierarchies))
        , m_slots(std::move(slots))
        , m_callback(std::move(callback))
    {}

    Result<> listen(EventLoop &loop)
    {
        m_source = GANTRY_TRY(loop.watch(m_fd.get(), EPOLLIN, [this](std::uint32_t) { drain(); }));
        return {};
    }

private:
    void drain()
    {
        while (true) {
            const ssize_t n = ::read(m_fd.get(), m_buffer.data(), m_buffer.size());
            if (n < 0 && errno == EINTR)
                continue;
            if (n < 0 && errno != EAGAIN)
                log::warning(log::Area::Cgroup, failErrno("read", "fanotify").error().message());
            if (n <= 0)
                return;
            std::span<const char> rest(m_buffer.data(), static_cast<std::size_t>(n));
            while (rest.size() >= FAN_EVENT_METADATA_LEN) {
                fanotify_event_metadata event = {};
                std::memcpy(&event, rest.data(), sizeof event);
                if (event.event_len < FAN_EVENT_METADATA_LEN || event.event_len > rest.size())
                    return;
                report(event, rest.subspan(event.metadata_len, event.event_len - event.metadata_len));
                rest = rest.subspan(event.event_len);
            }
        }
    }

    void report(const fanotify_event_metadata &event, std::span<const char> info)
    {
        TreeEvent out;
        if ((event.mask & FAN_Q_OVERFLOW) != 0) {
            m_callback(out);
            return;
        }
        if (!decode(info, out))
            return;
        if ((event.mask & (FAN_CREATE | FAN_DELETE)) != 0) {
            if ((event.mask & FAN_ONDIR) == 0)
                return;
            out.kind = TreeEvent::Kind::Changed;
        } else {
            out.kind = TreeEvent::Kind::Written;
        }
        out.pid = event.pid;
        out.byKernel = isEventFile(out.name) ||
                       (out.kind == TreeEvent::Kind::Written && event.pid > 0 && isKernelThread(event.pid));
        m_callback(out);
    }

    /// Directory and name out of the info record. Kernel: the 8 bytes of the handle are the directory's inode.
    [[nodiscard]] bool decode(std::span<const char> info, TreeEvent &out) const
    {
        fanotify_event_info_fid record = {};
        constexpr std::size_t kHandle = sizeof(record); // struct file_handle: length, type, bytes; then the name
        if (info.size() < kHandle + sizeof(file_handle))
            return false;
        std::memcpy(&record, info.data(), sizeof record);
        if (record.hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME)
            return false;
        unsigned length = 0;
        std::memcpy(&length, info.data() + kHandle, sizeof length);
        const std::size_t bytes = kHandle + sizeof(file_handle);
        if (length != sizeof out.parentInode || info.size() <= bytes + length)
            return false;
        std::memcpy(&out.parentInode, info.data() + bytes, sizeof out.parentInode);
        const auto slot = m_slots.find({record.fsid.val[0], record.fsid.val[1]});
        if (slot == m_slots.end())
            return false;
        out.hierarchy = slot->second;
        const std::span<const char> name = info.subspan(bytes + length);
        out.name.assign(name.data(), ::strnlen(name.data(), name.size()));
        return true;
    }

    UniqueFd m_fd;
    HierarchiesPtr m_hierarchies;
    std::map<FileSystemId, unsigned> m_slots;
    std::function<void(const TreeEvent &)> m_callback;
    std::array<char, 64 * 1024> m_buffer{};
    EventSource m_source;
};

} // namespace

Result<std::unique_ptr<TreeWatcher>> TreeWatcher::create(EventLoop &loop, HierarchiesPtr hierarchies,
                                                         std::function<void(const TreeEvent &)> callback)
{
    UniqueFd fd(::fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_REPORT_DFID_NAME, O_RDONLY));
    if (!fd)
        return failErrno("fanotify_init", "cgroup file systems");
    std::map<FileSystemId, unsigned> slots;
    for (const Hierarchy &hierarchy : hierarchies->all()) {
        if (::fanotify_mark(fd.get(), FAN_MARK_ADD | FAN_MARK_FILESYSTEM, kMask, hierarchy.dir->get(), ".") != 0)
            return failErrno("fanotify_mark", hierarchy.mountPoint);
        struct statfs file = {};
        if (::fstatfs(hierarchy.dir->get(), &file) != 0)
            return failErrno("fstatfs", hierarchy.mountPoint);
        slots[{file.f_fsid.__val[0], file.f_fsid.__val[1]}] = hierarchy.index;
    }
    auto out =
        std::make_unique<FanotifyWatcher>(std::move(fd), std::move(hierarchies), std::move(slots), std::move(callback));
    GANTRY_CHECK(out->listen(loop));
    return out;
}

} // namespace gantry::cgroup
