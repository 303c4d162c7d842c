// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of the GUI thread (its CPU time): a tick of 10 000 rows, the first paint of 1 000 nodes, panning a full
// graph. Prints a table;
// `--json FILE` writes the same for machines. Never fails on a figure.
#include <QApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMouseEvent>
#include <QTextStream>
#include <QTreeView>

#include "tests/gui/fake_host.h"
#include "widgets/charts/metric_chart.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/pages/node_tree_panel.h"

#include <algorithm>
#include <cmath>
#include <ctime>

using namespace gantry;
using namespace gantry::test;

namespace {

struct Figure
{
    QString name;
    double median = 0;
    double worst = 0;
    double goal = 0;
};

/// CPU time of this thread, so that what else the machine does is not in the figure.
class ThreadTimer
{
public:
    [[nodiscard]] double milliseconds() const { return now() - m_start; }

private:
    static double now()
    {
        timespec time{};
        ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }
    double m_start = now();
};

Figure figure(const QString &name, std::vector<double> samples, double goal)
{
    std::ranges::sort(samples);
    return {name, samples.at(samples.size() / 2), samples.back(), goal};
}

/// Everything that waits to be painted or laid out.
void settle()
{
    QCoreApplication::sendPostedEvents();
    QCoreApplication::processEvents();
}

v1::InventoryUpdate inventory(std::size_t count, std::vector<std::uint64_t> &ids)
{
    constexpr std::size_t kPerSlice = 100;
    v1::InventoryUpdate update;
    update.set_snapshot(true);
    *update.add_upserted() = hostNode();
    const v1::Node root = cgroupNode(1, NodeId::host().v, "/");
    *update.add_upserted() = root;
    v1::Node slice = root;
    for (std::size_t i = 0; i < count; ++i) {
        const bool isSlice = i % kPerSlice == 0;
        const std::string path =
            isSlice ? "/slice" + std::to_string(i) : slice.cgroup().path() + "/unit" + std::to_string(i) + ".service";
        const v1::Node node = cgroupNode(i + 2, isSlice ? root.id() : slice.id(), path);
        if (isSlice)
            slice = node;
        *update.add_upserted() = node;
        ids.push_back(node.id());
    }
    return update;
}

v1::Frame tick(const std::vector<std::uint64_t> &ids, int number)
{
    // Integer hashing: every row changes each tick and the order by CPU is another one.
    return frameOf(ids, [number](Metric metric, std::size_t row) {
        return (row * 7919 + static_cast<std::size_t>(number) * 104'729 + static_cast<std::size_t>(metric)) % 10'007;
    });
}

/// The model alone, in ms.
Figure benchApply(std::size_t rows)
{
    NodeTreeModel model;
    std::vector<std::uint64_t> ids;
    model.apply(inventory(rows, ids));
    std::vector<double> samples;
    for (int i = 0; i < 25; ++i) {
        const v1::Frame frame = tick(ids, i);
        const ThreadTimer timer;
        model.apply(frame);
        samples.push_back(timer.milliseconds());
    }
    return figure(QStringLiteral("tick of %1 rows, model alone").arg(rows), samples, 20);
}

/// Apply, sort and paint of a tick that changes every row, in ms.
Figure benchTick(std::size_t rows, int sortColumn, const QString &name)
{
    NodeTreeModel model;
    HostsTreeModel hosts;
    hosts.add(&model, {.state = HostFacts::State::Live});
    NodeTreePanel panel(&hosts);
    std::vector<std::uint64_t> ids;
    model.apply(inventory(rows, ids));
    panel.view()->sortByColumn(sortColumn, Qt::DescendingOrder);
    panel.view()->expandAll();
    panel.resize(1000, 900);
    panel.show();
    settle();
    std::vector<double> samples;
    for (int i = 0; i < 25; ++i) {
        const v1::Frame frame = tick(ids, i);
        const ThreadTimer timer;
        model.apply(frame);
        settle();
        samples.push_back(timer.milliseconds());
    }
    return figure(name, samples, 20);
}

/// Model built and first paint, in ms.
Figure benchFirstPaint(std::size_t nodes)
{
    std::vector<double> samples;
    for (int i = 0; i < 7; ++i) {
        std::vector<std::uint64_t> ids;
        const v1::InventoryUpdate update = inventory(nodes, ids);
        const v1::Frame frame = tick(ids, i);
        const ThreadTimer timer;
        NodeTreeModel model;
        HostsTreeModel hosts;
        hosts.add(&model, {.state = HostFacts::State::Live});
        NodeTreePanel panel(&hosts);
        model.apply(update);
        model.apply(frame);
        panel.resize(1000, 900);
        panel.show();
        settle();
        (void)panel.grab();
        samples.push_back(timer.milliseconds());
    }
    return figure(QStringLiteral("first paint, %1 nodes").arg(nodes), samples, 500);
}

void mouse(QWidget &widget, QEvent::Type type, const QPointF &position)
{
    QMouseEvent event(type, position, widget.mapToGlobal(position), Qt::LeftButton, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&widget, &event);
}

/// One frame of a pan over a full graph with five series, in ms.
Figure benchPan()
{
    std::vector<SeriesSpec> series(5);
    MetricChart chart(QStringLiteral("bench"), MetricUnit::Percent, series);
    for (int i = 0; i < 7'200; ++i) {
        std::vector<double> values;
        for (int s = 0; s < 5; ++s)
            values.push_back(50 + 40 * std::sin(i / (20.0 + s)));
        chart.append(1e9 + i, values);
    }
    chart.setWindow(std::chrono::seconds(7'200));
    chart.resize(900, 400);
    chart.show();
    settle();
    QWidget *plot = nullptr;
    for (QWidget *child : chart.findChildren<QWidget *>()) {
        if (child->inherits("QCustomPlot"))
            plot = child;
    }
    std::vector<double> samples;
    mouse(*plot, QEvent::MouseButtonPress, {700, 200});
    for (int i = 0; i < 100; ++i) {
        const ThreadTimer timer;
        mouse(*plot, QEvent::MouseMove, QPointF(700 - 4 * i, 200));
        plot->repaint();
        (void)plot->grab();
        samples.push_back(timer.milliseconds());
    }
    mouse(*plot, QEvent::MouseButtonRelease, {300, 200});
    return figure(QStringLiteral("pan, 7 200 points x 5 series, a frame"), samples, 1'000.0 / 60);
}

bool writeJson(const QString &fileName, const std::vector<Figure> &figures)
{
    QJsonArray out;
    for (const Figure &f : figures)
        out.append(QJsonObject{{QStringLiteral("name"), f.name},
                               {QStringLiteral("median_ms"), f.median},
                               {QStringLiteral("worst_ms"), f.worst},
                               {QStringLiteral("goal_ms"), f.goal}});
    QFile file(fileName);
    return file.open(QIODevice::WriteOnly) && file.write(QJsonDocument(out).toJson()) > 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    const QApplication app(argc, argv);
    const std::vector<Figure> figures{
        benchApply(10'000),
        benchTick(10'000, NodeTreeModel::Name, QStringLiteral("tick of 10 000 rows, sorted by name")),
        benchTick(10'000, NodeTreeModel::Cpu, QStringLiteral("tick of 10 000 rows, sorted by CPU")),
        benchFirstPaint(1'000),
        benchPan(),
    };
    QTextStream out(stdout);
    for (const Figure &f : figures)
        out << f.name.leftJustified(44) << QString::number(f.median, 'f', 2).rightJustified(10) << " ms (worst "
            << QString::number(f.worst, 'f', 2) << ", goal " << QString::number(f.goal, 'f', 1) << ")\n";
    const QStringList arguments = QCoreApplication::arguments();
    const auto json = arguments.indexOf(QStringLiteral("--json"));
    if (json >= 0 && json + 1 < arguments.size() && !writeJson(arguments.at(json + 1), figures)) {
        out << "cannot write " << arguments.at(json + 1) << '\n';
        return 1;
    }
    return 0;
}
