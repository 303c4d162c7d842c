// SPDX-License-Identifier: GPL-3.0-or-later
// The process that writes dies, or is refused, at every single step on the medium; what was committed stays.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/store.h"
#include "tests/support/repository_fixture.h"

#include <sqlite3.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;
namespace fs = std::filesystem;

namespace {

constexpr int kDied = 99;

/// Steps until the end. SQLite's hooks are plain functions: they cannot carry it.
std::atomic<int> stepsLeft{1 << 30};

void step()
{
    if (stepsLeft.fetch_sub(1) == 1)
        ::_exit(kDied); // no destructor, no flush: as SIGKILL
}

ssize_t dyingPwrite(int fd, const void *data, std::size_t size, off_t offset)
{
    step();
    return ::pwrite(fd, data, size, offset);
}
ssize_t dyingWrite(int fd, const void *data, std::size_t size)
{
    step();
    return ::write(fd, data, size);
}
int dyingTruncate(int fd, off_t size)
{
    step();
    return ::ftruncate(fd, size);
}
int dyingUnlink(const char *path)
{
    step();
    return ::unlink(path);
}

template <class Function> void replaceCall(const char *name, Function *function)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(nullptr);
    GANTRY_ASSERT(vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(function)) ==
                  SQLITE_OK); // NOLINT
}

/// For a child: dies at the count-th step.
DiskHook dieAt(int count)
{
    stepsLeft = count;
    replaceCall("pwrite", dyingPwrite);
    replaceCall("pwrite64", dyingPwrite);
    replaceCall("write", dyingWrite);
    replaceCall("ftruncate", dyingTruncate);
    replaceCall("unlink", dyingUnlink);
    return [](DiskStep, std::string_view) {
        step();
        return 0;
    };
}

/// Runs body in a process of its own. @return its exit code; 128 and more: a signal.
int inChild(const std::function<int()> &body)
{
    const pid_t pid = ::fork();
    if (pid == 0)
        ::_exit(body());
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What the checkpoint of this name holds.
Contents contentsOf(const std::string &name)
{
    const std::uint64_t seed = stableHash(name);
    Contents out{{"pages", {StreamKind::Pages, noise(1, 120'000)}}, {"own", {StreamKind::Bytes, noise(seed, 90'000)}}};
    dirty(out.at("pages").bytes, seed, 0.3);
    return out;
}

/// Names of the checkpoints that read back right; a failure is told in `wrong`.
std::set<std::string> goodNames(const Store &store, std::string &wrong)
{
    std::set<std::string> out;
    const auto listing = store.list();
    if (!listing || !listing->damages.empty()) {
        wrong = listing ? listing->damages.front().text : listing.error().message();
        return out;
    }
    for (const Checkpoint &one : listing->checkpoints) {
        const std::string &name = one.manifest.name;
        const auto all = loadAll(store, one.id);
        if (!all || *all != contentsOf(name.starts_with("renamed-") ? name.substr(8) : name))
            wrong = strCat(name, ": ", why(all));
        out.insert(name);
    }
    const auto report = store.check();
    if (!report || !report->damages.empty())
        wrong = report ? strCat(report->damages.front().object, ": ", report->damages.front().text) : why(report);
    return out;
}

/// One of the things that the child does, in this order; it tells each that was done.
using Deed = std::function<Result<>(Store &)>;
const std::vector<Deed> &deeds()
{
    static const std::vector<Deed> kDeeds{
        [](Store &store) -> Result<> {
            GANTRY_CHECK(save(store, contentsOf("c"), manifestNamed("c")));
            return {};
        },
        [](Store &store) { return store.rename(*store.find("a"), "renamed-a"); },
        [](Store &store) { return store.remove(*store.find("b")); },
        [](Store &store) -> Result<> {
            GANTRY_CHECK(store.collect(0.01));
            return {};
        },
        [](Store &store) -> Result<> {
            GANTRY_CHECK(save(store, contentsOf("d"), manifestNamed("d")));
            return {};
        },
    };
    return kDeeds;
}
/// What there is after so many of them.
const std::vector<std::set<std::string>> &namesAfter()
{
    static const std::vector<std::set<std::string>> kNames{
        {"a", "b"},         {"a", "b", "c"},    {"renamed-a", "b", "c"},
        {"renamed-a", "c"}, {"renamed-a", "c"}, {"renamed-a", "c", "d"}};
    return kNames;
}

/// Does all deeds, and writes one byte to `told` for each.
int doDeeds(const std::string &path, int told, int count)
{
    StoreOptions options = smallOptions();
    options.hook = dieAt(count);
    auto store = Store::open(path, options);
    if (!store)
        return 1;
    for (const Deed &deed : deeds()) {
        if (!deed(*store))
            return 2;
        if (::write(told, "x", 1) != 1)
            return 3;
    }
    return 0;
}

Result<> prepare(const std::string &path)
{
    auto store = GANTRY_TRY(Store::create(path, smallOptions()));
    GANTRY_CHECK(save(store, contentsOf("a"), manifestNamed("a")));
    GANTRY_CHECK(save(store, contentsOf("b"), manifestNamed("b")));
    return {};
}

void copyTree(const std::string &from, const std::string &to)
{
    fs::remove_all(to);
    fs::copy(from, to, fs::copy_options::recursive);
}

} // namespace

class TestRepositoryCrash : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void killedAtEveryStep_committedStays()
    {
        const QTemporaryDir dir;
        const std::string seed = dir.filePath(QStringLiteral("seed")).toStdString();
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        GANTRY_VERIFY(prepare(seed));
        int deaths = 0;
        std::set<std::size_t> seen;
        for (int count = 1;; ++count) {
            copyTree(seed, path);
            int ends[2];
            QCOMPARE(::pipe(ends), 0);
            const int code = inChild([&] { return doDeeds(path, ends[1], count); });
            ::close(ends[1]);
            char told[16];
            const ssize_t done = ::read(ends[0], told, sizeof told);
            ::close(ends[0]);
            QVERIFY2(code == 0 || code == kDied, qPrintable(QString::number(code)));
            QVERIFY(done >= 0);

            // The next who writes. What was told is there; the one after it may be, whole.
            auto store = Store::open(path, smallOptions());
            GANTRY_VERIFY(store);
            std::string wrong;
            const std::set<std::string> names = goodNames(*store, wrong);
            QVERIFY2(wrong.empty(),
                     qPrintable(QStringLiteral("step %1: %2").arg(count).arg(QString::fromStdString(wrong))));
            const auto at = static_cast<std::size_t>(done);
            QVERIFY2(names == namesAfter()[at] || (at < deeds().size() && names == namesAfter()[at + 1]),
                     qPrintable(QStringLiteral("step %1, %2 told").arg(count).arg(at)));
            seen.insert(at);
            GANTRY_VERIFY(save(*store, contentsOf("later"), manifestNamed("later")));
            GANTRY_VERIFY(store->collect(0.01));
            QCOMPARE(goodNames(*store, wrong).size(), names.size() + 1);
            QVERIFY2(wrong.empty(), wrong.c_str());
            if (code == 0)
                break;
            ++deaths;
        }
        QCOMPARE(seen.size(), deeds().size() + 1); // it died within each of them
        QVERIFY2(deaths > 40, qPrintable(QString::number(deaths)));
        qInfo("died at %d different steps", deaths);
    }

    void killedWhileCreated_canBeCreated()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        int code = kDied;
        int count = 0;
        while (code != 0) {
            fs::remove_all(path);
            ++count;
            code = inChild([&] {
                StoreOptions options = smallOptions();
                options.hook = dieAt(count);
                return Store::create(path, options) ? 0 : 1;
            });
            QVERIFY2(code == 0 || code == kDied, qPrintable(QString::number(code)));
            auto store = Store::open(path, smallOptions());
            if (!store) {
                QCOMPARE(store.error().posix(), ENOENT);
                store = Store::create(path, smallOptions());
            }
            GANTRY_VERIFY(store);
            GANTRY_VERIFY(save(*store, contentsOf("a"), manifestNamed("a")));
            std::string wrong;
            QCOMPARE(goodNames(*store, wrong).size(), std::size_t{1});
            QVERIFY2(wrong.empty(), wrong.c_str());
        }
        QVERIFY2(count > 10, qPrintable(QString::number(count)));
    }

    void refusedAtEveryStep_storeStaysGood_data()
    {
        QTest::addColumn<int>("err");
        QTest::newRow("full") << ENOSPC;
        QTest::newRow("medium") << EIO;
    }
    void refusedAtEveryStep_storeStaysGood()
    {
        QFETCH(const int, err);
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        GANTRY_VERIFY(prepare(path));
        const auto left = std::make_shared<std::atomic<int>>(1 << 30);
        StoreOptions options = smallOptions();
        options.hook = [left, err](DiskStep, std::string_view) { return left->fetch_sub(1) == 1 ? err : 0; };
        auto store = Store::open(path, options);
        GANTRY_VERIFY(store);
        for (int count = 1;; ++count) {
            *left = count;
            const auto id = save(*store, contentsOf("c"), manifestNamed("c"));
            *left = 1 << 30;
            std::string wrong;
            const std::set<std::string> names = goodNames(*store, wrong);
            QVERIFY2(wrong.empty(), wrong.c_str());
            if (id) {
                QVERIFY(names == std::set<std::string>({"a", "b", "c"}));
                QVERIFY2(count > 5, qPrintable(QString::number(count)));
                break;
            }
            QVERIFY(names == std::set<std::string>({"a", "b"}));
            QCOMPARE(id.error().posix(), err);
            QVERIFY2(id.error().subject.starts_with(path + "/"), id.error().subject.c_str());
        }
        store = std::unexpected(Error{}); // closes it
        store = Store::open(path, smallOptions());
        GANTRY_VERIFY(store);
        std::string wrong;
        QCOMPARE(goodNames(*store, wrong).size(), std::size_t{3});
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    void commit_writesThenSyncsThenEnters()
    {
        const QTemporaryDir dir;
        std::vector<std::pair<DiskStep, std::string>> steps;
        std::mutex mutex;
        StoreOptions options = smallOptions();
        options.packBytes = 64 << 10; // it takes several
        options.hook = [&](DiskStep step, std::string_view file) {
            const std::scoped_lock lock(mutex);
            steps.emplace_back(step, file);
            return 0;
        };
        auto store = Store::create(dir.filePath(QStringLiteral("repo")).toStdString(), options);
        GANTRY_VERIFY(store);
        steps.clear();
        GANTRY_VERIFY(save(*store, contentsOf("a"), manifestNamed("a")));
        std::map<std::string, std::size_t> written; // where the last write to it stands
        std::map<std::string, std::size_t> synced;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            if (steps[i].first == DiskStep::Write)
                written[steps[i].second] = i;
            if (steps[i].first == DiskStep::Sync || steps[i].first == DiskStep::SyncFolder)
                synced[steps[i].second] = i;
        }
        QVERIFY(written.size() > 1);
        for (const auto &[file, at] : written)
            QVERIFY2(synced.contains(file) && synced.at(file) > at, file.c_str());
        // New packs: their names have to last too.
        QVERIFY(synced.contains("packs"));
        QVERIFY(steps.back().first == DiskStep::Commit);
        QCOMPARE(std::ranges::count(steps, DiskStep::Commit, &std::pair<DiskStep, std::string>::first), 1);
    }

    void leftovers_areCutOffAndRemoved()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        GANTRY_VERIFY(prepare(path));
        std::map<std::string, std::uintmax_t> sizes;
        for (const auto &entry : fs::directory_iterator(path + "/packs")) {
            sizes[entry.path().string()] = entry.file_size();
            std::ofstream(entry.path(), std::ios::app) << "half of a record";
        }
        std::ofstream(path + "/packs/00000000000000ff.pack") << "GNTRPACK";
        const auto store = Store::open(path, smallOptions());
        GANTRY_VERIFY(store);
        QVERIFY(!fs::exists(path + "/packs/00000000000000ff.pack"));
        for (const auto &[file, size] : sizes)
            QCOMPARE(fs::file_size(file), size);
        std::string wrong;
        QCOMPARE(goodNames(*store, wrong).size(), std::size_t{2});
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    /// The kernel itself refuses the write.
    void fileSizeLimit_failsWithThePack()
    {
        const QTemporaryDir dir;
        const std::string path = dir.filePath(QStringLiteral("repo")).toStdString();
        GANTRY_VERIFY(prepare(path));
        const int code = inChild([&path] {
            ::signal(SIGXFSZ, SIG_IGN); // NOLINT: then write(2) says EFBIG
            const rlimit limit{1 << 20, RLIM_INFINITY};
            ::setrlimit(RLIMIT_FSIZE, &limit);
            auto store = Store::open(path, {});
            if (!store)
                return 1;
            const auto id = save(*store, {{"big", {StreamKind::Pages, noise(1, 8 << 20)}}}, manifestNamed("big"));
            if (id || id.error().posix() != EFBIG || !id.error().subject.ends_with(".pack"))
                return 2;
            if (!save(*store, contentsOf("c"), manifestNamed("c")))
                return 3;
            std::string wrong;
            return goodNames(*store, wrong).size() == 3 && wrong.empty() ? 0 : 4;
        });
        QCOMPARE(code, 0);
    }
};

QTEST_GUILESS_MAIN(TestRepositoryCrash)
#include "tst_repository_crash.moc"
