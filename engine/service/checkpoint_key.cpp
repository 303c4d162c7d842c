// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's calls about the key of the store.
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/status.h"

namespace gantry::service {

namespace {

v1::StoreStateReply::Key keyMessage(StoreFacts::Key key)
{
    switch (key) {
    case StoreFacts::Key::None:
        return v1::StoreStateReply::KEY_NONE;
    case StoreFacts::Key::File:
        return v1::StoreStateReply::KEY_FILE;
    case StoreFacts::Key::Passphrase:
        return v1::StoreStateReply::KEY_PASSPHRASE;
    }
    return v1::StoreStateReply::KEY_UNSPECIFIED;
}

} // namespace

grpc::Status CheckpointService::StoreState(grpc::ServerContext * /*context*/, const v1::StoreStateRequest * /*request*/,
                                           v1::StoreStateReply *reply)
{
    return toStatus([&]() -> Result<> {
        const StoreFacts facts = GANTRY_TRY(m_parts.store.facts());
        reply->set_exists(facts.exists);
        reply->set_path(m_parts.store.path());
        reply->set_key(keyMessage(facts.key));
        reply->set_key_file(printable(facts.keyFile));
        reply->set_locked(facts.isLocked);
        return {};
    }());
}

grpc::Status CheckpointService::UnlockStore(grpc::ServerContext *context, const v1::UnlockStoreRequest *request,
                                            v1::UnlockStoreReply *reply)
{
    return toStatus([&]() -> Result<> {
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "unlock", m_parts.store.path()));
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        const auto unlocked = m_parts.store.unlock(request->passphrase());
        reply->set_not_recorded(record(m_parts.audit, "unlockStore", m_parts.store.path(), {}, actor,
                                       unlocked ? nullptr : &unlocked.error()));
        return unlocked;
    }());
}

} // namespace gantry::service
