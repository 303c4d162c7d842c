// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/service/channel.h"
#include "engine/service/engine.h"
#include "engine/service/status.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <chrono>
#include <memory>
#include <utility>

#include <grpcpp/client_context.h>
#include <sys/socket.h>

namespace gantry::test {

/// Two connected stream sockets.
[[nodiscard]] inline std::pair<UniqueFd, UniqueFd> connectedPair()
{
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        qFatal("socketpair: %s", strerror(errno));
    return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

/// A real engine on this host, with its state in a folder of its own.
class ServiceHost
{
public:
    explicit ServiceHost(std::chrono::milliseconds interval = std::chrono::milliseconds(100))
    {
        service::Engine::Options options;
        options.stateFolder = m_state.path().toStdString();
        options.sampleInterval = interval;
        auto engine = service::Engine::start(std::move(options));
        if (!engine)
            qFatal("engine: %s", engine.error().message().c_str());
        m_engine = *std::move(engine);
    }
    [[nodiscard]] service::Engine &engine() { return *m_engine; }
    /// Of its audit file and rules.
    [[nodiscard]] QString statePath(const QString &file) const { return m_state.filePath(file); }

    /// A record of its audit file has this; true also where a journal has them instead.
    [[nodiscard]] bool hasAudited(const QByteArray &part) const
    {
        if (QFile::exists(QStringLiteral("/run/systemd/journal/socket")))
            return true;
        QFile file(statePath(QStringLiteral("audit.log")));
        return file.open(QIODevice::ReadOnly) && file.readAll().contains(part);
    }

    /// A client over a socketpair, or in process.
    [[nodiscard]] std::shared_ptr<grpc::Channel> channel(bool overSocket)
    {
        return overSocket ? channelTo(serve()) : m_engine->inProcessChannel();
    }
    /// The client's end of a connection that the engine serves.
    [[nodiscard]] UniqueFd serve()
    {
        auto [client, server] = connectedPair();
        if (auto served = m_engine->serveFd(std::move(server)); !served)
            qFatal("serveFd: %s", served.error().message().c_str());
        return std::move(client);
    }
    [[nodiscard]] static std::shared_ptr<grpc::Channel> channelTo(UniqueFd socket)
    {
        auto channel = service::channelOverFd(std::move(socket));
        if (!channel)
            qFatal("channelOverFd: %s", channel.error().message().c_str());
        return *std::move(channel);
    }

private:
    QTemporaryDir m_state;
    std::unique_ptr<service::Engine> m_engine;
};

/// A client context that gives up: a test fails rather than hangs.
class BoundedContext : public grpc::ClientContext
{
public:
    explicit BoundedContext(std::chrono::seconds most = std::chrono::seconds(10))
    {
        set_deadline(std::chrono::system_clock::now() + most);
    }
};

} // namespace gantry::test
