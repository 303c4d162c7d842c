// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace gantry::console {

/// One server stream, read on a thread of its own from construction to destruction. Thread: restart() any; the
/// functions given are called on the reader's thread.
template <class Request, class Message> class StreamReader
{
public:
    using Reader = std::unique_ptr<grpc::ClientReader<Message>>;
    using Open = std::function<Reader(grpc::ClientContext *, const Request &)>;
    using Deliver = std::function<void(std::shared_ptr<Message>)>;
    using End = std::function<void(const grpc::Status &)>;

    /// @param end called at most once, when the peer or the link ended the stream; not after a destruction.
    StreamReader(Request request, Open open, Deliver deliver, End end)
        : m_request(std::move(request))
        , m_open(std::move(open))
        , m_deliver(std::move(deliver))
        , m_end(std::move(end))
        , m_thread([this](const std::stop_token &stop) { run(stop); })
    {}

    /// Ends the running stream and opens it again with another request.
    void restart(Request request)
    {
        const std::scoped_lock lock(m_mutex);
        m_request = std::move(request);
        m_changed = true;
        if (m_context)
            m_context->TryCancel();
    }

private:
    void run(const std::stop_token &stop)
    {
        const std::stop_callback cancel(stop, [this] {
            const std::scoped_lock lock(m_mutex);
            if (m_context)
                m_context->TryCancel();
        });
        while (!stop.stop_requested()) {
            grpc::ClientContext context;
            const grpc::Status status = readAll(context, stop);
            if (closed() && !stop.stop_requested()) {
                m_end(status);
                return;
            }
        }
    }

    grpc::Status readAll(grpc::ClientContext &context, const std::stop_token &stop)
    {
        Request request;
        {
            const std::scoped_lock lock(m_mutex);
            request = m_request;
            m_changed = false;
            m_context = &context;
            // A stop that came before the context was known found nothing to cancel.
            if (stop.stop_requested())
                return grpc::Status::CANCELLED;
        }
        const Reader reader = m_open(&context, request);
        for (auto message = std::make_shared<Message>(); reader->Read(message.get());
             message = std::make_shared<Message>())
            m_deliver(std::move(message));
        return reader->Finish();
    }

    /// Forgets the stream that ended. @return whether nobody asked for another one.
    bool closed()
    {
        const std::scoped_lock lock(m_mutex);
        m_context = nullptr;
        return !m_changed;
    }

    std::mutex m_mutex;
    Request m_request;
    bool m_changed = false;
    grpc::ClientContext *m_context = nullptr;
    Open m_open;
    Deliver m_deliver;
    End m_end;
    std::jthread m_thread;
};

} // namespace gantry::console
