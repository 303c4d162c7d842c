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
#include <thread>
#include <utility>

#include <sys/socket.h>
#include <unistd.h>

namespace gantry::daemon {

namespace {

using std::chrono::milliseconds;

/// A client's first question must not wait for a runtime that hangs.
constexpr milliseconds kRuntimePatience{3'000};
constexpr milliseconds kConnectPatience{10'000};
constexpr milliseconds kConnectPause{50};

/// @return a connection, or an empty descriptor where no service runs.
Result<UniqueFd> connectTo(const std::string &path, const std::string &origin)
{
    const SocketAddress address = GANTRY_TRY(socketAddress(path));
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket)
        return failErrno("socket", path);
    if (const auto own = abstractAddress(addressFor(origin)); own && !origin.empty())
        (void)::bind(socket.get(), own->get(), own->size()); // only words for the audit log
    const auto until = std::chrono::steady_clock::now() + kConnectPatience;
    while (::connect(socket.get(), address.get(), address.size()) != 0) {
        const int error = errno;
        if (error == ENOENT || error == ECONNREFUSED)
            return UniqueFd();
        // Kernel: a UNIX socket whose queue is full answers EAGAIN, and poll(2) does not tell when it has room.
        if (error != EAGAIN && error != EINTR)
            return failErrno("connect", path, error);
        if (std::chrono::steady_clock::now() >= until)
            return fail(EAGAIN, "connect", path, "gantryd runs but takes no connections");
        std::this_thread::sleep_for(kConnectPause);
    }
    return socket;
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
