// SPDX-License-Identifier: GPL-3.0-or-later
// The question before a migration, and its progress.
#include <QtTest>

#include "tests/gui/picture.h"
#include "widgets/dialogs/migrate_dialog.h"
#include "widgets/dialogs/migration_progress.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

const std::vector<MigrationHost> kHosts{{HostKey{2}, u"gone"_s, u"root@gone"_s, u"It is not connected."_s},
                                        {HostKey{3}, u"web2"_s, u"root@web2"_s},
                                        {HostKey{4}, u"web3"_s, u"root@web3"_s}};

v1::JudgeMigrationReply replyOf(std::initializer_list<std::pair<v1::CheckFinding::Severity, const char *>> findings)
{
    v1::JudgeMigrationReply out;
    for (const auto &[severity, cause] : findings) {
        v1::CheckFinding &one = *out.add_findings();
        one.set_severity(severity);
        one.set_cause(cause);
        one.set_object("the object");
        one.set_why("the reason");
        one.set_remedy("the remedy");
    }
    return out;
}

struct Asked
{
    int question = 0;
    HostKey host;
    QString name;
};

struct Dialog
{
    MigrateDialog dialog;
    std::vector<Asked> asked;

    explicit Dialog(HostKey wanted = {}) : dialog(u"web"_s, {HostKey{1}, u"web1"_s, u"root@web1"_s}, kHosts, wanted)
    {
        QObject::connect(&dialog, &MigrateDialog::checkRequested, &dialog,
                         [this](int question, HostKey host, const QString &name) {
                             asked.push_back({question, host, name});
                         });
        dialog.start();
        dialog.show();
    }
};

} // namespace

class TestWidgetsMigrate : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void theFirstThatMayBe_isAsked()
    {
        Dialog d;
        QCOMPARE(d.asked.size(), std::size_t{1});
        QVERIFY(d.asked.front().host == HostKey{3});
        QCOMPARE(d.asked.front().name, u"web"_s);
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        // Refused hosts are there, and say why.
        QCOMPARE(d.dialog.hostBox()->count(), 3);
        QCOMPARE(d.dialog.hostBox()->itemData(0, Qt::ToolTipRole).toString(), u"It is not connected."_s);
        Dialog wanted(HostKey{4});
        QVERIFY(wanted.asked.front().host == HostKey{4});
    }

    void error_keepsTheButtonOff_alsoWithAllSkipped()
    {
        Dialog d;
        d.dialog.setReply(
            1, replyOf({{v1::CheckFinding::SEVERITY_ERROR, "root"}, {v1::CheckFinding::SEVERITY_WARNING, "clock"}}));
        QVERIFY(d.dialog.verdict().contains(u"cannot go to web2"_s));
        QVERIFY(d.dialog.findings().contains(u"the reason"_s) && d.dialog.findings().contains(u"the remedy"_s));
        for (QCheckBox *box : d.dialog.skipBoxes())
            box->click();
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        keepPicture(d.dialog, "migrate_refused");
    }

    void warning_isPassedOverByHand()
    {
        Dialog d;
        d.dialog.setReply(1, replyOf({{v1::CheckFinding::SEVERITY_WARNING, "clock"},
                                      {v1::CheckFinding::SEVERITY_WARNING, "clock"},
                                      {v1::CheckFinding::SEVERITY_INFO, "tcp"}}));
        QCOMPARE(d.dialog.skipBoxes().size(), std::size_t{1});
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.dialog.skipBoxes().front()->click();
        QVERIFY(d.dialog.acceptButton()->isEnabled());
        const MigrationWish wish = d.dialog.wish();
        QVERIFY(wish.host == HostKey{3});
        QCOMPARE(wish.skip, QStringList{u"clock"_s});
        QCOMPARE(wish.rounds, 3);
        QVERIFY(!wish.keep);
        const auto *line = d.dialog.findChild<QLineEdit *>(QString(), Qt::FindChildrenRecursively);
        QVERIFY(line != nullptr);
        bool shown = false;
        for (const auto *each : d.dialog.findChildren<QLineEdit *>())
            shown = shown || each->text() == u"gantryctl --host root@web1 migrate web root@web2 --skip clock"_s;
        QVERIFY(shown);
        keepPicture(d.dialog, "migrate_warned");
    }

    void wayAndLimit_areAskedFor()
    {
        Dialog d;
        d.dialog.setReply(1, replyOf({}));
        QVERIFY(d.dialog.wish().way == MigrationWay::Auto);
        QCOMPARE(d.dialog.wish().limit, std::uint64_t{0});
        QVERIFY(!d.dialog.transport()->wayBox()->toolTip().isEmpty());
        const auto hasLine = [&d](const QString &line) {
            return std::ranges::any_of(d.dialog.findChildren<QLineEdit *>(),
                                       [&line](const QLineEdit *each) { return each->text() == line; });
        };
        QVERIFY(hasLine(u"gantryctl --host root@web1 migrate web root@web2"_s));
        d.dialog.transport()->wayBox()->setCurrentIndex(1);
        QVERIFY(d.dialog.wish().way == MigrationWay::Direct);
        QVERIFY(hasLine(u"gantryctl --host root@web1 migrate web root@web2 --transport direct"_s));
        d.dialog.transport()->wayBox()->setCurrentIndex(2);
        d.dialog.transport()->limitBox()->setValue(10);
        QCOMPARE(d.dialog.wish().limit, std::uint64_t{10} << 20);
        QVERIFY(hasLine(u"gantryctl --host root@web1 migrate web root@web2 --transport relay --limit-rate 10M"_s));
        QVERIFY(d.dialog.acceptButton()->isEnabled()); // neither asks anew
        keepPicture(d.dialog, "migrate_way");
    }

    void checkpoints_areAskedFor()
    {
        Dialog d;
        d.dialog.setReply(1, replyOf({}));
        QVERIFY(!d.dialog.wish().timeline);
        QVERIFY(d.dialog.timelineBox()->toolTip().contains(u"copies on web1 stay"_s));
        d.dialog.timelineBox()->click();
        QVERIFY(d.dialog.wish().timeline);
        QVERIFY(std::ranges::any_of(d.dialog.findChildren<QLineEdit *>(), [](const QLineEdit *each) {
            return each->text() == u"gantryctl --host root@web1 migrate web root@web2 --with-timeline"_s;
        }));
        QVERIFY(d.dialog.acceptButton()->isEnabled()); // it does not ask anew
        keepPicture(d.dialog, "migrate_timeline");
    }

    void anotherName_asksAgain_olderAnswersArePassedOver()
    {
        Dialog d;
        d.dialog.nameEdit()->setText(u"shop"_s);
        QCOMPARE(d.asked.back().name, u"shop"_s);
        d.dialog.setReply(1, replyOf({}));
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.dialog.setReply(d.asked.back().question, replyOf({}));
        QVERIFY(d.dialog.acceptButton()->isEnabled());
        d.dialog.nameEdit()->clear();
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.dialog.nameEdit()->setText(u"web"_s);
        d.dialog.setFailure(d.asked.back().question, u"It broke."_s);
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        QCOMPARE(d.dialog.verdict(), u"It broke."_s);
    }

    void noOtherHost_isSaid()
    {
        MigrateDialog dialog(u"web"_s, {HostKey{1}, u"web1"_s}, {}, {});
        dialog.start();
        QVERIFY(!dialog.acceptButton()->isEnabled());
        QVERIFY(dialog.verdict().contains(u"no other host"_s));
    }

    void progress_saysHowItCameOut()
    {
        MigrationProgress progress(u"web"_s, u"web1"_s, u"web2"_s, u"web"_s);
        progress.show();
        QSignalSpy cancels(&progress, &MigrationProgress::cancelRequested);
        v1::MigrationPhase phase;
        phase.set_name("pre-copy 2");
        phase.set_bytes(std::uint64_t{3} << 20);
        progress.setPhase(phase);
        QVERIFY(progress.words().contains(u"round 2"_s) && progress.words().contains(u"3 MiB"_s));
        phase.set_name("relay");
        phase.set_way("relay");
        phase.set_note("no way between them");
        progress.setPhase(phase);
        QVERIFY(progress.words().contains(u"By this console"_s) && progress.words().contains(u"no way between them"_s));
        phase.clear_note();
        phase.set_name("direct");
        phase.set_way("direct 10.0.0.2:4711");
        progress.setPhase(phase);
        phase.clear_way();
        phase.set_name("send");
        phase.set_bytes_per_second(std::uint64_t{90} << 20);
        progress.setPhase(phase);
        QVERIFY2(progress.words().contains(u"10.0.0.2:4711"_s) && progress.words().contains(u"90 MiB/s"_s),
                 qPrintable(progress.words()));
        keepPicture(progress, "migrate_progress");
        QVERIFY(!progress.cancelButton()->isDefault()); // Enter gives nothing up
        progress.cancelButton()->click();
        QCOMPARE(cancels.size(), 1);
        phase.set_name("commit");
        progress.setPhase(phase);
        QVERIFY(!progress.cancelButton()->isEnabled());
        // It runs there: what can be given up now is the rest of its checkpoints.
        phase.set_name("timeline");
        progress.setPhase(phase);
        QVERIFY2(progress.words().contains(u"its checkpoints are copied"_s), qPrintable(progress.words()));
        QVERIFY(progress.cancelButton()->isEnabled());
        keepPicture(progress, "migrate_timeline_progress");
        progress.cancelButton()->click();
        QCOMPARE(cancels.size(), 2);
        progress.setPhase(phase);
        QVERIFY(!progress.cancelButton()->isEnabled());
        v1::MigrationDone done;
        done.set_downtime_usec(420'000);
        done.set_bytes(5'000'000);
        done.add_notes("a note");
        done.set_way("relay");
        done.set_bytes_per_second(std::uint64_t{40} << 20);
        progress.setDone(done);
        QVERIFY(progress.words().contains(u"By this console, 40 MiB/s"_s));
        QVERIFY(progress.words().contains(u"web runs on web2."_s) && progress.words().contains(u"420 ms"_s) &&
                progress.words().contains(u"a note"_s));
        QVERIFY(progress.rollBackButton()->isVisible() && !progress.cancelButton()->isVisible());

        MigrationProgress failed(u"web"_s, u"web1"_s, u"web2"_s, u"web"_s);
        failed.show();
        failed.setFailed(u"The disk is full."_s, false);
        QVERIFY(failed.words().contains(u"web still runs on web1, unharmed."_s));
        QVERIFY(!failed.rollBackButton()->isVisible());
        failed.setFailed(u"Nobody answers."_s, true);
        QVERIFY(failed.words().contains(u"one host at most"_s));
    }
};

QTEST_MAIN(TestWidgetsMigrate)
#include "tst_widgets_migrate.moc"
