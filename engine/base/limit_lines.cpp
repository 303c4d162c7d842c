// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/limit_lines.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <optional>

namespace gantry {

namespace {

using enum LimitShape;
using Field = std::pair<std::string, std::string>;

std::unexpected<Error> refuseToken(int err, const LimitInfo &info, std::string_view detail)
{
    return fail(err, "set", info.name, detail);
}

/// Text up to the next "," or line end; nullopt at the end.
std::optional<std::string_view> takeEntry(std::string_view &text)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(",\n"), text.size());
        const std::string_view entry = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!entry.empty())
            return entry;
    }
    return std::nullopt;
}

bool isPlain(std::string_view token)
{
    return !token.empty() && std::ranges::all_of(token, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
               c == '-';
    });
}

/// A number, or a word that stands for one, as the kernel reads it.
Result<std::string> checkedNumber(const LimitInfo &info, std::string_view token, bool bytes)
{
    if (token == "max" && info.unlimited)
        return std::string(token);
    const auto number = bytes ? parseBytes(token) : parseU64(token);
    if (!number)
        return refuseToken(EINVAL, info, strCat(token, " is not a number"));
    if (*number < info.least || *number > info.most)
        return refuseToken(ERANGE, info, strCat(token, " is not between ", info.least, " and ", info.most));
    return strCat(*number);
}

Result<> checkName(const LimitInfo &info, std::string_view name)
{
    const bool byDevice = info.shape == DeviceWeights || info.shape == DeviceFields;
    if (info.shape == DeviceWeights && name == "default")
        return {};
    if (byDevice && !parseDeviceNumber(name))
        return refuseToken(EINVAL, info, strCat(name, " is not MAJOR:MINOR"));
    if (!byDevice && (name.empty() || name.contains('=')))
        return refuseToken(EINVAL, info, strCat("\"", name, "\" is not a name"));
    return {};
}

Result<Field> plainValue(const LimitInfo &info, std::string_view name, std::string_view token)
{
    if (info.shape == DeviceWeights && name != "default" && token == "default")
        return Field{"", token};
    return Field{"", GANTRY_TRY(checkedNumber(info, token, info.shape == NamedSizes))};
}

Result<Field> namedValue(const LimitInfo &info, std::string_view token)
{
    const std::size_t equals = token.find('=');
    const std::string_view field = token.substr(0, equals);
    if (equals == std::string_view::npos || std::ranges::count(limitWords(info), field) == 0)
        return refuseToken(EINVAL, info, strCat(token, " is not FIELD=VALUE with a field of: ", info.words));
    const std::string_view value = token.substr(equals + 1);
    const bool number = info.key == LimitKey::IoLatency || info.shape == NamedFields;
    if (number)
        return Field{field, GANTRY_TRY(checkedNumber(info, value, false))};
    if (!isPlain(value))
        return refuseToken(EINVAL, info, strCat(token, " has no value"));
    return Field{field, value};
}

Result<LimitLine> parseLine(const LimitInfo &info, std::string_view text)
{
    LimitLine out;
    out.name = takeToken(text);
    GANTRY_CHECK(checkName(info, out.name));
    const bool plain = info.shape == DeviceWeights || info.shape == NamedSizes;
    for (std::string_view token = takeToken(text); !token.empty(); token = takeToken(text)) {
        Field field = GANTRY_TRY(plain ? plainValue(info, out.name, token) : namedValue(info, token));
        if (std::ranges::count(out.fields, field.first, &Field::first) != 0)
            return refuseToken(EINVAL, info,
                               strCat(out.name, " has ", field.first.empty() ? "two values" : field.first));
        out.fields.push_back(std::move(field));
    }
    if (out.fields.empty())
        return refuseToken(EINVAL, info, strCat(out.name, " has no value"));
    return out;
}

/// True if the kernel shows no such line.
bool meansNothing(const LimitInfo &info, const LimitLine &line)
{
    switch (info.key) {
    case LimitKey::IoLatency:
        return line == unsetLine(info, line);
    case LimitKey::IoWeight:
    case LimitKey::IoBfqWeight:
        return line.fields.front().second == "default";
    default:
        return false;
    }
}

} // namespace

bool hasLines(LimitShape shape)
{
    return shape == DeviceWeights || shape == DeviceFields || shape == NamedFields || shape == NamedSizes;
}

Result<std::vector<LimitLine>> parseLimitLines(const LimitInfo &info, std::string_view text)
{
    std::vector<LimitLine> out;
    while (const auto entry = takeEntry(text)) {
        LimitLine line = GANTRY_TRY(parseLine(info, *entry));
        if (std::ranges::count(out, line.name, &LimitLine::name) != 0)
            return refuseToken(EINVAL, info, strCat(line.name, " is named twice"));
        out.push_back(std::move(line));
    }
    if (out.empty())
        return refuseToken(EINVAL, info, "no value is given");
    return out;
}

Result<std::vector<LimitLine>> readLimitLines(const LimitInfo &info, std::string_view text)
{
    std::vector<LimitLine> out;
    while (const auto line = takeEntry(text)) {
        std::string_view rest = *line;
        LimitLine entry;
        entry.name = takeToken(rest);
        if (!checkName(info, entry.name))
            return failParse(info.name, *line);
        for (std::string_view token = takeToken(rest); !token.empty(); token = takeToken(rest)) {
            const std::size_t equals = token.find('=');
            if (equals == std::string_view::npos)
                entry.fields.emplace_back("", token);
            else
                entry.fields.emplace_back(token.substr(0, equals), token.substr(equals + 1));
        }
        if (entry.fields.empty())
            return failParse(info.name, *line);
        out.push_back(std::move(entry));
    }
    return out;
}

std::string limitLinesText(std::span<const LimitLine> lines)
{
    std::string out;
    for (const LimitLine &line : lines) {
        out += strCat(out.empty() ? "" : ", ", line.name);
        for (const auto &[field, value] : line.fields)
            out += strCat(' ', field, field.empty() ? "" : "=", value);
    }
    return out;
}

std::vector<LimitLine> mergedLines(const LimitInfo &info, std::vector<LimitLine> current,
                                   std::span<const LimitLine> change)
{
    for (const LimitLine &line : change) {
        const auto held = std::ranges::find(current, line.name, &LimitLine::name);
        if (held == current.end()) {
            current.push_back(line);
            continue;
        }
        for (const Field &field : line.fields) {
            const auto old = std::ranges::find(held->fields, field.first, &Field::first);
            if (old == held->fields.end())
                held->fields.push_back(field);
            else
                old->second = field.second;
        }
    }
    std::erase_if(current, [&info](const LimitLine &line) { return meansNothing(info, line); });
    return current;
}

LimitLine unsetLine(const LimitInfo &info, const LimitLine &line)
{
    LimitLine out{line.name, line.fields};
    // strCat: gcc 12 takes assigning a literal for an overlapping copy at -O3 (-Wrestrict).
    for (auto &[field, value] : out.fields) {
        if (info.shape == DeviceWeights)
            value = strCat(line.name == "default" ? "100" : "default");
        else if (info.key == LimitKey::IoLatency || field == "enable")
            value = strCat('0');
        else if (field == "ctrl")
            value = strCat("auto");
        else
            value = strCat("max");
    }
    return out;
}

Result<NumberRanges> parseNumberRanges(const LimitInfo &info, std::string_view text)
{
    NumberRanges ranges;
    while (const auto entry = takeEntry(text)) {
        const std::size_t dash = entry->find('-');
        const auto first = parseU64(entry->substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : parseU64(entry->substr(dash + 1));
        if (!first || !last)
            return refuseToken(EINVAL, info, strCat(*entry, " is not a number or a range"));
        if (*first > *last || *last > info.most)
            return refuseToken(ERANGE, info, strCat(*entry, " is not a range below ", info.most + 1));
        ranges.emplace_back(*first, *last);
    }
    std::ranges::sort(ranges);
    NumberRanges joined;
    for (const auto &[first, last] : ranges) {
        if (!joined.empty() && first <= joined.back().second + 1)
            joined.back().second = std::max(joined.back().second, last);
        else
            joined.emplace_back(first, last);
    }
    return joined;
}

Result<std::string> parseNumberList(const LimitInfo &info, std::string_view text)
{
    std::string out;
    for (const auto &[first, last] : GANTRY_TRY(parseNumberRanges(info, text))) {
        out += strCat(out.empty() ? "" : ",", first);
        if (last != first)
            out += strCat("-", last);
    }
    return out;
}

std::pair<std::string, std::string> splitInvalid(std::string_view text)
{
    text = trim(text);
    const std::size_t at = text.find(" invalid");
    if (at == std::string_view::npos)
        return {std::string(text), {}};
    return {std::string(text.substr(0, at)), std::string(text)};
}

} // namespace gantry
