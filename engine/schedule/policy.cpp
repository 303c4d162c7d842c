// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/schedule/policy.h"

#include "engine/base/strings.h"

#include <array>
#include <limits>
#include <optional>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

namespace gantry::schedule {

using nlohmann::json;

namespace {

constexpr int kFormat = 1;
constexpr std::array<std::pair<Follow, const char *>, 3> kFollows{
    {{Follow::Life, "life"}, {Follow::Cgroup, "cgroup"}, {Follow::Container, "container"}}};

std::unexpected<Error> bad(std::string_view what)
{
    return fail(EBADMSG, "read", "schedules", what);
}

std::optional<std::string> textAt(const json &in, const char *key)
{
    const auto found = in.find(key);
    return found != in.end() && found->is_string() ? std::optional(found->get<std::string>()) : std::nullopt;
}

/// Absent: nullopt inside. @return nullopt for what is no number of that size.
std::optional<std::optional<std::uint64_t>> numberAt(const json &in, const char *key)
{
    const auto found = in.find(key);
    if (found == in.end())
        return std::optional<std::uint64_t>();
    if (!found->is_number_unsigned())
        return std::nullopt;
    return std::optional(found->get<std::uint64_t>());
}

Result<Policy> policyOf(const json &in)
{
    if (!in.is_object())
        return bad("no object");
    Policy out;
    const auto key = textAt(in, "key");
    const auto subject = textAt(in, "subject");
    const auto where = textAt(in, "where");
    const auto follow = textAt(in, "follow");
    const auto every = numberAt(in, "every_ms");
    const auto count = numberAt(in, "keep");
    const auto age = numberAt(in, "keep_seconds");
    const auto bytes = numberAt(in, "keep_bytes");
    const auto restart = in.find("restart");
    if (!key || !subject || !where || !follow || !every || !*every || !count || !age || !bytes || restart == in.end() ||
        !restart->is_boolean())
        return bad("a field is missing, or is not of its kind");
    const auto *const known =
        std::ranges::find(kFollows, *follow, [](const auto &pair) { return std::string_view(pair.second); });
    if (known == kFollows.end())
        return bad(strCat("follow: ", printable(*follow)));
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 1'000);
    if (**every > kMost || (*age && **age > kMost))
        return bad("a time out of range");
    out.key = *key;
    out.subject = *subject;
    out.where = *where;
    out.follow = known->first;
    out.every = std::chrono::milliseconds(**every);
    out.retention.count = *count;
    if (*age)
        out.retention.age = std::chrono::seconds(**age);
    if (*bytes)
        out.retention.bytes = Bytes{**bytes};
    out.restart = restart->get<bool>();
    out.by = textAt(in, "by").value_or("");
    GANTRY_CHECK(checkPolicy(out));
    return out;
}

} // namespace

bool Policy::operator==(const Policy &other) const
{
    const auto tied = [](const Policy &p) {
        return std::tie(p.key, p.subject, p.follow, p.where, p.every, p.retention.count, p.retention.age, p.restart,
                        p.by);
    };
    const auto bytes = [](const Policy &p) {
        return p.retention.bytes ? std::optional(p.retention.bytes->v) : std::nullopt;
    };
    return tied(*this) == tied(other) && bytes(*this) == bytes(other);
}

Result<> checkPolicy(const Policy &policy)
{
    if (policy.key.empty() || policy.where.empty())
        return fail(EINVAL, "schedule", policy.subject, "whose it is is missing");
    if (policy.every < kLeastPeriod || policy.every > kMostPeriod)
        return fail(EINVAL, "schedule", policy.subject,
                    strCat("every ", policy.every.count(), " ms: from a second to a year is possible"));
    if (policy.retention.count && *policy.retention.count == 0)
        return fail(EINVAL, "schedule", policy.subject, "to keep none is no schedule", "keep one at least");
    if (policy.retention.age && policy.retention.age->count() <= 0)
        return fail(EINVAL, "schedule", policy.subject, "to keep them for no time is no schedule");
    return {};
}

Result<std::string> formatPolicies(const std::vector<Policy> &policies)
{
    json list = json::array();
    for (const Policy &policy : policies) {
        for (const std::string *text : {&policy.key, &policy.subject, &policy.where, &policy.by}) {
            if (!isUtf8(*text))
                return fail(EILSEQ, "schedule", printable(*text), "it is not UTF-8");
        }
        const auto *const follow =
            std::ranges::find(kFollows, policy.follow, [](const auto &pair) { return pair.first; });
        json one{{"key", policy.key},
                 {"subject", policy.subject},
                 {"follow", follow->second},
                 {"where", policy.where},
                 {"every_ms", static_cast<std::uint64_t>(policy.every.count())},
                 {"restart", policy.restart},
                 {"by", policy.by}};
        if (policy.retention.count)
            one["keep"] = *policy.retention.count;
        if (policy.retention.age)
            one["keep_seconds"] = static_cast<std::uint64_t>(policy.retention.age->count());
        if (policy.retention.bytes)
            one["keep_bytes"] = policy.retention.bytes->v;
        list.push_back(std::move(one));
    }
    return json{{"format", kFormat}, {"schedules", std::move(list)}}.dump(2) + "\n";
}

Result<std::vector<Policy>> parsePolicies(std::string_view text)
{
    const json in = json::parse(text, nullptr, false);
    if (!in.is_object() || !in.contains("format") || !in["format"].is_number_unsigned())
        return bad("it is no file of schedules");
    if (in["format"].get<std::uint64_t>() > kFormat)
        return fail(ENOTSUP, "read", "schedules", "a newer Gantry wrote it");
    const auto list = in.find("schedules");
    if (list == in.end() || !list->is_array() || list->size() > kMostPolicies)
        return bad("no list of schedules, or a longer one than may be");
    std::vector<Policy> out;
    std::set<std::string> keys;
    for (const json &one : *list) {
        out.push_back(GANTRY_TRY(policyOf(one)));
        if (!keys.insert(out.back().key).second)
            return bad(strCat("twice: ", printable(out.back().key)));
    }
    return out;
}

} // namespace gantry::schedule
