// SPDX-License-Identifier: GPL-3.0-or-later
// The pages and dialogs of cgroup v2 and systemd by themselves, painted in both palettes. With GANTRY_PICTURES=DIR the
// pictures are kept there.
#include <QCheckBox>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QTableView>
#include <QtTest>

#include "tests/gui/picture.h"
#include "widgets/delegates/few_lines_delegate.h"
#include "widgets/dialogs/controllers_dialog.h"
#include "widgets/dialogs/limit_route_dialog.h"
#include "widgets/dialogs/reclaim_dialog.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/pages/files_page.h"
#include "widgets/pages/oomd_page.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"

#include <cerrno>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;
const std::string kPath = "/machine.slice/web-1";

v1::ReadFilesReply files()
{
    v1::ReadFilesReply reply;
    reply.set_cgroup_path(kPath);
    for (const auto &[name, text] : {std::pair("memory.max", "314572800"),
                                     std::pair("memory.stat", "anon 1\nfile 2\nkernel 3\nslab 4\nsock 5\nzswap 6\nx 7"),
                                     std::pair("memory.peak", "")}) {
        v1::ReadFilesReply::File &file = *reply.add_files();
        file.set_name(name);
        file.set_mount_point("/sys/fs/cgroup");
        file.set_text(text);
        file.set_writable(file.name() == "memory.max");
    }
    reply.mutable_files(2)->mutable_failure()->set_posix_errno(EIO);
    reply.mutable_files(2)->mutable_failure()->set_subject("memory.peak");
    return reply;
}

v1::OomdState oomd()
{
    v1::OomdState state;
    state.set_swap_used_percent(92.5);
    state.set_swap_limit_percent(90);
    state.set_dry_run(true);
    for (const char *reason : {"memory-pressure", "swap"}) {
        v1::OomdState::Watched &watched = *state.add_watched();
        watched.set_cgroup_path("/machine.slice");
        watched.set_reason(reason);
        watched.set_limit_percent(60);
        watched.set_now_percent(watched.reason() == "swap" ? 92.5 : 12);
        v1::OomdState::Candidate &candidate = *watched.add_candidates();
        candidate.set_cgroup_path(kPath);
        candidate.set_pgscan(123'456);
        candidate.set_memory_bytes(180 * kMiB);
        candidate.set_preference("avoid");
        candidate.set_kills(2);
    }
    return state;
}

v1::SetControllersReply controllersReply()
{
    v1::SetControllersReply reply;
    v1::Warning &warning = *reply.add_warnings();
    warning.set_code(v1::Warning::CODE_CHANGES_CHILDREN);
    warning.set_detail("io is counted and limited for each of: a b c");
    return reply;
}

v1::SetLimitsRequest limitRequest()
{
    v1::SetLimitsRequest request;
    v1::LimitSetting &setting = *request.add_settings();
    setting.set_key("memory.max");
    setting.mutable_value()->set_number(150 * kMiB);
    return request;
}

/// A change that goes through systemd, and kills where `kills`.
v1::SetLimitsReply routedPreview(bool kills)
{
    v1::SetLimitsReply reply;
    reply.set_node_id(4);
    reply.set_cgroup_path(kPath);
    v1::LimitChange &change = *reply.add_changes();
    change.set_key("memory.max");
    change.mutable_old_value()->set_number(300 * kMiB);
    change.mutable_new_value()->set_number(150 * kMiB);
    change.set_route("systemd: web-1.service");
    change.set_command("systemctl set-property --runtime web-1.service MemoryMax=157286400");
    if (kills) {
        v1::Warning &warning = *change.add_warnings();
        warning.set_code(v1::Warning::CODE_WILL_OOM_KILL);
        warning.set_have(180 * kMiB);
        warning.set_want(150 * kMiB);
    }
    return reply;
}

} // namespace

class TestWidgetsV2 : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void routeDialog_enterDoesOnlyWhatIsHarmless_data()
    {
        QTest::addColumn<bool>("kills");
        QTest::newRow("harmless") << false;
        QTest::newRow("kills") << true;
    }
    void routeDialog_enterDoesOnlyWhatIsHarmless()
    {
        QFETCH(bool, kills);
        LimitRouteDialog dialog(limitRequest(), routedPreview(kills));
        const QSignalSpy accepted(&dialog, &QDialog::accepted);
        dialog.open();
        QTest::keyClick(&dialog, Qt::Key_Return);
        QCOMPARE(accepted.count(), kills ? 0 : 1);
        QVERIFY(!dialog.isVisible());
    }

    void routeDialog_refusedWay_cannotBeAccepted()
    {
        LimitRouteDialog dialog(limitRequest(), routedPreview(false));
        const QSignalSpy asked(&dialog, &LimitRouteDialog::previewRequested);
        dialog.open();
        dialog.findChild<QCheckBox *>()->click();
        QCOMPARE(asked.count(), 1);
        QVERIFY(asked.at(0).at(0).value<v1::SetLimitsRequest>().dry_run());
        QVERIFY(asked.at(0).at(0).value<v1::SetLimitsRequest>().by_file());
        v1::Failure failure;
        failure.set_posix_errno(EROFS);
        dialog.setFailure(failure);
        QVERIFY(!dialog.acceptButton()->isEnabled());
        dialog.setPreview(routedPreview(false));
        QVERIFY(dialog.acceptButton()->isEnabled());
        QCOMPARE(dialog.request().target().node_id(), 4u);
    }

    void routeDialog_ofARuntime_doesNotAskHowLong()
    {
        v1::SetLimitsReply preview = routedPreview(false);
        preview.mutable_changes(0)->set_route("podman: web-1");
        preview.mutable_changes(0)->set_command("podman update --memory=157286400 web-1");
        v1::SetLimitsRequest request = limitRequest();
        request.set_persistence(v1::PERSISTENCE_PERMANENT); // the session's choice, made for systemd
        LimitRouteDialog dialog(request, preview);
        dialog.open();
        for (const QRadioButton *button : dialog.findChildren<QRadioButton *>())
            QVERIFY(!button->isVisible());
        QStringList lines;
        for (const QLineEdit *line : dialog.findChildren<QLineEdit *>())
            lines << line->text();
        QVERIFY(lines.contains(QStringLiteral("podman update --memory=157286400 web-1")));
        QVERIFY(lines.contains(QStringLiteral("gantryctl set /machine.slice/web-1 memory.max=150M")));
        QCOMPARE(dialog.request().persistence(), v1::PERSISTENCE_PERMANENT);
    }

    void routeDialog_forEver_tellsWhenItWillNotHold()
    {
        // A transient unit: systemd takes the value and forgets it with the unit.
        v1::SetLimitsReply preview = routedPreview(false);
        preview.mutable_changes(0)->add_warnings()->set_code(v1::Warning::CODE_NOT_PERSISTENT);
        LimitRouteDialog dialog(limitRequest(), preview);
        dialog.open();
        const WarningList *list = dialog.findChild<WarningList *>();
        QVERIFY(list->warnings().isEmpty()); // "until the unit stops" is chosen, and says so itself
        for (QRadioButton *button : dialog.findChildren<QRadioButton *>()) {
            if (!button->isChecked()) {
                button->click();
                break;
            }
        }
        dialog.setPreview(preview);
        QCOMPARE(dialog.request().persistence(), v1::PERSISTENCE_PERMANENT);
        QCOMPARE(list->warnings().size(), 1);
    }

    void controllersDialog_busyForAnotherReason_offersNoLeaf()
    {
        ControllersDialog dialog(1, QString::fromStdString(kPath), {"cpu", "memory"}, {"memory"});
        const QSignalSpy asked(&dialog, &ControllersDialog::previewRequested);
        dialog.open();
        dialog.box("memory")->click();
        v1::Failure failure;
        failure.set_posix_errno(EBUSY);
        failure.set_detail("the child a has it enabled for its own children");
        dialog.setFailure(failure);
        // Would a leaf help? It would not.
        QCOMPARE(asked.count(), 2);
        QVERIFY(asked.at(1).at(0).value<v1::SetControllersRequest>().make_leaf());
        dialog.setFailure(failure);
        QCOMPARE(asked.count(), 2);
        QVERIFY(!dialog.leafBox()->isVisible());
        QVERIFY(!dialog.acceptButton()->isEnabled());
    }

    void controllersDialog_takingAway_isNotWhatEnterDoes()
    {
        ControllersDialog dialog(1, QString::fromStdString(kPath), {"cpu", "memory"}, {"memory"});
        const QSignalSpy accepted(&dialog, &QDialog::accepted);
        dialog.open();
        dialog.box("memory")->click();
        dialog.setPreview(v1::SetControllersReply());
        QVERIFY(dialog.acceptButton()->isEnabled());
        QTest::keyClick(&dialog, Qt::Key_Return);
        QCOMPARE(accepted.count(), 0);
    }

    void longText_isCutToTheRow()
    {
        const FewLinesDelegate delegate;
        const auto shown = [&delegate](int lines) {
            const QString text = QStringList(lines, QStringLiteral("x")).join(u'\n');
            return delegate.displayText(text, QLocale::c()).count(QChar::LineSeparator) + 1;
        };
        QCOMPARE(shown(1), 1);
        QCOMPARE(shown(FewLinesDelegate::kMostLines), qsizetype(FewLinesDelegate::kMostLines));
        QCOMPARE(shown(FewLinesDelegate::kMostLines + 1), qsizetype(FewLinesDelegate::kMostLines));
        QVERIFY(delegate.displayText(QStringList(50, QStringLiteral("x")).join(u'\n'), QLocale::c())
                    .contains(QStringLiteral("45")));
    }

    void filesPage_refresh_keepsTheSelection()
    {
        FilesPage page;
        page.setFiles(files());
        page.table()->selectSourceRow(1);
        v1::ReadFilesReply fresh = files();
        fresh.mutable_files(1)->set_text("anon 2");
        v1::ReadFilesReply::File &added = *fresh.add_files();
        added.set_name("cpu.stat");
        added.set_mount_point("/sys/fs/cgroup");
        page.setFiles(fresh);
        QCOMPARE(page.table()->selectedRows(), std::vector<int>{1});
        QCOMPARE(page.table()->view()->model()->rowCount(), 4);
        QVERIFY(page.table()->csv().contains(QStringLiteral("anon 2")));
    }

    void everything_paints_data()
    {
        QTest::addColumn<int>("scheme");
        QTest::newRow("light") << int(theme::Scheme::Light);
        QTest::newRow("dark") << int(theme::Scheme::Dark);
    }
    void everything_paints();
};

void TestWidgetsV2::everything_paints()
{
    QFETCH(int, scheme);
    QApplication::setPalette(theme::palette(static_cast<theme::Scheme>(scheme)));
    const QString suffix = QString::fromLatin1(QTest::currentDataTag());
    const auto named = [&suffix](const char *name) { return QStringLiteral("%1-%2").arg(QLatin1String(name), suffix); };

    FilesPage filesPage;
    filesPage.setFiles(files());
    filesPage.table()->selectSourceRow(1);
    QVERIFY(!picture(filesPage, named("files"), {900, 420}).isNull());
    OomdPage oomdPage;
    oomdPage.setState(oomd());
    (void)picture(oomdPage, named("oomd"), {760, 420});
    LimitRouteDialog route(limitRequest(), routedPreview(true));
    (void)picture(route, named("limit-route"), {});
    ControllersDialog controllers(1, QString::fromStdString(kPath), {"cpu", "io", "memory", "pids"}, {"memory"});
    controllers.box("io")->click();
    controllers.setPreview(controllersReply());
    (void)picture(controllers, named("controllers"), {});
    ReclaimDialog reclaim(1, QString::fromStdString(kPath));
    reclaim.start();
    v1::ReclaimReply usage;
    usage.set_usage_before(40 * kMiB);
    reclaim.setPreview(usage);
    (void)picture(reclaim, named("reclaim"), {});
}

QTEST_MAIN(TestWidgetsV2)
#include "tst_widgets_v2.moc"
