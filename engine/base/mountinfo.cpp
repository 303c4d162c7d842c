// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/mountinfo.h"

#include "engine/base/parse.h"

namespace gantry {

namespace {

bool isOctal(char c)
{
    return c >= '0' && c <= '7';
}

/// mountinfo writes blank, tab, newline and backslash as \ooo.
std::string unescape(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size() && isOctal(text[i + 1]) && isOctal(text[i + 2]) &&
            isOctal(text[i + 3])) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

} // namespace

Result<MountInfoLine> parseMountInfoLine(std::string_view line)
{
    std::string_view rest = line;
    MountInfoLine out;
    const auto id = parseU64(takeToken(rest));
    (void)takeToken(rest); // parent id
    out.device = takeToken(rest);
    out.root = unescape(takeToken(rest));
    out.mountPoint = unescape(takeToken(rest));
    out.options = takeToken(rest);
    // Zero or more optional fields end with a single hyphen.
    std::string_view field = takeToken(rest);
    while (!field.empty() && field != "-")
        field = takeToken(rest);
    out.type = takeToken(rest);
    (void)takeToken(rest); // source
    out.superOptions = takeToken(rest);
    out.id = id && *id <= INT32_MAX ? static_cast<std::int32_t>(*id) : 0;
    if (out.id == 0 || out.type.empty() || !out.mountPoint.starts_with('/'))
        return failParse("mountinfo line", line);
    return out;
}

} // namespace gantry
