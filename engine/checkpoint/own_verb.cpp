// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/own_verb.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/host_story.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

namespace gantry::checkpoint {

namespace {

constexpr std::size_t kMostWords = 600;
constexpr std::chrono::seconds kEndPatience{20};
constexpr std::chrono::milliseconds kBetweenLooks{50};

} // namespace

Result<> checkSystemCriu(std::string_view op, std::string_view name, std::string_view engine, const CriuFacts &criu)
{
    GANTRY_CHECK(checkCriu(op, name, criu));
    std::error_code unknown;
    // Their monitors start the restore with a PATH of their own.
    if (const std::string first = runtime::toolPath("criu");
        first.empty() || !std::filesystem::equivalent(first, criu.path, unknown))
        return fail(ENOTSUP, op, name,
                    strCat(engine, " takes the criu of the system, ", first.empty() ? "which is not there" : first,
                           "; the one that works here is ", criu.path),
                    "Install a criu that works on this kernel in /usr/sbin");
    return {};
}

Result<> checkRootsOwn(const runtime::Facts &facts)
{
    if (facts.userUid || facts.id.empty() || facts.id.starts_with('-'))
        return fail(ENOTSUP, "checkpoint", facts.name, strCat(facts.runtime, " saves containers of root alone"));
    return {};
}

Result<std::vector<std::string>> optionsForEngine(const std::vector<Finding> &findings, const SaveWish &wish,
                                                  std::span<const std::string_view> known, const runtime::Facts &facts)
{
    std::vector<std::string> out = chosenOptions(findings);
    out.insert(out.end(), wish.options.begin(), wish.options.end());
    for (const std::string &option : out) {
        if (std::ranges::find(known, option) == known.end())
            return fail(ENOTSUP, "checkpoint", facts.name,
                        strCat("it needs --", option, " of CRIU, which ", facts.runtime, " cannot pass on"));
    }
    return out;
}

Result<std::string> runOwnVerb(std::string_view op, std::string_view name, const std::vector<std::string> &words,
                               const runtime::Patience &patience, std::string_view speaker)
{
    const auto out = GANTRY_TRY(runtime::runTool(words, patience));
    if (out.exitCode == 0)
        return std::string(trim(out.standardOutput));
    const std::string_view said = trim(out.standardError);
    return fail(EIO, op, name,
                strCat(speaker.empty() ? std::string_view(words.front()) : speaker,
                       " says: ", printable(said.substr(said.size() - std::min(said.size(), kMostWords)))));
}

Result<std::int32_t> pidTold(const Result<std::string> &told)
{
    if (!told && told.error().posix() != EIO)
        return std::unexpected(told.error());
    return told ? static_cast<std::int32_t>(parseI64(*told).value_or(0)) : 0;
}

std::unexpected<Error> failRuns(std::string_view name, std::string_view engine, std::string_view state,
                                const repository::CheckpointId &checkpoint)
{
    return fail(
        EEXIST, "restore", name, strCat(engine, " has it: it is ", printable(state)),
        strCat("gantryctl restore ", checkpoint.text(), " --in-place saves what it does now, ends it, and restores"));
}

Result<> waitUntilEnded(std::string_view name, std::string_view engine, const std::function<Result<bool>()> &hasEnded)
{
    const auto last = runtime::Clock::now() + kEndPatience;
    while (!GANTRY_TRY(hasEnded())) {
        if (runtime::Clock::now() > last)
            return fail(EBUSY, "checkpoint", name,
                        strCat("it is in the store and has ended, but ", engine, " does not know that yet"));
        std::this_thread::sleep_for(kBetweenLooks);
    }
    return {};
}

} // namespace gantry::checkpoint
