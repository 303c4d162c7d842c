// SPDX-License-Identifier: GPL-3.0-or-later
// The question before several migrations, and their queue.
#include <QtTest>

#include "tests/gui/picture.h"
#include "widgets/dialogs/bulk_migrate_dialog.h"
#include "widgets/dialogs/migration_queue_window.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QTreeWidget>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using Shown = MigrationQueueWindow::State;
using Rows = std::vector<std::size_t>;

namespace {

const std::vector<MigrationHost> kOthers{{HostKey{2}, u"gone"_s, u"root@gone"_s, u"It is not connected."_s},
                                         {HostKey{3}, u"web2"_s, u"root@web2"_s},
                                         {HostKey{4}, u"web3"_s, u"root@web3"_s}};

v1::JudgeMigrationReply found(std::initializer_list<std::pair<v1::CheckFinding::Severity, const char *>> findings)
{
    v1::JudgeMigrationReply out;
    for (const auto &[severity, cause] : findings) {
        v1::CheckFinding &one = *out.add_findings();
        one.set_severity(severity);
        one.set_cause(cause);
        one.set_object("the object");
        one.set_why("the reason");
    }
    return out;
}

/// Each goes to the first host where it is possible.
std::vector<std::optional<std::size_t>> firstOf(const std::vector<std::vector<BulkVerdict>> &verdicts)
{
    std::vector<std::optional<std::size_t>> out;
    for (const auto &row : verdicts) {
        const auto at = std::ranges::find(row, true, &BulkVerdict::possible);
        out.push_back(at == row.end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - row.begin())));
    }
    return out;
}

struct AskedOf
{
    int question = 0;
    int item = 0;
    HostKey host;
    QString name;
};

struct Bulk
{
    BulkMigrateDialog dialog;
    std::vector<AskedOf> asked;

    explicit Bulk(const std::vector<HostKey> &wanted, bool all = false,
                  std::vector<BulkItem> items = {{u"a"_s}, {u"b"_s}, {u"c"_s}})
        : dialog({HostKey{1}, u"web1"_s, u"root@web1"_s}, std::move(items), kOthers, wanted, all, firstOf)
    {
        QObject::connect(&dialog, &BulkMigrateDialog::checkRequested, &dialog,
                         [this](int question, HostKey host, const std::vector<BulkQuestion> &questions) {
                             for (const BulkQuestion &one : questions)
                                 asked.push_back({question, one.item, host, one.name});
                         });
        dialog.start();
        dialog.show();
    }
    /// Answers what was asked last.
    void answer(const std::function<v1::JudgeMigrationReply(const AskedOf &)> &with)
    {
        const int question = asked.back().question;
        for (const AskedOf &one : asked) {
            if (one.question == question)
                dialog.setReply(question, one.item, one.host, with(one));
        }
    }
    [[nodiscard]] bool showsLine(const QString &line) const
    {
        const auto all = dialog.findChildren<QLineEdit *>();
        return std::ranges::any_of(all, [&line](const QLineEdit *each) { return each->text() == line; });
    }
};

} // namespace

class TestWidgetsBulk : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatCannotGo_isFirst_andLeftOut()
    {
        Bulk d({HostKey{3}});
        QCOMPARE(d.asked.size(), std::size_t{3});
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.answer([](const AskedOf &one) {
            return one.item == 1 ? found({{v1::CheckFinding::SEVERITY_ERROR, "name"}}) : found({});
        });
        QVERIFY(d.dialog.acceptButton()->isEnabled());
        QCOMPARE(d.dialog.table()->topLevelItem(0)->text(0), u"b"_s);
        QCOMPARE(d.dialog.table()->topLevelItem(0)->text(2), u"the reason"_s);
        QCOMPARE(d.dialog.table()->topLevelItem(1)->text(1), u"web2"_s);
        QVERIFY2(d.dialog.verdict().contains(u"2 of 3"_s), qPrintable(d.dialog.verdict()));
        QVERIFY(d.showsLine(u"gantryctl --host root@web1 migrate a b c root@web2"_s));
        d.dialog.parallelBox()->setValue(3);
        QVERIFY(d.showsLine(u"gantryctl --host root@web1 migrate a b c root@web2 --parallel 3"_s));
        d.dialog.transport()->wayBox()->setCurrentIndex(1);
        d.dialog.transport()->limitBox()->setValue(5);
        QVERIFY(d.showsLine(u"gantryctl --host root@web1 migrate a b c root@web2 --parallel 3 --transport direct "
                            u"--limit-rate 5M"_s));
        QVERIFY(!d.dialog.wish().timeline);
        d.dialog.timelineBox()->click();
        QVERIFY(d.showsLine(u"gantryctl --host root@web1 migrate a b c root@web2 --parallel 3 --transport direct "
                            u"--limit-rate 5M --with-timeline"_s));
        const BulkWish wish = d.dialog.wish();
        QVERIFY(wish.timeline);
        QCOMPARE(wish.parallel, 3);
        QVERIFY(wish.way == MigrationWay::Direct);
        QCOMPARE(wish.limit, std::uint64_t{5} << 20);
        QVERIFY(wish.items[0].host == HostKey{3} && !wish.items[1].host && wish.items[2].host == HostKey{3});
        QCOMPARE(wish.items[1].reason, u"the reason"_s);
        keepPicture(d.dialog, "bulk_migrate");
    }

    void warnings_arePassedOverByHand()
    {
        Bulk d({HostKey{3}});
        d.answer([](const AskedOf &) { return found({{v1::CheckFinding::SEVERITY_WARNING, "clock"}}); });
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        QCOMPARE(d.dialog.skipBoxes().size(), std::size_t{1});
        d.dialog.skipBoxes().front()->click();
        QVERIFY(d.dialog.acceptButton()->isEnabled());
        QCOMPARE(d.dialog.wish().skip, QStringList{u"clock"_s});
        QVERIFY(d.dialog.wish().items[0].host == HostKey{3});
    }

    void evacuation_asksAllHosts_eachGoesWhereItCan()
    {
        Bulk d({}, true);
        QCOMPARE(d.asked.size(), std::size_t{6}); // the host that is not connected is not asked
        d.answer([](const AskedOf &one) {
            const bool no = one.item == 0 && one.host == HostKey{3};
            return no ? found({{v1::CheckFinding::SEVERITY_ERROR, "root"}}) : found({});
        });
        QVERIFY(d.dialog.wish().items[0].host == HostKey{4} && d.dialog.wish().items[1].host == HostKey{3});
        QVERIFY(d.showsLine(u"gantryctl --host root@web1 evacuate root@web2 root@web3"_s));
        // Other hosts, other question; answers to the old one are passed over.
        const int old = d.asked.back().question;
        d.dialog.hostList()->item(1)->setCheckState(Qt::Unchecked);
        QVERIFY(d.asked.back().question > old);
        d.dialog.setReply(old, 0, HostKey{4}, found({}));
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.dialog.hostList()->item(2)->setCheckState(Qt::Unchecked);
        QVERIFY(d.dialog.verdict().contains(u"Choose a host"_s));
        keepPicture(d.dialog, "bulk_evacuate");
    }

    void namesThere_areMadeOfThoseHere_orGiven()
    {
        Bulk d({HostKey{3}});
        d.dialog.nameEdit()->setText(u"new-{}"_s);
        QCOMPARE(d.asked.back().name, u"new-c"_s);
        d.answer([](const AskedOf &) { return found({}); });
        QCOMPARE(d.dialog.wish().items[0].name, u"new-a"_s);
        d.dialog.nameEdit()->setText(u"same"_s);
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        Bulk home({HostKey{3}}, false, {{u"new-a"_s, u"a"_s}, {u"new-b"_s, u"b"_s}});
        QVERIFY(!home.dialog.nameEdit()->isVisible());
        QCOMPARE(home.asked.back().name, u"b"_s);
    }

    void queue_saysHowEachIs()
    {
        MigrationQueueWindow window(u"web1"_s, {{u"a"_s, u"web2"_s}, {u"b"_s, u"web2"_s}, {u"c"_s, {}, u"No root."_s}});
        window.show();
        QVERIFY(window.words(2).contains(u"No root."_s));
        window.setState(0, Shown::AtWork);
        v1::MigrationPhase phase;
        phase.set_name("pre-copy 2");
        phase.set_bytes(std::uint64_t{3} << 20);
        window.setPhase(0, phase);
        QVERIFY2(window.words(0).contains(u"round 2"_s) && window.words(0).contains(u"3 MiB"_s),
                 qPrintable(window.words(0)));
        QSignalSpy gives(&window, &MigrationQueueWindow::giveUpRequested);
        QVERIFY(!window.giveUpButton()->isEnabled()); // none is chosen
        window.table()->topLevelItem(1)->setSelected(true);
        window.giveUpButton()->click();
        QCOMPARE(gives.takeFirst().front().value<Rows>(), Rows{1});
        window.giveUpAllButton()->click();
        QCOMPARE(gives.takeFirst().front().value<Rows>(), (Rows{0, 1}));
        QVERIFY(!window.giveUpAllButton()->isDefault());

        v1::MigrationDone done;
        done.set_downtime_usec(420'000);
        done.set_bytes(std::uint64_t{5} << 20);
        window.setDone(0, done);
        QVERIFY(window.words(0).contains(u"420 ms"_s) && window.words(0).contains(u"5 MiB"_s));
        QVERIFY(!window.rollBackAllButton()->isEnabled()); // not while one is to come
        window.setFailed(1, u"The disk is full."_s, Shown::Failed);
        QVERIFY2(window.summary().contains(u"1 of 3 moved, 1 failed, 1 left out"_s), qPrintable(window.summary()));
        QSignalSpy again(&window, &MigrationQueueWindow::retryRequested);
        window.retryButton()->click();
        QCOMPARE(again.takeFirst().front().value<Rows>(), Rows{1});
        QSignalSpy back(&window, &MigrationQueueWindow::rollBackRequested);
        window.rollBackAllButton()->click();
        QCOMPARE(back.takeFirst().front().value<Rows>(), Rows{0});
        keepPicture(window, "migration_queue");
        window.setState(0, Shown::Back);
        QVERIFY(!window.rollBackAllButton()->isEnabled() && !window.giveUpAllButton()->isEnabled());
    }
};

QTEST_MAIN(TestWidgetsBulk)
#include "tst_widgets_bulk.moc"
