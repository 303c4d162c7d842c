// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/launch/keeper.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::launch {

using runtime::Clock;
using runtime::Patience;

namespace {

constexpr int kLine = 3; ///< the keeper's end
constexpr std::string_view kName = "gantry-keeper";
constexpr std::chrono::seconds kEndPatience{20}; ///< twice what the keeper takes at most

/// Starts the keeper with one end of a pipe as its descriptor 3. Not by Child: it is to outlive us.
Result<pid_t> spawn(std::vector<std::string> words, int line)
{
    posix_spawn_file_actions_t files{};
    posix_spawnattr_t attributes{};
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&files, line, kLine);
    sigset_t none{};
    sigset_t all{};
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::array<std::string, 3> settings{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
                                        "HOME=/root"};
    std::array<char *, 4> environment{settings[0].data(), settings[1].data(), settings[2].data(), nullptr};
    pid_t pid = 0;
    const int failed =
        ::posix_spawn(&pid, words.front().c_str(), &files, &attributes, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    if (failed != 0)
        return failErrno("run", words.front(), failed);
    return pid;
}

Result<std::string> keeper()
{
    std::string path = keeperPath();
    if (path.empty())
        return fail(ENOENT, "run", kName,
                    "it is not beside this program, nor in /usr/local/lib/gantry or /usr/lib/gantry",
                    "GANTRY_KEEPER in the environment can name it");
    return path;
}

/// A socket, not a pipe: neither end is to die by SIGPIPE when the other is gone.
struct Line
{
    UniqueFd ours;
    UniqueFd its;
};
Result<Line> makeLine()
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return failErrno("socketpair", kName);
    return Line{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void reap(pid_t pid)
{
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
}

/// Waits for what the keeper reports. @errors EPIPE: it ended without a word.
Result<int> reported(int line, std::string_view program, const Patience &patience)
{
    const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!stopped)
        return failErrno("eventfd", program);
    const std::stop_callback wake(patience.stop, [fd = stopped.get()] { (void)::eventfd_write(fd, 1); });
    std::string text;
    while (!text.ends_with('\n')) {
        if (patience.stop.stop_requested())
            return failErrno("run", program, ECANCELED);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience.deadline - Clock::now()).count();
        if (left <= 0)
            return fail(ETIMEDOUT, "run", program, "no end in time");
        std::array<pollfd, 2> waits{{{line, POLLIN, 0}, {stopped.get(), POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), static_cast<int>(std::min<std::int64_t>(left, 3'600'000))) < 0 &&
            errno != EINTR)
            return failErrno("poll", program);
        if (waits[0].revents == 0)
            continue;
        std::array<char, 16> chunk{};
        const ssize_t got = ::read(line, chunk.data(), chunk.size());
        if (got == 0)
            return fail(EPIPE, "run", program, "its keeper ended without an answer");
        if (got > 0)
            text.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return static_cast<int>(GANTRY_TRY(parseU64(trim(text))));
}

/// Lets the keeper end all that it has started, which only it can find, and itself.
void giveUp(pid_t pid, int line)
{
    (void)::send(line, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    const auto until = Clock::now() + kEndPatience;
    for (bool isThere = true; isThere;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0)
            break;
        pollfd wait{line, POLLIN, 0};
        (void)::poll(&wait, 1, static_cast<int>(left));
        std::array<char, 16> late{}; // what it reports now comes too late
        const ssize_t got = ::recv(line, late.data(), late.size(), MSG_DONTWAIT);
        isThere = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    }
    ::kill(-pid, SIGKILL); // where it hangs, or was killed
    reap(pid);
}

} // namespace

std::string keeperPath()
{
    if (const char *given = std::getenv("GANTRY_KEEPER"); given != nullptr && *given != '\0')
        return given;
    std::error_code unknown;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", unknown);
    const std::array<std::filesystem::path, 3> folders{unknown ? "/" : self.parent_path(), "/usr/local/lib/gantry",
                                                       "/usr/lib/gantry"};
    for (const std::filesystem::path &folder : folders) {
        if (std::string path = (folder / kName).string(); !runtime::toolPath(path).empty())
            return path;
    }
    return {};
}

std::optional<KeptEnd> lastEnd(const std::string &log)
{
    const auto text = readFile(log + ".exit");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    const auto pid = parseU64(takeToken(rest));
    const auto status = parseU64(takeToken(rest));
    if (!pid || !status || *pid > 0x7fffffff || *status > 0xffff)
        return std::nullopt;
    return KeptEnd{static_cast<std::int32_t>(*pid), static_cast<int>(*status)};
}

Result<Kept> runKept(const std::vector<std::string> &words, const std::string &log, const Patience &patience,
                     const OnKeeper &onKeeper, const std::string &link)
{
    std::vector<std::string> all{GANTRY_TRY(keeper()), "keep", log, std::to_string(kMostLog), link};
    all.insert(all.end(), words.begin(), words.end());
    Line line = GANTRY_TRY(makeLine());
    const pid_t pid = GANTRY_TRY(spawn(std::move(all), line.its.get()));
    line.its.reset();
    const auto told = onKeeper ? onKeeper(pid) : Result<>();
    auto code = told ? reported(line.ours.get(), words.front(), patience) : std::unexpected(told.error());
    if (!code)
        giveUp(pid, line.ours.get());
    else if (*code != 0)
        reap(pid);
    return Kept{pid, GANTRY_TRY(std::move(code))};
}

Result<std::vector<std::string>> plugWords(const std::string &link, const std::vector<std::string> &words)
{
    std::vector<std::string> out{GANTRY_TRY(keeper()), "plug", link};
    out.insert(out.end(), words.begin(), words.end());
    return out;
}

Result<Guard> Guard::post(const std::vector<std::string> &words, const std::string &mark)
{
    std::vector<std::string> all{GANTRY_TRY(keeper()), "guard", mark};
    all.insert(all.end(), words.begin(), words.end());
    Line line = GANTRY_TRY(makeLine());
    const pid_t pid = GANTRY_TRY(spawn(std::move(all), line.its.get()));
    return Guard(pid, std::move(line.ours));
}

Guard::Guard(Guard &&other) noexcept : m_pid(std::exchange(other.m_pid, 0)), m_line(std::move(other.m_line)) {}

Guard::~Guard()
{
    stand();
}

void Guard::stand()
{
    if (m_pid <= 0)
        return;
    (void)::send(m_line.get(), "x", 1, MSG_NOSIGNAL);
    m_line.reset();
    reap(m_pid);
    m_pid = 0;
}

} // namespace gantry::launch
