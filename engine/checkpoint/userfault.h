// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gantry::checkpoint {

/// Whether this kernel tells by userfaultfd(2) of faults and of what a process does to its memory meanwhile (fork,
/// mremap, munmap, madvise), to a process like this one.
[[nodiscard]] bool userfaultWorks();

enum class Put : std::uint8_t {
    Done,
    Again, ///< the process is changing its mappings: read its events first
    Gone   ///< the process, or this address space, is no more
};

/// Puts pages at `address`, and wakes who waits for them; those that are there already stay as they are.
/// @param bytes whole pages. @param unmapped gets the addresses of pages that are in no mapping of this descriptor.
/// @errors of UFFDIO_COPY: ioctl_userfaultfd(2).
[[nodiscard]] Result<Put> putPages(int userfault, std::uint64_t address, std::span<const std::byte> bytes,
                                   std::vector<std::uint64_t> &unmapped);
/// The same with one page of zeros.
[[nodiscard]] Result<Put> putZeros(int userfault, std::uint64_t address);

} // namespace gantry::checkpoint
