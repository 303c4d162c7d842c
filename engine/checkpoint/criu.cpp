// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/criu.h"

#include "engine/base/parse.h"
#include "engine/runtime/tool.h"
#include "engine/runtime/tool_source.h"

#include <cstdlib>

#include <unistd.h>

namespace gantry::checkpoint {

namespace {

constexpr const char *kPrivateCriu = "/usr/local/lib/gantry/criu/criu";

/// The last line of its words that is an error, else the last.
std::string reasonIn(std::string_view text)
{
    std::string out;
    bool isError = false;
    while (const auto line = takeLine(text)) {
        const bool error = line->starts_with("Error");
        if (!trim(*line).empty() && (error || !isError))
            out = printable(trim(*line));
        isError = isError || error;
    }
    return out;
}

} // namespace

std::string criuPath()
{
    if (const char *given = std::getenv("GANTRY_CRIU"); given != nullptr && *given != '\0')
        return given;
    return ::access(kPrivateCriu, X_OK) == 0 ? std::string(kPrivateCriu) : runtime::toolPath("criu");
}

CriuFacts probeCriu(const std::string &path, const runtime::Patience &patience)
{
    CriuFacts out;
    out.path = path;
    if (path.empty())
        return out;
    const auto version = runtime::toolVersion({path, "--version"}, patience);
    if (!version) {
        out.problem = version.error().message();
        return out;
    }
    std::string_view rest = *version;
    while (auto line = takeLine(rest)) {
        if (takeToken(*line) == "Version:")
            out.version = printable(trim(*line));
    }
    const auto check = runtime::runTool({path, "check"}, patience);
    if (!check)
        out.problem = check.error().message();
    else if (check->exitCode != 0)
        out.problem = reasonIn(strCat(check->standardOutput, "\n", check->standardError));
    if (out.problem.empty() && check->exitCode != 0)
        out.problem = strCat("criu check ended with code ", check->exitCode);
    return out;
}

} // namespace gantry::checkpoint
