// SPDX-License-Identifier: GPL-3.0-or-later
// Volumes in the dialog that saves a container.
#include <QtTest>

#include "tests/gui/picture.h"
#include "widgets/dialogs/checkpoint_dialog.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

using namespace gantry;

namespace {

void add(v1::CreateCheckpointReply &reply, const char *path, std::uint64_t files, std::uint64_t bytes, bool more)
{
    v1::ContainerVolume &volume = *reply.add_volumes();
    volume.set_path(path);
    volume.set_destination("/data");
    volume.set_files(files);
    volume.set_bytes(bytes);
    volume.set_more(more);
}

v1::CreateCheckpointReply withVolumes()
{
    v1::CreateCheckpointReply out;
    out.set_files(true);
    add(out, "/srv/data", 4, 2'048, false);
    add(out, "/srv/big", 50'000, 1 << 20, true);
    add(out, "/srv/odd", 0, 0, true);
    return out;
}

} // namespace

class TestWidgetsVolumes : public QObject
{
    Q_OBJECT
    std::unique_ptr<CheckpointDialog> m_dialog;
    std::unique_ptr<QSignalSpy> m_asked;

private Q_SLOTS:
    void init()
    {
        m_dialog = std::make_unique<CheckpointDialog>(v1::Target(), QStringLiteral("web"), QStringLiteral("web"));
        m_asked = std::make_unique<QSignalSpy>(m_dialog.get(), &CheckpointDialog::previewRequested);
        m_dialog->show();
        m_dialog->start();
        m_asked->clear();
    }
    void cleanup()
    {
        m_asked.reset();
        m_dialog.reset();
    }

    void none_isNotAskedFor()
    {
        m_dialog->setPreview(v1::CreateCheckpointReply());
        QVERIFY(!box().isVisible() && !list().isVisible());
        QVERIFY(!m_dialog->request().volumes());
    }

    void notPartOfIt_untilTicked()
    {
        m_dialog->setPreview(withVolumes());
        QVERIFY(box().isVisible() && !box().isChecked());
        QVERIFY(!m_dialog->request().volumes() && !line().contains(QStringLiteral("--volumes")));
        const QString said = list().text();
        QVERIFY2(said.startsWith(QStringLiteral("They are not part of it:")), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("/srv/data (2.0 KiB)")) ||
                     said.contains(QStringLiteral("/srv/data (2 KiB)")),
                 qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("/srv/big (more than ")), qPrintable(said));
        QVERIFY2(said.contains(QStringLiteral("/srv/odd (how big is not known)")), qPrintable(said));
        test::keepPicture(*m_dialog, "checkpoint-volumes");

        box().click();
        QCOMPARE(m_asked->size(), 1);
        const auto asked = m_asked->takeFirst().at(0).value<v1::CreateCheckpointRequest>();
        QVERIFY(asked.dry_run() && asked.volumes());
        QVERIFY(!m_dialog->acceptButton()->isEnabled()); // until it is known that they can be
        v1::CreateCheckpointReply reply = withVolumes();
        v1::CheckpointFile &file = *reply.add_would_save();
        file.set_path("/srv/data");
        file.set_declared(true);
        m_dialog->setPreview(reply);
        QVERIFY(m_dialog->acceptButton()->isEnabled());
        QVERIFY(m_dialog->request().volumes() && line().contains(QStringLiteral("--volumes")));
        QVERIFY(!list().text().contains(QStringLiteral("not part of it")));
        QVERIFY(!m_dialog->findChild<QCheckBox *>(QStringLiteral("files"))->isVisible()); // of bare trees
    }

    void cannotBe_isToldAndGoneWithTheTick()
    {
        m_dialog->setPreview(withVolumes());
        box().click();
        v1::Failure failure;
        failure.set_posix_errno(EXDEV);
        failure.set_subject("/srv/data");
        failure.set_detail("another file system is mounted in it");
        m_dialog->setFailure(failure);
        QVERIFY(!m_dialog->acceptButton()->isEnabled());
        QVERIFY(said().contains(QStringLiteral("mounted in it")));
        box().click();
        m_dialog->setPreview(withVolumes());
        QVERIFY(m_dialog->acceptButton()->isEnabled());
        QVERIFY(!said().contains(QStringLiteral("mounted in it")));
    }

private:
    QCheckBox &box() { return *m_dialog->findChild<QCheckBox *>(QStringLiteral("volumes")); }
    QLabel &list() { return *m_dialog->findChild<QLabel *>(QStringLiteral("volumeList")); }
    /// Of gantryctl.
    QString line()
    {
        QString out;
        for (const QLineEdit *one : m_dialog->findChildren<QLineEdit *>()) {
            if (one->text().startsWith(QStringLiteral("gantryctl")))
                out = one->text();
        }
        return out;
    }
    QString said()
    {
        QStringList out;
        for (const QLabel *label : m_dialog->findChildren<QLabel *>()) {
            if (label->isVisible())
                out << label->text();
        }
        return out.join(u'\n');
    }
};

QTEST_MAIN(TestWidgetsVolumes)
#include "tst_widgets_volumes.moc"
