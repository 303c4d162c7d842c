// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/checkpoint.pb.h"
#include "gantry/v1/control.pb.h"
#include "gantry/v1/host.pb.h"
#include "gantry/v1/inventory.pb.h"
#include "gantry/v1/metrics.pb.h"

#include <cstdint>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace gantry::cli {

/// What the engine answered, as the JSON gantryctl prints; the human tables are made from the same JSON.
///
/// Names and shapes are stable:
///   bytes, microseconds, counts  numbers              percentages   numbers with a fraction
///   no limit                     "max"                absent        null (also a rate that needs a second sample)
///   could not be read            {"error": {"errno", "name", "operation", "subject", "detail", "remedy"}}
///   ids of nodes                 decimal strings: they use all 64 bits
///   metrics                      object keyed by metric name (engine/base/metric.h)
using Json = nlohmann::ordered_json;

/// Name of each hierarchy by its index: "v2", or a v1 mount's controllers ("cpu,cpuacct").
using HierarchyNames = std::map<std::uint32_t, std::string>;
[[nodiscard]] HierarchyNames hierarchyNames(const v1::HostInfo &host);

[[nodiscard]] Json toJson(const v1::Failure &failure);
/// A number, "max", a text, {"quota", "period"} or [{"device", "rbps", ...}]; null where the oneof is absent.
[[nodiscard]] Json toJson(const v1::LimitValue &value);
[[nodiscard]] Json toJson(const v1::Warning &warning);
[[nodiscard]] Json toJson(const v1::HostInfo &host);
/// {"id", "parent", "kind", "name"} and what its kind adds.
[[nodiscard]] Json toJson(const v1::Node &node, const HierarchyNames &hierarchies);
[[nodiscard]] Json toJson(const v1::LimitRow &row);
[[nodiscard]] Json toJson(const v1::LimitChange &change);
[[nodiscard]] Json toJson(const v1::OomKill &oom);
/// "oom" is null but for a kill by the kernel's OOM killer whose story is known.
[[nodiscard]] Json toJson(const v1::Event &event);
/// Null where there is none.
[[nodiscard]] Json textOrNull(const std::string &text);
[[nodiscard]] Json toJson(const v1::CheckFinding &finding);
[[nodiscard]] Json toJson(const v1::CheckReply &reply);
[[nodiscard]] Json toJson(const v1::CheckpointInfo &checkpoint);
[[nodiscard]] Json toJson(const v1::CreateCheckpointReply &reply);
/// Object of metric name to value.
[[nodiscard]] Json toJson(const v1::NodeMetrics &metrics);
/// Per-device I/O.
[[nodiscard]] Json devicesJson(const v1::NodeMetrics &metrics);
/// The metrics object of one row of a frame; metrics this version does not know are left out.
[[nodiscard]] Json metricsOfRow(const v1::Frame &frame, int row);

/// Array of the items' JSON.
template <class Items> [[nodiscard]] Json arrayOf(const Items &items)
{
    Json out = Json::array();
    for (const auto &item : items)
        out.push_back(toJson(item));
    return out;
}

/// A limit for a person: bytes with a binary suffix, otherwise as the v2 file spells it; "-" where the oneof is absent.
[[nodiscard]] std::string limitText(const std::string &key, const v1::LimitValue &value);

/// "FREEZER_STATE_FROZEN_BY_ANCESTOR" as "frozen_by_ancestor": the names of the protocol's enumerators without their
/// prefix; null for a number this version does not know.
[[nodiscard]] Json enumName(const std::string &enumerator, std::string_view prefix);
[[nodiscard]] Json freezerName(v1::FreezerState state);

} // namespace gantry::cli
