// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/convert_metrics.h"

#include "engine/proto/convert.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace gantry::service {

namespace {

static_assert(static_cast<int>(CellState::Value) == v1::CELL_STATE_VALUE);
static_assert(static_cast<int>(CellState::Absent) == v1::CELL_STATE_ABSENT);
static_assert(static_cast<int>(CellState::Unreadable) == v1::CELL_STATE_UNREADABLE);
static_assert(static_cast<int>(CellState::Unlimited) == v1::CELL_STATE_UNLIMITED);
static_assert(static_cast<int>(CellState::NotYet) == v1::CELL_STATE_NOT_YET);

void addColumn(v1::Frame &out, const sampler::Column &column, const std::vector<std::size_t> &rows)
{
    v1::Frame::Column &message = *out.add_columns();
    message.set_metric(static_cast<std::uint32_t>(column.metric));
    std::string &states = *message.mutable_states();
    states.reserve(rows.size());
    for (const std::size_t row : rows)
        states.push_back(static_cast<char>(column.states.at(row)));
    const auto copy = [&rows](const auto &from, auto &to) {
        if (from.empty())
            return;
        to.Reserve(static_cast<int>(rows.size()));
        for (const std::size_t row : rows)
            to.AddAlreadyReserved(from.at(row));
    };
    copy(column.integers, *message.mutable_integers());
    copy(column.reals, *message.mutable_reals());
}

} // namespace

v1::NodeMetrics toMessage(const sampler::NodeDetail &detail)
{
    v1::NodeMetrics out;
    out.set_node_id(detail.node.v);
    for (const sampler::MetricValue &value : detail.values) {
        v1::MetricValue &message = *out.add_values();
        message.set_metric(static_cast<std::uint32_t>(value.metric));
        message.set_state(static_cast<v1::CellState>(value.state));
        message.set_integer(value.integer);
        message.set_real(value.real);
        if (value.error)
            *message.mutable_failure() = gantry::toMessage(*value.error);
    }
    for (const sampler::DeviceIo &io : detail.devices) {
        v1::DeviceIo &message = *out.add_devices();
        message.mutable_device()->set_major(io.traffic.device.major);
        message.mutable_device()->set_minor(io.traffic.device.minor);
        message.set_name(io.name);
        message.set_read_bytes(io.traffic.readBytes);
        message.set_write_bytes(io.traffic.writeBytes);
        message.set_read_operations(io.traffic.readOperations);
        message.set_write_operations(io.traffic.writeOperations);
    }
    return out;
}

v1::HistoryReply toMessage(const sampler::History &history, std::span<const Metric> metrics)
{
    v1::HistoryReply out;
    for (const Micros time : history.monotonic)
        out.add_monotonic_usec(time.count());
    out.mutable_realtime_usec()->Add(history.realtimeUsec.begin(), history.realtimeUsec.end());
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        v1::HistoryReply::Series &series = *out.add_series();
        series.set_metric(static_cast<std::uint32_t>(metrics[i]));
        series.mutable_values()->Add(history.series.at(i).begin(), history.series.at(i).end());
    }
    out.set_resolution_usec(history.resolution.count());
    return out;
}

Result<std::vector<Metric>> metricsOf(const google::protobuf::RepeatedField<std::uint32_t> &numbers)
{
    if (numbers.size() >= static_cast<int>(kMetricCount))
        return fail(EINVAL, "metrics", "metrics", strCat("more than the ", kMetricCount - 1, " there are"));
    std::vector<Metric> out;
    for (const std::uint32_t number : numbers) {
        const auto metric = metricByNumber(number);
        if (!metric)
            return fail(EINVAL, "metrics", strCat("metric ", number), "there is no such metric");
        out.push_back(*metric);
    }
    return out;
}

FrameFilter::FrameFilter(std::vector<Metric> metrics, std::vector<NodeId> nodes, std::vector<NodeId> details)
    : m_metrics(std::move(metrics)), m_nodes(std::move(nodes)), m_details([&details] {
        std::ranges::sort(details);
        return std::move(details);
    }())
{}

v1::Frame FrameFilter::apply(const sampler::Frame &frame)
{
    findRows(frame);
    v1::Frame out;
    out.set_sequence(frame.sequence);
    out.set_monotonic_usec(frame.monotonic.count());
    out.set_realtime_usec(frame.realtimeUsec);
    out.set_sweep_usec(frame.sweep.count());
    out.set_inventory_generation(frame.generation);
    for (const std::size_t row : m_rows)
        out.add_node_ids(frame.nodes.at(row).v);
    for (const sampler::Column &column : frame.columns) {
        if (m_metrics.empty() || std::ranges::find(m_metrics, column.metric) != m_metrics.end())
            addColumn(out, column, m_rows);
    }
    for (const sampler::NodeDetail &detail : frame.details) {
        if (std::ranges::binary_search(m_details, detail.node))
            *out.add_details() = toMessage(detail);
    }
    return out;
}

void FrameFilter::findRows(const sampler::Frame &frame)
{
    if (m_seen == frame.nodes)
        return;
    m_seen = frame.nodes;
    m_rows.clear();
    if (m_nodes.empty()) {
        for (std::size_t row = 0; row < frame.nodes.size(); ++row)
            m_rows.push_back(row);
        return;
    }
    std::unordered_map<NodeId, std::size_t> rowOf;
    for (std::size_t row = 0; row < frame.nodes.size(); ++row)
        rowOf.emplace(frame.nodes[row], row);
    for (const NodeId node : m_nodes) {
        if (const auto found = rowOf.find(node); found != rowOf.end())
            m_rows.push_back(found->second);
    }
}

} // namespace gantry::service
