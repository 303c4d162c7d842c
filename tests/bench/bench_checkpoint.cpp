// SPDX-License-Identifier: GPL-3.0-or-later
// How long a process stands still for a checkpoint, and how long its restore takes: Gantry's, with the store, beside
// CRIU's own to the page cache and from it, in the same run.
#include "engine/base/strings.h"
#include "engine/checkpoint/save.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr int kRounds = 3;

double millis(steady_clock::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

runtime::Patience patience()
{
    return {runtime::Clock::now() + 120s, {}};
}

/// A process that has this much memory of its own, no page like another.
pid_t startGreedy(std::size_t bytes)
{
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) != 0)
        std::exit(1);
    const pid_t pid = ::fork();
    if (pid != 0) {
        char byte = 0;
        ::close(ready[1]);
        (void)!::read(ready[0], &byte, 1);
        ::close(ready[0]);
        return pid;
    }
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2})
        ::dup2(null, fd);
    void *memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    auto *words = static_cast<std::uint64_t *>(memory);
    std::mt19937_64 random(7);
    for (std::size_t i = 0; i < bytes / sizeof(std::uint64_t); ++i)
        words[i] = i % 4 == 0 ? random() : i;
    (void)!::write(ready[1], "x", 1);
    for (int fd = 3; fd < 64; ++fd)
        ::close(fd);
    while (true)
        ::pause();
}

void endOf(pid_t pid)
{
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

double frozenIn(const std::string &folder)
{
    const auto image = readFile(folder + "/stats-dump");
    const auto stats = image ? parseDumpStats(*image) : std::unexpected(image.error());
    return stats ? static_cast<double>(stats->frozen.count()) / 1'000 : 0;
}

bool criu(const CriuFacts &facts, std::vector<std::string> words)
{
    words.insert(words.begin(), facts.path);
    const auto done = runtime::runTool(words, patience());
    return done && done->exitCode == 0;
}

struct Figures
{
    std::vector<double> frozen, restore;
    std::vector<double> whole; ///< until all its memory was there, too
};

/// @return false: it did not work.
bool stock(const Means &means, std::size_t bytes, Figures &out)
{
    const std::string folder = means.spillFolder + "/stock";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    const pid_t pid = startGreedy(bytes);
    if (!criu(means.criu,
              {"dump", "-t", std::to_string(pid), "-D", folder, "-o", "dump.log", "--network-lock", "skip"}))
        return false;
    ::waitpid(pid, nullptr, 0);
    out.frozen.push_back(frozenIn(folder));
    const auto begun = steady_clock::now();
    const bool back = criu(means.criu, {"restore", "-d", "-D", folder, "-o", "restore.log"});
    out.restore.push_back(millis(steady_clock::now() - begun));
    endOf(pid);
    std::filesystem::remove_all(folder);
    return back;
}

bool ours(const Means &means, std::size_t bytes, repository::Store &store, Figures &out)
{
    const pid_t pid = startGreedy(bytes);
    SaveWish wish;
    wish.pids = {pid};
    const auto saved = save(wish, means, store, patience(), {});
    endOf(pid);
    if (!saved) {
        std::cerr << saved.error().message() << "\n";
        return false;
    }
    out.frozen.push_back(static_cast<double>(saved->stood.count()) / 1'000);
    const auto begun = steady_clock::now();
    const auto back = restore(saved->id, means, store, patience(), {});
    out.whole.push_back(millis(steady_clock::now() - begun));
    if (back)
        out.restore.push_back(millis(back->stood));
    else
        std::cerr << back.error().message() << "\n";
    endOf(pid);
    return back.has_value() && store.remove(saved->id) && store.collect(0);
}

} // namespace

int main(int argc, char **argv)
{
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::string folder = (std::filesystem::temp_directory_path() / "gantry-bench-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr)
        return 1;
    auto hierarchies = cgroup::Hierarchies::discover();
    const Means means{probeCriu(criuPath(), patience()), hierarchies ? *hierarchies : nullptr, folder};
    auto store = repository::Store::create(folder + "/store", {});
    bool good = means.criu.works() && hierarchies && store;
    std::string json = "{";
    for (const std::size_t mib : {std::size_t{256}, std::size_t{1'024}}) {
        Figures theirs;
        Figures mine;
        for (int round = 0; round < kRounds && good; ++round)
            good = stock(means, mib << 20, theirs) && ours(means, mib << 20, *store, mine);
        if (!good)
            break;
        const double frozenGoal = median(theirs.frozen);
        const double restoreGoal = median(theirs.restore) * 1.2;
        const auto line = [](const std::string &what, double value, double other, double goal) {
            std::cout << what << ": " << value << " ms, CRIU alone " << other << " ms (goal <= " << goal << ", "
                      << (value <= goal ? "met" : "NOT met") << ")\n";
        };
        line(strCat(mib, " MiB process stands still"), median(mine.frozen), median(theirs.frozen), frozenGoal);
        json += strCat(json.size() > 1 ? ", " : "", "\"frozen_ms_", mib, "\": ", std::to_string(median(mine.frozen)),
                       ", \"criu_frozen_ms_", mib, "\": ", std::to_string(median(theirs.frozen)), ", \"restore_ms_",
                       mib, "\": ", std::to_string(median(mine.restore)), ", \"restored_whole_ms_", mib,
                       "\": ", std::to_string(median(mine.whole)), ", \"criu_restore_ms_", mib,
                       "\": ", std::to_string(median(theirs.restore)));
        line(strCat(mib, " MiB process runs again after"), median(mine.restore), median(theirs.restore), restoreGoal);
        std::cout << "    all of its memory is there after " << median(mine.whole) << " ms\n";
    }
    if (argc == 3 && std::string_view(argv[1]) == "--json")
        std::ofstream(argv[2]) << json << "}\n";
    store = fail(ESHUTDOWN, "close", "store", "");
    std::filesystem::remove_all(folder);
    if (!good)
        std::cerr << "it did not work\n";
    return good ? 0 : 1;
}
