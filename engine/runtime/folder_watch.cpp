// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/folder_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace gantry::runtime {

namespace {

constexpr std::uint32_t kFolderMask =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_MOVE_SELF | IN_ONLYDIR;

/// poll(2) wants whole milliseconds; rounded up, so that it does not return just before the deadline again and again.
int millisUntil(Clock::time_point end)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

} // namespace

void FolderWatch::begin()
{
    if (!m_notify)
        m_notify = UniqueFd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ++m_round;
    m_all = m_notify.get() >= 0;
    m_lookAgain = false;
    m_began = Clock::now();
    drain();
}

bool FolderWatch::add(const std::string &path, std::uint32_t mask, const std::set<std::string> &only)
{
    if (!m_notify)
        return true;
    const int watch = m_watched.size() < kMost ? ::inotify_add_watch(m_notify.get(), path.c_str(), mask) : -1;
    if (watch < 0) {
        if (m_watched.size() < kMost && (errno == ENOENT || errno == ENOTDIR))
            return false;
        m_all = false;
        return true;
    }
    const auto [entry, isNew] = m_watched.try_emplace(watch);
    Watched &watched = entry->second;
    m_lookAgain = m_lookAgain || (isNew && (mask & IN_MODIFY) != 0);
    if (watched.round != m_round)
        watched = {.everything = false, .names = {}, .round = m_round};
    if (only.empty())
        watched.everything = true;
    watched.names.insert(only.begin(), only.end());
    return true;
}

void FolderWatch::folder(const std::string &path, const std::set<std::string> &only)
{
    std::string there = path;
    std::set<std::string> names = only;
    while (!add(there.empty() ? "/" : there, kFolderMask, names)) {
        const std::size_t slash = there.rfind('/');
        if (slash == std::string::npos || there.empty())
            return; // a relative path, or no root
        names = {there.substr(slash + 1)};
        there.resize(slash);
    }
}

void FolderWatch::files(const std::vector<std::string> &paths)
{
    for (const std::string &path : paths)
        add(path, IN_MODIFY, {});
}

void FolderWatch::end()
{
    m_roundTook = Clock::now() - m_began;
    // What was queued meanwhile is judged by what is watched now, not by names the last round waited for.
    for (auto it = m_watched.begin(); it != m_watched.end();) {
        if (it->second.round == m_round) {
            ++it;
            continue;
        }
        ::inotify_rm_watch(m_notify.get(), it->first);
        it = m_watched.erase(it);
    }
}

bool FolderWatch::drain()
{
    if (!m_notify)
        return false;
    bool changed = false;
    alignas(inotify_event) std::array<char, 16'384> buffer{};
    while (true) {
        const ssize_t got = ::read(m_notify.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return changed;
        for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char *name = buffer.data() + at + sizeof event;
            const std::string_view entry(name, event.len > 0 ? ::strnlen(name, event.len) : 0);
            at += sizeof event + event.len;
            if ((event.mask & IN_Q_OVERFLOW) != 0)
                changed = true;
            const auto watched = m_watched.find(event.wd);
            if (watched == m_watched.end())
                continue;
            if (watched->second.everything || entry.empty() || watched->second.names.contains(std::string(entry)))
                changed = true;
            // Gone with its folder: the number is never used again.
            if ((event.mask & IN_IGNORED) != 0)
                m_watched.erase(watched);
        }
    }
}

Result<> FolderWatch::wait(const Patience &patience)
{
    const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!stopped)
        return failErrno("eventfd", "wait for a change");
    const std::stop_callback wake(patience.stop, [fd = stopped.get()] { (void)::eventfd_write(fd, 1); });
    const auto until = m_all ? patience.deadline : std::min(patience.deadline, Clock::now() + kWithoutNotice);
    const auto gathering = std::clamp<Clock::duration>(m_roundTook * kGatherRounds, kGather, kLongestGather);
    std::optional<Clock::time_point> gathered;
    if (m_lookAgain)
        gathered = Clock::now() + gathering;
    while (true) {
        const Clock::time_point end = gathered ? std::min(*gathered, until) : until;
        std::array<pollfd, 2> fds{{{stopped.get(), POLLIN, 0}, {m_notify.get(), POLLIN, 0}}};
        // While a burst is gathered what comes needs no look.
        const int ready = ::poll(fds.data(), gathered ? 1 : 2, millisUntil(end));
        if (ready < 0 && errno != EINTR)
            return failErrno("poll", "wait for a change");
        if (patience.stop.stop_requested() || (ready <= 0 && Clock::now() >= end))
            return {};
        if (ready > 0 && drain())
            gathered = Clock::now() + gathering;
    }
}

} // namespace gantry::runtime
