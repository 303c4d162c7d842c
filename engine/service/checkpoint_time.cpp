// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's calls about checkpoints on the time axis: their labels.
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/status.h"

#include <functional>

namespace gantry::service {

using repository::Checkpoint;

namespace {

/// One label that is to change.
struct Edit
{
    const char *key;
    std::string before;
    std::string after;
    std::function<Result<>()> apply;
};

std::string pinText(bool pinned)
{
    return pinned ? "pinned" : "not pinned";
}

std::vector<Edit> editsOf(const v1::UpdateCheckpointRequest &request, const Checkpoint &one, repository::Store &store)
{
    std::vector<Edit> out;
    if (request.has_name())
        out.push_back(
            {"name", one.manifest.name, request.name(), [&] { return store.rename(one.id, request.name()); }});
    if (request.has_note())
        out.push_back({"note", one.manifest.note, request.note(), [&] { return store.note(one.id, request.note()); }});
    if (request.has_pinned())
        out.push_back({"pinned", pinText(one.pinned), pinText(request.pinned()),
                       [&] { return store.pin(one.id, request.pinned()); }});
    std::erase_if(out, [](const Edit &edit) { return edit.before == edit.after; });
    return out;
}

} // namespace

grpc::Status CheckpointService::Update(grpc::ServerContext *context, const v1::UpdateCheckpointRequest *request,
                                       v1::UpdateCheckpointReply *reply)
{
    return toStatus([&]() -> Result<> {
        if (!request->has_name() && !request->has_note() && !request->has_pinned())
            return fail(EINVAL, "updateCheckpoint", printable(request->checkpoint()), "nothing is to be changed",
                        "give a name, a note, or whether it is pinned");
        GANTRY_CHECK(mayAct("updateCheckpoint", printable(request->checkpoint())));
        GANTRY_CHECK(checkLabel("updateCheckpoint", request->name()));
        GANTRY_CHECK(checkLabel("updateCheckpoint", request->note()));
        const CheckpointStore::StorePtr reading = GANTRY_TRY(m_parts.store.forReading());
        const Checkpoint looked = GANTRY_TRY(theOne(reading, request->checkpoint()));
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forWriting());
        const Checkpoint one = GANTRY_TRY(store->checkpoint(looked.id)); // as it is now that nobody else writes
        const std::string actor =
            m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()).text();
        for (const Edit &edit : editsOf(*request, one, *store)) {
            const auto done = edit.apply();
            const auto written = m_parts.audit.record({.verb = "updateCheckpoint",
                                                       .target = one.id.text(),
                                                       .key = edit.key,
                                                       .oldValue = edit.before,
                                                       .newValue = edit.after,
                                                       .actor = actor,
                                                       .result = done ? "done" : done.error().message(),
                                                       .failed = !done});
            if (!written)
                reply->set_not_recorded(printable(written.error().message()));
            GANTRY_CHECK(done);
        }
        *reply->mutable_checkpoint() = toMessage(GANTRY_TRY(store->checkpoint(one.id)));
        return {};
    }());
}

} // namespace gantry::service
