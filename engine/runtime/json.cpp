// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/json.h"

#include "engine/base/parse.h"

#include <cerrno>
#include <chrono>
#include <limits>

namespace gantry::runtime {

namespace {

constexpr int kMostDepth = 64;

/// The number in `digits` characters at the front of `text`, which is taken off; -1 if there is none.
int takeNumber(std::string_view &text, std::size_t digits)
{
    const auto value = parseU64(text.substr(0, digits));
    if (!value || text.size() < digits)
        return -1;
    text.remove_prefix(digits);
    return static_cast<int>(*value);
}

bool takeChar(std::string_view &text, std::string_view wanted)
{
    if (text.empty() || wanted.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

/// Seconds east of UTC of "Z", "+01:00" or "-0530". @return false for another text.
bool takeOffset(std::string_view text, std::int64_t &seconds)
{
    seconds = 0;
    if (text == "Z" || text == "z")
        return true;
    const bool west = text.starts_with('-');
    if (!takeChar(text, "+-"))
        return false;
    const int hours = takeNumber(text, 2);
    takeChar(text, ":");
    const int minutes = takeNumber(text, 2);
    if (hours < 0 || minutes < 0 || !text.empty())
        return false;
    seconds = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return true;
}

} // namespace

Result<Json> parseJson(std::string_view what, std::string_view text)
{
    int deepest = 0;
    const auto watch = [&deepest](int depth, Json::parse_event_t, const Json &) {
        deepest = std::max(deepest, depth);
        return depth <= kMostDepth;
    };
    Json out = Json::parse(text, watch, false);
    if (out.is_discarded() || deepest > kMostDepth)
        return fail(EBADMSG, "json", what, "not the JSON it should be");
    return out;
}

const Json &at(const Json &value, std::initializer_list<std::string_view> path)
{
    static const Json none;
    const Json *here = &value;
    for (const std::string_view name : path) {
        if (!here->is_object())
            return none;
        const auto found = here->find(name);
        if (found == here->end())
            return none;
        here = &*found;
    }
    return *here;
}

std::string textAt(const Json &value, std::initializer_list<std::string_view> path)
{
    const Json &found = at(value, path);
    return found.is_string() ? found.get<std::string>() : std::string();
}

std::int64_t numberAt(const Json &value, std::initializer_list<std::string_view> path)
{
    const Json &found = at(value, path);
    if (found.is_number_unsigned() &&
        found.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return 0;
    return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

std::int32_t pidAt(const Json &value, std::initializer_list<std::string_view> path)
{
    const std::int64_t pid = numberAt(value, path);
    return pid > 0 && pid <= std::numeric_limits<std::int32_t>::max() ? static_cast<std::int32_t>(pid) : 0;
}

bool flagAt(const Json &value, std::initializer_list<std::string_view> path)
{
    const Json &found = at(value, path);
    return found.is_boolean() && found.get<bool>();
}

std::vector<std::string> textsAt(const Json &value, std::initializer_list<std::string_view> path)
{
    std::vector<std::string> out;
    const Json &found = at(value, path);
    if (!found.is_array())
        return out;
    for (const Json &item : found) {
        if (item.is_string())
            out.push_back(item.get<std::string>());
    }
    return out;
}

std::map<std::string, std::string> textMapAt(const Json &value, std::initializer_list<std::string_view> path)
{
    std::map<std::string, std::string> out;
    const Json &found = at(value, path);
    if (!found.is_object())
        return out;
    for (const auto &[key, item] : found.items()) {
        if (item.is_string())
            out.emplace(key, item.get<std::string>());
    }
    return out;
}

std::int64_t microsOfTime(std::string_view text)
{
    using namespace std::chrono;
    const int y = takeNumber(text, 4);
    bool ok = y > 1 && takeChar(text, "-");
    const int m = ok ? takeNumber(text, 2) : -1;
    ok = m > 0 && takeChar(text, "-");
    const int d = ok ? takeNumber(text, 2) : -1;
    ok = d > 0 && takeChar(text, "Tt ");
    const int hour = ok ? takeNumber(text, 2) : -1;
    ok = hour >= 0 && takeChar(text, ":");
    const int minute = ok ? takeNumber(text, 2) : -1;
    ok = minute >= 0 && takeChar(text, ":");
    const int second = ok ? takeNumber(text, 2) : -1;
    const year_month_day date{year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
    if (second < 0 || !date.ok() || hour > 24 || minute > 59 || second > 60)
        return 0;
    std::int64_t micros = 0;
    if (takeChar(text, ".")) {
        std::int64_t scale = 100'000;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), scale /= 10)
            micros += (text.front() - '0') * scale;
    }
    std::int64_t east = 0;
    if (!takeOffset(text, east))
        return 0;
    const auto seconds = duration_cast<std::chrono::seconds>(sys_days(date).time_since_epoch()).count() + hour * 3600 +
                         minute * 60 + second - east;
    return seconds * 1'000'000 + micros;
}

} // namespace gantry::runtime
