// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/programs.h"

#include <filesystem>

namespace gantry::launch {

namespace fs = std::filesystem;

namespace {

constexpr const char *kUsualState = "/var/lib/gantry";

} // namespace

std::string programsFolder(const std::string &stateFolder)
{
    const fs::path state = fs::path(stateFolder).lexically_normal();
    return state == kUsualState ? std::string(kProgramsFolder) : (state / "programs").string();
}

std::string programsFolderOf(const Place &place)
{
    return programsFolder(fs::path(place.bundle()).parent_path().parent_path().string()); // "STATE/containers/NAME"
}

Result<> makeProgramsFolder(const Place &place)
{
    const std::string folder = programsFolderOf(place);
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed)
        return failErrno("mkdir", folder, failed.value());
    return {};
}

} // namespace gantry::launch
