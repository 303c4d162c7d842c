// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/process/process.h"
#include "engine/runtime/source.h"

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace gantry::checkpoint {

/// Ends the CRIU of a runtime that restores, with all that it has begun to make, so that the runtime fails and cleans
/// up: where the caller does not wait any longer, and where CRIU's first process was killed (by the kernel, for want of
/// memory), on whose children the runtime would wait for ever. A runtime that is killed itself leaves both behind.
/// Thread: of its own, until the runtime has ended and this is destroyed.
class RuntimeWatch
{
public:
    /// @param mark the folder of CRIU's log; stands in the command lines of the runtime and of its keeper, and in no
    /// other.
    RuntimeWatch(std::string mark, runtime::Patience patience);

private:
    void run(const std::stop_token &over) const;
    /// The process that the keeper has started; 0: not yet.
    [[nodiscard]] std::int32_t runtime() const;
    [[nodiscard]] bool isMarked(std::int32_t pid) const;
    /// The processes of CRIU that it waits for.
    [[nodiscard]] std::vector<process::Stat> criusNow() const;

    std::string m_mark;
    runtime::Patience m_patience;
    std::jthread m_thread;
};

/// Ends what a killed CRIU has left of a runtime that saves, so that the runtime fails: CRIU tries what the kernel can
/// on a child of its own, which sleeps for ever and has the socket that the runtime reads open, too
/// (fork_and_ptrace_attach() in criu/kerndat.c). Thread: of its own, until the runtime has ended and this is destroyed.
class DumpWatch
{
public:
    /// @param mark as RuntimeWatch's; the runtime leads a process group (Child::start()).
    explicit DumpWatch(std::string mark);

private:
    void run(const std::stop_token &over) const;
    /// Processes of CRIU in the group of the runtime, none of which the runtime has started.
    [[nodiscard]] std::vector<std::int32_t> orphans() const;

    std::string m_mark;
    std::jthread m_thread;
};

} // namespace gantry::checkpoint
