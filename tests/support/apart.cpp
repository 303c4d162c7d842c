// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/apart.h"

#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "tests/support/scratch_cgroup.h"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include <csignal>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char *kInside = "GANTRY_TEST_INSIDE"; ///< pid of the guard: its child is the other process
constexpr auto kGoesByItself = 10s; ///< conmon runs "podman container cleanup" when its container has ended

/// Every mount is gone with the last process in the namespace.
bool hideHostsFolders()
{
    if (::unshare(CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        std::fprintf(stderr, "apart: a mount namespace: %s\n", std::strerror(errno));
        return false;
    }
    for (const char *folder : {"/run", "/var/lib", "/etc/containers", "/dev/shm"}) {
        if (::mount("gantry-test", folder, "tmpfs", 0, "mode=755") != 0) {
            std::fprintf(stderr, "apart: tmpfs on %s: %s\n", folder, std::strerror(errno));
            return false;
        }
    }
    return true;
}

/// Children of this process, which has one thread. Source: proc(5), /proc/PID/task/TID/children.
std::vector<pid_t> children()
{
    std::vector<pid_t> out;
    const auto text = readFile(strCat("/proc/self/task/", ::getpid(), "/children"));
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    for (std::string_view word = takeToken(rest); !word.empty(); word = takeToken(rest)) {
        if (const auto pid = parseU64(word))
            out.push_back(static_cast<pid_t>(*pid));
    }
    return out;
}

/// Reaps whatever ended. @return false once there are no children.
bool reapEnded()
{
    pid_t pid = 0;
    while ((pid = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
    }
    return pid == 0;
}

/// Whose parents have ended, all the way down: each one killed hands its children on to this process.
/// @return how many had to be killed.
int killChildren()
{
    const auto patient = Clock::now() + kGoesByItself;
    int killed = 0;
    while (reapEnded()) {
        std::this_thread::sleep_for(10ms);
        if (Clock::now() < patient)
            continue;
        for (const pid_t pid : children()) {
            const auto command = readFile(strCat("/proc/", pid, "/comm"));
            std::fprintf(stderr, "apart: process %d (%s) stayed behind\n", pid,
                         command ? std::string(trim(*command)).c_str() : "?");
            ::kill(pid, SIGKILL);
            ++killed;
        }
    }
    return killed;
}

} // namespace

int runApart(char **arguments, const std::function<int()> &body)
{
    // Set by anyone else it must not let the test loose on the host's own folders.
    const char *const guardian = std::getenv(kInside);
    if (guardian != nullptr && guardian == std::to_string(::getppid())) {
        ::unsetenv(kInside);
        return body();
    }
    // Daemons that leave their parent become children of this process, not of the machine's init.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    const pid_t guard = ::getpid();
    const pid_t test = ::fork();
    if (test == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::setenv(kInside, std::to_string(guard).c_str(), 1);
        // The thread sanitizer allows no threads after a mere fork.
        if (::getppid() == guard && hideHostsFolders())
            ::execv("/proc/self/exe", arguments);
        ::_exit(1);
    }
    int code = 1;
    for (pid_t ended = 0; test > 0 && ended != test;) {
        int status = 0;
        ended = ::waitpid(-1, &status, 0);
        if (ended == test)
            code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        else if (ended < 0 && errno != EINTR)
            break;
    }
    // Processes of a frozen cgroup die only when that is thawed.
    const bool cgroupsLeft = removeScratchCgroupsOf(test);
    const int killed = killChildren();
    return code == 0 && (killed > 0 || cgroupsLeft) ? 1 : code;
}

} // namespace gantry::test
