// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint restored as new containers on another host: the question before. (Here: tst_console_copies.)
#include <QtTest>

#include "tests/gui/picture.h"
#include "widgets/dialogs/copy_dialog.h"
#include "widgets/dialogs/finding_view.h"
#include "widgets/dialogs/skip_rows.h"
#include "widgets/dialogs/transfer_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

const QString kId = u"0123456789abcdef0123456789abcdef"_s;

v1::CheckpointInfo checkpoint()
{
    v1::CheckpointInfo out;
    out.set_id(kId.toStdString());
    out.set_subject("web");
    out.set_realtime_usec(1'700'000'000'000'000);
    return out;
}

v1::JudgeForkReply replyOf(std::initializer_list<std::pair<v1::CheckFinding::Severity, const char *>> findings)
{
    v1::JudgeForkReply out;
    out.add_names("web-copy");
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
    v1::CopyCheckpointRequest request;
};

struct Dialog
{
    CopyDialog dialog{checkpoint(),
                      {{HostKey{1}, u"web1"_s, u"root@web1"_s},
                       {HostKey{2}, u"gone"_s, u"root@gone"_s, u"It is not connected."_s},
                       {HostKey{3}, u"web2"_s, u"root@web2"_s}}};
    std::vector<Asked> asked;
    int previews = 0;

    Dialog()
    {
        QObject::connect(&dialog, &CopyDialog::checkRequested, &dialog,
                         [this](int question, HostKey host, const v1::CopyCheckpointRequest &request) {
                             asked.push_back({question, host, request});
                         });
        QObject::connect(&dialog, &CopyDialog::previewRequested, &dialog, [this] { ++previews; });
        dialog.start();
        dialog.show();
    }
    [[nodiscard]] QString words() const
    {
        QStringList out;
        for (const QLabel *label : dialog.findChildren<QLabel *>()) {
            if (label->isVisible())
                out << label->text();
        }
        if (const auto *findings = dialog.findChild<FindingView *>(); findings->isVisible())
            out << findings->toPlainText();
        return out.join(u'\n');
    }
};

} // namespace

class TestWidgetsFork : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void hosts_thisOneFirst_othersAsked_refusedGrey()
    {
        Dialog d;
        QCOMPARE(d.previews, 1);
        QVERIFY(!d.dialog.elsewhere());
        QCOMPARE(d.dialog.hostBox()->currentText(), u"web1"_s);
        QCOMPARE(d.dialog.line(), u"gantryctl --host root@web1 restore "_s + kId + u" --as web-copy"_s);
        const QAbstractItemModel &hosts = *d.dialog.hostBox()->model();
        QCOMPARE(hosts.rowCount(), 3);
        QVERIFY(!hosts.flags(hosts.index(1, 0)).testFlag(Qt::ItemIsEnabled));
        QCOMPARE(hosts.data(hosts.index(1, 0), Qt::ToolTipRole).toString(), u"It is not connected."_s);
        // By keys alone: past the one that is refused.
        d.dialog.hostBox()->setFocus();
        QTest::keyClick(d.dialog.hostBox(), Qt::Key_Down);
        QVERIFY(d.dialog.elsewhere() == HostKey{3});
        QCOMPARE(d.asked.size(), std::size_t{1});
        QVERIFY(d.asked.front().host == HostKey{3});
        QCOMPARE(d.asked.front().request.checkpoint(), kId.toStdString());
        QCOMPARE(d.asked.front().request.name(), std::string("web-copy"));
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        QVERIFY(d.words().contains(u"Both hosts look"_s));
        QCOMPARE(d.dialog.line(), u"gantryctl --host root@web1 restore "_s + kId + u" --on root@web2 --as web-copy"_s);
        // Answers of this host say nothing of that one.
        d.dialog.setPreview(v1::CopyCheckpointReply());
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.dialog.hostBox()->setCurrentIndex(0);
        QCOMPARE(d.previews, 2);
        d.dialog.setJudged(d.asked.front().question, replyOf({}));
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        QVERIFY(d.dialog.skipRows()->boxes().empty());
    }

    void error_keepsTheButtonOff()
    {
        Dialog d;
        d.dialog.hostBox()->setCurrentIndex(2);
        d.dialog.setJudged(d.asked.back().question, replyOf({{v1::CheckFinding::SEVERITY_ERROR, "root"},
                                                             {v1::CheckFinding::SEVERITY_ERROR, "name"},
                                                             {v1::CheckFinding::SEVERITY_WARNING, "cpu"}}));
        QVERIFY2(d.words().contains(u"2 thing(s) stand in the way"_s), qPrintable(d.words()));
        QVERIFY(d.words().contains(u"the reason"_s) && d.words().contains(u"the remedy"_s));
        for (QCheckBox *box : d.dialog.skipRows()->boxes())
            box->click();
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        keepPicture(d.dialog, "fork_refused");
    }

    void warning_isPassedOverByHand()
    {
        Dialog d;
        d.dialog.hostBox()->setCurrentIndex(2);
        d.dialog.countBox()->setValue(2);
        QCOMPARE(d.asked.back().request.copies(), 2U);
        auto reply =
            replyOf({{v1::CheckFinding::SEVERITY_WARNING, "cpu"}, {v1::CheckFinding::SEVERITY_WARNING, "cpu"}});
        d.dialog.setJudged(d.asked.front().question, reply); // to the question before
        QVERIFY(d.dialog.skipRows()->boxes().empty());
        d.dialog.setJudged(d.asked.back().question, reply);
        QCOMPARE(d.dialog.skipRows()->boxes().size(), std::size_t{1});
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        keepPicture(d.dialog, "fork_warned");
        d.dialog.skipRows()->boxes().front()->click();
        QVERIFY(d.dialog.acceptButton()->isEnabled());
        QVERIFY(d.words().contains(u"on web2: web-copy"_s) && d.words().contains(u"stays in its store"_s));
        QCOMPARE(d.dialog.skipped(), QStringList{u"cpu"_s});
        QCOMPARE(d.dialog.line(), u"gantryctl --host root@web1 restore "_s + kId +
                                      u" --on root@web2 --as web-copy --copies 2 --skip cpu"_s);
        reply = replyOf({});
        reply.set_known(true);
        d.dialog.setJudged(d.asked.back().question, reply);
        QVERIFY(d.dialog.acceptButton()->isEnabled() && d.words().contains(u"nothing has to be sent"_s));
        keepPicture(d.dialog, "fork_known");
        d.dialog.nameEdit()->setText(u"shop"_s); // who said yes to another name has said nothing
        QVERIFY(!d.dialog.acceptButton()->isEnabled());
        d.dialog.setCheckFailure(d.asked.back().question, u"Nobody answers."_s);
        QVERIFY(d.words().contains(u"Nobody answers."_s) && !d.dialog.acceptButton()->isEnabled());
    }

    void mnemonics_areUnique_alsoWithBoxes()
    {
        Dialog d;
        d.dialog.hostBox()->setCurrentIndex(2);
        d.dialog.setJudged(d.asked.back().question, replyOf({{v1::CheckFinding::SEVERITY_WARNING, "cpu"}}));
        QSet<QKeySequence> seen;
        QStringList texts;
        for (const QLabel *label : d.dialog.findChildren<QLabel *>())
            texts << label->text();
        for (const QAbstractButton *button : d.dialog.findChildren<QAbstractButton *>())
            texts << button->text();
        for (const QString &text : texts) {
            const QKeySequence keys = QKeySequence::mnemonic(text);
            QVERIFY2(keys.isEmpty() || !seen.contains(keys), qPrintable(text));
            seen.insert(keys);
        }
        QVERIFY(seen.contains(QKeySequence::mnemonic(u"&Host:"_s)));
        QVERIFY(!d.dialog.hostBox()->toolTip().isEmpty());
    }

    void progress_tellsPhaseAndBytes()
    {
        TransferDialog progress(u"web: web1 to web2"_s, u"what"_s, {}, u"gantryctl"_s);
        progress.show();
        QSignalSpy cancels(&progress, &TransferDialog::cancelRequested);
        progress.setPhase(u"The checkpoint is sent"_s);
        progress.setProgress(1'048'576, 4'194'304);
        const auto words = [&progress] {
            QStringList out;
            for (const QLabel *label : progress.findChildren<QLabel *>()) {
                if (label->isVisible())
                    out << label->text();
            }
            return out.join(u'\n');
        };
        QVERIFY2(words().contains(u"The checkpoint is sent"_s) && words().contains(u"1 MiB of about 4 MiB"_s),
                 qPrintable(words()));
        keepPicture(progress, "fork_progress");
        progress.findChildren<QPushButton *>().last()->click();
        progress.setFailure(u"It was given up."_s);
        QVERIFY(words().contains(u"It was given up."_s) && !words().contains(u"The checkpoint is sent"_s));
        QCOMPARE(cancels.size(), 1);
    }
};

QTEST_MAIN(TestWidgetsFork)
#include "tst_widgets_fork.moc"
