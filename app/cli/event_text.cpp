// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/event_text.h"

#include "app/cli/table.h"
#include "engine/base/strings.h"

#include <array>
#include <ctime>

namespace gantry::cli {

namespace {

using enum Format;

/// Why the kernel had to kill.
std::string causeText(const Json &oom)
{
    if (oom["limit_path"].is_null())
        return "the kernel did not say whose limit it was";
    if (oom["constraint"] == "none")
        return "the host was out of memory";
    std::string out = "limit";
    if (!oom["limit_max_bytes"].is_null())
        out += strCat(" ", cellText(oom["limit_max_bytes"], Size));
    out += strCat(" of ", cellText(oom["limit_path"], Text));
    if (!oom["last_change"].is_null())
        out += strCat(" (", cellText(oom["last_change"], Text), ")");
    return out;
}

/// An OOM kill with its story.
std::string killText(const Json &event)
{
    const Json &oom = event["oom"];
    const Json resident = oom["victim_anon_rss_bytes"].get<std::uint64_t>() +
                          oom["victim_file_rss_bytes"].get<std::uint64_t>() +
                          oom["victim_shmem_rss_bytes"].get<std::uint64_t>();
    std::string out =
        strCat("killed by OOM: ", cellText(oom["victim_comm"], Text), " (pid ", cellText(oom["victim_pid"], Text), ")");
    if (!event["path"].is_null())
        out += strCat(" of ", cellText(event["path"], Text));
    out += strCat(", ", cellText(resident, Size), " resident; ", causeText(oom));
    const std::uint64_t kills = event["delta"].is_null() ? 1 : event["delta"].get<std::uint64_t>();
    if (kills > 1)
        out += strCat("; ", kills - 1, " more of its cgroup were killed with it");
    return out;
}

} // namespace

std::string timeText(std::int64_t micros)
{
    const std::time_t seconds = micros / 1'000'000;
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    std::array<char, 32> buffer{};
    const std::size_t length = std::strftime(buffer.data(), buffer.size(), "%F %T", &parts);
    return {buffer.data(), length};
}

std::string eventText(const Json &event)
{
    std::string out = timeText(event["time_usec"].get<std::int64_t>());
    if (!event["oom"].is_null())
        return strCat(out, "  ", killText(event), "\n");
    for (const char *field : {"kind", "path", "key"}) {
        if (!event[field].is_null())
            out += strCat("  ", cellText(event[field], Text));
    }
    if (!event["new"].is_null())
        out += strCat("  ", cellText(event["old"], Text), " -> ", cellText(event["new"], Text));
    if (!event["delta"].is_null())
        out += strCat("  +", cellText(event["delta"], Text));
    if (!event["pid"].is_null())
        out += strCat("  pid ", cellText(event["pid"], Text), " ", cellText(event["comm"], Text));
    if (!event["actor"].is_null())
        out += strCat("  by ", cellText(event["actor"], Text));
    if (!event["failure"].is_null())
        out += strCat("  failed: ", cellText(event["failure"]["name"], Text));
    return out + "\n";
}

} // namespace gantry::cli
