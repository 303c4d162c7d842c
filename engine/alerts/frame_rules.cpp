// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/frame_rules.h"

#include <algorithm>

namespace gantry::alerts {

namespace {

using sampler::Column;
using sampler::Frame;

/// A number, or why there is none.
struct Cell
{
    CellState state = CellState::NotYet;
    double value = 0;
};

Cell cellAt(const Column &column, std::size_t row)
{
    const CellState state = column.states[row];
    if (state != CellState::Value)
        return {state, 0};
    return {state, column.integers.empty() ? column.reals[row] : static_cast<double>(column.integers[row])};
}

Cell cellOf(const sampler::NodeDetail &detail, Metric metric)
{
    const sampler::MetricValue *value = detail.find(metric);
    if (value == nullptr)
        return {};
    return {value->state, metricInfo(metric)->integral ? static_cast<double>(value->integer) : value->real};
}

/// What the rule compares with its levels. NotYet: cannot be said now; Absent: nothing to compare.
Cell compared(const AlertRule &rule, const Cell &metric, const Cell &reference)
{
    if (rule.source == AlertSource::Metric || metric.state != CellState::Value)
        return metric;
    if (reference.state == CellState::Unlimited)
        return {CellState::Absent, 0};
    if (reference.state != CellState::Value)
        return reference;
    if (reference.value <= 0)
        return {CellState::Absent, 0};
    return {CellState::Value, 100 * metric.value / reference.value};
}

/// Below this nothing can happen to a node that is quiet.
double leastLevel(const AlertRule &rule)
{
    if (!rule.soft.enabled)
        return rule.hard.value;
    return rule.hard.enabled ? std::min(rule.soft.value, rule.hard.value) : rule.soft.value;
}

void applyCell(AlertBook &book, std::size_t rule, double least, NodeId node, const Cell &cell, const Moment &when)
{
    if (cell.state == CellState::Absent) {
        book.absent(rule, node, when);
    } else if (cell.state == CellState::Value && (cell.value >= least || book.isActive(rule, node))) {
        book.update(rule, node, cell.value, when);
    }
}

} // namespace

void applyFrame(const Frame &frame, AlertBook &book)
{
    const Moment when{frame.monotonic, frame.realtimeUsec};
    const std::vector<AlertRule> &rules = book.rules();
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const AlertRule &rule = rules[i];
        if (rule.source == AlertSource::Event)
            continue;
        const bool isRatio = rule.source == AlertSource::Ratio;
        const double least = leastLevel(rule);
        const Column *metric = frame.column(rule.metric);
        const Column *reference = isRatio ? frame.column(rule.reference) : nullptr;
        if (metric != nullptr && (reference != nullptr || !isRatio)) {
            for (std::size_t row = 0; row < frame.nodes.size(); ++row)
                applyCell(book, i, least, frame.nodes[row],
                          compared(rule, cellAt(*metric, row), isRatio ? cellAt(*reference, row) : Cell{}), when);
            continue;
        }
        for (const sampler::NodeDetail &detail : frame.details)
            applyCell(book, i, least, detail.node,
                      compared(rule, cellOf(detail, rule.metric), isRatio ? cellOf(detail, rule.reference) : Cell{}),
                      when);
    }
}

void forEachCounter(const Frame &frame, const std::function<void(std::size_t, NodeId, std::uint64_t)> &visit)
{
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
        const Metric metric = kCounters.at(i).metric;
        if (const Column *column = frame.column(metric)) {
            for (std::size_t row = 0; row < frame.nodes.size(); ++row) {
                if (column->states[row] == CellState::Value)
                    visit(i, frame.nodes[row], column->integers[row]);
            }
            continue;
        }
        for (const sampler::NodeDetail &detail : frame.details) {
            const sampler::MetricValue *value = detail.find(metric);
            if (value != nullptr && value->state == CellState::Value)
                visit(i, detail.node, value->integer);
        }
    }
}

void forEachLimited(const Frame &frame, const std::function<void(NodeId, const MemoryLimits &)> &visit)
{
    const Column *high = frame.column(Metric::MemoryHigh);
    const Column *max = frame.column(Metric::MemoryMax);
    if (high == nullptr || max == nullptr)
        return;
    for (std::size_t row = 0; row < frame.nodes.size(); ++row) {
        MemoryLimits limits;
        if (high->states[row] == CellState::Value)
            limits.high = high->integers[row];
        if (max->states[row] == CellState::Value)
            limits.max = max->integers[row];
        if (limits.high || limits.max)
            visit(frame.nodes[row], limits);
    }
}

std::vector<Bytes> thresholdsOf(const std::vector<AlertRule> &rules, const MemoryLimits &limits)
{
    std::vector<Bytes> out;
    for (const AlertRule &rule : rules) {
        if (rule.source != AlertSource::Ratio || rule.metric != Metric::MemoryCurrent)
            continue;
        const auto limit = rule.reference == Metric::MemoryMax    ? limits.max
                           : rule.reference == Metric::MemoryHigh ? limits.high
                                                                  : std::nullopt;
        if (limit)
            out.emplace_back(static_cast<std::uint64_t>(static_cast<double>(*limit) * leastLevel(rule) / 100));
    }
    std::ranges::sort(out);
    const auto twice = std::ranges::unique(out);
    out.erase(twice.begin(), twice.end());
    return out;
}

} // namespace gantry::alerts
