// SPDX-License-Identifier: GPL-3.0-or-later
// Limits in Incus' words. What each key becomes was seen with Incus 6.0.4 on cgroup v2; keys: incus docs,
// reference/instance_options.
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/incus_json.h"

#include <algorithm>
#include <array>
#include <cerrno>

namespace gantry::runtime {

namespace {

using Config = std::map<std::string, std::string>;

constexpr std::uint64_t kMicrosInMilli = 1'000;
constexpr std::uint64_t kUsualPeriodMillis = 100;

constexpr std::array<std::pair<LimitKey, std::string_view>, 3> kKeys{{{LimitKey::MemoryMax, "limits.memory"},
                                                                      {LimitKey::PidsMax, "limits.processes"},
                                                                      {LimitKey::CpuMax, "limits.cpu.allowance"}}};

const std::pair<LimitKey, std::string_view> *keyOf(LimitKey key)
{
    const auto *found = std::ranges::find(kKeys, key, &decltype(kKeys)::value_type::first);
    return found != kKeys.end() ? found : nullptr;
}

std::unexpected<Error> cannot(LimitKey key, std::string_view why)
{
    return fail(ENOTSUP, verbName(Verb::Update), limitInfo(key).name, why, "set it by the kernel's file (--by-file)");
}

/// "25ms/100ms"; whole milliseconds only. @param now what stands there.
Result<std::string> allowance(const CpuMax &cpu, const std::string &now)
{
    // A percentage is a share there, another limit (cpu.weight), which would be lost.
    if (now.ends_with('%'))
        return cannot(LimitKey::CpuMax, strCat("limits.cpu.allowance is a share now (", now, ")"));
    if (!cpu.quota)
        return std::string();
    std::uint64_t period = cpu.period.count();
    if (period == 0) {
        std::string_view old = std::string_view(now).substr(std::min(now.size(), now.find('/') + 1));
        if (old.ends_with("ms"))
            old.remove_suffix(2);
        period = parseU64(old).value_or(kUsualPeriodMillis) * kMicrosInMilli;
    }
    const std::uint64_t quota = cpu.quota->count();
    if (quota == 0 || quota % kMicrosInMilli != 0 || period % kMicrosInMilli != 0)
        return cannot(LimitKey::CpuMax, strCat("it counts in milliseconds: ", quota, "us of ", period, "us is none"));
    return strCat(quota / kMicrosInMilli, "ms/", period / kMicrosInMilli, "ms");
}

Result<std::string> wordFor(LimitKey key, const LimitValue &value, const Json &config)
{
    if (key == LimitKey::MemoryMax && textAt(config, {"limits.memory.enforce"}) == "soft")
        return cannot(key, "limits.memory.enforce is soft: limits.memory is memory.high then");
    if (const auto *cpu = std::get_if<CpuMax>(&value))
        return allowance(*cpu, textAt(config, {"limits.cpu.allowance"}));
    if (std::holds_alternative<Unlimited>(value))
        return key == LimitKey::CpuMax ? allowance({}, textAt(config, {"limits.cpu.allowance"})) : std::string();
    return limitValueText(value);
}

} // namespace

bool hasIncusKey(LimitKey key)
{
    return keyOf(key) != nullptr;
}

Result<Config> incusConfig(std::span<const std::pair<LimitKey, LimitValue>> limits, const Json &config)
{
    Config out;
    for (const auto &[key, value] : limits) {
        const auto *name = keyOf(key);
        if (name == nullptr)
            return cannot(key, "it has no key for it");
        out[std::string(name->second)] = GANTRY_TRY(wordFor(key, value, config));
    }
    return out;
}

} // namespace gantry::runtime
