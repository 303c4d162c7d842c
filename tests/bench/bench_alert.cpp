// SPDX-License-Identifier: GPL-3.0-or-later
// From a kernel event of a real cgroup to the alert painted in the window: an OOM kill, and memory reaching 90 % of its
// limit. The clock starts at the victim's last page, before the kernel knows.
#include "app/console/engine_host.h"
#include "app/console/main_window.h"
#include "engine/base/strings.h"
#include "tests/support/greedy_child.h"
#include "tests/support/scratch_cgroup.h"
#include "widgets/models/alert_model.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/node_tree_panel.h"
#include "widgets/pages/table_panel.h"
#include "widgets/text/labels.h"

#include <QApplication>
#include <QEventLoop>
#include <QFile>
#include <QTableView>
#include <QTemporaryDir>
#include <QTimer>

#include <algorithm>
#include <functional>
#include <iostream>
#include <vector>

using namespace gantry;
using namespace gantry::console;
using test::monotonicMicros;

namespace {

constexpr std::uint64_t kLimit = std::uint64_t{16} << 20;
constexpr std::uint64_t kBelowLimit = std::uint64_t{15} << 20; ///< more than 90 % of it
constexpr int kRounds = 15;
constexpr int kOthers = 1'000; ///< cgroups besides the victim's
constexpr double kGoalMs = 100;

/// Runs the event loop until `done`, ten seconds at most.
bool runUntil(const std::function<bool()> &done)
{
    QEventLoop loop;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, &loop, [&] {
        if (done())
            loop.quit();
    });
    look.start(5);
    QTimer::singleShot(10'000, &loop, &QEventLoop::quit);
    loop.exec();
    return done();
}

/// Notices when a row of a cgroup has been painted inside the visible part of the alerts' table.
class AlertWatch : public QObject
{
public:
    explicit AlertWatch(QTableView *view) : m_view(view) { view->viewport()->installEventFilter(this); }

    void await(const QString &path, const QString &rule)
    {
        m_path = path;
        m_rule = rule;
        m_painted = 0;
    }
    /// CLOCK_MONOTONIC right after the paint; 0: not yet.
    [[nodiscard]] std::int64_t painted() const { return m_painted; }

    bool eventFilter(QObject * /*watched*/, QEvent *event) override
    {
        if (event->type() == QEvent::Paint && m_painted == 0 && isVisible())
            QTimer::singleShot(0, this, [this] { // after this paint event has run
                if (m_painted == 0)
                    m_painted = monotonicMicros();
            });
        return false;
    }

private:
    [[nodiscard]] bool isVisible() const
    {
        const QAbstractItemModel &model = *m_view->model();
        for (int row = 0; row < model.rowCount(); ++row) {
            const QModelIndex index = model.index(row, 0);
            if (index.data(PathRole).toString() == m_path && index.siblingAtColumn(AlertModel::Rule).data() == m_rule)
                return m_view->viewport()->rect().intersects(m_view->visualRect(index));
        }
        return false;
    }

    QTableView *m_view;
    QString m_path;
    QString m_rule; ///< as the table shows it
    std::int64_t m_painted = 0;
};

/// Milliseconds from the last page to the paint, round by round. @param most bytes the victim takes.
std::vector<double> measure(const MainWindow &window, AlertWatch &watch, const std::string &rule, std::uint64_t most)
{
    v1::AlertRule builtIn;
    builtIn.set_id(rule);
    builtIn.set_built_in(true);
    std::vector<double> out;
    for (int round = 0; round < kRounds; ++round) {
        const test::GreedyChild greedy(most);
        test::ChildProcess child(greedy.body());
        const test::ScratchCgroup scratch("alert", {"memory"});
        scratch.write("memory", "memory.limit_in_bytes", std::to_string(kLimit));
        scratch.attach(child.pid());
        const QString path = QString::fromStdString(scratch.path().text());
        watch.await(path, text::ruleName(builtIn));
        if (!runUntil([&] { return window.tree().idOfPath(path).v != 0; }))
            std::cerr << "the tree never showed the cgroup\n";
        child.go();
        if (runUntil([&] { return watch.painted() != 0; }))
            out.push_back(static_cast<double>(watch.painted() - greedy.touched()) / 1'000);
        else
            std::cerr << "no alert within 10 s, or out of sight\n";
    }
    std::ranges::sort(out);
    return out;
}

double at(const std::vector<double> &sorted, double part)
{
    return sorted.empty() ? -1 : sorted[static_cast<std::size_t>(static_cast<double>(sorted.size() - 1) * part)];
}

void line(const char *what, const std::vector<double> &sorted)
{
    std::cout << what << ", median of " << sorted.size() << ": " << at(sorted, 0.5) << " ms, most " << at(sorted, 1)
              << " ms (goal <= " << kGoalMs << ", "
              << (sorted.size() == kRounds && at(sorted, 0.5) <= kGoalMs ? "met" : "NOT met") << ")\n";
}

} // namespace

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    const QTemporaryDir state;
    const test::ScratchCgroup others("others", {"memory", "cpu", "pids"});
    for (int i = 0; i < kOthers; ++i)
        (void)others.makeChild(strCat("c", i));

    EngineHost engine({.stateFolder = state.path().toStdString(), .protectedPaths = {}});
    HostClient client([&engine](const std::stop_token &) { return engine.dial(); });
    MainWindow window(client, Settings());
    window.resize(1400, 880);
    window.show();
    client.start();
    if (!runUntil([&] { return window.tree().nodeCount() >= kOthers; })) {
        std::cerr << "the tree did not come\n";
        return 1;
    }
    AlertWatch watch(window.findChild<AlertsPanel *>()->table()->view());
    const std::vector<double> kills = measure(window, watch, "oom-kill", 4 * kLimit);
    const std::vector<double> limits = measure(window, watch, "memory-near-max", kBelowLimit);
    line("OOM kill to the alert on screen, 1 000 cgroups", kills);
    line("90 % of memory.max to the alert on screen, 1 000 cgroups", limits);
    if (argc == 3 && QByteArray(argv[1]) == "--json") {
        QFile file(QString::fromLocal8Bit(argv[2]));
        if (!file.open(QIODevice::WriteOnly))
            return 1;
        file.write(QStringLiteral("{\"oom_to_screen_ms\": %1, \"oom_to_screen_most_ms\": %2, "
                                  "\"limit_to_screen_ms\": %3, \"limit_to_screen_most_ms\": %4}\n")
                       .arg(at(kills, 0.5))
                       .arg(at(kills, 1))
                       .arg(at(limits, 0.5))
                       .arg(at(limits, 1))
                       .toUtf8());
    }
    return 0;
}
