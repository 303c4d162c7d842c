// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/metrics_service.h"

#include "engine/alerts/event_log.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/base/time_text.h"
#include "engine/cgroup/files.h"
#include "engine/proto/convert.h"
#include "engine/service/convert_metrics.h"
#include "engine/service/stream.h"
#include "engine/service/targets.h"

#include <algorithm>
#include <utility>

namespace gantry::service {

namespace {

constexpr std::uint32_t kLeastInterval = 100;
constexpr std::uint32_t kMostInterval = 60'000;
constexpr int kMostNodes = 200'000;

/// A WatchMetricsRequest that makes sense.
struct WatchPlan
{
    std::chrono::milliseconds interval{0};
    std::vector<Metric> metrics;
    std::vector<NodeId> nodes;
    std::vector<NodeId> details;
};

std::vector<NodeId> idsOf(const google::protobuf::RepeatedField<std::uint64_t> &numbers)
{
    std::vector<NodeId> out;
    out.reserve(static_cast<std::size_t>(numbers.size()));
    for (const std::uint64_t number : numbers)
        out.push_back(NodeId{number});
    return out;
}

Result<WatchPlan> planOf(const v1::WatchMetricsRequest &request, std::chrono::milliseconds ownInterval)
{
    WatchPlan plan{ownInterval, {}, {}, {}};
    if (request.interval_ms() != 0) {
        if (request.interval_ms() < kLeastInterval || request.interval_ms() > kMostInterval)
            return fail(ERANGE, "watchMetrics", "interval_ms",
                        strCat(request.interval_ms(), " is not between 100 and 60000"));
        plan.interval = std::chrono::milliseconds(request.interval_ms());
    }
    plan.metrics = GANTRY_TRY(metricsOf(request.metrics()));
    for (const Metric metric : plan.metrics) {
        if (std::ranges::find(kTreeMetrics, metric) == kTreeMetrics.end())
            return fail(EINVAL, "watchMetrics", metricInfo(metric)->name, "it is not sampled for every cgroup",
                        "name the node in detail_node_ids");
    }
    if (request.node_ids_size() > kMostNodes)
        return fail(EINVAL, "watchMetrics", "node_ids", "more than 200000 nodes");
    if (request.detail_node_ids_size() > static_cast<int>(sampler::Sampler::kMostDetails))
        return fail(EINVAL, "watchMetrics", "detail_node_ids", "more than 256 nodes");
    plan.nodes = idsOf(request.node_ids());
    plan.details = idsOf(request.detail_node_ids());
    return plan;
}

/// Subscription to a sampler's frames that ends with its scope.
class FrameSubscription
{
public:
    template <class Wake>
    FrameSubscription(sampler::Sampler &sampler, Wake wake)
        : m_sampler(sampler), m_id(sampler.subscribe([wake](const sampler::FramePtr &) { wake(); }))
    {}
    FrameSubscription(const FrameSubscription &) = delete;
    FrameSubscription &operator=(const FrameSubscription &) = delete;
    FrameSubscription(FrameSubscription &&) = delete;
    FrameSubscription &operator=(FrameSubscription &&) = delete;
    ~FrameSubscription() { m_sampler.unsubscribe(m_id); }

private:
    sampler::Sampler &m_sampler;
    sampler::Sampler::Subscription m_id;
};

/// Decides which frames of the sampler a stream gets, and counts those its reader was too slow for.
class Pace
{
public:
    explicit Pace(std::chrono::milliseconds interval) : m_interval(interval) {}

    /// True if the frame is new and due.
    [[nodiscard]] bool isDue(const sampler::Frame &frame)
    {
        if (frame.sequence == m_seen)
            return false;
        // Ticks are not exact: a frame that comes a tenth of the interval early is still this one's.
        const bool due = m_seen == 0 || frame.monotonic - m_written >= m_interval - m_interval / 10;
        m_missed += due && m_seen != 0 ? static_cast<std::uint32_t>(frame.sequence - m_seen - 1) : 0U;
        m_seen = frame.sequence;
        if (due)
            m_written = frame.monotonic;
        return due;
    }
    [[nodiscard]] std::uint32_t takeMissed() { return std::exchange(m_missed, 0U); }

private:
    const Micros m_interval;
    Micros m_written{0};
    std::uint64_t m_seen = 0;
    std::uint32_t m_missed = 0;
};

} // namespace

grpc::Status MetricsService::Watch(grpc::ServerContext *context, const v1::WatchMetricsRequest *request,
                                   grpc::ServerWriter<v1::Frame> *writer)
{
    auto plan = planOf(*request, m_interval);
    if (!plan)
        return toStatus(plan.error());
    // A stream that wants few frames must not slow down the alerts, which live on the same frames.
    const auto interest = m_interests.add({plan->nodes, plan->details, std::min(plan->interval, m_interval)});
    FrameFilter filter(std::move(plan->metrics), std::move(plan->nodes), std::move(plan->details));
    Pace pace(plan->interval);
    return serveStream(
        m_gate, *context, *writer, [this](auto wake) { return FrameSubscription(m_sampler, wake); },
        [&](v1::Frame &message) {
            const sampler::FramePtr frame = m_sampler.latest();
            if (!frame || !pace.isDue(*frame))
                return StreamStep::Wait;
            message = filter.apply(*frame);
            message.set_skipped(pace.takeMissed());
            return StreamStep::Write;
        });
}

grpc::Status MetricsService::History(grpc::ServerContext * /*context*/, const v1::HistoryRequest *request,
                                     v1::HistoryReply *reply)
{
    return toStatus([&]() -> Result<> {
        const auto metrics = GANTRY_TRY(metricsOf(request->metrics()));
        const auto history =
            GANTRY_TRY(m_sampler.history(NodeId{request->node_id()}, metrics, Micros(request->since_monotonic_usec())));
        *reply = toMessage(history, metrics);
        return {};
    }());
}

grpc::Status MetricsService::Read(grpc::ServerContext * /*context*/, const v1::ReadRequest *request,
                                  v1::ReadReply *reply)
{
    return toStatus([&]() -> Result<> {
        cgroup::Cgroup cgroup;
        if (request->target().node_id() == NodeId::host().v)
            cgroup.id = NodeId::host();
        else
            cgroup = GANTRY_TRY(m_targets.cgroupOf(request->target()));
        reply->set_monotonic_usec(alerts::monotonicMicros());
        reply->set_realtime_usec(realtimeMicros());
        *reply->mutable_metrics() = toMessage(m_sampler.readNow(cgroup));
        reply->set_cgroup_path(printable(cgroup.path.text()));
        return {};
    }());
}

grpc::Status MetricsService::ReadFiles(grpc::ServerContext * /*context*/, const v1::ReadFilesRequest *request,
                                       v1::ReadFilesReply *reply)
{
    return toStatus([&]() -> Result<> {
        const cgroup::Cgroup target = GANTRY_TRY(m_targets.cgroupOf(request->target()));
        reply->set_node_id(target.id.v);
        reply->set_cgroup_path(printable(target.path.text()));
        for (const cgroup::FileText &file : GANTRY_TRY(cgroup::readFiles(*m_hierarchies, target))) {
            v1::ReadFilesReply::File &message = *reply->add_files();
            message.set_name(printable(file.name));
            message.set_mount_point(printable(m_hierarchies->at(file.hierarchy)->mountPoint));
            message.set_writable(file.writable);
            if (!file.text) {
                *message.mutable_failure() = gantry::toMessage(file.text.error());
                continue;
            }
            std::string_view rest = *file.text;
            while (const auto line = takeLine(rest))
                message.mutable_text()->append(printable(*line)).append(1, '\n');
        }
        return {};
    }());
}

} // namespace gantry::service
