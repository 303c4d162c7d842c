// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/strings.h"
#include "engine/checkpoint/causes.h"
#include "engine/proto/convert.h"
#include "engine/service/status.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/checkpoint.grpc.pb.h"
#include "gantry/v1/control.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "gantry/v1/inventory.grpc.pb.h"
#include "gantry/v1/jobs.grpc.pb.h"
#include "gantry/v1/metrics.grpc.pb.h"
#include "tests/gui/fake_containers.h"
#include "tests/gui/fake_host.h"

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace gantry::test {

/// A host with cgroup v2 and systemd, which the machine of the tests need not have, behind the real protocol: what is
/// set is kept, and who asked how is kept, too. Cgroups: "/", "/app" with the children a and b and one process of its
/// own, and "/system.slice/cron.service", whose memory limits systemd keeps. Containers of podman: "web", which runs, and
/// "job" and "old", which have ended; "bare" is nobody's. Thread: any.
class FakeEngine final : public v1::Host::Service,
                         public v1::Inventory::Service,
                         public v1::Metrics::Service,
                         public v1::Alerts::Service,
                         public v1::Jobs::Service,
                         public v1::Control::Service,
                         public v1::Checkpoint::Service
{
public:
    static constexpr std::uint64_t kApp = 10;
    static constexpr std::uint64_t kCron = 20;
    static constexpr std::uint64_t kMiB = 1 << 20;
    static constexpr const char *kAppPath = "/app";
    static constexpr const char *kCronPath = "/system.slice/cron.service";

    /// @param version of the only hierarchy. @param calls that it says it has; none: it does not tell.
    explicit FakeEngine(std::uint32_t version = 2, std::vector<std::string> calls = {})
        : m_version(version), m_calls(std::move(calls))
    {
        grpc::ServerBuilder builder;
        const auto add = [&builder](grpc::Service *service) { builder.RegisterService(service); };
        add(static_cast<v1::Host::Service *>(this));
        add(static_cast<v1::Inventory::Service *>(this));
        add(static_cast<v1::Metrics::Service *>(this));
        add(static_cast<v1::Alerts::Service *>(this));
        add(static_cast<v1::Jobs::Service *>(this));
        add(static_cast<v1::Control::Service *>(this));
        add(static_cast<v1::Checkpoint::Service *>(this));
        m_server = builder.BuildAndStart();
    }
    ~FakeEngine() override { m_server->Shutdown(std::chrono::system_clock::now()); }
    FakeEngine(const FakeEngine &) = delete;
    FakeEngine &operator=(const FakeEngine &) = delete;
    FakeEngine(FakeEngine &&) = delete;
    FakeEngine &operator=(FakeEngine &&) = delete;

    [[nodiscard]] std::shared_ptr<grpc::Channel> channel() { return m_server->InProcessChannel({}); }

    /// Requests that changed something, oldest first.
    [[nodiscard]] std::vector<v1::SetLimitsRequest> limitRequests() const { return locked(m_limitRequests); }
    [[nodiscard]] std::vector<v1::SetControllersRequest> controllerRequests() const { return locked(m_controllers); }
    /// The one that is in its store.
    [[nodiscard]] static v1::CheckpointInfo webCheckpoint()
    {
        v1::CheckpointInfo out;
        out.set_id("0123456789abcdef0123456789abcdef");
        out.set_subject("web");
        out.set_runtime("runc");
        out.set_trigger("manual");
        out.set_realtime_usec(1'700'000'000'000'000);
        out.set_processes(2);
        return out;
    }
    [[nodiscard]] std::vector<v1::CopyCheckpointRequest> copyRequests() const { return locked(m_copies); }
    [[nodiscard]] std::vector<v1::ReclaimRequest> reclaimRequests() const { return locked(m_reclaims); }
    /// cgroup.subtree_control of /app.
    [[nodiscard]] std::set<std::string> enabled() const { return locked(m_enabled); }
    /// How often the files, and systemd-oomd, were asked for.
    [[nodiscard]] int filesAsked() const { return locked(m_filesAsked); }
    [[nodiscard]] int oomdAsked() const { return locked(m_oomdAsked); }
    /// What Oomd answers; empty: NOT_FOUND.
    void setOomd(const v1::OomdState &state)
    {
        locked([&] { m_oomd = state; });
    }
    /// Text of memory.max of /app.
    void setFileText(const std::string &text)
    {
        locked([&] { m_fileText = text; });
    }
    /// The processes of /app: with them a controller needs a leaf.
    void setProcesses(std::uint32_t count)
    {
        locked([&] { m_processes = count; });
    }

    [[nodiscard]] std::vector<v1::ContainerActionRequest> containerRequests() const { return locked(m_actions); }
    /// What TailLog answers; a nonzero errno: that it fails.
    void setLog(const v1::LogTail &log, int failure = 0)
    {
        locked([&] {
            m_log = log;
            m_logErrno = failure;
        });
    }
    [[nodiscard]] int logAsked() const { return locked(m_logAsked); }
    /// Another container "web".
    void setWeb(const v1::Node &node)
    {
        locked([&] {
            m_web = node;
            ++m_generation;
        });
    }
    void setRuntimeProblem(const std::string &problem)
    {
        locked([&] { m_runtimeProblem = problem; });
    }

private:
    template <class Value> [[nodiscard]] Value locked(const Value &value) const requires(!std::is_invocable_v<Value>)
    {
        const std::scoped_lock lock(m_mutex);
        return value;
    }
    template <class Change> void locked(Change change) requires std::is_invocable_v<Change>
    {
        const std::scoped_lock lock(m_mutex);
        change();
    }

    template <class Message>
    static grpc::Status hold(grpc::ServerContext *context, grpc::ServerWriter<Message> *writer, const Message &message)
    {
        writer->Write(message);
        while (!context->IsCancelled())
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        return grpc::Status::CANCELLED;
    }
    static std::string pathOf(const v1::Target &target)
    {
        return target.node_id() == NodeId::cgroup(0, kCron).v ? kCronPath : kAppPath;
    }

    // Host
    grpc::Status Hello(grpc::ServerContext * /*context*/, const v1::HelloRequest * /*request*/,
                       v1::HelloReply *reply) override
    {
        reply->set_protocol_major(1);
        reply->set_engine_version("fake");
        for (const std::string &call : m_calls)
            reply->add_calls(call);
        return grpc::Status::OK;
    }
    grpc::Status Info(grpc::ServerContext * /*context*/, const v1::HostInfoRequest * /*request*/,
                      v1::HostInfo *info) override
    {
        info->set_host_name("fake");
        v1::RuntimeInfo &runtime = *info->add_runtimes();
        runtime.set_name("podman");
        runtime.set_version("4.3.1");
        runtime.set_endpoint("/run/podman/podman.sock");
        runtime.set_container_count(3);
        runtime.set_problem(locked(m_runtimeProblem));
        v1::HostInfo::Hierarchy &hierarchy = *info->add_hierarchies();
        hierarchy.set_version(m_version);
        hierarchy.set_mount_point("/sys/fs/cgroup");
        for (const char *name : {"cpu", "memory", "pids"})
            hierarchy.add_controllers(name);
        return grpc::Status::OK;
    }
    grpc::Status Oomd(grpc::ServerContext * /*context*/, const v1::OomdRequest * /*request*/,
                      v1::OomdState *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        ++m_oomdAsked;
        *reply = m_oomd;
        return m_oomd.watched().empty()
                   ? service::toStatus(fail(ENOENT, "oomd", "systemd-oomd", "systemd is not PID 1 here").error())
                   : grpc::Status::OK;
    }

    // Inventory
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchInventoryRequest * /*request*/,
                       grpc::ServerWriter<v1::InventoryUpdate> *writer) override
    {
        for (int told = -1; !context->IsCancelled(); std::this_thread::sleep_for(std::chrono::milliseconds(2))) {
            if (const int generation = locked(m_generation); generation != told && writer->Write(snapshot()))
                told = generation;
        }
        return grpc::Status::CANCELLED;
    }
    v1::InventoryUpdate snapshot() const
    {
        v1::InventoryUpdate update;
        update.set_snapshot(true);
        *update.add_upserted() = hostNode();
        const v1::Node root = node(1, NodeId::host().v, "/");
        const v1::Node app = node(kApp, root.id(), kAppPath);
        const v1::Node slice = node(2, root.id(), "/system.slice");
        for (const v1::Node &one : {root, app, slice, node(11, app.id(), "/app/a"), node(12, app.id(), "/app/b"),
                                    node(kCron, slice.id(), kCronPath)})
            *update.add_upserted() = one;
        const v1::Node web = locked(m_web);
        if (web.container().cgroup_id() != 0) {
            v1::Node cgroup = node(kWebInode, root.id(), kWebPath);
            cgroup.mutable_cgroup()->set_container_id(web.id());
            *update.add_upserted() = cgroup;
        }
        v1::Node bare = containerNode(31, "bare", "/bare");
        bare.mutable_container()->set_runtime("bare");
        for (const v1::Node &one : {endedNode(1, "job"), endedNode(2, "old"), bare})
            *update.add_upserted() = one;
        if (web.id() != 0)
            *update.add_upserted() = web;
        return update;
    }
    grpc::Status TailLog(grpc::ServerContext * /*context*/, const v1::TailLogRequest *request,
                         v1::LogTail *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        ++m_logAsked;
        *reply = m_log;
        if (request->lines() != 200 || m_logErrno != 0)
            return service::toStatus(fail(m_logErrno, "log", "web", "the driver keeps none").error());
        return grpc::Status::OK;
    }
    static v1::Node node(std::uint64_t inode, std::uint64_t parent, const std::string &path)
    {
        v1::Node out = cgroupNode(inode, parent, path);
        v1::CgroupDetail::Membership &membership = *out.mutable_cgroup()->add_memberships();
        membership.set_hierarchy(0);
        membership.set_inode(inode);
        return out;
    }
    // Metrics
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchMetricsRequest * /*request*/,
                       grpc::ServerWriter<v1::Frame> *writer) override
    {
        return hold(context, writer, v1::Frame());
    }
    grpc::Status ReadFiles(grpc::ServerContext * /*context*/, const v1::ReadFilesRequest *request,
                           v1::ReadFilesReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        ++m_filesAsked;
        reply->set_node_id(request->target().node_id());
        reply->set_cgroup_path(pathOf(request->target()));
        addFile(*reply, "cgroup.controllers", "cpu memory pids", false);
        addFile(*reply, "cgroup.subtree_control", joined(std::vector<std::string>(m_enabled.begin(), m_enabled.end())),
                true);
        addFile(*reply, "memory.max", m_fileText, true);
        addFile(*reply, "memory.stat", "anon 1048576\nfile 4096\nkernel 65536\nslab 1\nsock 0\nshmem 0\nzswap 0",
                false);
        v1::ReadFilesReply::File &broken = addFile(*reply, "memory.swap.peak", "", false);
        *broken.mutable_failure() = gantry::toMessage(fail(EIO, "read", "memory.swap.peak", "").error());
        return grpc::Status::OK;
    }
    static v1::ReadFilesReply::File &addFile(v1::ReadFilesReply &reply, const std::string &name,
                                             const std::string &text, bool writable)
    {
        v1::ReadFilesReply::File &file = *reply.add_files();
        file.set_name(name);
        file.set_mount_point("/sys/fs/cgroup");
        file.set_text(text + '\n'); // as the engine gives it
        file.set_writable(writable);
        return file;
    }

    // Alerts, jobs
    grpc::Status ListRules(grpc::ServerContext * /*context*/, const v1::ListRulesRequest * /*request*/,
                           v1::RuleList * /*reply*/) override
    {
        return grpc::Status::OK;
    }
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchAlertsRequest * /*request*/,
                       grpc::ServerWriter<v1::AlertUpdate> *writer) override
    {
        return hold(context, writer, v1::AlertUpdate());
    }
    grpc::Status WatchEvents(grpc::ServerContext *context, const v1::WatchEventsRequest * /*request*/,
                             grpc::ServerWriter<v1::EventBatch> *writer) override
    {
        return hold(context, writer, v1::EventBatch());
    }
    grpc::Status Watch(grpc::ServerContext *context, const v1::WatchJobsRequest * /*request*/,
                       grpc::ServerWriter<v1::JobUpdate> *writer) override
    {
        return hold(context, writer, v1::JobUpdate());
    }

    // Control
    grpc::Status ListLimits(grpc::ServerContext * /*context*/, const v1::ListLimitsRequest *request,
                            v1::ListLimitsReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        const std::string path = pathOf(request->target());
        reply->set_node_id(request->target().node_id());
        reply->set_cgroup_path(path);
        for (const char *key : {"memory.high", "memory.max", "pids.max"}) {
            v1::LimitRow &row = *reply->add_rows();
            row.set_key(key);
            row.set_state(v1::CELL_STATE_VALUE);
            row.mutable_configured()->set_number(held(path, key));
            row.set_route(routeOf(path, key));
        }
        return grpc::Status::OK;
    }
    static std::string routeOf(const std::string &path, const std::string &key)
    {
        return path == kCronPath && key.starts_with("memory.") ? "systemd: cron.service" : "";
    }
    std::uint64_t held(const std::string &path, const std::string &key)
    {
        const auto it = m_held.find(path + key);
        return it == m_held.end() ? 512 * kMiB : it->second;
    }
    grpc::Status SetLimits(grpc::ServerContext * /*context*/, const v1::SetLimitsRequest *request,
                           v1::SetLimitsReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        const std::string path = pathOf(request->target());
        const bool permanent = request->persistence() == v1::PERSISTENCE_PERMANENT;
        reply->set_node_id(request->target().node_id());
        reply->set_cgroup_path(path);
        for (const v1::LimitSetting &setting : request->settings()) {
            v1::LimitChange &change = *reply->add_changes();
            const std::string kept = routeOf(path, setting.key());
            const std::string value = strCat(setting.value().number());
            change.set_key(setting.key());
            change.set_old_state(v1::CELL_STATE_VALUE);
            change.mutable_old_value()->set_number(held(path, setting.key()));
            *change.mutable_new_value() = setting.value();
            if (!kept.empty() && request->by_file())
                *change.add_warnings() = ownedBySystemd(path);
            if (kept.empty() || request->by_file()) {
                change.set_command(strCat("echo '", value, "' > /sys/fs/cgroup", path, "/", setting.key()));
            } else {
                change.set_route(kept);
                change.set_command(strCat("systemctl set-property ", permanent ? "" : "--runtime ", "cron.service ",
                                          setting.key() == "memory.max" ? "MemoryMax=" : "MemoryHigh=", value));
                if (!permanent)
                    change.add_warnings()->set_code(v1::Warning::CODE_NOT_PERSISTENT);
            }
            if (!request->dry_run())
                m_held[path + setting.key()] = setting.value().number();
        }
        if (!request->dry_run())
            m_limitRequests.push_back(*request);
        return grpc::Status::OK;
    }
    grpc::Status SetControllers(grpc::ServerContext * /*context*/, const v1::SetControllersRequest *request,
                                v1::SetControllersReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        std::set<std::string> after = m_enabled;
        reply->set_node_id(request->target().node_id());
        reply->set_cgroup_path(kAppPath);
        for (const std::string &name : request->enable()) {
            if (after.insert(name).second)
                warnChildren(*reply, name + " is counted and limited for each of: a b");
        }
        for (const std::string &name : request->disable()) {
            if (after.erase(name) > 0)
                warnChildren(*reply, name + " is taken from: a b; limits that are lost: a: memory.max 64M;");
        }
        const bool needsLeaf = m_processes > 0 && after != m_enabled;
        if (needsLeaf && !request->make_leaf())
            return service::toStatus(
                fail(EBUSY, "setControllers", kAppPath, strCat("it has ", m_processes, " processes of its own"))
                    .error());
        if (needsLeaf) {
            reply->set_leaf_path("/app/leaf");
            reply->set_moved_processes(m_processes);
        }
        reply->mutable_old_enabled()->Add(m_enabled.begin(), m_enabled.end());
        reply->mutable_new_enabled()->Add(after.begin(), after.end());
        if (!request->dry_run()) {
            m_enabled = after;
            m_processes = needsLeaf ? 0 : m_processes;
            m_controllers.push_back(*request);
        }
        return grpc::Status::OK;
    }
    static void warnChildren(v1::SetControllersReply &reply, const std::string &detail)
    {
        v1::Warning &warning = *reply.add_warnings();
        warning.set_code(v1::Warning::CODE_CHANGES_CHILDREN);
        warning.set_subject(kAppPath);
        warning.set_detail(detail);
        warning.set_have(2);
    }
    grpc::Status Reclaim(grpc::ServerContext * /*context*/, const v1::ReclaimRequest *request,
                         v1::ReclaimReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        reply->set_node_id(request->target().node_id());
        reply->set_cgroup_path(kAppPath);
        reply->set_usage_before(200 * kMiB);
        reply->set_usage_after(200 * kMiB);
        if (request->bytes() > 200 * kMiB) {
            v1::Warning &warning = *reply->add_warnings();
            warning.set_code(v1::Warning::CODE_WILL_ROUND);
            warning.set_have(200 * kMiB);
            warning.set_want(request->bytes());
        }
        if (request->dry_run())
            return grpc::Status::OK;
        // 48 MiB are all there is to take back.
        const std::uint64_t taken = std::min<std::uint64_t>(request->bytes(), 48 * kMiB);
        reply->set_usage_after(200 * kMiB - taken);
        reply->set_complete(taken == request->bytes());
        m_reclaims.push_back(*request);
        return grpc::Status::OK;
    }
    /// "web" as the real engine does it: the answer names it as it was, and a container that stops is another node.
    grpc::Status ActOnContainer(grpc::ServerContext * /*context*/, const v1::ContainerActionRequest *request,
                                v1::ContainerActionReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        const std::vector<v1::Node> all{m_web, endedNode(1, "job"), endedNode(2, "old")};
        const auto found = std::ranges::find(all, request->target().node_id(), &v1::Node::id);
        if (found == all.end())
            return service::toStatus(fail(ENOTSUP, "container", "?", "not a container").error());
        const v1::Node &node = *found;
        const bool isWeb = found == all.begin();
        const bool starts = request->action() == v1::ContainerActionRequest::ACTION_START ||
                            request->action() == v1::ContainerActionRequest::ACTION_RESTART;
        reply->set_node_id(node.id());
        reply->set_container(node.name());
        reply->set_old_state(node.container().state());
        reply->set_new_state(request->action() == v1::ContainerActionRequest::ACTION_REMOVE
                                 ? v1::CONTAINER_STATE_UNSPECIFIED
                             : starts ? v1::CONTAINER_STATE_RUNNING
                                      : v1::CONTAINER_STATE_EXITED);
        static const std::map<int, std::string> kWords{{1, "start"}, {2, "stop"}, {3, "restart"}, {4, "rm"}};
        reply->set_command(strCat("podman ", kWords.at(request->action()), " ", node.name()));
        if (request->dry_run())
            return grpc::Status::OK;
        m_actions.push_back(*request);
        if (isWeb)
            m_web = reply->new_state() == v1::CONTAINER_STATE_UNSPECIFIED ? v1::Node() : webNode(reply->new_state());
        ++m_generation;
        return grpc::Status::OK;
    }
    /// First an io_uring is in the way; asked again, all is well.
    grpc::Status Check(grpc::ServerContext * /*context*/, const v1::CheckRequest *request,
                       v1::CheckReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        if (request->target().node_id() == NodeId::cgroup(0, kCron).v)
            return service::toStatus(fail(ENOENT, "check", kCronPath, "it has no process").error());
        reply->set_possible(m_checked++ > 0);
        reply->set_processes(2);
        reply->set_resident_bytes(70 * kMiB);
        reply->set_criu_version("4.2.1");
        const auto add = [reply](const checkpoint::Cause cause, v1::CheckFinding::Severity severity,
                                 const std::string &object) {
            v1::CheckFinding &finding = *reply->add_findings();
            const checkpoint::CauseInfo &info = checkpoint::causeInfo(cause);
            finding.set_severity(severity);
            finding.set_cause(std::string(info.name));
            finding.set_object(object);
            finding.set_why(std::string(info.why));
            finding.set_remedy(std::string(info.remedy));
            finding.set_option(std::string(info.option));
        };
        if (!reply->possible()) {
            add(checkpoint::Cause::IoUring, v1::CheckFinding::SEVERITY_ERROR,
                "fd 14 -> anon_inode:[io_uring] of pid 812 (node)");
            add(checkpoint::Cause::Terminal, v1::CheckFinding::SEVERITY_WARNING, "fd 0 -> /dev/pts/3 of pid 812 (node)");
        }
        add(checkpoint::Cause::TcpConnection, v1::CheckFinding::SEVERITY_INFO,
            "fd 9 -> socket:[4711], port 6379 of pid 813 (redis <1>)");
        reply->add_options("tcp-established");
        return grpc::Status::OK;
    }
    /// One of "web".
    grpc::Status List(grpc::ServerContext * /*context*/, const v1::ListCheckpointsRequest * /*request*/,
                      v1::ListCheckpointsReply *reply) override
    {
        *reply->add_checkpoints() = webCheckpoint();
        return grpc::Status::OK;
    }
    /// The name "web" is taken; of several the second one fails.
    grpc::Status Copy(grpc::ServerContext * /*context*/, const v1::CopyCheckpointRequest *request,
                      v1::CopyCheckpointReply *reply) override
    {
        const std::scoped_lock lock(m_mutex);
        *reply->mutable_checkpoint() = webCheckpoint();
        reply->add_notes("the host name inside is web, as it was saved");
        for (std::uint32_t i = 1; i <= std::max(1U, request->copies()); ++i) {
            v1::CopyCheckpointReply::Copy &copy = *reply->add_copies();
            copy.set_name(request->copies() == 0 ? request->name() : strCat(request->name(), "-", i));
            if (!request->name().starts_with("web"))
                continue;
            v1::CopyCheckpointReply::Conflict &conflict = *reply->add_conflicts();
            conflict.set_name(copy.name());
            *conflict.mutable_failure() = gantry::toMessage(
                fail(EEXIST, "restore", copy.name(), "runc has a container of this name", "Choose another name").error());
        }
        if (request->dry_run() || !reply->conflicts().empty())
            return grpc::Status::OK;
        m_copies.push_back(*request);
        for (int i = 0; i < std::min(2, reply->copies_size()); ++i) {
            if (i == 0)
                reply->mutable_copies(i)->set_root_pid(4'711);
            else
                *reply->mutable_copies(i)->mutable_failure() = gantry::toMessage(
                    fail(EIO, "restore", reply->copies(i).name(), "CRIU: cannot open /data").error());
        }
        return grpc::Status::OK;
    }
    grpc::Status CreateCgroup(grpc::ServerContext * /*context*/, const v1::CreateCgroupRequest *request,
                              v1::CreateCgroupReply *reply) override
    {
        if (request->path().ends_with("/refused"))
            return service::toStatus(fail(EPERM, "createCgroup", request->path(), "the parent is full").error());
        reply->set_cgroup_path(request->path());
        *reply->add_warnings() = ownedBySystemd(request->path());
        return grpc::Status::OK;
    }
    grpc::Status RemoveCgroup(grpc::ServerContext * /*context*/, const v1::RemoveCgroupRequest * /*request*/,
                              v1::RemoveCgroupReply *reply) override
    {
        reply->set_cgroup_path("/app/a");
        *reply->add_warnings() = ownedBySystemd("/app/a");
        return grpc::Status::OK;
    }
    static v1::Warning ownedBySystemd(const std::string &path)
    {
        v1::Warning out;
        out.set_code(v1::Warning::CODE_SYSTEMD_OWNED);
        out.set_subject(path);
        return out;
    }

    std::uint32_t m_version;
    const std::vector<std::string> m_calls;
    mutable std::mutex m_mutex;
    std::map<std::string, std::uint64_t> m_held; ///< path and key
    std::vector<v1::SetLimitsRequest> m_limitRequests;
    std::vector<v1::SetControllersRequest> m_controllers;
    std::vector<v1::ReclaimRequest> m_reclaims;
    std::vector<v1::CopyCheckpointRequest> m_copies;
    std::set<std::string> m_enabled{"memory"};
    std::uint32_t m_processes = 3;
    v1::OomdState m_oomd;
    std::string m_fileText = "max";
    std::vector<v1::ContainerActionRequest> m_actions;
    v1::Node m_web = webNode();
    v1::LogTail m_log;
    std::string m_runtimeProblem;
    int m_logErrno = 0;
    int m_logAsked = 0;
    int m_checked = 0;
    int m_generation = 0; ///< of the inventory
    int m_filesAsked = 0;
    int m_oomdAsked = 0;
    std::unique_ptr<grpc::Server> m_server;
};

} // namespace gantry::test
