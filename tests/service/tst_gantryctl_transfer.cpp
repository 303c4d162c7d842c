// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl export and import as programs in pipes: a real process saved, exported, forgotten, imported, restored.
#include <QtTest>

#include "engine/base/strings.h"
#include "tests/kernel/criu_target.h"
#include "tests/service/ran.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <sys/wait.h>

using gantry::test::Answer;
using gantry::test::ask;
using gantry::test::finish;
using gantry::test::Ran;
using gantry::test::Target;

namespace {

/// A shell line in which $G is gantryctl.
Ran shell(const QString &line)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("G"), QStringLiteral(GANTRYCTL));
    process.setProcessEnvironment(environment);
    process.setStandardInputFile(QProcess::nullDevice());
    process.start(QStringLiteral("/bin/bash"),
                  {QStringLiteral("-o"), QStringLiteral("pipefail"), QStringLiteral("-c"), line});
    return finish(process, 60'000);
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestGantryctlTransfer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(gantry::test::adoptTargets());
        useState("one");
        m_target = std::make_unique<Target>("remember", m_work.path().toStdString());
        QVERIFY(m_target->isReady());
        m_before = ask(m_target->pid(), m_work.path().toStdString());
        const QString pid = QStringLiteral("pid:%1").arg(m_target->pid());
        Ran ran = shell(QStringLiteral("$G checkpoint %1 --name first --note kept").arg(pid));
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        ran = shell(QStringLiteral("$G checkpoint %1 --name last --stop").arg(pid));
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QCOMPARE(::waitpid(m_target->pid(), nullptr, 0), m_target->pid());
        QCOMPARE(shell("$G mark first --pin").exitStatus, 0);
    }
    void cleanupTestCase()
    {
        gantry::test::endAllBelow();
        m_target.reset();
    }
    void init() { useState("one"); }

    void throughFilters_toAnotherStore_andRestored()
    {
        const QJsonObject last = rowOf("last");
        const QString filter =
            "$G export last first | zstd -q | zstd -q -d | GANTRY_STATE=" + statePath("two") + " $G import -";
        Ran ran = shell(filter);
        QVERIFY2(ran.exitStatus == 0 && ran.out.contains("imported"), ran.all().constData());
        // Packed, as it lies on a disk.
        ran = shell("$G export last first | gzip | GANTRY_STATE=" + statePath("two") + " $G import");
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QVERIFY2(!ran.out.contains("imported") && ran.out.count("was here before") == 2, ran.all().constData());

        useState("two");
        const QJsonObject came = rowOf("last");
        QCOMPARE(came["id"].toString(), last["id"].toString());
        QCOMPARE(came["parent"].toString(), rowOf("first")["id"].toString());
        QVERIFY(rowOf("first")["pinned"].toBool());
        QCOMPARE(rowOf("first")["note"].toString(), QStringLiteral("kept"));
        QVERIFY(shell("$G repo check").out.contains("all is well"));
        QVERIFY(shell("$G --json inspect last").json()["saved_bytes"].toInteger() > (8 << 20));
        QVERIFY(shell("$G diff first last").out.contains("of memory are other than before"));
        ran = shell("$G restore last");
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        const Answer after = ask(m_target->pid(), m_work.path().toStdString());
        QCOMPARE(after.sum, m_before.sum);
        QCOMPARE(after.secret, m_before.secret);
        QVERIFY(after.count >= m_before.count);
        ::kill(m_target->pid(), SIGKILL);
    }

    void severalTakePagesOnce()
    {
        const auto alone = shell("$G export last | wc -c").out.trimmed().toLongLong();
        const auto both = shell("$G export first last | wc -c").out.trimmed().toLongLong();
        QVERIFY(alone > (8 << 20));
        QVERIFY2(both < alone * 5 / 4, QByteArray::number(both).constData());
    }

    void exported_removed_imported()
    {
        const QString file = m_work.filePath(QStringLiteral("kept.gantry"));
        Ran ran = shell("$G --json export last --output " + file);
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QCOMPARE(ran.json()["bytes"].toInteger(), QFile(file).size());
        QCOMPARE(QFile(file).permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        QCOMPARE(shell("tar tf " + file).exitStatus, 0);
        QCOMPARE(shell("$G rmcheckpoint last").exitStatus, 0);
        QVERIFY(rowOf("last").isEmpty());
        ran = shell("$G --json import " + file);
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QCOMPARE(ran.json()["format"].toString(), QStringLiteral("gantry"));
        QCOMPARE(ran.json()["added"].toArray().size(), 1);
        QCOMPARE(rowOf("last")["id"].toString(), ran.json()["added"].toArray().first()["id"].toString());
    }

    void file_isNeverHalf_norReplacedUnasked()
    {
        const QString file = m_work.filePath(QStringLiteral("there"));
        QVERIFY(shell("echo before > " + file).exitStatus == 0);
        Ran ran = shell("$G export last --output " + file);
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("not replaced"), ran.err.constData());
        QCOMPARE(contentOf(file), QByteArray("before\n"));
        // It fails in the midst: the file system is full.
        ran =
            shell("mkdir full && mount -t tmpfs -o size=1m tmpfs full && echo before > full/f; "
                  "$G export last --output full/f --force; status=$?; cat full/f; ls -A full; umount full; rmdir full; "
                  "exit $status");
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("No space left"), ran.err.constData());
        QCOMPARE(ran.out, QByteArray("before\nf\n"));
        ran = shell("$G export last --force --output " + file);
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QCOMPARE(shell("tar tf " + file).exitStatus, 0);
        QCOMPARE(shell("$G export last --output " + m_work.path()).exitStatus, 1); // a folder
        QCOMPARE(shell("$G export last --force --output /dev/null").exitStatus, 1);
        QCOMPARE(shell("$G export none --output " + m_work.filePath("none")).exitStatus, 1);
        QVERIFY(!QFile::exists(m_work.filePath("none")));
    }

    void pipes_thatBreak_areTold()
    {
        Ran ran = shell("$G export last > /dev/full");
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("No space left"), ran.err.constData());
        ran = shell("$G export last | head -c 100000 > /dev/null");
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("Broken pipe"), ran.err.constData());
        ran = shell("$G export last | head -c 100000 | GANTRY_STATE=" + statePath("three") + " $G import");
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("byte 100000") && ran.err.contains("cut off"), ran.err.constData());
        ran = shell("$G export last | zstd -q | head -c 5000 | GANTRY_STATE=" + statePath("three") + " $G import");
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("byte 5000"), ran.err.constData());
        ran = shell("head -c 100000 /dev/zero | GANTRY_STATE=" + statePath("three") + " $G import");
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("neither"), ran.err.constData());
        ran = shell("$G import < /dev/null");
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("nothing came"), ran.err.constData());
        ran = shell("echo x > x; tar c x | $G import");
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("no checkpoint of podman"), ran.err.constData());
        QCOMPARE(shell("$G import none").exitStatus, 1);
        useState("three");
        QVERIFY(rowsOf().isEmpty());
    }

    void usage_isRefused()
    {
        QCOMPARE(shell("$G export").exitStatus, 2);
        QCOMPARE(shell("$G export last --format tar").exitStatus, 2);
        QCOMPARE(shell("$G --json export last").exitStatus, 2);
        QCOMPARE(shell("$G import --force x").exitStatus, 2);
        // A terminal on the other side.
        Ran ran = shell("script -qec \"$G export last\" /dev/null");
        QVERIFY2(ran.exitStatus == 2 && ran.out.contains("no text for a terminal"), ran.all().constData());
        QVERIFY(ran.out.size() < 1'000);
        ran = shell("$G export last --format podman --output y");
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("podman did not make it"), ran.err.constData());
        ran = shell("$G export last first --format podman --output y");
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("one checkpoint"), ran.err.constData());
    }

    void fromEncryptedStore_saysSo()
    {
        Ran ran = shell("(umask 077; head -c 32 /dev/urandom > key); export GANTRY_STATE=" + statePath("secret") +
                        "; $G repo init --key-file key > /dev/null && GANTRY_STATE=" + statePath("one") +
                        " $G export first | $G import && $G export first > clear && tar tf clear | wc -l");
        QVERIFY2(ran.exitStatus == 0, ran.all().constData());
        QVERIFY2(ran.err.contains("what is exported is not"), ran.err.constData());
        QCOMPARE(ran.err.count("what is exported is not"), 1);
    }

private:
    [[nodiscard]] QString statePath(const char *name) const { return m_states.filePath(QString::fromLatin1(name)); }
    void useState(const char *name)
    {
        qputenv("GANTRY_STATE", statePath(name).toLocal8Bit());
        QVERIFY(QDir::setCurrent(m_work.path()));
    }
    static QJsonArray rowsOf() { return shell("$G --json checkpoints").json()["checkpoints"].toArray(); }
    static QJsonObject rowOf(const char *name)
    {
        for (const QJsonValue &row : rowsOf()) {
            if (row["name"].toString() == QString::fromLatin1(name))
                return row.toObject();
        }
        return {};
    }

    QTemporaryDir m_states;
    QTemporaryDir m_work;
    std::unique_ptr<Target> m_target;
    Answer m_before;
};

QTEST_GUILESS_MAIN(TestGantryctlTransfer)
#include "tst_gantryctl_transfer.moc"
