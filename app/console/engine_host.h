// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/service/engine.h"

#include <memory>

#include <sys/resource.h>

namespace gantry::console {

/// The engine of this machine, inside the console. Must outlive the client that dials it.
class EngineHost
{
public:
    explicit EngineHost(service::Engine::Options options) : m_options(std::move(options)) {}

    /// For HostClient: starts the engine at the first call, which walks the cgroup tree. Thread: the client's link.
    /// @errors of Engine::start(); the next call tries again.
    [[nodiscard]] Result<std::shared_ptr<grpc::Channel>> dial()
    {
        if (!m_engine) {
            // Its threads inherit this from here: a scan that takes every core for a moment must not take it from the
            // window. Kernel: of the calling thread only, setpriority(2). Where it fails the window is less smooth.
            (void)::setpriority(PRIO_PROCESS, 0, kEngineNice);
            m_engine = GANTRY_TRY(service::Engine::start(m_options));
        }
        return m_engine->inProcessChannel();
    }

private:
    static constexpr int kEngineNice = 5; ///< as nice(1): a third of the window's share where both want a core

    service::Engine::Options m_options;
    std::unique_ptr<service::Engine> m_engine;
};

} // namespace gantry::console
