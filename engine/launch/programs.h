// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/launch/place.h"

#include <string>

/// Where programs find the engine, to ask it for a checkpoint of themselves.
namespace gantry::launch {

/// Of the folder as programs see it: on the host, where Gantry's state is in the usual folder, and in each container
/// that was started here (bound read-only, as a folder: the socket is made anew by each engine).
inline constexpr const char *kProgramsFolder = "/run/gantry";
/// Of the socket in there.
inline constexpr const char *kProgramsSocket = "checkpoint.sock";

/// The folder on the host: kProgramsFolder, or, for a state folder that is not the usual one, one in there.
[[nodiscard]] std::string programsFolder(const std::string &stateFolder);
/// The same for a container's.
[[nodiscard]] std::string programsFolderOf(const Place &place);
/// Makes it where it is not there: a boot empties /run. @errors of mkdir(2).
[[nodiscard]] Result<> makeProgramsFolder(const Place &place);

} // namespace gantry::launch
