// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/strings.h"

#include <concepts>
#include <cstdint>
#include <string_view>

namespace gantry::log {

/// Subject of a log line; GANTRY_AREA= in the journal.
enum class Area : std::uint8_t { Base, Cgroup, Process, Namespaces, Inventory, Sampler, Control, Alerts, Service, Runtime };
/// syslog priorities, so that `journalctl -p` works.
enum class Level : std::uint8_t { Error = 3, Warning = 4, Info = 6, Debug = 7 };

/// Lines below this are dropped; Info unless GANTRY_LOG=debug|info|warning|error says otherwise. Thread: any.
void setLevel(Level level);
[[nodiscard]] bool enabled(Level level);

/// One line to stderr, with "<N>" in front where stderr is the journal (JOURNAL_STREAM, sd-daemon(3)). Thread: any.
void write(Level level, Area area, std::string_view text);

template <class... Parts> void debug(Area area, const Parts &...parts)
{
    if (enabled(Level::Debug))
        write(Level::Debug, area, strCat(parts...));
}
template <class... Parts> void info(Area area, const Parts &...parts)
{
    write(Level::Info, area, strCat(parts...));
}
template <class... Parts>
    requires(!(std::same_as<Parts, Error> || ...))
void warning(Area area, const Parts &...parts)
{
    write(Level::Warning, area, strCat(parts...));
}
inline void warning(Area area, std::string_view what, const Error &error)
{
    write(Level::Warning, area, strCat(what, ": ", error.message()));
}
template <class... Parts> void error(Area area, const Parts &...parts)
{
    write(Level::Error, area, strCat(parts...));
}

} // namespace gantry::log
