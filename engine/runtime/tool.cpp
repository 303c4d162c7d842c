// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/tool.h"

#include "engine/base/child.h"
#include "engine/base/fd.h"
#include "engine/base/strings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::runtime {

namespace {

constexpr std::array<std::string_view, 6> kFolders{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                                   "/usr/bin",        "/sbin",          "/bin"};
constexpr std::size_t kMostWords = 500; ///< of a tool in an Error

struct Pipe
{
    UniqueFd reading;
    UniqueFd writing;
};

Result<Pipe> makePipe()
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return failErrno("pipe", "output of a program");
    Pipe out{UniqueFd(ends[0]), UniqueFd(ends[1])};
    // Ours alone: the program is not to find a pipe that does not block.
    if (::fcntl(out.reading.get(), F_SETFL, O_NONBLOCK) != 0)
        return failErrno("fcntl", "output of a program");
    return out;
}

/// Takes what there is. @return false at the end, or when nothing can be read any more.
bool drain(int fd, std::string &into, std::size_t &total)
{
    std::array<char, 16'384> chunk{};
    while (total <= kMostToolOutput) {
        const ssize_t got = ::read(fd, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno == EAGAIN;
        if (got == 0)
            return false;
        into.append(chunk.data(), static_cast<std::size_t>(got));
        total += static_cast<std::size_t>(got);
    }
    return true;
}

struct Streams
{
    UniqueFd output;
    UniqueFd errors;
};

/// Reads both streams until the child has ended. @errors ETIMEDOUT, ECANCELED, EFBIG.
Result<> follow(const Child &child, Streams &streams, ToolOutput &out, std::string_view name, const Patience &patience)
{
    const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!stopped)
        return failErrno("eventfd", name);
    const std::stop_callback wake(patience.stop, [fd = stopped.get()] { (void)::eventfd_write(fd, 1); });
    std::size_t total = 0;
    constexpr int kLook = 50; // ms; only without a pidfd
    while (true) {
        const bool ended = child.hasEnded(); // before the last look at what it wrote
        if (streams.output && !drain(streams.output.get(), out.standardOutput, total))
            streams.output.reset();
        if (streams.errors && !drain(streams.errors.get(), out.standardError, total))
            streams.errors.reset();
        if (total > kMostToolOutput)
            return fail(EFBIG, "run", name, strCat("printed more than ", kMostToolOutput, " bytes"));
        if (ended)
            return {};
        if (patience.stop.stop_requested())
            return failErrno("run", name, ECANCELED);
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience.deadline - Clock::now()).count();
        if (left <= 0)
            return fail(ETIMEDOUT, "run", name, "no end in time");
        // A negative descriptor is left out by poll(2).
        std::array<pollfd, 4> fds{{{stopped.get(), POLLIN, 0},
                                   {child.endFd(), POLLIN, 0},
                                   {streams.output.get(), POLLIN, 0},
                                   {streams.errors.get(), POLLIN, 0}}};
        const auto most = child.endFd() >= 0 ? std::int64_t{3'600'000} : std::int64_t{kLook};
        if (::poll(fds.data(), fds.size(), static_cast<int>(std::min<std::int64_t>(left, most))) < 0 && errno != EINTR)
            return failErrno("poll", name);
    }
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

/// The words, in lower case, that say so: of podman 5.4, runc 1.1, crun 1.21, ctr 1.7, LXC 6.0.
bool isSoAlready(Verb verb, std::string_view words)
{
    const auto has = [&words](std::string_view part) { return words.find(part) != std::string_view::npos; };
    switch (verb) {
    case Verb::Pause:
        return has("already paused") || has("cannot pause a paused");
    case Verb::Unpause:
        return has("not paused") || has("cannot resume a running");
    case Verb::Start:
        return has("already running");
    case Verb::Stop:
    case Verb::Kill:
        return has("not running") || has("already finished") || has("can only kill running");
    default:
        return false;
    }
}

/// What went wrong, by the words, in lower case, of podman, runc, crun, ctr, LXC, machinectl and virsh.
int errnoOfWords(std::string_view words)
{
    const auto has = [&words](std::string_view part) { return words.find(part) != std::string_view::npos; };
    if (has("no such container") || has("does not exist") || has("not found") || has("no machine") ||
        has("no such file or directory") || has("is not defined") || has("no container config") ||
        has("failed to get domain"))
        return ESTALE;
    if (has("permission denied") || has("access denied") || has("must be root"))
        return EACCES;
    if (has("is running") || has("still running") || has("not stopped") || has("must be stopped") ||
        has("`stopped` state") || has("busy"))
        return EBUSY;
    return EIO;
}

} // namespace

std::string toolPath(const std::string &name)
{
    const auto runs = [](const std::string &path) {
        struct stat facts{};
        return ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode) && ::access(path.c_str(), X_OK) == 0;
    };
    if (name.find('/') != std::string::npos)
        return runs(name) ? name : std::string();
    for (const std::string_view folder : kFolders) {
        std::string path = strCat(folder, "/", name);
        if (runs(path))
            return path;
    }
    return {};
}

Result<ToolOutput> runTool(const std::vector<std::string> &words, const Patience &patience)
{
    if (words.empty())
        return fail(EINVAL, "run", "", "no program");
    const std::string program = toolPath(words.front());
    if (program.empty())
        return failErrno("run", words.front(), ENOENT);
    if (patience.stop.stop_requested())
        return failErrno("run", words.front(), ECANCELED);
    Pipe output = GANTRY_TRY(makePipe());
    Pipe errors = GANTRY_TRY(makePipe());
    const std::array descriptors{Child::Descriptor{output.writing.get(), STDOUT_FILENO},
                                 Child::Descriptor{errors.writing.get(), STDERR_FILENO}};
    Child child = GANTRY_TRY(Child::start(program, words, descriptors));
    output.writing.reset();
    errors.writing.reset();
    Streams streams{std::move(output.reading), std::move(errors.reading)};
    ToolOutput out;
    GANTRY_CHECK(follow(child, streams, out, words.front(), patience));
    out.exitCode = child.reap();
    return out;
}

Result<ToolOutput> runToolFor(Verb verb, const Facts &container, const std::vector<std::string> &words,
                              const Patience &patience)
{
    const std::string_view op = verbName(verb);
    // It would be taken for an option; no runtime gives such an id.
    if (container.id.starts_with('-'))
        return fail(EINVAL, op, container.id, "no id of a container");
    ToolOutput out = GANTRY_TRY(runTool(words, patience));
    if (out.exitCode == 0 || isSoAlready(verb, lowered(out.standardError)))
        return out;
    // The last words tell what went wrong; those before, what was tried.
    const std::string_view all = trim(out.standardError.empty() ? out.standardOutput : out.standardError);
    const std::string_view last = all.substr(all.size() - std::min(all.size(), kMostWords));
    const std::string detail = strCat(words.front(), " says: ", printable(last), " (exit code ", out.exitCode, ")");
    return fail(errnoOfWords(lowered(last)), op, container.name, detail);
}

namespace {

constexpr std::array<std::pair<LimitKey, std::string_view>, 6> kOptions{{{LimitKey::MemoryMax, "--memory="},
                                                                         {LimitKey::MemoryLow, "--memory-reservation="},
                                                                         {LimitKey::PidsMax, "--pids-limit="},
                                                                         {LimitKey::CpuMax, "--cpu-quota="},
                                                                         {LimitKey::CpusetCpus, "--cpuset-cpus="},
                                                                         {LimitKey::CpusetMems, "--cpuset-mems="}}};

const std::pair<LimitKey, std::string_view> *optionOf(LimitKey key)
{
    const auto *found = std::ranges::find(kOptions, key, &decltype(kOptions)::value_type::first);
    return found != kOptions.end() ? found : nullptr;
}

} // namespace

bool hasLimitOption(LimitKey key)
{
    return optionOf(key) != nullptr;
}

Result<std::vector<std::string>> limitOptions(std::span<const std::pair<LimitKey, LimitValue>> limits)
{
    std::vector<std::string> out;
    for (const auto &[key, value] : limits) {
        const auto *option = optionOf(key);
        const auto *cpu = std::get_if<CpuMax>(&value);
        const auto *number = std::get_if<std::uint64_t>(&value);
        const auto *text = std::get_if<std::string>(&value);
        const bool unlimited = std::holds_alternative<Unlimited>(value) || (cpu != nullptr && !cpu->quota);
        // 0 bytes, and an empty list, mean "as it is" to them.
        const bool zeroBytes = number != nullptr && *number == 0 && key != LimitKey::PidsMax;
        if (option == nullptr || zeroBytes || (text != nullptr && text->empty()))
            return fail(ENOTSUP, verbName(Verb::Update), limitInfo(key).name,
                        strCat("cannot be set to ", limitValueText(value)), "set it by the kernel's file (--by-file)");
        if (cpu != nullptr && cpu->period.count() != 0)
            out.push_back(strCat("--cpu-period=", cpu->period.count()));
        out.push_back(strCat(option->second, unlimited        ? std::string("-1")
                                             : cpu != nullptr ? strCat(cpu->quota->count())
                                                              : limitValueText(value)));
    }
    return out;
}

std::string typedCommand(std::span<const std::string> words)
{
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 || std::string_view("-_./:=,@+%").find(static_cast<char>(c)) != std::string::npos;
    };
    std::string out;
    for (const std::string &word : words) {
        if (!out.empty())
            out += ' ';
        if (!word.empty() && std::ranges::all_of(word, plain)) {
            out += word;
            continue;
        }
        out += '\'';
        for (const char c : word)
            out += c == '\'' ? std::string("'\\''") : std::string(1, c);
        out += '\'';
    }
    return printable(out);
}

} // namespace gantry::runtime
