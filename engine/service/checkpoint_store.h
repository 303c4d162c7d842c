// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/store.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

namespace gantry::service {

/// How an encrypted store is opened. What is empty is not there.
struct StoreSecrets
{
    std::string keyFile;        ///< else the one that create() was given
    std::string passphraseFile; ///< its first line is the passphrase
    /// Asks a person; empty: nobody answers. On the thread of the call, which waits; at most kMostAsked times.
    std::function<std::string()> ask;

    static constexpr int kMostAsked = 3;
};

/// The first line of a file that only its owner may read. @errors EPERM: others may; ENOKEY: it is empty; of reading it.
[[nodiscard]] Result<std::string> passphraseIn(const std::string &file);

/// The host's store of checkpoints. Open for writing only while somebody writes: one process may at a time, and console
/// and gantryctl each have an engine of their own. Thread: any; opening blocks.
class CheckpointStore
{
public:
    using StorePtr = std::shared_ptr<repository::Store>;

    explicit CheckpointStore(std::string stateFolder, StoreSecrets secrets = {})
        : m_stateFolder(std::move(stateFolder)), m_secrets(std::move(secrets))
    {}
    CheckpointStore(const CheckpointStore &) = delete;
    CheckpointStore &operator=(const CheckpointStore &) = delete;
    CheckpointStore(CheckpointStore &&) = delete;
    CheckpointStore &operator=(CheckpointStore &&) = delete;
    ~CheckpointStore();

    /// Makes it; not encrypted where both are empty. @param keyFile absolute. @param passphrase kept in memory alone.
    /// @errors EEXIST: there is one; EINVAL: both, a relative path, or a key that is too short; EPERM: others may read
    /// the key file; of reading it.
    [[nodiscard]] Result<> create(const std::string &keyFile, const std::string &passphrase);

    /// Makes it where there is none. Shared by all who write at the same time. Whoever opens one with a passphrase waits
    /// for the person who is asked for it, and others wait for that.
    /// @errors EBUSY naming who writes; ENOKEY naming the key file that is missing, or that it wants a passphrase;
    /// EACCES: it is another one; of the medium.
    [[nodiscard]] Result<StorePtr> forWriting();
    /// @return null: there is none yet. @errors of the medium.
    [[nodiscard]] Result<StorePtr> forReading();

    /// Waits until no other checkpoint of this tree is being taken: two CRIUs cannot trace one process. (Of two
    /// processes one has the store.) Destroyed, it lets the next one go on.
    class Turn
    {
    public:
        Turn(CheckpointStore &store, std::int32_t pid) : m_store(&store), m_pid(pid) {}
        Turn(Turn &&o) noexcept : m_store(std::exchange(o.m_store, nullptr)), m_pid(o.m_pid) {}
        Turn &operator=(Turn &&) = delete;
        Turn(const Turn &) = delete;
        Turn &operator=(const Turn &) = delete;
        ~Turn();

    private:
        CheckpointStore *m_store;
        std::int32_t m_pid;
    };
    /// @errors ETIMEDOUT, ECANCELED.
    [[nodiscard]] Result<Turn> turnFor(std::int32_t pid, std::chrono::steady_clock::time_point until,
                                       const std::stop_token &stop);

    [[nodiscard]] std::string path() const { return m_stateFolder + "/repository"; }

    /// For images that memory does not hold.
    [[nodiscard]] const std::string &spillFolder() const { return m_stateFolder; }

private:
    /// Keeps where the key file is.
    [[nodiscard]] std::string keyNote() const { return m_stateFolder + "/repository.key"; }
    [[nodiscard]] Result<repository::StoreOptions> options(bool write) const;
    /// What is there. Under m_mutex. @errors ENOENT: none.
    [[nodiscard]] Result<repository::Store> open(bool write);

    const std::string m_stateFolder;
    const StoreSecrets m_secrets;
    std::mutex m_mutex;
    std::string m_passphrase; ///< that fitted; under m_mutex
    std::weak_ptr<repository::Store> m_writing; ///< under m_mutex
    bool m_open = false; ///< that one holds the store's lock, or is about to let go of it; under m_mutex
    std::condition_variable m_closed;
    std::mutex m_turns;
    std::condition_variable_any m_turnEnded;
    std::set<std::int32_t> m_saving; ///< first processes; under m_turns
};

} // namespace gantry::service
