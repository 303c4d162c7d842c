// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_store.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/replace_file.h"
#include "engine/base/strings.h"

#include <cstring>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

namespace gantry::service {

using repository::Store;

namespace {

constexpr const char *kLockedRemedy = "type it where Gantry asks for it, or write it into a file that only root may "
                                      "read, and name that in GANTRY_PASSPHRASE_FILE";
constexpr std::string_view kUnlock = "unlock"; ///< what the store says, too, where the key is not its own

/// @errors EPERM: others may read it; of stat(2).
Result<> checkSecret(const std::string &file)
{
    struct stat facts
    {};
    if (::stat(file.c_str(), &facts) != 0)
        return failErrno("stat", file);
    if ((facts.st_mode & 077U) != 0)
        return fail(EPERM, "open", file, "others may read this file", "chmod 600 it");
    return {};
}

/// Only its owner may read a key. @errors EPERM; of stat(2).
Result<> checkKeyFile(const std::string &file)
{
    if (!file.starts_with('/'))
        return fail(EINVAL, "initStore", file, "the key file is named by its absolute path");
    auto checked = checkSecret(file);
    if (!checked && checked.error().posix() == ENOENT)
        checked.error().remedy =
            "make one: (umask 077; dd if=/dev/random bs=32 count=1 of=FILE), and keep a copy apart";
    return checked;
}

} // namespace

Result<std::string> passphraseIn(const std::string &file)
{
    GANTRY_CHECK(checkSecret(file));
    const std::string text = GANTRY_TRY(readFile(file));
    std::string_view rest = text;
    const std::string line(takeLine(rest).value_or(""));
    if (line.empty())
        return fail(ENOKEY, "open", file, "its first line, the passphrase, is empty");
    return line;
}

std::string CheckpointStore::keyFile() const
{
    return m_secrets.keyFile.empty() ? std::string(trim(readFile(keyNote()).value_or(""))) : m_secrets.keyFile;
}

Result<repository::StoreOptions> CheckpointStore::options(bool write) const
{
    repository::StoreOptions out;
    out.write = write;
    if (m_key) {
        out.key = *m_key;
        return out;
    }
    const std::string file = keyFile();
    if (file.empty())
        return out;
    // Told here: a store that is there must not be taken for one that is not.
    if (::access(file.c_str(), R_OK) != 0)
        return fail(ENOKEY, "open", path(), strCat("its key file ", file, ": ", std::strerror(errno)),
                    "bring it back to where it was, or name another place in GANTRY_KEY_FILE");
    out.key = repository::KeyFile{file};
    return out;
}

Result<Store> CheckpointStore::open(bool write)
{
    repository::StoreOptions wanted = GANTRY_TRY(options(write));
    Result<Store> store = Store::open(path(), wanted);
    if (store || store.error().posix() != ENOKEY)
        return store;
    if (m_key) { // somebody has put another one in its place
        m_key.reset();
        return open(write);
    }
    if (!std::holds_alternative<repository::NoKey>(wanted.key))
        return store;
    return openAsking(std::move(wanted), std::move(store).error());
}

CheckpointStore::FileStamp CheckpointStore::FileStamp::of(const std::string &file)
{
    struct stat facts
    {};
    if (::stat(file.c_str(), &facts) != 0)
        return {};
    return {facts.st_dev, facts.st_ino, facts.st_size,
            std::int64_t{facts.st_ctim.tv_sec} * 1'000'000'000 + facts.st_ctim.tv_nsec};
}

CheckpointStore::FileFailure CheckpointStore::filesNow() const
{
    return {FileStamp::of(m_secrets.passphraseFile), FileStamp::of(path() + "/" + repository::kFormatFile), {}, false};
}

bool CheckpointStore::hasFileFailed() const
{
    const FileFailure now = filesNow();
    return m_fileFailed && m_fileFailed->passphrase == now.passphrase && m_fileFailed->store == now.store;
}

Result<Store> CheckpointStore::openBy(std::string &text, repository::StoreOptions &wanted)
{
    wanted.key = repository::Passphrase{text};
    repository::wipe(text);
    Result<Store> store = Store::open(path(), wanted);
    repository::wipe(std::get<repository::Passphrase>(wanted.key).text);
    if (store)
        m_key = store->unlocked();
    return store;
}

Result<Store> CheckpointStore::openByFile(repository::StoreOptions wanted)
{
    if (hasFileFailed() && m_fileFailed->isWrong)
        return std::unexpected(m_fileFailed->error);
    // Looked at before it is read: what is written into it meanwhile is tried the next time.
    FileFailure now = filesNow();
    auto text = passphraseIn(m_secrets.passphraseFile);
    Result<Store> store = text ? openBy(*text, wanted) : std::unexpected(text.error());
    m_fileFailed.reset();
    if (store)
        return store;
    now.error = store.error();
    now.isWrong = text && store.error().posix() == EACCES && store.error().op == kUnlock;
    m_fileFailed = std::move(now);
    return store;
}

Result<Store> CheckpointStore::openAsking(repository::StoreOptions wanted, Error locked)
{
    if (!m_secrets.passphraseFile.empty())
        return openByFile(std::move(wanted));
    locked.remedy = kLockedRemedy;
    Result<Store> store = std::unexpected(std::move(locked));
    for (int i = 0; m_secrets.ask && i < StoreSecrets::kMostAsked; ++i) {
        std::string text = m_secrets.ask();
        if (text.empty())
            break;
        store = openBy(text, wanted);
        if (store || store.error().posix() != EACCES)
            break;
    }
    return store;
}

Result<StoreFacts> CheckpointStore::facts()
{
    using Key = StoreFacts::Key;
    const std::scoped_lock lock(m_mutex);
    StoreFacts out;
    const auto kind = Store::keyKind(path());
    if (!kind && kind.error().posix() != ENOENT)
        return std::unexpected(kind.error());
    const std::string file = keyFile();
    out.exists = kind.has_value();
    if (kind)
        out.key = *kind == "file" ? Key::File : *kind == "passphrase" ? Key::Passphrase : Key::None;
    else if (!file.empty())
        out.key = Key::File;
    else if (!m_secrets.passphraseFile.empty())
        out.key = Key::Passphrase;
    if (out.key == Key::File) {
        out.keyFile = file;
        out.isLocked = out.exists && (file.empty() || ::access(file.c_str(), R_OK) != 0);
    } else if (out.key == Key::Passphrase) {
        out.isLocked = out.exists && !m_key && (m_secrets.passphraseFile.empty() || hasFileFailed());
    }
    return out;
}

Result<> CheckpointStore::mayOpen()
{
    const auto now = facts();
    // Who cannot even look at it is told why by who opens it.
    if (!now || !now->isLocked || (now->key == StoreFacts::Key::Passphrase && m_secrets.ask))
        return {};
    if (now->key == StoreFacts::Key::Passphrase)
        return fail(ENOKEY, "open", path(), "the repository is encrypted: it needs its passphrase", kLockedRemedy);
    return fail(ENOKEY, "open", path(), "the repository is encrypted: it needs its key file",
                "bring it back to where it was, or name another place in GANTRY_KEY_FILE");
}

Result<> CheckpointStore::unlock(std::string passphrase)
{
    const auto wiped = [](std::string *text) { repository::wipe(*text); };
    const std::unique_ptr<std::string, decltype(wiped)> held(&passphrase, wiped);
    if (passphrase.empty() || passphrase.size() > kLongestPassphrase)
        return fail(EINVAL, kUnlock, path(),
                    passphrase.empty() ? "the passphrase is empty" : "the passphrase is too long");
    const std::unique_lock turn(m_unlocking, std::try_to_lock);
    if (!turn)
        return fail(EBUSY, kUnlock, path(), "another passphrase is being tried", "wait a moment");
    const std::string kind = GANTRY_TRY(Store::keyKind(path()));
    if (kind != "passphrase")
        return fail(EINVAL, kUnlock, path(), "it has no passphrase");
    GANTRY_CHECK(m_attempts.mayTry(std::chrono::steady_clock::now(), kUnlock, path()));
    repository::StoreOptions wanted;
    wanted.write = false;
    wanted.key = repository::Passphrase{passphrase};
    const auto opened = Store::open(path(), wanted);
    repository::wipe(std::get<repository::Passphrase>(wanted.key).text);
    if (!opened) {
        if (opened.error().posix() == EACCES && opened.error().op == kUnlock) // not of the medium
            m_attempts.noteWrong(std::chrono::steady_clock::now());
        return std::unexpected(opened.error());
    }
    m_attempts.noteRight();
    const std::scoped_lock lock(m_mutex);
    m_key = opened->unlocked();
    return {};
}

Result<> CheckpointStore::create(const std::string &keyFile, const std::string &passphrase)
{
    if (!keyFile.empty() && !passphrase.empty())
        return fail(EINVAL, "initStore", path(), "a key file and a passphrase: it takes one of them");
    std::unique_lock lock(m_mutex);
    m_closed.wait(lock, [this] { return !m_open || !m_writing.expired(); });
    std::error_code failed;
    std::filesystem::create_directories(m_stateFolder, failed);
    if (failed)
        return failErrno("mkdir", m_stateFolder, failed.value());
    repository::StoreOptions wanted;
    if (!keyFile.empty()) {
        GANTRY_CHECK(checkKeyFile(keyFile));
        wanted.key = repository::KeyFile{keyFile};
    }
    if (std::filesystem::exists(path() + "/format", failed))
        return fail(EEXIST, "initStore", path(), "there is a store already", "it stays as it is; move it away first");
    if (!passphrase.empty())
        wanted.key = repository::Passphrase{passphrase};
    const Store made = GANTRY_TRY(Store::create(path(), std::move(wanted)));
    if (!passphrase.empty())
        m_key = made.unlocked();
    if (keyFile.empty())
        return {};
    return replaceFile(keyNote(), keyFile + "\n");
}

Result<CheckpointStore::StorePtr> CheckpointStore::forWriting()
{
    std::unique_lock lock(m_mutex);
    if (StorePtr open = m_writing.lock())
        return open;
    m_closed.wait(lock, [this] { return !m_open; }); // the last who wrote is letting go of it
    if (StorePtr open = m_writing.lock())
        return open;
    std::error_code failed;
    std::filesystem::create_directories(m_stateFolder, failed);
    if (failed)
        return failErrno("mkdir", m_stateFolder, failed.value());
    Result<Store> store = open(true);
    if (!store && store.error().posix() == ENOENT) {
        m_key.reset(); // of one that was there before
        repository::StoreOptions wanted = GANTRY_TRY(options(true));
        const bool byFile = std::holds_alternative<repository::NoKey>(wanted.key) && !m_secrets.passphraseFile.empty();
        if (byFile)
            wanted.key = repository::Passphrase{GANTRY_TRY(passphraseIn(m_secrets.passphraseFile))};
        store = Store::create(path(), std::move(wanted));
        if (store && byFile)
            m_key = store->unlocked();
    }
    Store opened = GANTRY_TRY(std::move(store));
    StorePtr out(new Store(std::move(opened)), [this](const Store *done) {
        delete done;
        const std::scoped_lock closed(m_mutex);
        m_open = false;
        m_closed.notify_all();
    });
    m_open = true;
    m_writing = out;
    return out;
}

Result<CheckpointStore::Turn> CheckpointStore::turnFor(std::int32_t pid, std::chrono::steady_clock::time_point until,
                                                       const std::stop_token &stop)
{
    std::unique_lock lock(m_turns);
    if (!m_turnEnded.wait_until(lock, stop, until, [&] { return !m_saving.contains(pid); }))
        return fail(stop.stop_requested() ? ECANCELED : ETIMEDOUT, "checkpoint", strCat("pid ", pid),
                    "another checkpoint of it is being taken");
    m_saving.insert(pid);
    return Turn(*this, pid);
}

CheckpointStore::Turn::~Turn()
{
    if (m_store == nullptr)
        return;
    {
        const std::scoped_lock lock(m_store->m_turns);
        m_store->m_saving.erase(m_pid);
    }
    m_store->m_turnEnded.notify_all();
}

Result<CheckpointStore::StorePtr> CheckpointStore::forReading()
{
    const std::scoped_lock lock(m_mutex);
    if (StorePtr open = m_writing.lock())
        return open;
    Result<Store> store = open(false);
    if (!store && store.error().posix() == ENOENT)
        return nullptr;
    return std::make_shared<Store>(GANTRY_TRY(std::move(store)));
}

} // namespace gantry::service
