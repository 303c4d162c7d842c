// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/service/engine.h"

#include <memory>

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
        if (!m_engine)
            m_engine = GANTRY_TRY(service::Engine::start(m_options));
        return m_engine->inProcessChannel();
    }

private:
    service::Engine::Options m_options;
    std::unique_ptr<service::Engine> m_engine;
};

} // namespace gantry::console
