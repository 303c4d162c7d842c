// SPDX-License-Identifier: GPL-3.0-or-later
// What the store of checkpoints is made of: numbers, blocks, content lists, cuts, seals, index.
#include <QtTest>

#include "engine/repository/block.h"
#include "engine/repository/catalogue.h"
#include "engine/repository/content_list.h"
#include "engine/repository/cutter.h"
#include "engine/repository/manifest.h"
#include "engine/repository/piece_index.h"
#include "engine/repository/sealer.h"
#include "tests/support/repository_fixture.h"

#include <random>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;

class TestRepositoryParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { GANTRY_VERIFY(readySodium()); }

    void numbers_readBack()
    {
        const std::vector<std::uint64_t> values{0, 1, 127, 128, 16'383, 16'384, 1ULL << 32, ~0ULL};
        ByteVector bytes;
        for (const std::uint64_t value : values) {
            putVarint(bytes, value);
            putSigned(bytes, static_cast<std::int64_t>(value));
            putFixed64(bytes, value);
            putFixed32(bytes, static_cast<std::uint32_t>(value));
        }
        ByteReader in(bytes, "test");
        for (const std::uint64_t value : values) {
            QCOMPARE(*in.varint(), value);
            QCOMPARE(*in.signedVarint(), static_cast<std::int64_t>(value));
            QCOMPARE(*in.fixed64(), value);
            QCOMPARE(*in.fixed32(), static_cast<std::uint32_t>(value));
        }
        QVERIFY(in.atEnd());
        QCOMPARE(in.varint().error().posix(), EBADMSG);
        QCOMPARE(in.fixed64().error().posix(), EBADMSG);
        ByteVector endless(11, std::byte{0x80});
        QCOMPARE(ByteReader(endless, "test").varint().error().posix(), EBADMSG);
        endless[9] = std::byte{2}; // more than 64 bits
        QCOMPARE(ByteReader(endless, "test").varint().error().posix(), EBADMSG);
        ByteVector small;
        putSigned(small, -1);
        QCOMPARE(small.size(), std::size_t{1});
    }

    void hex_readsBack()
    {
        const ByteVector bytes = noise(1, 33);
        QVERIFY(*parseHex(hexOf(bytes)) == bytes);
        for (const char *text : {"0", "0g", "AB", " 1"})
            QCOMPARE(parseHex(text).error().posix(), EILSEQ);
    }

    void contentList_readsBack()
    {
        std::mt19937_64 random(3);
        for (int round = 0; round < 200; ++round) {
            ContentListWriter writer;
            std::vector<PieceRun> expected;
            std::uint64_t pieces = 0;
            for (std::uint64_t runs = random() % 50; runs > 0; --runs) {
                PieceRun run{random() % 4 == 0, {}, 1 + random() % 5};
                if (!run.zeros)
                    run.first.v = 1'000 * (random() % 1'000'000);
                if (run.zeros)
                    writer.addZeros(run.count);
                for (std::uint64_t i = 0; i < run.count && !run.zeros; ++i)
                    writer.add(PieceId{run.first.v + i});
                pieces += run.count;
                if (run.zeros && !expected.empty() && expected.back().zeros)
                    expected.back().count += run.count;
                else
                    expected.push_back(run);
            }
            QCOMPARE(writer.pieces(), pieces);
            const auto back = parseContentList(writer.finish(), "test");
            GANTRY_VERIFY(back);
            QVERIFY(*back == expected);
        }
    }

    void contentList_ofPagesStoredTogether_isShort()
    {
        ContentListWriter writer;
        for (std::uint64_t block = 1; block <= 2'250; ++block) {
            for (std::uint32_t i = 0; i < 16; ++i)
                writer.add(PieceId::make(block, i));
        }
        QVERIFY(writer.finish().size() <= 2'250 * 3 + 10);
    }

    void block_readsBack_data()
    {
        QTest::addColumn<bool>("sealed");
        QTest::addColumn<bool>("compressed");
        QTest::addColumn<bool>("frames");
        for (int bits = 0; bits < 8; ++bits)
            QTest::addRow("%d", bits) << ((bits & 1) != 0) << ((bits & 2) != 0) << ((bits & 4) != 0);
    }
    void block_readsBack()
    {
        QFETCH(const bool, sealed);
        QFETCH(const bool, compressed);
        QFETCH(const bool, frames);
        const Sealer sealer = sealed ? Sealer(SecretKey::random()) : Sealer();
        Compressor compressor(1);
        Decompressor decompressor;
        Block block;
        block.number = 42;
        block.add(0, noise(1, 4'096));
        block.add(3, ByteVector(4'096, std::byte{7}));
        block.add(1'023, noise(2, 11));
        const ByteVector record = encodeBlock(block, sealer, compressed ? &compressor : nullptr,
                                              frames ? BlockLayout::Frames : BlockLayout::Whole);
        QVERIFY(!compressed || record.size() < 5'000);
        const auto back = parseBlock(record, 42, sealer, decompressor, "test");
        GANTRY_VERIFY(back);
        QVERIFY(back->bytes == block.bytes);
        for (const std::uint32_t index : {0U, 3U, 1'023U}) {
            QVERIFY(back->find(index) != nullptr);
            QVERIFY(std::ranges::equal(back->bytesOf(*back->find(index)), block.bytesOf(*block.find(index))));
        }
        QVERIFY(back->find(1) == nullptr && back->find(1'022) == nullptr);
        QCOMPARE(parseBlock(record, 43, sealer, decompressor, "test").error().posix(), EBADMSG);
        for (std::size_t byte = 0; byte < record.size(); byte += byte < 64 ? 1 : 97) {
            ByteVector broken = record;
            broken[byte] ^= std::byte{4};
            QCOMPARE(parseBlock(broken, 42, sealer, decompressor, "test").error().posix(), EBADMSG);
        }
    }

    void cuts_keepTheirSizes()
    {
        const ByteVector bytes = noise(9, 8 << 20);
        std::size_t pieces = 0;
        for (ByteView rest = bytes; !rest.empty(); ++pieces) {
            const std::size_t size = firstCut(rest, kByteCuts);
            QVERIFY(size <= kByteCuts.most && (size > kByteCuts.least || size == rest.size()));
            rest = rest.subspan(size);
        }
        const std::size_t mean = bytes.size() / pieces;
        QVERIFY2(mean > kByteCuts.mean / 2 && mean < kByteCuts.mean * 2, qPrintable(QString::number(mean)));
        // Nothing to hold on to: the longest ones.
        QCOMPARE(firstCut(ByteVector(1 << 20), kByteCuts), kByteCuts.most);
        QCOMPARE(firstCut(ByteView(bytes).first(100), kByteCuts), std::size_t{100});
    }

    void seal_holdsToWhatItIsBoundTo()
    {
        const SecretKey key = SecretKey::random();
        const ByteVector text = noise(1, 100);
        const ByteVector bound = noise(2, 10);
        for (const Sealer &sealer : {Sealer(), Sealer(key)}) {
            ByteVector sealed = sealer.seal(text, bound);
            QCOMPARE(sealed.size(), text.size() + sealer.overhead());
            QVERIFY(*sealer.open(sealed, bound, "test") == text);
            QCOMPARE(sealer.open(sealed, ByteView(bound).first(9), "test").error().posix(), EBADMSG);
            QCOMPARE(sealer.open(ByteView(sealed).first(10), bound, "test").error().posix(), EBADMSG);
            sealed.back() ^= std::byte{1};
            QCOMPARE(sealer.open(sealed, bound, "test").error().posix(), EBADMSG);
        }
        QVERIFY(Sealer(key).seal(text, bound) != Sealer(key).seal(text, bound)); // another nonce each time
        QVERIFY(Sealer(key).digest(text) == Sealer(key).digest(text));
        QVERIFY(Sealer(key).digest(text) != Sealer().digest(text));
        QVERIFY(Sealer(key).digest(text) != Sealer(SecretKey::random()).digest(text));
    }

    void index_isAMapThatForgetsTheOldest()
    {
        const auto digestOf = [](std::uint64_t number) {
            Digest out{};
            const ByteVector bytes = noise(number, out.size());
            std::ranges::copy(bytes, out.begin());
            out[0] = out[1] = std::byte{0}; // many collide
            return out;
        };
        PieceIndex index(100'000);
        std::map<std::uint64_t, std::uint64_t> expected;
        std::mt19937_64 random(1);
        for (int i = 0; i < 20'000; ++i) {
            const std::uint64_t number = random() % 3'000;
            if (random() % 3 == 0) {
                index.remove(digestOf(number), PieceId{number + 1}); // another's id: nothing happens
                index.remove(digestOf(number), PieceId{number});
                expected.erase(number);
            } else {
                index.add(digestOf(number), PieceId{number});
                expected[number] = number;
            }
        }
        QCOMPARE(index.size(), expected.size());
        for (std::uint64_t number = 0; number < 3'000; ++number)
            QCOMPARE(index.find(digestOf(number)).has_value(), expected.contains(number));

        PieceIndex small(1'000);
        for (std::uint64_t number = 0; number < 5'000; ++number) {
            small.add(digestOf(number), PieceId{number});
            QVERIFY(small.size() <= 1'000);
            QVERIFY(small.find(digestOf(number)) == PieceId{number});
        }
        QVERIFY(!small.find(digestOf(0)));
        QVERIFY(small.find(digestOf(4'700)));
    }

    void manifest_ofANewerGantry_isRefusedInWords()
    {
        std::string text = *encodeBody({});
        GANTRY_VERIFY(parseBody(text));
        text.replace(text.find("\"format\":1"), 10, "\"format\":2");
        const auto newer = parseBody(text);
        QCOMPARE(newer.error().posix(), ENOTSUP);
        QVERIFY(newer.error().detail.find("format 2, this Gantry reads format 1") != std::string::npos);
        QVERIFY(!newer.error().remedy.empty());
        for (const char *bad : {"", "{}", "[]", "{\"format\":1}", "{\"format\":\"1\"}", "{\"format\":1,\"streams\":3}"})
            QCOMPARE(parseBody(bad).error().posix(), EBADMSG);
        CheckpointBody body;
        body.manifest.values["a"] = "\xff";
        const auto bad = encodeBody(body);
        QCOMPARE(bad.error().posix(), EILSEQ);
        QCOMPARE(bad.error().subject, std::string("manifest/manifest/values/a"));
    }
};

QTEST_GUILESS_MAIN(TestRepositoryParts)
#include "tst_repository_parts.moc"
