// SPDX-License-Identifier: GPL-3.0-or-later
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest>

#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/limit_strip.h"
#include "widgets/pages/table_panel.h"

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
