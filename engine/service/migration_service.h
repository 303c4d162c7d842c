// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/control/jobs.h"
#include "engine/migration/log.h"
#include "engine/migration/target.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/migration_belongings.h"
#include "engine/service/stream_gate.h"
#include "gantry/v1/migration.grpc.pb.h"

#include <string>

namespace gantry::service {

/// gantry.v1.Migration. The two long calls work on gRPC's own threads, as watch streams do. Thread: gRPC's; what it is
/// given must outlive the server.
class MigrationService final : public v1::Migration::Service
{
public:
    struct Parts
    {
        const CheckpointService &checkpoints;
        CheckpointStore &store;
        control::JobTable &jobs;
        StreamGate &gate;
        control::AuditLog &audit;
        const Peers &peers;
        EventLoop &loop;
        Adopted &adopted;
        const control::Control &control;
        const runtime::Runtimes &runtimes;
        cgroup::HierarchiesPtr hierarchies;
        const Schedules &schedules;
        alerts::RuleStore &rules;
    };
    explicit MigrationService(Parts parts);

    /// What a died engine has left: what had only begun runs on here, or is removed; what was handed over is ended.
    /// What another engine of this host is at is left alone. Thread: any; blocks.
    void recover();

    grpc::Status Profile(grpc::ServerContext *context, const v1::MigrationProfileRequest *request,
                         v1::MigrationProfile *reply) override;
    grpc::Status Judge(grpc::ServerContext *context, const v1::JudgeMigrationRequest *request,
                       v1::JudgeMigrationReply *reply) override;
    grpc::Status Send(grpc::ServerContext *context,
                      grpc::ServerReaderWriter<v1::MigrationFrame, v1::MigrationFrame> *stream) override;
    grpc::Status Receive(grpc::ServerContext *context,
                         grpc::ServerReaderWriter<v1::MigrationFrame, v1::MigrationFrame> *stream) override;
    grpc::Status Listen(grpc::ServerContext *context, const v1::ListenMigrationRequest *request,
                        grpc::ServerWriter<v1::MigrationListening> *writer) override;
    grpc::Status Unfinished(grpc::ServerContext *context, const v1::UnfinishedMigrationsRequest *request,
                            v1::UnfinishedMigrationsReply *reply) override;
    grpc::Status Decide(grpc::ServerContext *context, const v1::DecideMigrationRequest *request,
                        v1::DecideMigrationReply *reply) override;
    grpc::Status Conclude(grpc::ServerContext *context, const v1::ConcludeMigrationRequest *request,
                          v1::ConcludeMigrationReply *reply) override;

private:
    class SourceJob;
    class TargetJob;

    [[nodiscard]] std::string folder() const { return m_parts.store.spillFolder() + "/migrations"; }
    [[nodiscard]] bool isAtWork(const std::string &id, migration::Side side) const;
    /// The duty of one record that no job is at. @return what was done, or is to be done, a sentence.
    [[nodiscard]] Result<std::string> attend(const migration::Record &record);
    /// Ends what stands still of a container that is another host's now.
    [[nodiscard]] Result<> runHeld(const migration::Record &record) const;
    [[nodiscard]] Result<> endSource(const migration::Record &record) const;
    /// Its files and its log, which are of no use here any more, unless they are to be kept.
    [[nodiscard]] Result<> removeRest(const migration::Record &record) const;
    [[nodiscard]] migration::Landing landingOf(const migration::Record &record) const;
    /// What goes along with one that is this host's now.
    v1::MigrationTaken adopt(const migration::Record &record) const;

    const Parts m_parts;
    const migration::Log m_log;
    const Belongings m_belongings;
};

} // namespace gantry::service
