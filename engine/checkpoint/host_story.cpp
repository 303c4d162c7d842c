// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/host_story.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/save.h"

#include <sys/utsname.h>

namespace gantry::checkpoint {

namespace {

/// Source: proc_cpuinfo(5); "Features" on arm64.
std::string cpuFeatures()
{
    const auto text = readFile("/proc/cpuinfo");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (const auto line = takeLine(rest)) {
        if ((line->starts_with("flags") || line->starts_with("Features")) && line->find(": ") != std::string_view::npos)
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

Result<> checkCriu(std::string_view op, std::string_view subject, const CriuFacts &criu)
{
    if (!criu.works())
        return fail(ENOTSUP, op, subject, criu.path.empty() ? "there is no CRIU here" : criu.problem,
                    "packaging/setup.sh installs one that works");
    return {};
}

Result<> checkReader(std::string_view subject, const CriuFacts &criu, const repository::Manifest &manifest)
{
    GANTRY_CHECK(checkCriu("restore", subject, criu));
    if (isOlderVersion(criu.version, manifest.criuVersion))
        return fail(ENOTSUP, "restore", subject,
                    strCat("CRIU ", manifest.criuVersion, " wrote it, and ", criu.version, " is here"),
                    "A CRIU reads images of older ones only: install a newer one");
    return {};
}

} // namespace gantry::checkpoint
