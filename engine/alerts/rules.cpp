// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/alerts/rules.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <set>

namespace gantry::alerts {

namespace {

constexpr Micros kSecond{1'000'000};
constexpr Micros kMinute{60'000'000};
constexpr std::size_t kMostText = 255;

AlertLevel level(double value, Micros duration, double hysteresis)
{
    return {true, value, duration, hysteresis};
}

AlertRule builtIn(std::string id, std::string name, AlertSource source, Metric metric)
{
    return {.id = std::move(id),
            .name = std::move(name),
            .source = source,
            .metric = metric,
            .builtIn = true,
            .repeat = 5 * kMinute};
}

std::vector<AlertRule> makeBuiltIn()
{
    AlertRule nearHigh =
        builtIn("memory-near-high", "Memory near its soft limit", AlertSource::Ratio, Metric::MemoryCurrent);
    nearHigh.reference = Metric::MemoryHigh;
    nearHigh.soft = level(90, Micros{0}, 5);

    AlertRule nearMax =
        builtIn("memory-near-max", "Memory near its hard limit", AlertSource::Ratio, Metric::MemoryCurrent);
    nearMax.reference = Metric::MemoryMax;
    nearMax.soft = level(90, Micros{0}, 5);
    nearMax.hard = level(98, Micros{0}, 3);

    AlertRule oomKill =
        builtIn("oom-kill", "A process was killed for lack of memory", AlertSource::Event, Metric::MemoryEventsOomKill);
    oomKill.hard.enabled = true;
    oomKill.hold = 10 * kMinute;

    AlertRule atMax =
        builtIn("memory-max-hit", "The hard memory limit was hit", AlertSource::Event, Metric::MemoryEventsMax);
    atMax.soft.enabled = true;
    atMax.hold = kMinute;

    AlertRule pressure = builtIn("memory-pressure", "Every process waits for memory", AlertSource::Metric,
                                 Metric::PressureMemoryFullAvg10);
    pressure.soft = level(10, 10 * kSecond, 5);
    pressure.hard = level(40, 10 * kSecond, 10);

    AlertRule throttled =
        builtIn("cpu-throttled", "Held back by its CPU limit", AlertSource::Metric, Metric::CpuThrottledRate);
    throttled.soft = level(25, 30 * kSecond, 5);
    throttled.hard = level(75, 30 * kSecond, 10);

    AlertRule pids =
        builtIn("pids-near-max", "Nearly as many processes as allowed", AlertSource::Ratio, Metric::PidsCurrent);
    pids.reference = Metric::PidsMax;
    pids.soft = level(90, Micros{0}, 5);
    pids.hard = level(98, Micros{0}, 3);

    AlertRule forks =
        builtIn("pids-max-hit", "A fork failed at the limit of processes", AlertSource::Event, Metric::PidsEventsMax);
    forks.hard.enabled = true;
    forks.hold = kMinute;
    return {nearHigh, nearMax, oomKill, atMax, pressure, throttled, pids, forks};
}

std::unexpected<Error> bad(std::string_view field, std::string_view why)
{
    return fail(EINVAL, "setRule", field, why);
}

/// Longest time of a rule, in seconds: what the file of rules takes.
constexpr double kMostSeconds = 1e8;

Result<> checkTime(std::string_view field, Micros time)
{
    if (static_cast<double>(time.count()) > kMostSeconds * 1e6)
        return bad(field, "a time is 100000000 seconds at most");
    return {};
}

Result<> checkLevel(std::string_view field, const AlertLevel &level)
{
    GANTRY_CHECK(checkTime(strCat(field, ".duration"), level.duration));
    if (!std::isfinite(level.value) || level.value < 0)
        return bad(strCat(field, ".value"), "a level is a number, 0 or more");
    if (!std::isfinite(level.hysteresis) || level.hysteresis < 0 || level.hysteresis > level.value)
        return bad(strCat(field, ".hysteresis"), "the hysteresis is between 0 and the level");
    return {};
}

bool isName(std::string_view text)
{
    return !text.empty() && text.size() <= kMostText && printable(text) == text && trim(text) == text;
}

bool isId(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    });
}

constexpr std::array<std::string_view, 4> kSourceNames{"", "metric", "ratio", "event"};

std::string_view metricName(Metric metric)
{
    const MetricInfo *info = metricInfo(metric);
    return info != nullptr ? info->name : std::string_view();
}

/// Shortest text that reads back as the same number.
std::string numberText(double value)
{
    std::array<char, 40> text{};
    for (const int digits : {6, 17}) {
        std::snprintf(text.data(), text.size(), "%.*g", digits, value);
        if (const auto back = parseDouble(text.data()); back && *back == value)
            break;
    }
    return text.data();
}

void formatLevel(std::string &out, std::string_view field, const AlertLevel &level)
{
    out += strCat(field, " = ", level.enabled ? "on" : "off", '\n');
    out += strCat(field, ".value = ", numberText(level.value), '\n');
    out += strCat(field, ".seconds = ", numberText(static_cast<double>(level.duration.count()) / 1e6), '\n');
    out += strCat(field, ".hysteresis = ", numberText(level.hysteresis), '\n');
}

Result<bool> parseSwitch(std::string_view text)
{
    if (text == "on" || text == "off")
        return text == "on";
    return failParse("on or off", text);
}

Result<Micros> parseSeconds(std::string_view text)
{
    const double seconds = GANTRY_TRY(parseDouble(text));
    if (!(seconds >= 0 && seconds <= kMostSeconds))
        return failParse("seconds", text);
    return Micros(static_cast<std::uint64_t>(std::llround(seconds * 1e6)));
}

Result<Metric> parseMetric(std::string_view text)
{
    if (text.empty())
        return Metric::None;
    const auto metric = metricByName(text);
    return metric ? Result<Metric>(*metric) : failParse("metric", text);
}

/// @return false for a field that a level does not have.
Result<bool> parseLevelField(AlertLevel &level, std::string_view field, std::string_view value)
{
    if (field.empty())
        level.enabled = GANTRY_TRY(parseSwitch(value));
    else if (field == ".value")
        level.value = GANTRY_TRY(parseDouble(value));
    else if (field == ".seconds")
        level.duration = GANTRY_TRY(parseSeconds(value));
    else if (field == ".hysteresis")
        level.hysteresis = GANTRY_TRY(parseDouble(value));
    else
        return false;
    return true;
}

Result<> parseField(AlertRule &rule, std::string_view field, std::string_view value)
{
    if (field.starts_with("soft") && GANTRY_TRY(parseLevelField(rule.soft, field.substr(4), value)))
        return {};
    if (field.starts_with("hard") && GANTRY_TRY(parseLevelField(rule.hard, field.substr(4), value)))
        return {};
    if (field == "name") {
        rule.name = value;
    } else if (field == "source") {
        const auto found = std::ranges::find(kSourceNames, value);
        if (value.empty() || found == kSourceNames.end())
            return failParse("source", value);
        rule.source = static_cast<AlertSource>(found - kSourceNames.begin());
    } else if (field == "metric") {
        rule.metric = GANTRY_TRY(parseMetric(value));
    } else if (field == "reference") {
        rule.reference = GANTRY_TRY(parseMetric(value));
    } else if (field == "scope") {
        rule.scopePath = value;
    } else if (field == "hold") {
        rule.hold = GANTRY_TRY(parseSeconds(value));
    } else if (field == "repeat") {
        rule.repeat = GANTRY_TRY(parseSeconds(value));
    } else if (field == "enabled") {
        rule.enabled = GANTRY_TRY(parseSwitch(value));
    } else {
        return failParse("field of a rule", field);
    }
    return {};
}

} // namespace

const std::vector<AlertRule> &builtInRules()
{
    static const std::vector<AlertRule> kRules = makeBuiltIn();
    return kRules;
}

Result<> checkRule(const AlertRule &rule)
{
    if (!isId(rule.id))
        return bad("id", "an id is 1 to 64 letters, digits, '-', '_' and '.'");
    if (!isName(rule.name))
        return bad("name", "a name is 1 to 255 bytes of printable text");
    const MetricInfo *metric = metricInfo(rule.metric);
    if (metric == nullptr)
        return bad("metric", "there is no such metric");
    switch (rule.source) {
    case AlertSource::Metric:
        break;
    case AlertSource::Ratio:
        if (metricInfo(rule.reference) == nullptr || metricInfo(rule.reference)->unit != metric->unit)
            return bad("reference_metric", "a ratio wants a reference with the metric's unit");
        break;
    case AlertSource::Event:
        if (metric->kind != MetricKind::Counter)
            return bad("metric", "an event wants a counter");
        break;
    default:
        return bad("source", "there is no such source");
    }
    GANTRY_CHECK(checkLevel("soft", rule.soft));
    GANTRY_CHECK(checkLevel("hard", rule.hard));
    if (!rule.soft.enabled && !rule.hard.enabled)
        return bad("soft", "at least one level must be enabled");
    if (rule.source != AlertSource::Event && rule.soft.enabled && rule.hard.enabled &&
        rule.hard.value < rule.soft.value)
        return bad("hard.value", "the hard level is below the soft level");
    GANTRY_CHECK(checkTime("hold", rule.hold));
    GANTRY_CHECK(checkTime("repeat", rule.repeat));
    if (!rule.scopePath.empty() && (rule.scopePath.front() != '/' || printable(rule.scopePath) != rule.scopePath ||
                                    trim(rule.scopePath) != rule.scopePath))
        return bad("scope_path", "a scope is an absolute cgroup path");
    return {};
}

std::string formatRules(const std::vector<AlertRule> &rules)
{
    std::string out = "# Alert rules of Gantry; changed by the console. Times are in seconds.\n";
    for (const AlertRule &rule : rules) {
        out += strCat("\n[rule ", rule.id, "]\nname = ", rule.name, '\n');
        out += strCat("source = ", kSourceNames.at(static_cast<std::size_t>(rule.source)), '\n');
        out += strCat("metric = ", metricName(rule.metric), '\n');
        out += strCat("reference = ", metricName(rule.reference), '\n');
        out += strCat("scope = ", rule.scopePath, '\n');
        formatLevel(out, "soft", rule.soft);
        formatLevel(out, "hard", rule.hard);
        out += strCat("hold = ", numberText(static_cast<double>(rule.hold.count()) / 1e6), '\n');
        out += strCat("repeat = ", numberText(static_cast<double>(rule.repeat.count()) / 1e6), '\n');
        out += strCat("enabled = ", rule.enabled ? "on" : "off", '\n');
    }
    return out;
}

Result<std::vector<AlertRule>> parseRules(std::string_view text)
{
    std::vector<AlertRule> out;
    std::set<std::string, std::less<>> ids;
    std::size_t number = 0;
    const auto atLine = [&number](Error error) {
        error.subject = strCat("line ", number);
        return std::unexpected(std::move(error));
    };
    while (const auto whole = takeLine(text)) {
        ++number;
        const std::string_view line = trim(*whole);
        if (line.empty() || line.front() == '#')
            continue;
        if (line.starts_with("[rule ") && line.ends_with(']')) {
            if (!out.empty()) {
                if (const auto good = checkRule(out.back()); !good)
                    return atLine(good.error());
            }
            const std::string_view id = trim(line.substr(6, line.size() - 7));
            if (!ids.emplace(id).second)
                return atLine(failParse("rule id that stands once", id).error());
            out.push_back({.id = std::string(id)});
            continue;
        }
        const std::size_t equals = line.find('=');
        if (out.empty() || equals == std::string_view::npos)
            return atLine(failParse("rule", line).error());
        if (auto parsed = parseField(out.back(), trim(line.substr(0, equals)), trim(line.substr(equals + 1))); !parsed)
            return atLine(std::move(parsed).error());
    }
    if (!out.empty()) {
        if (const auto good = checkRule(out.back()); !good)
            return atLine(good.error());
    }
    return out;
}

} // namespace gantry::alerts
