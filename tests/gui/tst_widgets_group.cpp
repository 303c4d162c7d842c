// SPDX-License-Identifier: GPL-3.0-or-later
// Several containers that are saved at one instant, or restored together: the question before. (What is done then:
// tst_group_checkpoint.)
#include <QtTest>

#include "tests/gui/picture.h"
#include "widgets/dialogs/group_dialog.h"
#include "widgets/dialogs/restore_dialog.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QPushButton>
#include <QTreeWidget>

using namespace gantry;
using namespace Qt::StringLiterals;

namespace {

const QStringList kMembers{u"web"_s, u"root@db1/db"_s};

QString found(const GroupDialog &dialog, int row)
{
    return dialog.table()->topLevelItem(row)->text(1);
}

} // namespace

class TestWidgetsGroup : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void save_waitsUntilAllCanBe()
    {
        GroupDialog dialog(GroupDialog::Kind::Save, kMembers, u"gantryctl checkpoint web root@db1/db --together"_s);
        const QSignalSpy asked(&dialog, &GroupDialog::checkRequested);
        dialog.start();
        QCOMPARE(asked.count(), 1);
        QVERIFY(!dialog.acceptButton()->isEnabled());
        dialog.setFound({{true, {}}, {false, u"CRIU does not work there."_s}});
        QVERIFY(!dialog.acceptButton()->isEnabled());
        QVERIFY(found(dialog, 1).contains(u"CRIU does not work there."_s));
        dialog.setFound({{true, {}}, {true, u"A timer is lost."_s}});
        QVERIFY(dialog.acceptButton()->isEnabled());
        QVERIFY(found(dialog, 1).contains(u"A timer is lost."_s));
        dialog.setFailure(u"no way there"_s);
        QVERIFY(!dialog.acceptButton()->isEnabled());
    }

    void save_tellsNameAndEnd()
    {
        GroupDialog dialog(GroupDialog::Kind::Save, kMembers, u"gantryctl checkpoint web root@db1/db --together"_s);
        dialog.findChild<QLineEdit *>(u"name"_s)->setText(u"an evening"_s);
        dialog.findChild<QCheckBox *>()->setChecked(true);
        QCOMPARE(dialog.request().name(), "an evening");
        QVERIFY(dialog.request().stop());
        QCOMPARE(dialog.line(), u"gantryctl checkpoint web root@db1/db --together --name 'an evening' --stop"_s);
        dialog.setFound({{true, {}}, {true, {}}});
        dialog.show();
        test::keepPicture(dialog, "group_save");
    }

    void restore_asksNothingElse()
    {
        GroupDialog dialog(GroupDialog::Kind::Restore, kMembers, u"gantryctl restore --group abcd"_s);
        dialog.show();
        QVERIFY(!dialog.findChild<QLineEdit *>(u"name"_s)->isVisible());
        dialog.setFound({{true, {}}, {true, {}}});
        QVERIFY(dialog.acceptButton()->isEnabled());
        QCOMPARE(dialog.line(), u"gantryctl restore --group abcd"_s);
    }

    void restoreOfOne_offersAll()
    {
        v1::CheckpointInfo one;
        one.set_subject("web");
        QVERIFY(RestoreDialog(one).findChild<QPushButton *>(u"group"_s) == nullptr);
        one.set_group("abcd");
        one.set_group_member("web");
        one.add_group_members("web");
        one.add_group_members("root@db1/db");
        one.set_group_skew_usec(2'400);
        RestoreDialog dialog(one);
        const QSignalSpy asked(&dialog, &RestoreDialog::groupRequested);
        dialog.show();
        test::keepPicture(dialog, "group_restore_one");
        auto *button = dialog.findChild<QPushButton *>(u"group"_s);
        QVERIFY(button != nullptr);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        QVERIFY(!dialog.isVisible());
        QCOMPARE(dialog.result(), static_cast<int>(QDialog::Rejected));
    }
};

QTEST_MAIN(TestWidgetsGroup)

#include "tst_widgets_group.moc"
