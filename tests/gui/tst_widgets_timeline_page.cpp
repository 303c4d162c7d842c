// SPDX-License-Identifier: GPL-3.0-or-later
// The page Timeline: its tree, its graphs, what it offers, what it looks like.
#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeView>
#include <QtTest>

#include "tests/gui/shown_timeline.h"
#include "widgets/charts/metric_chart.h"
#include "widgets/dialogs/checkpoint_dialog.h"
#include "widgets/dialogs/checkpoint_note_dialog.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/restore_dialog.h"
#include "widgets/dialogs/schedule_dialog.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/timeline/timeline_tree_model.h"

#include <algorithm>
#include <cerrno>
#include <random>

using namespace gantry;
using namespace gantry::test;

namespace {

QStringList words(const QWidget &widget)
{
    QStringList out;
    for (const QLabel *label : widget.findChildren<QLabel *>()) {
        if (label->isVisible())
            out << label->text();
    }
    return out;
}

QPushButton *buttonWith(const QWidget &widget, const QString &text)
{
    for (QPushButton *button : widget.findChildren<QPushButton *>()) {
        if (button->text() == text)
            return button;
    }
    return nullptr;
}

} // namespace

class TestWidgetsTimelinePage : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void tree_isTheSameAsTheAxis()
    {
        Shown shown;
        auto &model = static_cast<TimelineTreeModel &>(*shown.page.tree()->model());
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        shown.page.setRunning({"/web"});
        QCOMPARE(outline(model), QStringLiteral("a(Branch of 2 checkpoint(s)(c d Now – you are here)) b s"));
        shown.page.setTreeShown(true);
        shown.page.tree()->setFocus();
        shown.page.tree()->setCurrentIndex(model.indexOf("c"));
        QCOMPARE(shown.page.view()->selection(), Ids{"c"});
        shown.page.view()->setSelection({"b"});
        QCOMPARE(model.idOf(shown.page.tree()->selectionModel()->selectedRows().value(0)), std::string("b"));
        // A newer one, one that is gone: what is selected stays so.
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        *shown.list.add_checkpoints() = checkpoint("e", nowUsec() - kMinute, "d");
        shown.list.mutable_checkpoints()->DeleteSubrange(3, 1); // s
        shown.page.setList(shown.list);
        QCOMPARE(outline(model), QStringLiteral("a(Branch of 3 checkpoint(s)(c d e Now – you are here)) b"));
        QCOMPARE(model.idOf(shown.page.tree()->selectionModel()->selectedRows().value(0)), std::string("b"));
        QCOMPARE(shown.page.view()->selection(), Ids{"b"});
        QCOMPARE(resets.count(), 0);
        shown.page.setHost(QStringLiteral("here"));
        shown.page.setList(shown.list);
        QVERIFY2(outline(model).contains(QStringLiteral("/db(x)")), qPrintable(outline(model)));
        shown.list.mutable_checkpoints()->DeleteSubrange(2, 1); // x: of whom the others are is still to be seen
        shown.page.setList(shown.list);
        QVERIFY2(outline(model).startsWith(QStringLiteral("/web(a")), qPrintable(outline(model)));
    }

    void present_goesOnFromWhatTheEngineTells()
    {
        Shown shown;
        const auto present = [&shown] {
            const TimelineScene &scene = shown.page.view()->scene();
            const std::vector<TimelineNow> &all = scene.presents();
            return all.size() == 1 && !all.front().presumed ? scene.marks().at(all.front().from).id : "not known";
        };
        shown.page.setRunning({"/web"});
        QCOMPARE(present(), std::string("not known"));
        // Another program went back.
        v1::ListCheckpointsReply::Head &head = *shown.list.add_heads();
        head.set_subject("/web");
        head.set_checkpoint("b");
        shown.page.setList(shown.list);
        QCOMPARE(present(), std::string("b"));
        shown.page.setRunning({}); // the tree does not know it: a container that its runtime has restored
        QCOMPARE(present(), std::string("b"));
        // This one did, and what the engine tells is a moment old.
        shown.page.noteRestored(shown.list.checkpoints(0));
        QCOMPARE(present(), std::string("a"));
        shown.list.mutable_heads(0)->set_checkpoint("c");
        shown.page.setList(shown.list);
        QCOMPARE(present(), std::string("c"));
    }

    void scheduleDialog_tellsAndAsks()
    {
        v1::Target target;
        target.set_container("web");
        ScheduleDialog dialog(target, QStringLiteral("web"), QStringLiteral("web"));
        QSignalSpy asked(&dialog, &ScheduleDialog::previewRequested);
        QSignalSpy expires(&dialog, &ScheduleDialog::expireRequested);
        dialog.start();
        dialog.show();
        QVERIFY(asked.takeFirst().at(0).value<v1::SetScheduleRequest>().dry_run());
        QVERIFY(!dialog.acceptButton()->isEnabled());
        v1::ListSchedulesReply all;
        v1::Schedule &other = *all.add_schedules();
        other.set_id("other");
        v1::Schedule &own = *all.add_schedules();
        own.set_id("web-id");
        own.set_subject("web");
        own.set_period_ms(7'200'000);
        own.mutable_retention()->set_age_sec(48 * 3'600);
        own.set_restart(true);
        own.set_state("runs");
        own.set_last_usec(nowUsec() - kMinute);
        own.set_next_usec(nowUsec() + kMinute);
        own.set_taken(12);
        own.set_restarts(2);
        own.set_last_error("no space");
        dialog.setSchedules(all);
        v1::SetScheduleReply reply;
        reply.mutable_schedule()->set_id("web-id");
        reply.set_runner_pid(1);
        dialog.setPreview(reply);
        QVERIFY(dialog.acceptButton()->isEnabled());
        // What there is stands in the fields, and what it does beside.
        QCOMPARE(dialog.request().period_ms(), std::uint64_t{7'200'000});
        QVERIFY(dialog.request().restart() && !dialog.request().retention().has_count());
        QCOMPARE(dialog.request().retention().age_sec(), std::uint64_t{48 * 3'600});
        QString said = words(dialog).join(u'\n');
        for (const char *part : {"runs", "12 taken", "2 time", "no space"})
            QVERIFY2(said.contains(QLatin1String(part)), qPrintable(said));
        // What retention would remove is asked for whenever it changes: once the dry run is answered, which waits until
        // the user has paused.
        QVERIFY(expires.count() > 0);
        QVERIFY(asked.count() > 1); // the fields were filled
        QCOMPARE(expires.count(), 1);
        const auto expire = expires.takeLast().at(0).value<v1::ExpireRequest>();
        QVERIFY(expire.dry_run() && expire.subject() == "web-id" && expire.retention().age_sec() == 48 * 3'600);
        v1::ExpireReply gone;
        for (int i = 0; i < 3; ++i)
            *gone.add_checkpoints() = branched().checkpoints(i);
        dialog.setExpired(gone);
        QVERIFY(words(dialog).join(u'\n').contains(QStringLiteral("3 checkpoint")));
        keepPicture(dialog, "schedule");
        // None was taken yet; anything else is no such promise.
        const QString none = QStringLiteral("None of the checkpoints");
        v1::Failure failure;
        failure.set_posix_errno(ENOENT);
        dialog.setExpireFailure(failure);
        QVERIFY(words(dialog).join(u'\n').contains(none));
        failure.set_posix_errno(EIO);
        failure.set_subject("repository");
        dialog.setExpireFailure(failure);
        said = words(dialog).join(u'\n');
        QVERIFY2(!said.contains(none) && said.contains(text::errorSentence(failure)), qPrintable(said));
        // The user's choice is not overwritten by a later answer.
        dialog.findChildren<QDoubleSpinBox *>().front()->setValue(3);
        dialog.setSchedules(all);
        QCOMPARE(dialog.request().period_ms(), std::uint64_t{3} * 3'600'000);
        QCOMPARE(expires.count(), 0);
        dialog.setPreview(reply);
        QCOMPARE(expires.count(), 1);
        QSignalSpy removed(&dialog, &ScheduleDialog::removeRequested);
        for (QPushButton *button : dialog.findChildren<QPushButton *>()) {
            if (button->text().contains(QStringLiteral("Remove")))
                button->click();
        }
        QCOMPARE(removed.value(0).value(0).toString(), QStringLiteral("web-id"));
        dialog.setFailure(v1::Failure());
        QVERIFY(!dialog.acceptButton()->isEnabled());
    }

    void scheduleDialog_changesNothingByBeingOpened_data()
    {
        QTest::addColumn<quint64>("periodMs");
        QTest::addColumn<quint64>("ageSec"); // 0: none, as bytes
        QTest::addColumn<quint64>("bytes");
        QTest::addColumn<QString>("command");
        constexpr quint64 kHour = 3'600;
        constexpr quint64 kMiB = quint64{1} << 20;
        QTest::newRow("whole units") << 5 * 60'000ULL << 24 * kHour << 1'024 * kMiB
                                     << QStringLiteral("--every 5m --keep-for 24h --keep-bytes 1G");
        QTest::newRow("48 h, 500 GiB") << 48 * kHour * 1'000 << 48 * kHour << 500 * 1'024 * kMiB
                                       << QStringLiteral("--every 48h --keep-for 48h --keep-bytes 500G");
        QTest::newRow("90 s, 90 min, 1.5 MiB") << quint64{90'000} << quint64{90 * 60} << kMiB * 3 / 2
                                               << QStringLiteral("--every 90s --keep-for 90m --keep-bytes 1536K");
        QTest::newRow("the finest units") << quint64{1'500} << quint64{61} << quint64{1'000'001}
                                          << QStringLiteral("--every 1500ms --keep-for 61s --keep-bytes 1000001");
        QTest::newRow("above 2^31 of the finest") << quint64{31'622'399'999} << quint64{31'622'399}
                                                  << quint64{500'000'000'001}
                                                  << QStringLiteral("--every 31622399999ms --keep-for 31622399s "
                                                                    "--keep-bytes 500000000001");
        QTest::newRow("no age, no bytes") << quint64{1'000} << quint64{0} << quint64{0} << QStringLiteral("--every 1s");
    }
    void scheduleDialog_changesNothingByBeingOpened()
    {
        QFETCH(quint64, periodMs);
        QFETCH(quint64, ageSec);
        QFETCH(quint64, bytes);
        QFETCH(QString, command);
        ScheduleDialog dialog(v1::Target(), QStringLiteral("web"), QStringLiteral("web"));
        v1::ListSchedulesReply all;
        v1::Schedule &own = *all.add_schedules();
        own.set_id("web-id");
        own.set_period_ms(periodMs);
        if (ageSec != 0)
            own.mutable_retention()->set_age_sec(ageSec);
        if (bytes != 0)
            own.mutable_retention()->set_bytes(bytes);
        dialog.setSchedules(all);
        v1::SetScheduleReply reply;
        reply.mutable_schedule()->set_id("web-id");
        dialog.setPreview(reply);
        dialog.show();
        const v1::SetScheduleRequest request = dialog.request();
        QCOMPARE(quint64{request.period_ms()}, periodMs);
        QCOMPARE(request.retention().has_age_sec(), ageSec != 0);
        QCOMPARE(quint64{request.retention().age_sec()}, ageSec);
        QCOMPARE(request.retention().has_bytes(), bytes != 0);
        QCOMPARE(quint64{request.retention().bytes()}, bytes);
        QVERIFY(!request.retention().has_count());
        QCOMPARE(dialog.findChild<CommandLine *>()->findChild<QLineEdit *>()->text(),
                 QStringLiteral("gantryctl schedule set web ") + command);
    }

    void tree_walkedAtRandom_equalsAFreshOne()
    {
        std::mt19937 random(11);
        TimelineTreeModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        std::vector<v1::CheckpointInfo> rows;
        int number = 0;
        for (int step = 0; step < 300; ++step) {
            if (rows.size() > 20 || (!rows.empty() && random() % 3 == 0)) {
                rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(random() % rows.size()));
            } else {
                const std::string parent = rows.empty() || random() % 4 == 0 ? "" : rows[random() % rows.size()].id();
                rows.push_back(checkpoint("c" + std::to_string(number++), static_cast<std::int64_t>(step) * kMinute,
                                          parent, random() % 5 == 0 ? "/b" : "/a"));
            }
            TimelineScene scene = sceneOf(rows);
            scene.setHeads({{"/a", rows.empty() || step % 2 == 0 ? "" : rows.front().id()}});
            model.setList(scene, rows);
            TimelineTreeModel fresh;
            fresh.setList(scene, rows);
            QCOMPARE(outline(model), outline(fresh));
            for (const v1::CheckpointInfo &row : rows)
                QCOMPARE(model.idOf(model.indexOf(row.id())), row.id());
        }
        QCOMPARE(resets.count(), 0);
    }

    void tree_ofHostileDepth_staysFlat()
    {
        // Each forks off the one before the last: half as many branches, each below the other.
        std::vector<v1::CheckpointInfo> rows;
        for (int i = 0; i < 2'000; ++i)
            rows.push_back(checkpoint("c" + std::to_string(i), i * kMinute, i < 2 ? "" : "c" + std::to_string(i - 2)));
        TimelineTreeModel model;
        model.setList(sceneOf(rows), rows);
        int deepest = 0;
        for (const v1::CheckpointInfo &row : rows) {
            int depth = 0;
            for (QModelIndex at = model.indexOf(row.id()); at.isValid(); at = at.parent())
                ++depth;
            QVERIFY(depth > 0);
            deepest = std::max(deepest, depth);
        }
        QVERIFY2(deepest <= 2 * TimelineTreeModel::kDeepest + 2, qPrintable(QString::number(deepest)));
    }

    void page_movesAllGraphsTogether()
    {
        Shown shown;
        TimelineView &view = *shown.page.view();
        const double now = static_cast<double>(nowUsec()) / 1e6;
        v1::HistoryReply history;
        auto *memory = history.add_series();
        memory->set_metric(static_cast<std::uint32_t>(Metric::MemoryCurrent));
        for (int i = 0; i < 3'600; ++i) {
            history.add_realtime_usec(nowUsec() - std::int64_t{3'600 - i} * 1'000'000);
            memory->add_values(static_cast<float>((i < 1'800 ? 100 : 300) * 1024 * 1024));
        }
        shown.page.setHistory(history);
        MetricChart *chart = shown.page.charts().front();
        // The mouse in the marks: the values of then in the graphs.
        QTest::mouseMove(view.viewport(), QPoint(static_cast<int>(view.scene().xOf(now - 2'700)), 60));
        QTRY_VERIFY2(words(*chart).join(u' ').contains(QStringLiteral("100")), qPrintable(words(*chart).join(u' ')));
        keepPicture(shown.page, "timeline-cursor");
        // And the other way; where the graph has nothing, it says so.
        QTest::mouseMove(chart, QPoint(static_cast<int>(view.scene().xOf(now - 900)), chart->height() / 2));
        QTRY_VERIFY2(words(*chart).join(u' ').contains(QStringLiteral("300")), qPrintable(words(*chart).join(u' ')));
        QEvent leave(QEvent::Leave);
        QApplication::sendEvent(view.viewport(), &leave);
        view.setSelection({"b"}); // 38 minutes ago
        QTRY_VERIFY2(words(*chart).join(u' ').contains(QStringLiteral("100")), qPrintable(words(*chart).join(u' ')));
        view.setWindow(std::chrono::seconds(86'400));
        view.setCursorTime(now - 80'000);
        chart->setCursorTime(now - 80'000);
        QTRY_VERIFY2(words(*chart).join(u' ').contains(text::absent()), qPrintable(words(*chart).join(u' ')));
        // A graph that is zoomed takes the marks along, and the other graph.
        QTest::keyClick(chart, Qt::Key_Plus);
        QVERIFY(!view.isLive());
        QVERIFY(view.to() - view.from() < 80'000);
        QTest::keyClick(chart, Qt::Key_Home);
        QVERIFY(view.isLive());
        QVERIFY(view.to() - view.from() > 86'000);
    }

    void page_offersWhatFits()
    {
        Shown shown;
        TimelinePage &page = shown.page;
        QSignalSpy restored(page.actions(), &CheckpointActions::restoreRequested);
        QSignalSpy described(page.actions(), &CheckpointActions::describeRequested);
        QSignalSpy pinned(page.actions(), &CheckpointActions::pinRequested);
        QSignalSpy removed(page.actions(), &CheckpointActions::removeRequested);
        QVERIFY(!buttonWith(page, QStringLiteral("Restore…"))->isEnabled());
        page.view()->setFocus();
        page.view()->setSelection({"a"});
        QSignalSpy inspected(page.actions(), &CheckpointActions::inspectRequested);
        QSignalSpy compared(page.actions(), &CheckpointActions::compareRequested);
        QTest::keyClick(page.view(), Qt::Key_Return);
        QCOMPARE(inspected.count(), 1);
        QTest::mouseClick(buttonWith(page, QStringLiteral("Restore…")), Qt::LeftButton);
        QCOMPARE(restored.count(), 1);
        QCOMPARE(restored.at(0).at(0).value<v1::CheckpointInfo>().id(), std::string("a"));
        QSignalSpy forked(page.actions(), &CheckpointActions::copyRequested);
        QTest::mouseClick(buttonWith(page, QStringLiteral("Fork…")), Qt::LeftButton);
        QCOMPARE(forked.count(), 1);
        QCOMPARE(forked.at(0).at(0).value<v1::CheckpointInfo>().id(), std::string("a"));
        QTest::keyClick(page.view(), Qt::Key_F2);
        QCOMPARE(described.count(), 1);
        QTest::mouseClick(buttonWith(page, QStringLiteral("Unpin")), Qt::LeftButton);
        QCOMPARE(pinned.takeFirst().at(1).toBool(), false);
        page.view()->setSelection({"b", "a"});
        QTest::mouseClick(buttonWith(page, QStringLiteral("Compare…")), Qt::LeftButton);
        QCOMPARE(compared.takeFirst().at(0).toString(), QStringLiteral("a")); // the older one
        QVERIFY(!buttonWith(page, QStringLiteral("Restore…"))->isEnabled());
        QTest::mouseClick(buttonWith(page, QStringLiteral("Pin")), Qt::LeftButton);
        QCOMPARE(pinned.takeFirst().at(1).toBool(), true);
        QTest::mouseClick(buttonWith(page, QStringLiteral("Remove…")), Qt::LeftButton);
        QCOMPARE(removed.count(), 1);
        page.setReadOnlyReason(QStringLiteral("look only"));
        QVERIFY(!buttonWith(page, QStringLiteral("Remove…"))->isEnabled());
        QCOMPARE(buttonWith(page, QStringLiteral("Remove…"))->toolTip(), QStringLiteral("look only"));
    }

    void page_showsWhatRuns()
    {
        Shown shown;
        v1::JobUpdate update;
        v1::Job *job = update.add_jobs();
        job->set_id(7);
        job->set_verb("checkpoint");
        job->set_subject("/web");
        job->set_state(v1::JOB_STATE_RUNNING);
        job->set_phase("dump");
        job->set_cancellable(true);
        shown.page.applyJobs(update);
        QVERIFY2(words(shown.page).join(u' ').contains(QStringLiteral("stopped, being saved")),
                 qPrintable(words(shown.page).join(u' ')));
        keepPicture(shown.page, "timeline-running");
        QSignalSpy cancelled(&shown.page, &TimelinePage::cancelRequested);
        QTest::mouseClick(buttonWith(shown.page, QStringLiteral("Cancel")), Qt::LeftButton);
        QCOMPARE(cancelled.takeFirst().at(0).toULongLong(), 7ULL);
        job->set_state(v1::JOB_STATE_DONE);
        shown.page.applyJobs(update);
        QVERIFY(!words(shown.page).join(u' ').contains(QStringLiteral("being saved")));
        job->set_state(v1::JOB_STATE_RUNNING);
        job->set_subject("/db");
        shown.page.applyJobs(update);
        QVERIFY(!words(shown.page).join(u' ').contains(QStringLiteral("being saved"))); // another's
    }

    void noteDialog_changesOnlyWhatWasChanged()
    {
        CheckpointNoteDialog dialog(branched().checkpoints(0));
        dialog.show();
        QVERIFY(!dialog.acceptButton()->isEnabled());
        auto *note = dialog.findChild<QLineEdit *>(QStringLiteral("note"));
        note->clear();
        QVERIFY(dialog.acceptButton()->isEnabled());
        QVERIFY(!dialog.request().has_name());
        QVERIFY(dialog.request().has_note() && dialog.request().note().empty());
        auto *name = dialog.findChild<QLineEdit *>(QStringLiteral("name"));
        name->setText(QString(5'000, u'x'));
        QVERIFY(!dialog.acceptButton()->isEnabled());
        name->setText(QStringLiteral("it's"));
        QCOMPARE(dialog.request().name(), std::string("it's"));
        keepPicture(dialog, "checkpoint-note");
    }

    void checkpointDialog_tellsOfFiles()
    {
        CheckpointDialog dialog(v1::Target(), QStringLiteral("web"), QStringLiteral("web"));
        dialog.show();
        const auto *files = dialog.findChild<QCheckBox *>(QStringLiteral("files"));
        const QString changed = QStringLiteral("What it changed of its files");
        v1::CreateCheckpointReply reply;
        dialog.setPreview(reply); // neither
        QVERIFY(!files->isVisible() && !words(dialog).join(u'\n').contains(changed));
        reply.set_files(true); // a runtime's verb takes them, whatever is wished
        dialog.setPreview(reply);
        QVERIFY2(words(dialog).join(u'\n').contains(changed), qPrintable(words(dialog).join(u'\n')));
        QVERIFY(!files->isVisible());
        reply.set_files(false);
        reply.add_would_save()->set_path("/srv/store.bin");
        dialog.setPreview(reply);
        const QString said = words(dialog).join(u'\n');
        QVERIFY2(said.contains(QStringLiteral("/srv/store.bin")) && !said.contains(changed), qPrintable(said));
        QVERIFY(files->isVisible());
    }

    void restoreDialog_savesThePresentUnlessItIsToBeLost()
    {
        RestoreDialog dialog(branched().checkpoints(0));
        QSignalSpy asked(&dialog, &RestoreDialog::previewRequested);
        dialog.start();
        dialog.show();
        QVERIFY(asked.takeFirst().at(0).value<v1::RestoreCheckpointRequest>().dry_run());
        QVERIFY(!dialog.acceptButton()->isEnabled());
        v1::RestoreCheckpointReply reply;
        dialog.setPreview(reply); // nothing lives
        auto *safety = dialog.findChild<QCheckBox *>();
        QVERIFY(dialog.acceptButton()->isEnabled() && !safety->isVisible());
        reply.set_ended_count(12);
        for (int pid = 100; pid < 112; ++pid) {
            reply.add_ended()->set_pid(pid);
            reply.mutable_ended(pid - 100)->set_comm("node");
        }
        reply.add_notes("the host was booted since");
        dialog.setPreview(reply);
        QVERIFY(safety->isVisible() && safety->isChecked());
        const auto *warned = dialog.findChild<WarningList *>();
        const QString said = words(dialog).join(u'\n') + warned->warnings().join(u'\n');
        for (const char *part : {"12 process", "100 (node), 101 (node)", "4 more", "booted since"})
            QVERIFY2(said.contains(QLatin1String(part)), qPrintable(said));
        QVERIFY(dialog.request().in_place() && !dialog.request().skip_safety() && !dialog.request().dry_run());
        QVERIFY(dialog.acceptButton()->isDefault());
        safety->setChecked(false);
        QCOMPARE(asked.count(), 1); // without it less stands in the way
        dialog.setPreview(reply);
        QVERIFY(dialog.request().skip_safety());
        QVERIFY(warned->warnings().join(u'\n').contains(QStringLiteral("cannot be undone")));
        QVERIFY(!dialog.acceptButton()->isDefault());
        QSignalSpy accepted(&dialog, &QDialog::accepted);
        dialog.acceptButton()->setFocus();
        QTest::keyClick(&dialog, Qt::Key_Return); // what cannot be undone is nothing for Enter
        QCOMPARE(accepted.count(), 0);
        keepPicture(dialog, "restore-lost");
        dialog.setFailure(v1::Failure());
        QVERIFY(!dialog.acceptButton()->isEnabled());
        QVERIFY2(warned->warnings().isEmpty(), qPrintable(warned->warnings().join(u'\n')));
        v1::CheckpointInfo kept = branched().checkpoints(0);
        kept.set_runtime("runc");
        QVERIFY(RestoreDialog(kept).request().in_place()); // by its runtime
    }

    void restoreDialog_tellsOfFiles()
    {
        v1::CheckpointInfo one = branched().checkpoints(0);
        one.set_runtime("bare");
        one.set_files(2);
        RestoreDialog dialog(one);
        QSignalSpy asked(&dialog, &RestoreDialog::previewRequested);
        dialog.show();
        v1::RestoreCheckpointReply reply;
        v1::RestoreCheckpointReply::Replaced &changed = *reply.add_replaced();
        changed.set_path("/srv/store.bin");
        changed.set_now(v1::RestoreCheckpointReply::Replaced::NOW_CHANGED);
        changed.set_bytes_then(1'048'576);
        changed.set_bytes_now(2'097'152);
        changed.set_changed_then_usec(1'000'000);
        changed.set_changed_now_usec(61'000'000);
        v1::RestoreCheckpointReply::Replaced &same = *reply.add_replaced();
        same.set_path("/srv/same");
        same.set_now(v1::RestoreCheckpointReply::Replaced::NOW_AS_IT_WAS);
        v1::RestoreCheckpointReply::Replaced &gone = *reply.add_replaced();
        gone.set_path("/srv/gone");
        gone.set_now(v1::RestoreCheckpointReply::Replaced::NOW_GONE);
        dialog.setPreview(reply);
        auto *files = dialog.findChild<QCheckBox *>(QStringLiteral("files"));
        QVERIFY(files != nullptr && files->isVisible() && files->isChecked());
        const auto *warned = dialog.findChild<WarningList *>();
        QString said = words(dialog).join(u'\n');
        QVERIFY2(said.contains(QStringLiteral("/srv/store.bin")) && said.contains(QStringLiteral("/srv/gone")),
                 qPrintable(said));
        QVERIFY(!said.contains(QStringLiteral("/srv/same")));
        QVERIFY(!warned->warnings().join(u'\n').contains(QStringLiteral("not put back")));
        QVERIFY(!dialog.request().without_files());
        keepPicture(dialog, "restore-files");
        dialog.setFailure(v1::Failure()); // what would become of them is not said any more
        said = words(dialog).join(u'\n');
        QVERIFY2(!said.contains(QStringLiteral("/srv/store.bin")), qPrintable(said));
        dialog.setPreview(reply);
        QVERIFY(words(dialog).join(u'\n').contains(QStringLiteral("/srv/store.bin")));
        files->setChecked(false);
        QCOMPARE(asked.count(), 1); // what is open must be as it was then
        QVERIFY(asked.takeFirst().at(0).value<v1::RestoreCheckpointRequest>().without_files());
        reply.clear_replaced();
        dialog.setPreview(reply);
        QVERIFY(warned->warnings().join(u'\n').contains(QStringLiteral("not put back")));
        said = words(dialog).join(u'\n');
        QVERIFY(!said.contains(QStringLiteral("/srv/store.bin")));
    }

    void pictures_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("host");
        for (const bool dark : {false, true}) {
            const char *name = dark ? "dark" : "light";
            QTest::addRow("%s-wide", name) << dark << QSize(760, 460) << false;
            QTest::addRow("%s-small", name) << dark << QSize(580, 270) << false;
            QTest::addRow("%s-host", name) << dark << QSize(760, 460) << true;
        }
    }
    void pictures()
    {
        QFETCH(bool, dark);
        QFETCH(QSize, size);
        QFETCH(bool, host);
        const QPalette before = QApplication::palette();
        QApplication::setPalette(theme::palette(dark ? theme::Scheme::Dark : theme::Scheme::Light));
        Shown shown;
        shown.page.resize(size);
        if (host) {
            shown.page.setHost(QStringLiteral("here"));
            shown.page.setList(shown.list);
        }
        shown.page.setRunning({"/web"});
        shown.page.view()->setSelection({"a"});
        const QString name = QString::fromLatin1(QTest::currentDataTag());
        QVERIFY(!picture(shown.page, QStringLiteral("timeline-") + name, size).isNull());
        shown.page.setTreeShown(true);
        QVERIFY(!picture(shown.page, QStringLiteral("timeline-tree-") + name, size).isNull());
        QApplication::setPalette(before);
    }

private:
    static TimelineScene sceneOf(const std::vector<v1::CheckpointInfo> &rows)
    {
        std::vector<TimelineMark> marks;
        for (const v1::CheckpointInfo &row : rows)
            marks.push_back({row.id(), row.parent(), row.subject(), row.realtime_usec(), 1, {}, false, {}, {}});
        TimelineScene out;
        out.setMarks(std::move(marks));
        return out;
    }

    /// "a(b c) d": ids, and the titles of other rows.
    static QString outline(const TimelineTreeModel &model, const QModelIndex &parent = {})
    {
        QStringList out;
        for (int row = 0; row < model.rowCount(parent); ++row) {
            const QModelIndex index = model.index(row, 0, parent);
            const std::string id = model.idOf(index);
            QString text = id.empty() ? index.data().toString() : text::utf8(id);
            if (model.rowCount(index) > 0)
                text += u'(' + outline(model, index) + u')';
            out << text;
        }
        return out.join(u' ');
    }
};

QTEST_MAIN(TestWidgetsTimelinePage)
#include "tst_widgets_timeline_page.moc"
