// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/scratch_cgroup.h"

#include "engine/base/parse.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <csignal>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void giveUp(std::string_view what, const std::string &subject, int err)
{
    std::fprintf(stderr, "scratch cgroup: %.*s %s: %s\n", static_cast<int>(what.size()), what.data(), subject.c_str(),
                 std::generic_category().message(err).c_str());
    std::abort();
}

template <class T> T must(Result<T> result, std::string_view what)
{
    if (!result)
        giveUp(what, result.error().message(), result.error().posix());
    return *std::move(result);
}

/// Kills what is in one directory of one hierarchy and removes it. Kernel: a frozen v1 task dies only when thawed.
void killAndRemove(const std::string &directory)
{
    using namespace std::chrono_literals;
    for (const auto &[file, text] : {std::pair{"freezer.state", "THAWED"}, std::pair{"cgroup.freeze", "0"}})
        (void)writeFileAt(AT_FDCWD, strCat(directory, '/', file), text);
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (::rmdir(directory.c_str()) != 0 && errno != ENOENT && std::chrono::steady_clock::now() < end) {
        const auto procs = readFile(directory + "/cgroup.procs");
        std::string_view rest = procs ? std::string_view(*procs) : std::string_view();
        while (const auto line = takeLine(rest)) {
            const auto pid = parseU64(*line);
            // Never ourselves: a test may have moved its own process in.
            if (pid && *pid > 1 && *pid != static_cast<std::uint64_t>(::getpid()))
                ::kill(static_cast<pid_t>(*pid), SIGKILL);
        }
        std::this_thread::sleep_for(2ms);
    }
}

} // namespace

ScratchCgroup::ScratchCgroup(std::string_view name, std::initializer_list<std::string_view> controllers)
    : m_hierarchies(must(cgroup::Hierarchies::discover(), "discover"))
{
    static std::atomic<unsigned> number = 0;
    m_path = must(cgroup::CgroupPath::parse(strCat("/gantry-test-", ::getpid(), '-', ++number, '-', name)), "path");
    for (const std::string_view controller : controllers) {
        const auto *hierarchy = &hierarchyOf(controller);
        if (std::find(m_in.begin(), m_in.end(), hierarchy) == m_in.end())
            m_in.push_back(hierarchy);
    }
    for (const auto *hierarchy : m_in)
        if (::mkdir(directory(*hierarchy).c_str(), 0755) != 0)
            giveUp("mkdir", directory(*hierarchy), errno);
}

ScratchCgroup::~ScratchCgroup()
{
    for (const auto *hierarchy : m_in) {
        std::vector<std::string> found{directory(*hierarchy)};
        std::error_code ignored;
        for (fs::recursive_directory_iterator it(found.front(), ignored), end; it != end; it.increment(ignored))
            if (it->is_directory(ignored))
                found.push_back(it->path().string());
        // Children come after their parents in a walk.
        for (auto it = found.rbegin(); it != found.rend(); ++it)
            killAndRemove(*it);
    }
}

const cgroup::Hierarchy &ScratchCgroup::hierarchyOf(std::string_view controller) const
{
    const auto *found = controller == "unified" ? m_hierarchies->unified() : m_hierarchies->forController(controller);
    if (found == nullptr)
        giveUp("no hierarchy for", std::string(controller), ENODEV);
    return *found;
}

std::string ScratchCgroup::directory(const cgroup::Hierarchy &hierarchy, std::string_view relative) const
{
    return strCat(hierarchy.mountPoint, m_path.text(), relative.empty() ? "" : "/", relative);
}

cgroup::Cgroup ScratchCgroup::cgroup() const
{
    return must(cgroup::locate(*m_hierarchies, m_path), "locate");
}

cgroup::Cgroup ScratchCgroup::makeChild(std::string_view relative) const
{
    for (const auto *hierarchy : m_in) {
        std::error_code failed;
        fs::create_directories(directory(*hierarchy, relative), failed);
        if (failed)
            giveUp("mkdir", directory(*hierarchy, relative), failed.value());
    }
    const auto path = must(cgroup::CgroupPath::parse(strCat(m_path.text(), '/', relative)), "path");
    return must(cgroup::locate(*m_hierarchies, path), "locate");
}

void ScratchCgroup::remove(std::string_view relative) const
{
    for (const auto *hierarchy : m_in)
        if (::rmdir(directory(*hierarchy, relative).c_str()) != 0)
            giveUp("rmdir", directory(*hierarchy, relative), errno);
}

std::string ScratchCgroup::read(std::string_view controller, const std::string &file) const
{
    return must(readFile(strCat(directory(hierarchyOf(controller)), '/', file)), "read");
}

void ScratchCgroup::write(std::string_view controller, const std::string &file, std::string_view text) const
{
    const auto done = writeFileAt(AT_FDCWD, strCat(directory(hierarchyOf(controller)), '/', file), text);
    if (!done)
        giveUp("write", done.error().message(), done.error().posix());
}

void ScratchCgroup::attach(pid_t pid, std::string_view relative) const
{
    for (const auto *hierarchy : m_in) {
        const auto done =
            writeFileAt(AT_FDCWD, strCat(directory(*hierarchy, relative), "/cgroup.procs"), std::to_string(pid));
        if (!done)
            giveUp("attach", done.error().message(), done.error().posix());
    }
}

ChildProcess::ChildProcess(const std::function<int()> &body)
{
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0)
        giveUp("pipe", "start", errno);
    const UniqueFd wait(ends[0]);
    m_start = UniqueFd(ends[1]);
    m_pid = ::fork();
    if (m_pid < 0)
        giveUp("fork", "child", errno);
    if (m_pid == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        m_start.reset();
        char go = 0;
        ::_exit(::read(wait.get(), &go, 1) == 1 ? body() : 0);
    }
}

ChildProcess::~ChildProcess()
{
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        wait();
    }
}

void ChildProcess::go()
{
    if (::write(m_start.get(), "g", 1) != 1)
        giveUp("start", "child", errno);
}

int ChildProcess::wait()
{
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_pid = -1;
    return status;
}

int sleepForEver()
{
    while (true)
        ::pause();
}

std::function<int()> allocate(std::uint64_t bytes)
{
    return [bytes] {
        void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return 1;
        for (std::uint64_t at = 0; at < bytes; at += 4096)
            static_cast<volatile char *>(memory)[at] = 1;
        return sleepForEver();
    };
}

int spin()
{
    volatile unsigned long turns = 0;
    while (true)
        turns = turns + 1;
}

} // namespace gantry::test
