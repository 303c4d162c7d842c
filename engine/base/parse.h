// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/base/quantity.h"
#include "engine/base/strings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// Whole token as a decimal number; no sign, no blanks. @errors EILSEQ with the text.
[[nodiscard]] Result<std::uint64_t> parseU64(std::string_view text);
/// Whole token as a signed decimal number.
[[nodiscard]] Result<std::int64_t> parseI64(std::string_view text);
/// Whole token as a finite decimal fraction ("12.34").
[[nodiscard]] Result<double> parseDouble(std::string_view text);

/// Takes the next line (without its newline) off `text`; nullopt at the end.
[[nodiscard]] std::optional<std::string_view> takeLine(std::string_view &text);
/// Takes the next blank-separated token off `text`; empty at the end.
[[nodiscard]] std::string_view takeToken(std::string_view &text);
/// Every token of the text.
[[nodiscard]] std::vector<std::string> splitWords(std::string_view text);

/// Calls visit(key, value) for each "key value" line of a flat-keyed file (cgroup-v2.rst, "Flat keyed").
/// @errors EILSEQ with the line that is not "key number".
template <class Visit> [[nodiscard]] Result<> forEachFlatKey(std::string_view text, Visit visit)
{
    while (const auto line = takeLine(text)) {
        std::string_view rest = *line;
        const std::string_view key = takeToken(rest);
        const auto value = parseU64(trim(rest));
        if (key.empty() || !value)
            return failParse("flat keyed line", *line);
        visit(key, *value);
    }
    return {};
}

} // namespace gantry
