// SPDX-License-Identifier: GPL-3.0-or-later
// A thousand containers that appear at once, on the console's tree: how long until all are there, and how long the window
// did not answer meanwhile. Containers are real cgroups with a podman container's names, one process in each.
#include "app/console/engine_host.h"
#include "app/console/main_window.h"
#include "engine/base/strings.h"
#include "tests/support/greedy_child.h"
#include "tests/support/scratch_cgroup.h"
#include "widgets/pages/node_tree_panel.h"

#include <QApplication>
#include <QEventLoop>
#include <QFile>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

using namespace gantry;
using namespace gantry::console;
using test::monotonicMicros;

namespace {

constexpr int kContainers = 1'000;
constexpr double kTreeGoalMs = 2'000;
constexpr double kStallGoalMs = 50;

/// Longest time between two turns of the GUI thread's event loop.
class StallWatch : public QObject
{
public:
    StallWatch()
    {
        connect(&m_beat, &QTimer::timeout, this, [this] {
            const std::int64_t now = monotonicMicros();
            m_longest = std::max(m_longest, now - m_last);
            m_last = now;
        });
        m_beat.start(1);
    }
    void restart()
    {
        m_last = monotonicMicros();
        m_longest = 0;
    }
    [[nodiscard]] double longestMs() const { return static_cast<double>(m_longest) / 1'000; }

private:
    QTimer m_beat;
    std::int64_t m_last = monotonicMicros();
    std::int64_t m_longest = 0;
};

bool runUntil(const std::function<bool()> &done)
{
    constexpr int kMost = 60'000;
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (done())
            loop.quit();
    });
    look.start(2);
    QTimer::singleShot(kMost, &loop, &QEventLoop::quit);
    loop.exec();
    return done();
}

std::string containerName(int number)
{
    const std::string digits = std::to_string(number);
    return strCat("libpod-", std::string(64 - digits.size(), 'a'), digits, ".scope");
}

} // namespace

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    const QTemporaryDir state;
    // Started before: what is measured is Gantry, not fork(2).
    std::vector<std::unique_ptr<test::ChildProcess>> processes;
    for (int i = 0; i < kContainers; ++i) {
        processes.push_back(std::make_unique<test::ChildProcess>(test::sleepForEver));
        processes.back()->go();
    }
    const test::ScratchCgroup root("burst", {"memory", "freezer"});
    EngineHost engine({.stateFolder = state.path().toStdString(), .protectedPaths = {}});
    HostClient client([&engine](const std::stop_token &) { return engine.dial(); });
    MainWindow window(client, Settings());
    window.resize(1400, 880);
    window.treePanel()->setGrouping(NodeTreeModel::Grouping::Containers);
    window.show();
    client.start();
    const QString path = QString::fromStdString(root.path().text());
    StallWatch stalls;
    if (!runUntil([&] { return window.tree().idOfPath(path).v != 0; })) {
        std::cerr << "the tree did not come\n";
        return 1;
    }
    (void)runUntil([end = monotonicMicros() + 3'000'000] { return monotonicMicros() > end; });

    const int before = window.tree().nodeCount();
    stalls.restart();
    std::atomic<std::int64_t> made = 0;
    const std::int64_t begun = monotonicMicros();
    std::jthread maker([&] {
        for (int i = 0; i < kContainers; ++i) {
            const std::string name = containerName(i);
            (void)root.makeChild(name);
            root.attach(processes[static_cast<std::size_t>(i)]->pid(), name);
        }
        made = monotonicMicros();
    });
    // Each is two nodes: its cgroup and the container.
    const bool all = runUntil([&] { return made != 0 && window.tree().nodeCount() >= before + 2 * kContainers; });
    const double treeMs = static_cast<double>(monotonicMicros() - made) / 1'000;
    (void)runUntil([end = monotonicMicros() + 3'000'000] { return monotonicMicros() > end; });
    const double stallMs = stalls.longestMs();
    const double burstMs = static_cast<double>(made - begun) / 1'000;
    maker.join();

    const auto line = [](const char *what, double value, double goal, bool met) {
        std::cout << what << ": " << value << " ms (goal <= " << goal << ", " << (met ? "met" : "NOT met") << ")\n";
    };
    std::cout << "1 000 containers made in " << burstMs << " ms\n";
    line("from the last one made until all are in the tree", treeMs, kTreeGoalMs, all && treeMs <= kTreeGoalMs);
    line("longest stall of the GUI thread meanwhile", stallMs, kStallGoalMs, stallMs <= kStallGoalMs);
    if (argc == 3 && QByteArray(argv[1]) == "--json") {
        QFile file(QString::fromLocal8Bit(argv[2]));
        if (!file.open(QIODevice::WriteOnly))
            return 1;
        file.write(QStringLiteral("{\"burst_ms\": %1, \"burst_to_tree_ms\": %2, \"burst_stall_ms\": %3}\n")
                       .arg(burstMs)
                       .arg(treeMs)
                       .arg(stallMs)
                       .toUtf8());
    }
    // The processes first: a cgroup with one cannot be removed.
    processes.clear();
    return all ? 0 : 1;
}
