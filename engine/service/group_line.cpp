// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/group_line.h"

#include "engine/base/strings.h"
#include "engine/proto/convert.h"

#include <utility>

namespace gantry::service {

namespace {

constexpr std::chrono::seconds kGroupHalfClose{5};
constexpr std::size_t kMostOrders = 16; ///< that wait: nobody gives one before the last one was done

} // namespace

GroupLine::GroupLine(Stream &stream, grpc::ServerContext &context, std::chrono::milliseconds lease)
    : m_stream(stream), m_context(context), m_lease(lease), m_reader([this] { read(); })
{}

GroupLine::~GroupLine()
{
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait_for(lock, kGroupHalfClose, [this] { return m_ended; }))
            m_context.TryCancel();
    }
    m_reader.join();
}

void GroupLine::take(Order order)
{
    const bool givesUp = order.has_give_up();
    {
        const std::scoped_lock lock(m_mutex);
        m_heard = Clock::now();
        m_keeps = m_keeps || order.has_keep();
        if (givesUp && !m_givenUp)
            m_givenUp = gantry::fromMessage(order.give_up());
        else if (!order.has_alive() && m_waiting.size() < kMostOrders)
            m_waiting.push_back(std::move(order));
        m_changed.notify_all();
    }
    if (givesUp)
        m_stop.request_stop();
}

void GroupLine::read()
{
    for (Order order; m_stream.Read(&order); order.Clear())
        take(order);
    std::unique_lock lock(m_mutex);
    m_ended = true;
    const bool keeps = m_keeps;
    m_changed.notify_all();
    lock.unlock();
    if (!keeps)
        m_stop.request_stop();
}

Result<> GroupLine::send(const v1::GroupNews &news)
{
    if (!m_stream.Write(news))
        return fail(ECONNRESET, "group", "the caller", "the connection broke");
    return {};
}

bool GroupLine::isGivenUp()
{
    const std::scoped_lock lock(m_mutex);
    return m_givenUp.has_value();
}

Result<GroupLine::Order> GroupLine::expect(Order::PartCase kind, const std::stop_token &stop)
{
    std::unique_lock lock(m_mutex);
    while (true) {
        if (m_givenUp)
            return std::unexpected(*m_givenUp);
        if (!m_waiting.empty()) {
            Order out = std::move(m_waiting.front());
            m_waiting.pop_front();
            if (out.part_case() != kind)
                return fail(EPROTO, "group", "the caller", "it is not this order's turn");
            return out;
        }
        if (m_ended)
            return fail(ECONNRESET, "group", "the caller", "the connection broke");
        if (stop.stop_requested())
            return fail(ECANCELED, "group", "the caller", "it was cancelled");
        if (Clock::now() >= m_heard + m_lease)
            return fail(ETIMEDOUT, "group", "the caller",
                        strCat("nothing was heard of it for ", m_lease.count(), " ms"));
        m_changed.wait_until(lock, stop, m_heard + m_lease,
                             [this] { return m_givenUp || !m_waiting.empty() || m_ended; });
    }
}

} // namespace gantry::service
