// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/repository/store.h"
#include "engine/service/attempts.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
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

/// What is known of the store without its key.
struct StoreFacts
{
    enum class Key : std::uint8_t { None, File, Passphrase };

    bool exists = false;
    Key key = Key::None;   ///< what encrypts it; where there is none yet: what the first checkpoint would make
    bool isLocked = false; ///< it is there, and nobody can open it before its key is
    std::string keyFile;   ///< where it is looked for; empty: there is none
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
    ~CheckpointStore() = default;

    /// Makes it; not encrypted where both are empty. @param keyFile absolute. @param passphrase kept in memory alone.
    /// @errors EEXIST: there is one; EINVAL: both, a relative path, or a key that is too short; EPERM: others may read
    /// the key file; of reading it.
    [[nodiscard]] Result<> create(const std::string &keyFile, const std::string &passphrase);

    /// Waits while another call opens it. @errors as repository::Store::keyKind(), but ENOENT.
    [[nodiscard]] Result<StoreFacts> facts();

    /// Tries the passphrase, which takes as long as Argon2id does; if it fits the key is kept until this object dies,
    /// not the passphrase. Others open what is open meanwhile, and are told what is locked.
    /// @errors EACCES: not this one; EAGAIN: too many wrong ones, see Attempts; EBUSY: another one is being tried;
    /// EINVAL: it is empty or longer than kLongestPassphrase, or the store wants none; ENOENT: there is no store.
    [[nodiscard]] Result<> unlock(std::string passphrase);
    static constexpr std::size_t kLongestPassphrase = 4'096; ///< bytes

    /// What forWriting() would say of the key, where nobody is asked; opens nothing. @errors ENOKEY.
    [[nodiscard]] Result<> mayOpen();

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
    /// What a file was when it was looked at. All 0: it could not be.
    struct FileStamp
    {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = 0;
        std::int64_t changed = 0; ///< ns since 1970: its content or its rights

        [[nodiscard]] static FileStamp of(const std::string &file);
        friend bool operator==(const FileStamp &, const FileStamp &) = default;
    };
    /// The file with the passphrase did not open the store: it will not either, as long as both are what they were.
    struct FileFailure
    {
        FileStamp passphrase;
        FileStamp store;
        Error error;
        bool isWrong = false; ///< that is known by the store, which takes as long as Argon2id does
    };

    /// Keeps where the key file is.
    [[nodiscard]] std::string keyNote() const { return m_stateFolder + "/repository.key"; }
    [[nodiscard]] Result<repository::StoreOptions> options(bool write) const;
    /// What is there. Under m_mutex. @errors ENOENT: none.
    [[nodiscard]] Result<repository::Store> open(bool write);
    /// Asks for the passphrase. Under m_mutex. @param locked what was said of the store without.
    [[nodiscard]] Result<repository::Store> openAsking(repository::StoreOptions wanted, Error locked);
    /// By the passphrase in the file. Under m_mutex.
    [[nodiscard]] Result<repository::Store> openByFile(repository::StoreOptions wanted);
    /// Tries one, and keeps the key where it fits. Under m_mutex. @param text is wiped.
    [[nodiscard]] Result<repository::Store> openBy(std::string &text, repository::StoreOptions &wanted);
    /// What there is to say of the file and the store now; its error is empty. Under m_mutex.
    [[nodiscard]] FileFailure filesNow() const;
    /// Both are what they were when the file failed. Under m_mutex.
    [[nodiscard]] bool hasFileFailed() const;
    [[nodiscard]] std::string keyFile() const;

    const std::string m_stateFolder;
    const StoreSecrets m_secrets;
    std::mutex m_mutex;
    std::optional<repository::Unlocked> m_key; ///< that a passphrase gave; under m_mutex
    std::optional<FileFailure> m_fileFailed;   ///< how the passphrase in the file did last; under m_mutex
    std::mutex m_unlocking;
    Attempts m_attempts;                        ///< under m_unlocking
    std::weak_ptr<repository::Store> m_writing; ///< under m_mutex
    bool m_open = false; ///< that one holds the store's lock, or is about to let go of it; under m_mutex
    std::condition_variable m_closed;
    std::mutex m_turns;
    std::condition_variable_any m_turnEnded;
    std::set<std::int32_t> m_saving; ///< first processes; under m_turns
};

} // namespace gantry::service
