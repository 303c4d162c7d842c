// SPDX-License-Identifier: GPL-3.0-or-later
// Memory that was saved in rounds is one set of images again.
#include <QtTest>

#include "criu_images.pb.h"
#include "engine/base/fd.h"
#include "engine/base/strings.h"
#include "engine/checkpoint/image_file.h"
#include "engine/checkpoint/image_tree.h"
#include "engine/checkpoint/images.h"
#include "engine/checkpoint/merged_images.h"
#include "engine/checkpoint/pre_dump.h"
#include "engine/repository/store.h"

#include <QTemporaryDir>

#include <cstring>
#include <fstream>
#include <map>
#include <random>

#include <sys/stat.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using repository::Store;

namespace {

constexpr std::uint32_t kInParent = 1;
constexpr std::uint32_t kLazy = 2;
constexpr std::uint32_t kPresent = 4;
const std::string kMap = "pagemap-7.img";

struct Entry
{
    std::uint64_t page = 0; ///< address in pages
    std::uint64_t count = 0;
    std::uint32_t flags = 0;
};

QByteArray text(const Error &error)
{
    return QByteArray::fromStdString(error.message());
}

void append(std::string &image, const google::protobuf::MessageLite &message)
{
    const std::string bytes = message.SerializeAsString();
    const auto size = static_cast<std::uint32_t>(bytes.size());
    std::string word(sizeof size, '\0');
    std::memcpy(word.data(), &size, sizeof size);
    image += word + bytes;
}

std::string mapOf(std::uint32_t file, const std::vector<Entry> &entries)
{
    std::string out = imageHead(kMap);
    criu::PagemapHead head;
    head.set_pages(file);
    append(out, head);
    for (const Entry &one : entries) {
        criu::PagemapEntry entry;
        entry.set_address(one.page * kImagePage);
        entry.set_short_count(static_cast<std::uint32_t>(one.count));
        entry.set_count(one.count);
        entry.set_flags(one.flags);
        append(out, entry);
    }
    return out;
}

/// A page of this letter.
std::string page(char letter)
{
    return std::string(kImagePage, letter);
}

std::string pages(std::string_view letters)
{
    std::string out;
    for (const char letter : letters)
        out += page(letter);
    return out;
}

/// Folders of a dump and its rounds, the last one first.
class Rounds
{
public:
    void add(std::uint32_t file, const std::vector<Entry> &entries, const std::string &content)
    {
        const std::string name = path(m_count++);
        QVERIFY(::mkdir(name.c_str(), 0700) == 0);
        write(name + "/" + kMap, mapOf(file, entries));
        write(strCat(name, "/pages-", file, ".img"), content);
        auto fd = openAt(AT_FDCWD, name, O_RDONLY | O_DIRECTORY);
        QVERIFY(fd);
        m_folders.push_back(*std::move(fd));
    }
    void write(const std::string &file, const std::string &content) const
    {
        std::ofstream(file, std::ios::binary) << content;
    }
    [[nodiscard]] std::string path(std::size_t index) const { return strCat(m_dir.path().toStdString(), "/", index); }
    [[nodiscard]] std::vector<int> folders() const
    {
        std::vector<int> out;
        for (const UniqueFd &fd : m_folders)
            out.push_back(fd.get());
        return out;
    }
    [[nodiscard]] Result<MergedMap> merged() const { return mergeMap(folders(), kMap); }

    /// Through the store and back: memory by page, as readers of a checkpoint see it.
    [[nodiscard]] Result<std::map<std::uint64_t, char>> stored() const
    {
        Store store = GANTRY_TRY(Store::create(m_dir.path().toStdString() + "/store", {}));
        repository::Writer writer = GANTRY_TRY(store.write());
        GANTRY_CHECK(writeImages(writer, folders(), {}));
        const auto id = GANTRY_TRY(writer.commit({}));
        std::string image;
        GANTRY_CHECK(store.read(id, kMap, [&](std::span<const std::byte> bytes) {
            image += repository::textOf(bytes);
            return Result<>();
        }));
        const SavedPageMap map = GANTRY_TRY(parsePageMap(image, kMap));
        std::string content;
        GANTRY_CHECK(store.read(id, strCat("pages-", map.image, ".img"), [&](std::span<const std::byte> bytes) {
            content += repository::textOf(bytes);
            return Result<>();
        }));
        std::map<std::uint64_t, char> out;
        for (const SavedPages &run : map.runs) {
            for (std::uint64_t i = 0; i < run.count; ++i)
                out[run.address / kImagePage + i] = content.at((run.first + i) * kImagePage + 99);
        }
        if (content.size() != out.size() * kImagePage)
            return fail(EBADMSG, "test", kMap, "pages that no map speaks of");
        return out;
    }

private:
    QTemporaryDir m_dir;
    std::size_t m_count = 0;
    std::vector<UniqueFd> m_folders;
};

} // namespace

class TestMergedImages : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void inParent_isTakenFromTheRoundBefore()
    {
        Rounds rounds;
        rounds.add(3, {{10, 2, kInParent}, {12, 1, kPresent | kLazy}, {13, 1, kInParent}, {20, 1, kPresent}},
                   pages("xz"));
        rounds.add(1, {{10, 4, kPresent | kLazy}}, pages("abcd"));
        const auto merged = rounds.merged();
        QVERIFY2(merged, merged ? "" : text(merged.error()));
        QCOMPARE(merged->pages, std::string("pages-3.img"));
        const std::vector<MergedRun> runs{
            {1, "pages-1.img", 0, 2}, {0, "pages-3.img", 0, 1}, {1, "pages-1.img", 3, 1}, {0, "pages-3.img", 1, 1}};
        QVERIFY(merged->runs == runs);
        const auto map = parsePageMap(merged->map, kMap);
        QVERIFY2(map, map ? "" : text(map.error()));
        QCOMPARE(map->pagesIn(0, ~std::uint64_t{0}), std::uint64_t{5});
        QVERIFY(map->runs.front().lazy && !map->runs.back().lazy);
        const auto stored = rounds.stored();
        QVERIFY2(stored, stored ? "" : text(stored.error()));
        QVERIFY((*stored == std::map<std::uint64_t, char>{{10, 'a'}, {11, 'b'}, {12, 'x'}, {13, 'd'}, {20, 'z'}}));
    }

    void inParentOfParent_isFoundThere()
    {
        Rounds rounds;
        rounds.add(9, {{1, 6, kInParent}}, {});
        rounds.add(9, {{1, 1, kInParent}, {2, 1, kPresent}, {3, 4, kInParent}}, pages("B"));
        rounds.add(4, {{0, 3, kPresent}, {3, 8, kPresent}}, pages("0123456789A"));
        const auto merged = rounds.merged();
        QVERIFY2(merged, merged ? "" : text(merged.error()));
        // What follows each other in the same file is one run.
        const std::vector<MergedRun> runs{{2, "pages-4.img", 1, 1}, {1, "pages-9.img", 0, 1}, {2, "pages-4.img", 3, 4}};
        QVERIFY(merged->runs == runs);
        const auto stored = rounds.stored();
        QVERIFY2(stored, stored ? "" : text(stored.error()));
        QVERIFY((*stored == std::map<std::uint64_t, char>{{1, '1'}, {2, 'B'}, {3, '3'}, {4, '4'}, {5, '5'}, {6, '6'}}));
    }

    void entriesWithoutFlags_areOfAnOldCriu()
    {
        Rounds rounds;
        rounds.add(1, {}, pages("n"));
        rounds.add(1, {{5, 2, kPresent}}, pages("op"));
        std::string old = mapOf(1, {});
        criu::PagemapEntry entry;
        entry.set_address(5 * kImagePage);
        entry.set_short_count(1);
        entry.set_in_parent(true);
        append(old, entry);
        entry.set_address(6 * kImagePage);
        entry.set_in_parent(false);
        append(old, entry);
        rounds.write(rounds.path(0) + "/" + kMap, old);
        const auto stored = rounds.stored();
        QVERIFY2(stored, stored ? "" : text(stored.error()));
        QVERIFY((*stored == std::map<std::uint64_t, char>{{5, 'o'}, {6, 'n'}}));
    }

    void missingPages_areAnError_data()
    {
        QTest::addColumn<int>("page");
        QTest::addColumn<int>("count");
        QTest::newRow("before its first") << 9 << 2;
        QTest::newRow("after its last") << 12 << 2;
        QTest::newRow("between two") << 11 << 3;
        QTest::newRow("in no round at all") << 40 << 1;
        QTest::newRow("not saved there") << 21 << 1;
        QTest::newRow("in the parent of the first round") << 30 << 1;
    }
    void missingPages_areAnError()
    {
        QFETCH(int, page);
        QFETCH(int, count);
        Rounds rounds;
        rounds.add(1, {{static_cast<std::uint64_t>(page), static_cast<std::uint64_t>(count), kInParent}}, {});
        rounds.add(1, {{10, 2, kPresent}, {13, 1, kPresent}, {21, 1, kLazy}, {30, 1, kInParent}}, pages("abc"));
        const auto merged = rounds.merged();
        QVERIFY(!merged);
        QCOMPARE(merged.error().posix(), EBADMSG);
        QVERIFY2(merged.error().message().find("is in no round") != std::string::npos, text(merged.error()));
    }

    void damagedRounds_areErrors()
    {
        Rounds rounds;
        rounds.add(1, {{1, 2, kInParent}}, {});
        rounds.add(1, {{1, 2, kPresent}}, pages("ab"));
        const std::string file = rounds.path(1) + "/" + kMap;
        const std::string whole = mapOf(1, {{1, 2, kPresent}});
        rounds.write(rounds.path(1) + "/pages-1.img", page('a')); // one too few
        const auto stored = rounds.stored();
        QVERIFY(!stored);
        QCOMPARE(stored.error().posix(), EBADMSG);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            rounds.write(file, whole.substr(0, size));
            const auto merged = rounds.merged();
            QVERIFY2(!merged && merged.error().posix() == EBADMSG, qPrintable(QString::number(size)));
        }
        rounds.write(file, mapOf(1, {{2, 1, kPresent}, {1, 1, kPresent}})); // not by address
        QCOMPARE(rounds.merged().error().posix(), EBADMSG);
        QVERIFY(::unlink(file.c_str()) == 0);
        QCOMPARE(rounds.merged().error().posix(), ENOENT);
    }

    void anyHistory_givesTheMemoryAsItWasAtTheEnd()
    {
        std::mt19937 random(7); // NOLINT: the same each time
        for (int turn = 0; turn < 12; ++turn) {
            std::map<std::uint64_t, char> memory;
            std::vector<std::pair<std::vector<Entry>, std::string>> history;
            for (std::size_t round = 0; round <= random() % 4; ++round) {
                std::map<std::uint64_t, char> before = std::exchange(memory, {});
                std::vector<Entry> entries;
                std::string content;
                for (std::uint64_t at = 100; at < 160; ++at) {
                    const bool mapped = random() % 5 != 0;
                    const bool known = before.contains(at) && random() % 3 != 0;
                    if (!mapped)
                        continue;
                    memory[at] = known ? before[at] : static_cast<char>('A' + random() % 50);
                    const std::uint32_t flags = known ? kInParent : kPresent | (random() % 2 ? kLazy : 0);
                    if (!known)
                        content += page(memory[at]);
                    if (!entries.empty() && entries.back().flags == flags &&
                        entries.back().page + entries.back().count == at)
                        ++entries.back().count;
                    else
                        entries.push_back({at, 1, flags});
                }
                history.emplace_back(std::move(entries), std::move(content));
            }
            Rounds rounds;
            for (auto round = history.rbegin(); round != history.rend(); ++round)
                rounds.add(2, round->first, round->second);
            const auto stored = rounds.stored();
            QVERIFY2(stored, stored ? "" : text(stored.error()));
            QVERIFY(*stored == memory);
        }
    }

    void rounds_endWhereAFurtherOneIsNotWorthIt()
    {
        const auto rounds = [](std::initializer_list<std::uint64_t> mebibytes) {
            std::vector<PreDumpRound> out;
            for (const std::uint64_t one : mebibytes)
                out.push_back({Bytes{one << 20}, {}});
            return out;
        };
        QVERIFY(anotherRound(rounds({500})));
        QVERIFY(!anotherRound(rounds({3}))); // little enough already
        QVERIFY(anotherRound(rounds({500, 200})));
        QVERIFY(!anotherRound(rounds({500, 300}))); // it does not shrink
        QVERIFY(!anotherRound(rounds({500, 3})));
        QVERIFY(!anotherRound(rounds({500, 200, 80}))); // never more
    }

    void reason_isToldWhereThereAreNoRounds()
    {
        CriuFacts criu{.path = "/criu", .version = "4.2.1", .problem = {}, .features = {"uffd"}};
        const Bytes much{kWorthPreDump};
        QVERIFY(reasonAgainstPreDump(PreDumpWish::Auto, criu, much).find("MEM_SOFT_DIRTY") != std::string::npos);
        QVERIFY(!reasonAgainstPreDump(PreDumpWish::Always, criu, much).empty());
        criu.features.emplace_back("mem_dirty_track");
        QCOMPARE(reasonAgainstPreDump(PreDumpWish::Auto, criu, much), std::string());
        QVERIFY(!reasonAgainstPreDump(PreDumpWish::Auto, criu, Bytes{much.v - 1}).empty());
        QCOMPARE(reasonAgainstPreDump(PreDumpWish::Always, criu, Bytes{1}), std::string());
        QVERIFY(!reasonAgainstPreDump(PreDumpWish::Never, criu, much).empty());
    }
};

QTEST_GUILESS_MAIN(TestMergedImages)
#include "tst_merged_images.moc"
