// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/limit.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gantry::systemd {

/// "No limit" in systemd's numbers (CGROUP_LIMIT_MAX, USEC_INFINITY).
inline constexpr std::uint64_t kInfinity = ~std::uint64_t{0};

/// One property of a unit as D-Bus has it.
struct Property
{
    /// "a(st)": device node and number.
    using Devices = std::vector<std::pair<std::string, std::uint64_t>>;
    std::string name;
    std::variant<std::uint64_t, bool, std::vector<std::uint8_t>, Devices> value;
    bool operator==(const Property &) const = default;
};

/// How the limit of one control file is told to systemd: one row a key, named by the v2 file, so that a key that the
/// engine learns later is found by its name.
struct PropertyRow
{
    std::string_view file;      ///< "memory.max"
    std::string_view property;  ///< D-Bus name of the first property
    std::string_view setting;   ///< as in unit files and `systemctl set-property`
    std::string_view effective; ///< property with the number that holds along the chain; empty: there is none
};
/// nullptr: systemd never writes this file, so it is anybody's (memory.swap.high, cpu.max.burst ...).
[[nodiscard]] const PropertyRow *propertyRow(std::string_view file);

/// Properties for a value; io.max gives one for each rate of its devices. Values of cpu.max become whole percents of a
/// CPU, at least one: systemd writes no other to its drop-in, so that a finer one would change by itself at the next
/// daemon-reload. A device becomes its node ("/dev/sda"); the number of another kind may be in text.
/// @param period in force, for a cpu.max without one.
/// @errors ENOTSUP (no row), EINVAL for a text that is not the key's.
[[nodiscard]] Result<std::vector<Property>> propertiesFor(std::string_view file, const LimitValue &value,
                                                          Micros period = Micros(100'000));

/// What the kernel will hold once systemd has applied the value: the value itself, but for cpu.max.
[[nodiscard]] LimitValue asApplied(std::string_view file, const LimitValue &value);

/// The same for the command line: "MemoryMax=314572800", "CPUQuota=50%".
/// @errors as propertiesFor().
[[nodiscard]] Result<std::string> assignmentsFor(std::string_view file, const LimitValue &value);

} // namespace gantry::systemd
