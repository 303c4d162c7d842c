// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/engine.h"

#include "engine/alerts/alert_engine.h"
#include "engine/alerts/oom_stories.h"
#include "engine/base/log.h"
#include "engine/checkpoint/criu_keeper.h"
#include "engine/checkpoint/file_snapshot.h"
#include "engine/checkpoint/file_swap.h"
#include "engine/checkpoint/oci_container.h"
#include "engine/control/control.h"
#include "engine/control/executor.h"
#include "engine/control/runtime_route.h"
#include "engine/control/systemd_route.h"
#include "engine/inventory/host_facts.h"
#include "engine/service/alerts_service.h"
#include "engine/service/channel.h"
#include "engine/service/checkpoint_service.h"
#include "engine/service/container_events.h"
#include "engine/service/control_service.h"
#include "engine/service/fork_service.h"
#include "engine/service/group_service.h"
#include "engine/service/host_service.h"
#include "engine/service/inventory_service.h"
#include "engine/service/jobs_service.h"
#include "engine/service/launch_service.h"
#include "engine/service/metrics_service.h"
#include "engine/service/migration_service.h"
#include "engine/service/peers.h"
#include "engine/service/program_requests.h"
#include "engine/service/schedule_service.h"
#include "engine/service/scheduler.h"
#include "engine/service/targets.h"
#include "engine/service/transfer_service.h"
#include "engine/systemd/oomd.h"

#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <grpcpp/resource_quota.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>

namespace gantry::service {

namespace {

/// Threads for calls besides the streams'.
constexpr std::size_t kCallThreads = 32;
constexpr std::size_t kCallThreadsOfLookers = 16;
/// For what has come and is not yet answered.
constexpr Bytes kMemory{std::uint64_t{512} << 20};
constexpr Bytes kMemoryOfLookers{std::uint64_t{128} << 20};
constexpr int kCallsOfConnection = 64;
constexpr int kKeepAliveMillis = 20'000;
constexpr std::chrono::seconds kShutdownPatience{2};

control::AuditLog::Places auditPlaces(const std::string &stateFolder)
{
    control::AuditLog::Places places = control::AuditLog::defaultPlaces();
    if (!stateFolder.empty())
        places.stateFolder = stateFolder;
    return places;
}

/// Thread: any, while nobody calls setenv(3).
std::string fromEnvironment(const char *name)
{
    const char *const text = std::getenv(name); // NOLINT(concurrency-mt-unsafe)
    return text == nullptr ? std::string() : std::string(text);
}

StoreSecrets secretsOf(const Engine::Options &options)
{
    return {options.keyFile.empty() ? fromEnvironment("GANTRY_KEY_FILE") : options.keyFile,
            fromEnvironment("GANTRY_PASSPHRASE_FILE"), options.askPassphrase};
}

} // namespace

/// Members stand in the order of their dependencies: what is used is declared first and dies last.
class Engine::Impl
{
public:
    Impl(Options options, cgroup::HierarchiesPtr hierarchies, std::unique_ptr<EventLoop> loop)
        : m_options(std::move(options))
        , m_hierarchies(std::move(hierarchies))
        , m_loop(std::move(loop))
        , m_audit(auditPlaces(m_options.stateFolder))
        , m_rules((std::filesystem::path(auditPlaces(m_options.stateFolder).stateFolder) / "alerts.rules").string())
        , m_readOnlyReason(inventory::missingRights())
        , m_criu(auditPlaces(m_options.stateFolder).stateFolder)
        , m_targets(m_hierarchies, [this] { return m_inventory->snapshot(); })
        , m_control(
              m_hierarchies, [this](const cgroup::CgroupPath &path) { return m_inventory->protectedReason(path); },
              m_audit,
              control::runtimeRoutes({[this](const cgroup::Cgroup &target) { return containerAt(target); }, m_expected},
                                     control::systemdRoutes({m_hierarchies, m_systemd, m_ownership, m_expected})),
              [this](std::string_view verb, const cgroup::CgroupPath &path) {
                  return control::foreignPlaceWarnings(m_ownership(path), verb, path);
              })
        , m_sampler({.hierarchies = m_hierarchies, .interval = m_options.sampleInterval})
    {}
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;
    Impl(Impl &&) = delete;
    Impl &operator=(Impl &&) = delete;
    ~Impl();

    [[nodiscard]] Result<> start();
    [[nodiscard]] std::shared_ptr<grpc::Channel> inProcessChannel()
    {
        m_peers.expectInProcess();
        return m_server->InProcessChannel(clientArguments());
    }
    [[nodiscard]] Result<> serveFd(UniqueFd connectedSocket, Caller caller);
    [[nodiscard]] bool answers(std::chrono::milliseconds patience) const;

private:
    /// What one server may take.
    struct Share
    {
        const char *name;
        std::size_t threads;
        Bytes memory;
    };
    [[nodiscard]] std::unique_ptr<grpc::Server> build(const Share &share) const;
    [[nodiscard]] grpc::Server *serverFor(Access access);
    [[nodiscard]] std::optional<runtime::Known> containerAt(const cgroup::Cgroup &target) const;
    void feedSampler(const inventory::SnapshotPtr &snapshot);
    void startAlerts();
    void onTreeEvent(const inventory::Event &event);
    void startServer();
    void onOomdKill(const std::string &path, const std::string &reason);

    const Options m_options;
    const cgroup::HierarchiesPtr m_hierarchies;
    const std::unique_ptr<EventLoop> m_loop;
    control::AuditLog m_audit;
    alerts::RuleStore m_rules;
    alerts::EventLog m_events;
    control::JobTable m_jobs;
    const std::string m_readOnlyReason;
    checkpoint::CriuKeeper m_criu;
    CheckpointStore m_checkpoints{auditPlaces(m_options.stateFolder).stateFolder, secretsOf(m_options)};
    const Schedules m_schedules{auditPlaces(m_options.stateFolder).stateFolder};
    Adopted m_adopted{*m_loop};
    Observers m_snapshots; ///< woken after each new snapshot
    Targets m_targets;
    Peers m_peers{m_readOnlyReason};
    StreamGate m_gate{[this](const std::string &peer) { return m_peers.accountOf(peer); }};
    const std::shared_ptr<const systemd::Managers> m_systemd = std::make_shared<const systemd::Managers>();
    const std::shared_ptr<ExpectedWrites> m_expected = std::make_shared<ExpectedWrites>();
    const control::OwnershipFinder m_ownership = control::ownershipOnHost(m_hierarchies);
    systemd::Oomd m_oomd{m_hierarchies};
    control::Control m_control;
    sampler::Sampler m_sampler;
    WorkerPool m_scanners{2}; ///< the inventory's walks over /proc
    std::unique_ptr<runtime::Runtimes> m_runtimes;
    std::unique_ptr<inventory::Inventory> m_inventory;
    std::unique_ptr<alerts::AlertEngine> m_alerts;
    std::optional<sampler::Sampler::Subscription> m_frames;
    std::unique_ptr<systemd::OomdWatch> m_oomdWatch;
    ContainerEvents m_containerEvents{*m_loop, m_events, [this] { return m_inventory->snapshot(); }};
    std::vector<inventory::Subscription> m_subscriptions;
    WorkerPool m_workers; ///< verbs; its destructor waits for those that run, so all they use stands above
    control::Executor m_executor{m_workers, m_jobs};
    std::vector<std::unique_ptr<grpc::Service>> m_services;
    std::unique_ptr<Scheduler> m_scheduler; ///< waits for what its workers do, so all they use stands above
    std::unique_ptr<ProgramRequests> m_requests; ///< the same
    std::unique_ptr<grpc::Server> m_server;
    std::mutex m_lookersMutex;
    /// The same services with threads and memory of their own: whatever those do who only look, others find room. Under
    /// m_lookersMutex; made when the first one comes.
    std::unique_ptr<grpc::Server> m_lookers;
    std::jthread m_thread; ///< runs the loop
};

Result<> Engine::Impl::start()
{
    m_runtimes = std::make_unique<runtime::Runtimes>(
        runtime::Runtimes::Options{}, [this] { m_loop->post([this] { m_inventory->runtimesChanged(); }); });
    m_runtimes->waitForFirst(m_options.runtimePatience);
    m_inventory = GANTRY_TRY(inventory::Inventory::create(
        *m_loop, m_hierarchies, m_scanners,
        {.protectedPaths = m_options.protectedPaths, .runtimes = [this] { return m_runtimes->table(); }}));
    m_alerts = std::make_unique<alerts::AlertEngine>(
        *m_loop, m_hierarchies,
        [this](NodeId id) -> std::optional<cgroup::Cgroup> {
            const inventory::NodePtr node = m_inventory->snapshot()->find(id);
            return node && node->cgroup() != nullptr ? std::optional(node->cgroup()->cgroup) : std::nullopt;
        },
        m_rules, m_events, m_expected);
    if (auto loaded = m_rules.load(); !loaded)
        log::warning(log::Area::Alerts, "alert rules: ", loaded.error().message());
    if (const auto &problem = m_inventory->watchProblem())
        log::info(log::Area::Inventory, "the tree is walked, not watched: ", problem->message());

    feedSampler(m_inventory->snapshot());
    m_subscriptions.push_back(m_inventory->subscribe([this](const inventory::SnapshotPtr &snapshot) {
        feedSampler(snapshot);
        m_snapshots.notify();
    }));
    if (m_options.alerts)
        startAlerts();
    if (m_options.criu)
        m_criu.start();
    if (m_options.criu && m_readOnlyReason.empty()) { // what an engine that was killed has left
        (void)checkpoint::undoLeftSwaps(m_checkpoints.spillFolder());
        checkpoint::removeLeftSnapshots(m_checkpoints.spillFolder());
        checkpoint::ToolFolder::removeLeft(m_checkpoints.spillFolder());
    }
    m_sampler.start();
    startServer();
    m_thread = std::jthread([this] { m_loop->run(); });
    if (m_options.schedules && m_readOnlyReason.empty()) {
        m_scheduler->start();
        m_requests->start();
    }
    return {};
}

std::optional<runtime::Known> Engine::Impl::containerAt(const cgroup::Cgroup &target) const
{
    const inventory::SnapshotPtr snapshot = m_inventory->snapshot();
    const inventory::NodePtr node = snapshot->find(target.id);
    const inventory::NodePtr container =
        node && node->cgroup() != nullptr ? snapshot->find(node->cgroup()->container) : nullptr;
    auto known = container ? knownContainer(*m_runtimes->table(), *container, "find") : fail(ENOENT, "find", "", "");
    return known ? std::optional(*std::move(known)) : std::nullopt;
}

void Engine::Impl::feedSampler(const inventory::SnapshotPtr &snapshot)
{
    const auto cgroupsOf = [snapshot] {
        auto cgroups = std::make_shared<std::vector<cgroup::Cgroup>>();
        for (const inventory::NodePtr &node : snapshot->nodes()) {
            if (const inventory::CgroupNode *const cgroup = node->cgroup())
                cgroups->push_back(cgroup->cgroup);
        }
        return cgroups;
    };
    m_sampler.setNodes(cgroupsOf, snapshot->generation());
}

void Engine::Impl::startAlerts()
{
    for (const inventory::NodePtr &node : m_inventory->snapshot()->nodes()) {
        if (const inventory::CgroupNode *const cgroup = node->cgroup())
            m_alerts->onCgroupAdded(cgroup->cgroup, false);
        m_containerEvents.learn(*node);
    }
    m_alerts->watchKernelLog(alerts::OomStories::open());
    m_subscriptions.push_back(m_inventory->onEvent([this](const inventory::Event &event) { onTreeEvent(event); }));
    if (systemd::isBooted())
        m_oomdWatch = std::make_unique<systemd::OomdWatch>([this](const std::string &path, const std::string &reason) {
            m_loop->post([this, path, reason] { onOomdKill(path, reason); });
        });
    m_frames = m_sampler.subscribe(
        [this](const sampler::FramePtr &frame) { m_loop->post([this, frame] { m_alerts->onFrame(frame); }); });
}

void Engine::Impl::onTreeEvent(const inventory::Event &event)
{
    if (event.kind == inventory::Event::Kind::Overflow)
        m_alerts->onOverflow();
    m_containerEvents.on(event);
    if (event.node.kind() != NodeKind::Cgroup)
        return;
    cgroup::Cgroup cgroup{event.node, event.path, {}};
    if (event.kind == inventory::Event::Kind::Removed) {
        m_alerts->onCgroupRemoved(cgroup);
        return;
    }
    const inventory::NodePtr node = m_inventory->snapshot()->find(event.node);
    if (!node || node->cgroup() == nullptr)
        return;
    cgroup = node->cgroup()->cgroup;
    if (event.kind == inventory::Event::Kind::Created) {
        m_alerts->onCgroupAdded(cgroup, true);
        return;
    }
    if (!event.byKernel)
        m_sampler.touch(event.node);
    m_alerts->onWritten({std::move(cgroup), event.file, event.pid, event.byKernel});
}

void Engine::Impl::onOomdKill(const std::string &path, const std::string &reason)
{
    alerts::Event event{.kind = alerts::EventKind::OomdKill, .path = path, .newValue = printable(reason)};
    const inventory::SnapshotPtr snapshot = m_inventory->snapshot();
    for (const inventory::NodePtr &node : snapshot->nodes()) {
        if (node->cgroup() != nullptr && node->cgroup()->cgroup.path.text() == path)
            event.node = node->id;
    }
    m_events.append(std::move(event));
}

void Engine::Impl::startServer()
{
    m_services.push_back(std::make_unique<HostService>(
        HostService::Parts{m_hierarchies, *m_inventory, m_options.alerts ? m_alerts.get() : nullptr, *m_systemd, m_oomd,
                           *m_runtimes, m_options.criu ? &m_criu : nullptr, m_peers}));
    m_services.push_back(std::make_unique<InventoryService>(
        InventoryService::Parts{*m_loop, *m_inventory, m_hierarchies, m_targets, m_snapshots, m_gate, *m_runtimes}));
    m_services.push_back(
        std::make_unique<MetricsService>(m_sampler, m_hierarchies, m_targets, m_gate, m_options.sampleInterval));
    m_services.push_back(std::make_unique<ControlService>(
        ControlService::Parts{m_control, m_executor, m_targets, m_peers, m_events, *m_runtimes,
                              [this](NodeId node) { m_sampler.touch(node); }, m_schedules}));
    m_services.push_back(
        std::make_unique<AlertsService>(AlertsService::Parts{*m_alerts, m_rules, m_events, m_gate, m_peers, m_audit}));
    m_services.push_back(std::make_unique<JobsService>(JobsService::Parts{m_jobs, m_gate, m_peers, m_audit}));
    auto checkpoints = std::make_unique<CheckpointService>(
        CheckpointService::Parts{m_hierarchies, *m_inventory, m_targets, m_criu, m_checkpoints, m_executor, m_audit,
                                 m_peers, *m_loop, m_adopted, m_control, *m_runtimes});
    m_services.push_back(std::make_unique<ScheduleService>(
        ScheduleService::Parts{*checkpoints, m_checkpoints, m_schedules, m_audit, m_peers}));
    m_scheduler = std::make_unique<Scheduler>(
        Scheduler::Parts{*checkpoints, m_checkpoints, m_executor, m_audit, m_schedules});
    m_requests = std::make_unique<ProgramRequests>(
        ProgramRequests::Parts{*checkpoints, m_checkpoints, m_executor, m_targets, *m_inventory});
    m_adopted.onEnd([this](std::int32_t pid, int status) { m_scheduler->onExit(pid, status); });
    auto migrations = std::make_unique<MigrationService>(
        MigrationService::Parts{*checkpoints, m_checkpoints, m_jobs, m_gate, m_audit, m_peers, *m_loop, m_adopted,
                                m_control, *m_runtimes, m_hierarchies, m_schedules, m_rules});
    m_services.push_back(std::make_unique<ForkService>(
        ForkService::Parts{*checkpoints, m_checkpoints, m_jobs, m_gate, m_peers, *m_runtimes}));
    m_services.push_back(std::make_unique<GroupService>(
        GroupService::Parts{*checkpoints, m_checkpoints, m_jobs, m_gate, m_peers, *m_loop, m_adopted, *m_runtimes}));
    m_services.push_back(std::move(checkpoints));
    if (m_readOnlyReason.empty())
        migrations->recover();
    m_services.push_back(std::move(migrations));
    m_services.push_back(
        std::make_unique<TransferService>(TransferService::Parts{m_checkpoints, m_jobs, m_gate, m_audit, m_peers}));
    m_services.push_back(std::make_unique<LaunchService>(LaunchService::Parts{
        m_checkpoints.spillFolder(), m_executor, m_audit, m_peers, *m_loop, m_adopted, *m_runtimes}));

    m_server = build({"gantry", StreamGate::kMostStreams + kCallThreads, kMemory});
}

std::unique_ptr<grpc::Server> Engine::Impl::build(const Share &share) const
{
    grpc::ServerBuilder builder;
    for (const std::unique_ptr<grpc::Service> &service : m_services)
        builder.RegisterService(service.get());
    grpc::ResourceQuota quota(share.name);
    quota.SetMaxThreads(static_cast<int>(share.threads));
    quota.Resize(share.memory.v);
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(kMostRequestBytes);
    builder.SetMaxSendMessageSize(kMostAnswerBytes);
    builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
    builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMostMetadataBytes);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsOfConnection); // more wait at the client
    // A peer that is gone without a word keeps its streams' threads until this finds out.
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepAliveMillis);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepAliveMillis);
    std::unique_ptr<grpc::Server> out = builder.BuildAndStart();
    GANTRY_ASSERT(out != nullptr); // no port is bound, so nothing outside can make it fail
    return out;
}

Result<> Engine::Impl::serveFd(UniqueFd connectedSocket, Caller caller)
{
    GANTRY_CHECK(makeNonBlocking(connectedSocket.get()));
    const Access access = caller.access;
    UniqueFd connection = GANTRY_TRY(m_peers.add(std::move(connectedSocket), std::move(caller)));
    grpc::AddInsecureChannelFromFd(serverFor(access), connection.release());
    return {};
}

grpc::Server *Engine::Impl::serverFor(Access access)
{
    if (access == Access::Act)
        return m_server.get();
    const std::scoped_lock lock(m_lookersMutex);
    if (!m_lookers)
        m_lookers = build({"gantry-look", StreamGate::kMostStreamsOfLookers + kCallThreadsOfLookers, kMemoryOfLookers});
    return m_lookers.get();
}

bool Engine::Impl::answers(std::chrono::milliseconds patience) const
{
    const auto answer = std::make_shared<std::promise<void>>();
    std::future<void> answered = answer->get_future();
    m_loop->post([answer] { answer->set_value(); });
    return answered.wait_for(patience) == std::future_status::ready;
}

Engine::Impl::~Impl()
{
    m_gate.close();
    m_criu.stop(); // calls may wait for it
    for (const std::unique_ptr<grpc::Server> *const server : {&m_lookers, &m_server}) {
        if (*server)
            (*server)->Shutdown(std::chrono::system_clock::now() + kShutdownPatience);
    }
    if (m_frames)
        m_sampler.unsubscribe(*m_frames);
    m_loop->stop();
    if (m_thread.joinable())
        m_thread.join();
    m_subscriptions.clear();
}

Result<std::unique_ptr<Engine>> Engine::start(Options options)
{
    auto hierarchies = GANTRY_TRY(cgroup::Hierarchies::discover());
    auto loop = GANTRY_TRY(EventLoop::create());
    auto impl = std::make_unique<Impl>(std::move(options), std::move(hierarchies), std::move(loop));
    GANTRY_CHECK(impl->start());
    return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Engine::Engine(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

Engine::~Engine() = default;

std::shared_ptr<grpc::Channel> Engine::inProcessChannel()
{
    return m_impl->inProcessChannel();
}

Result<> Engine::serveFd(UniqueFd connectedSocket, Caller caller)
{
    return m_impl->serveFd(std::move(connectedSocket), std::move(caller));
}

bool Engine::answers(std::chrono::milliseconds patience) const
{
    return m_impl->answers(patience);
}

} // namespace gantry::service
