// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gantry::lab {

/// A pod as kubelet asks for one, on the host's network: no network plug-in is needed.
struct Pod
{
    std::string name;
    std::string space; ///< its Kubernetes namespace
    std::string uid;   ///< "8-4-4-4-12"
    std::string handler{}; ///< of the runtime's configuration: empty: its default, "cgroupfs": one without systemd
    /// Path of its cgroup in the hierarchy, as kubelet's systemd or cgroupfs driver has it for a pod without requests.
    [[nodiscard]] std::string slice() const;
};

/// A client of Kubernetes' Container Runtime Interface, in kubelet's place. Every call is bounded; what the runtime says
/// against it is in the error's detail. Thread: any.
class CriClient
{
public:
    /// @param socket the runtime's, by its path. Nothing is connected yet.
    explicit CriClient(const std::string &socket);
    CriClient(const CriClient &) = delete;
    CriClient &operator=(const CriClient &) = delete;
    CriClient(CriClient &&) = delete;
    CriClient &operator=(CriClient &&) = delete;
    ~CriClient();

    /// "containerd 1.7.24". @errors EIO: nobody answers, or nobody who knows the interface.
    [[nodiscard]] Result<std::string> version();
    /// Starts the pod's sandbox with its pause process. @return its id.
    [[nodiscard]] Result<std::string> run(const Pod &pod);
    /// Makes and starts a container in a pod's sandbox. @param memoryMax bytes. @return its id.
    [[nodiscard]] Result<std::string> start(const Pod &pod, const std::string &sandbox, const std::string &name,
                                            const std::string &image, const std::vector<std::string> &command,
                                            std::int64_t memoryMax);
    [[nodiscard]] Result<> removeContainer(const std::string &id);
    /// Ids of all sandboxes, those that ended included.
    [[nodiscard]] Result<std::vector<std::string>> sandboxes();
    /// Ends a pod and all in it, and has it forgotten. No error when it is gone.
    [[nodiscard]] Result<> removePod(const std::string &sandbox);

private:
    class Stub;
    std::unique_ptr<Stub> m_stub;
};

} // namespace gantry::lab
