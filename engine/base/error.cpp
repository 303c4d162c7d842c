// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/error.h"

#include "engine/base/strings.h"

#include <cstdio>
#include <cstdlib>

namespace gantry {

std::string Error::message() const
{
    std::string out = op;
    if (!subject.empty())
        out += out.empty() ? subject : " " + subject;
    if (code)
        out += (out.empty() ? "" : ": ") + code.message();
    if (!detail.empty())
        out += " (" + detail + ")";
    return out;
}

std::unexpected<Error> failErrno(std::string_view op, std::string_view subject, int err)
{
    return std::unexpected(
        Error{std::error_code(err, std::generic_category()), std::string(op), printable(subject), {}, {}});
}

std::unexpected<Error> fail(int err, std::string_view op, std::string_view subject, std::string_view detail,
                            std::string_view remedy)
{
    return std::unexpected(Error{std::error_code(err, std::generic_category()), std::string(op), printable(subject),
                                 printable(detail), std::string(remedy)});
}

std::unexpected<Error> failParse(std::string_view what, std::string_view text)
{
    return std::unexpected(Error{std::make_error_code(std::errc::illegal_byte_sequence),
                                 "parse",
                                 std::string(what),
                                 printable(text.substr(0, 120)),
                                 {}});
}

void bug(const char *condition, const char *file, int line)
{
    std::fprintf(stderr, "gantry: internal error: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

} // namespace gantry
