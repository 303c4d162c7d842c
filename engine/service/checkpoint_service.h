// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/criu_keeper.h"
#include "engine/checkpoint/save.h"
#include "engine/control/audit.h"
#include "engine/control/control.h"
#include "engine/control/executor.h"
#include "engine/inventory/inventory.h"
#include "engine/runtime/runtimes.h"
#include "engine/service/adopted.h"
#include "engine/service/checkpoint_copies.h"
#include "engine/service/checkpoint_store.h"
#include "engine/service/peers.h"
#include "engine/service/targets.h"
#include "gantry/v1/checkpoint.grpc.pb.h"

#include <optional>

namespace gantry::service {

/// A container that a runtime keeps which has a verb for it.
struct KeptContainer
{
    runtime::Known known;
    std::optional<checkpoint::OciContainer> container; ///< nullopt: podman's
};

struct CheckpointTools;
struct Present;

/// gantry.v1.Checkpoint. Thread: gRPC's; what it is given must outlive the server.
class CheckpointService final : public v1::Checkpoint::Service
{
public:
    struct Parts
    {
        cgroup::HierarchiesPtr hierarchies;
        const inventory::Inventory &inventory;
        const Targets &targets;
        checkpoint::CriuKeeper &criu;
        CheckpointStore &store;
        control::Executor &executor;
        control::AuditLog &audit;
        const Peers &peers;
        EventLoop &loop;
        Adopted &adopted;           ///< what is restored
        const control::Control &control;
        const runtime::Runtimes &runtimes;
    };
    explicit CheckpointService(Parts parts) : m_parts(std::move(parts)) {}

    grpc::Status Check(grpc::ServerContext *context, const v1::CheckRequest *request, v1::CheckReply *reply) override;
    // checkpoint_verbs.cpp
    grpc::Status Create(grpc::ServerContext *context, const v1::CreateCheckpointRequest *request,
                        v1::CreateCheckpointReply *reply) override;
    grpc::Status List(grpc::ServerContext *context, const v1::ListCheckpointsRequest *request,
                      v1::ListCheckpointsReply *reply) override;
    grpc::Status Restore(grpc::ServerContext *context, const v1::RestoreCheckpointRequest *request,
                         v1::RestoreCheckpointReply *reply) override;
    grpc::Status Remove(grpc::ServerContext *context, const v1::RemoveCheckpointRequest *request,
                        v1::RemoveCheckpointReply *reply) override;
    grpc::Status Copy(grpc::ServerContext *context, const v1::CopyCheckpointRequest *request,
                      v1::CopyCheckpointReply *reply) override; // checkpoint_copies.cpp
    // checkpoint_upkeep.cpp
    grpc::Status Collect(grpc::ServerContext *context, const v1::CollectRequest *request,
                         v1::CollectReply *reply) override;
    grpc::Status Verify(grpc::ServerContext *context, const v1::VerifyRequest *request,
                        v1::VerifyReply *reply) override;
    grpc::Status Stats(grpc::ServerContext *context, const v1::StoreStatsRequest *request,
                       v1::StoreStatsReply *reply) override;
    // checkpoint_time.cpp
    grpc::Status Update(grpc::ServerContext *context, const v1::UpdateCheckpointRequest *request,
                        v1::UpdateCheckpointReply *reply) override;
    // checkpoint_look.cpp
    grpc::Status Inspect(grpc::ServerContext *context, const v1::InspectRequest *request,
                         v1::InspectReply *reply) override;
    grpc::Status Diff(grpc::ServerContext *context, const v1::DiffRequest *request, v1::DiffReply *reply) override;
    grpc::Status InitStore(grpc::ServerContext *context, const v1::InitStoreRequest *request,
                           v1::InitStoreReply *reply) override; // checkpoint_upkeep.cpp
    // checkpoint_key.cpp
    grpc::Status StoreState(grpc::ServerContext *context, const v1::StoreStateRequest *request,
                            v1::StoreStateReply *reply) override;
    grpc::Status UnlockStore(grpc::ServerContext *context, const v1::UnlockStoreRequest *request,
                             v1::UnlockStoreReply *reply) override;

    /// What Copy does. @param run brings the copies up; not called for a dry run, or where something is in the way.
    /// What it calls is to have ended when it returns, or to own what it needs. @errors as Copy.
    /// (checkpoint_copies.cpp)
    [[nodiscard]] Result<> copyBy(grpc::ServerContext &context, const v1::CopyCheckpointRequest &request,
                                  const CopyRunner &run, v1::CopyCheckpointReply &reply) const;

    // What schedules need, too. Thread: any.
    /// Who is meant, for the manifest, and its processes. @errors EPERM.
    [[nodiscard]] Result<checkpoint::SaveWish> wishFor(const v1::CreateCheckpointRequest &request) const;
    /// @return nullopt: no runtime keeps it. @errors ENOTSUP: a runtime whose verb is not used.
    /// (checkpoint_by_runtime.cpp)
    [[nodiscard]] Result<std::optional<KeptContainer>> keptBy(const v1::Target &target) const;
    /// @errors ETIMEDOUT: CRIU does not say what it can do.
    [[nodiscard]] Result<checkpoint::Means> meansFor(std::string_view op) const;
    [[nodiscard]] CheckpointTools toolsFor(const checkpoint::Means &means, CheckpointStore::StorePtr store) const;
    /// Its processes, the first one first. @errors as Targets; ENOENT where it has none.
    [[nodiscard]] Result<std::vector<std::int32_t>> pidsOf(const v1::Target &target) const;

private:
    /// What can be said of its runtime's verb beforehand.
    [[nodiscard]] static Result<> mayBeSaved(const std::optional<KeptContainer> &kept,
                                             const v1::CreateCheckpointRequest &request,
                                             const checkpoint::Means &means);
    [[nodiscard]] static Result<> checkAnyRestore(const repository::Checkpoint &one, const checkpoint::Means &means,
                                                  const repository::Store &store);
    [[nodiscard]] Result<checkpoint::CriuFacts> criu(std::string_view op) const;
    /// What the caller of Restore means. @errors as theOne(); ENOENT naming the subject that was not suspended.
    [[nodiscard]] static Result<repository::Checkpoint> meant(const CheckpointStore::StorePtr &store,
                                                              const v1::RestoreCheckpointRequest &request);
    /// @errors ENOTSUP: its runtime keeps its state, and has no verb for it; as keptPresentOf(); of saving it.
    [[nodiscard]] Result<Present> presentOf(const repository::Checkpoint &one, const repository::Store &store) const;
    // checkpoint_present.cpp
    /// The same for what a runtime keeps. @errors as containerNow(); EPERM: it is protected.
    [[nodiscard]] Result<Present> keptPresentOf(const repository::Checkpoint &one,
                                                const repository::Store &store) const;
    /// The container of now of podman, Docker or LXC that this checkpoint is of. @return nullopt: none runs.
    /// @errors of asking its engine; EAGAIN: the engine's API, or its files, do not tell of it.
    [[nodiscard]] Result<std::optional<KeptContainer>> engineContainerNow(const repository::Checkpoint &one,
                                                                          const runtime::Patience &patience) const;
    /// The dry run of restoreInPlace() for what a runtime keeps.
    [[nodiscard]] static Result<> tryKeptInPlace(const repository::Checkpoint &one, const checkpoint::Means &means,
                                                 const repository::Store &store, const Present &present,
                                                 const v1::RestoreCheckpointRequest &request,
                                                 v1::RestoreCheckpointReply &reply);
    [[nodiscard]] Result<> restoreInPlace(const repository::Checkpoint &one, const checkpoint::Means &means,
                                          const control::Call &call, const v1::RestoreCheckpointRequest &request,
                                          v1::RestoreCheckpointReply &reply);
    /// Makes its cgroups again where the caller wants that, and tells what is not as it was.
    [[nodiscard]] Result<> prepareHost(const repository::Checkpoint &one, const control::Call &call,
                                       const v1::RestoreCheckpointRequest &request,
                                       v1::RestoreCheckpointReply &reply) const;

    const Parts m_parts;
};

} // namespace gantry::service
