// SPDX-License-Identifier: GPL-3.0-or-later
// A container of 256 MiB, 20 MB of it written anew each second, from one gantryd to another and back and there again,
// beside what an admin has without Gantry, in the same run: "criu dump", copying the images over a real sshd on
// loopback, "criu restore". How long it stands still is what it says itself: the longest pause between two lines of its
// log. In a mount namespace whose /var/lib is memory (runApart): neither waits for a disk.
#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/criu.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/own_sshd.h"

#include <fstream>
#include <iostream>

#include <csignal>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr const char *kMib = "256";
constexpr const char *kMibEachSecond = "20";
constexpr const char *kIdle = "0"; ///< MiB each second of the one whose memory stays as it is
constexpr int kRuns = 3;
constexpr double kDowntimeGoal = 5;
constexpr double kBytesGoal = 1.3;

struct Figures
{
    std::vector<double> still; ///< ms
    std::vector<double> total; ///< ms
    std::vector<double> mib;   ///< sent
};

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

/// The longest pause between lines of milliseconds.
double longestPause(std::vector<int> lines)
{
    double out = 0;
    for (std::size_t i = 1; i < lines.size(); ++i)
        out = std::max(out, static_cast<double>(lines[i] - lines[i - 1]));
    return out;
}

double bytesIn(const std::string &folder)
{
    double out = 0;
    for (const fs::directory_entry &one : fs::directory_iterator(folder))
        out += static_cast<double>(one.file_size());
    return out;
}

bool shell(const QString &line, const QByteArray &ssh)
{
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.start("sh", {"-c", QString(line).replace("@ssh@", QString::fromUtf8(ssh))});
    return finish(process, kVerb).exitStatus == 0;
}

/// dump, copy, restore. @return false: it did not work.
bool stock(const OwnSshd &sshd, Figures &out)
{
    const std::string folder = kFolder + "/stock";
    fs::remove_all(folder);
    fs::create_directories(folder + "/from");
    fs::create_directories(folder + "/to");
    const std::string log = folder + "/log";
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::setsid();
        const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
        const int null = ::open("/dev/null", O_RDWR);
        ::dup2(null, 0);
        ::dup2(file, 1);
        ::dup2(null, 2);
        ::close_range(3, ~0U, 0);
        ::execl((kRoot + "/bin/dirty_memory").c_str(), "dirty_memory", kMib, kMibEachSecond, nullptr);
        ::_exit(1);
    }
    const auto counted = [&log](std::size_t most) {
        return QTest::qWaitFor([&] { return numbersIn(log).size() > most; }, kPatience);
    };
    if (!counted(100))
        return false;
    const QString criu = QString::fromStdString(checkpoint::criuPath());
    const QString base = QString::fromStdString(folder);
    QElapsedTimer timer;
    timer.start();
    bool good = shell(
        QStringLiteral("%1 dump -t %2 -D %3/from -o dump.log --network-lock skip").arg(criu).arg(pid).arg(base), {});
    ::waitpid(pid, nullptr, 0);
    good = good && shell(QStringLiteral("tar -C %1/from -c . | @ssh@ -p %2 root@127.0.0.1 'tar -C %1/to -x'")
                             .arg(base)
                             .arg(sshd.port()),
                         sshd.ssh());
    const std::size_t before = numbersIn(log).size();
    good = good && shell(QStringLiteral("%1 restore -d -D %2/to -o restore.log").arg(criu, base), {});
    out.total.push_back(static_cast<double>(timer.elapsed()));
    good = good && counted(before + 20);
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    out.still.push_back(longestPause(numbersIn(log)));
    out.mib.push_back(bytesIn(folder + "/from") / (1 << 20));
    fs::remove_all(folder);
    return good;
}

/// One move; what it had there is removed here, so that it can come back.
bool move(const Host &from, const std::string &name, const Host &to, const std::string &other, Figures &out)
{
    const Ran ran = from.gantryctl({"migrate", QString::fromStdString(name), to.name(), "--as",
                                    QString::fromStdString(other), "--keep-source", "--skip", "all"});
    const QJsonObject told = ran.json();
    if (ran.exitStatus != 0 || !countsOn(to, other)) {
        std::cerr << ran.all().toStdString();
        return false;
    }
    std::vector<int> lines = numbers(from, name);
    // Of the source's end: its pauses for the rounds are another figure.
    lines.erase(lines.begin(), lines.empty() ? lines.end() : lines.end() - 1);
    const std::vector<int> there = numbers(to, other);
    lines.insert(lines.end(), there.begin(), there.end());
    out.still.push_back(longestPause(lines));
    out.total.push_back(told["total_usec"].toDouble() / 1'000);
    out.mib.push_back(told["bytes"].toDouble() / (1 << 20));
    return from.gantryctl({"rmrun", QString::fromStdString(name)}).exitStatus == 0;
}

/// Of one container: there, back, and there again.
bool ours(const char *eachSecond, std::vector<Figures> &out)
{
    const std::string name = "prf-bench";
    const std::string other = "prf-bench-2";
    bool good = false;
    {
        Host a("a");
        Host b("b");
        good = a.gantryctl({"run", "--name", QString::fromStdString(name), "--rootfs", QString::fromStdString(kRoot),
                            "--", "/bin/dirty_memory", kMib, eachSecond})
                       .exitStatus == 0 &&
               QTest::qWaitFor([&] { return numbers(a, name).size() > 100; }, kPatience) &&
               move(a, name, b, other, out[0]) && move(b, other, a, name, out[1]) && move(a, name, b, other, out[2]);
        for (const auto &[host, one] : {std::pair(&a, name), std::pair(&b, other)}) {
            static_cast<void>(host->gantryctl({"kill", QString::fromStdString(one), "--yes"}));
            shell(QStringLiteral("runc delete --force %1 2>/dev/null || true").arg(QString::fromStdString(one)), {});
            static_cast<void>(host->gantryctl({"rmrun", QString::fromStdString(one)}));
        }
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    for (const char *folder : {"/a", "/b"})
        fs::remove_all(kFolder + folder);
    return good;
}

int run(const std::string &jsonFile)
{
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    fs::create_directories(kRoot + "/bin");
    fs::copy_file(DIRTY_MEMORY, kRoot + "/bin/dirty_memory");
    const OwnSshd sshd;
    Figures baseline;
    std::vector<Figures> mine(3);
    std::vector<Figures> idle(3);
    bool good = true;
    for (int i = 0; i < kRuns && good; ++i)
        good = stock(sshd, baseline) && ours(kMibEachSecond, mine);
    good = good && ours(kIdle, idle);
    if (!good) {
        std::cerr << "it did not work\n";
        return 1;
    }
    std::string json = "{";
    const auto line = [&json](const char *what, const char *key, const Figures &figures) {
        std::cout << what << ": stands still " << median(figures.still) << " ms (" << std::ranges::min(figures.still)
                  << " to " << std::ranges::max(figures.still) << "), in all " << median(figures.total) << " ms, "
                  << median(figures.mib) << " MiB\n";
        json += strCat(json.size() > 1 ? ", " : "", "\"", key, "_still_ms\": ", std::to_string(median(figures.still)),
                       ", \"", key, "_total_ms\": ", std::to_string(median(figures.total)), ", \"", key,
                       "_mib\": ", std::to_string(median(figures.mib)));
    };
    line("criu dump, ssh, criu restore", "stock", baseline);
    line("migrate, first", "first", mine[0]);
    line("migrate, back", "back", mine[1]);
    line("migrate, there again", "again", mine[2]);
    line("memory that stays as it is, first", "idle_first", idle[0]);
    line("memory that stays as it is, back", "idle_back", idle[1]);
    line("memory that stays as it is, there again", "idle_again", idle[2]);
    const auto goal = [](const char *what, double value, double wanted, bool isMet) {
        std::cout << "    " << what << ": " << value << " (goal " << wanted << ", " << (isMet ? "met" : "NOT met")
                  << ")\n";
    };
    const double shorter = median(baseline.still) / median(mine[0].still);
    goal("times shorter than the baseline, where the kernel can track", shorter, kDowntimeGoal,
         shorter >= kDowntimeGoal);
    const double bytes = median(mine[0].mib) / 256;
    goal("bytes by memory", bytes, kBytesGoal, bytes <= kBytesGoal);
    const double fewer = median(idle[0].mib) / median(idle[2].mib);
    goal("times fewer bytes when it comes again, memory that stays as it is", fewer, 5, fewer >= 5);
    if (!jsonFile.empty())
        std::ofstream(jsonFile) << json << "}\n";
    return 0;
}

} // namespace

int main(int argc, char *argv[])
{
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        return run(argc == 3 && std::string_view(argv[1]) == "--json" ? argv[2] : "");
    });
}
