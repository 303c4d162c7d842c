// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/service/migration_stream.h"

#include "engine/proto/convert.h"
#include "gantry/v1/migration.grpc.pb.h"

#include <algorithm>

namespace gantry::service {

using migration::Frame;
using migration::Wait;

namespace {

constexpr std::chrono::seconds kHalfCloseWait{5};

} // namespace

StreamFrames::StreamFrames(Stream &stream, grpc::ServerContext &context)
    : m_stream(stream), m_context(context), m_reader([this] { read(); })
{}

StreamFrames::~StreamFrames()
{
    {
        std::unique_lock lock(m_mutex);
        m_over = true;
        m_changed.notify_all();
        m_changed.wait_for(lock, kHalfCloseWait, [this] { return m_ended; });
        if (!m_ended)
            m_context.TryCancel();
    }
    m_reader.join();
}

void StreamFrames::read()
{
    Frame frame;
    while (m_stream.Read(&frame)) {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_over || m_waiting.size() < kMostWaiting; });
        if (!m_over)
            m_waiting.push_back(std::move(frame));
        m_changed.notify_all();
        if (m_onNews)
            m_onNews();
        frame.Clear();
    }
    const std::scoped_lock lock(m_mutex);
    m_ended = true;
    m_changed.notify_all();
    if (m_onNews)
        m_onNews();
}

void StreamFrames::onNews(std::function<void()> callback)
{
    const std::scoped_lock lock(m_mutex);
    m_onNews = std::move(callback);
}

Result<> StreamFrames::send(const Frame &frame)
{
    if (frame.has_data() || frame.has_packed()) {
        const std::scoped_lock lock(m_mutex);
        if (const auto said = std::ranges::find_if(m_waiting, &Frame::has_abort); said != m_waiting.end())
            return std::unexpected(gantry::fromMessage(said->abort()));
    }
    if (!m_stream.Write(frame))
        return fail(ECONNRESET, "migrate", "the other host", "the connection broke");
    return {};
}

Result<Frame> StreamFrames::receive(const Wait &wait)
{
    std::unique_lock lock(m_mutex);
    const bool came =
        m_changed.wait_until(lock, wait.stop, wait.until, [this] { return !m_waiting.empty() || m_ended; });
    if (!m_waiting.empty()) {
        Frame out = std::move(m_waiting.front());
        m_waiting.pop_front();
        m_changed.notify_all();
        return out;
    }
    if (came)
        return fail(ECONNRESET, "migrate", "the other host", "the connection broke");
    if (wait.stop.stop_requested())
        return fail(ECANCELED, "migrate", "the other host", "it was cancelled");
    return fail(ETIMEDOUT, "migrate", "the other host", "it did not answer in time");
}

} // namespace gantry::service
