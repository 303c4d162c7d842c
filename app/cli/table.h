// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace gantry::cli {

/// How a JSON value is shown to a person. Null is "-", an {"error": ...} object the errno's name.
enum class Format : std::uint8_t {
    Text,          ///< strings as they are, numbers in digits, arrays joined by ","
    Number,        ///< the same, to the right
    Size,          ///< bytes with a binary suffix
    SizePerSecond, ///< the same a second
    Percent,       ///< one decimal
    CpuTime,       ///< microseconds as seconds
    State,         ///< a word; "absent" is "-" as any other absent value
};

/// One column of a table.
struct Column
{
    std::string_view title;
    std::string_view pointer; ///< JSON pointer into a row: "/metrics/memory.current"
    Format format = Format::Text;
};

/// One value as text.
[[nodiscard]] std::string cellText(const nlohmann::ordered_json &value, Format format);

/// Rows below their titles, columns as wide as their widest cell (counted in code points); numbers to the right.
/// @param rows array of objects; a row that lacks a pointer shows "-" there.
[[nodiscard]] std::string renderTable(const nlohmann::ordered_json &rows, std::span<const Column> columns);

} // namespace gantry::cli
