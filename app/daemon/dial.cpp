// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/dial.h"

#include "app/daemon/bridge.h"
#include "app/daemon/origin.h"
#include "app/daemon/signals.h"
#include "engine/base/fd.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/service/engine.h"

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace gantry::daemon {

namespace {

using std::chrono::milliseconds;

/// A client's first question must not wait for a runtime that hangs.
constexpr milliseconds kRuntimePatience{3'000};
constexpr std::chrono::seconds kConnectPatience{10};

/// @return a connection, or an empty descriptor where no service runs.
Result<UniqueFd> connectTo(const std::string &path, const std::string &origin)
{
    const SocketAddress address = GANTRY_TRY(socketAddress(path));
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket)
        return failErrno("socket", path);
    if (const auto own = abstractAddress(addressFor(origin)); own && !origin.empty())
        (void)::bind(socket.get(), own->get(), own->size()); // only words for the audit log
    auto done = connectWithin(kConnectPatience, socket.get(), address, path);
    if (!done && (done.error().posix() == ENOENT || done.error().posix() == ECONNREFUSED))
        return UniqueFd();
    return done ? Result<UniqueFd>(std::move(socket)) : std::unexpected(std::move(done).error());
}

} // namespace

Result<> dial(const Arguments &arguments)
{
    const StopSignals signals = GANTRY_TRY(StopSignals::hold());
    const std::string origin = ownOrigin();
    UniqueFd service = GANTRY_TRY(connectTo(arguments.socket, origin));
    std::unique_ptr<service::Engine> own; // ends after the bridge: waits for what its client has begun
    if (!service) {
        service::Engine::Options options;
        options.stateFolder = arguments.stateFolder;
        options.runtimePatience = kRuntimePatience;
        own = GANTRY_TRY(service::Engine::start(std::move(options)));
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
            return failErrno("socketpair", "engine");
        service = UniqueFd(ends[0]);
        GANTRY_CHECK(own->serveFd(UniqueFd(ends[1]), {.origin = origin}));
    }
    GANTRY_TRY(bridge({STDIN_FILENO, STDOUT_FILENO, service.get(), signals.fd()}));
    return {};
}

} // namespace gantry::daemon
