// SPDX-License-Identifier: GPL-3.0-or-later
// What a console takes that is connected to 20 hosts with 200 containers each, all of which work a little. Each host is
// a gantryd with a pid, mount, cgroup and UTS namespace of its own, and a process in each of its containers' cgroups.
#include "app/console/engine_host.h"
#include "app/console/main_window.h"
#include "app/link/connection.h"
#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "tests/support/apart.h"
#include "tests/support/scratch_cgroup.h"
#include "widgets/pages/host_tree_view.h"
#include "widgets/pages/node_tree_panel.h"

#include <QApplication>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <thread>

#include <csignal>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::console;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int kHosts = 20;
constexpr int kContainers = 200; ///< of each
constexpr int kSettle = 10;      ///< seconds
constexpr int kMeasured = 30;    ///< seconds
constexpr int kConnect = 120;    ///< seconds until all have to be there
constexpr double kCpuGoal = 10;  ///< percent of a core
constexpr double kResidentGoal = 300;
const std::string kFolder = "/var/lib/gantry-test";
const std::string kCgroups = "/sys/fs/cgroup";

[[noreturn]] void giveUp(const char *what)
{
    std::fprintf(stderr, "bench_fleet: %s: %s\n", what, std::strerror(errno));
    ::_exit(1);
}

std::string socketOf(int host)
{
    return strCat(kFolder, "/", host, ".sock");
}

/// Hierarchies that this process is in a cgroup of its own in, mounted so that that is their root.
std::vector<std::string> ownCgroups()
{
    std::vector<std::pair<std::string, std::string>> wanted; // folder, options
    const auto text = readFile("/proc/self/cgroup");
    std::string_view rest = text ? std::string_view(*text) : std::string_view();
    while (!rest.empty()) {
        const std::string_view line = takeLine(rest).value_or("");
        const std::string_view names = line.substr(line.find(':') + 1);
        const std::string_view name = names.substr(0, names.find(':'));
        if (names.substr(name.size() + 1) == "/" || name.find(',') != std::string_view::npos)
            continue;
        wanted.emplace_back(name.empty() ? "unified" : std::string(name), name);
    }
    if (::unshare(CLONE_NEWCGROUP) != 0)
        giveUp("a cgroup namespace");
    ::umount2(kCgroups.c_str(), MNT_DETACH);
    if (::mount("gantry-test", kCgroups.c_str(), "tmpfs", 0, "mode=755") != 0)
        giveUp("a tmpfs");
    std::vector<std::string> out;
    for (const auto &[name, options] : wanted) {
        out.push_back(strCat(kCgroups, "/", name));
        fs::create_directory(out.back());
        if (::mount("cgroup", out.back().c_str(), options.empty() ? "cgroup2" : "cgroup", 0, options.c_str()) != 0)
            giveUp(out.back().c_str());
    }
    return out;
}

/// Works a little each second: writes some memory anew.
[[noreturn]] void work()
{
    ::prctl(PR_SET_NAME, "worker");
    std::vector<char> memory(std::size_t{256} << 10);
    for (;;) {
        std::this_thread::sleep_for(1s);
        for (std::size_t i = 0; i < memory.size(); i += 512)
            memory[i] = static_cast<char>(memory[i] + 1);
    }
}

/// A process in a cgroup that is named as one of Docker's.
void startContainer(const std::vector<std::string> &hierarchies, int number)
{
    const pid_t pid = ::fork();
    if (pid == 0)
        work();
    char id[65];
    std::snprintf(id, sizeof id, "%064x", number + 1);
    for (const std::string &hierarchy : hierarchies) {
        const std::string folder = strCat(hierarchy, "/docker/", id);
        fs::create_directories(folder);
        if (!(std::ofstream(folder + "/cgroup.procs") << pid << std::flush))
            giveUp(folder.c_str());
    }
}

/// Makes this process the first one of a host. @param number from 0; below 0: the console's, without containers.
/// @param cgroup that the host is in, in several hierarchies.
void enterHost(int number, const std::string &cgroup)
{
    for (const fs::directory_entry &hierarchy : fs::directory_iterator(kCgroups)) {
        const fs::path procs = hierarchy.path() / fs::path(cgroup).relative_path() / "cgroup.procs";
        if (fs::exists(procs) && !(std::ofstream(procs) << 0 << std::flush))
            giveUp(procs.c_str());
    }
    if (::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS) != 0)
        giveUp("namespaces");
    if (const pid_t inside = ::fork(); inside != 0) { // whose end is this one's
        int status = 0;
        ::waitpid(inside, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("proc", "/proc", "proc", 0, nullptr) != 0)
        giveUp("/proc");
    const std::string name = strCat("host", number);
    if (::sethostname(name.c_str(), name.size()) != 0)
        giveUp("a host name");
    const std::vector<std::string> cgroups = ownCgroups();
    for (int i = 0; number >= 0 && i < kContainers; ++i)
        startContainer(cgroups, i);
}

int runHost(int number, const std::string &cgroup)
{
    enterHost(number, cgroup);
    ::execl(GANTRYD, "gantryd", "--socket", socketOf(number).c_str(), "--state", strCat(kFolder, "/", number).c_str(),
            nullptr);
    giveUp(GANTRYD);
}

double residentMiB()
{
    const auto text = readFile("/proc/self/status");
    const std::size_t at = text ? text->find("VmRSS:") : std::string::npos;
    return at == std::string::npos ? 0 : std::strtod(text->c_str() + at + 6, nullptr) / 1'024;
}

double cpuSeconds()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

HostClient::Dial dialTo(int host)
{
    return [host](const std::stop_token &stop) -> Result<Reached> {
        const link::Destination to = GANTRY_TRY(link::parseDestination("unix:" + socketOf(host)));
        std::shared_ptr<link::Connection> connection = GANTRY_TRY(link::Connection::dial(to, {}, stop));
        return Reached(std::shared_ptr<grpc::Channel>(connection, connection->channel().get()));
    };
}

/// Prints what it took, a line each: "NAME VALUE". In a process and on a host of its own.
int runConsole(int argc, char **argv, const std::string &cgroup)
{
    enterHost(-1, cgroup);
    QApplication app(argc, argv);
    const QTemporaryDir state;
    EngineHost engine({.stateFolder = state.path().toStdString(), .protectedPaths = {}});
    HostClient client([&engine](const std::stop_token &) { return engine.dial(); });
    std::vector<std::unique_ptr<HostClient>> clients;
    MainWindow window(client, Settings());
    std::vector<HostKey> keys;
    for (int i = 0; i < kHosts; ++i) {
        clients.push_back(std::make_unique<HostClient>(dialTo(i)));
        keys.push_back(window.addHost(*clients.back(), QStringLiteral("host%1").arg(i), {}, {}));
    }
    window.resize(1400, 880);
    window.show();
    client.start();
    for (const auto &one : clients)
        one->start();
    const auto run = [](int seconds) {
        QTimer::singleShot(seconds * 1'000, qApp, [] { QApplication::quit(); });
        QApplication::exec();
    };
    const auto isThere = [&] {
        return std::ranges::all_of(keys, [&window](HostKey key) {
            const NodeTreeModel *tree = window.hosts().treeOf(key);
            return tree != nullptr && tree->nodeCount() > kContainers;
        });
    };
    for (int i = 0; !isThere(); ++i) {
        if (i == kConnect) {
            std::cerr << "not all hosts are there\n";
            return 1;
        }
        run(1);
    }
    int frames = 0;
    for (const auto &one : clients)
        QObject::connect(one.get(), &HostClient::frameArrived, &window, [&frames] { ++frames; });
    const auto measure = [&run, &frames](const char *what) {
        run(kSettle);
        frames = 0;
        const double before = cpuSeconds();
        const auto begin = std::chrono::steady_clock::now();
        run(kMeasured);
        const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        std::cout << what << "_cpu " << 100 * (cpuSeconds() - before) / took << '\n'
                  << what << "_mib " << residentMiB() << '\n'
                  << what << "_frames " << frames / took / kHosts << std::endl;
    };
    measure("closed");
    window.treePanel()->view()->expandAll();
    measure("open");
    return 0;
}

int run(const char *self, const std::string &jsonFile)
{
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    fs::create_directories(kFolder);
    std::vector<std::unique_ptr<QProcess>> processes;
    std::vector<std::unique_ptr<test::ScratchCgroup>> cgroups;
    const auto start = [&](const QStringList &words) -> QProcess & {
        cgroups.push_back(std::make_unique<test::ScratchCgroup>(strCat("h", cgroups.size())));
        processes.push_back(std::make_unique<QProcess>());
        QProcess &process = *processes.back();
        process.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process.start(QString::fromLocal8Bit(self),
                      words + QStringList(QString::fromStdString(cgroups.back()->path().text())));
        return process;
    };
    for (int i = 0; i < kHosts; ++i)
        start({QStringLiteral("--as-host"), QString::number(i)});
    QProcess &console = start({QStringLiteral("--as-console")});
    console.waitForFinished(kConnect * 1'000 + 2 * (kSettle + kMeasured) * 1'000 + 30'000);
    const QByteArray out = console.readAllStandardOutput();
    const bool good = console.state() == QProcess::NotRunning && console.exitCode() == 0;
    for (const auto &process : processes)
        process->kill();
    for (const auto &process : processes)
        process->waitForFinished();
    processes.clear();
    cgroups.clear();
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    if (!good) {
        std::cerr << "it did not work\n";
        return 1;
    }
    std::string json = "{";
    for (const QByteArray &line : out.trimmed().split('\n')) {
        const QList<QByteArray> words = line.split(' ');
        const double value = words.value(1).toDouble();
        std::cout << kHosts << " hosts of " << kContainers << " containers, tree "
                  << (words[0].startsWith("open") ? "open" : "closed") << ": " << value;
        if (words[0].endsWith("_frames")) {
            std::cout << " frames a second of each host\n";
        } else {
            const bool isCpu = words[0].endsWith("_cpu");
            const double goal = isCpu ? kCpuGoal : kResidentGoal;
            std::cout << (isCpu ? " % of a core" : " MiB") << " (goal <= " << goal << ", "
                      << (value > 0 && value <= goal ? "met" : "NOT met") << ")\n";
        }
        json += strCat(json.size() > 1 ? ", " : "", "\"", words[0].toStdString(), "\": ", std::to_string(value));
    }
    if (!jsonFile.empty())
        std::ofstream(jsonFile) << json << "}\n";
    return 0;
}

} // namespace

int main(int argc, char *argv[])
{
    if (argc == 4 && std::string_view(argv[1]) == "--as-host")
        return runHost(std::atoi(argv[2]), argv[3]);
    if (argc == 3 && std::string_view(argv[1]) == "--as-console")
        return runConsole(argc, argv, argv[2]);
    return test::runApart(argv, [&] {
        const QCoreApplication application(argc, argv);
        return run(argv[0], argc == 3 && std::string_view(argv[1]) == "--json" ? argv[2] : "");
    });
}
