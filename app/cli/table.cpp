// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/table.h"

#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <vector>

#include <nlohmann/json.hpp>

namespace gantry::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string decimal(double value, int digits, std::string_view unit)
{
    std::array<char, 64> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
    return strCat(std::string_view(buffer.data(), static_cast<std::size_t>(std::max(length, 0))), unit);
}

std::string sizeText(double bytes)
{
    constexpr std::array<std::string_view, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    while (bytes >= 1'024 && unit + 1 < kUnits.size()) {
        bytes /= 1'024;
        ++unit;
    }
    return decimal(bytes, unit == 0 || bytes >= 100 ? 0 : 1, kUnits.at(unit));
}

std::string numberText(const Json &value, Format format)
{
    switch (format) {
    case Format::Size:
        return sizeText(value.get<double>());
    case Format::SizePerSecond:
        return sizeText(value.get<double>()) + "/s";
    case Format::Percent:
        return decimal(value.get<double>(), 1, "");
    case Format::CpuTime:
        return decimal(value.get<double>() / 1e6, 2, "s");
    case Format::Text:
    case Format::Number:
    case Format::State:
        break;
    }
    return value.dump();
}

std::string joined(const Json &array, Format format)
{
    std::string out;
    for (const Json &item : array)
        out += strCat(out.empty() ? "" : ",", cellText(item, format));
    return out.empty() ? "-" : out;
}

std::string errorText(const Json &error)
{
    const char *const name = ::strerrorname_np(error.value("errno", 0));
    return strCat("!", name != nullptr ? name : "unreadable");
}

std::size_t codePoints(std::string_view text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool isToTheRight(Format format)
{
    return format != Format::Text && format != Format::State;
}

struct Cell
{
    std::string text;
    bool toTheRight = false;
};

void appendRow(std::string &out, const std::vector<Cell> &row, const std::vector<std::size_t> &widths)
{
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string padding(widths.at(i) - codePoints(row.at(i).text), ' ');
        if (i > 0)
            out += "  ";
        if (row.at(i).toTheRight)
            out += padding + row.at(i).text;
        else
            out += i + 1 < row.size() ? row.at(i).text + padding : row.at(i).text;
    }
    out += '\n';
}

} // namespace

std::string cellText(const Json &value, Format format)
{
    if (value.is_null() || (format == Format::State && value == "absent"))
        return "-";
    if (value.is_string())
        return printable(value.get_ref<const std::string &>());
    if (value.is_boolean())
        return value.get<bool>() ? "yes" : "no";
    if (value.is_number())
        return numberText(value, format);
    if (value.is_array())
        return joined(value, format);
    if (const auto error = value.find("error"); error != value.end())
        return errorText(*error);
    std::string out;
    for (const auto &[key, item] : value.items())
        out += strCat(out.empty() ? "" : " ", key, "=", cellText(item, format));
    return out.empty() ? "-" : out;
}

std::string renderTable(const Json &rows, std::span<const Column> columns)
{
    std::vector<std::vector<Cell>> cells(1);
    std::vector<std::size_t> widths;
    for (const Column &column : columns) {
        cells.front().push_back({std::string(column.title), isToTheRight(column.format)});
        widths.push_back(codePoints(column.title));
    }
    for (const Json &row : rows) {
        std::vector<Cell> &line = cells.emplace_back();
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const Json::json_pointer pointer{std::string(columns[i].pointer)};
            const Json value = row.contains(pointer) ? row.at(pointer) : Json();
            line.push_back({cellText(value, columns[i].format), isToTheRight(columns[i].format)});
            widths.at(i) = std::max(widths.at(i), codePoints(line.back().text));
        }
    }
    std::string out;
    for (const std::vector<Cell> &line : cells)
        appendRow(out, line, widths);
    return out;
}

} // namespace gantry::cli
