// SPDX-License-Identifier: GPL-3.0-or-later
// Files of the host that a container has by its bind mounts, saved and put back with it: real runc, real CRIU, in a
// mount namespace with nothing in /run (runApart).
#include <QtTest>

#include "engine/checkpoint/by_runtime.h"
#include "engine/checkpoint/file_swap.h"
#include "engine/checkpoint/volumes.h"
#include "tests/kernel/launched.h"
#include "tests/support/apart.h"
#include "tests/support/with_volume.h"

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
namespace fs = std::filesystem;
using launch::Place;
using repository::Store;
using test::countedIn;
using test::findRuncAndCriu;
using test::isAlive;
using test::knownByRunc;
using test::kPatience;
using test::LaunchFolder;
using test::newStore;
using test::patience;
using test::text;

namespace {

const std::string kName = "v1";

void writeFile(const std::string &path, const std::string &content)
{
    std::ofstream(path) << content;
}

} // namespace

class TestKernelVolumes : public QObject
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
        fs::create_directories(volume() + "/below");
        writeFile(volume() + "/below/kept", "as it was");
    }
    void cleanup()
    {
        m_store.reset();
        test::removeLaunched({kName.c_str()}, state());
        QCOMPARE(readFile("/proc/self/mountinfo")->find(state()), std::string::npos);
        m_folder.reset();
    }

    void told_data()
    {
        QTest::addColumn<QByteArray>("mount");
        QTest::addColumn<QByteArray>("path"); // empty: it is none
        const auto row = [](const char *name, const QByteArray &mount, const QByteArray &path) {
            QTest::newRow(name) << QByteArray(mount).replace("VOLUME", "FOLDER/volume") << path;
        };
        row("a folder", R"({"destination": "/v", "type": "bind", "source": "VOLUME", "options": ["rbind"]})",
            "/volume");
        row("by its options", R"({"destination": "/v", "type": "none", "source": "VOLUME", "options": ["bind"]})",
            "/volume");
        row("a file", R"({"destination": "/v", "type": "bind", "source": "VOLUME/below/kept"})", "/volume/below/kept");
        row("by a link", R"({"destination": "/v", "type": "bind", "source": "FOLDER/link"})", "/volume");
        row("relative to its bundle", R"({"destination": "/v", "type": "bind", "source": "../volume"})", "/volume");
        row("twice", R"({"destination": "/v", "type": "bind", "source": "VOLUME"},
                        {"destination": "/w", "type": "bind", "source": "VOLUME"})",
            "/volume");
        row("to be read only", R"({"destination": "/v", "type": "bind", "source": "VOLUME", "options": ["ro"]})", "");
        row("gone", R"({"destination": "/v", "type": "bind", "source": "VOLUME/none"})", "");
        row("a device", R"({"destination": "/v", "type": "bind", "source": "/dev/null"})", "");
        row("of the kernel", R"({"destination": "/v", "type": "bind", "source": "/proc/self"})", "");
        row("among its devices", R"({"destination": "/dev/v/", "type": "bind", "source": "VOLUME"})", "");
        row("no bind", R"({"destination": "/v", "type": "tmpfs", "source": "VOLUME"})", "");
    }
    void told()
    {
        QFETCH(QByteArray, mount);
        QFETCH(QByteArray, path);
        fs::create_directory_symlink(volume(), m_folder->path() + "/link");
        fs::create_directories(m_folder->path() + "/bundle");
        OciContainer container{.runtime = "runc",
                               .stateFolder = "/run/runc",
                               .id = kName,
                               .bundle = m_folder->path() + "/bundle",
                               .config = {}};
        mount.replace("FOLDER", QByteArray::fromStdString(m_folder->path()));
        container.config = strCat(R"({"mounts": [)", mount.toStdString(), "]}");
        const auto volumes = volumesOf(container);
        QVERIFY2(volumes, volumes ? "" : text(volumes.error()));
        QCOMPARE(volumes->size(), path.isEmpty() ? std::size_t{0} : std::size_t{1});
        if (path.isEmpty())
            return;
        QCOMPARE(volumes->front(), (Volume{m_folder->path() + path.toStdString(), "/v"}));
        QVERIFY(isDeclared(volumes->front(), std::vector<std::string>{m_folder->path() + "/link"}));
        QVERIFY(!isDeclared(volumes->front(), std::vector<std::string>{m_folder->path() + "/link/below/other"}));
        const auto size = sizeOf(volumes->front(), 100, {});
        QVERIFY2(size, size ? "" : text(size.error()));
        QVERIFY(size->bytes == 9 && !size->more);
        QVERIFY(fs::is_directory(volumes->front().path) == (size->files == 3));
        QCOMPARE(sizeOf(volumes->front(), size->files - 1, {})->more, true);
    }

    /// As often as it may be, whatever it is at: the file ends with the number that is in its memory.
    void savedWhileItRuns_comesBackAsItWas()
    {
        QCOMPARE(start(), QByteArray());
        const std::string other = m_folder->path() + "/other"; // no volume: somebody named it
        writeFile(other, "of then");
        const auto saved = save(true, {volume(), other});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(saved->files && saved->fileTotals.files >= 5);
        const std::int64_t then = count();
        QVERIFY(reaches(then + 20)); // it runs on
        writeFile(volume() + "/below/kept", "changed");
        writeFile(volume() + "/late", "made afterwards");
        writeFile(other, "of now");
        writeFile(place().root() + "/late", "in its root");
        const struct stat folder = statOf(volume());
        for (int i = 0; i < 2; ++i) { // as often as one likes
            kill();
            const std::int64_t last = count();
            const auto back = restoreByRuntime(saved->id, m_means, *m_store, patience(), {});
            QVERIFY2(back, back ? "" : text(back.error()));
            QVERIFY(std::ranges::any_of(back->notes, [this](const std::string &note) {
                return note == strCat(volume(), " was put back as it was then");
            }));
            QVERIFY(count() < last); // it counts on from then
            QVERIFY(reaches(then + 20));
            QCOMPARE(readFile(volume() + "/below/kept").value_or(""), std::string("as it was"));
            QCOMPARE(readFile(other).value_or(""), std::string("of then"));
            QVERIFY(!fs::exists(volume() + "/late") && !fs::exists(place().root() + "/late"));
            QVERIFY(statOf(volume()).st_ino == folder.st_ino); // whoever else has it mounted has it still
            QCOMPARE(leftovers(), std::vector<std::string>());
        }
    }

    void ended_losesNothing()
    {
        QCOMPARE(start(), QByteArray());
        const auto saved = save(false, {volume()});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        const std::int64_t last = count();
        QVERIFY(last > 0);
        const auto back = restoreByRuntime(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QVERIFY(back->notes.empty()); // nothing had to be put back
        QVERIFY(reaches(last + 3));
    }

    void notNamed_isLeftAlone()
    {
        QCOMPARE(start(), QByteArray());
        const auto saved = save(false, {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QCOMPARE(saved->fileTotals.files, std::uint64_t{0});
        writeFile(volume() + "/below/kept", "changed");
        const auto back = restoreByRuntime(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(readFile(volume() + "/below/kept").value_or(""), std::string("changed"));
    }

    void leftOut_isLeftAlone()
    {
        QCOMPARE(start(), QByteArray());
        const auto saved = save(false, {volume()});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        writeFile(volume() + "/below/kept", "changed");
        const auto back =
            restoreByRuntime(saved->id, m_means, *m_store, patience(), {}, FilesOfNow::PutAside, KeptFilesUse::LeftOut);
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(readFile(volume() + "/below/kept").value_or(""), std::string("changed"));
    }

    void restoreFails_thePresentIsBack()
    {
        QCOMPARE(start(), QByteArray());
        const auto saved = save(false, {volume()});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        changeAll();
        const std::string then = readFile(volume() + "/n").value_or("");
        // A CRIU that finds the files of then in place, and gives up.
        Means failing = m_means;
        failing.criu.path = scriptOf(strCat("cat ", volume(), "/below/kept > ", m_folder->path(), "/seen; exit 1"));
        const auto back = restoreByRuntime(saved->id, failing, *m_store, patience(), {});
        QVERIFY(!back);
        QCOMPARE(readFile(m_folder->path() + "/seen").value_or(""), std::string("as it was"));
        QCOMPARE(presentIsThere(), QByteArray());
        QCOMPARE(readFile(volume() + "/n").value_or(""), then);
        QVERIFY(knownByRunc().facts == nullptr);
        const auto again = restoreByRuntime(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY(reaches(count() + 3));
    }

    void somebodyElseWrites_isRefused()
    {
        QCOMPARE(start(), QByteArray());
        const auto saved = save(false, {volume()});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        changeAll();
        // Another container that has it, or whoever.
        const pid_t writer = ::fork();
        if (writer == 0) {
            const UniqueFd file(::open((volume() + "/below/kept").c_str(), O_WRONLY | O_CLOEXEC));
            ::pause();
            ::_exit(0);
        }
        QVERIFY(QTest::qWaitFor([&] { return fs::exists(strCat("/proc/", writer, "/fd/3")); }, kPatience));
        const auto back = restoreByRuntime(saved->id, m_means, *m_store, patience(), {});
        ::kill(writer, SIGKILL);
        ::waitpid(writer, nullptr, 0);
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), EBUSY);
        QVERIFY2(text(back.error()).contains(strCat("pid ", writer).c_str()), text(back.error()));
        QCOMPARE(presentIsThere(), QByteArray());
    }

    /// Gantry dies in the midst of a restore: its runtime ends it, one way or the other.
    void weDie_theFilesGoWithTheContainer_data()
    {
        QTest::addColumn<bool>("comesBack");
        QTest::newRow("it comes back") << true;
        QTest::newRow("it does not") << false;
    }
    void weDie_theFilesGoWithTheContainer()
    {
        QFETCH(bool, comesBack);
        QCOMPARE(start(), QByteArray());
        const auto saved = save(false, {volume()});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        const std::int64_t last = count();
        changeAll();
        const std::string gate = m_folder->path() + "/gate";
        Means slow = m_means;
        // Its images are open in Gantry alone: what runs again has begun to while Gantry lived.
        const std::string wait = strCat("touch ", gate, ".reached; while [ -e ", gate, " ]; do sleep 0.02; done; ");
        const std::string restored = strCat(m_means.criu.path, " \"$@\"; code=$?; ! ls ", state(),
                                            "/runtime.*/work/restore.log || { ", wait, "}; exit $code");
        slow.criu.path = scriptOf(comesBack ? restored : wait + "exit 1");
        writeFile(gate, "");
        const pid_t gantry = ::fork();
        if (gantry == 0) {
            (void)restoreByRuntime(saved->id, slow, *m_store, patience(), {});
            ::_exit(0);
        }
        QVERIFY(QTest::qWaitFor([&] { return fs::exists(gate + ".reached"); }, kPatience));
        ::kill(gantry, SIGKILL);
        ::waitpid(gantry, nullptr, 0);
        QVERIFY(undoLeftSwaps(state()).empty()); // its runtime is still at it
        QCOMPARE(readFile(volume() + "/below/kept").value_or(""), std::string("as it was"));
        fs::remove(gate);
        if (comesBack)
            QVERIFY(reaches(last + 3));
        else // its keeper ends, and is ours to reap
            QVERIFY(QTest::qWaitFor([] { return ::waitpid(-1, nullptr, WNOHANG) < 0; }, kPatience));
        std::vector<std::string> told; // as Gantry does it when it begins
        QVERIFY(QTest::qWaitFor([&] { return !(told = undoLeftSwaps(state())).empty(); }, kPatience));
        QCOMPARE(told.size(), std::size_t{1});
        QVERIFY2(told.front().find(comesBack ? "was removed" : "as they were") != std::string::npos,
                 told.front().c_str());
        if (comesBack) {
            QCOMPARE(readFile(volume() + "/below/kept").value_or(""), std::string("as it was"));
            QVERIFY(!fs::exists(volume() + "/late"));
            QVERIFY(reaches(count() + 3));
        } else {
            QCOMPARE(presentIsThere(), QByteArray());
        }
        QCOMPARE(leftovers(), std::vector<std::string>());
    }

private:
    [[nodiscard]] std::string state() const { return m_folder->state(); }
    [[nodiscard]] std::string volume() const { return m_folder->path() + "/volume"; }
    [[nodiscard]] Place place() const { return {state(), kName}; }
    [[nodiscard]] std::int64_t count() const { return countedIn(volume() + "/n"); }
    [[nodiscard]] bool reaches(std::int64_t least) const
    {
        return QTest::qWaitFor([&] { return count() >= least; }, kPatience);
    }
    static struct stat statOf(const std::string &path)
    {
        struct stat out
        {};
        ::stat(path.c_str(), &out);
        return out;
    }
    /// @return why it does not run; empty: it does, and counts into its volume.
    QByteArray start()
    {
        const auto started = launch::run(test::countingBy(kName, m_folder->root()), state(), patience(), {});
        const auto again = started ? test::startAgainWithVolume(place(), kName, volume())
                                   : Result<launch::Kept>(std::unexpected(started.error()));
        if (!again)
            return text(again.error());
        return reaches(5) ? QByteArray() : QByteArray("it does not count");
    }
    Result<Saved> save(bool leaveRunning, std::vector<std::string> paths)
    {
        return test::saveKnown(kName, leaveRunning, m_means, *m_store, std::move(paths));
    }
    static void kill()
    {
        const std::int32_t pid = knownByRunc().facts->initPid;
        ::kill(pid, SIGKILL);
        QVERIFY(QTest::qWaitFor([&] { return !isAlive(pid); }, kPatience));
        QVERIFY(QTest::qWaitFor([] { return knownByRunc().facts->state != runtime::State::Running; }, kPatience));
    }
    void changeAll() const
    {
        writeFile(volume() + "/below/kept", "changed");
        writeFile(volume() + "/late", "made afterwards");
    }
    /// What changeAll() has done. @return what is not so; empty: all is.
    [[nodiscard]] QByteArray presentIsThere() const
    {
        if (readFile(volume() + "/below/kept").value_or("") != "changed")
            return "its content is another one";
        if (readFile(volume() + "/late").value_or("") != "made afterwards")
            return "what was made since is gone";
        return leftovers().empty() ? QByteArray() : QByteArray::fromStdString(leftovers().front());
    }
    /// Of ours, in the volume and beside it.
    [[nodiscard]] std::vector<std::string> leftovers() const
    {
        std::vector<std::string> out;
        for (const auto &entry : fs::recursive_directory_iterator(volume()))
            if (entry.path().filename().string().starts_with(".gantry"))
                out.push_back(entry.path().string());
        for (const auto &entry : fs::directory_iterator(m_folder->path()))
            if (entry.path().filename().string().starts_with(".gantry"))
                out.push_back(entry.path().string());
        return out;
    }
    [[nodiscard]] std::string scriptOf(const std::string &line) const
    {
        std::string path = m_folder->path() + "/script";
        writeFile(path, "#!/bin/sh\n" + line + "\n");
        fs::permissions(path, fs::perms::owner_all);
        return path;
    }
};

int main(int argc, char **argv)
{
    return test::runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestKernelVolumes suite;
        return QTest::qExec(&suite, argc, argv);
    });
}
#include "tst_kernel_volumes.moc"
