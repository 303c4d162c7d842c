// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/checkpoint/program_talk.h"

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/namespaces/netlink.h"
#include "engine/process/process.h"

#include <algorithm>
#include <array>
#include <map>

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace gantry::checkpoint {

using Clock = std::chrono::steady_clock;

namespace {

constexpr int kLookMillis = 50;
constexpr std::size_t kLongestAnswer = 64;
constexpr std::size_t kMostPrograms = 64; ///< a tree may open what it likes

/// Inode of what the link leads to; 0: gone.
std::uint64_t inodeOf(const std::string &path)
{
    struct stat info
    {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

/// A path as the process sees it; its symbolic links do not lead out of its root. @return invalid: no socket is there.
UniqueFd socketFile(std::int32_t pid, const std::string &path)
{
    const auto root = openAt(AT_FDCWD, strCat("/proc/", pid, "/root"), O_PATH | O_DIRECTORY);
    if (!root)
        return {};
    open_how how{};
    how.flags = O_PATH | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT;
    UniqueFd file(static_cast<int>(::syscall(SYS_openat2, root->get(), path.c_str(), &how, sizeof how)));
    struct stat info
    {};
    return file && ::fstat(file.get(), &info) == 0 && S_ISSOCK(info.st_mode) ? std::move(file) : UniqueFd();
}

/// With a name that the kernel chooses: unix(7), autobind. Such names are a net namespace's own.
UniqueFd ourSocket(std::int32_t pid)
{
    const auto space = openAt(AT_FDCWD, strCat("/proc/", pid, "/ns/net"), O_RDONLY);
    UniqueFd out;
    if (!space)
        return out;
    const auto made = namespaces::inNetwork(space->get(), "net namespace of a program", [&out]() -> Result<> {
        out = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        sockaddr_un any{};
        any.sun_family = AF_UNIX;
        if (!out || ::bind(out.get(), reinterpret_cast<sockaddr *>(&any), sizeof(sa_family_t)) != 0)
            return failErrno("bind", "socket for a program");
        return {};
    });
    if (!made)
        out.reset();
    return out;
}

} // namespace

std::vector<NamedSocket> parseNamedSockets(std::string_view text, std::string_view suffix)
{
    std::vector<NamedSocket> out;
    while (auto line = takeLine(text)) {
        // Num RefCount Protocol Flags Type St Inode Path
        std::array<std::string_view, 7> field;
        for (std::string_view &token : field)
            token = takeToken(*line);
        const std::string_view path = trim(*line);
        const auto inode = parseU64(field[6]);
        if (inode && *inode != 0 && field[4] == "0002" && path.starts_with('/') && path.ends_with(suffix))
            out.push_back({*inode, std::string(path)});
    }
    return out;
}

Result<std::optional<std::chrono::seconds>> parseAnswer(std::string_view words)
{
    std::string_view rest = trim(words);
    const std::string_view verb = takeToken(rest);
    rest = trim(rest);
    if (verb == "ready" && rest.empty())
        return std::nullopt;
    const auto seconds = parseU64(rest);
    if (verb != "wait" || !seconds)
        return failParse("answer of a program", words);
    const auto most = static_cast<std::uint64_t>(ProgramTalk::kMostPatience.count());
    return std::chrono::seconds(std::min(*seconds, most));
}

ProgramTalk ProgramTalk::with(std::span<const std::int32_t> pids)
{
    ProgramTalk out;
    std::map<std::uint64_t, std::vector<NamedSocket>> spaces; ///< by inode of the net namespace
    std::vector<std::uint64_t> known;
    for (const std::int32_t pid : pids) {
        const auto [space, isNew] = spaces.try_emplace(inodeOf(strCat("/proc/", pid, "/ns/net")));
        if (isNew)
            space->second = parseNamedSockets(readFile(strCat("/proc/", pid, "/net/unix")).value_or(""), kSuffix);
        if (space->second.empty())
            continue;
        for (const auto &[fd, inode] : socketsOf(pid)) {
            const auto named = std::ranges::find(space->second, inode, &NamedSocket::inode);
            // Several hold it after a fork.
            if (named == space->second.end() || std::ranges::find(known, inode) != known.end() || known.size() >= kMostPrograms)
                continue;
            known.push_back(inode);
            Program program;
            program.pid = pid;
            const auto stat = process::readStat(pid);
            program.name = printable(strCat("pid ", pid, " (", stat ? stat->comm : "", "), ", named->path));
            program.file = socketFile(pid, named->path);
            program.socket = ourSocket(pid);
            if (program.file && program.socket)
                out.m_programs.push_back(std::move(program));
        }
    }
    return out;
}

bool ProgramTalk::send(const Program &program, std::string_view words)
{
    const std::string path = strCat("/proc/self/fd/", program.file.get());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::ranges::copy(path, std::begin(address.sun_path));
    return ::sendto(program.socket.get(), words.data(), words.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                    reinterpret_cast<const sockaddr *>(&address), sizeof address) >= 0;
}

void ProgramTalk::tell(std::string_view words) const
{
    for (const Program &program : m_programs)
        (void)send(program, words);
}

std::vector<Finding> ProgramTalk::untilReady(const std::stop_token &stop)
{
    const Clock::time_point begun = Clock::now();
    std::vector<Clock::time_point> until(m_programs.size(), begun + kPatience);
    for (Program &program : m_programs) {
        if (!send(program, "before-checkpoint"))
            until[static_cast<std::size_t>(&program - m_programs.data())] = begun; // its queue is full
    }
    while (!stop.stop_requested()) {
        std::vector<pollfd> waits;
        for (std::size_t i = 0; i < m_programs.size(); ++i) {
            Program &program = m_programs[i];
            std::array<char, kLongestAnswer> words{};
            const ssize_t got = ::recv(program.socket.get(), words.data(), words.size(), 0);
            const auto answer = got > 0 ? parseAnswer({words.data(), static_cast<std::size_t>(got)})
                                        : Result<std::optional<std::chrono::seconds>>(failErrno("recv", program.name));
            if (answer && *answer)
                until[i] = begun + **answer;
            program.ready = program.ready || (answer && !*answer);
            if (!program.ready && Clock::now() < until[i])
                waits.push_back({program.socket.get(), POLLIN, 0});
        }
        if (waits.empty())
            break;
        (void)::poll(waits.data(), waits.size(), kLookMillis);
    }
    std::vector<Finding> out;
    for (const Program &program : m_programs) {
        if (!program.ready)
            out.push_back({.cause = Cause::SilentProgram, .object = program.name, .value = {}, .pid = program.pid});
    }
    return out;
}

} // namespace gantry::checkpoint
