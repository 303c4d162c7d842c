// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/locked_entry.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/copies.h"
#include "engine/migration/source.h"
#include "engine/service/checkpoint_common.h"
#include "engine/service/lives.h"
#include "engine/service/migration_direct.h"
#include "engine/service/migration_rests.h"
#include "engine/service/migration_service.h"
#include "engine/service/migration_stream.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the two long calls of gantry.v1.Migration do. Inside engine/service only. Thread: that of the call.
namespace gantry::service {

inline constexpr std::string_view kMigrationAtWork = "at-work."; ///< of files that are held while a job is at it
inline constexpr std::chrono::seconds kMigrationEnd{30};         ///< for ending and removing something

/// Begin of the name of such a file.
[[nodiscard]] inline std::string migrationWorkName(const std::string &id, migration::Side side)
{
    return strCat(kMigrationAtWork, id, '.', migration::sideName(side), '.');
}

/// A container that can be migrated. @errors ENOTSUP: Gantry did not start it; as CheckpointService::keptBy().
[[nodiscard]] Result<KeptContainer> movable(const CheckpointService &checkpoints, const v1::Target &target);

/// What sets a checkpoint that a migration made apart.
constexpr const char *kMigrationTrigger = "migration";
/// Removes what earlier migrations of a container have left, those that broke off too, but for `last`, which the next
/// one builds on, and for what somebody has pinned or named.
void removeEarlier(repository::Store &store, const ContainerNames &names, const repository::CheckpointId &last);

/// One of the two long calls as a job: in the job list, cancelled by it and by the engine's end, held as being at work
/// for all engines of this host.
class MigrationWork
{
public:
    /// @errors of making the file in `folder`.
    static Result<std::unique_ptr<MigrationWork>> begin(const MigrationService::Parts &parts, const std::string &folder,
                                                        migration::Side side, const std::string &id,
                                                        std::string subject, control::Actor actor,
                                                        std::uint32_t deadlineMillis)
    {
        std::error_code failed;
        std::filesystem::create_directories(folder, failed);
        LockedEntry entry =
            GANTRY_TRY(LockedEntry::create(folder, migrationWorkName(id, side), LockedEntry::Kind::File));
        return std::make_unique<MigrationWork>(parts, side, std::move(subject), std::move(actor),
                                               deadlineOf(deadlineMillis), std::move(entry));
    }
    MigrationWork(const MigrationService::Parts &parts, migration::Side side, std::string subject, control::Actor actor,
                  std::chrono::milliseconds deadline, LockedEntry entry)
        : m_parts(parts)
        , m_verb(side == migration::Side::Source ? "migrate" : "receive")
        , m_subject(std::move(subject))
        , m_entry(std::move(entry))
        , m_job(parts.jobs.add(m_verb, m_subject, actor.text(), true))
        , m_wait{std::chrono::steady_clock::now() + deadline, m_stop.get_token()}
        , m_onCancel(parts.jobs.stopToken(m_job), [this] { m_stop.request_stop(); })
        , m_onClose(parts.gate.onClose([this] { m_stop.request_stop(); }))
    {
        m_call.actor = std::move(actor);
        m_call.deadline = deadline;
        m_call.stop = m_stop.get_token();
        m_call.onPhase = [this](std::string_view name) { m_parts.jobs.phase(m_job, name); };
        m_parts.jobs.start(m_job);
    }
    MigrationWork(const MigrationWork &) = delete;
    MigrationWork &operator=(const MigrationWork &) = delete;
    MigrationWork(MigrationWork &&) = delete;
    MigrationWork &operator=(MigrationWork &&) = delete;
    ~MigrationWork()
    {
        end(fail(EIO, m_verb, m_subject, "it was left unfinished").error(), "");
        m_entry.remove();
    }

    [[nodiscard]] std::uint64_t job() const { return m_job; }
    [[nodiscard]] const control::Call &call() const { return m_call; }
    [[nodiscard]] const migration::Wait &wait() const { return m_wait; }
    [[nodiscard]] std::chrono::milliseconds left() const
    {
        return std::max(std::chrono::milliseconds{1}, std::chrono::duration_cast<std::chrono::milliseconds>(
                                                          m_wait.until - std::chrono::steady_clock::now()));
    }
    /// Once. @return why it is not in the audit log; empty: it is.
    std::string end(std::optional<Error> failure, const std::string &value, std::vector<std::string> results = {})
    {
        if (m_over)
            return {};
        m_over = true;
        std::string lost = record(m_parts.audit, m_verb, m_subject, value, m_call.actor, failure ? &*failure : nullptr);
        m_parts.jobs.end(m_job, std::move(failure), std::move(results));
        return lost;
    }

private:
    const MigrationService::Parts &m_parts;
    const std::string m_verb;
    const std::string m_subject;
    LockedEntry m_entry;
    const std::uint64_t m_job;
    std::stop_source m_stop;
    control::Call m_call;
    const migration::Wait m_wait;
    const std::stop_callback<std::function<void()>> m_onCancel;
    const Observers::Subscription m_onClose;
    bool m_over = false;
};

/// The source's side of one call.
class MigrationService::SourceJob
{
public:
    SourceJob(const MigrationService &service, StreamFrames &caller, grpc::ServerContext &context)
        : m_service(service), m_parts(service.m_parts), m_caller(caller), m_context(context)
    {}
    [[nodiscard]] Result<> run(const v1::MigrationBegin &begin);

private:
    [[nodiscard]] Result<> prepare(const v1::MigrationBegin &begin);
    [[nodiscard]] migration::SourcePlan plan(const v1::MigrationBegin &begin) const;
    [[nodiscard]] migration::Workload workload();
    [[nodiscard]] v1::MigrationBelongings belongings();
    /// Connects to the target, where that is asked for, and says which way was taken. @errors it has to be connected
    /// and is not; ECONNRESET: the caller is gone. Nothing has been done then.
    [[nodiscard]] Result<> choose(const v1::MigrationBegin &begin);
    [[nodiscard]] migration::Frames &frames();
    [[nodiscard]] Result<std::string> saveRunning();
    [[nodiscard]] Result<> saveStill(const checkpoint::HandOver &hand, const checkpoint::OnPhase &onPhase);
    /// After it broke off: what was saved is kept for the next try, unseen.
    void keepSaved(const migration::SourcePlan &wish, const Error &why);
    [[nodiscard]] Result<checkpoint::Saved> save(bool leaveRunning, std::optional<checkpoint::HandOver> hand,
                                                 const checkpoint::OnPhase &onPhase);

    const MigrationService &m_service;
    const Parts &m_parts;
    StreamFrames &m_caller;
    grpc::ServerContext &m_context;
    std::string m_id;
    std::optional<KeptContainer> m_kept;
    checkpoint::SaveWish m_wish;
    std::optional<checkpoint::Means> m_means;
    CheckpointStore::StorePtr m_store;
    v1::MigrationProfile m_profile;
    Life m_life;
    std::unique_ptr<MigrationWork> m_work;
    std::unique_ptr<migration::DirectFrames> m_target; ///< null: the caller carries
    std::optional<DirectWay> m_direct;
    v1::MigrationPhase m_way;
    std::vector<repository::CheckpointId> m_rounds; ///< checkpoints of rounds
    std::optional<repository::CheckpointId> m_last;
    v1::MigrationBelongings m_belongings; ///< as they were sent
    std::vector<std::string> m_stays;     ///< sentences about what does not go along
};

/// The target's side of one call.
class MigrationService::TargetJob
{
public:
    TargetJob(const MigrationService &service, migration::Frames &frames, grpc::ServerContext &context)
        : m_service(service), m_parts(service.m_parts), m_frames(frames), m_context(context)
    {}
    [[nodiscard]] Result<> run(const v1::MigrationHello &hello);

private:
    [[nodiscard]] Result<> judge(const v1::MigrationHello &hello);
    [[nodiscard]] ContainerNames names(const v1::MigrationHello &hello) const
    {
        return {hello.profile().subject(), hello.name()};
    }
    [[nodiscard]] Result<std::vector<std::string>> store(const repository::Source &source, const std::stop_token &stop);
    [[nodiscard]] Result<> keep(const v1::MigrationBelongings &belongings);
    [[nodiscard]] Result<v1::MigrationHeld> hold(const std::string &id, const std::stop_token &stop);
    [[nodiscard]] Result<> remove(const ContainerNames &names);

    const MigrationService &m_service;
    const Parts &m_parts;
    migration::Frames &m_frames;
    grpc::ServerContext &m_context;
    migration::Record m_record;
    std::optional<checkpoint::Means> m_means;
    CheckpointStore::StorePtr m_store;
    std::unique_ptr<MigrationWork> m_work;
    std::vector<repository::CheckpointId> m_added;  ///< by this migration
    std::optional<repository::CheckpointId> m_last; ///< of them: what it is restored from
    std::optional<checkpoint::HeldCopy> m_held;
    std::optional<std::string> m_limits; ///< as the source had them when it stood still; nullopt: it has not said
    std::string m_subject;               ///< what its checkpoints are called here; empty: as they come
};

} // namespace gantry::service
