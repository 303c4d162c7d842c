// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/log.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

#include <unistd.h>

namespace gantry::log {

namespace {

constexpr std::array<std::string_view, 10> kAreaNames{"base",    "cgroup",  "process", "namespaces", "inventory",
                                                      "sampler", "control", "alerts",  "service",    "runtime"};

Level levelFromEnvironment()
{
    const char *text = std::getenv("GANTRY_LOG"); // NOLINT(concurrency-mt-unsafe): read once, before threads
    const std::string_view name = text ? text : "";
    if (name == "debug")
        return Level::Debug;
    if (name == "warning")
        return Level::Warning;
    if (name == "error")
        return Level::Error;
    return Level::Info;
}

std::atomic<Level> &threshold()
{
    static std::atomic<Level> level{levelFromEnvironment()};
    return level;
}

bool stderrIsJournal()
{
    static const bool yes = std::getenv("JOURNAL_STREAM") != nullptr; // NOLINT(concurrency-mt-unsafe)
    return yes;
}

} // namespace

void setLevel(Level level)
{
    threshold() = level;
}
bool enabled(Level level)
{
    return level <= threshold().load(std::memory_order_relaxed);
}

void write(Level level, Area area, std::string_view text)
{
    if (!enabled(level))
        return;
    std::string line;
    if (stderrIsJournal())
        line = strCat('<', std::to_underlying(level), '>');
    line += strCat("gantry.", kAreaNames.at(std::to_underlying(area)), ": ", text, '\n');
    // Nowhere to report that the log itself cannot be written.
    [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace gantry::log
