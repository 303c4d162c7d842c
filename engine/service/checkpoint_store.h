// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/store.h"

#include <memory>
#include <mutex>
#include <string>

namespace gantry::service {

/// The host's store of checkpoints. Open for writing only while somebody writes: one process may at a time, and console
/// and gantryctl each have an engine of their own. Thread: any; opening blocks.
class CheckpointStore
{
public:
    using StorePtr = std::shared_ptr<repository::Store>;

    explicit CheckpointStore(std::string stateFolder) : m_stateFolder(std::move(stateFolder)) {}

    /// Makes it where there is none. Shared by all who write at the same time.
    /// @errors EBUSY naming who writes; of the medium.
    [[nodiscard]] Result<StorePtr> forWriting();
    /// @return null: there is none yet. @errors of the medium.
    [[nodiscard]] Result<StorePtr> forReading();

    /// For images that memory does not hold.
    [[nodiscard]] const std::string &spillFolder() const { return m_stateFolder; }

private:
    [[nodiscard]] std::string path() const { return m_stateFolder + "/repository"; }

    const std::string m_stateFolder;
    std::mutex m_mutex;
    std::weak_ptr<repository::Store> m_writing; ///< under m_mutex
};

} // namespace gantry::service
