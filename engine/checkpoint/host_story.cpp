// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/host_story.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"

#include <sys/utsname.h>

namespace gantry::checkpoint {

namespace {

std::string cpuFeatures()
{
    const auto text = readFile("/proc/cpuinfo");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (const auto line = takeLine(rest)) {
        if (line->starts_with("flags") && line->find(": ") != std::string_view::npos)
            return std::string(line->substr(line->find(": ") + 2));
    }
    return {};
}

} // namespace

void tellHost(repository::Manifest &manifest, const CriuFacts &criu)
{
    manifest.criuVersion = criu.version;
    utsname names{};
    if (::uname(&names) == 0)
        manifest.kernelRelease = static_cast<const char *>(names.release);
    manifest.cpuFeatures = cpuFeatures();
}

} // namespace gantry::checkpoint
