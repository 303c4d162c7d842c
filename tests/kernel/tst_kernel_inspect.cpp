// SPDX-License-Identifier: GPL-3.0-or-later
// What is read of checkpoints that real CRIU made of a known process, and what two of them have differently.
#include <QtTest>

#include "engine/base/parse.h"
#include "engine/checkpoint/image_diff.h"
#include "engine/checkpoint/save.h"
#include "engine/repository/store.h"
#include "tests/kernel/criu_case.h"

#include <QTemporaryDir>

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using repository::CheckpointId;
using repository::Store;
using test::findCriu;
using test::newStore;
using test::patience;
using test::Target;
using test::text;

namespace {

constexpr std::uint64_t kMib = 16;
constexpr std::uint64_t kPages = kMib * 256;

template <class Rows, class Value, class Of> auto findRow(const Rows &rows, const Value &value, Of of)
{
    const auto found = std::ranges::find(rows, value, of);
    return found == rows.end() ? nullptr : &*found;
}

} // namespace

class TestKernelInspect : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder; ///< the store, and the target's working directory
    std::optional<Store> m_store;
    std::unique_ptr<Target> m_target;
    int m_listener = -1; ///< its descriptor
    std::uint64_t m_port = 0;
    std::uint64_t m_area = 0; ///< address of its memory
    CheckpointId m_first;
    CheckpointId m_second; ///< after it changed
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        Means means;
        findCriu(means);
        QVERIFY(!QTest::currentTestFailed());
        means.spillFolder = folder();
        m_store = newStore(folder());
        QVERIFY(m_store);
        m_target = std::make_unique<Target>(std::to_string(kMib), folder());
        QVERIFY(m_target->isReady());
        const std::string facts = readFile(folder() + "/facts").value_or("");
        std::string_view rest = facts;
        m_listener = static_cast<int>(parseI64(takeToken(rest)).value_or(-1));
        m_port = parseU64(takeToken(rest)).value_or(0);
        m_area = parseU64(takeToken(rest)).value_or(0);
        QVERIFY(m_area != 0);
        m_first = saved(means);
        ::kill(m_target->pid(), SIGUSR1);
        QTRY_VERIFY_WITH_TIMEOUT(::access((folder() + "/changed").c_str(), F_OK) == 0, 10'000);
        m_second = saved(means);
    }
    void cleanupTestCase()
    {
        m_target.reset();
        test::endAllBelow();
    }

    void tree_hasItsProcesses()
    {
        const SavedTree tree = read(m_first);
        QCOMPARE(tree.tasks.size(), std::size_t{3});
        const SavedTask &first = tree.tasks.front();
        QCOMPARE(first.pid, m_target->pid());
        QCOMPARE(first.ppid, 0);
        QCOMPARE(first.sid, first.pid);
        QCOMPARE(first.comm, std::string("inspect_target"));
        QCOMPARE(first.state, std::string("running"));
        QCOMPARE(first.threads, std::vector<std::int32_t>{first.pid});
        QCOMPARE(first.uid, ::getuid());
        QCOMPARE(first.exe, std::string(CHECKPOINT_TARGET));
        QCOMPARE(first.workingFolder, folder());
        QCOMPARE(first.root, std::string("/"));
        int zombies = 0;
        for (std::size_t i = 1; i < 3; ++i) {
            const SavedTask &other = tree.tasks[i];
            QCOMPARE(other.ppid, first.pid);
            if (other.state == "zombie") {
                ++zombies;
                continue;
            }
            QCOMPARE(other.threads.size(), std::size_t{2});
            QCOMPARE(other.namespaces, first.namespaces);
        }
        QCOMPARE(zombies, 1);
    }

    void arguments_areReadFromItsMemory()
    {
        const SavedTree tree = read(m_first);
        const SavedTask &first = tree.tasks.front();
        auto opened = m_store->look(m_first);
        QVERIFY2(opened, opened ? "" : text(opened.error()));
        const auto pages = storedPages(*opened, first.pages);
        QVERIFY2(pages, pages ? "" : text(pages.error()));
        const auto arguments = argumentsOf(*opened, first, *pages);
        QVERIFY2(arguments, arguments ? "" : text(arguments.error()));
        QCOMPARE(*arguments, (std::vector<std::string>{CHECKPOINT_TARGET, std::to_string(kMib)}));
    }

    void tree_hasWhatIsOpen()
    {
        const SavedTree tree = read(m_first);
        const SavedTask &first = tree.tasks.front();
        const auto fileOf = [&](int fd) {
            const SavedDescriptor *one = findRow(first.descriptors, fd, &SavedDescriptor::fd);
            return one == nullptr ? nullptr : tree.file(one->file);
        };
        QVERIFY(fileOf(0) != nullptr);
        QCOMPARE(fileOf(0)->text, std::string("/dev/null"));
        const SavedFile *listener = fileOf(m_listener);
        QVERIFY(listener != nullptr && listener->socket);
        QCOMPARE(listener->kind, std::string("inet"));
        QCOMPARE(listener->socket->protocol, std::string("tcp"));
        QCOMPARE(listener->socket->state, std::string("listen"));
        QCOMPARE(listener->socket->local, strCat("127.0.0.1:", m_port));
        QCOMPARE(listener->socket->peer, std::string());

        const SavedFile *appended = nullptr;
        std::vector<const SavedSocket *> ends;
        for (const SavedDescriptor &one : first.descriptors) {
            const SavedFile *file = tree.file(one.file);
            QVERIFY(file != nullptr);
            if (file->text == folder() + "/appended")
                appended = file;
            if (file->socket && file->kind == "unix")
                ends.push_back(&*file->socket);
        }
        QVERIFY(appended != nullptr);
        QCOMPARE(appended->kind, std::string("file"));
        QCOMPARE(appended->position, std::uint64_t{5});
        QVERIFY(appended->size == std::uint64_t{5});
        QCOMPARE(appended->flags & (O_ACCMODE | O_APPEND), std::uint32_t{O_RDWR | O_APPEND});
        QVERIFY(!appended->deleted);
        QCOMPARE(ends.size(), std::size_t{2});
        QCOMPARE(ends[0]->protocol, std::string("unix-stream"));
        QCOMPARE(ends[0]->state, std::string("established"));
        QCOMPARE(ends[0]->peerInode, ends[1]->inode);
        QCOMPARE(ends[1]->peerInode, ends[0]->inode);
    }

    void tree_hasItsMemory()
    {
        const SavedTree tree = read(m_first);
        const SavedTask &first = tree.tasks.front();
        const SavedArea *area = areaAt(first, m_area);
        QVERIFY(area != nullptr);
        QCOMPARE(area->what, std::string("[anon]"));
        QVERIFY(!area->shared);
        QCOMPARE(area->protection, std::uint32_t{3});
        // Its last page was never touched.
        QCOMPARE(first.pages.pagesIn(m_area, m_area + kPages * kImagePage), kPages - 1);
        for (const char *what : {"[heap]", "[stack]", "[vdso]", CHECKPOINT_TARGET})
            QVERIFY2(findRow(first.areas, std::string(what), &SavedArea::what) != nullptr, what);
        const auto shared =
            std::ranges::find_if(first.areas, [](const SavedArea &one) { return one.sharedMemory != 0; });
        QVERIFY(shared != first.areas.end());
        QVERIFY(shared->shared);
        QCOMPARE(shared->what, std::string("[shared]"));
        QCOMPARE(shared->end - shared->start, 8 * kImagePage);
        QCOMPARE(shared->pages, std::uint64_t{2});
    }

    void diff_tellsWhatChanged()
    {
        const auto diff = compared(m_first, m_second);
        QVERIFY2(diff, diff ? "" : text(diff.error()));
        QVERIFY(diff->processes.empty());
        QVERIFY(diff->sockets.empty());
        // What grew is open in its child, too.
        QCOMPARE(diff->descriptors.size(), std::size_t{3});
        for (const std::size_t i : {0U, 2U}) {
            const Difference &grown = diff->descriptors[i];
            QCOMPARE(grown.change, Change::Changed);
            QCOMPARE(grown.pid == m_target->pid(), i == 0);
            QCOMPARE(grown.before, std::string("position=5"));
            QCOMPARE(grown.after, std::string("position=15"));
        }
        const Difference &opened = diff->descriptors[1];
        QCOMPARE(opened.pid, m_target->pid());
        QCOMPARE(opened.change, Change::New);
        QCOMPARE(opened.after, "file " + folder() + "/opened");
        QCOMPARE(diff->files.size(), std::size_t{2});
        QCOMPARE(diff->files[0].path, folder() + "/appended");
        QVERIFY(diff->files[0].before == std::uint64_t{5} && diff->files[0].after == std::uint64_t{15});
        QCOMPARE(diff->files[1].change, Change::New);
        QVERIFY(diff->files[1].after == std::uint64_t{100});

        const auto area = std::ranges::find_if(
            diff->areas, [this](const AreaDifference &one) { return one.start <= m_area && m_area < one.end; });
        QVERIFY(area != diff->areas.end());
        QCOMPARE(area->change, Change::Changed);
        QCOMPARE(area->changed, std::uint64_t{37});
        QCOMPARE(area->fresh, std::uint64_t{1});
        QCOMPARE(area->gone, std::uint64_t{0});
        QCOMPARE(area->pagesAfter - area->pagesBefore, std::uint64_t{1});
        const AreaDifference *shared = findRow(diff->areas, 0, &AreaDifference::pid);
        QVERIFY(shared != nullptr);
        QCOMPARE(shared->changed, std::uint64_t{1});
        QCOMPARE(shared->pagesAfter, std::uint64_t{2});
        QVERIFY(diff->pages.changed >= 38 && diff->pages.changed < 100);
        QVERIFY(diff->pages.after > kPages);
    }

    void diff_backwards_isTheOpposite()
    {
        const auto diff = compared(m_second, m_first);
        QVERIFY2(diff, diff ? "" : text(diff.error()));
        const Difference *opened = findRow(diff->descriptors, Change::Gone, &Difference::change);
        QVERIFY(opened != nullptr && opened->after.empty() && !opened->before.empty());
        const auto area = std::ranges::find_if(
            diff->areas, [this](const AreaDifference &one) { return one.start <= m_area && m_area < one.end; });
        QVERIFY(area != diff->areas.end());
        QCOMPARE(area->changed, std::uint64_t{37});
        QCOMPARE(area->gone, std::uint64_t{1});
    }

    void diff_withItself_isNothing()
    {
        const auto diff = compared(m_second, m_second);
        QVERIFY2(diff, diff ? "" : text(diff.error()));
        QVERIFY(diff->processes.empty() && diff->descriptors.empty() && diff->sockets.empty() && diff->files.empty());
        QVERIFY(diff->areas.empty());
        QCOMPARE(diff->pages.changed + diff->pages.fresh + diff->pages.gone, std::uint64_t{0});
        QCOMPARE(diff->pages.before, diff->pages.after);
    }

    void notThere_isTold()
    {
        QCOMPARE(m_store->look(CheckpointId{}).error().posix(), ENOENT);
        auto writer = m_store->write();
        QVERIFY(writer);
        const auto empty = writer->commit({});
        QVERIFY(empty);
        auto opened = m_store->look(*empty);
        QVERIFY(opened);
        const auto tree = readTree(*opened);
        QCOMPARE(tree.error().posix(), ENOENT);
        QCOMPARE(tree.error().subject, std::string("pstree.img"));
    }

private:
    [[nodiscard]] std::string folder() const { return m_folder.path().toStdString(); }

    CheckpointId saved(const Means &means)
    {
        SaveWish wish;
        wish.pids = treeOf(m_target->pid()).value_or(std::vector<std::int32_t>());
        wish.manifest.trigger = "manual";
        const auto done = save(wish, means, *m_store, patience(), {});
        if (!done)
            QTest::qFail(text(done.error()), __FILE__, __LINE__);
        return done ? done->id : CheckpointId{};
    }

    SavedTree read(const CheckpointId &id)
    {
        auto opened = m_store->look(id);
        auto tree = opened ? readTree(*opened) : std::unexpected(opened.error());
        if (!tree)
            QTest::qFail(text(tree.error()), __FILE__, __LINE__);
        // So that a test goes on, and fails where it looks.
        return tree ? *std::move(tree) : SavedTree{std::vector<SavedTask>(3), {}, {}, {}, {}};
    }

    Result<TreeDiff> compared(const CheckpointId &before, const CheckpointId &after)
    {
        auto old = GANTRY_TRY(m_store->look(before));
        auto now = GANTRY_TRY(m_store->look(after));
        return checkpoint::diff(old, now, {});
    }

    static const SavedArea *areaAt(const SavedTask &task, std::uint64_t address)
    {
        const auto found = std::ranges::find_if(
            task.areas, [address](const SavedArea &one) { return one.start <= address && address < one.end; });
        return found == task.areas.end() ? nullptr : &*found;
    }
};

QTEST_GUILESS_MAIN(TestKernelInspect)
#include "tst_kernel_inspect.moc"
