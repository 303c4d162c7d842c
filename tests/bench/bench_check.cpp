// SPDX-License-Identifier: GPL-3.0-or-later
// "gantryctl check" on a tree of 50 processes, from its start to its end: the first time after a boot, when CRIU is
// asked what it can do, and then.
#include "engine/base/strings.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int kProcesses = 50;
constexpr int kFiles = 20; ///< open in each, besides the standard streams
constexpr int kRounds = 21;
constexpr double kGoalMs = 100;

/// One process with the others below it, each with some open files; ends with this program.
class Tree
{
public:
    Tree()
    {
        int ready[2] = {-1, -1};
        if (::pipe(ready) != 0)
            return;
        m_root = ::fork();
        if (m_root == 0) {
            ::setsid();
            for (int i = 1; i < kProcesses; ++i)
                if (::fork() == 0)
                    rest(ready[1]);
            rest(ready[1]);
        }
        ::close(ready[1]);
        char byte = 0;
        for (int i = 0; i < kProcesses; ++i)
            m_isReady = ::read(ready[0], &byte, 1) == 1;
        ::close(ready[0]);
    }
    Tree(const Tree &) = delete;
    Tree &operator=(const Tree &) = delete;
    Tree(Tree &&) = delete;
    Tree &operator=(Tree &&) = delete;
    ~Tree()
    {
        if (m_root <= 0)
            return;
        ::kill(-m_root, SIGKILL); // its session is one process group
        ::waitpid(m_root, nullptr, 0);
    }

    [[nodiscard]] bool isReady() const { return m_isReady; }
    [[nodiscard]] pid_t root() const { return m_root; }

private:
    [[noreturn]] static void rest(int ready)
    {
        for (int i = 0; i < kFiles; ++i)
            (void)(i % 2 == 0 ? ::eventfd(0, 0) : ::open("/etc/passwd", O_RDONLY));
        if (::write(ready, "x", 1) != 1)
            std::_Exit(1);
        while (true)
            ::pause();
    }

    pid_t m_root = -1;
    bool m_isReady = false;
};

struct Took
{
    double wall = -1; ///< milliseconds; negative: it failed
    double cpu = -1;  ///< of it and of what it ran, user and system
};

double milliseconds(const timeval &time)
{
    return static_cast<double>(time.tv_sec) * 1'000 + static_cast<double>(time.tv_usec) / 1'000;
}

Took run(const std::string &program, pid_t target)
{
    std::string name = program;
    std::string verb = "check";
    std::string pid = strCat("pid:", target);
    char *const words[] = {name.data(), verb.data(), pid.data(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const auto begin = Clock::now();
    pid_t child = -1;
    int status = -1;
    rusage used{};
    const bool started = ::posix_spawn(&child, program.c_str(), &actions, nullptr, words, environ) == 0;
    const bool ended = started && ::wait4(child, &status, 0, &used) == child;
    const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
    ::posix_spawn_file_actions_destroy(&actions);
    if (!ended || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return {};
    return {took.count(), milliseconds(used.ru_utime) + milliseconds(used.ru_stime)};
}

} // namespace

int main(int argc, char **argv)
{
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto valueOf = [&words](const char *option, const char *otherwise) {
        const auto at = std::ranges::find(words, option);
        return at == words.end() || at + 1 == words.end() ? std::string(otherwise) : *(at + 1);
    };
    const std::string program = valueOf("--program", GANTRYCTL);
    std::string folder = (std::filesystem::temp_directory_path() / "gantry-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        return 1;
    ::setenv("GANTRY_STATE", folder.c_str(), 1); // NOLINT(concurrency-mt-unsafe): no thread yet
    Took first;
    std::vector<double> walls;
    std::vector<double> cpus;
    {
        const Tree tree;
        if (tree.isReady())
            first = run(program, tree.root());
        for (int i = 0; i < kRounds && first.wall > 0; ++i) {
            const Took took = run(program, tree.root());
            walls.push_back(took.wall);
            cpus.push_back(took.cpu);
        }
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    std::ranges::sort(walls);
    std::ranges::sort(cpus);
    if (walls.empty() || walls.front() < 0) {
        std::cerr << program << " check failed\n";
        return 1;
    }
    const double median = walls[walls.size() / 2];
    std::cout << "gantryctl check, " << kProcesses << " processes with " << kFiles << " files, median of " << kRounds
              << ": " << median << " ms, most " << walls.back() << " ms (goal <= " << kGoalMs << ", "
              << (median <= kGoalMs ? "met" : "NOT met") << "); CPU " << cpus[cpus.size() / 2] << " ms; the first "
              << first.wall << " ms, CPU " << first.cpu << " ms\n";
    if (const std::string file = valueOf("--json", ""); !file.empty())
        std::ofstream(file) << "{\"check_ms\": " << median << ", \"check_most_ms\": " << walls.back()
                            << ", \"check_cpu_ms\": " << cpus[cpus.size() / 2] << ", \"check_first_ms\": " << first.wall
                            << "}\n";
    return 0;
}
