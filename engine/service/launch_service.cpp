// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/launch_service.h"

#include "engine/base/strings.h"
#include "engine/launch/launch.h"
#include "engine/service/convert_control.h"
#include "engine/service/status.h"

#include <algorithm>

namespace gantry::service {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kUsualDeadline{60'000};
constexpr std::uint32_t kMostLaunch = 3'600'000;
constexpr std::chrono::seconds kLaunchLook{20};   ///< for what only looks, and for removing
constexpr int kMostWords = 10'000;                ///< of a command, and settings of its environment

/// What a verb of this service leaves: why it is not recorded, beside its result.
struct Done
{
    launch::Started started;
    std::string notRecorded;
};
std::vector<std::string> resultLines(const Done &done)
{
    return launch::resultLines(done.started);
}

/// @return why it is not recorded; empty: it is.
std::string audited(control::AuditLog &audit, control::AuditRecord record, const Error *failure)
{
    record.result = failure == nullptr ? "done" : failure->message();
    record.failed = failure != nullptr;
    const auto written = audit.record(record);
    return written ? std::string() : printable(written.error().message());
}

Result<launch::Wish> wishOf(const v1::RunRequest &request)
{
    if (request.command_size() > kMostWords || request.environment_size() > kMostWords ||
        request.labels_size() > kMostWords)
        return fail(EINVAL, "run", printable(request.name()), strCat("more than ", kMostWords, " words"));
    launch::Wish out;
    out.name = request.name();
    out.rootFolder = request.rootfs_folder();
    out.image = request.image();
    if (!out.rootFolder.empty() && !out.rootFolder.starts_with('/'))
        return fail(EINVAL, "run", printable(out.rootFolder), "no absolute path");
    if (!request.limits().empty()) {
        for (control::LimitSetting &setting : GANTRY_TRY(settingsOf(request.limits())))
            out.limits.emplace_back(setting.key, std::move(setting.value));
    }
    out.command.assign(request.command().begin(), request.command().end());
    out.environment.assign(request.environment().begin(), request.environment().end());
    out.labels.assign(request.labels().begin(), request.labels().end());
    out.runtime = request.runtime();
    if (request.has_network())
        out.network = GANTRY_TRY(
            launch::networkOf(request.network().bridge(), request.network().address(), request.network().gateway()));
    return out;
}

void fill(v1::RunReply &reply, const std::string &name, const launch::Plan &plan)
{
    reply.set_name(name);
    reply.set_runtime(plan.runtime);
    reply.set_cgroups_path(plan.cgroupsPath);
    reply.set_bundle(plan.bundle);
    reply.set_log(plan.log);
}

} // namespace

grpc::Status LaunchService::Run(grpc::ServerContext *context, const v1::RunRequest *request, v1::RunReply *reply)
{
    return toStatus([&]() -> Result<> {
        const launch::Wish wish = GANTRY_TRY(wishOf(*request));
        const auto plan = GANTRY_TRY(launch::check(wish, m_parts.stateFolder, {runtime::Clock::now() + kLaunchLook}));
        fill(*reply, wish.name, plan);
        if (request->dry_run())
            return {};
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "run", wish.name));
        const milliseconds deadline =
            request->deadline_ms() == 0 ? kUsualDeadline : milliseconds(std::min(request->deadline_ms(), kMostLaunch));
        const control::Call call{
            .actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user()),
            .deadline = deadline};
        auto answer = m_parts.executor.run<Done>(
            {"run", wish.name, true, deadline}, call,
            [parts = m_parts, wish, deadline](const control::Call &running) -> Result<Done> {
                auto started = launch::run(wish, parts.stateFolder, {runtime::Clock::now() + deadline, running.stop},
                                           running.onPhase);
                std::string lost = audited(parts.audit,
                                           {.verb = "run",
                                            .target = wish.name,
                                            .newValue = printable(joined(wish.command)),
                                            .actor = running.actor.text()},
                                           started ? nullptr : &started.error());
                if (!started)
                    return std::unexpected(std::move(started).error());
                parts.loop.post([&adopted = parts.adopted, pid = started->keeper] { adopted.add(pid); });
                parts.runtimes.lookSoon();
                return Done{*std::move(started), std::move(lost)};
            });
        reply->set_job_id(answer.job);
        const Done done = GANTRY_TRY(std::move(answer.result));
        fill(*reply, wish.name, done.started.plan);
        reply->set_root_pid(done.started.pid);
        reply->set_not_recorded(done.notRecorded);
        return {};
    }());
}

grpc::Status LaunchService::Remove(grpc::ServerContext *context, const v1::RemoveLaunchedRequest *request,
                                   v1::RemoveLaunchedReply *reply)
{
    return toStatus([&]() -> Result<> {
        const runtime::Patience patience{runtime::Clock::now() + kLaunchLook};
        const launch::Place place = GANTRY_TRY(launch::checkRemove(request->name(), m_parts.stateFolder, patience));
        reply->set_bundle(place.bundle());
        if (request->dry_run())
            return {};
        GANTRY_CHECK(m_parts.peers.mayAct(*context, "removeLaunched", request->name()));
        const auto actor = m_parts.peers.actorOf(*context, request->actor().program(), request->actor().user());
        const auto removed = launch::remove(request->name(), m_parts.stateFolder, patience);
        reply->set_not_recorded(audited(m_parts.audit,
                                        {.verb = "removeLaunched", .target = request->name(), .actor = actor.text()},
                                        removed ? nullptr : &removed.error()));
        return removed;
    }());
}

} // namespace gantry::service
