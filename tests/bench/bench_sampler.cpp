// SPDX-License-Identifier: GPL-3.0-or-later
// What sampling costs: CPU per cgroup and sample, memory and descriptors at a live 1 Hz, beside systemd-cgtop on the
// same tree. Makes its own cgroups below /gantry-bench-PID and removes them when it ends or is interrupted.
#include "engine/base/parse.h"
#include "engine/sampler/sampler.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::cgroup;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPerParent = 100;
constexpr std::size_t kLiveTasks = 200; ///< at most; one in ten cgroups has one
constexpr int kWarmTicks = 12;
constexpr int kMeasuredTicks = 20; ///< a multiple of Sampler::kSlowTicks: every file takes its turn
constexpr int kCgtopRounds = 5;

struct Figures
{
    std::size_t cgroups = 0;
    std::size_t liveTasks = 0;
    double samplerMicros = 0; ///< CPU per cgroup and sample
    double filesPerTick = 0;
    double sweepMillis = 0;
    double residentMiB = 0;
    std::size_t descriptors = 0;
    double cgtopMicros = 0; ///< CPU per cgroup and round; 0: could not be run
};

/// Directories of the tree: one a used hierarchy.
std::vector<std::string> tops(const Hierarchies &host, const std::string &name)
{
    std::vector<std::string> out;
    for (const char *controller : {"memory", "cpu", "cpuacct", "pids"})
        if (const Hierarchy *hierarchy = host.forController(controller)) {
            const std::string top = strCat(hierarchy->mountPoint, '/', name);
            if (std::find(out.begin(), out.end(), top) == out.end())
                out.push_back(top);
        }
    if (const Hierarchy *unified = host.unified())
        if (const std::string top = strCat(unified->mountPoint, '/', name);
            std::find(out.begin(), out.end(), top) == out.end())
            out.push_back(top);
    return out;
}

std::string relative(std::size_t index)
{
    return strCat("/g", index / kPerParent, "/c", index % kPerParent);
}

void removeTree(const std::string &top)
{
    std::vector<std::string> found{top};
    std::error_code ignored;
    for (fs::recursive_directory_iterator it(top, ignored), end; it != end; it.increment(ignored))
        if (it->is_directory(ignored))
            found.push_back(it->path().string());
    for (auto it = found.rbegin(); it != found.rend(); ++it) {
        for (int round = 0; round < 500 && ::rmdir(it->c_str()) != 0 && errno == EBUSY; ++round)
            std::this_thread::sleep_for(10ms); // the tasks have been killed; the kernel takes its time
    }
}

/// A task in each tenth cgroup that wakes five times a second.
std::vector<pid_t> startTasks(const std::vector<std::string> &dirs, std::size_t cgroups)
{
    std::vector<pid_t> out;
    for (std::size_t i = 0; i < std::min(kLiveTasks, cgroups / 10); ++i) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            while (true) {
                std::vector<char> touched(64 * 1024, 1);
                std::this_thread::sleep_for(200ms);
                if (touched.back() != 1)
                    ::_exit(1);
            }
        }
        out.push_back(pid);
        for (const std::string &dir : dirs)
            (void)writeFileAt(AT_FDCWD, strCat(dir, relative(i * 10), "/cgroup.procs"), std::to_string(pid));
    }
    return out;
}

double residentMiB()
{
    const auto text = readFile("/proc/self/statm");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    (void)takeToken(rest);
    const auto pages = parseU64(takeToken(rest));
    return static_cast<double>(pages.value_or(0)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / (1024 * 1024);
}

std::size_t descriptors()
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()));
}

/// CPU of one round of systemd-cgtop over the tree, in microseconds.
double cgtopMicros()
{
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(null, STDOUT_FILENO);
        ::dup2(null, STDERR_FILENO);
        ::execlp("systemd-cgtop", "systemd-cgtop", "-b", "-n", std::to_string(kCgtopRounds).c_str(), "-d", "1",
                 static_cast<char *>(nullptr));
        ::_exit(127);
    }
    int status = 0;
    rusage usage = {};
    if (pid < 0 || ::wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return 0;
    const auto micros = [](const timeval &time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return (micros(usage.ru_utime) + micros(usage.ru_stime)) / kCgtopRounds;
}

Figures measure(const HierarchiesPtr &host, const std::string &name, std::size_t cgroups)
{
    Figures out;
    out.cgroups = cgroups;
    const std::vector<std::string> dirs = tops(*host, name);
    for (const std::string &dir : dirs)
        for (std::size_t i = 0; i < cgroups; ++i)
            fs::create_directories(dir + relative(i));
    const std::vector<pid_t> tasks = startTasks(dirs, cgroups);
    out.liveTasks = tasks.size();

    auto nodes = std::make_shared<std::vector<Cgroup>>();
    for (std::size_t i = 0; i < cgroups; ++i)
        if (auto found = CgroupPath::parse(strCat('/', name, relative(i))))
            if (auto cgroup = locate(*host, *found))
                nodes->push_back(std::move(*cgroup));
    {
        sampler::Sampler sampler({.hierarchies = host});
        sampler.setNodes([&] { return nodes; }, 1);
        sampler.start();
        std::this_thread::sleep_for(kWarmTicks * 1s);
        const auto before = sampler.cost();
        std::this_thread::sleep_for(kMeasuredTicks * 1s);
        const auto after = sampler.cost();
        const auto ticks = static_cast<double>(after.ticks - before.ticks);
        out.samplerMicros = std::chrono::duration<double, std::micro>(after.cpu - before.cpu).count() / ticks /
                            static_cast<double>(nodes->size());
        out.filesPerTick = static_cast<double>(after.filesRead - before.filesRead) / ticks;
        out.sweepMillis = static_cast<double>(sampler.latest()->sweep.count()) / 1e3;
        out.residentMiB = residentMiB();
        out.descriptors = descriptors();
    }
    out.cgtopMicros = cgtopMicros() / static_cast<double>(cgroups);
    for (const pid_t pid : tasks)
        ::kill(pid, SIGKILL);
    for (const pid_t pid : tasks)
        ::waitpid(pid, nullptr, 0);
    for (const std::string &dir : dirs)
        removeTree(dir);
    return out;
}

void print(const std::vector<Figures> &all)
{
    std::printf("%8s %6s %18s %12s %10s %9s %6s %18s %7s\n", "cgroups", "tasks", "us/cgroup/sample", "files/tick",
                "sweep ms", "RSS MiB", "fds", "cgtop us/cgroup", "ratio");
    for (const Figures &f : all)
        std::printf("%8zu %6zu %18.2f %12.0f %10.1f %9.1f %6zu %18.1f %6.1fx\n", f.cgroups, f.liveTasks,
                    f.samplerMicros, f.filesPerTick, f.sweepMillis, f.residentMiB, f.descriptors, f.cgtopMicros,
                    f.samplerMicros > 0 ? f.cgtopMicros / f.samplerMicros : 0);
    std::printf(
        "goals: <= 10 us, at least 10x cheaper than systemd-cgtop; at 10 000 cgroups <= 100 MiB, <= 4096 fds\n");
}

bool writeJson(const std::vector<Figures> &all, const char *path)
{
    std::FILE *file = std::fopen(path, "w");
    if (file == nullptr)
        return false;
    std::fputs("{\"bench\": \"sampler\", \"rows\": [", file);
    for (std::size_t i = 0; i < all.size(); ++i)
        std::fprintf(file,
                     "%s\n  {\"cgroups\": %zu, \"live_tasks\": %zu, \"cpu_usec_per_cgroup_sample\": %.3f, "
                     "\"files_per_tick\": %.1f, \"sweep_msec\": %.2f, \"resident_mib\": %.1f, \"descriptors\": %zu, "
                     "\"cgtop_usec_per_cgroup\": %.2f}",
                     i == 0 ? "" : ",", all[i].cgroups, all[i].liveTasks, all[i].samplerMicros, all[i].filesPerTick,
                     all[i].sweepMillis, all[i].residentMiB, all[i].descriptors, all[i].cgtopMicros);
    std::fputs("\n]}\n", file);
    return std::fclose(file) == 0;
}

int run(const std::string &name, const std::vector<std::size_t> &sizes, const char *json)
{
    const auto host = Hierarchies::discover();
    if (!host) {
        std::fprintf(stderr, "bench_sampler: %s\n", host.error().message().c_str());
        return 1;
    }
    std::vector<Figures> all;
    for (const std::size_t size : sizes)
        all.push_back(measure(*host, name, size));
    print(all);
    return json == nullptr || writeJson(all, json) ? 0 : 1;
}

/// Runs the measurement in a child, so that the tree is removed however that ends.
int guarded(const std::string &name, const std::function<int()> &work)
{
    sigset_t signals;
    sigset_t before;
    sigemptyset(&signals);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGCHLD})
        sigaddset(&signals, number);
    ::sigprocmask(SIG_BLOCK, &signals, &before);
    const pid_t worker = ::fork();
    if (worker == 0) {
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int code = work();
        std::fflush(nullptr);
        ::_exit(code);
    }
    int status = 0;
    int number = 0;
    while (::sigwait(&signals, &number) == 0) {
        if (number != SIGCHLD)
            ::kill(worker, SIGKILL);
        else if (::waitpid(worker, &status, WNOHANG) == worker)
            break;
    }
    if (const auto host = Hierarchies::discover())
        for (const std::string &top : tops(**host, name))
            removeTree(top);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

} // namespace

int main(int argc, char **argv)
{
    std::vector<std::size_t> sizes;
    const char *json = nullptr;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const auto number = parseU64(argument);
        if (argument == "--json" && i + 1 < argc) {
            json = argv[++i];
        } else if (number) {
            sizes.push_back(*number);
        } else {
            std::fprintf(stderr, "usage: bench_sampler [--json FILE] [CGROUPS ...]\n");
            return 2;
        }
    }
    if (sizes.empty())
        sizes = {1'000, 10'000};
    const std::string name = strCat("gantry-bench-", ::getpid());
    return guarded(name, [&] { return run(name, sizes, json); });
}
