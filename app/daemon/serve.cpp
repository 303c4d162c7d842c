// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/serve.h"

#include "app/daemon/access.h"
#include "app/daemon/connections.h"
#include "app/daemon/doorman.h"
#include "app/daemon/listener.h"
#include "app/daemon/origin.h"
#include "app/daemon/signals.h"
#include "app/daemon/watchdog.h"
#include "engine/base/log.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/service/engine.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <unistd.h>

namespace gantry::daemon {

namespace {

/// So that the first tree has the containers' names.
constexpr std::chrono::milliseconds kRuntimePatience{3'000};
/// Without descriptors accept(2) fails at once, again and again.
constexpr std::chrono::milliseconds kPauseAfterFailure{200};

/// Lets in who may come in.
class Door
{
public:
    Door(service::Engine &engine, Groups groups) : m_engine(engine), m_groups(std::move(groups)) {}

    void admit(UniqueFd connection)
    {
        const auto who = credentialsOf(connection.get());
        if (!who) {
            log::warning(log::Area::Service, "a connection was closed", who.error());
            return;
        }
        const auto access = accessOf(*who, idsOf(m_groups));
        if (!access)
            return m_doorman.turnAway(std::move(connection), refusalOf(*who, m_groups));
        m_open.sweep();
        if (auto room = m_open.roomFor(who->uid); !room)
            return m_doorman.turnAway(std::move(connection), room.error());
        std::string origin = who->uid == 0 ? originIn(abstractNameOfPeer(connection.get())) : std::string();
        auto served = m_open.add(connection.get(), who->uid);
        if (served)
            served = m_engine.serveFd(std::move(connection), callerWith(*access, m_groups, std::move(origin)));
        if (!served)
            log::warning(log::Area::Service, "a connection was closed", served.error());
    }
    void sweep() { m_open.sweep(); }
    [[nodiscard]] const Connections &open() const { return m_open; }

private:
    service::Engine &m_engine;
    const Groups m_groups;
    Connections m_open;
    Doorman m_doorman;
};

/// Until `stop` is readable. @errors of poll(2).
Result<> takeConnections(const Listener &listener, int stop, Door &door)
{
    for (;;) {
        std::vector<pollfd> set{{stop, POLLIN, 0}, {listener.fd(), POLLIN, 0}};
        door.open().addTo(set);
        if (::poll(set.data(), set.size(), -1) < 0 && errno != EINTR)
            return failErrno("poll", "gantryd");
        if (set[0].revents != 0)
            return {};
        door.sweep();
        if (set[1].revents == 0)
            continue;
        auto connection = listener.accept();
        if (connection && *connection)
            door.admit(*std::move(connection));
        if (!connection) {
            log::warning(log::Area::Service, "no connection is taken", connection.error());
            std::this_thread::sleep_for(kPauseAfterFailure);
        }
    }
}

} // namespace

Result<> serve(const Arguments &arguments)
{
    const StopSignals signals = GANTRY_TRY(StopSignals::hold());
    const Listener listener = GANTRY_TRY(Listener::open(arguments.socket));
    service::Engine::Options options;
    options.stateFolder = arguments.stateFolder;
    options.runtimePatience = kRuntimePatience;
    notify("STATUS=reading the tree of this host");
    const std::unique_ptr<service::Engine> engine = GANTRY_TRY(service::Engine::start(std::move(options)));
    Door door(*engine, {arguments.actGroup, arguments.viewGroup});
    const Watchdog watchdog([&engine](std::chrono::milliseconds patience) { return engine->answers(patience); });
    notify(strCat("READY=1\nSTATUS=watches this host, serves ", arguments.socket));
    log::info(log::Area::Service, "gantryd " GANTRY_VERSION " serves ", arguments.socket);
    auto done = takeConnections(listener, signals.fd(), door);
    notify("STOPPING=1\nSTATUS=waits for what was begun");
    log::info(log::Area::Service, "gantryd ends");
    return done;
}

} // namespace gantry::daemon
