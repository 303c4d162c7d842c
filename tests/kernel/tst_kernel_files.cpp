// SPDX-License-Identifier: GPL-3.0-or-later
// Files of a process tree go back with it: by real CRIU, on ext4, tmpfs, btrfs and xfs; and whatever fails, the present
// ones stay as they are.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/file_swap.h"
#include "engine/checkpoint/save.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_case.h"
#include "tests/kernel/own_disk.h"

#include <QTemporaryDir>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using repository::Store;
using test::ask;
using test::Disk;
using test::findCriu;
using test::hasLeftovers;
using test::newStore;
using test::patience;
using test::run;
using test::Target;
using test::text;

namespace {

void write(const std::string &path, const std::string &content)
{
    std::ofstream(path, std::ios::binary) << content;
}

std::string read(const std::string &path)
{
    return readFile(path).value_or("?");
}

/// Everything about a folder that a restore gives back, as text.
std::string describe(const std::string &folder)
{
    std::string out;
    std::vector<fs::path> paths{folder};
    for (const auto &entry : fs::recursive_directory_iterator(folder))
        paths.push_back(entry.path());
    std::ranges::sort(paths);
    for (const fs::path &path : paths) {
        struct stat info
        {};
        ::lstat(path.c_str(), &info);
        out += strCat(path.string(), " ", info.st_mode, " ", info.st_uid, " ", info.st_gid, " ");
        if (!S_ISDIR(info.st_mode))
            out += strCat(info.st_nlink, " ", info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec, " ");
        if (S_ISREG(info.st_mode))
            out += strCat(info.st_size, " ", stableHash(read(path.string())), " ");
        if (S_ISLNK(info.st_mode))
            out += fs::read_symlink(path).string();
        char value[64] = {};
        if (::lgetxattr(path.c_str(), "user.note", value, sizeof value - 1) > 0)
            out += value;
        out += "\n";
    }
    return out;
}

/// Kills CRIU as soon as it has made this process. Thread: of its own.
class CriuKiller
{
public:
    explicit CriuKiller(std::int32_t pid)
        : m_thread([pid](const std::stop_token &stop) {
            while (!stop.stop_requested()) {
                const auto made = process::readStat(pid);
                if (!made || made->state == 'Z')
                    continue;
                for (const std::int32_t criu : test::runningCriu()) {
                    if (criu != pid) // what it has made has its name at first
                        ::kill(criu, SIGKILL);
                }
                return;
            }
        })
    {}

private:
    std::jthread m_thread;
};

} // namespace

class TestKernelFiles : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder; ///< state, store, and "work" of the target
    std::optional<Store> m_store;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        findCriu(m_means);
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        fs::create_directories(state());
        fs::create_directories(work());
        m_means.spillFolder = state();
        m_store = newStore(state());
        QVERIFY(m_store);
    }
    void cleanup()
    {
        test::endAllBelow();
        m_store.reset();
        QVERIFY(!hasLeftovers(m_folder->path().toStdString()));
        m_folder.reset();
    }

    void whatItWrites_goesBackWithIt_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("how");
        QTest::newRow("ext4") << "ext4"
                              << "records";
        QTest::newRow("ext4, mapped") << "ext4"
                                      << "mapped";
        QTest::newRow("tmpfs") << "tmpfs"
                               << "records";
        QTest::newRow("btrfs") << "btrfs"
                               << "records";
        QTest::newRow("xfs") << "xfs"
                             << "mapped";
    }
    void whatItWrites_goesBackWithIt()
    {
        QFETCH(QString, type);
        QFETCH(QString, how);
        const Disk disk(type.toStdString(), work() + "/data");
        QVERIFY2(disk.isReady(), "packaging/setup.sh test installs what makes file systems");
        const std::string path = work() + "/data/store.bin";
        const Target target(how.toStdString() + ":" + path, work());
        QVERIFY(target.isReady());
        QCOMPARE(ask(target.pid(), work()).sum, 0);
        const auto plan = planFiles({.declared = {}, .written = true}, std::array{target.pid()}, state(), {});
        QVERIFY2(plan, plan ? "" : text(plan.error()));
        QCOMPARE(plan->roots.size(), std::size_t{1}); // and not the log
        QCOMPARE(plan->roots.front().root.path, path);
        QCOMPARE(plan->roots.front().by, type == "btrfs" || type == "xfs" ? TakenBy::Clone : TakenBy::Copy);
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QCOMPARE(saved->fileTotals.files, std::uint64_t{1});
        QVERIFY(saved->fileTotals.bytes >= 64 * 4'096);
        QVERIFY(saved->fileTotals.stood > 0us);
        QVERIFY2(saved->stood >= saved->fileTotals.stood, "it is within what CRIU measures");
        qInfo("%s: stood still for %lld us, for its files %lld us", qPrintable(type),
              static_cast<long long>(saved->stood.count()), static_cast<long long>(saved->fileTotals.stood.count()));
        const test::Answer then = ask(target.pid(), work());
        std::this_thread::sleep_for(200ms); // it grows every 50 ms
        QCOMPARE(ask(target.pid(), work()).sum, 0);
        ended(target);

        const std::string other = work() + "/data/other";
        const std::vector<std::pair<const char *, std::function<void()>>> changes{
            {"what it wrote itself", [] {}},
            {"longer", [&] { fs::resize_file(path, 1'000'000); }},
            {"shorter", [&] { fs::resize_file(path, 10); }},
            {"same length", [&] { write(path, std::string(fs::file_size(path), 'x')); }},
            {"deleted", [&] { fs::remove(path); }},
            {"renamed", [&] { fs::rename(path, other); }},
            {"has another name",
             [&] {
                 fs::remove(other);
                 fs::create_hard_link(path, other);
                 write(path, "mine");
             }},
            {"is a link", [&] {
                 fs::remove(path);
                 fs::create_symlink("other", path);
             }}};
        for (const auto &[name, change] : changes) {
            change();
            const std::string before = fs::exists(other) ? read(other) : std::string();
            const auto back = restore(saved->id, m_means, *m_store, patience(), {});
            QVERIFY2(back, back ? "" : name + text(back.error()));
            const test::Answer answer = ask(target.pid(), work());
            QCOMPARE(answer.secret, then.secret);
            QVERIFY2(answer.sum == 0, name);
            struct stat info
            {};
            QCOMPARE(::stat(path.c_str(), &info), 0);
            QCOMPARE(info.st_mode & 07777U, 0640U);
            ended(target);
            if (fs::exists(other)) // nothing is written through another name
                QCOMPARE(read(other), before);
            QVERIFY(!hasLeftovers(work()));
        }
    }

    void declaredFolder_goesBackAsAWhole_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<bool>("subvolume");
        for (const char *type : {"ext4", "tmpfs", "btrfs", "xfs"})
            QTest::newRow(type) << QString::fromLatin1(type) << false;
        QTest::newRow("btrfs subvolume") << "btrfs" << true;
    }
    void declaredFolder_goesBackAsAWhole()
    {
        QFETCH(QString, type);
        QFETCH(bool, subvolume);
        const Disk disk(type.toStdString(), work() + "/disk");
        QVERIFY(disk.isReady());
        const std::string folder = work() + "/disk/volume";
        if (subvolume)
            QVERIFY(run({"btrfs", "subvolume", "create", folder}));
        fillFolder(folder);
        QVERIFY(run({"dd", "if=/dev/urandom", "of=" + folder + "/random", "bs=1M", "count=3", "status=none"}));
        const std::string then = describe(folder);
        const Target target("records:" + work() + "/store.bin", work());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.filesWish.declared = {folder};
        const auto plan = planFiles(wish.filesWish, wish.pids, state(), {});
        QVERIFY2(plan, plan ? "" : text(plan.error()));
        const bool clones = type == "btrfs" || type == "xfs";
        QCOMPARE(plan->roots.front().by, subvolume ? TakenBy::Snapshot : clones ? TakenBy::Clone : TakenBy::Copy);
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(saved->fileTotals.files > 8);
        QVERIFY(!hasLeftovers(work()));
        QCOMPARE(describe(folder), then);
        // What is the same once more takes no room.
        const auto again = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY2(again->sizes.fresh.v < saved->sizes.fresh.v / 2, qPrintable(QString::number(again->sizes.fresh.v)));
        ended(target);

        write(folder + "/a", "other");
        fs::remove_all(folder + "/deep");
        write(folder + "/deep", "a file where a folder was");
        write(folder + "/since", "made since");
        fs::rename(folder + "/link", folder + "/renamed");
        fs::permissions(folder, fs::perms(0700));
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(back, back ? "" : text(back.error()));
        QCOMPARE(describe(folder), then);
        QCOMPARE(ask(target.pid(), work()).sum, 0);
        ended(target);
        struct stat info
        {};
        QCOMPARE(::stat((folder + "/sparse").c_str(), &info), 0);
        QVERIFY2(info.st_blocks * 512 < info.st_size / 2, "its holes are holes again");

        // The whole folder gone.
        fs::remove_all(folder);
        const auto third = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY2(third, third ? "" : text(third.error()));
        QCOMPARE(describe(folder), then);
        ended(target);
    }

    void criuIsKilled_presentFilesStay()
    {
        const std::string folder = work() + "/volume";
        fillFolder(folder);
        const Target target("records:" + work() + "/store.bin", work());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.filesWish.declared = {folder};
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QVERIFY(ask(target.pid(), work()).sum == 0);
        ended(target);
        bool failed = false;
        for (int tries = 0; !failed && tries < 10; ++tries) {
            write(folder + "/a", strCat("the present ", tries));
            fs::remove(folder + "/link");
            write(work() + "/store.bin", "mine");
            const std::string present = describe(folder);
            CriuKiller killer(target.pid());
            const auto back = restore(saved->id, m_means, *m_store, patience(), {});
            failed = !back;
            test::endAllBelow();
            ended(target);
            if (failed) {
                QCOMPARE(describe(folder), present);
                QCOMPARE(read(work() + "/store.bin"), std::string("mine"));
                QVERIFY(!hasLeftovers(m_folder->path().toStdString()));
            }
        }
        QVERIFY2(failed, "CRIU was quicker each time");
    }

    void diskIsFull_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::newRow("no room, seen beforehand") << QByteArray("size=4m");
        QTest::newRow("no inodes, in the midst of it") << QByteArray("size=32m,nr_inodes=30");
    }
    void diskIsFull()
    {
        QFETCH(QByteArray, options);
        const std::string folder = work() + "/volume";
        const Disk disk("tmpfs", folder, options.toStdString());
        QVERIFY(disk.isReady());
        for (int i = 0; i < 12; ++i)
            write(strCat(folder, "/", i), std::string(100'000, static_cast<char>('a' + i)));
        const Target target("records:" + work() + "/store.bin", work());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.filesWish.declared = {folder};
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        ended(target);
        write(folder + "/0", options.contains("inodes") ? std::string("x") : std::string(2'500'000, 'x'));
        for (int i = 12; i < 22 && options.contains("inodes"); ++i)
            write(strCat(folder, "/", i), "more");
        const std::string present = describe(folder);
        const std::string data = read(work() + "/store.bin");
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), ENOSPC);
        QVERIFY2(back.error().message().find(folder) != std::string::npos, text(back.error()));
        QCOMPARE(describe(folder), present);
        QCOMPARE(read(work() + "/store.bin"), data);
        QVERIFY(!hasLeftovers(m_folder->path().toStdString()));
        const auto without = restore(saved->id, m_means, *m_store, patience(), {}, KeptFilesUse::LeftOut);
        QVERIFY2(without || without.error().posix() == ESTALE, "either it fits by chance, or is refused by name");
    }

    void storeIsFull_runsOn_andNothingIsLeft()
    {
        const Disk small("tmpfs", work() + "/small", "size=24m");
        QVERIFY(small.isReady());
        auto store = Store::create(work() + "/small/store", {});
        QVERIFY(store);
        const std::string folder = work() + "/volume";
        fs::create_directories(folder);
        QVERIFY(run({"dd", "if=/dev/urandom", "of=" + folder + "/big", "bs=1M", "count=30", "status=none"}));
        const Target target("records:" + work() + "/store.bin", work());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.filesWish.declared = {folder};
        for (const bool leaveRunning : {true, false}) {
            wish.leaveRunning = leaveRunning;
            const auto saved = save(wish, m_means, *store, patience(), {});
            QVERIFY(!saved);
            QCOMPARE(saved.error().posix(), ENOSPC);
            QCOMPARE(ask(target.pid(), work()).sum, 0);
            QVERIFY(store->list()->checkpoints.empty());
        }
        ended(target);
    }

    void cancelled_whileFilesAreCopied_runsOn()
    {
        const std::string folder = work() + "/volume";
        fillFolder(folder);
        const Target target("records:" + work() + "/store.bin", work());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.filesWish.declared = {folder};
        std::stop_source stop;
        const auto saved = save(wish, m_means, *m_store, {runtime::Clock::now() + 60s, stop.get_token()},
                                [&stop](std::string_view phase) {
                                    if (phase == "files")
                                        stop.request_stop();
                                });
        QCOMPARE(saved.error().posix(), ECANCELED);
        QCOMPARE(ask(target.pid(), work()).sum, 0);
        QVERIFY(m_store->list()->checkpoints.empty());
        ended(target);
    }

    void tooBigAFile_isToldOf_unlessItIsNamed()
    {
        const std::string path = work() + "/store.bin";
        const Target target("records:" + path, work());
        QVERIFY(target.isReady());
        SaveWish wish = wishFor(target);
        wish.filesWish.mostWritten = 1'000;
        auto saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QCOMPARE(saved->fileTotals.files, std::uint64_t{0});
        QCOMPARE(saved->notes.size(), std::size_t{1});
        QVERIFY2(saved->notes.front().find(path) != std::string::npos, saved->notes.front().c_str());
        wish.filesWish.declared = {path};
        saved = save(wish, m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        QCOMPARE(saved->fileTotals.files, std::uint64_t{1});
        QVERIFY(saved->notes.empty());
        ended(target);
    }

    void whatIsDeclared_isRefusedByName_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<int>("error");
        QTest::newRow("not there") << 0 << ENOENT;
        QTest::newRow("the kernel's") << 1 << EINVAL;
        QTest::newRow("the store is in it") << 2 << EINVAL;
        QTest::newRow("another file system is in it") << 3 << EXDEV;
        QTest::newRow("not absolute") << 4 << EINVAL;
    }
    void whatIsDeclared_isRefusedByName()
    {
        QFETCH(int, which);
        QFETCH(int, error);
        const Disk disk("tmpfs", work() + "/volume/inner");
        QVERIFY(disk.isReady());
        const std::vector<std::string> paths{work() + "/none", "/proc/sys", m_folder->path().toStdString(),
                                             work() + "/volume", "volume"};
        const auto plan = planFiles({.declared = {paths[static_cast<std::size_t>(which)]}}, {}, state(), {});
        QVERIFY(!plan);
        QCOMPARE(plan.error().posix(), error);
        QVERIFY(!plan.error().subject.empty());
    }

    void linkOnTheWay_isNotFollowed()
    {
        const std::string folder = work() + "/volume";
        fillFolder(folder);
        const Target target("records:" + folder + "/store.bin", work());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        ended(target);
        fs::rename(folder, work() + "/elsewhere");
        fs::create_directory_symlink("elsewhere", folder);
        const std::string present = describe(work() + "/elsewhere");
        const auto back = restore(saved->id, m_means, *m_store, patience(), {});
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), ELOOP);
        QVERIFY2(back.error().subject.find("/volume") != std::string::npos, text(back.error()));
        QCOMPARE(describe(work() + "/elsewhere"), present);
    }

    void whoHasItOpen_isTold()
    {
        const std::string path = work() + "/store.bin";
        const Target target("records:" + path, work());
        QVERIFY(target.isReady());
        const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
        QVERIFY2(saved, saved ? "" : text(saved.error()));
        ended(target);
        for (const bool writes : {true, false}) {
            const UniqueFd open = *openAt(AT_FDCWD, path, writes ? O_WRONLY : O_RDONLY);
            const pid_t holder = ::fork();
            if (holder == 0) {
                ::pause();
                ::_exit(0);
            }
            const auto outlook = checkFiles(saved->id, *m_store, KeptFilesUse::PutBack, {}, {});
            const auto ending = checkFiles(saved->id, *m_store, KeptFilesUse::PutBack, std::array{holder}, {});
            ::kill(holder, SIGKILL);
            ::waitpid(holder, nullptr, 0);
            QVERIFY2(ending, ending ? "" : text(ending.error()));
            QCOMPARE(ending->replaced.size(), std::size_t{1});
            QCOMPARE(ending->replaced.front().now, Replaced::Now::Changed);
            const auto tellsOfHolder = [](const FilesOutlook &one) {
                return std::ranges::any_of(one.notes, [](const std::string &note) {
                    return note.find("goes on reading") != std::string::npos;
                });
            };
            QVERIFY(!tellsOfHolder(*ending));
            if (writes) {
                QVERIFY(!outlook);
                QCOMPARE(outlook.error().posix(), EBUSY);
                QVERIFY2(outlook.error().detail.find(strCat("pid ", holder)) != std::string::npos,
                         text(outlook.error()));
            } else {
                QVERIFY2(outlook, outlook ? "" : text(outlook.error()));
                QVERIFY(tellsOfHolder(*outlook));
            }
        }
    }

    void killedInTheMidst_isUndoneLater_data()
    {
        QTest::addColumn<bool>("lives");
        QTest::newRow("nothing lives by it") << false;
        QTest::newRow("what was restored lives") << true;
    }
    void killedInTheMidst_isUndoneLater()
    {
        QFETCH(bool, lives);
        const std::string folder = work() + "/volume";
        fs::create_directories(folder);
        write(folder + "/a", "present");
        const pid_t engine = ::fork();
        if (engine == 0) {
            auto swap = FileSwap::begin(state());
            bool good = swap && swap->remembering(folder) && swap->making(folder, ".gantry-new-1") &&
                        swap->making(folder, ".gantry-aside-1");
            fs::create_directories(folder + "/.gantry-new-1");
            fs::create_directories(folder + "/.gantry-aside-1");
            write(folder + "/.gantry-new-1/a", "then");
            write(folder + "/.gantry-new-1/b", "then");
            good = good && swap->exchange({{folder, "a", ".gantry-aside-1/a", ".gantry-new-1/a"},
                                           {folder, "b", ".gantry-aside-1/b", ".gantry-new-1/b"}});
            good = good && (!lives || swap->lives(::getppid()));
            ::_exit(good && read(folder + "/a") == "then" ? 0 : 1); // its destructor does not come
        }
        int status = -1;
        QCOMPARE(::waitpid(engine, &status, 0), engine);
        QCOMPARE(status, 0);
        QCOMPARE(undoLeftSwaps(state()).size(), std::size_t{1});
        QCOMPARE(read(folder + "/a"), std::string(lives ? "then" : "present"));
        QCOMPARE(fs::exists(folder + "/b"), lives);
        QVERIFY(undoLeftSwaps(state()).empty());
        QVERIFY(!hasLeftovers(m_folder->path().toStdString()));
    }

    void snapshotOfAKilledEngine_isFound()
    {
        const Disk disk("btrfs", work() + "/disk");
        QVERIFY(disk.isReady());
        const std::string folder = work() + "/disk/volume";
        QVERIFY(run({"btrfs", "subvolume", "create", folder}));
        const pid_t engine = ::fork();
        if (engine == 0) {
            const auto made = Snapshot::make(folder, state());
            ::_exit(made ? 0 : 1);
        }
        int status = -1;
        QCOMPARE(::waitpid(engine, &status, 0), engine);
        QCOMPARE(status, 0);
        QVERIFY(hasLeftovers(work()));
        removeLeftSnapshots(state());
        QVERIFY(!hasLeftovers(m_folder->path().toStdString()));
    }

private:
    static void ended(const Target &target)
    {
        ::kill(target.pid(), SIGKILL);
        ::waitpid(target.pid(), nullptr, 0);
    }
    [[nodiscard]] std::string state() const { return m_folder->path().toStdString() + "/state"; }
    [[nodiscard]] std::string work() const { return m_folder->path().toStdString() + "/work"; }
    static SaveWish wishFor(const Target &target)
    {
        SaveWish wish = test::wishFor(target);
        wish.filesWish.written = true;
        return wish;
    }
    /// One of each kind.
    static void fillFolder(const std::string &folder)
    {
        fs::create_directories(folder + "/deep/er");
        write(folder + "/a", "content of a");
        write(folder + "/empty", "");
        write(folder + "/deep/b", std::string(100'000, 'b'));
        fs::create_hard_link(folder + "/deep/b", folder + "/deep/er/b2");
        fs::create_symlink("deep/b", folder + "/link");
        write(folder + "/sparse", "x");
        fs::resize_file(folder + "/sparse", 3 << 20);
        ::mkfifo((folder + "/fifo").c_str(), 0620);
        ::setxattr((folder + "/a").c_str(), "user.note", "kept", 4, 0);
        ::chown((folder + "/a").c_str(), 12, 34);
        ::chmod((folder + "/a").c_str(), 04755);
        ::chmod((folder + "/deep").c_str(), 01777);
    }
};

QTEST_GUILESS_MAIN(TestKernelFiles)
#include "tst_kernel_files.moc"
