// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl as a program: exit statuses, output, real changes on cgroups of the test's own.
#include <QtTest>

#include "tests/kernel/criu_target.h"
#include "tests/service/ran.h"
#include "tests/support/scratch_cgroup.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QScopeGuard>
#include <QTemporaryDir>

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>

using gantry::UniqueFd;
using gantry::test::ChildProcess;
using gantry::test::finish;
using gantry::test::Ran;
using gantry::test::ScratchCgroup;

namespace {

Ran gantryctl(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(GANTRYCTL), arguments);
    return finish(process, 20'000);
}

QString pathOf(const ScratchCgroup &scratch)
{
    return QString::fromStdString(scratch.path().text());
}

/// The row of a cgroup in a document's "cgroups"; empty where it is not listed.
QJsonObject rowOf(const QJsonObject &document, const QString &path)
{
    for (const QJsonValue &row : document["cgroups"].toArray()) {
        if (row["path"].toString() == path)
            return row.toObject();
    }
    return {};
}

} // namespace

class TestGantryctl : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // What is changed here is recorded in a folder of the test's own.
    void initTestCase() { useState(m_state.path()); }

    void tree_scratch_isListedWithItsNumbers()
    {
        const ScratchCgroup scratch("tree");
        const Ran ran = gantryctl({"--json", "tree"});
        QCOMPARE(ran.exitStatus, 0);
        QVERIFY(!rowOf(ran.json(), "/").isEmpty());
        QVERIFY(rowOf(ran.json(), pathOf(scratch))["metrics"].toObject()["memory.current"].isDouble());
        const QByteArray table = gantryctl({"tree"}).out;
        QVERIFY(table.contains(scratch.path().text().substr(1).c_str()));
        // The root has no freezer.
        QCOMPARE(rowOf(ran.json(), "/")["freezer"].toString(), QString("absent"));
        QVERIFY(table.split('\n').at(1).endsWith("  -"));
    }

    void documents_everyVerb_parses_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("member");
        QTest::newRow("containers") << QStringList{"containers"} << "containers";
        QTest::newRow("namespaces") << QStringList{"namespaces"} << "namespaces";
        QTest::newRow("show") << QStringList{"show", "/"} << "limits";
        QTest::newRow("show a process") << QStringList{"show", "pid:1"} << "metrics";
        QTest::newRow("host") << QStringList{"host"} << "hierarchies";
        QTest::newRow("top") << QStringList{"top", "--count", "1", "--interval", "0.1"} << "cgroups";
    }
    void documents_everyVerb_parses()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, member);
        const Ran ran = gantryctl(QStringList{"--json"} + arguments);
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QVERIFY(ran.json().contains(member));
        const Ran table = gantryctl(arguments);
        QCOMPARE(table.exitStatus, 0);
        QVERIFY(!table.out.isEmpty());
    }

    void checkpoint_restore_andWhatTheStoreTells()
    {
        QVERIFY(gantry::test::adoptTargets()); // what gantryctl restores lives on, and is ours then
        const QTemporaryDir folder;
        const std::string place = folder.path().toStdString();
        const gantry::test::Target target("remember", place);
        QVERIFY(target.isReady());
        const gantry::test::Answer before = gantry::test::ask(target.pid(), place);
        const QString pid = QStringLiteral("pid:%1").arg(target.pid());
        Ran ran = gantryctl({"checkpoint", pid, "--dry-run"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QVERIFY2(ran.out.contains("can be checkpointed"), ran.out.constData());
        QVERIFY2(ran.out.contains("not known yet"), ran.out.constData()); // how long it stands still
        QVERIFY(gantryctl({"--json", "check", pid}).json()["expected_freeze_usec"].isNull());
        QVERIFY(gantryctl({"--json", "checkpoints"}).json()["checkpoints"].toArray().isEmpty());
        ran = gantryctl({"--json", "checkpoint", pid, "--name", "one", "--note", "a note"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        const qint64 stood = ran.json()["frozen_usec"].toInteger();
        QVERIFY(stood > 0 && ran.json()["frozen_bytes"].toInteger() > (8 << 20));
        QVERIFY(ran.json()["expected_freeze_usec"].isNull());
        QVERIFY(!ran.json()["no_pre_dump_reason"].toString().isEmpty()); // it is small, or the kernel cannot
        // Now it is known.
        const QJsonObject check = gantryctl({"--json", "check", pid}).json();
        QVERIFY(check["expected_freeze_usec"].toInteger() >= stood);
        QVERIFY(check["freeze_bytes_per_second"].toInteger() > 0);
        QVERIFY(gantryctl({"checkpoint", pid, "--dry-run"}).out.contains("expected to stand still for about"));
        QCOMPARE(gantryctl({"checkpoint", pid, "--pre-dump", "perhaps"}).exitStatus, 2);
        QCOMPARE(ran.json()["checkpoint"].toObject()["name"].toString(), QStringLiteral("one"));
        QVERIFY(ran.json()["not_recorded"].isNull());
        ran = gantryctl({"checkpoint", pid, "--stop", "--name", "two"});
        QVERIFY2(ran.out.contains("It has ended."), (ran.out + ran.err).constData());
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        QCOMPARE(gantryctl({"--json", "checkpoints"}).json()["checkpoints"].toArray().size(), 2);
        QVERIFY(gantryctl({"checkpoints"}).out.contains("two"));
        ran = gantryctl({"--json", "inspect", "two"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QCOMPARE(ran.json()["processes"].toArray().first().toObject()["pid"].toInt(), target.pid());
        QVERIFY(ran.json()["saved_bytes"].toInteger() > (8 << 20));
        QVERIFY(gantryctl({"inspect", "two"}).out.contains("[heap]"));
        ran = gantryctl({"--json", "diff", "one", "two"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        const QJsonObject pages = ran.json()["totals"].toObject()["pages"].toObject();
        QVERIFY(pages["changed"].toInt() > 0); // it counts
        QVERIFY(pages["changed"].toInt() < pages["after"].toInt() / 4);
        QVERIFY(gantryctl({"diff", "one", "two"}).out.contains("of memory are other than before"));
        QVERIFY(gantryctl({"diff", "one", "none"}).exitStatus != 0);
        ran = gantryctl({"restore", "two"});
        QVERIFY2(ran.out.contains("runs again"), (ran.out + ran.err).constData());
        QCOMPARE(gantry::test::ask(target.pid(), place).sum, before.sum);
        ran = gantryctl({"restore", "one"});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("is taken by"), ran.err.constData());
        ran = gantryctl({"repo", "check"});
        QVERIFY2(ran.out.contains("2 checkpoints") && ran.out.contains("all is well"), (ran.out + ran.err).constData());
        QCOMPARE(gantryctl({"mark", "one"}).exitStatus, 2);
        QCOMPARE(gantryctl({"mark", "one", "--pin", "--unpin"}).exitStatus, 2);
        QCOMPARE(gantryctl({"mark", "three", "--pin"}).exitStatus, 1);
        ran = gantryctl({"mark", "one", "--pin", "--name", "uno"});
        QVERIFY2(ran.out.contains("name \"uno\", note \"a note\", pinned"), (ran.out + ran.err).constData());
        ran = gantryctl({"--json", "mark", "uno", "--unpin", "--name=one", "--note="});
        QVERIFY(ran.json()["checkpoint"].toObject()["note"].isNull());
        QVERIFY(!ran.json()["checkpoint"].toObject()["pinned"].toBool(true));
        QCOMPARE(gantryctl({"rmcheckpoint", "one"}).exitStatus, 0);
        const QByteArray stats = gantryctl({"repo", "stats"}).out;
        QVERIFY2(stats.startsWith("1 checkpoint of ") && stats.endsWith("on disk, not encrypted\n"), stats.constData());
        QCOMPARE(gantryctl({"rmcheckpoint", "two"}).exitStatus, 0);
        QVERIFY(gantryctl({"--json", "repo", "gc"}).json()["freed_bytes"].toInteger() > (8 << 20));
        QCOMPARE(gantryctl({"--json", "repo", "stats"}).json()["checkpoints"].toInteger(), 0);
        QCOMPARE(gantryctl({"repo", "burn"}).exitStatus, 2);
    }

    void suspend_resume_andBackInPlace()
    {
        QVERIFY(gantry::test::adoptTargets());
        const QTemporaryDir folder;
        const std::string place = folder.path().toStdString();
        const gantry::test::Target target("remember", place);
        QVERIFY(target.isReady());
        // As a shell does with what it started; and with what is left to it.
        std::jthread reaper([pid = target.pid()](const std::stop_token &stop) {
            for (; !stop.stop_requested(); std::this_thread::sleep_for(std::chrono::milliseconds(5)))
                ::waitpid(pid, nullptr, WNOHANG);
        });
        const QString pid = QStringLiteral("pid:%1").arg(target.pid());
        const gantry::test::Answer before = gantry::test::ask(target.pid(), place);
        QCOMPARE(gantryctl({"suspend", pid, "--in-place"}).exitStatus, 2);
        QVERIFY(gantryctl({"suspend", pid, "--dry-run"}).out.contains("can be suspended"));
        Ran ran = gantryctl({"suspend", pid, "--name", "night"});
        QVERIFY2(ran.out.contains("is suspended: checkpoint "), (ran.out + ran.err).constData());
        QCOMPARE(gantryctl({"resume", "pid:1"}).exitStatus, 1);
        ran = gantryctl({"--json", "resume", pid});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QCOMPARE(ran.json()["checkpoint"].toObject()["trigger"].toString(), QStringLiteral("suspend"));
        QCOMPARE(gantry::test::ask(target.pid(), place).sum, before.sum);

        QCOMPARE(gantryctl({"restore", "night", "--no-safety"}).exitStatus, 2);
        ran = gantryctl({"restore", "night", "--in-place", "--dry-run"});
        QVERIFY2(ran.out.contains("Would end:\n  pid " + QByteArray::number(target.pid())), (ran.out + ran.err).constData());
        ran = gantryctl({"restore", "night", "--in-place"});
        QVERIFY2(ran.out.contains("What ended is checkpoint "), (ran.out + ran.err).constData());
        QCOMPARE(gantry::test::ask(target.pid(), place).sum, before.sum);
        ran = gantryctl({"--json", "restore", "night", "--in-place", "--no-safety"});
        QVERIFY2(ran.exitStatus == 0 && ran.json()["safety"].isNull(), ran.err.constData());
        for (const QJsonValue &one : gantryctl({"--json", "checkpoints"}).json()["checkpoints"].toArray())
            QCOMPARE(gantryctl({"rmcheckpoint", one["id"].toString()}).exitStatus, 0);
    }

    void schedule_runsWhileItIsRun()
    {
        QVERIFY(gantry::test::adoptTargets());
        const QTemporaryDir folder;
        const gantry::test::Target target("plain", folder.path().toStdString());
        QVERIFY(target.isReady());
        const QString pid = QStringLiteral("pid:%1").arg(target.pid());
        QVERIFY(gantryctl({"schedule", "set", pid, "--every", "1s", "--dry-run"}).out.contains("Dry run"));
        QVERIFY(gantryctl({"--json", "schedule", "list"}).json()["schedules"].toArray().isEmpty());
        Ran ran = gantryctl({"schedule", "set", pid, "--every", "1s", "--keep", "2", "--keep-for", "7d", "--keep-bytes=1G"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QVERIFY2(ran.out.contains("every 1s, kept: 2, 7d, 1.0GiB") || ran.out.contains("every 1s, kept: 2, 7d, 1GiB"),
                 ran.out.constData());
        QVERIFY(ran.out.contains("Nobody runs schedules now"));
        QProcess runner;
        runner.start(QStringLiteral(GANTRYCTL), {"schedule", "run"});
        QVERIFY(runner.waitForStarted());
        const auto listed = [] {
            return gantryctl({"--json", "schedule", "list"}).json()["schedules"].toArray()[0].toObject();
        };
        QTRY_VERIFY_WITH_TIMEOUT(listed()["taken"].toInt() >= 2, 20'000);
        QCOMPARE(gantryctl({"--json", "schedule", "list"}).json()["runner_pid"].toInteger(), runner.processId());
        runner.terminate();
        QVERIFY(runner.waitForFinished(20'000));
        QCOMPARE(runner.exitCode(), 0);
        ran = gantryctl({"schedule", "list"});
        QVERIFY2(ran.out.contains("runs") && ran.out.contains("Nobody runs schedules now"), ran.out.constData());
        ran = gantryctl({"repo", "expire", "--keep", "1", "--dry-run"});
        QVERIFY2(ran.out.contains(": would be removed"), (ran.out + ran.err).constData());
        QVERIFY(gantryctl({"repo", "expire", "--keep", "1"}).out.contains(": removed"));
        QCOMPARE(gantryctl({"repo", "expire"}).out, QByteArray("All checkpoints are kept.\n")); // as the schedule says
        QVERIFY(gantryctl({"schedule", "remove", pid}).out.contains("its checkpoints stay"));
        for (const QJsonValue &one : gantryctl({"--json", "checkpoints"}).json()["checkpoints"].toArray())
            QCOMPARE(gantryctl({"rmcheckpoint", one["id"].toString()}).exitStatus, 0);
    }

    void store_encryptedWithAKeyFile()
    {
        QVERIFY(gantry::test::adoptTargets());
        const QTemporaryDir state;
        useState(state.path());
        const auto back = qScopeGuard([this] {
            qunsetenv("GANTRY_KEY_FILE");
            useState(m_state.path());
        });
        const QString key = state.filePath("key");
        Ran ran = gantryctl({"repo", "init", "--key-file", key});
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("dd if=/dev/random"), ran.err.constData());
        const auto write = [](const QString &name, char with) {
            QFile file(name);
            return file.open(QIODevice::WriteOnly) && file.write(QByteArray(32, with)) == 32;
        };
        QVERIFY(write(key, 'k') && write(state.filePath("other"), 'o'));
        QVERIFY(QFile::setPermissions(key, QFile::ReadOwner | QFile::ReadOther));
        ran = gantryctl({"repo", "init", "--key-file", key});
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("others may read"), ran.err.constData());
        QVERIFY(QFile::setPermissions(key, QFile::ReadOwner));
        ran = gantryctl({"--json", "repo", "init", "--key-file", key});
        QVERIFY2(ran.exitStatus == 0 && ran.json()["encrypted"].toBool(), ran.err.constData());
        ran = gantryctl({"repo", "init"});
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("there is a store already"), ran.err.constData());

        const QTemporaryDir folder;
        const std::string place = folder.path().toStdString();
        const gantry::test::Target target("remember", place);
        QVERIFY(target.isReady());
        const gantry::test::Answer before = gantry::test::ask(target.pid(), place);
        ran = gantryctl({"checkpoint", QStringLiteral("pid:%1").arg(target.pid()), "--stop", "--name", "secret"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QCOMPARE(::waitpid(target.pid(), nullptr, 0), target.pid());
        // Another key, and none where it was: said, and nothing is made anew.
        qputenv("GANTRY_KEY_FILE", state.filePath("other").toLocal8Bit());
        ran = gantryctl({"checkpoints"});
        QVERIFY2(ran.exitStatus == 1 && ran.err.contains("not the repository's key file"), ran.err.constData());
        qunsetenv("GANTRY_KEY_FILE");
        QVERIFY(QFile::rename(key, state.filePath("moved")));
        for (const QStringList &verb : {QStringList{"checkpoints"}, {"restore", "secret"}, {"repo", "gc"}}) {
            ran = gantryctl(verb);
            QVERIFY2(ran.exitStatus == 1 && ran.err.contains("its key file " + key.toUtf8()), ran.err.constData());
        }
        qputenv("GANTRY_KEY_FILE", state.filePath("moved").toLocal8Bit());
        ran = gantryctl({"restore", "secret"});
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
        QCOMPARE(gantry::test::ask(target.pid(), place).sum, before.sum);
    }

    void check_tellsWhatStandsInTheWay()
    {
        int pair[2] = {-1, -1};
        QCOMPARE(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        const UniqueFd ours(pair[0]);
        const UniqueFd theirs(pair[1]);
        ::fcntl(ours.get(), F_SETFD, FD_CLOEXEC);
        ChildProcess child([end = ours.get()] {
            ::close(end);
            return gantry::test::sleepForEver();
        });
        child.go();
        const QString target = QStringLiteral("pid:%1").arg(child.pid());
        QTRY_VERIFY(!QFile::exists(QStringLiteral("/proc/%1/fd/%2").arg(child.pid()).arg(ours.get())));
        const Ran ran = gantryctl({"--json", "check", target});
        QCOMPARE(ran.exitStatus, 1);
        const QJsonObject document = ran.json();
        QVERIFY(!document["possible"].toBool(true));
        QCOMPARE(document["root_pid"].toInt(), child.pid());
        QCOMPARE(document["processes"].toInt(), 1);
        QStringList causes;
        for (const QJsonValue &finding : document["findings"].toArray())
            causes << finding["cause"].toString();
        QVERIFY2(causes.contains("unix-peer-outside"), qPrintable(causes.join(' ')));
        const Ran text = gantryctl({"check", target});
        QVERIFY(text.out.startsWith(target.toUtf8() + " cannot be checkpointed: 1 process, "));
        QVERIFY(text.out.contains("error: fd " + QByteArray::number(theirs.get()) + " -> socket:["));
        QCOMPARE(text.err, QByteArray());
        QCOMPARE(gantryctl({"check", "pid:4194303"}).exitStatus, 1);
        const ScratchCgroup empty("check");
        QVERIFY(gantryctl({"check", pathOf(empty)}).err.contains("it has no process"));
    }

    void check_asksCriuOnceForAll()
    {
        const QTemporaryDir folder;
        const QString calls = folder.filePath(QStringLiteral("calls"));
        const QString criu = folder.filePath(QStringLiteral("criu"));
        QFile script(criu);
        QVERIFY(script.open(QIODevice::WriteOnly));
        script.write("#!/bin/sh\necho \"$*\" >>" + calls.toUtf8() + "\n[ \"$1\" != --version ] || echo Version: 9.8\n" +
                     "[ \"$3\" != mem_dirty_track ]\n");
        script.close();
        QVERIFY(script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        qputenv("GANTRY_CRIU", criu.toUtf8());
        const auto restore = qScopeGuard([] { qunsetenv("GANTRY_CRIU"); });
        const auto asked = [&] {
            QFile file(calls);
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        QCOMPARE(gantryctl({"tree"}).exitStatus, 0);
        QCOMPARE(asked(), QByteArray()); // who does not need to know does not ask
        ChildProcess child([] { return gantry::test::sleepForEver(); });
        child.go();
        const QString target = QStringLiteral("pid:%1").arg(child.pid());
        QCOMPARE(gantryctl({"--json", "check", target}).json()["criu"].toObject()["version"].toString(),
                 QString("9.8"));
        const QByteArray once = asked();
        QCOMPARE(once.count("check --feature "), 4);
        QCOMPARE(gantryctl({"--json", "check", target}).json()["criu"].toObject()["version"].toString(),
                 QString("9.8"));
        QMap<QString, QJsonObject> probes;
        for (const QJsonValue &probe : gantryctl({"--json", "host"}).json()["probes"].toArray())
            probes.insert(probe["key"].toString(), probe.toObject());
        QCOMPARE(asked(), once);
        QCOMPARE(probes["criu"]["detail"].toString(), QStringLiteral("CRIU 9.8, %1").arg(criu));
        QVERIFY(probes["criu"]["works"].toBool() && probes["criu.uffd"]["works"].toBool());
        QVERIFY(!probes["criu.mem_dirty_track"]["works"].toBool(true));
        QVERIFY(gantryctl({"host"}).out.contains("criu.network_lock_nftables"));
    }

    void host_whatAProgramDoesNotDo_isNotClaimed()
    {
        int told = 0;
        for (const QJsonValue &probe : gantryctl({"--json", "host"}).json()["probes"].toArray()) {
            if (probe["key"].toString() != "alerts.watches" && probe["key"].toString() != "oom.story")
                continue;
            ++told;
            QVERIFY(!probe["works"].toBool(true));
            QVERIFY(!probe["detail"].toString().isEmpty());
        }
        QCOMPARE(told, 2);
    }

    void top_spinningProcess_hasARate()
    {
        ChildProcess child(gantry::test::spin);
        const ScratchCgroup scratch("top");
        scratch.attach(child.pid());
        child.go();
        const Ran ran = gantryctl({"--json", "top", "--count", "2", "--interval", "0.5"});
        QCOMPARE(ran.exitStatus, 0);
        const QList<QByteArray> lines = ran.out.trimmed().split('\n');
        QCOMPARE(lines.size(), 2);
        const QJsonObject last = QJsonDocument::fromJson(lines.last()).object();
        const double rate = rowOf(last, pathOf(scratch))["metrics"].toObject()["cpu.usage_percent"].toDouble();
        QVERIFY2(rate > 5 && rate < 110, QByteArray::number(rate).constData());
    }

    void set_limits_areWrittenAndReadBack()
    {
        const ScratchCgroup scratch("set");
        const Ran dry = gantryctl({"--json", "set", pathOf(scratch), "pids.max=40", "--dry-run"});
        QVERIFY2(dry.exitStatus == 0, dry.err.constData());
        QCOMPARE(dry.json()["dry_run"].toBool(), true);
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("max\n"));
        const Ran done = gantryctl({"--json", "set", pathOf(scratch), "pids.max=40", "memory.max=300M"});
        QCOMPARE(done.exitStatus, 0);
        const QJsonArray changes = done.json()["changes"].toArray();
        QCOMPARE(changes[0]["old"].toString(), QString("max"));
        QCOMPARE(changes[0]["new"].toInt(), 40);
        QCOMPARE(changes[1]["new"].toInt(), 300 << 20);
        QCOMPARE(changes[1]["limited_by"].toString(), pathOf(scratch));
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("40\n"));
    }

    void set_recordedOrNot_isTold()
    {
        const ScratchCgroup scratch("record");
        const bool journal = QFile::exists("/run/systemd/journal/socket");
        const Ran recorded = gantryctl({"--json", "set", pathOf(scratch), "pids.max=42"});
        QVERIFY(recorded.json()["not_recorded"].isNull());
        QFile audit(m_state.filePath("audit.log"));
        QVERIFY(journal || audit.open(QIODevice::ReadOnly));
        QVERIFY(journal || audit.readAll().contains(pathOf(scratch).toUtf8()));

        useState("/dev/null/state");
        const Ran lost = gantryctl({"--json", "set", pathOf(scratch), "pids.max=43"});
        useState(m_state.path());
        QVERIFY2(lost.exitStatus == 0, lost.err.constData());
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("43\n"));
        QCOMPARE(lost.json()["not_recorded"].isNull(), journal);
        QCOMPARE(lost.err.contains("missing in the audit log"), !journal);
    }

    void set_secondFails_firstIsPutBack()
    {
        const ScratchCgroup scratch("rollback");
        // Kernel: an io.max for a device that is not there is refused with ENODEV.
        const Ran ran = gantryctl({"set", pathOf(scratch), "pids.max=41", "io.max=250:250 rbps=1M"});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY(!ran.err.isEmpty());
        QCOMPARE(scratch.read("pids", "pids.max"), std::string("max\n"));
    }

    void freezeThawSignalKill_realProcess()
    {
        ChildProcess child(gantry::test::sleepForEver);
        const ScratchCgroup scratch("verbs");
        child.go();
        const QString pid = QString::number(child.pid());
        QCOMPARE(gantryctl({"move", pathOf(scratch), pid}).exitStatus, 0);
        const Ran frozen = gantryctl({"--json", "freeze", pathOf(scratch)});
        QVERIFY2(frozen.exitStatus == 0, frozen.err.constData());
        QCOMPARE(frozen.json()["new"].toString(), QString("frozen"));
        QCOMPARE(gantryctl({"--json", "thaw", pathOf(scratch)}).json()["new"].toString(), QString("thawed"));
        QCOMPARE(gantryctl({"signal", "pid:" + pid, "CONT"}).exitStatus, 0);
        QCOMPARE(gantryctl({"rmcgroup", pathOf(scratch)}).exitStatus, 1);
        QCOMPARE(gantryctl({"--json", "kill", pathOf(scratch), "--dry-run"}).json()["processes"].toInt(), 1);
        QCOMPARE(gantryctl({"kill", pathOf(scratch)}).exitStatus, 0);
        QVERIFY(WIFSIGNALED(child.wait()));
    }

    void makeAndRemove_cgroup()
    {
        const ScratchCgroup scratch("make");
        const QString path = pathOf(scratch) + "/new";
        QCOMPARE(gantryctl({"mkcgroup", path, "--dry-run"}).exitStatus, 0);
        QVERIFY(gantryctl({"--json", "mkcgroup", path, "--dry-run"}).json()["warnings"].isArray());
        QCOMPARE(gantryctl({"show", path}).exitStatus, 1);
        QCOMPARE(gantryctl({"mkcgroup", path}).exitStatus, 0);
        QCOMPARE(gantryctl({"show", path}).exitStatus, 0);
        QCOMPARE(gantryctl({"mkcgroup", path}).exitStatus, 1);
        QCOMPARE(gantryctl({"rmcgroup", path}).exitStatus, 0);
        QCOMPARE(gantryctl({"rmcgroup", path}).exitStatus, 1);
    }

    void events_follow_tellWhoWrote()
    {
        const ScratchCgroup scratch("events");
        QProcess process;
        process.start(QStringLiteral(GANTRYCTL), {"--json", "events", "--follow"});
        QVERIFY(process.waitForStarted());
        QByteArray out;
        const QByteArray path = pathOf(scratch).toUtf8();
        int value = 30;
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                // Until the program listens nothing is told: change again.
                scratch.write("pids", "pids.max", std::to_string(++value));
                process.waitForReadyRead(50);
                out += process.readAllStandardOutput();
                return out.contains("limit_changed") && out.contains(path);
            }(),
            10'000);
        process.terminate();
        QVERIFY(process.waitForFinished(5'000));
    }

    void badInput_isRefusedWithObjectAndCause_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("exitStatus");
        QTest::addColumn<QByteArray>("names");
        const auto row = [](const char *name, const QStringList &arguments, int status, const char *names) {
            QTest::newRow(name) << arguments << status << QByteArray(names);
        };
        row("no verb", {}, 2, "verb");
        row("unknown verb", {"frob"}, 2, "frob");
        row("no KEY=VALUE", {"set", "/gantry-test-none", "memory.max"}, 2, "memory.max");
        row("no signal", {"signal", "pid:1", "FROB"}, 2, "FROB");
        row("no pid", {"move", "/gantry-test-none", "x"}, 2, "x");
        row("dots", {"show", "/a/../b"}, 1, "/a/../b");
        row("newline", {"mkcgroup", "/a\nb"}, 1, "/a?b");
        row("relative", {"mkcgroup", "a"}, 1, "a");
        row("no such cgroup", {"show", "/gantry-test-none"}, 1, "/gantry-test-none");
        row("no such container", {"show", "gantry-test-none"}, 1, "gantry-test-none");
        row("short prefix", {"show", "abc"}, 1, "abc");
        row("no such process", {"show", "pid:4194304"}, 1, "4194304");
        row("no parent", {"mkcgroup", "/gantry-test-none/x"}, 1, "gantry-test-none");
        row("unknown key", {"set", "/gantry-test-none", "memory.most=1"}, 1, "memory.most");
        row("out of range", {"set", "/gantry-test-none", "cpu.weight=10001"}, 1, "cpu.weight");
        row("no number", {"set", "/gantry-test-none", "memory.max=much"}, 1, "memory.max");
        row("protected", {"set", "/", "pids.max=1"}, 1, "/");
        row("protected freeze", {"freeze", "/"}, 1, "/");
        row("protected kill", {"kill", "/"}, 1, "/");
        row("schedule what", {"schedule", "paint"}, 2, "paint");
        row("schedule without a period", {"schedule", "set", "pid:1"}, 2, "--every");
        row("period of nothing", {"schedule", "set", "pid:1", "--every", "0s"}, 2, "0s");
        row("period without a unit", {"schedule", "set", "pid:1", "--every", "30"}, 2, "30");
        row("keeps none", {"repo", "expire", "--keep", "0"}, 2, "--keep");
        row("size of nothing", {"repo", "expire", "--keep-bytes", "much"}, 2, "much");
        row("no such schedule", {"schedule", "remove", "gantry-test-none"}, 1, "gantry-test-none");
        row("gc of one", {"repo", "gc", "one"}, 2, "expire");
        row("PID 1", {"signal", "pid:1", "TERM"}, 1, "1");
    }
    void badInput_isRefusedWithObjectAndCause()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, exitStatus);
        QFETCH(QByteArray, names);
        const Ran ran = gantryctl(arguments);
        QVERIFY2(ran.exitStatus == exitStatus, ran.err.constData());
        QVERIFY(ran.err.startsWith("gantryctl: "));
        QVERIFY2(ran.err.contains(names), ran.err.constData());
    }

    void output_closedPipe_endsQuietly()
    {
        QProcess process;
        process.start("sh", {"-c", QStringLiteral(GANTRYCTL) + " tree 2>&1 >&- | cat; " + QStringLiteral(GANTRYCTL) +
                                       " --json namespaces | true; echo end"});
        QVERIFY(process.waitForFinished(20'000));
        const QByteArray out = process.readAllStandardOutput() + process.readAllStandardError();
        QVERIFY2(out.contains("standard output: Bad file descriptor"), out.constData());
        QVERIFY2(out.endsWith("end\n"), out.constData());
    }

    void noPermission_readsAndRefuses()
    {
        QProcess process;
        process.start("setpriv", {"--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                                  "--bounding-set=-all", GANTRYCTL, "--json", "host"});
        QVERIFY(process.waitForFinished(20'000));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
        QVERIFY(QJsonDocument::fromJson(process.readAllStandardOutput())["read_only"].toString().contains("CAP_"));
        const ScratchCgroup scratch("rights");
        process.start("setpriv", {"--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                                  "--bounding-set=-all", GANTRYCTL, "freeze", pathOf(scratch)});
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 1);
        const QByteArray err = process.readAllStandardError();
        QVERIFY2(err.contains(pathOf(scratch).toUtf8()) && err.contains("CAP_"), err.constData());
        process.start("setpriv", {"--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                                  "--bounding-set=-all", GANTRYCTL, "mark", "any", "--pin"});
        QVERIFY(process.waitForFinished(20'000));
        const QByteArray refused = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 1 && refused.contains("updateCheckpoint any: ") && refused.contains("CAP_"),
                 refused.constData());
    }

private:
    static void useState(const QString &folder) { qputenv("GANTRY_STATE", folder.toLocal8Bit()); }

    QTemporaryDir m_state;
};

QTEST_GUILESS_MAIN(TestGantryctl)
#include "tst_gantryctl.moc"
