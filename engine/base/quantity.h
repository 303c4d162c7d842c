// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>

namespace gantry {

/// A number with a unit in its type: quantities of different tags do not mix.
template <class Tag, class Rep> struct Quantity
{
    Rep v{};

    constexpr Quantity() = default;
    constexpr explicit Quantity(Rep value) : v(value) {}
    constexpr auto operator<=>(const Quantity &) const = default;
    constexpr Quantity operator+(Quantity o) const { return Quantity(static_cast<Rep>(v + o.v)); }
    constexpr Quantity operator-(Quantity o) const { return Quantity(static_cast<Rep>(v - o.v)); }
};

using Bytes = Quantity<struct BytesTag, std::uint64_t>;
using Count = Quantity<struct CountTag, std::uint64_t>;
/// CPU weight or I/O weight, 1 .. 10 000 (cgroup-v2.rst, "Weights").
using Weight = Quantity<struct WeightTag, std::uint64_t>;
using Micros = std::chrono::duration<std::uint64_t, std::micro>;

/// A limit; nullopt is the kernel's "max".
template <class Q> using Limit = std::optional<Q>;

} // namespace gantry
