// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDBusConnection>
#include <QFileInfo>

namespace gantry::console {

/// Whether this session has a message bus. Asking QtDBus for one that is not there would start it; so look first.
[[nodiscard]] inline bool hasSessionBus()
{
    const bool mayBe = qEnvironmentVariableIsSet("DBUS_SESSION_BUS_ADDRESS") ||
                       QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
    return mayBe && QDBusConnection::sessionBus().isConnected();
}

} // namespace gantry::console
