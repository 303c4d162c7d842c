// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/actor.h"

#include <array>
#include <string>

#include <pwd.h>
#include <unistd.h>

namespace gantry::console {

v1::Actor consoleActor()
{
    v1::Actor actor;
    actor.set_program("gantry");
    passwd entry{};
    passwd *found = nullptr;
    std::array<char, 4'096> buffer{};
    const bool known = ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found;
    actor.set_user(known ? std::string(entry.pw_name) : std::to_string(::getuid()));
    return actor;
}

} // namespace gantry::console
