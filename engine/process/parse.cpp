// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/parse.h"
#include "engine/process/process.h"

#include <array>
#include <limits>
#include <span>

namespace gantry::process {

namespace {

constexpr std::size_t kMaxCommandLine = 4096;

template <class Number> bool assign(Number &out, std::string_view text)
{
    const auto value = parseU64(text);
    if (!value || *value > static_cast<std::uint64_t>(std::numeric_limits<Number>::max()))
        return false;
    out = static_cast<Number>(*value);
    return true;
}

/// Kernel: -1 for what a process that is ending has no more; 0 then.
bool assignOrNone(std::int32_t &out, std::string_view text)
{
    return text == "-1" || assign(out, text);
}

/// The tokens of `text`; false when there are fewer than wanted.
bool takeTokens(std::string_view text, std::span<std::string_view> tokens)
{
    for (std::string_view &token : tokens) {
        token = takeToken(text);
        if (token.empty())
            return false;
    }
    return true;
}

/// The pids of a line of /proc/PID/status that has one a namespace.
Result<void> takePids(std::vector<std::int32_t> &out, std::string_view what, std::string_view line)
{
    for (std::string_view token = takeToken(line); !token.empty(); token = takeToken(line)) {
        if (!assign(out.emplace_back(), token))
            return failParse(what, token);
    }
    return {};
}

} // namespace

Result<Stat> parseStat(std::string_view text)
{
    // Kernel: the process chooses what stands between the parentheses, ')' and newlines included; no later field has
    // a ')', so the last one ends it.
    const std::size_t open = text.find(" (");
    const std::size_t close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
        return failParse("/proc/PID/stat", text);

    // Fields 3 (state) to 24 (rss); token i is field i + 3.
    std::array<std::string_view, 22> field;
    Stat out;
    out.comm = text.substr(open + 2, close - open - 2);
    const bool good = takeTokens(trim(text.substr(close + 1)), field) && field[0].size() == 1 &&
                      assign(out.pid, text.substr(0, open)) && assign(out.parentPid, field[1]) &&
                      assignOrNone(out.processGroup, field[2]) && assignOrNone(out.session, field[3]) &&
                      assign(out.terminal, field[4]) &&
                      assign(out.userTicks, field[11]) && assign(out.systemTicks, field[12]) &&
                      assign(out.threads, field[17]) && assign(out.startTicks, field[19]);
    if (!good)
        return failParse("/proc/PID/stat", text);
    out.state = field[0].front();
    // Kernel: rss is printed as a signed number and may be a little below zero (split counters).
    const std::int64_t rss = GANTRY_TRY(parseI64(field[21]));
    out.residentPages = rss > 0 ? static_cast<std::uint64_t>(rss) : 0;
    return out;
}

Result<Status> parseStatus(std::string_view text)
{
    Status out;
    bool haveUid = false;
    while (auto line = takeLine(text)) {
        const std::string_view key = takeToken(*line);
        if (key == "Uid:") {
            if (!assign(out.uid, takeToken(*line)))
                return failParse("Uid: of /proc/PID/status", *line);
            haveUid = true;
        } else if (key == "TracerPid:") {
            if (!assign(out.tracerPid, takeToken(*line)))
                return failParse("TracerPid: of /proc/PID/status", *line);
        } else if (key == "VmSwap:") {
            if (!assign(out.swapKib, takeToken(*line)))
                return failParse("VmSwap: of /proc/PID/status", *line);
        } else if (key == "NSpid:") {
            GANTRY_CHECK(takePids(out.namespacePids, "NSpid: of /proc/PID/status", *line));
        } else if (key == "NSsid:") {
            GANTRY_CHECK(takePids(out.namespaceSessions, "NSsid: of /proc/PID/status", *line));
        }
    }
    if (!haveUid)
        return failParse("/proc/PID/status", "no Uid: line");
    return out;
}

std::string joinArguments(std::string_view cmdline)
{
    std::string joined(cmdline.substr(0, kMaxCommandLine));
    while (!joined.empty() && joined.back() == '\0')
        joined.pop_back();
    for (char &c : joined)
        c = c == '\0' ? ' ' : c;
    return printable(joined);
}

} // namespace gantry::process
