// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cerrno>
#include <expected>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace gantry {

/// Why something failed, as a value. `code` is for machines, `op` + `subject` for the log, `detail` is the offending
/// text, `remedy` what the user can do. No translated text: sentences are made in widgets/text.
struct Error
{
    std::error_code code;
    std::string op;      ///< system call or verb: "openat", "setLimits"
    std::string subject; ///< the object: "/a/b/memory.max", "pid 812"
    std::string detail;  ///< offending text or facts
    std::string remedy;  ///< what can be done about it; may be empty

    /// The errno behind `code`, 0 if it is not one.
    [[nodiscard]] int posix() const
    {
        return code.category() == std::generic_category() || code.category() == std::system_category() ? code.value()
                                                                                                       : 0;
    }
    /// "openat /a/b/memory.max: No such file or directory (detail)", for logs and the CLI.
    [[nodiscard]] std::string message() const;
};

/// Either a value or why there is none.
template <class T = void> using Result = std::expected<T, Error>;

/// Failure of a system call; errno is captured in the same statement as the call.
[[nodiscard]] std::unexpected<Error> failErrno(std::string_view op, std::string_view subject, int err = errno);

/// Failure with an errno of our choice and facts, for refusals ("setLimits", "/a", EPERM, "ancestor of Gantry").
[[nodiscard]] std::unexpected<Error> fail(int err, std::string_view op, std::string_view subject,
                                          std::string_view detail, std::string_view remedy = {});

/// Text that is not what it should be: illegal_byte_sequence (EILSEQ) with the offending text, cut to 120 bytes and
/// with control characters replaced.
[[nodiscard]] std::unexpected<Error> failParse(std::string_view what, std::string_view text);

/// Ends the program after naming the broken condition: for our own bugs only, never for input.
[[noreturn]] void bug(const char *condition, const char *file, int line);

} // namespace gantry

/// Value of a Result, or return its error from the enclosing function (which returns a Result itself).
#define GANTRY_TRY(...)                                                                                                \
    __extension__({                                                                                                    \
        auto try_ = (__VA_ARGS__);                                                                                     \
        if (!try_)                                                                                                     \
            return std::unexpected(std::move(try_).error());                                                           \
        *std::move(try_);                                                                                              \
    })

/// The same for Result<void>.
#define GANTRY_CHECK(...)                                                                                              \
    do {                                                                                                               \
        if (auto check_ = (__VA_ARGS__); !check_)                                                                      \
            return std::unexpected(std::move(check_).error());                                                         \
    } while (false)

#define GANTRY_ASSERT(cond) ((cond) ? static_cast<void>(0) : ::gantry::bug(#cond, __FILE__, __LINE__))
