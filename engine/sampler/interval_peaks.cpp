// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/interval_peaks.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace gantry::sampler {

namespace {

constexpr const char *kFile = "memory.peak";

Error peakError(const cgroup::Cgroup &cgroup, int err)
{
    return failErrno("reset the peak of", strCat(cgroup.path.text(), '/', kFile), err).error();
}

bool isCgroup2(int fd)
{
    struct statfs info{};
    return ::fstatfs(fd, &info) == 0 && info.f_type == CGROUP2_SUPER_MAGIC;
}

bool isForGood(const Error &error)
{
    return error.posix() == ENOTSUP || error.posix() == EACCES || error.posix() == EPERM;
}

/// Kernel: what the text is does not matter.
bool reset(int fd)
{
    return ::pwrite(fd, "0", 1, 0) == 1;
}

} // namespace

void IntervalPeaks::keep(std::span<const NodeId> ids)
{
    std::erase_if(m_watches, [ids](const auto &entry) { return !std::ranges::count(ids, entry.first); });
}

Result<UniqueFd> IntervalPeaks::begin(const cgroup::Hierarchy &hierarchy, const cgroup::Cgroup &cgroup)
{
    const auto refuse = [&cgroup](int err) { return std::unexpected(peakError(cgroup, err)); };
    if (hierarchy.version != cgroup::Version::V2)
        return refuse(ENOTSUP);
    const auto dir = cgroup::openCgroup(hierarchy, cgroup);
    if (!dir)
        return refuse(dir.error().posix());
    // Kernel: before 6.12 the file cannot be written to, whoever asks (cgroup-v2.rst).
    struct stat info{};
    if (!isCgroup2(dir->get()) || ::fstatat(dir->get(), kFile, &info, 0) != 0 || (info.st_mode & S_IWUSR) == 0)
        return refuse(ENOTSUP);
    auto fd = openAt(dir->get(), kFile, O_RDWR);
    if (!fd)
        return refuse(fd.error().posix());
    if (!reset(fd->get()))
        return refuse(errno);
    return fd;
}

Result<std::optional<std::uint64_t>> IntervalPeaks::take(const cgroup::Hierarchy &hierarchy,
                                                         const cgroup::Cgroup &cgroup)
{
    const auto found = m_watches.find(cgroup.id);
    if (found == m_watches.end()) {
        auto begun = begin(hierarchy, cgroup);
        std::optional<Error> why;
        if (!begun)
            why = begun.error();
        if (!why || isForGood(*why))
            m_watches.emplace(cgroup.id, std::move(begun));
        if (why)
            return std::unexpected(std::move(*why));
        return std::nullopt;
    }
    if (!found->second)
        return std::unexpected(found->second.error());
    const int fd = found->second->get();
    std::array<char, 32> text{};
    const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
    if (n < 0 || !reset(fd))
        return std::unexpected(peakError(cgroup, errno));
    return parseU64(trim(std::string_view(text.data(), static_cast<std::size_t>(n))));
}

} // namespace gantry::sampler
