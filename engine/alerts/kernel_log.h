// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/alerts/oom_lines.h"
#include "engine/base/event_loop.h"
#include "engine/base/fd.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gantry::alerts {

/// Reads what the kernel logs from now on. Source: Documentation/ABI/testing/dev-kmsg. Thread: the loop's.
class KernelLog
{
public:
    struct Callbacks
    {
        std::function<void(const KernelLine &)> line;
        std::function<void()> pause;               ///< after some lines: all that were there, or kMostAtOnce
        std::function<void(const Error &)> failed; ///< it cannot be read any more; the log may not be destroyed in it
    };
    /// Read before the loop's other sources get their turn.
    static constexpr std::size_t kMostAtOnce = 512;

    /// /dev/kmsg, at its end: only what is logged from now on is read.
    /// @errors EPERM where kernel.dmesg_restrict asks for CAP_SYSLOG, ENOENT in a container without it, ...
    [[nodiscard]] static Result<UniqueFd> open(const std::string &path = "/dev/kmsg");
    /// @param log gives one record with each read(2), as open()'s does; non-blocking.
    [[nodiscard]] static Result<std::unique_ptr<KernelLog>> watch(EventLoop &loop, UniqueFd log, Callbacks callbacks);

private:
    KernelLog(UniqueFd log, Callbacks callbacks) : m_log(std::move(log)), m_callbacks(std::move(callbacks)) {}
    void read();
    /// @return false if there is nothing more for now.
    bool readOne();

    UniqueFd m_log;
    Callbacks m_callbacks;
    std::vector<char> m_buffer = std::vector<char>(kRecordBytes);
    EventSource m_source; ///< after the descriptor: stopped first

    /// Kernel: a shorter buffer gives EINVAL; PRINTKRB_RECORD_MAX with every byte escaped is less.
    static constexpr std::size_t kRecordBytes = 16'384;
};

} // namespace gantry::alerts
