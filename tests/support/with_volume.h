// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/launch/keeper.h"
#include "engine/launch/launch.h"
#include "engine/launch/place.h"
#include "engine/runtime/json.h"
#include "engine/runtime/tool.h"

#include <filesystem>
#include <fstream>
#include <string>

/// A container that Gantry started, with a bind mount that is not Gantry's: it counts in its memory, and adds each
/// number to a file of a folder of the host. Thread: any.
namespace gantry::test {

/// Ends the container and starts it again, by runc, from its bundle: with `folder` of the host as its /data, which it
/// counts into. @errors of the tool, of the bundle's files; EIO: it did not start.
[[nodiscard]] inline Result<launch::Kept> startAgainWithVolume(const launch::Place &place, const std::string &name,
                                                               const std::string &folder)
{
    const runtime::Patience patience{runtime::Clock::now() + std::chrono::seconds(60), {}};
    auto words = GANTRY_TRY(launch::toolWords("runc", launch::stateFolderOf("runc"), false));
    auto away = words;
    away.insert(away.end(), {"delete", "--force", name});
    GANTRY_TRY(runtime::runTool(away, patience));
    std::filesystem::remove(place.log());

    const std::string before = GANTRY_TRY(readFile(place.config()));
    runtime::Json config = GANTRY_TRY(runtime::parseJson("config.json", before));
    config["mounts"].push_back(
        {{"destination", "/data"}, {"type", "bind"}, {"source", folder}, {"options", {"rbind", "rw"}}});
    config["process"]["args"] = {"/bin/sh", "-c",
                                 "i=0; while :; do i=$((i+1)); echo $i; echo $i >> /data/n; sleep 0.05; done"};
    std::ofstream(place.config()) << config.dump(2);
    GANTRY_CHECK(place.mount());
    words.insert(words.end(), {"run", "--detach", "--bundle", place.bundle(), name});
    launch::Kept kept = GANTRY_TRY(launch::runKept(words, place.log(), patience));
    if (kept.exitCode != 0)
        return fail(EIO, "runc", name, readFile(place.log()).value_or(""));
    return kept;
}

/// How far a file has been counted into; -1 where it does not have each number from 1 on, once, in their order: what
/// the counter has in its memory and what is in the file do not belong together then.
[[nodiscard]] inline std::int64_t countedIn(const std::string &file)
{
    std::string text = readFile(file).value_or("");
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    std::string_view rest = text;
    std::int64_t last = 0;
    while (const auto line = takeLine(rest)) {
        if (parseI64(*line).value_or(-1) != last + 1)
            return -1;
        ++last;
    }
    return last;
}

} // namespace gantry::test
