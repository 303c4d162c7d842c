// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/worker_pool.h"
#include "engine/service/checkpoint_service.h"

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace gantry::service {

/// Takes the requests of programs that want a checkpoint of themselves: the datagram "checkpoint" to a UNIX socket of
/// this host. Who asks the kernel tells (SCM_CREDENTIALS, unix(7)), so it is always the asker that is saved: the
/// container that it is in, otherwise it and what it has started. Taken from root and from what is in a container; each
/// subject once in kEvery, one at a time. A refusal is the datagram "refused WHY" to its own socket where it has one
/// (see checkpoint::ProgramTalk). What is taken is in the audit log, with who asked, and has the trigger "program".
/// Of several engines one takes them. Thread: start() any, once.
class ProgramRequests
{
public:
    static constexpr std::chrono::seconds kEvery{10};

    struct Parts
    {
        CheckpointService &checkpoints;
        CheckpointStore &store;
        control::Executor &executor;
        const Targets &targets;
        const inventory::Inventory &inventory;
    };
    /// @param parts must outlive it.
    explicit ProgramRequests(Parts parts) : m_parts(parts) {}

    void start();
    /// Where the socket is: see launch::programsFolder().
    [[nodiscard]] static std::string pathFor(const std::string &stateFolder);

private:
    /// Who asks, as the kernel says.
    struct Asker
    {
        std::int32_t pid = 0;
        std::uint32_t uid = 0;
        std::string comm;
    };

    void run(const std::stop_token &stop);
    /// @errors of the file, of bind(2); EBUSY: another engine takes them.
    [[nodiscard]] Result<> open();
    void receive();
    /// @errors EPERM, EBUSY (one is being made, or was a moment ago).
    [[nodiscard]] Result<> take(const Asker &asker, std::string_view words);
    [[nodiscard]] Result<v1::Target> targetOf(const Asker &asker) const;
    [[nodiscard]] Result<> save(const v1::Target &target, const Asker &asker) const;

    const Parts m_parts;
    UniqueFd m_turn; ///< held while they are ours to take
    UniqueFd m_socket;
    std::string m_problem; ///< logged once
    std::mutex m_mutex;
    std::map<std::string, std::chrono::steady_clock::time_point> m_next; ///< under m_mutex: from when on, by subject
    WorkerPool m_workers{2};
    std::jthread m_thread;
};

} // namespace gantry::service
