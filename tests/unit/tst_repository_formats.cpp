// SPDX-License-Identifier: GPL-3.0-or-later
// Layouts of a repository: one of an older format is read and goes on as it is; in a new one, blocks are in frames, of
// which only those are decompressed that are needed.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/block.h"
#include "engine/repository/piece_index.h"
#include "engine/repository/store.h"
#include "tests/support/repository_fixture.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;
namespace fs = std::filesystem;

namespace {

std::string pathIn(const QTemporaryDir &dir)
{
    return dir.filePath(QStringLiteral("repo")).toStdString();
}

/// What the two checkpoints of tests/data/repository/format-1 were made of, by the Gantry before frames.
Contents savedInFormat1(int tick)
{
    ByteVector pages(200 * kPage);
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const std::size_t page = i / kPage;
        const std::size_t letter = (i * i / 7 + page * 31 + (tick > 0 && page % 5 == 0 ? 3 : 0)) % 23;
        pages[i] = page % 10 == 9 ? std::byte{0} : static_cast<std::byte>('a' + letter);
    }
    const std::string text = strCat("core of tick ", tick);
    const ByteView core = viewOf(text);
    return {{"pages-1.img", {StreamKind::Pages, pages}},
            {"core-1.img", {StreamKind::Bytes, ByteVector(core.begin(), core.end())}}};
}

/// Pages that compress well, and differ.
ByteVector letters(std::uint64_t seed, std::size_t pages)
{
    ByteVector out = noise(seed, pages * kPage);
    for (std::byte &byte : out)
        byte = (byte & std::byte{7}) | std::byte{'a'};
    return out;
}

/// Codecs of all blocks in all packs of a repository.
std::set<std::uint32_t> codecsIn(const std::string &path)
{
    std::set<std::uint32_t> out;
    for (const auto &entry : fs::directory_iterator(path + "/packs")) {
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        for (ByteView rest = viewOf(all).subspan(16); !rest.empty();) {
            const auto head = parseBlockHead(rest, "pack");
            if (!head)
                return {~0U};
            out.insert(head->codec);
            rest = rest.subspan(std::min<std::size_t>(rest.size(), kBlockHead + head->sealed));
        }
    }
    return out;
}

Block blockOf(std::size_t pages)
{
    Block out;
    out.number = 42;
    const ByteVector content = letters(1, pages);
    for (std::uint32_t i = 0; i < pages; ++i) {
        // Some that nothing compresses: their frame is stored as it is.
        const bool noisy = i / 4 == 1;
        out.add(i,
                noisy ? noise(i, kPage) : ByteVector(content.begin() + i * kPage, content.begin() + (i + 1) * kPage));
    }
    return out;
}

} // namespace

class TestRepositoryFormats : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { GANTRY_VERIFY(readySodium()); }

    void format1_isReadAndWrittenOn()
    {
        const QTemporaryDir dir;
        const std::string path = pathIn(dir);
        fs::copy(GANTRY_TEST_DATA "/repository/format-1", path, fs::copy_options::recursive);
        auto store = Store::open(path, {});
        GANTRY_VERIFY(store);
        for (const int tick : {0, 1}) {
            const auto id = store->find(tick == 0 ? "first" : "second");
            GANTRY_VERIFY(id);
            const auto back = loadAll(*store, *id);
            GANTRY_VERIFY(back);
            QVERIFY(*back == savedInFormat1(tick));
        }
        const Contents more{{"pages-1.img", {StreamKind::Pages, letters(3, 300)}}};
        const auto id = save(*store, more, manifestNamed("third"));
        GANTRY_VERIFY(id);
        const auto back = loadAll(*store, *id);
        GANTRY_VERIFY(back);
        QVERIFY(*back == more);
        const auto report = store->check();
        GANTRY_VERIFY(report);
        QVERIFY(report->damages.empty());
        QCOMPARE(report->checkpoints, std::uint64_t{3});
        // An older Gantry can still read all of it.
        QVERIFY(std::ranges::max(codecsIn(path)) <= 1);
        std::ifstream in(path + "/format");
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        QVERIFY(text.find("\"gantry-repository\": 1") != std::string::npos);
    }

    void newRepository_hasFrames()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        const Contents contents{{"pages-1.img", {StreamKind::Pages, letters(3, 300)}}};
        const auto id = save(*store, contents, manifestNamed("one"));
        GANTRY_VERIFY(id);
        QCOMPARE(std::ranges::max(codecsIn(pathIn(dir))), std::uint32_t{2});
        const auto back = loadAll(*store, *id);
        GANTRY_VERIFY(back);
        QVERIFY(*back == contents);
    }

    void frames_areDecompressedWhereNeeded()
    {
        const Sealer sealer;
        Compressor compressor(1);
        Decompressor decompressor;
        const Block block = blockOf(22); // frames of 4 pages, and one of 2
        const ByteVector record = encodeBlock(block, sealer, &compressor, BlockLayout::Frames);
        QVERIFY(record.size() < block.bytes.size());
        PieceSet needed;
        for (const std::uint32_t index : {5U, 12U, 21U})
            needed.add(PieceId::make(42, index));
        const auto back = parseBlock(record, 42, sealer, decompressor, "test", Verify::Seal, &needed);
        GANTRY_VERIFY(back);
        for (std::uint32_t index = 0; index < 22; ++index) {
            const bool there = index / 4 == 1 || index / 4 == 3 || index >= 20;
            const Block::Piece *piece = back->find(index);
            QCOMPARE(piece != nullptr, there);
            if (there)
                QVERIFY(std::ranges::equal(back->bytesOf(*piece), block.bytesOf(*block.find(index))));
        }
        QCOMPARE(back->bytes.size(), 10 * kPage);
        const PieceSet none;
        const auto empty = parseBlock(record, 42, sealer, decompressor, "test", Verify::Seal, &none);
        GANTRY_VERIFY(empty);
        QVERIFY(empty->pieces.empty() && empty->bytes.empty());
    }

    /// A page that was saved by itself is read by itself, also where a collection has written it anew.
    void framesOfScatteredPages_haveOneEach()
    {
        const Sealer sealer;
        Compressor compressor(1);
        Decompressor decompressor;
        Block block;
        block.number = 42;
        const ByteVector content = letters(1, 6);
        for (std::uint32_t i = 0; i < 6; ++i)
            block.add(i, ByteView(content).subspan(i * kPage, kPage), i == 3 || i == 4);
        PieceSet needed;
        needed.add(PieceId::make(42, 1));
        needed.add(PieceId::make(42, 4));
        const ByteVector record = encodeBlock(block, sealer, &compressor, BlockLayout::Frames);
        const auto back = parseBlock(record, 42, sealer, decompressor, "test", Verify::PiecesLater, &needed);
        GANTRY_VERIFY(back);
        QCOMPARE(back->pieces.size(), std::size_t{4}); // 1; 2 with 3 and 4
        QCOMPARE(back->find(1)->follows, false);
        QCOMPARE(back->find(2)->follows, false);
        QCOMPARE(back->find(4)->follows, true);
        for (const std::uint32_t index : {1U, 2U, 3U, 4U})
            QVERIFY(std::ranges::equal(back->bytesOf(*back->find(index)), block.bytesOf(*block.find(index))));
    }

    /// Of a file only what neededParts() tells is read; the rest may be anything.
    void partsOfRecord_areEnough()
    {
        const Sealer sealer;
        Compressor compressor(1);
        Decompressor decompressor;
        const Block block = blockOf(40);
        const ByteVector record = encodeBlock(block, sealer, &compressor, BlockLayout::Frames);
        for (std::uint32_t index = 0; index < 40; ++index) {
            PieceSet needed;
            needed.add(PieceId::make(42, index));
            needed.add(PieceId::make(42, (index * 7 + 3) % 40));
            for (const std::size_t beginning : {std::size_t{10}, std::size_t{1'024}, std::size_t{9'000}}) {
                ByteVector read(record.size(), std::byte{0x5a});
                std::ranges::copy(ByteView(record).first(beginning), read.begin());
                std::size_t bytes = beginning;
                for (const auto &[first, size] : neededParts(ByteView(read).first(beginning), record.size(), needed)) {
                    std::ranges::copy(ByteView(record).subspan(first, size),
                                      read.begin() + static_cast<std::ptrdiff_t>(first));
                    bytes += size;
                }
                QVERIFY(beginning == 10 ? bytes == record.size() : bytes < record.size());
                const auto back = parseBlock(read, 42, sealer, decompressor, "test", Verify::PiecesLater, &needed);
                GANTRY_VERIFY(back);
                QVERIFY(std::ranges::equal(back->bytesOf(*back->find(index)), block.bytesOf(*block.find(index))));
            }
        }
        // Format 1: all of it, whatever is needed.
        const ByteVector whole = encodeBlock(block, sealer, &compressor, BlockLayout::Whole);
        const auto parts = neededParts(ByteView(whole).first(1'024), whole.size(), {});
        QCOMPARE(parts.size(), std::size_t{1});
        QCOMPARE(parts[0].size, whole.size() - 1'024);
    }

    /// Without the seal's help: what makes no sense is found, what makes sense has the pieces and sizes it had.
    void brokenFrames_areNeverReadBeyond()
    {
        const Sealer sealer;
        Compressor compressor(1);
        Decompressor decompressor;
        const Block block = blockOf(9);
        const ByteVector record = encodeBlock(block, sealer, &compressor, BlockLayout::Frames);
        int refused = 0;
        for (std::size_t byte = 0; byte < record.size(); byte += byte < 128 ? 1 : 61) {
            for (const std::byte bit : {std::byte{1}, std::byte{128}}) {
                ByteVector broken = record;
                broken[byte] ^= bit;
                const auto back = parseBlock(broken, 42, sealer, decompressor, "test", Verify::PiecesLater);
                if (!back) {
                    QCOMPARE(back.error().posix(), EBADMSG);
                    ++refused;
                    continue;
                }
                for (const Block::Piece &piece : back->pieces)
                    QVERIFY(piece.offset + piece.size <= back->bytes.size());
            }
        }
        QVERIFY(refused > 100);
        for (std::size_t size = 0; size < record.size(); size += 97)
            QVERIFY(!parseBlock(ByteView(record).first(size), 42, sealer, decompressor, "test", Verify::PiecesLater));
    }

    /// Pages that came over many ticks lie a few in each block: by stream, and page by page in any order.
    void lateCheckpoint_isReadFromManyBlocks_data()
    {
        QTest::addColumn<unsigned>("threads");
        for (const unsigned threads : {1U, 2U, 5U})
            QTest::addRow("%u", threads) << threads;
    }
    void lateCheckpoint_isReadFromManyBlocks()
    {
        QFETCH(const unsigned, threads);
        const QTemporaryDir dir;
        StoreOptions options;
        options.threads = threads;
        options.blockBytes = std::size_t{64} << 10;
        auto store = Store::create(pathIn(dir), options);
        GANTRY_VERIFY(store);
        constexpr std::size_t kPages = 2'000;
        Contents contents{{"pages-1.img", {StreamKind::Pages, letters(1, kPages)}}};
        ByteVector &pages = contents["pages-1.img"].bytes;
        auto id = save(*store, contents, manifestNamed("0"));
        for (std::uint64_t tick = 1; tick < 40; ++tick) {
            dirty(pages, tick, 0.08);
            id = save(*store, contents, manifestNamed(std::to_string(tick)));
            GANTRY_VERIFY(id);
        }
        const auto back = loadAll(*store, *id);
        GANTRY_VERIFY(back);
        QVERIFY(*back == contents);
        auto reader = store->pages(*id, "pages-1.img");
        GANTRY_VERIFY(reader);
        std::mt19937_64 random(5);
        for (int i = 0; i < 400; ++i) {
            const std::size_t first = random() % kPages;
            const std::size_t count = std::min<std::size_t>(1 + random() % 20, kPages - first);
            ByteVector got;
            GANTRY_VERIFY(reader->read(first, count, [&got](std::span<const std::byte> bytes) -> Result<> {
                got.insert(got.end(), bytes.begin(), bytes.end());
                return {};
            }));
            QVERIFY(std::ranges::equal(got, ByteView(pages).subspan(first * kPage, count * kPage)));
        }
    }
};

QTEST_GUILESS_MAIN(TestRepositoryFormats)
#include "tst_repository_formats.moc"
