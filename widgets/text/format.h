// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "engine/base/limit.h"
#include "widgets/text/cell.h"

#include <chrono>
#include <string_view>

namespace gantry::text {

/// Numbers as a person reads them, in the user's locale. Thread: GUI (they translate).

/// UTF-8 of the wire as a QString; never fails, ill-formed bytes become U+FFFD.
[[nodiscard]] QString utf8(std::string_view bytes);

/// The mark of a value that is not there: an em dash, never 0.
[[nodiscard]] QString absent();
/// The mark of a limit that says "max": the infinity sign.
[[nodiscard]] QString unlimited();
/// "300 MiB", three significant digits, binary units.
[[nodiscard]] QString bytes(std::uint64_t value);
/// "1.2 MiB/s".
[[nodiscard]] QString byteRate(double bytesPerSecond);
/// "12.3 %": one decimal below 100, none above.
[[nodiscard]] QString percent(double value);
/// "950 µs", "12.5 ms", "3.4 s", "5 min 12 s", "2 h 5 min".
[[nodiscard]] QString duration(Micros value);
/// Whole number with group separators.
[[nodiscard]] QString count(std::uint64_t value);
/// "12/s".
[[nodiscard]] QString perSecond(double value);
/// A number of a metric's unit: 1048576 as "1 MiB", 12.5 as "12.5 %". NaN gives absent().
[[nodiscard]] QString number(MetricUnit unit, double value);
/// The cell of a metric: value, em dash, infinity sign, "unreadable" or "…" for a rate that needs a second sample.
[[nodiscard]] QString cell(Metric metric, const Cell &value);
/// Why a cell shows no number, for a tooltip; empty where it shows one.
[[nodiscard]] QString cellHint(const Cell &value);
/// A limit for people: "300 MiB", "50 % of one CPU", "8:0 read 1 MiB/s", infinity sign for max.
[[nodiscard]] QString limitValue(LimitKey key, const LimitValue &value);
/// A limit as the editor shows it and parseLimitValue reads it back ("300M", "50%", "max").
[[nodiscard]] QString limitInput(LimitKey key, const LimitValue &value);
/// "memory.max: 300 MiB → 200 MiB (−33 %)"; the percentage only where both sides are numbers and the old is not zero.
[[nodiscard]] QString limitChange(LimitKey key, const LimitValue &from, const LimitValue &to);
/// Change from one number to another as "+25 %" or "−33 %", one decimal below 10. `from` must not be 0.
[[nodiscard]] QString percentChange(double from, double to);
/// "2026-11-23 14:05:09" of CLOCK_REALTIME microseconds, in local time.
[[nodiscard]] QString dateTime(std::int64_t realtimeUsec);
/// "14:05:09".
[[nodiscard]] QString timeOfDay(std::int64_t realtimeUsec);

} // namespace gantry::text
