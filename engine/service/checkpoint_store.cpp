// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_store.h"

#include "engine/base/strings.h"

#include <filesystem>

namespace gantry::service {

using repository::Store;

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
    Result<Store> store = Store::open(path(), {});
    if (!store && store.error().posix() == ENOENT)
        store = Store::create(path(), {});
    StorePtr out(new Store(GANTRY_TRY(std::move(store))), [this](const Store *done) {
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
    repository::StoreOptions options;
    options.write = false;
    Result<Store> store = Store::open(path(), std::move(options));
    if (!store && store.error().posix() == ENOENT)
        return nullptr;
    return std::make_shared<Store>(GANTRY_TRY(std::move(store)));
}

} // namespace gantry::service
