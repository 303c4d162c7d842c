// SPDX-License-Identifier: GPL-3.0-or-later
// A redis of 140 MB under writes, saved once a second: what a tick adds to the store, how long redis stands still, what
// its clients lose, how fast a tick is stored once redis runs again, and whether tick 1 comes back as fast as the last.
// The goals are about the first of three loads: writes at a steady pace. The others are told beside it: a client that
// reads as fast as it is answered, and writes as fast as they are answered. Each has a redis and a store of its own.
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
constexpr int kShownTicks = 10; ///< those that the goals are about; the other loads have no more
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

/// What clients do to redis.
struct LoadKind
{
    const char *what;
    std::chrono::nanoseconds writeEvery; ///< 0: as soon as the one before is answered
    bool reads;
};

constexpr std::array kLoads{
    LoadKind{"writes at a steady pace", std::chrono::nanoseconds(1s) / kWritesPerSecond, false},
    LoadKind{"the same, and a client that reads as fast as it is answered",
             std::chrono::nanoseconds(1s) / kWritesPerSecond, true},
    LoadKind{"writes as fast as they are answered", 0ns, false},
};

/// Answers of redis so far, or a second.
struct Answers
{
    double writes = 0;
    double reads = 0;
};

/// One client that writes, and perhaps one that reads.
class Load
{
public:
    explicit Load(const LoadKind &kind)
    {
        m_writer = std::jthread([this, every = kind.writeEvery](const std::stop_token &stop) { write(every, stop); });
        if (kind.reads)
            m_reader = std::jthread([this](const std::stop_token &stop) { read(stop); });
    }
    [[nodiscard]] Answers answers() const
    {
        return {static_cast<double>(m_writes.load()), static_cast<double>(m_reads.load())};
    }
    [[nodiscard]] bool good() const { return m_good; }

private:
    void write(std::chrono::nanoseconds every, const std::stop_token &stop)
    {
        Client client;
        std::mt19937_64 random(11);
        bool good = client.connect();
        auto next = steady_clock::now();
        while (good && !stop.stop_requested()) {
            good = client.set(static_cast<int>(random() % kKeys), randomValue(random));
            ++m_writes;
            // What it could not write while redis stood still comes later, so that a tick has its writes.
            next = std::max(next + every, steady_clock::now() - 1s);
            if (every > 0ns)
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
            ++m_reads;
        }
        if (!good)
            m_good = false;
    }

    std::atomic<std::uint64_t> m_writes = 0;
    std::atomic<std::uint64_t> m_reads = 0;
    std::atomic<bool> m_good = true;
    std::jthread m_writer;
    std::jthread m_reader;
};

struct Ticks
{
    std::vector<repository::CheckpointId> ids;
    Values freshMb, storedMb, stoodMs, storeMbPerSecond;
    Answers alone; ///< a second, without checkpoints
    Answers meanwhile;
};

/// A second.
Answers answersIn(const Load &load, const std::function<bool()> &what, bool &good)
{
    const auto begun = steady_clock::now();
    const Answers before = load.answers();
    good = what();
    const Answers after = load.answers();
    const double seconds = std::chrono::duration<double>(steady_clock::now() - begun).count();
    return {(after.writes - before.writes) / seconds, (after.reads - before.reads) / seconds};
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

bool takeTicks(pid_t pid, const LoadKind &kind, int count, const Means &means, repository::Store &store, Ticks &out)
{
    const Load load(kind);
    bool good = true;
    out.alone = answersIn(
        load,
        [] {
            std::this_thread::sleep_for(5s);
            return true;
        },
        good);
    out.meanwhile = answersIn(
        load,
        [&] {
            auto next = steady_clock::now();
            for (int i = 0; i < count; ++i) {
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

double lostPercent(double alone, double meanwhile)
{
    return 100 * (1 - meanwhile / alone);
}

/// @param goals whether they are about this load.
void tell(const LoadKind &kind, const Ticks &ticks, bool goals)
{
    const auto judged = [goals](double goal, const char *sign, bool good) {
        return goals ? strCat(" (goal ", sign, " ", static_cast<int>(goal), ", ", met(good), ")") : std::string();
    };
    const auto begin = ticks.freshMb.begin();
    const Values fresh(begin + 1, begin + kShownTicks + 1); // the first has all of it
    const Values stored(ticks.storedMb.begin() + 1, ticks.storedMb.begin() + kShownTicks + 1);
    const double first = ticks.storeMbPerSecond.front();
    std::cout << "redis, " << kind.what << " (" << ticks.alone.writes << " writes a second), a checkpoint a second\n"
              << "    ticks 2 to " << kShownTicks + 1 << ": new on disk " << median(stored) << " MB, most "
              << most(stored) << judged(kFreshGoalMb, "<=", most(stored) <= kFreshGoalMb) << "; pages that changed "
              << median(fresh) << " MB, most " << most(fresh) << "; the first tick " << ticks.storedMb.front() << " of "
              << ticks.freshMb.front() << " MB\n"
              << "    stands still " << median(ticks.stoodMs) << " ms, most of " << ticks.stoodMs.size() << ": "
              << most(ticks.stoodMs) << "\n"
              << "    stored once it runs again: the first " << first << " MB/s"
              << judged(kStoreGoalMbPerSecond, ">=", first >= kStoreGoalMbPerSecond) << ", later ones "
              << median(ticks.storeMbPerSecond) << " MB/s\n"
              << "    writes a second meanwhile: " << ticks.meanwhile.writes << ", loses "
              << lostPercent(ticks.alone.writes, ticks.meanwhile.writes) << " %\n";
    if (kind.reads)
        std::cout << "    the client that reads gets " << ticks.alone.reads << " answers a second without checkpoints, "
                  << ticks.meanwhile.reads << " meanwhile: loses "
                  << lostPercent(ticks.alone.reads, ticks.meanwhile.reads) << " %\n";
}

/// Times of the first tick, and of the last.
struct Restores
{
    std::array<Values, 2> runs, whole;
};

/// A redis of its own under this load, saved into a store of its own, and restored where `restores` is given.
bool measure(const LoadKind &kind, int count, const Means &means, Ticks &ticks, Restores *restores)
{
    const std::string folder = strCat(means.spillFolder, "/store");
    auto store = repository::Store::create(folder, {});
    const pid_t pid = startRedis(means.spillFolder);
    bool good = store && fill() && takeTicks(pid, kind, count, means, *store, ticks);
    endOf(pid);
    for (int i = 0; restores != nullptr && i < kRestores * 2 && good; ++i) {
        const auto which = static_cast<std::size_t>(i % 2);
        good = timeRestore(which == 0 ? ticks.ids.front() : ticks.ids.back(), means, *store, restores->runs[which],
                           restores->whole[which]);
    }
    store = fail(ESHUTDOWN, "close", "store", "");
    std::filesystem::remove_all(folder);
    return good;
}

void tell(const Restores &restores)
{
    const double ratio = median(restores.whole[1]) / median(restores.whole[0]);
    std::cout << "    tick 1 runs again after " << median(restores.runs[0]) << " ms, all of its memory is there after "
              << median(restores.whole[0]) << "; tick " << kTicks << ": " << median(restores.runs[1]) << " and "
              << median(restores.whole[1]) << ", " << ratio << " times (goal <= " << kRestoreGoal << ", "
              << met(ratio <= kRestoreGoal) << ")\n";
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
    bool good = means.criu.works() && hierarchies;
    std::array<Ticks, kLoads.size()> ticks;
    Restores restores;
    for (std::size_t i = 0; i < kLoads.size() && good; ++i) {
        const bool goals = i == 0;
        good = measure(kLoads[i], goals ? kTicks : kShownTicks + 1, means, ticks[i], goals ? &restores : nullptr);
        if (good)
            tell(kLoads[i], ticks[i], goals);
        if (good && goals)
            tell(restores);
    }
    if (good && argc == 3 && std::string_view(argv[1]) == "--json")
        std::ofstream(argv[2]) << "{\"new_on_disk_mb\": " << median(ticks[0].storedMb)
                               << ", \"changed_pages_mb\": " << median(ticks[0].freshMb)
                               << ", \"stood_ms\": " << median(ticks[0].stoodMs)
                               << ", \"store_first_mb_per_s\": " << ticks[0].storeMbPerSecond.front()
                               << ", \"store_mb_per_s\": " << median(ticks[0].storeMbPerSecond)
                               << ", \"answers_per_s_alone\": " << ticks[1].alone.reads
                               << ", \"answers_per_s\": " << ticks[1].meanwhile.reads
                               << ", \"restore_first_ms\": " << median(restores.whole[0])
                               << ", \"restore_last_ms\": " << median(restores.whole[1]) << "}\n";
    std::filesystem::remove_all(folder);
    if (!good)
        std::cerr << "it did not work\n";
    return good ? 0 : 1;
}
