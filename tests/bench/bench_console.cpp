// SPDX-License-Identifier: GPL-3.0-or-later
// Start of the console until the tree is painted, and its resident memory, on trees of real cgroups.
#include "app/console/engine_host.h"
#include "app/console/main_window.h"
#include "engine/base/strings.h"
#include "tests/support/greedy_child.h"
#include "tests/support/scratch_cgroup.h"
#include "widgets/pages/node_tree_panel.h"

#include <QApplication>
#include <QEvent>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTimer>
#include <QTreeView>

#include <iostream>

using namespace gantry;
using namespace gantry::console;

namespace {

constexpr int kGroup = 100; ///< cgroups below each of the top ones

double residentMiB()
{
    QFile status(QStringLiteral("/proc/self/status"));
    if (!status.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.simplified().split(' ').value(1).toDouble() / 1'024;
    }
    return 0;
}

/// Notices the first paint of the tree view that shows the whole tree.
class PaintWatch : public QObject
{
public:
    PaintWatch(const MainWindow &window, int nodes, std::function<void()> painted)
        : m_window(window), m_nodes(nodes), m_painted(std::move(painted))
    {
        window.treePanel()->view()->viewport()->installEventFilter(this);
    }

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        if (event->type() == QEvent::Paint && m_painted && m_window.tree().nodeCount() >= m_nodes) {
            // After this paint event has run.
            QTimer::singleShot(0, watched, std::exchange(m_painted, nullptr));
        }
        return false;
    }

private:
    const MainWindow &m_window;
    int m_nodes;
    std::function<void()> m_painted;
};

/// Runs in a process of its own: prints "FIRST_PAINT_MS RSS_MIB" once `seconds` have gone since the first paint.
int measure(int argc, char **argv)
{
    const std::int64_t started = QByteArray(argv[2]).toLongLong();
    const int nodes = QByteArray(argv[3]).toInt();
    const int seconds = QByteArray(argv[4]).toInt();
    QApplication app(argc, argv);
    const QTemporaryDir state;
    EngineHost engine({.stateFolder = state.path().toStdString(), .protectedPaths = {}});
    HostClient client([&engine](const std::stop_token &) { return engine.dial(); });
    MainWindow window(client, Settings());
    window.resize(1400, 880);
    const PaintWatch watch(window, nodes, [started, seconds] {
        const double firstPaint = static_cast<double>(test::monotonicMicros() - started) / 1'000;
        QTimer::singleShot(seconds * 1'000, qApp, [firstPaint] {
            std::cout << firstPaint << ' ' << residentMiB() << std::endl;
            QApplication::quit();
        });
    });
    window.show();
    client.start();
    return QApplication::exec();
}

struct Figures
{
    double firstPaintMs = 0;
    double residentMiB = 0;
};

/// Starts a console on the present tree. @param seconds how long it runs after the first paint.
Figures startConsole(const QString &self, int nodes, int seconds)
{
    QProcess console;
    console.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    console.start(self, {QStringLiteral("--measure"), QString::number(test::monotonicMicros()), QString::number(nodes),
                         QString::number(seconds)});
    console.waitForFinished(120'000);
    const QList<QByteArray> words = console.readAllStandardOutput().simplified().split(' ');
    return {words.value(0).toDouble(), words.value(1).toDouble()};
}

void makeTree(const test::ScratchCgroup &root, int count)
{
    for (int i = 0; i < count / kGroup; ++i) {
        for (int j = 0; j < kGroup - 1; ++j)
            (void)root.makeChild(strCat("g", i, "/c", j));
    }
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

void line(const char *what, double value, const char *unit, double goal)
{
    std::cout << what << ": " << value << ' ' << unit << " (goal <= " << goal << ", "
              << (value > 0 && value <= goal ? "met" : "NOT met") << ")\n";
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 5 && QByteArray(argv[1]) == "--measure")
        return measure(argc, argv);
    const QString self = QString::fromLocal8Bit(argv[0]);
    constexpr int kSmall = 1'000;
    constexpr int kLarge = 10'000;
    std::vector<double> paints;
    {
        const test::ScratchCgroup root("bench", {"memory", "cpu", "pids", "freezer"});
        makeTree(root, kSmall);
        for (int run = 0; run < 5; ++run)
            paints.push_back(startConsole(self, kSmall, 0).firstPaintMs);
    }
    Figures large;
    {
        const test::ScratchCgroup root("bench", {"memory", "cpu", "pids", "freezer"});
        makeTree(root, kLarge);
        large = startConsole(self, kLarge, 30);
    }
    line("first painted tree after start, 1 000 cgroups, median of 5", median(paints), "ms", 500);
    line("console with engine resident after 30 s, 10 000 cgroups", large.residentMiB, "MiB", 200);
    std::cout << "first painted tree after start, 10 000 cgroups: " << large.firstPaintMs << " ms\n";
    if (argc == 3 && QByteArray(argv[1]) == "--json") {
        QFile file(QString::fromLocal8Bit(argv[2]));
        if (!file.open(QIODevice::WriteOnly))
            return 1;
        file.write(QStringLiteral("{\"first_paint_1000_ms\": %1, \"first_paint_10000_ms\": %2, "
                                  "\"resident_10000_mib\": %3}\n")
                       .arg(median(paints))
                       .arg(large.firstPaintMs)
                       .arg(large.residentMiB)
                       .toUtf8());
    }
    return 0;
}
