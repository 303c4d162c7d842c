// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/sampler/sampler.h"

#include "engine/base/time_text.h"
#include "engine/sampler/ring.h"
#include "engine/sampler/sweep.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_set>

#include <ctime>

namespace gantry::sampler {

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kLeastInterval = 100ms;
constexpr std::chrono::milliseconds kMostInterval = 60s;
/// Points of the history are no closer than this, whatever the interval of the frames.
constexpr Micros kRingStep{1'000'000};
/// A timer that wakes a little early must not make a gap in the history.
constexpr Micros kRingSlack{50'000};

std::chrono::nanoseconds threadCpu()
{
    timespec time = {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// A missing rate of `detail` from a frame that has it.
void takeRates(NodeDetail &detail, const Frame &frame)
{
    const auto known = std::ranges::find(frame.details, detail.node, &NodeDetail::node);
    const auto row = std::ranges::find(frame.nodes, detail.node);
    for (MetricValue &value : detail.values) {
        if (value.state != CellState::NotYet)
            continue;
        if (known != frame.details.end()) {
            if (const MetricValue *found = known->find(value.metric))
                value = *found;
        } else if (const Column *column = frame.column(value.metric); column != nullptr && row != frame.nodes.end()) {
            const auto at = static_cast<std::size_t>(row - frame.nodes.begin());
            value.state = column->states[at];
            value.real = column->reals.empty() ? 0 : column->reals[at];
            value.integer = column->integers.empty() ? 0 : column->integers[at];
        }
    }
}

} // namespace

class Sampler::Engine
{
public:
    explicit Engine(Options options)
        : m_options(std::move(options))
        , m_sweep(m_options.hierarchies, m_options.proc, m_options.keptFiles, kSlowTicks)
        , m_ring(m_options.ringBytes)
    {}

    void start()
    {
        m_thread = std::jthread([this](std::stop_token stop) { run(stop); });
    }

    void setNodes(NodeSource nodes, std::uint64_t generation)
    {
        const std::scoped_lock lock(m_mutex);
        m_newNodes = std::move(nodes);
        m_generation = generation;
    }

    void setInterest(Interest interest)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_interval = interest.interval == 0ms ? m_options.interval
                                                  : std::clamp(interest.interval, kLeastInterval, kMostInterval);
            if (interest.detail.size() > kMostDetails)
                interest.detail.resize(kMostDetails);
            m_newInterest = std::move(interest);
        }
        m_wake.notify_all();
    }

    void touch(NodeId node)
    {
        const std::scoped_lock lock(m_mutex);
        m_touched.insert(node);
    }

    Subscription subscribe(std::function<void(const FramePtr &)> callback)
    {
        const std::scoped_lock lock(m_callbackMutex);
        m_callbacks.emplace(++m_lastSubscription, std::move(callback));
        return m_lastSubscription;
    }

    void unsubscribe(Subscription subscription)
    {
        const std::scoped_lock lock(m_callbackMutex);
        m_callbacks.erase(subscription);
    }

    FramePtr latest() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_latest;
    }

    Result<History> history(NodeId node, std::span<const Metric> metrics, Micros since) const
    {
        auto out = m_ring.read(node, metrics, since);
        if (out) {
            const std::scoped_lock lock(m_mutex);
            out->resolution = std::max<Micros>(kRingStep, m_interval);
        }
        return out;
    }

    NodeDetail readNow(const cgroup::Cgroup &cgroup) const
    {
        Sweep once(m_options.hierarchies, m_options.proc, 0, kSlowTicks);
        if (cgroup.id != NodeId::host())
            once.setNodes(std::make_shared<const std::vector<cgroup::Cgroup>>(1, cgroup));
        const std::array id{cgroup.id};
        once.setInterest({}, id);
        once.run(0);
        NodeDetail out = once.detail(once.rowOf(cgroup.id).value_or(0));
        if (const FramePtr frame = latest())
            takeRates(out, *frame);
        return out;
    }

    Cost cost() const
    {
        const std::scoped_lock lock(m_mutex);
        return m_cost;
    }

private:
    void run(const std::stop_token &stop)
    {
        auto next = Clock::now();
        while (!stop.stop_requested()) {
            tick();
            std::unique_lock lock(m_mutex);
            const auto begun = std::exchange(next, next + m_interval);
            // A changed interval holds at once; ticks that were missed are not made up for.
            auto interval = m_interval;
            while (!stop.stop_requested() &&
                   m_wake.wait_until(lock, stop, next, [&] { return m_interval != interval; })) {
                interval = m_interval;
                next = begun + interval;
            }
            next = std::max(next, Clock::now());
        }
    }

    void tick()
    {
        takeInputs();
        const Micros begin = monotonicNow();
        m_sweep.run(m_tick++);
        const Micros end = monotonicNow();
        const Micros middle = begin + (end - begin) / 2;
        const std::int64_t realtime = realtimeMicros() - static_cast<std::int64_t>((monotonicNow() - middle).count());
        if (m_lastPoint == Micros{0} || middle - m_lastPoint + kRingSlack >= kRingStep) {
            m_ring.push(m_sweep.ids(), m_sweep.table(), middle, realtime);
            m_lastPoint = middle;
        }
        auto frame = makeFrame();
        frame->monotonic = middle;
        frame->realtimeUsec = realtime;
        frame->sweep = end - begin;
        publish(std::move(frame));
    }

    void takeInputs()
    {
        NodeSource nodes;
        std::unordered_set<NodeId> touched;
        {
            const std::scoped_lock lock(m_mutex);
            nodes = std::exchange(m_newNodes, nullptr);
            touched = std::exchange(m_touched, {});
            if (nodes)
                m_frameGeneration = m_generation;
            if (m_newInterest)
                m_interest = *std::exchange(m_newInterest, std::nullopt);
            else if (!nodes && touched.empty() && m_tick != 0)
                return;
        }
        if (nodes)
            m_sweep.setNodes(nodes());
        m_ring.keep(m_sweep.ids());
        m_sweep.setInterest(m_interest.visible, m_interest.detail);
        for (const NodeId node : touched)
            m_sweep.touch(node);
    }

    std::shared_ptr<Frame> makeFrame()
    {
        auto frame = std::make_shared<Frame>();
        frame->sequence = m_tick;
        frame->generation = m_frameGeneration;
        frame->nodes = m_sweep.ids();
        const Table &table = m_sweep.table();
        for (const Metric metric : kTreeMetrics)
            frame->columns.push_back({metric, table.states(metric), table.integers(metric), table.reals(metric)});
        for (const std::size_t row : m_sweep.detailRows())
            frame->details.push_back(m_sweep.detail(row));
        return frame;
    }

    void publish(std::shared_ptr<const Frame> frame)
    {
        {
            const std::scoped_lock lock(m_mutex);
            m_latest = frame;
            m_cost = {m_tick, threadCpu(), m_sweep.keptFiles(), m_sweep.filesRead()};
        }
        const std::scoped_lock lock(m_callbackMutex);
        for (const auto &[id, callback] : m_callbacks)
            callback(frame);
    }

    const Options m_options;

    mutable std::mutex m_mutex; ///< what other threads hand in and take out; held for copies only
    std::condition_variable_any m_wake;
    NodeSource m_newNodes;
    std::uint64_t m_generation = 0;
    std::optional<Interest> m_newInterest;
    std::chrono::milliseconds m_interval = m_options.interval;
    std::unordered_set<NodeId> m_touched;
    FramePtr m_latest;
    Cost m_cost;

    std::mutex m_callbackMutex;
    std::map<Subscription, std::function<void(const FramePtr &)>> m_callbacks;
    Subscription m_lastSubscription = 0;

    // The sampler thread's own.
    Sweep m_sweep;
    Interest m_interest;
    std::uint64_t m_tick = 0;
    std::uint64_t m_frameGeneration = 0;
    Micros m_lastPoint{0};

    Ring m_ring;
    std::jthread m_thread;
};

Sampler::Sampler(Options options) : m_engine(std::make_unique<Engine>(std::move(options))) {}
Sampler::~Sampler() = default;

void Sampler::start()
{
    m_engine->start();
}

void Sampler::setNodes(NodeSource nodes, std::uint64_t generation)
{
    m_engine->setNodes(std::move(nodes), generation);
}

void Sampler::setInterest(Interest interest)
{
    m_engine->setInterest(std::move(interest));
}

void Sampler::touch(NodeId node)
{
    m_engine->touch(node);
}

Sampler::Subscription Sampler::subscribe(std::function<void(const FramePtr &)> callback)
{
    return m_engine->subscribe(std::move(callback));
}

void Sampler::unsubscribe(Subscription subscription)
{
    m_engine->unsubscribe(subscription);
}

FramePtr Sampler::latest() const
{
    return m_engine->latest();
}

Result<History> Sampler::history(NodeId node, std::span<const Metric> metrics, Micros since) const
{
    return m_engine->history(node, metrics, since);
}

NodeDetail Sampler::readNow(const cgroup::Cgroup &cgroup) const
{
    return m_engine->readNow(cgroup);
}

Sampler::Cost Sampler::cost() const
{
    return m_engine->cost();
}

} // namespace gantry::sampler
