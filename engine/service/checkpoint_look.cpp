// SPDX-License-Identifier: GPL-3.0-or-later
// gantry.v1.Checkpoint's calls that look into checkpoints.
#include "engine/service/checkpoint_common.h"
#include "engine/service/checkpoint_files.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/convert_images.h"
#include "engine/service/status.h"

namespace gantry::service {

namespace {

/// Command lines are in memory: a page or two each.
Result<> addArguments(v1::InspectReply &reply, repository::OpenedCheckpoint &checkpoint,
                      const checkpoint::SavedTree &tree)
{
    for (int i = 0; i < reply.processes_size(); ++i) {
        const checkpoint::SavedTask &task = tree.tasks[static_cast<std::size_t>(i)];
        const auto pages = GANTRY_TRY(checkpoint::storedPages(checkpoint, task.pages));
        for (const std::string &argument : GANTRY_TRY(checkpoint::argumentsOf(checkpoint, task, pages)))
            reply.mutable_processes(i)->add_arguments(printable(argument));
    }
    return {};
}

} // namespace

grpc::Status CheckpointService::Inspect(grpc::ServerContext * /*context*/, const v1::InspectRequest *request,
                                        v1::InspectReply *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        const repository::Checkpoint one = GANTRY_TRY(theOne(store, request->checkpoint()));
        repository::OpenedCheckpoint opened = GANTRY_TRY(store->look(one.id));
        const checkpoint::SavedTree tree = GANTRY_TRY(checkpoint::readTree(opened));
        *reply->mutable_checkpoint() = toMessage(one);
        fill(*reply, tree, rowLimit(request->limit()));
        addKept(*reply, GANTRY_TRY(checkpoint::readKeptFiles(opened)), rowLimit(request->limit()));
        return addArguments(*reply, opened, tree);
    }());
}

grpc::Status CheckpointService::Diff(grpc::ServerContext * /*context*/, const v1::DiffRequest *request,
                                     v1::DiffReply *reply)
{
    return toStatus([&]() -> Result<> {
        const CheckpointStore::StorePtr store = GANTRY_TRY(m_parts.store.forReading());
        const repository::Checkpoint before = GANTRY_TRY(theOne(store, request->before()));
        const repository::Checkpoint after = GANTRY_TRY(theOne(store, request->after()));
        repository::OpenedCheckpoint old = GANTRY_TRY(store->look(before.id));
        repository::OpenedCheckpoint now = GANTRY_TRY(store->look(after.id));
        const checkpoint::TreeDiff diff = GANTRY_TRY(checkpoint::diff(old, now, {}));
        *reply->mutable_before() = toMessage(before);
        *reply->mutable_after() = toMessage(after);
        fill(*reply, diff, rowLimit(request->limit()));
        return {};
    }());
}

} // namespace gantry::service
