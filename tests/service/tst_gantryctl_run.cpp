// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl run, and checkpoint and restore of what it starts, as an admin types them: each command an engine of its
// own that has ended before the next one. In a mount namespace with nothing in /run and /var/lib (runApart).
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "tests/service/ran.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"
#include "tests/support/scratch_cgroup.h"
#include "tests/support/with_volume.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using test::Ran;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 20'000; ///< ms; a busy machine
const std::string kFolder = "/var/lib/gantry-test";
const std::string kState = kFolder + "/state";
const std::string kImage = "localhost/gantry-run:1";
const std::string kCount = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done";

Ran run(const std::vector<std::string> &words)
{
    const auto done = runtime::runTool(words, {runtime::Clock::now() + 60s});
    if (!done)
        qCritical("%s: %s", joined(words).c_str(), done.error().message().c_str());
    return done ? Ran{done->exitCode, QByteArray::fromStdString(done->standardOutput),
                      QByteArray::fromStdString(done->standardError)}
                : Ran();
}

/// What it says to a person.
Ran gantryctlsText(std::vector<std::string> words)
{
    const std::vector<std::string> program{"/usr/bin/env", "GANTRY_STATE=" + kState, GANTRYCTL};
    words.insert(words.begin(), program.begin(), program.end());
    return run(words);
}

Ran gantryctl(std::vector<std::string> words)
{
    words.insert(words.begin(), "--json");
    return gantryctlsText(std::move(words));
}

std::string shell(const std::string &line)
{
    const Ran ran = run({"/bin/sh", "-c", line});
    if (ran.exitStatus != 0)
        qCritical("%s: %s%s", line.c_str(), ran.out.constData(), ran.err.constData());
    return ran.out.trimmed().toStdString();
}

void writeFile(const std::string &path, const std::string &text)
{
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << text;
}

/// The numbers in the container's log.
std::vector<int> numbers(const std::string &name)
{
    std::vector<int> out;
    QFile file(QString::fromStdString(strCat(kState, "/containers/", name, "/log")));
    if (!file.open(QIODevice::ReadOnly))
        return out;
    const QByteArray all = file.readAll();
    for (const QByteArray &line : all.left(all.lastIndexOf('\n')).split('\n')) {
        bool good = false;
        if (const int number = line.toInt(&good); good)
            out.push_back(number);
    }
    return out;
}

void reapAll();

/// As an admin gets rid of one.
void endAndRemove(const std::string &name, int pid)
{
    const Ran killed = gantryctl({"kill", name});
    QVERIFY2(killed.exitStatus == 0, killed.err.constData());
    QTRY_VERIFY_WITH_TIMEOUT((reapAll(), !process::readStat(pid)), kPatience);
    const Ran removed = gantryctl({"rmrun", name});
    QVERIFY2(removed.exitStatus == 0, removed.err.constData());
}

/// Reaps what was left to us: gantryctl's children are ours when it has ended.
void reapAll()
{
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

} // namespace

class TestGantryctlRun : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        const std::string root = kFolder + "/rootfs";
        test::makeBusyboxRoot(root, {"sh", "sleep"});
        // podman wants more than an empty /etc/containers; no more open files than any machine may give.
        writeFile("/etc/containers/policy.json", R"({"default": [{"type": "insecureAcceptAnything"}]})");
        writeFile("/etc/containers/storage.conf", "[storage]\ndriver = \"overlay\"\n"
                                                  "graphroot = \"/var/lib/containers/storage\"\n"
                                                  "runroot = \"/run/containers/storage\"\n");
        writeFile("/etc/containers/containers.conf",
                  "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=1024:1024\"]\n"
                  "[engine]\ncgroup_manager = \"cgroupfs\"\nevents_logger = \"file\"\nruntime = \"runc\"\n");
        shell(strCat("tar -C ", root, " -cf ", kFolder, "/image.tar . && podman import -q --change 'ENV COLOUR=green' ",
                     kFolder, "/image.tar ", kImage));
    }
    void cleanup()
    {
        shell("for c in $(runc list -q); do runc delete --force $c; done");
        for (const char *name : {"one", "two", "fork", "fork-1", "fork-2", "fork-3"})
            if (fs::exists(strCat(kState, "/containers/", name)))
                QCOMPARE(gantryctl({"rmrun", name}).exitStatus, 0);
        reapAll();
    }

    void everyCommand_byItself_data()
    {
        QTest::addColumn<QString>("option");
        QTest::addColumn<QString>("value");
        QTest::newRow("of a folder") << "--rootfs" << QString::fromStdString(kFolder + "/rootfs");
        QTest::newRow("of podman's image") << "--image" << QString::fromStdString(kImage);
    }
    void everyCommand_byItself()
    {
        QFETCH(QString, option);
        QFETCH(QString, value);
        std::vector<std::string> words{"run",
                                       "--name",
                                       "one",
                                       option.toStdString(),
                                       value.toStdString(),
                                       "--memory-max",
                                       "64M",
                                       "--cpus",
                                       "1.5",
                                       "--pids-max",
                                       "20",
                                       "--env",
                                       "SIZE=big",
                                       "--",
                                       "/bin/sh",
                                       "-c",
                                       "echo $SIZE $COLOUR; i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done"};
        std::vector<std::string> dry = words;
        dry.insert(dry.begin() + 1, "--dry-run");
        const Ran preview = gantryctl(dry);
        QVERIFY2(preview.exitStatus == 0, preview.err.constData());
        QVERIFY(preview.json()["root_pid"].isNull() && preview.json()["dry_run"].toBool());
        QVERIFY(!fs::exists(kState + "/containers/one"));

        const Ran started = gantryctl(words);
        QVERIFY2(started.exitStatus == 0, started.err.constData());
        QVERIFY(started.json()["not_recorded"].isNull());
        const int pid = started.json()["root_pid"].toInt();
        QVERIFY(process::readStat(pid)->state != 'Z');
        // Its starter has ended; it goes on.
        QTRY_VERIFY_WITH_TIMEOUT(numbers("one").size() > 3, kPatience);
        const QJsonArray lines = gantryctl({"logs", "one", "--lines", "1000"}).json()["lines"].toArray();
        QCOMPARE(lines.at(0).toObject()["text"].toString().trimmed(),
                 option == "--image" ? QString("big green") : QString("big"));
        QVERIFY(gantryctl({"check", "one"}).json()["possible"].toBool());

        const Ran look = gantryctlsText({"checkpoint", "one", "--dry-run"});
        QVERIFY2(look.exitStatus == 0, look.err.constData());
        QVERIFY2(look.out.contains("What it changed of its files would be part of it."), look.out.constData());
        const Ran saved = gantryctl({"checkpoint", "one", "--name", "then"});
        QVERIFY2(saved.exitStatus == 0, saved.err.constData());
        QVERIFY(saved.json()["files"].toBool() && saved.json()["frozen_usec"].toInt() > 0);
        QCOMPARE(saved.json()["checkpoint"].toObject()["runtime"].toString(), QString("runc"));
        const Ran early = gantryctl({"restore", "then", "--dry-run"});
        QCOMPARE(early.exitStatus, 1);
        QVERIFY(early.err.contains("it is running"));
        const Ran ended = gantryctl({"checkpoint", "one", "--name", "last", "--stop"});
        QVERIFY2(ended.exitStatus == 0, ended.err.constData());
        QVERIFY(!process::readStat(pid) || process::readStat(pid)->state == 'Z');
        const int last = numbers("one").back();
        const Ran back = gantryctl({"restore", "last"});
        QVERIFY2(back.exitStatus == 0, back.err.constData());
        QVERIFY(back.json()["remark"].isNull());
        QTRY_VERIFY_WITH_TIMEOUT(numbers("one").back() > last + 2, kPatience);
        const std::vector<int> all = numbers("one");
        for (std::size_t i = 0; i < all.size(); ++i)
            QCOMPARE(all[i], static_cast<int>(i) + 1); // nothing lost, nothing twice

        QCOMPARE(gantryctl({"rmrun", "one"}).exitStatus, 1); // it runs
        QCOMPARE(gantryctl({"kill", "one"}).exitStatus, 0);
        const int again = back.json()["root_pid"].toInt();
        QTRY_VERIFY_WITH_TIMEOUT((reapAll(), !process::readStat(again)), kPatience);
        const Ran removed = gantryctl({"rmrun", "one"});
        QVERIFY2(removed.exitStatus == 0, removed.err.constData());
        QVERIFY(!fs::exists(kState + "/containers/one"));
        for (const char *name : {"then", "last"})
            QCOMPARE(gantryctl({"rmcheckpoint", name}).exitStatus, 0);
        if (option == "--image") // not held any more
            QCOMPARE(shell("podman image mount | grep -c gantry-run || true"), std::string("0"));
    }

    void restoredAsOthers_theyLiveOn()
    {
        const Ran started = gantryctl({"run", "--name", "fork", "--rootfs", kFolder + "/rootfs", "--memory-max", "64M",
                                       "--", "/bin/sh", "-c", kCount});
        QVERIFY2(started.exitStatus == 0, started.err.constData());
        QTRY_VERIFY_WITH_TIMEOUT(numbers("fork").size() > 3, kPatience);
        // Changed since its start: what it has at its checkpoint counts.
        const Ran set = gantryctl({"set", "fork", "memory.max=48M"});
        QVERIFY2(set.exitStatus == 0, set.err.constData());
        const Ran saved = gantryctl({"checkpoint", "fork", "--name", "then"});
        QVERIFY2(saved.exitStatus == 0, saved.err.constData());
        const QString id = saved.json()["checkpoint"].toObject()["id"].toString();
        const int then = numbers("fork").back();

        const Ran preview = gantryctl({"restore", "then", "--as", "fork", "--copies", "2", "--dry-run"});
        QVERIFY2(preview.exitStatus == 0, preview.err.constData());
        QCOMPARE(preview.json()["copies"].toArray().size(), 2);
        QVERIFY(preview.json()["copies"].toArray()[0].toObject()["root_pid"].isNull());
        QVERIFY(preview.json()["notes"].toArray()[0].toString().contains("host name inside is fork"));
        QVERIFY(!fs::exists(kState + "/containers/fork-1"));

        const Ran made = gantryctl({"restore", "then", "--as", "fork", "--copies", "2"});
        QVERIFY2(made.exitStatus == 0, (made.out + made.err).constData());
        QVERIFY(made.json()["not_recorded"].isNull());
        std::vector<std::pair<std::string, int>> pids;
        for (const QJsonValue &copy : made.json()["copies"].toArray()) {
            const std::string name = copy.toObject()["name"].toString().toStdString();
            const int pid = copy.toObject()["root_pid"].toInt();
            pids.emplace_back(name, pid);
            QVERIFY(process::readStat(pid) && process::readStat(pid)->state != 'Z');
            QTRY_VERIFY_WITH_TIMEOUT(numbers(name).size() > 3, kPatience); // its starter has ended; it goes on
            QVERIFY(numbers(name).front() <= then + 1 && numbers(name).front() > 1);
            const QJsonArray limits = gantryctl({"show", name}).json()["limits"].toArray();
            const auto memory = std::ranges::find_if(
                limits, [](const QJsonValue &limit) { return limit.toObject()["key"] == "memory.max"; });
            QVERIFY(memory != limits.end());
            QCOMPARE((*memory).toObject()["configured"].toInt(), 48 << 20);
        }
        QVERIFY(numbers("fork").back() > then); // nobody disturbed it

        // All that is in the way, at once.
        const Ran refused = gantryctl({"restore", "then", "--as", "fork", "--copies", "3"});
        QCOMPARE(refused.exitStatus, 1);
        QCOMPARE(refused.json()["copies"].toArray()[2].toObject()["root_pid"], QJsonValue());
        QStringList taken;
        for (const QJsonValue &conflict : refused.json()["conflicts"].toArray())
            taken << conflict.toObject()["name"].toString();
        QVERIFY(taken.contains("fork-1") && taken.contains("fork-2") && !taken.contains("fork-3"));
        QVERIFY(!fs::exists(kState + "/containers/fork-3"));

        // A branch of the same time line.
        const Ran later = gantryctl({"checkpoint", "fork-1"});
        QVERIFY2(later.exitStatus == 0, later.err.constData());
        QCOMPARE(later.json()["checkpoint"].toObject()["parent"].toString(), id);
        QCOMPARE(later.json()["checkpoint"].toObject()["subject"].toString(), QString("fork-1"));
        const std::string audit = shell("cat " + kState + "/audit.log");
        QVERIFY(audit.find("restoreCopy") != std::string::npos && audit.find("fork-2") != std::string::npos);
        pids.push_back({"fork", started.json()["root_pid"].toInt()});
        for (const auto &[name, pid] : pids)
            endAndRemove(name, pid);
        // With what was saved gone, too.
        const Ran back = gantryctl({"restore", "then", "--as", "fork-3"});
        QVERIFY2(back.exitStatus == 0, (back.out + back.err).constData());
        QTRY_VERIFY_WITH_TIMEOUT(numbers("fork-3").size() > 3, kPatience);
        endAndRemove("fork-3", back.json()["copies"].toArray()[0].toObject()["root_pid"].toInt());
        QCOMPARE(gantryctl({"rmcheckpoint", "then"}).exitStatus, 0);
    }

    void volumes_areTold_saved_andPutBack()
    {
        const std::string folder = kFolder + "/volume";
        writeFile(folder + "/kept", "as it was");
        const Ran started =
            gantryctl({"run", "--name", "one", "--rootfs", kFolder + "/rootfs", "--", "/bin/sh", "-c", kCount});
        QVERIFY2(started.exitStatus == 0, started.err.constData());
        const auto again = test::startAgainWithVolume(launch::Place(kState, "one"), "one", folder);
        QVERIFY2(again, again ? "" : again.error().message().c_str());
        QTRY_VERIFY_WITH_TIMEOUT(test::countedIn(folder + "/n") > 3, kPatience);

        const Ran look = gantryctlsText({"checkpoint", "one", "--dry-run"});
        QVERIFY2(look.exitStatus == 0, look.err.constData());
        QVERIFY2(look.out.contains(("Volumes that are not part of it (--volumes adds all, --files PATH one):\n  " +
                                    folder + ", which it has as /data: ")
                                       .c_str()),
                 look.out.constData());
        const Ran wanted = gantryctlsText({"checkpoint", "one", "--volumes", "--dry-run"});
        QVERIFY2(wanted.out.contains(
                     ("What it changed of its files would be part of it, and:\n  " + folder + "/: ").c_str()),
                 wanted.out.constData());
        QVERIFY(!wanted.out.contains("not part of it"));
        QCOMPARE(gantryctl({"checkpoint", "one", "--volumes", "--without-files"}).exitStatus, 2);

        const Ran saved = gantryctl({"checkpoint", "one", "--volumes", "--name", "then"});
        QVERIFY2(saved.exitStatus == 0, saved.err.constData());
        QVERIFY(saved.json()["volumes"].toArray().at(0).toObject()["saved"].toBool());
        QCOMPARE(saved.json()["files_saved"].toInt(), 3);
        const QJsonArray rows = gantryctl({"inspect", "then"}).json()["files"].toArray();
        QVERIFY(std::ranges::any_of(rows, [&folder](const QJsonValue &row) {
            return row.toObject()["path"].toString().toStdString() == folder + "/kept" &&
                   row.toObject()["saved"].toBool();
        }));

        const std::int64_t then = test::countedIn(folder + "/n");
        QTRY_VERIFY_WITH_TIMEOUT(test::countedIn(folder + "/n") > then + 20, kPatience);
        writeFile(folder + "/kept", "changed");
        const Ran preview = gantryctlsText({"restore", "then", "--in-place", "--dry-run"});
        QVERIFY2(preview.exitStatus == 0 && preview.out.contains(folder.c_str()), preview.out.constData());
        const Ran back = gantryctl({"restore", "then", "--in-place"});
        QVERIFY2(back.exitStatus == 0, back.err.constData());
        QVERIFY(test::countedIn(folder + "/n") > 0); // each number once: it counts on from what is in the file
        QTRY_VERIFY_WITH_TIMEOUT(test::countedIn(folder + "/n") > then + 3, kPatience);
        QCOMPARE(QByteArray::fromStdString(readFile(folder + "/kept").value_or("")), QByteArray("as it was"));
        const Ran copy = gantryctl({"restore", "then", "--as", "fork", "--dry-run"});
        QVERIFY2(copy.out.contains("is not put back for a new container"), (copy.out + copy.err).constData());
        endAndRemove("one", back.json()["root_pid"].toInt());
        for (const QJsonValue &one : gantryctl({"checkpoints"}).json()["checkpoints"].toArray())
            QCOMPARE(gantryctl({"rmcheckpoint", one.toObject()["id"].toString().toStdString()}).exitStatus, 0);
    }

    void copies_whatIsToldWhereTheyCannotBe()
    {
        QCOMPARE(gantryctl({"restore", "x", "--copies", "0"}).exitStatus, 2);
        QCOMPARE(gantryctl({"restore", "x", "--as", "web", "--in-place"}).exitStatus, 2);
        QCOMPARE(gantryctl({"checkpoint", "x", "--as", "web"}).exitStatus, 2);
        const pid_t child = ::fork();
        if (child == 0) {
            ::setsid();
            ::close_range(0, ~0U, 0);
            while (::open("/dev/null", O_RDWR) < 2) { // the ones given were opened in another mount namespace
            }
            ::execl("/bin/busybox", "sleep", "1000", nullptr);
            ::_exit(127);
        }
        const Ran saved = gantryctl({"checkpoint", strCat("pid:", child), "--name", "tree"});
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        QVERIFY2(saved.exitStatus == 0, saved.err.constData());
        for (const char *option : {"--dry-run", "--json"}) {
            const Ran refused = gantryctl({"restore", "tree", "--as", "web", option});
            QCOMPARE(refused.exitStatus, 1);
            QVERIFY2(refused.err.contains("with the pids they had"), refused.err.constData());
        }
        QCOMPARE(gantryctl({"rmcheckpoint", "tree"}).exitStatus, 0);
    }

    void wrongUsage_isToldAsThat()
    {
        QCOMPARE(gantryctl({"run", "--rootfs", "/tmp", "--", "/bin/true"}).exitStatus, 2);
        QCOMPARE(gantryctl({"run", "--name", "two", "--rootfs", "/tmp", "--image", "x", "--", "/bin/true"}).exitStatus,
                 2);
        const Ran nothing = gantryctl({"run", "--name", "two", "--", "/bin/true"});
        QCOMPARE(nothing.exitStatus, 1);
        QVERIFY(nothing.err.contains("--rootfs DIR"));
        QCOMPARE(gantryctl({"tree", "--image", "x"}).exitStatus, 2);
    }

    void podmansOwn_isNotEndedByItsCheckpoint()
    {
        const test::ScratchCgroup top("run", {});
        shell(strCat("podman run -d --network none --cgroup-parent ", top.path().text(), " --name two ", kImage,
                     " /bin/sleep 1000"));
        // On cgroup v1, and where podman's CRIU is not the one that works. What works: the lab.
        const Ran refused = gantryctl({"checkpoint", "two", "--stop"});
        QCOMPARE(refused.exitStatus, 1);
        QVERIFY2(refused.err.contains("podman takes the criu of the system") ||
                     refused.err.contains("cannot save what stands still"),
                 refused.err.constData());
        QCOMPARE(shell("podman inspect --format '{{.State.Status}}' two"), std::string("running"));
        for (const std::string option : {"--volumes", "--files=/etc/hostname"}) {
            const Ran other = gantryctl({"checkpoint", "two", option});
            QCOMPARE(other.exitStatus, 1);
            QVERIFY2(other.err.contains("podman's own verb saves it, and its named volumes with it"),
                     other.err.constData());
        }
        shell("podman rm -f -t 0 two");
    }
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestGantryctlRun suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_gantryctl_run.moc"
