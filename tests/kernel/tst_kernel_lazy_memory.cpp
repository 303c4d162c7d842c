// SPDX-License-Identifier: GPL-3.0-or-later
// Processes that run before all of their memory is there, by real CRIU and userfaultfd: each page that they see is
// right whatever they do meanwhile, and none of them runs on when it cannot be.
#include <QtTest>

#include "engine/checkpoint/coming_in.h"
#include "engine/checkpoint/lazy_memory.h"
#include "engine/checkpoint/save.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_case.h"

#include <QTemporaryDir>

#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using repository::Store;
using test::Answer;
using test::ask;
using test::findCriu;
using test::isAlive;
using test::newStore;
using test::patience;
using test::Target;
using test::text;
using test::wishFor;

namespace {

constexpr int kPatience = 20'000; ///< ms

/// Who are below this process and have this name.
int below(std::string_view name)
{
    int out = 0;
    const auto tree = treeOf(::getpid());
    for (const std::int32_t pid : tree.value_or(std::vector<std::int32_t>())) {
        const auto stat = process::readStat(pid);
        out += stat && stat->comm == name && stat->state != 'Z' ? 1 : 0;
    }
    return out;
}

constexpr const char *kRestoreAndDie = "--restore-and-die";

/// Another engine: restores, and is killed while the memory comes in. @param words folder, checkpoint, CRIU, its
/// version.
int restoreAndDie(char **words)
{
    const std::string folder = words[0];
    Means means;
    means.criu.path = words[2];
    means.criu.version = words[3];
    means.hierarchies = *cgroup::Hierarchies::discover();
    means.spillFolder = folder;
    const auto store = Store::open(folder + "/store", {.key = {}, .write = false, .hook = {}});
    const auto id = repository::CheckpointId::parse(words[1]);
    if (!store || !id)
        return 1;
    const auto back = restore(*id, means, *store, patience(), [](std::string_view phase) {
        if (phase == "memory")
            ::kill(::getpid(), SIGKILL);
    });
    std::fprintf(stderr, "%s\n", back ? "restored" : back.error().message().c_str());
    return 1;
}

} // namespace

class TestKernelLazyMemory : public QObject
{
    Q_OBJECT
    Means m_means;
    std::unique_ptr<QTemporaryDir> m_folder; ///< the store, and the target's working directory
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
        m_means.spillFolder = folder();
        m_store = newStore(folder());
        QVERIFY(m_store);
    }
    void cleanup()
    {
        test::endAllBelow();
        m_store.reset();
        m_folder.reset();
    }

    void memoryIsRight_whateverItDoesMeanwhile()
    {
        const Target target("busy-memory", folder());
        QVERIFY(target.isReady());
        const Answer before = ask(target.pid(), folder());
        QVERIFY(before.count >= 0);
        const auto id = ended(target);
        QVERIFY(!QTest::currentTestFailed());
        for (int time = 0; time < 3; ++time) {
            std::vector<std::string> phases;
            bool ranMeanwhile = false;
            bool refused = false;
            const auto back = restore(id, m_means, *m_store, patience(), [&](std::string_view phase) {
                phases.emplace_back(phase);
                if (phase != "memory")
                    return;
                ranMeanwhile = isAlive(target.pid());
                const auto saved = save(wishFor(target), m_means, *m_store, patience(), {});
                refused = !saved && saved.error().posix() == EBUSY;
            });
            QVERIFY2(back, back ? "" : text(back.error()));
            QCOMPARE(phases, (std::vector<std::string>{"check", "read", "restore", "memory"}));
            QVERIFY(ranMeanwhile);
            QVERIFY(refused);
            const Answer after = ask(target.pid(), folder());
            QCOMPARE(after.secret, before.secret);
            QCOMPARE(after.sum, before.sum);
            QVERIFY(QTest::qWaitFor([&] { return ask(target.pid(), folder()).count > after.count; }, kPatience));
            QVERIFY2(!QFile::exists(m_folder->filePath("wrong")), whatIsWrong().constData());
            QCOMPARE(below("gantry-guard"), 0);
            // It can be saved again, and what is saved then is whole.
            const auto again = save(wishFor(target), m_means, *m_store, patience(), {});
            QVERIFY2(again, again ? "" : text(again.error()));
            QVERIFY(again->sizes.logical.v > std::uint64_t{90} << 20);
            ::kill(target.pid(), SIGKILL);
            while (::waitpid(-1, nullptr, 0) > 0) {
            }
        }
    }

    void damageThatIsFoundLate_nothingRuns()
    {
        const Target target("busy-memory", folder());
        QVERIFY(target.isReady());
        const auto id = ended(target);
        QVERIFY(!QTest::currentTestFailed());
        std::string pack;
        for (const auto &entry : std::filesystem::directory_iterator(folder() + "/store/packs"))
            pack = entry.path().string();
        const UniqueFd file(::open(pack.c_str(), O_RDWR | O_CLOEXEC));
        const auto middle = static_cast<off_t>(std::filesystem::file_size(pack) / 2);
        char byte = 0;
        QCOMPARE(::pread(file.get(), &byte, 1, middle), ssize_t{1});
        byte = static_cast<char>(byte ^ 4);
        QCOMPARE(::pwrite(file.get(), &byte, 1, middle), ssize_t{1});
        const auto back = restore(id, m_means, *m_store, patience(), {});
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), EBADMSG);
        QVERIFY2(back.error().message().find(".pack at byte") != std::string::npos, text(back.error()));
        QVERIFY(!isAlive(target.pid()));
        QCOMPARE(below("gantry-guard"), 0);
        QVERIFY2(!QFile::exists(m_folder->filePath("wrong")), whatIsWrong().constData());
    }

    void cancelled_nothingRuns()
    {
        const Target target("busy-memory", folder());
        QVERIFY(target.isReady());
        const auto id = ended(target);
        QVERIFY(!QTest::currentTestFailed());
        std::stop_source stop;
        const auto back = restore(id, m_means, *m_store, {runtime::Clock::now() + 60s, stop.get_token()},
                                  [&stop](std::string_view phase) {
                                      if (phase == "memory")
                                          stop.request_stop();
                                  });
        QVERIFY(!back);
        QCOMPARE(back.error().posix(), ECANCELED);
        QVERIFY(!isAlive(target.pid()));
        const auto again = restore(id, m_means, *m_store, patience(), {});
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY(ask(target.pid(), folder()).count >= 0);
    }

    void engineIsKilled_nothingRunsWithoutItsMemory()
    {
        const Target target("busy-memory", folder());
        QVERIFY(target.isReady());
        const auto id = ended(target);
        QVERIFY(!QTest::currentTestFailed());
        m_store.reset();
        const pid_t engine = ::fork();
        if (engine == 0) {
            ::execl("/proc/self/exe", "tst_kernel_lazy_memory", kRestoreAndDie, folder().c_str(), id.text().c_str(),
                    m_means.criu.path.c_str(), m_means.criu.version.c_str(), nullptr);
            ::_exit(1);
        }
        int status = 0;
        QCOMPARE(::waitpid(engine, &status, 0), engine);
        QVERIFY(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        QVERIFY(QTest::qWaitFor([&] { return !isAlive(target.pid()) && below("gantry-guard") == 0; }, kPatience));
        QVERIFY2(!QFile::exists(m_folder->filePath("wrong")), whatIsWrong().constData());
        // What says that memory is coming in has no lock any more, and nobody believes it.
        const std::int32_t self = ::getpid();
        QVERIFY(ComingIn::check(folder(), {&self, 1}));
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        const auto store = Store::open(folder() + "/store", {});
        QVERIFY(store);
        const auto again = restore(id, m_means, *store, patience(), {});
        QVERIFY2(again, again ? "" : text(again.error()));
        QVERIFY(ask(target.pid(), folder()).count >= 0);
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder->path().toStdString(); }
    [[nodiscard]] QByteArray whatIsWrong() const
    {
        QFile file(m_folder->filePath("wrong"));
        return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray();
    }
    /// Its checkpoint, after which it is gone. It has children all the time: the tree is what CRIU finds.
    repository::CheckpointId ended(const Target &target)
    {
        SaveWish wish = wishFor(target);
        wish.pids = {target.pid()};
        wish.leaveRunning = false;
        const auto saved = save(wish, m_means, *m_store, patience(), {});
        if (!saved) {
            QTest::qFail(text(saved.error()), __FILE__, __LINE__);
            return {};
        }
        while (::waitpid(-1, nullptr, 0) > 0) { // its child of that moment is ours now
        }
        return saved->id;
    }
};

int main(int argc, char **argv)
{
    if (argc == 6 && std::string_view(argv[1]) == kRestoreAndDie)
        return restoreAndDie(argv + 2);
    const QCoreApplication app(argc, argv);
    TestKernelLazyMemory test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_kernel_lazy_memory.moc"
