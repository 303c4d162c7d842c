// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/criu_target.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/tree_look.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"

#include <cstdio>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace gantry::test {

namespace {

CriuRun run(std::vector<std::string> words, const std::vector<std::string> &options, const std::string &log)
{
    for (const std::string &option : options)
        words.push_back("--" + option);
    const auto done = runtime::runTool(words, {runtime::Clock::now() + 60s});
    if (!done)
        std::fprintf(stderr, "%s\n", done.error().message().c_str());
    return {done && done->exitCode == 0, readFile(log).value_or("")};
}

} // namespace

bool adoptTargets()
{
    if (::getsid(0) == 0 && ::setsid() < 0)
        return false;
    return ::prctl(PR_SET_CHILD_SUBREAPER, 1) == 0;
}

std::vector<std::int32_t> runningCriu()
{
    std::vector<std::int32_t> out;
    for (const std::int32_t pid : checkpoint::treeOf(::getpid()).value_or(std::vector<std::int32_t>())) {
        const std::string comm = process::readStat(pid).value_or(process::Stat()).comm;
        // A private one runs by a loader of its own.
        if (comm.starts_with("criu") || comm.starts_with("ld-linux"))
            out.push_back(pid);
    }
    return out;
}

void endAllBelow()
{
    const auto all = checkpoint::treeOf(::getpid());
    for (const std::int32_t pid : all.value_or(std::vector<std::int32_t>()))
        if (pid != ::getpid())
            ::kill(pid, SIGKILL);
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

Answer ask(std::int32_t pid, const std::string &folder)
{
    const std::string name = folder + "/answer";
    ::unlink(name.c_str());
    ::kill(pid, SIGUSR1);
    const auto last = std::chrono::steady_clock::now() + 10s;
    while (::access(name.c_str(), R_OK) != 0) {
        if (std::chrono::steady_clock::now() > last)
            return {};
        std::this_thread::sleep_for(2ms);
    }
    Answer out;
    const auto text = readFile(name);
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    for (std::int64_t *number : {&out.secret, &out.sum, &out.count})
        *number = parseI64(takeToken(rest)).value_or(-1);
    return out;
}

Target::Target(const std::string &name, const std::string &folder)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return;
    const UniqueFd out(ends[0]);
    UniqueFd in(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    std::string program(CHECKPOINT_TARGET);
    std::string word = name;
    char *const words[] = {program.data(), word.data(), nullptr};
    if (::posix_spawn(&m_pid, program.c_str(), &actions, nullptr, words, environ) != 0)
        m_pid = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    in.reset();
    char said[6] = {};
    pollfd waits{out.get(), POLLIN, 0};
    m_ready = m_pid > 0 && ::poll(&waits, 1, 20'000) == 1 && ::read(out.get(), said, sizeof said) == sizeof said &&
              std::string_view(said, sizeof said) == "ready\n";
}

Target::~Target()
{
    if (m_pid <= 0)
        return;
    // Its tracer first: until then it is a zombie that nobody else can reap.
    endAllBelow();
    ::waitpid(m_pid, nullptr, 0);
}

bool Target::reaches(char state) const
{
    for (int tries = 0; tries < 2'000; ++tries) {
        const auto stat = process::readStat(m_pid);
        if (stat && stat->state == state)
            return true;
        std::this_thread::sleep_for(10ms);
    }
    return false;
}

CriuRun dump(const checkpoint::CriuFacts &criu, std::int32_t pid, const std::vector<std::string> &options,
             const std::string &folder, bool ends)
{
    const std::string images = folder + "/images";
    ::mkdir(images.c_str(), 0700);
    std::vector<std::string> words{criu.path, "dump", "-t", strCat(pid), "-D", images, "-o", "dump.log", "-v4",
                                   // Nobody talks to it: no packet has to be held back.
                                   "--network-lock", "skip"};
    if (!ends)
        words.emplace_back("--leave-running");
    return run(std::move(words), options, images + "/dump.log");
}

CriuRun restore(const checkpoint::CriuFacts &criu, const std::vector<std::string> &options, const std::string &folder)
{
    const std::string images = folder + "/images";
    return run({criu.path, "restore", "-D", images, "-o", "restore.log", "-v4", "-d", "--network-lock", "skip"},
               options, images + "/restore.log");
}

} // namespace gantry::test
