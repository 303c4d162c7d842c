// SPDX-License-Identifier: GPL-3.0-or-later
// The store of checkpoints with memory like that of a redis: 150 MB of pages of which 7 % change a tick. Speed of
// writing, new bytes a tick, and how much longer a late tick takes to read than the first.
#include "engine/base/strings.h"
#include "engine/repository/store.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

using namespace gantry;
using namespace gantry::repository;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPages = 36'000;
constexpr double kChanged = 0.07;
constexpr int kTicks = 10;
constexpr int kLongTicks = 100;
constexpr double kSpeedGoal = 400;
constexpr double kTickGoal = 12;
constexpr double kMega = 1e6;

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begun)
{
    return std::chrono::duration<double>(Clock::now() - begun).count();
}

/// Objects of a heap: heads with pointers that are alike, then values, of which half is random letters: zstd at level 1
/// makes about half of it.
class Memory
{
public:
    Memory()
    {
        for (std::size_t page = 0; page < kPages; ++page)
            fill(page);
    }
    void tick()
    {
        for (std::size_t i = 0; i < static_cast<std::size_t>(kPages * kChanged); ++i)
            fill(m_random() % kPages);
    }
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

private:
    void fill(std::size_t page)
    {
        std::array<std::uint64_t, kPage / 8> words{};
        for (std::size_t i = 0; i < words.size(); i += 16) {
            words[i] = 0x0000'7f3a'0000'0000 + (m_random() & 0xff'fff0);
            words[i + 1] = 0x0000'0001'0000'0040;
            for (std::size_t j = 2; j < 10; ++j)
                words[i + j] = (m_random() & 0x0f0f'0f0f'0f0f'0f0f) | 0x6060'6060'6060'6060;
        }
        std::memcpy(m_bytes.data() + page * kPage, words.data(), kPage);
    }
    std::vector<std::byte> m_bytes = std::vector<std::byte>(kPages * kPage);
    std::mt19937_64 m_random{1};
};

/// Ends the program: a benchmark has nobody to answer to.
template <class T> T must(Result<T> result)
{
    if (result)
        return *std::move(result);
    std::fprintf(stderr, "%s\n", result.error().message().c_str());
    std::exit(1); // NOLINT: single thread
}

struct Tick
{
    CheckpointId id;
    double seconds = 0;
    double cpu = 0; ///< seconds
    Sizes sizes;
};

/// Of the whole process, user and system.
double cpuSeconds()
{
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &value) {
        return static_cast<double>(value.tv_sec) + static_cast<double>(value.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Tick save(Store &store, std::span<const std::byte> bytes)
{
    constexpr std::size_t kPipe = std::size_t{1} << 20; // as it comes out of a pipe
    Tick out;
    const double cpu = cpuSeconds();
    const auto begun = Clock::now();
    Writer writer = must(store.write());
    const auto stream = must(writer.addStream("pages-1.img", StreamKind::Pages));
    for (std::size_t at = 0; at < bytes.size(); at += kPipe) {
        if (const auto done = writer.write(stream, bytes.subspan(at, std::min(kPipe, bytes.size() - at))); !done)
            must(Result<int>(std::unexpected(done.error())));
    }
    out.id = must(writer.commit({}));
    out.seconds = secondsSince(begun);
    out.cpu = cpuSeconds() - cpu;
    out.sizes = writer.sizes();
    return out;
}

struct Reading
{
    double seconds = 0;
    double cpu = 0;
};

Reading readBack(const Store &store, const CheckpointId &id)
{
    std::uint64_t size = 0;
    const double cpu = cpuSeconds();
    const auto begun = Clock::now();
    const auto done = store.read(id, "pages-1.img", [&size](std::span<const std::byte> bytes) -> Result<> {
        size += bytes.size();
        return {};
    });
    if (!done || size != kPages * kPage)
        must(Result<int>(std::unexpected(done ? Error{} : done.error())));
    return {secondsSince(begun), cpuSeconds() - cpu};
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

struct Figures
{
    double firstSpeed = 0;  ///< MB/s of a checkpoint that is all new
    double firstCpu = 0;    ///< seconds
    double tickSpeed = 0;   ///< MB/s of one of which 7 % are new
    double tickCpu = 0;     ///< seconds
    double mostOfATick = 0; ///< MB, packs
    double catalogueMb = 0;
    double packedMb = 0;
    double readFirst = 0; ///< seconds
    double readFirstCpu = 0;
    double readLast = 0;
    double readLastCpu = 0;
};

Figures measure(const std::string &path, StoreOptions options, int ticks)
{
    fs::remove_all(path);
    Store store = must(Store::create(path, std::move(options)));
    Memory memory;
    std::vector<Tick> all{save(store, memory.bytes())};
    std::vector<double> speeds;
    std::vector<double> cpus;
    Figures out;
    for (int i = 1; i <= ticks; ++i) {
        memory.tick();
        all.push_back(save(store, memory.bytes()));
        speeds.push_back(static_cast<double>(all.back().sizes.logical.v) / kMega / all.back().seconds);
        cpus.push_back(all.back().cpu);
        out.mostOfATick = std::max(out.mostOfATick, static_cast<double>(all.back().sizes.stored.v) / kMega);
    }
    const StoreStats stats = must(store.stats());
    out.firstSpeed = static_cast<double>(all[0].sizes.logical.v) / kMega / all[0].seconds;
    out.firstCpu = all[0].cpu;
    out.tickSpeed = median(speeds);
    out.tickCpu = median(cpus);
    out.packedMb = static_cast<double>(stats.packed.v) / kMega;
    out.catalogueMb = static_cast<double>(stats.catalogue.v) / kMega;
    std::array<std::vector<double>, 4> reads;
    for (int i = 0; i < 5; ++i) {
        const Reading first = readBack(store, all[1].id);
        const Reading last = readBack(store, all.back().id);
        reads[0].push_back(first.seconds);
        reads[1].push_back(first.cpu);
        reads[2].push_back(last.seconds);
        reads[3].push_back(last.cpu);
    }
    out.readFirst = median(reads[0]);
    out.readFirstCpu = median(reads[1]);
    out.readLast = median(reads[2]);
    out.readLastCpu = median(reads[3]);
    return out;
}

void print(const char *what, const Figures &f)
{
    std::printf("%-34s %7.0f %5.0f %7.0f %5.0f %9.2f %7.1f %7.1f %7.0f %5.0f %7.0f %5.0f\n", what, f.firstSpeed,
                f.firstCpu * 1e3, f.tickSpeed, f.tickCpu * 1e3, f.mostOfATick, f.packedMb, f.catalogueMb,
                f.readFirst * 1e3, f.readFirstCpu * 1e3, f.readLast * 1e3, f.readLastCpu * 1e3);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char **argv)
{
    const fs::path folder = fs::temp_directory_path() / strCat("gantry-bench-repository-", ::rand());
    fs::create_directory(folder);
    const std::string path = (folder / "repo").string();
    std::printf("150 MB of pages, 7 %% written anew a tick; MB/s and ms of CPU of the first and of a later checkpoint, "
                "MB a\ntick, MB of packs and catalogue after all, ms and ms of CPU to read tick 1 and the last\n"
                "%-34s %7s %5s %7s %5s %9s %7s %7s %7s %5s %7s %5s\n",
                "", "first", "CPU", "later", "CPU", "new/tick", "packs", "catal.", "read 1", "CPU", "read n", "CPU");
    const Figures plain = measure(path, {}, kTicks);
    print("10 ticks", plain);
    std::ofstream((folder / "key").string()) << std::string(32, 'k');
    StoreOptions sealed;
    sealed.key = KeyFile{(folder / "key").string()};
    const Figures encrypted = measure(path, sealed, kTicks);
    print("10 ticks, encrypted", encrypted);
    const Figures many = measure(path, {}, kLongTicks);
    print("100 ticks", many);
    if (argc > 1 && std::string_view(argv[1]) == "--blocks") {
        for (const std::size_t kib : {64U, 128U, 256U}) {
            StoreOptions options;
            options.blockBytes = kib << 10;
            print(strCat("100 ticks, blocks of ", kib, " KiB").c_str(), measure(path, options, kLongTicks));
        }
    }
    const auto line = [](const char *what, double value, const char *unit, double goal, bool met) {
        std::printf("%s: %.1f %s (goal %.0f, %s)\n", what, value, unit, goal, met ? "met" : "NOT met");
    };
    line("first checkpoint", plain.firstSpeed, "MB/s", kSpeedGoal, plain.firstSpeed >= kSpeedGoal);
    line("later checkpoint", plain.tickSpeed, "MB/s", kSpeedGoal, plain.tickSpeed >= kSpeedGoal);
    line("most new data of a tick", plain.mostOfATick, "MB", kTickGoal, plain.mostOfATick <= kTickGoal);
    if (argc == 3 && std::string_view(argv[1]) == "--json") {
        std::ofstream(argv[2]) << "{\"first_mb_s\": " << plain.firstSpeed << ", \"tick_mb_s\": " << plain.tickSpeed
                               << ", \"tick_new_mb\": " << plain.mostOfATick
                               << ", \"encrypted_first_mb_s\": " << encrypted.firstSpeed
                               << ", \"read_tick_1_s\": " << many.readFirst
                               << ", \"read_tick_100_s\": " << many.readLast << "}\n";
    }
    fs::remove_all(folder);
    return 0;
}
