// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/service/caller.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace grpc {
class Channel;
}

namespace gantry::service {

/// Everything that touches the kernel, behind the services of gantry.v1: inventory, sampler, alerts, verbs, on threads
/// of its own. Thread: any.
class Engine
{
public:
    struct Options
    {
        std::string stateFolder; ///< of the alert rules and the audit file; empty: control::AuditLog::defaultPlaces()
        /// Of the store of checkpoints. Empty: $GANTRY_KEY_FILE, else the one that the store was made with.
        std::string keyFile{};
        /// Asks a person for that store's passphrase, where $GANTRY_PASSPHRASE_FILE names none; see StoreSecrets.
        std::function<std::string()> askPassphrase{};
        std::vector<std::string> protectedPaths;         ///< cgroups never changed, with all below them
        std::chrono::milliseconds sampleInterval{1'000}; ///< 100 ms .. 60 s
        /// Waits this long at the start for what the container runtimes tell, so that the first tree has it.
        std::chrono::milliseconds runtimePatience{0};
        bool alerts = true; ///< watch limits and evaluate rules; a single command has no use for it
        bool schedules = true; ///< run the host's schedules, where no other engine does
        bool criu = true;   ///< find out at the start what CRIU can do; Host.Info has nothing of it otherwise
    };

    /// Walks the tree and starts all threads; answers calls on return. Not root: reads what it may and refuses every
    /// change (Host.Hello tells which right is missing).
    /// @errors of finding the hierarchies, of the event loop, of walking when no hierarchy can be walked.
    [[nodiscard]] static Result<std::unique_ptr<Engine>> start(Options options);
    Engine(const Engine &) = delete;
    Engine &operator=(const Engine &) = delete;
    Engine(Engine &&) = delete;
    Engine &operator=(Engine &&) = delete;
    /// Ends the streams, waits for the calls that are running (at most 2 s each) and for the verbs on their workers.
    ~Engine();

    /// Channel to the services without a socket. Must not be used after the engine has gone.
    [[nodiscard]] std::shared_ptr<grpc::Channel> inProcessChannel();
    /// Serves one connected stream socket until the peer leaves. @param caller what it may, besides what the engine
    /// may. @errors of fcntl(2).
    [[nodiscard]] Result<> serveFd(UniqueFd connectedSocket, Caller caller = {});
    /// Whether the engine's loop does what it is asked within `patience`. Thread: any but the loop's.
    [[nodiscard]] bool answers(std::chrono::milliseconds patience) const;

private:
    class Impl;
    explicit Engine(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace gantry::service
