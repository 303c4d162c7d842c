// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/fd.h"

#include <cstdint>
#include <memory>

namespace gantry::checkpoint {

/// Stands by while processes run whose memory is still coming in. If this program dies meanwhile, the kernel would give
/// them empty pages in place of their own, and nobody would know: a process beside it, which does nothing else, holds
/// the descriptors open then (who waits for a page waits on) and kills them. Their checkpoint is in the store as it
/// was. Thread: any, one at a time.
class RestoreGuard
{
public:
    /// @errors of fork(2), socketpair(2).
    [[nodiscard]] static Result<std::unique_ptr<RestoreGuard>> start();
    RestoreGuard(const RestoreGuard &) = delete;
    RestoreGuard &operator=(const RestoreGuard &) = delete;
    RestoreGuard(RestoreGuard &&) = delete;
    RestoreGuard &operator=(RestoreGuard &&) = delete;
    /// It goes; the processes stay.
    ~RestoreGuard();

    /// Holds a userfaultfd, too. @errors EPIPE: the guard is gone.
    [[nodiscard]] Result<> hold(int userfault);
    /// Kills this process then. @errors of pidfd_open(2): ESRCH; EPIPE.
    [[nodiscard]] Result<> watch(std::int32_t pid);

private:
    RestoreGuard(UniqueFd socket, std::int32_t pid) : m_socket(std::move(socket)), m_pid(pid) {}

    const UniqueFd m_socket;
    const std::int32_t m_pid;
};

} // namespace gantry::checkpoint
