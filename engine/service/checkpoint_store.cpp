// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/checkpoint_store.h"

#include <filesystem>

namespace gantry::service {

using repository::Store;

Result<CheckpointStore::StorePtr> CheckpointStore::forWriting()
{
    const std::scoped_lock lock(m_mutex);
    if (StorePtr open = m_writing.lock())
        return open;
    std::error_code failed;
    std::filesystem::create_directories(m_stateFolder, failed);
    if (failed)
        return failErrno("mkdir", m_stateFolder, failed.value());
    Result<Store> store = Store::open(path(), {});
    if (!store && store.error().posix() == ENOENT)
        store = Store::create(path(), {});
    StorePtr out = std::make_shared<Store>(GANTRY_TRY(std::move(store)));
    m_writing = out;
    return out;
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
