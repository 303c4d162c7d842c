// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/userfault.h"

#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/lazy_map.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr std::uint64_t kPage = LazyMap::kPage;
/// CRIU asks for the same.
constexpr std::uint64_t kFeatures =
    UFFD_FEATURE_EVENT_FORK | UFFD_FEATURE_EVENT_REMAP | UFFD_FEATURE_EVENT_REMOVE | UFFD_FEATURE_EVENT_UNMAP;

void wake(int userfault, std::uint64_t address)
{
    uffdio_range range{.start = address, .len = kPage};
    (void)::ioctl(userfault, UFFDIO_WAKE, &range); // who does not wait need not be woken
}

} // namespace

bool userfaultWorks()
{
    const UniqueFd fd(static_cast<int>(::syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK)));
    uffdio_api api{.api = UFFD_API, .features = kFeatures, .ioctls = 0};
    return fd && ::ioctl(fd.get(), UFFDIO_API, &api) == 0;
}

Result<Put> putPages(int userfault, std::uint64_t address, std::span<const std::byte> bytes,
                     std::vector<std::uint64_t> &unmapped)
{
    for (std::size_t done = 0; done < bytes.size();) {
        const std::span<const std::byte> rest = bytes.subspan(done);
        uffdio_copy copy{.dst = address + done,
                         .src = reinterpret_cast<std::uint64_t>(rest.data()),
                         .len = rest.size(),
                         .mode = 0,
                         .copy = 0};
        const int failed = ::ioctl(userfault, UFFDIO_COPY, &copy) == 0 ? 0 : errno;
        if (copy.copy > 0) {
            done += static_cast<std::size_t>(copy.copy);
        } else if (failed == EEXIST) {
            wake(userfault, address + done);
            done += kPage;
        } else if (failed == EAGAIN) {
            return Put::Again;
        } else if (failed == ESRCH) {
            return Put::Gone;
        } else if (failed == ENOENT && rest.size() > kPage) {
            // More than one mapping: one call is for one.
            const std::size_t half = rest.size() / kPage / 2 * kPage;
            const Put first = GANTRY_TRY(putPages(userfault, address + done, rest.first(half), unmapped));
            if (first != Put::Done)
                return first;
            return putPages(userfault, address + done + half, rest.subspan(half), unmapped);
        } else if (failed == ENOENT) {
            unmapped.push_back(address + done);
            done += kPage;
        } else {
            return failErrno("UFFDIO_COPY", strCat("address ", address + done), failed);
        }
    }
    return Put::Done;
}

Result<Put> putZeros(int userfault, std::uint64_t address)
{
    uffdio_zeropage zero{.range = {.start = address, .len = kPage}, .mode = 0, .zeropage = 0};
    const int failed = ::ioctl(userfault, UFFDIO_ZEROPAGE, &zero) == 0 ? 0 : errno;
    switch (failed) {
    case 0:
        return Put::Done;
    case EEXIST:
    case ENOENT: // it is not mapped any more: who touches it learns that by itself
        wake(userfault, address);
        return Put::Done;
    case EAGAIN:
        return Put::Again;
    case ESRCH:
        return Put::Gone;
    default:
        return failErrno("UFFDIO_ZEROPAGE", strCat("address ", address), failed);
    }
}

} // namespace gantry::checkpoint
