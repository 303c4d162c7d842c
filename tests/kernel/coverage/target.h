// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

/// The program coverage_target: a process that has one thing a checkpoint is to bring back, and tells whether it is as
/// it was. No sanitizers: their books are mapped memory, too.
namespace gantry::coverage {

/// What is not as it was set up.
class Report
{
public:
    void same(std::string_view what, std::int64_t is, std::int64_t was);
    void same(std::string_view what, std::string_view is, std::string_view was);
    /// @param holds what has to be true.
    void holds(std::string_view what, bool holds);
    /// A call failed. @param result below 0: errno tells why.
    std::int64_t call(std::string_view what, std::int64_t result);
    /// One line; empty: all is as it was.
    [[nodiscard]] const std::string &text() const { return m_text; }

private:
    void add(std::string_view line);
    std::string m_text;
};

/// Looks at what was set up, as often as it is asked to, and leaves it as it was.
using Look = std::function<void(Report &)>;

struct Kind
{
    std::string_view name;
    Look (*setUp)();
    int spaces = 0; ///< CLONE_NEW...: namespaces of its own, which its first process makes
};

[[nodiscard]] std::span<const Kind> processKinds();
[[nodiscard]] std::span<const Kind> memoryKinds();
[[nodiscard]] std::span<const Kind> fileKinds();
[[nodiscard]] std::span<const Kind> pipeKinds();
[[nodiscard]] std::span<const Kind> networkKinds();
[[nodiscard]] std::span<const Kind> eventKinds();
[[nodiscard]] std::span<const Kind> spaceKinds();
[[nodiscard]] std::span<const Kind> programKinds();

/// Ends the program with a line on standard error where a call failed while things are set up.
std::int64_t must(std::int64_t result, const char *what);
[[noreturn]] void rest();
/// A name in the working directory, which is the test's own.
[[nodiscard]] std::string scratch(std::string_view name);
[[nodiscard]] std::string contentOf(const std::string &path);
/// Bytes that no other call gives.
[[nodiscard]] std::string randomBytes(std::size_t size);
/// Reads from where the descriptor is; without waiting where it is told so. @return what came.
[[nodiscard]] std::string readSome(int fd, std::size_t most = 65'536, int patience = 10'000);
/// True if there is something to read within so many milliseconds.
[[nodiscard]] bool hasInput(int fd, int patience = 10'000);

/// A child that answers questions: numbers in, numbers out.
class Child
{
public:
    using Answer = std::function<std::int64_t(std::int64_t)>;
    explicit Child(const Answer &answer);
    /// -1: it does not answer.
    [[nodiscard]] std::int64_t ask(std::int64_t question = 0) const;
    [[nodiscard]] pid_t pid() const { return m_pid; }

private:
    pid_t m_pid = -1;
    int m_to = -1;
    int m_from = -1;
};

/// Puts /dev/null in the place of the test's own files.
void closeOutput();
/// Lets the loopback interface of this network namespace work.
void raiseLoopback();

} // namespace gantry::coverage
