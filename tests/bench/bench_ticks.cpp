// SPDX-License-Identifier: GPL-3.0-or-later
// A redis of 140 MB under writes, saved once a second: what a tick adds to the store, how long redis stands still, what
// its clients lose, how fast a tick is stored once redis runs again, and whether tick 1 comes back as fast as the last.
#include "engine/base/strings.h"
#include "engine/checkpoint/save.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

constexpr int kTicks = 100;
constexpr int kShownTicks = 10; ///< those that the goals are about
constexpr int kRestores = 5;
constexpr std::uint16_t kPort = 26'379;
constexpr int kKeys = 100'000;
constexpr std::size_t kValue = 1'150; ///< bytes: about 140 MB with what redis adds
constexpr int kWritesPerSecond = 1'500;
constexpr double kFreshGoalMb = 12;
constexpr double kStoreGoalMbPerSecond = 400;
constexpr double kRestoreGoal = 1.1; ///< the last tick against the first

using Values = std::vector<double>;

double millis(steady_clock::duration time)
{
    return std::chrono::duration<double, std::milli>(time).count();
}

double median(Values values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

double most(const Values &values)
{
    return *std::ranges::max_element(values);
}

runtime::Patience patience()
{
    return {runtime::Clock::now() + 120s, {}};
}

const char *met(bool good)
{
    return good ? "met" : "NOT met";
}

/// One connection that asks and waits for the answer. Every answer asked for here is one line, or a value in two.
class Client
{
public:
    Client() : m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

    [[nodiscard]] bool connect() const
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(kPort);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::connect(m_socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof(address)) == 0;
    }
    /// @return false: the connection has ended; so for get().
    [[nodiscard]] bool set(int key, std::string_view value) { return ask(strCat("SET k", key, " ", value, "\r\n"), 1); }
    [[nodiscard]] bool get(int key) { return ask(strCat("GET k", key, "\r\n"), 2); }

private:
    bool ask(const std::string &request, std::ptrdiff_t lines)
    {
        if (::send(m_socket.get(), request.data(), request.size(), MSG_NOSIGNAL) != std::ssize(request))
            return false;
        while (lines > 0) {
            const ssize_t got = ::recv(m_socket.get(), m_buffer.data(), m_buffer.size(), 0);
            if (got <= 0)
                return false;
            lines -= std::count(m_buffer.begin(), m_buffer.begin() + got, '\n');
        }
        return true;
    }

    UniqueFd m_socket;
    std::array<char, 4'096> m_buffer{};
};

/// Letters by chance: zstd finds little in them.
std::string randomValue(std::mt19937_64 &random)
{
    std::string out(kValue, ' ');
    for (char &letter : out)
        letter = static_cast<char>('0' + random() % 74);
    return out;
}

/// Debian has the server in redis-tools, under another name.
pid_t startRedis(const std::string &folder)
{
    const pid_t pid = ::fork();
    if (pid != 0)
        return pid;
    ::setsid();
    const int null = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2})
        ::dup2(null, fd);
    if (::chdir(folder.c_str()) != 0)
        ::_exit(1);
    const std::string port = std::to_string(kPort);
    ::execlp("redis-check-rdb", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", static_cast<char *>(nullptr));
    ::_exit(1);
}

void endOf(pid_t pid)
{
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

bool fill()
{
    for (int i = 0; i < 100; ++i) {
        Client client;
        if (client.connect()) {
            std::mt19937_64 random(7);
            for (int key = 0; key < kKeys; ++key) {
                if (!client.set(key, randomValue(random)))
                    return false;
            }
            return true;
        }
        std::this_thread::sleep_for(50ms);
    }
    return false;
}

/// Clients: one writes at a steady pace, one reads as fast as it is answered.
class Load
{
public:
    Load()
    {
        m_writer = std::jthread([this](const std::stop_token &stop) { write(stop); });
        m_reader = std::jthread([this](const std::stop_token &stop) { read(stop); });
    }
    [[nodiscard]] std::uint64_t answers() const { return m_answers; }
    [[nodiscard]] bool good() const { return m_good; }

private:
    void write(const std::stop_token &stop)
    {
        Client client;
        std::mt19937_64 random(11);
        bool good = client.connect();
        auto next = steady_clock::now();
        while (good && !stop.stop_requested()) {
            good = client.set(static_cast<int>(random() % kKeys), randomValue(random));
            next = std::max(next + 1s / kWritesPerSecond, steady_clock::now() - 100ms);
            std::this_thread::sleep_until(next);
        }
        if (!good)
            m_good = false;
    }
    void read(const std::stop_token &stop)
    {
        Client client;
        std::mt19937_64 random(13);
        bool good = client.connect();
        while (good && !stop.stop_requested()) {
            good = client.get(static_cast<int>(random() % kKeys));
            ++m_answers;
        }
        if (!good)
            m_good = false;
    }

    std::atomic<std::uint64_t> m_answers = 0;
    std::atomic<bool> m_good = true;
    std::jthread m_writer;
    std::jthread m_reader;
};

struct Ticks
{
    std::vector<repository::CheckpointId> ids;
    Values freshMb, storedMb, stoodMs, storeMbPerSecond;
    double answersAlone = 0; ///< a second, without checkpoints
    double answersMeanwhile = 0;
};

double answersIn(const Load &load, const std::function<bool()> &what, bool &good)
{
    const auto begun = steady_clock::now();
    const std::uint64_t before = load.answers();
    good = what();
    return static_cast<double>(load.answers() - before) /
           std::chrono::duration<double>(steady_clock::now() - begun).count();
}

bool tick(pid_t pid, const Means &means, repository::Store &store, Ticks &out)
{
    SaveWish wish;
    wish.pids = {pid};
    steady_clock::time_point writing;
    const auto saved = save(wish, means, store, patience(), [&writing](std::string_view phase) {
        if (phase == "write")
            writing = steady_clock::now();
    });
    if (!saved) {
        std::cerr << saved.error().message() << "\n";
        return false;
    }
    const double seconds = std::chrono::duration<double>(steady_clock::now() - writing).count();
    out.ids.push_back(saved->id);
    out.freshMb.push_back(static_cast<double>(saved->sizes.fresh.v) / 1e6);
    out.storedMb.push_back(static_cast<double>(saved->sizes.stored.v) / 1e6);
    out.stoodMs.push_back(static_cast<double>(saved->stood.count()) / 1'000);
    out.storeMbPerSecond.push_back(static_cast<double>(saved->sizes.logical.v) / 1e6 / seconds);
    return true;
}

bool takeTicks(pid_t pid, const Means &means, repository::Store &store, Ticks &out)
{
    const Load load;
    bool good = true;
    out.answersAlone = answersIn(
        load,
        [] {
            std::this_thread::sleep_for(5s);
            return true;
        },
        good);
    out.answersMeanwhile = answersIn(
        load,
        [&] {
            auto next = steady_clock::now();
            for (int i = 0; i < kTicks; ++i) {
                if (!tick(pid, means, store, out))
                    return false;
                next = std::max(next + 1s, steady_clock::now());
                std::this_thread::sleep_until(next);
            }
            return true;
        },
        good);
    if (!load.good())
        std::cerr << "a client of redis lost its connection\n";
    return good && load.good();
}

/// Until it runs, and until all of its memory is there, in ms.
bool timeRestore(const repository::CheckpointId &id, const Means &means, const repository::Store &store, Values &runs,
                 Values &whole)
{
    const auto begun = steady_clock::now();
    const auto back = restore(id, means, store, patience(), {});
    if (!back) {
        std::cerr << back.error().message() << "\n";
        return false;
    }
    whole.push_back(millis(steady_clock::now() - begun));
    runs.push_back(millis(back->stood));
    endOf(back->pid);
    return true;
}

void tell(const Ticks &ticks)
{
    const auto begin = ticks.freshMb.begin();
    const Values fresh(begin + 1, begin + kShownTicks + 1); // the first has all of it
    const auto stored = ticks.storedMb.begin();
    std::cout << "redis, " << kWritesPerSecond << " writes a second, a checkpoint a second, ticks 2 to "
              << kShownTicks + 1 << ": new data " << median(fresh) << " MB, most " << most(fresh) << ", on disk "
              << median(Values(stored + 1, stored + kShownTicks + 1)) << " MB (goal <= " << kFreshGoalMb << " MB, "
              << met(most(fresh) <= kFreshGoalMb) << "); the first " << ticks.freshMb.front() << " MB\n"
              << "    stands still " << median(ticks.stoodMs) << " ms, most of " << ticks.stoodMs.size() << ": "
              << most(ticks.stoodMs) << "\n"
              << "    stored once it runs again: the first " << ticks.storeMbPerSecond.front() << " MB/s, later ones "
              << median(ticks.storeMbPerSecond) << " MB/s (goal >= " << kStoreGoalMbPerSecond << ", "
              << met(ticks.storeMbPerSecond.front() >= kStoreGoalMbPerSecond) << ")\n"
              << "    a client that reads gets " << ticks.answersAlone << " answers a second without checkpoints, "
              << ticks.answersMeanwhile << " meanwhile: loses "
              << 100 * (1 - ticks.answersMeanwhile / ticks.answersAlone) << " %\n";
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
    const pid_t pid = startRedis(folder);
    Ticks ticks;
    bool good = means.criu.works() && hierarchies && store && fill() && takeTicks(pid, means, *store, ticks);
    endOf(pid);
    std::array<Values, 2> runs, whole; ///< of the first tick, and of the last
    for (int i = 0; i < kRestores * 2 && good; ++i) {
        const auto which = static_cast<std::size_t>(i % 2);
        good = timeRestore(which == 0 ? ticks.ids.front() : ticks.ids.back(), means, *store, runs[which], whole[which]);
    }
    if (good) {
        tell(ticks);
        const double ratio = median(whole[1]) / median(whole[0]);
        std::cout << "    tick 1 runs again after " << median(runs[0]) << " ms, all of its memory is there after "
                  << median(whole[0]) << "; tick " << kTicks << ": " << median(runs[1]) << " and " << median(whole[1])
                  << ", " << ratio << " times (goal <= " << kRestoreGoal << ", " << met(ratio <= kRestoreGoal) << ")\n";
        if (argc == 3 && std::string_view(argv[1]) == "--json")
            std::ofstream(argv[2]) << "{\"fresh_mb\": " << median(ticks.freshMb)
                                   << ", \"stood_ms\": " << median(ticks.stoodMs)
                                   << ", \"store_mb_per_s\": " << median(ticks.storeMbPerSecond)
                                   << ", \"answers_per_s_alone\": " << ticks.answersAlone
                                   << ", \"answers_per_s\": " << ticks.answersMeanwhile
                                   << ", \"restore_first_ms\": " << median(whole[0])
                                   << ", \"restore_last_ms\": " << median(whole[1]) << "}\n";
    }
    store = fail(ESHUTDOWN, "close", "store", "");
    std::filesystem::remove_all(folder);
    if (!good)
        std::cerr << "it did not work\n";
    return good ? 0 : 1;
}
