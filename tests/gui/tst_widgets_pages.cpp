// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest>

#include "widgets/charts/metric_chart.h"
#include "widgets/charts/values_dialog.h"
#include "widgets/dialogs/confirm_dialog.h"
#include "widgets/models/roles.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/table_panel.h"
#include "widgets/text/format.h"

#include <array>
#include <cmath>

using namespace gantry;

namespace {

QPushButton *buttonWith(const QWidget &widget, const QString &text)
{
    for (QPushButton *button : widget.findChildren<QPushButton *>()) {
        if (button->text().remove(QLatin1Char('&')).contains(text))
            return button;
    }
    return nullptr;
}

bool shows(const QWidget &widget, const QString &text)
{
    return std::ranges::any_of(widget.findChildren<QLabel *>(),
                               [&text](const QLabel *label) { return label->text().contains(text); });
}

} // namespace

class TestWidgetsPages : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void chart_speaksOfARareSeriesOnlyWhereItIs()
    {
        MetricChart chart(QStringLiteral("Memory"), MetricUnit::Byte,
                          {{Metric::MemoryCurrent, QStringLiteral("in use"), true},
                           {Metric::MemoryIntervalPeak, QStringLiteral("peak"), false, true}});
        const double gap = std::numeric_limits<double>::quiet_NaN();
        chart.append(1, std::vector{5.0 * 1024, gap});
        QVERIFY(chart.summary().contains(QStringLiteral("in use")));
        QVERIFY(!chart.summary().contains(QStringLiteral("peak")));
        chart.append(2, std::vector{gap, 7.0 * 1024});
        QVERIFY(chart.summary().contains(QStringLiteral("in use: ")));
        QVERIFY(chart.summary().contains(QStringLiteral("peak: 7")));
    }

    void chart_isHeardAsAChartWithItsValues()
    {
        MetricChart chart(QStringLiteral("Memory"), MetricUnit::Byte,
                          {{Metric::MemoryCurrent, QStringLiteral("in use"), false}});
        chart.resize(400, 200);
        chart.show();
        chart.append(100, std::array{4096.0});
        QAccessibleInterface *heard = QAccessible::queryAccessibleInterface(&chart);
        QVERIFY(heard);
        QCOMPARE(heard->role(), QAccessible::Chart);
        QCOMPARE(heard->text(QAccessible::Name), QStringLiteral("Memory"));
        QTRY_VERIFY2(heard->text(QAccessible::Description).contains(QStringLiteral("4 KiB")),
                     qPrintable(heard->text(QAccessible::Description)));
    }

    void chart_withFocus_hasAFrame()
    {
        MetricChart chart(QStringLiteral("Memory"), MetricUnit::Byte,
                          {{Metric::MemoryCurrent, QStringLiteral("in use"), false}});
        chart.resize(400, 200);
        chart.show();
        QVERIFY(QTest::qWaitForWindowActive(&chart));
        const auto corner = [&chart] { return chart.grab().toImage().pixelColor(0, 0); };
        chart.clearFocus();
        QVERIFY(corner() != chart.palette().color(QPalette::Highlight));
        chart.setFocus();
        QCOMPARE(corner(), chart.palette().color(QPalette::Highlight));
    }

    void values_newestFirst_gapsAreNoZeros()
    {
        ValuesModel model(MetricUnit::Byte, {100, 101}, {{QStringLiteral("in use"), {4096, std::nan("")}}});
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0, 1).data().toString(), text::absent());
        QCOMPARE(model.index(1, 1).data().toString(), text::bytes(4096));
        QCOMPARE(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("in use"));
    }

    void alerts_deleteOfARule_asks()
    {
        AlertsPanel panel;
        v1::RuleList rules;
        rules.add_rules()->set_id("mine");
        rules.mutable_rules(0)->set_name("Mine");
        panel.setRules(rules);
        panel.findChild<QListWidget *>()->setCurrentRow(0);
        const QSignalSpy deletes(&panel, &AlertsPanel::ruleDeleteRequested);
        buttonWith(panel, QStringLiteral("Delete"))->click();
        auto *question = panel.findChild<ConfirmDialog *>();
        QVERIFY(question && shows(*question, QStringLiteral("cannot be undone")));
        QCOMPARE(deletes.count(), 0);
        question->acceptButton()->click();
        QCOMPARE(deletes.count(), 1);
        QCOMPARE(deletes.at(0).at(0).toString(), QStringLiteral("mine"));
    }

    void alerts_standOpenWorstAndNewestFirst()
    {
        AlertsPanel panel;
        v1::AlertUpdate update;
        const auto add = [&update](std::uint64_t id, v1::Severity severity, bool resolved) {
            v1::Alert &alert = *update.add_alerts();
            alert.set_id(id);
            alert.set_severity(severity);
            alert.set_resolved(resolved);
            alert.set_raised_realtime_usec(1'790'000'000'000'000 + static_cast<std::int64_t>(id));
        };
        add(1, v1::SEVERITY_WARNING, false);
        add(2, v1::SEVERITY_CRITICAL, true);
        add(3, v1::SEVERITY_CRITICAL, false);
        add(4, v1::SEVERITY_WARNING, false);
        add(5, v1::SEVERITY_CRITICAL, false);
        panel.apply(update);
        const QAbstractItemModel &shown = *panel.table()->view()->model();
        QList<quint64> order;
        for (int row = 0; row < shown.rowCount(); ++row)
            order << shown.index(row, 0).data(IdRole).toULongLong();
        QCOMPARE(order, (QList<quint64>{5, 3, 4, 1, 2}));
    }

    void alerts_acknowledgedWithNote_carryIt()
    {
        AlertsPanel panel;
        v1::AlertUpdate update;
        for (const std::uint64_t id : {std::uint64_t{1}, std::uint64_t{2}}) {
            v1::Alert &alert = *update.add_alerts();
            alert.set_id(id);
            alert.set_severity(v1::SEVERITY_WARNING);
        }
        panel.apply(update);
        QPushButton *button = buttonWith(panel, QStringLiteral("with note"));
        QVERIFY(!button->isEnabled());
        panel.table()->view()->selectAll();
        QVERIFY(button->isEnabled());
        const QSignalSpy requests(&panel, &AlertsPanel::acknowledgeRequested);
        button->click();
        auto *dialog = panel.findChild<QInputDialog *>();
        dialog->setTextValue(QStringLiteral(" known: backup "));
        QCOMPARE(requests.count(), 0);
        dialog->accept();
        QCOMPARE(requests.count(), 1);
        const auto request = requests.at(0).at(0).value<v1::AcknowledgeRequest>();
        QCOMPARE(request.alert_ids_size(), 2);
        QCOMPARE(request.note(), std::string("known: backup"));
    }

    void strip_changeNotRecorded_isToldUntilDismissed()
    {
        LimitStrip strip;
        v1::SetLimitsReply reply;
        reply.set_cgroup_path("/web");
        strip.setApplied(reply);
        QVERIFY(strip.isHidden());
        reply.set_not_recorded("No space left on device");
        strip.setApplied(reply);
        strip.setPending({}); // another node is looked at
        QVERIFY(!strip.isHidden());
        QVERIFY(shows(strip, QStringLiteral("/web")));
        QVERIFY(shows(strip, QStringLiteral("No space left on device")));
        const QSignalSpy reverts(&strip, &LimitStrip::revertRequested);
        buttonWith(strip, QStringLiteral("Dismiss"))->click();
        QVERIFY(strip.isHidden());
        QCOMPARE(reverts.count(), 0);
    }
};

QTEST_MAIN(TestWidgetsPages)
#include "tst_widgets_pages.moc"
