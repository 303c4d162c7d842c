// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/kernel/coverage_run.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "tests/kernel/criu_target.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace std::chrono_literals;

namespace gantry::test {

namespace {

/// Until the line has been said, or the other end has gone, or nothing came for a minute.
std::string readUntil(int fd, std::string_view line)
{
    std::string out;
    char byte = 0;
    pollfd waits{fd, POLLIN, 0};
    while (!out.ends_with(line) && ::poll(&waits, 1, 60'000) == 1 && ::read(fd, &byte, 1) == 1)
        out += byte;
    return out;
}

} // namespace

char *toString(const Told &told)
{
    return ::qstrdup(strCat("secret ", told.secret, ": ", told.differs).c_str());
}

Covered::Covered(const std::string &kind, std::string folder) : m_folder(std::move(folder))
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
    ::posix_spawn_file_actions_addchdir_np(&actions, m_folder.c_str());
    // Its own copy: those in a user namespace may not look where it was built.
    std::string program = m_folder + "/coverage_target";
    std::error_code failed;
    std::filesystem::copy_file(COVERAGE_TARGET, program, std::filesystem::copy_options::skip_existing, failed);
    std::string word = kind;
    char *const words[] = {program.data(), word.data(), nullptr};
    pid_t launcher = -1;
    if (::posix_spawn(&launcher, program.c_str(), &actions, nullptr, words, environ) != 0)
        launcher = -1;
    ::posix_spawn_file_actions_destroy(&actions);
    in.reset();
    if (launcher < 0)
        return;
    const std::string said = readUntil(out.get(), "ready\n");
    ::waitpid(launcher, nullptr, 0);
    std::string_view rest = said;
    m_pid = static_cast<pid_t>(parseI64(takeToken(rest)).value_or(-1));
    m_ready = m_pid > 0 && said.ends_with("ready\n");
}

Covered::~Covered()
{
    endAllBelow();
    if (m_pid > 0)
        ::waitpid(m_pid, nullptr, 0);
}

void Covered::reap() const
{
    ::waitpid(m_pid, nullptr, 0);
    // What was below it is ours by now.
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
}

Told Covered::ask() const
{
    const std::string name = m_folder + "/answer";
    ::unlink(name.c_str());
    ::kill(m_pid, SIGUSR1);
    const auto last = std::chrono::steady_clock::now() + 30s;
    while (::access(name.c_str(), R_OK) != 0) {
        if (std::chrono::steady_clock::now() > last)
            return {};
        std::this_thread::sleep_for(2ms);
    }
    const auto text = readFile(name);
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    Told told;
    told.secret = std::string(takeToken(rest));
    told.differs = std::string(trim(rest));
    return told;
}

namespace {

runtime::Patience patience()
{
    return {runtime::Clock::now() + 60s, {}};
}

} // namespace

std::string SavePlace::prepare()
{
    if (!adoptTargets())
        return "cannot be the parent of what targets leave";
    m_means.criu = checkpoint::probeCriu(checkpoint::criuPath(), patience());
    if (m_means.criu.path.empty())
        return "no CRIU: packaging/setup.sh installs one";
    const auto hierarchies = cgroup::Hierarchies::discover();
    if (!hierarchies)
        return hierarchies.error().message();
    m_means.hierarchies = *hierarchies;
    return m_means.criu.problem;
}

std::string SavePlace::open()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_means.spillFolder = folder();
    if (::chmod(folder().c_str(), 0777) != 0) // those in a user namespace are others
        return "chmod";
    auto store = repository::Store::create(folder() + "/store", {});
    if (!store)
        return store.error().message();
    m_store = *std::move(store);
    return {};
}

void SavePlace::close()
{
    endAllBelow();
    m_store.reset();
    m_folder.reset();
}

Result<checkpoint::Saved> SavePlace::save(const Covered &target, bool leaveRunning)
{
    checkpoint::SaveWish wish;
    wish.pids = GANTRY_TRY(checkpoint::treeOf(target.pid()));
    wish.leaveRunning = leaveRunning;
    wish.manifest.container.runtime = "bare";
    wish.manifest.trigger = "manual";
    return checkpoint::save(wish, m_means, *m_store, patience(), {});
}

Result<checkpoint::Restored> SavePlace::restore(const repository::CheckpointId &id)
{
    return checkpoint::restore(id, m_means, *m_store, patience(), {});
}

} // namespace gantry::test
