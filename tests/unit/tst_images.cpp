// SPDX-License-Identifier: GPL-3.0-or-later
// CRIU's images: recorded ones, damaged ones, and what two trees and two images of pages have differently.
#include <QtTest>

#include "engine/base/parse.h"
#include "engine/checkpoint/image_diff.h"
#include "engine/repository/store.h"

#include <QTemporaryDir>

#include <algorithm>
#include <map>

using namespace gantry;
using namespace gantry::checkpoint;
using repository::CheckpointId;
using repository::Store;
using repository::StreamKind;

namespace {

constexpr std::int32_t kPid = 19490; ///< of the recorded sleep(1)

using Images = std::map<std::string, std::string>;

Images recorded()
{
    Images out;
    for (const char *name : {"core-19490.img", "fdinfo-2.img", "files.img", "fs-19490.img", "ids-19490.img",
                             "mm-19490.img", "pagemap-19490.img", "pstree.img"})
        out[name] = readFile(strCat(GANTRY_TEST_DATA, "/criu/images/", name)).value_or("");
    return out;
}

ReadImage readerOf(const Images &images)
{
    return [&images](const std::string &name, std::uint64_t) -> Result<std::optional<std::string>> {
        const auto found = images.find(name);
        return found == images.end() ? std::nullopt : std::optional(found->second);
    };
}

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

/// Pages that differ from each other and from those of another seed.
std::string pagesOf(std::size_t count, char seed)
{
    std::string out(count * kImagePage, seed);
    for (std::size_t i = 0; i < count; ++i)
        out.replace(i * kImagePage, 6, strCat(100'000 + i));
    return out;
}

struct Told
{
    std::uint64_t address;
    std::uint64_t count;
    Change change;
    auto operator<=>(const Told &) const = default;
};

SavedTree twoTasks()
{
    SavedTree out;
    for (const std::int32_t pid : {10, 11}) {
        SavedTask task;
        task.pid = pid;
        task.comm = "worker";
        task.state = "running";
        task.threads = {pid};
        task.descriptors = {{3, false, 1}, {4, true, 2}};
        out.tasks.push_back(task);
    }
    SavedFile file;
    file.kind = "file";
    file.text = "/var/log/it";
    file.size = 5;
    out.files[1] = file;
    SavedFile socket;
    socket.kind = "inet";
    socket.text = "tcp";
    socket.socket.emplace();
    socket.socket->protocol = "tcp";
    socket.socket->state = "listen";
    socket.socket->local = "0.0.0.0:80";
    out.files[2] = socket;
    return out;
}

} // namespace

class TestImages : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void recorded_isRead()
    {
        const Images images = recorded();
        const auto tree = readTree(readerOf(images));
        QVERIFY2(tree, tree ? "" : text(tree.error()));
        QCOMPARE(tree->tasks.size(), std::size_t{1});
        const SavedTask &task = tree->tasks.front();
        QCOMPARE(task.pid, kPid);
        QCOMPARE(task.comm, std::string("sleep"));
        QCOMPARE(task.exe, std::string("/usr/bin/sleep"));
        QCOMPARE(task.workingFolder, std::string("/"));
        QCOMPARE(task.descriptors.size(), std::size_t{5});
        QCOMPARE(tree->file(task.descriptors[1].file)->text, std::string("/dev/null"));
        QCOMPARE(tree->file(task.descriptors[4].file)->kind, std::string("pipe"));
        QCOMPARE(task.pages.image, std::uint32_t{1});
        QCOMPARE(task.pages.pagesIn(0, ~std::uint64_t{0}), std::uint64_t{30}); // pages-1.img had 122 880 bytes
        std::uint64_t inAreas = 0;
        for (const SavedArea &area : task.areas)
            inAreas += area.pages;
        QCOMPARE(inAreas, std::uint64_t{30});
        for (const char *what : {"[heap]", "[stack]", "[vdso]", "/usr/bin/sleep"})
            QVERIFY2(std::ranges::find(task.areas, std::string(what), &SavedArea::what) != task.areas.end(), what);
    }

    void mounts_ofItsNamespace_areRead()
    {
        Images images = recorded();
        images["mountpoints-6.img"] = imageHead("mountpoints-6.img") +
                                      std::string("\x11\0\0\0\x08\5\x3a\5./mnt\x42\4none\x68\0", 21) +
                                      std::string("\x0d\0\0\0\x3a\1/\x68\1\x72\6mystic", 17);
        const auto tree = readTree(readerOf(images));
        QVERIFY2(tree, tree ? "" : text(tree.error()));
        QCOMPARE(tree->mounts.size(), std::size_t{2});
        QCOMPARE(tree->mounts[0].mountPoint, std::string("/mnt"));
        QCOMPARE(tree->mounts[0].type, std::string("tmpfs"));
        QCOMPARE(tree->mounts[0].source, std::string("none"));
        QVERIFY(!tree->mounts[0].external);
        QCOMPARE(tree->mounts[1].mountPoint, std::string("/"));
        QCOMPARE(tree->mounts[1].type, std::string("mystic"));
        QVERIFY(tree->mounts[1].external);
    }

    void cut_anywhere_isToldOrRead()
    {
        const Images whole = recorded();
        for (const auto &[name, image] : whole) {
            int refused = 0;
            for (std::size_t size = 0; size < image.size(); ++size) {
                Images images = whole;
                images[name].resize(size);
                const auto tree = readTree(readerOf(images));
                if (tree)
                    continue; // between two entries, which nothing tells
                ++refused;
                const int code = tree.error().posix();
                QVERIFY2(code == EBADMSG && tree.error().subject.starts_with(name), text(tree.error()));
            }
            QVERIFY2(refused > 8, name.c_str());
        }
    }

    void damaged_isTold_data()
    {
        QTest::addColumn<QByteArray>("image");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("detail");
        const QByteArray tree = QByteArray::fromStdString(imageHead("pstree.img"));
        const QByteArray map = QByteArray::fromStdString(imageHead("pagemap-1.img")) + QByteArray("\2\0\0\0\x08\1", 6);
        QTest::newRow("other image") << QByteArray("pstree.img") << map << QByteArray("does not begin");
        QTest::newRow("huge entry") << QByteArray("pstree.img") << tree + QByteArray("\xff\xff\xff\x7f", 4)
                                    << QByteArray("longer than any");
        QTest::newRow("no message") << QByteArray("pstree.img") << tree + QByteArray("\2\0\0\0\xff\xff", 6)
                                    << QByteArray("is not what");
        QTest::newRow("pid 0") << QByteArray("pstree.img") << tree + QByteArray("\2\0\0\0\x08\0", 6)
                               << QByteArray("a pid that cannot be");
        QTest::newRow("pages over pages")
            << QByteArray("pagemap-19490.img")
            << map + QByteArray("\5\0\0\0\x08\x80\x40\x28\2", 9) + QByteArray("\5\0\0\0\x08\x80\x60\x28\2", 9)
            << QByteArray("lie over");
        QTest::newRow("page between pages")
            << QByteArray("pagemap-19490.img") << map + QByteArray("\4\0\0\0\x08\1\x28\1", 8) << QByteArray("lie over");
        QTest::newRow("beyond memory") << QByteArray("pagemap-19490.img")
                                       << map +
                                              QByteArray(
                                                  "\x0d\0\0\0\x08\x80\x20\x28\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 17)
                                       << QByteArray("beyond memory");
    }
    void damaged_isTold()
    {
        QFETCH(QByteArray, image);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, detail);
        Images images = recorded();
        images[image.toStdString()] = content.toStdString();
        const auto tree = readTree(readerOf(images));
        QVERIFY(!tree);
        QCOMPARE(tree.error().posix(), EBADMSG);
        QVERIFY2(text(tree.error()).contains(image + " at byte "), text(tree.error()));
        QVERIFY2(text(tree.error()).contains(detail), text(tree.error()));
    }

    void tooMuch_isNotRead()
    {
        const Images images = recorded();
        std::uint64_t most = 0;
        const ReadImage read = [&](const std::string &name, std::uint64_t left) -> Result<std::optional<std::string>> {
            most = std::max(most, left);
            if (name == "files.img")
                return fail(EFBIG, "inspect", name, "it has more");
            return readerOf(images)(name, left);
        };
        QCOMPARE(readTree(read).error().posix(), EFBIG);
        QCOMPARE(most, std::uint64_t{256} << 20);
    }

    void trees_thatAreAlike_differInNothing()
    {
        const TreeDiff diff = diffTrees(twoTasks(), twoTasks());
        QVERIFY(diff.processes.empty() && diff.descriptors.empty() && diff.sockets.empty() && diff.files.empty());
    }

    void trees_whatDiffersIsTold()
    {
        SavedTree after = twoTasks();
        after.tasks[0].state = "stopped";
        after.tasks[0].threads = {10, 20};
        after.tasks[1].pid = 12;
        after.files[1].size = 9;
        after.files[1].position = 4;
        after.files[2].socket->local = "0.0.0.0:81";
        const TreeDiff diff = diffTrees(twoTasks(), after);
        QCOMPARE(diff.processes.size(), std::size_t{3});
        QCOMPARE(diff.processes[0].change, Change::Gone);
        QCOMPARE(diff.processes[0].pid, 11);
        QCOMPARE(diff.processes[1].before, std::string("state=running threads=1"));
        QCOMPARE(diff.processes[1].after, std::string("state=stopped threads=2"));
        QCOMPARE(diff.processes[2].change, Change::New);
        QCOMPARE(diff.processes[2].pid, 12);
        QCOMPARE(diff.files.size(), std::size_t{1});
        QVERIFY(diff.files[0].before == std::uint64_t{5} && diff.files[0].after == std::uint64_t{9});
        QCOMPARE(diff.sockets.size(), std::size_t{2});
        QCOMPARE(diff.sockets[0].object, std::string("tcp 0.0.0.0:80"));
        QCOMPARE(diff.sockets[0].change, Change::Gone);
        QCOMPARE(diff.sockets[1].change, Change::New);
        // Of the one that is gone, of the one that is new, and the position in the one that stayed.
        QCOMPARE(diff.descriptors.size(), std::size_t{5});
        const auto moved = std::ranges::find(diff.descriptors, Change::Changed, &Difference::change);
        QCOMPARE(moved->object, std::string("fd 3"));
        QCOMPARE(moved->before, std::string("position=0"));
        QCOMPARE(moved->after, std::string("position=4"));
    }

    void pages_areComparedByTheirContent()
    {
        constexpr std::size_t kPages = 300;
        const QTemporaryDir folder;
        repository::StoreOptions options;
        options.indexedPieces = 64; // so that it forgets, and stores the same again
        auto store = Store::create(folder.path().toStdString() + "/store", std::move(options));
        QVERIFY2(store, store ? "" : text(store.error()));
        std::string content = pagesOf(kPages, 'a');
        content.replace(5 * kImagePage, kImagePage, kImagePage, '\0');
        const CheckpointId before = saved(*store, content);
        content[7 * kImagePage + 9] = 'x';
        content[8 * kImagePage] = 'y';
        content[5 * kImagePage] = 'z'; // was a page of zeros
        const CheckpointId after = saved(*store, content);

        constexpr std::uint64_t kBase = 0x10000;
        // The second has its first two pages elsewhere, and none in place of the last.
        SavedPageMap old{1, {{kBase, kPages, 0}}};
        SavedPageMap now{1, {{0x1000, 2, 0}, {kBase + 2 * kImagePage, kPages - 3, 2}}};
        auto first = store->look(before);
        auto second = store->look(after);
        QVERIFY(first && second);
        const auto stored = storedPages(*first, old);
        QVERIFY2(stored, stored ? "" : text(stored.error()));
        const auto other = storedPages(*second, now);
        QVERIFY2(other, other ? "" : text(other.error()));
        QVERIFY(stored->front().first != other->front().first); // it did forget
        std::vector<Told> told;
        const auto done =
            diffPages(*first, *stored, *other, {}, [&told](std::uint64_t address, std::uint64_t count, Change change) {
                told.push_back({address, count, change});
            });
        QVERIFY2(done, done ? "" : text(done.error()));
        std::ranges::sort(told);
        const auto at = [](std::uint64_t page) { return kBase + page * kImagePage; };
        const std::vector<Told> expected{{0x1000, 2, Change::New},    {at(0), 2, Change::Gone},
                                         {at(5), 1, Change::Changed}, {at(7), 1, Change::Changed},
                                         {at(8), 1, Change::Changed}, {at(kPages - 1), 1, Change::Gone}};
        QVERIFY(told == expected);

        SavedPageMap tooMany{1, {{kBase, kPages + 1, 0}}};
        QCOMPARE(storedPages(*first, tooMany).error().posix(), EBADMSG);
        const auto page = first->piece(repository::PieceId{stored->front().first});
        QVERIFY2(page, page ? "" : text(page.error()));
        QCOMPARE(repository::textOf(*page), std::string_view(content).substr(0, kImagePage));
        QCOMPARE(first->piece(repository::PieceId::make(1'000'000, 1)).error().posix(), EBADMSG);
        const auto whole = second->read("pages-1.img", content.size());
        QVERIFY2(whole, whole ? "" : text(whole.error()));
        QVERIFY(*whole == content);
        QCOMPARE(second->read("pages-1.img", content.size() - 1).error().posix(), EFBIG);
        QCOMPARE(second->read("pages-2.img", 1).error().posix(), ENOENT);
        QCOMPARE(first->pieces("pages-2.img").error().posix(), ENOENT);
    }

private:
    static CheckpointId saved(Store &store, const std::string &pages)
    {
        auto writer = store.write();
        const auto stream = writer->addStream("pages-1.img", StreamKind::Pages);
        const auto written = writer->write(*stream, repository::viewOf(pages));
        auto id = writer->commit({});
        if (!written || !id)
            QTest::qFail("cannot write", __FILE__, __LINE__);
        return id ? *id : CheckpointId{};
    }
};

QTEST_GUILESS_MAIN(TestImages)
#include "tst_images.moc"
