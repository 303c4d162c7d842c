// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/state.h"

#include <nlohmann/json.hpp>

namespace gantry::schedule {

using nlohmann::json;

namespace {

struct TextField
{
    const char *key;
    std::string State::*field;
};
constexpr TextField kTexts[] = {{"key", &State::key},
                                {"life", &State::life},
                                {"note", &State::note},
                                {"last_checkpoint", &State::lastCheckpoint},
                                {"last_error", &State::lastError}};
struct TimeField
{
    const char *key;
    std::int64_t State::*field;
};
constexpr TimeField kTimes[] = {{"next_us", &State::nextMicros}, {"last_us", &State::lastMicros}};
struct CountField
{
    const char *key;
    std::uint64_t State::*field;
};
constexpr CountField kCounts[] = {
    {"taken", &State::taken}, {"skipped", &State::skipped}, {"restarts", &State::restarts}};

} // namespace

std::string formatStates(const std::vector<State> &states)
{
    json list = json::array();
    for (const State &state : states) {
        json one;
        for (const auto &[key, field] : kTexts)
            one[key] = state.*field;
        for (const auto &[key, field] : kTimes)
            one[key] = state.*field;
        for (const auto &[key, field] : kCounts)
            one[key] = state.*field;
        list.push_back(std::move(one));
    }
    return json{{"states", std::move(list)}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<std::vector<State>> parseStates(std::string_view text)
{
    const json in = json::parse(text, nullptr, false);
    if (!in.is_object() || !in.contains("states") || !in["states"].is_array())
        return fail(EBADMSG, "read", "states of schedules", "it is none");
    std::vector<State> out;
    for (const json &one : in["states"]) {
        State &state = out.emplace_back();
        bool good = one.is_object();
        for (const auto &[key, field] : kTexts) {
            good = good && one.contains(key) && one[key].is_string();
            state.*field = good ? one[key].get<std::string>() : std::string();
        }
        for (const auto &[key, field] : kTimes) {
            good = good && one.contains(key) && one[key].is_number_integer();
            state.*field = good ? one[key].get<std::int64_t>() : 0;
        }
        for (const auto &[key, field] : kCounts) {
            good = good && one.contains(key) && one[key].is_number_unsigned();
            state.*field = good ? one[key].get<std::uint64_t>() : 0;
        }
        if (!good)
            return fail(EBADMSG, "read", "states of schedules", "a field is missing, or is not of its kind");
    }
    return out;
}

} // namespace gantry::schedule
