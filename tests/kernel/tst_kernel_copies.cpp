// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint restored as other containers: real runc, real CRIU, in a mount namespace with nothing in /run
// (runApart). What was saved runs beside its copies, or is gone.
#include <QtTest>

#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/copies.h"
#include "engine/process/process.h"
#include "engine/runtime/tool.h"
#include "tests/kernel/launched.h"
#include "tests/support/apart.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using launch::Place;
using launch::Wish;
using repository::Checkpoint;
using repository::Store;
using test::findRuncAndCriu;
using test::isAlive;
using test::kCount;
using test::kPatience;
using test::LaunchFolder;
using test::limitOf;
using test::newStore;
using test::patience;
using test::text;

namespace {

const std::string kName = "fork";

void writeFile(const std::string &path, const std::string &content)
{
    std::ofstream(path) << content;
}

/// Text of a symbolic link such as "net:[4026532182]".
std::string spaceOf(std::int32_t pid, const char *kind)
{
    return fs::read_symlink(strCat("/proc/", pid, "/ns/", kind)).string();
}

} // namespace

class TestKernelCopies : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<LaunchFolder> m_folder;
    std::optional<Store> m_store;

private Q_SLOTS:
    void initTestCase() { findRuncAndCriu(m_means); }
    void init()
    {
        m_folder = std::make_unique<LaunchFolder>(std::initializer_list<const char *>{"sh", "sleep"});
        m_means.spillFolder = state();
        m_store = newStore(state());
        QVERIFY(m_store);
    }
    void cleanup()
    {
        m_store.reset();
        test::removeLaunched({"fork", "fork-1", "fork-2", "fork-3"}, state());
        QVERIFY(cgroupFolders().empty());
        QCOMPARE(readFile("/proc/self/mountinfo")->find(state()), std::string::npos);
        m_folder.reset();
    }

    void besideTheOriginal_eachForItself()
    {
        Wish wish = counting();
        wish.limits = {{LimitKey::MemoryMax, std::uint64_t{64} << 20}, {LimitKey::PidsMax, std::uint64_t{30}}};
        const auto started = launch::run(wish, state(), patience(), {});
        QVERIFY2(started, started ? "" : text(started.error()));
        QVERIFY(reaches(kName, 3));
        writeFile(place(kName).root() + "/data/kept", "as it was");
        fs::remove(place(kName).root() + "/data/old"); // a whiteout
        const Checkpoint saved = save(true);
        const std::int64_t then = lines(kName).back();
        QVERIFY(reaches(kName, then + 3)); // it runs on
        writeFile(place(kName).root() + "/data/kept", "changed");

        QStringList phases;
        const auto made = restoreCopies(saved, {{"fork-1", "fork-2"}, {}}, m_means, *m_store, patience(),
                                        [&phases](std::string_view phase) {
                                            phases << QString::fromUtf8(phase.data(), static_cast<int>(phase.size()));
                                        },
                                        {});
        QVERIFY2(made, made ? "" : text(made.error()));
        QCOMPARE(phases, QStringList({"check", "read", "copy 1/2", "copy 2/2"}));
        QCOMPARE(made->size(), std::size_t{2});
        std::set<std::string> spaces{spaceOf(started->pid, "pid"), spaceOf(started->pid, "net"),
                                     spaceOf(started->pid, "cgroup"), spaceOf(started->pid, "mnt")};
        for (const CopyMade &one : *made) {
            QVERIFY2(one.restored, one.restored ? "" : text(one.restored.error()));
            QVERIFY(isAlive(one.restored->pid) && isAlive(one.restored->child));
            for (const char *kind : {"pid", "net", "cgroup", "mnt"})
                spaces.insert(spaceOf(one.restored->pid, kind));
            // From the same point, to its own log.
            QVERIFY(reaches(one.name, then + 3));
            QVERIFY2(lines(one.name).front() <= then + 1 && lines(one.name).front() > 1,
                     strCat(lines(one.name).front(), " after ", then).c_str());
            QCOMPARE(readFile(place(one.name).root() + "/data/kept").value_or(""), std::string("as it was"));
            QVERIFY(!fs::exists(place(one.name).root() + "/data/old"));
            QCOMPARE(limitOf(*m_means.hierarchies, one.name, "memory", "memory.limit_in_bytes", "memory.max"),
                     std::string("67108864"));
            QCOMPARE(limitOf(*m_means.hierarchies, one.name, "pids", "pids.max", "pids.max"), std::string("30"));
            QVERIFY(readFile(strCat("/proc/", one.restored->pid, "/cgroup"))->find("/gantry/fork\n") ==
                    std::string::npos);
        }
        QCOMPARE(spaces.size(), std::size_t{12}); // nobody shares one
        QVERIFY(reaches(kName, lines(kName).back() + 3));

        // From then on each goes its way.
        writeFile(place("fork-1").root() + "/data/mine", "of the first");
        QVERIFY(!fs::exists(place("fork-2").root() + "/data/mine") && !fs::exists(place(kName).root() + "/data/mine"));
        kill(made->front().restored->pid);
        QVERIFY(reaches("fork-2", lines("fork-2").back() + 3));
        QVERIFY(reaches(kName, lines(kName).back() + 3));
        const auto removed = launch::remove("fork-1", state(), patience());
        QVERIFY2(removed, removed ? "" : text(removed.error()));
        QVERIFY(!place("fork-1").exists() && isAlive(made->back().restored->pid));
    }

    void originalIsGone()
    {
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(kName, 5));
        const Checkpoint saved = save(false);
        const std::int64_t last = lines(kName).back();
        QVERIFY(launch::remove(kName, state(), patience()));
        QVERIFY(!place(kName).exists());
        launch::LimitSettings limits{{LimitKey::MemoryMax, std::uint64_t{32} << 20}};
        const auto made = restoreCopies(saved, {{"fork-1"}, limits}, m_means, *m_store, patience(), {}, {});
        QVERIFY2(made, made ? "" : text(made.error()));
        QVERIFY2(made->front().restored, made->front().restored ? "" : text(made->front().restored.error()));
        QVERIFY(reaches("fork-1", last + 3));
        QCOMPARE(lines("fork-1").front(), last + 1); // nothing lost, nothing twice
        QCOMPARE(limitOf(*m_means.hierarchies, "fork-1", "memory", "memory.limit_in_bytes", "memory.max"),
                 std::string("33554432"));
        // Under the old name, too.
        kill(made->front().restored->pid);
        QVERIFY(launch::remove("fork-1", state(), patience()));
        QVERIFY(restoreCopies(saved, {{kName}, {}}, m_means, *m_store, patience(), {}, {})->front().restored);
        QVERIFY(reaches(kName, last + 3));
    }

    void conflicts_areToldAllAtOnce()
    {
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(kName, 2));
        const Checkpoint saved = save(true);
        QVERIFY(checkCopies(saved, {{"fork-1", "fork-2"}, {}}, m_means, *m_store, patience())->empty());
        fs::create_directories(place("fork-1").bundle());
        fs::create_directories("/run/runc/fork-2");
        Means means = m_means;
        means.criu.version = "3.0";
        fs::rename(root(), root() + ".away");
        const auto found = checkCopies(saved, {{"fork-1", "fork-2", "fork-3", kName}, {}}, means, *m_store, patience());
        const auto refused = restoreCopies(saved, {{"fork-3", "fork-1"}, {}}, m_means, *m_store, patience(), {}, {});
        fs::rename(root() + ".away", root());
        fs::remove(place("fork-1").bundle());
        fs::remove("/run/runc/fork-2");
        QVERIFY2(found, found ? "" : text(found.error()));
        QStringList told;
        for (const CopyConflict &one : *found)
            told << QString::fromStdString(strCat(one.name, " ", one.error.posix(), " ", one.error.subject));
        QCOMPARE(told, QStringList({QString::fromStdString(strCat(" ", ENOTSUP, " ", kName)),
                                    QString::fromStdString(strCat(" ", ENOENT, " ", root())),
                                    QString::fromStdString(strCat("fork-1 ", EEXIST, " fork-1")),
                                    QString::fromStdString(strCat("fork-2 ", EEXIST, " fork-2")),
                                    QString::fromStdString(strCat("fork ", EEXIST, " fork"))}));
        QVERIFY(!refused);
        QVERIFY(refused.error().detail.find("1 more") != std::string::npos);
        QVERIFY(!place("fork-3").exists());
        QCOMPARE(checkCopies(saved, {{"../c"}, {}}, m_means, *m_store, patience()).error().posix(), EINVAL);
    }

    void nameIsTakenMeanwhile_whatRunsStays()
    {
        QVERIFY(launch::run(counting(), state(), patience(), {}));
        QVERIFY(reaches(kName, 2));
        const Checkpoint saved = save(true);
        Wish other = counting();
        other.name = "fork-2";
        std::int32_t others = 0;
        const std::string elsewhere = m_folder->path() + "/elsewhere";
        const auto made = restoreCopies(saved, {{"fork-1", "fork-2", "fork-3"}, {}, 1}, m_means, *m_store, patience(),
                                        [&](std::string_view phase) {
                                            if (phase == "copy 2/3")
                                                others = launch::run(other, elsewhere, patience(), {})->pid;
                                        },
                                        {});
        QVERIFY2(made, made ? "" : text(made.error()));
        QCOMPARE(made->size(), std::size_t{2});
        QVERIFY(made->front().restored && isAlive(made->front().restored->pid));
        QVERIFY(!made->back().restored);
        QCOMPARE(made->back().restored.error().posix(), EEXIST);
        QCOMPARE(made->back().restored.error().subject, std::string("fork-2"));
        QVERIFY(isAlive(others)); // whose it is now
        QVERIFY(!place("fork-2").exists() && !place("fork-3").exists());
        QVERIFY(reaches("fork-1", lines("fork-1").back() + 3));
        kill(others);
        const auto removed = launch::remove("fork-2", elsewhere, patience());
        QVERIFY2(removed, removed ? "" : text(removed.error()));
    }

    void criuRefusesOne_nothingOfItIsLeft()
    {
        writeFile(root() + "/data/big", std::string(10'000, 'x'));
        Wish wish = counting();
        wish.command = {"/bin/sh", "-c", "exec 5</data/big; " + kCount};
        QVERIFY(launch::run(wish, state(), patience(), {}));
        QVERIFY(reaches(kName, 2));
        const Checkpoint saved = save(false);
        QVERIFY(launch::remove(kName, state(), patience()));
        const auto made = restoreCopies(saved, {{"fork-1", "fork-2"}, {}, 1}, m_means, *m_store, patience(),
                                        [&](std::string_view phase) {
                                            if (phase == "copy 1/2") // what it has open has another size now
                                                writeFile(root() + "/data/big", "small");
                                        },
                                        {});
        QVERIFY2(made, made ? "" : text(made.error()));
        QCOMPARE(made->size(), std::size_t{1});
        QVERIFY(!made->front().restored);
        QCOMPARE(made->front().restored.error().posix(), EIO);
        QVERIFY2(made->front().restored.error().message().find("/data/big") != std::string::npos,
                 text(made->front().restored.error()));
        QVERIFY(!place("fork-1").exists() && !place("fork-2").exists());
        QVERIFY(!fs::exists("/run/runc/fork-1"));
        QVERIFY(cgroupFolders().empty());
    }

    void otherKinds_areRefused_data()
    {
        QTest::addColumn<QByteArray>("kind");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("a tree of processes") << QByteArray("bare") << QByteArray("the pids they had");
        QTest::newRow("runc's, not of Gantry") << QByteArray("runc") << QByteArray("Gantry did not start it");
    }
    void otherKinds_areRefused()
    {
        QFETCH(QByteArray, kind);
        QFETCH(QByteArray, words);
        repository::Manifest manifest;
        manifest.container.name = manifest.container.id = kName;
        manifest.container.runtime = kind.toStdString();
        if (kind == "runc")
            addToManifest({.runtime = "runc", .stateFolder = "/run/runc", .id = kName, .bundle = "/b", .config = {}},
                          manifest);
        repository::Writer writer = *m_store->write();
        const Checkpoint saved = *m_store->checkpoint(*writer.commit(manifest));
        const auto refused = checkCopies(saved, {{"fork-1"}, {}}, m_means, *m_store, patience());
        QVERIFY(!refused);
        QCOMPARE(refused.error().posix(), ENOTSUP);
        QVERIFY2(refused.error().detail.find(words.toStdString()) != std::string::npos, text(refused.error()));
    }

private:
    [[nodiscard]] std::string root() const { return m_folder->root(); }
    [[nodiscard]] std::string state() const { return m_folder->state(); }
    [[nodiscard]] Place place(const std::string &name) const { return {state(), name}; }
    [[nodiscard]] Wish counting() const { return test::countingBy(kName, root()); }
    /// What is in a container's log; 0 where it is empty.
    [[nodiscard]] std::vector<std::int64_t> lines(const std::string &name) const
    {
        std::string log = readFile(place(name).log()).value_or("");
        log.resize(log.rfind('\n') == std::string::npos ? 0 : log.rfind('\n') + 1);
        std::string_view rest = log;
        std::vector<std::int64_t> out;
        while (const auto line = takeLine(rest))
            out.push_back(parseI64(*line).value_or(-1));
        return out.empty() ? std::vector<std::int64_t>{0} : out;
    }
    [[nodiscard]] bool reaches(const std::string &name, std::int64_t least) const
    {
        return QTest::qWaitFor([&] { return lines(name).back() >= least; }, kPatience);
    }
    Checkpoint save(bool leaveRunning)
    {
        const auto saved = test::saveKnown(kName, leaveRunning, m_means, *m_store);
        if (!saved)
            qFatal("%s", text(saved.error()).constData());
        return *m_store->checkpoint(saved->id);
    }
    static void kill(std::int32_t pid)
    {
        ::kill(pid, SIGKILL);
        QVERIFY(QTest::qWaitFor([&] { return !process::readStat(pid); }, kPatience)); // its keeper reaps it
    }
    [[nodiscard]] std::vector<std::string> cgroupFolders() const
    {
        std::vector<std::string> out;
        for (const cgroup::Hierarchy &hierarchy : m_means.hierarchies->all()) {
            for (const char *name : {"fork", "fork-1", "fork-2", "fork-3"}) {
                if (const std::string path = strCat(hierarchy.mountPoint, "/gantry/", name); fs::exists(path))
                    out.push_back(path);
            }
        }
        return out;
    }
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestKernelCopies suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_kernel_copies.moc"
