// SPDX-License-Identifier: GPL-3.0-or-later
// The store of checkpoints: what is written is read back, nothing is stored twice, labels, keys, who may write.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/store.h"
#include "tests/support/repository_fixture.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;
namespace fs = std::filesystem;

namespace {

std::string pathIn(const QTemporaryDir &dir, const char *name = "repo")
{
    return dir.filePath(QString::fromLatin1(name)).toStdString();
}

std::uint64_t sizeBelow(const std::string &path)
{
    std::uint64_t out = 0;
    for (const auto &entry : fs::recursive_directory_iterator(path))
        out += entry.is_regular_file() ? entry.file_size() : 0;
    return out;
}

/// A stream of any shape: empty, ends within a page, zeros, repetitions, noise.
Content randomContent(std::mt19937_64 &random)
{
    static constexpr std::array<std::size_t, 9> kSizes{0, 1, 4095, 4096, 4097, 65'536, 262'144, 700'001, 1'500'000};
    Content out;
    out.kind = random() % 2 == 0 ? StreamKind::Pages : StreamKind::Bytes;
    const std::size_t size = kSizes.at(random() % kSizes.size());
    while (out.bytes.size() < size) {
        const std::size_t part = std::min<std::size_t>(1 + random() % 60'000, size - out.bytes.size());
        switch (random() % 3) {
        case 0:
            out.bytes.resize(out.bytes.size() + part);
            break;
        case 1:
            out.bytes.resize(out.bytes.size() + part, static_cast<std::byte>(random()));
            break;
        default:
            const ByteVector more = noise(random() % 8, part); // few seeds: the same comes again
            out.bytes.insert(out.bytes.end(), more.begin(), more.end());
        }
    }
    return out;
}

Key keyOf(const QString &kind, const QTemporaryDir &dir)
{
    if (kind == QStringLiteral("passphrase"))
        return Passphrase{"correct horse"};
    if (kind == QStringLiteral("none"))
        return NoKey{};
    std::ofstream(pathIn(dir, "key")) << std::string(32, 'k');
    return KeyFile{pathIn(dir, "key")};
}

bool holdsText(const std::string &folder, const std::string &text)
{
    for (const auto &entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file())
            continue;
        std::ifstream in(entry.path(), std::ios::binary);
        const std::string all{std::istreambuf_iterator<char>(in), {}};
        if (all.find(text) != std::string::npos)
            return true;
    }
    return false;
}

} // namespace

class TestRepository : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pages_areReadInAnyOrder()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        std::mt19937_64 random(5);
        Content content = randomContent(random);
        while (content.kind != StreamKind::Pages || content.bytes.size() < 1'000'000)
            content = randomContent(random);
        const std::size_t whole = content.bytes.size() / 4'096;
        content.bytes.resize(whole * 4'096);
        const auto id = save(*store, {{"pages-1.img", content}, {"core-1.img", {StreamKind::Bytes, noise(2, 900)}}},
                             manifestNamed("any"));
        GANTRY_VERIFY(id);
        auto reader = store->pages(*id, "pages-1.img");
        GANTRY_VERIFY(reader);
        QCOMPARE(reader->count(), std::uint64_t{whole});
        for (int i = 0; i < 200; ++i) {
            const std::size_t first = random() % whole;
            const std::size_t count = random() % std::min<std::size_t>(whole - first + 1, 80);
            ByteVector got;
            const auto read = reader->read(first, count, [&got](ByteView bytes) -> Result<> {
                append(got, bytes);
                return {};
            });
            GANTRY_VERIFY(read);
            QVERIFY(std::ranges::equal(got, ByteView(content.bytes).subspan(first * 4'096, count * 4'096)));
        }
        QCOMPARE(reader->read(whole, 1, {}).error().posix(), EINVAL);
        QCOMPARE(reader->read(1, ~std::uint64_t{0}, {}).error().posix(), EINVAL);
        QCOMPARE(store->pages(*id, "core-1.img").error().posix(), EINVAL);
        QCOMPARE(store->pages(*id, "pages-9.img").error().posix(), ENOENT);
    }

    void checkpoint_readsBackWithItsManifest()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        Manifest manifest = manifestNamed("before upgrade");
        manifest.criuVersion = "4.2.1";
        manifest.kernelRelease = "6.18.0";
        manifest.cpuFeatures = "fpu sse2 avx2";
        manifest.parent = CheckpointId::random();
        manifest.trigger = "manual";
        manifest.note = "J\u00f6rg's";
        manifest.values = {{"limits", "memory.max=1G"}, {"mounts", "/data"}};
        const Contents contents{{"pages-1.img", {StreamKind::Pages, noise(1, 100'000)}},
                                {"core-1.img", {StreamKind::Bytes, noise(2, 900)}}};
        Sizes sizes;
        const auto id = save(*store, contents, manifest, &sizes);
        GANTRY_VERIFY(id);

        const auto back = store->manifest(*id);
        GANTRY_VERIFY(back);
        QCOMPARE(back->time.time_since_epoch().count(), manifest.time.time_since_epoch().count());
        QCOMPARE(back->container.name, manifest.container.name);
        QCOMPARE(back->container.runtime, manifest.container.runtime);
        QCOMPARE(back->container.id, manifest.container.id);
        QCOMPARE(back->container.host, manifest.container.host);
        QCOMPARE(back->criuVersion, manifest.criuVersion);
        QCOMPARE(back->kernelRelease, manifest.kernelRelease);
        QCOMPARE(back->cpuFeatures, manifest.cpuFeatures);
        QVERIFY(back->parent == manifest.parent);
        QCOMPARE(back->trigger, manifest.trigger);
        QCOMPARE(back->name, manifest.name);
        QCOMPARE(back->note, manifest.note);
        QVERIFY(back->values == manifest.values);
        const auto all = loadAll(*store, *id);
        GANTRY_VERIFY(all);
        QVERIFY(*all == contents);
        QCOMPARE(sizes.logical.v, std::uint64_t{100'900});
        QVERIFY(sizes.fresh.v >= sizes.logical.v && sizes.stored.v >= sizes.logical.v); // noise, and the lists
        QCOMPARE(load(*store, *id, "no such").error().posix(), ENOENT);
        QCOMPARE(load(*store, CheckpointId::random(), "core-1.img").error().posix(), ENOENT);
    }

    void anyStreams_readBack_data()
    {
        QTest::addColumn<QString>("key");
        QTest::newRow("plain") << QStringLiteral("none");
        QTest::newRow("key file") << QStringLiteral("file");
    }
    void anyStreams_readBack()
    {
        QFETCH(const QString, key);
        const QTemporaryDir dir;
        StoreOptions options = smallOptions();
        options.key = keyOf(key, dir);
        std::map<CheckpointId, Contents> expected;
        std::mt19937_64 random(7);
        {
            auto store = Store::create(pathIn(dir), options);
            GANTRY_VERIFY(store);
            for (int i = 0; i < 12; ++i) {
                Contents contents;
                for (std::uint64_t streams = random() % 5; streams > 0; --streams)
                    contents[strCat("stream-", streams)] = randomContent(random);
                const auto id = save(*store, contents, manifestNamed(""));
                GANTRY_VERIFY(id);
                expected[*id] = contents;
                QVERIFY(*loadAll(*store, *id) == contents);
            }
        }
        options.blockBytes = 4096; // what is there has other sizes
        const auto store = Store::open(pathIn(dir), options);
        GANTRY_VERIFY(store);
        for (const auto &[id, contents] : expected) {
            const auto back = loadAll(*store, id);
            GANTRY_VERIFY(back);
            QVERIFY(*back == contents);
        }
        const auto report = store->check();
        GANTRY_VERIFY(report);
        QCOMPARE(report->damages.size(), std::size_t{0});
        QCOMPARE(report->checkpoints, std::uint64_t{12});
    }

    void sameAgain_costsNothing()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        const Contents contents{{"pages-1.img", {StreamKind::Pages, noise(1, 8 << 20)}},
                                {"rootfs.tar", {StreamKind::Bytes, noise(2, 8 << 20)}}};
        GANTRY_VERIFY(save(*store, contents, manifestNamed("first")));
        Sizes sizes;
        Contents twin{{"other", contents.at("pages-1.img")}, {"name", contents.at("rootfs.tar")}};
        const auto id = save(*store, twin, manifestNamed("second"), &sizes);
        GANTRY_VERIFY(id);
        QCOMPARE(sizes.stored.v, std::uint64_t{0});
        QCOMPARE(sizes.fresh.v, std::uint64_t{0});
        QCOMPARE(sizes.logical.v, std::uint64_t{16 << 20});
        QVERIFY(*loadAll(*store, *id) == twin);
        // Also after the digests were read from the catalogue again.
        store = std::unexpected(Error{}); // closes it
        store = Store::open(pathIn(dir), {});
        GANTRY_VERIFY(store);
        GANTRY_VERIFY(save(*store, contents, manifestNamed("third"), &sizes));
        QCOMPARE(sizes.stored.v, std::uint64_t{0});
        const auto stats = store->stats();
        GANTRY_VERIFY(stats);
        QCOMPARE(stats->checkpoints, std::uint64_t{3});
        QCOMPARE(stats->logical.v, std::uint64_t{3 * (16 << 20)});
        QVERIFY(stats->packed.v < (17 << 20));
        QCOMPARE(stats->last.logical.v, std::uint64_t{16 << 20});
    }

    void ticks_costTheirChangedPages()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        std::map<CheckpointId, Contents> expected;
        Contents contents{{"pages-1.img", {StreamKind::Pages, noise(1, 16 << 20)}}};
        GANTRY_VERIFY(save(*store, contents, manifestNamed("")));
        for (std::uint64_t tick = 1; tick <= 12; ++tick) {
            ByteVector &bytes = contents.at("pages-1.img").bytes;
            const ByteVector before = bytes;
            dirty(bytes, tick, 0.07);
            std::uint64_t changed = 0;
            for (std::size_t at = 0; at < bytes.size(); at += 4096)
                changed += std::memcmp(bytes.data() + at, before.data() + at, 4096) != 0 ? 4096U : 0U;
            Sizes sizes;
            const auto id = save(*store, contents, manifestNamed(""), &sizes);
            GANTRY_VERIFY(id);
            expected[*id] = contents;
            // The pages, and below 4 % for everything else: 4 096 references are not written down one by one.
            QVERIFY2(sizes.stored.v < changed + changed / 25, qPrintable(QString::number(sizes.stored.v)));
        }
        for (const auto &[id, content] : expected)
            QVERIFY(*loadAll(*store, id) == content);
    }

    void bytesPutIn_moveFewCuts()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        Contents contents{{"rootfs.tar", {StreamKind::Bytes, noise(3, 16 << 20)}}};
        GANTRY_VERIFY(save(*store, contents, manifestNamed("")));
        ByteVector &bytes = contents.at("rootfs.tar").bytes;
        bytes.insert(bytes.begin() + 5'000'000, std::byte{1});
        Sizes sizes;
        const auto id = save(*store, contents, manifestNamed(""), &sizes);
        GANTRY_VERIFY(id);
        QVERIFY2(sizes.fresh.v < (600 << 10), qPrintable(QString::number(sizes.fresh.v)));
        QVERIFY(*loadAll(*store, *id) == contents);
    }

    void pagesOfZeros_areNotStored()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(store);
        const Contents contents{{"pages-1.img", {StreamKind::Pages, ByteVector(64 << 20)}}};
        Sizes sizes;
        const auto id = save(*store, contents, manifestNamed(""), &sizes);
        GANTRY_VERIFY(id);
        QVERIFY2(sizes.stored.v < 200, qPrintable(QString::number(sizes.stored.v)));
        QVERIFY(*loadAll(*store, *id) == contents);
    }

    void abandonedWriter_leavesNothing()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        GANTRY_VERIFY(save(*store, {{"a", {StreamKind::Bytes, noise(1, 100'000)}}}, manifestNamed("kept")));
        const std::uint64_t before = sizeBelow(pathIn(dir) + "/packs");
        {
            auto writer = store->write();
            GANTRY_VERIFY(writer);
            const auto stream = writer->addStream("b", StreamKind::Bytes);
            GANTRY_VERIFY(stream);
            GANTRY_VERIFY(writer->write(*stream, noise(2, 3'000'000)));
            GANTRY_VERIFY(writer->finish(*stream));
            QCOMPARE(writer->finish(*stream).error().posix(), EINVAL);
            QCOMPARE(writer->addStream("b", StreamKind::Bytes).error().posix(), EEXIST);
            QCOMPARE(writer->addStream("", StreamKind::Bytes).error().posix(), EINVAL);
            QCOMPARE(writer->addStream("\xff", StreamKind::Bytes).error().posix(), EILSEQ);
        }
        QCOMPARE(sizeBelow(pathIn(dir) + "/packs"), before);
        QCOMPARE(store->list()->checkpoints.size(), std::size_t{1});
        // Nothing that comes later leans on what was let go.
        const Contents contents{{"b", {StreamKind::Bytes, noise(2, 3'000'000)}}};
        const auto id = save(*store, contents, manifestNamed(""));
        GANTRY_VERIFY(id);
        QVERIFY(*loadAll(*store, *id) == contents);
        QCOMPARE(store->check()->damages.size(), std::size_t{0});
    }

    void twoWriters_writeAtOnce()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        std::vector<Contents> contents;
        std::vector<Result<CheckpointId>> ids(4, std::unexpected(Error{}));
        for (std::uint64_t i = 0; i < ids.size(); ++i)
            contents.push_back(
                {{"own", {StreamKind::Pages, noise(i, 900'000)}}, {"shared", {StreamKind::Bytes, noise(99, 900'000)}}});
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < ids.size(); ++i)
                threads.emplace_back([&, i] { ids[i] = save(*store, contents[i], manifestNamed("")); });
        }
        for (std::size_t i = 0; i < ids.size(); ++i) {
            GANTRY_VERIFY(ids[i]);
            QVERIFY(*loadAll(*store, *ids[i]) == contents[i]);
        }
        QCOMPARE(store->check()->damages.size(), std::size_t{0});
    }

    void smallIndex_costsSpaceOnly()
    {
        const QTemporaryDir dir;
        StoreOptions options = smallOptions();
        options.indexedPieces = 16;
        auto store = Store::create(pathIn(dir), options);
        GANTRY_VERIFY(store);
        const Contents contents{{"p", {StreamKind::Pages, noise(4, 1 << 20)}}};
        for (int i = 0; i < 3; ++i)
            QVERIFY(*loadAll(*store, *save(*store, contents, manifestNamed(""))) == contents);
        QCOMPARE(store->check()->damages.size(), std::size_t{0});
    }

    void keys_openOnlyTheirRepository_data()
    {
        QTest::addColumn<QString>("key");
        QTest::newRow("file") << QStringLiteral("file");
        QTest::newRow("passphrase") << QStringLiteral("passphrase");
    }
    void keys_openOnlyTheirRepository()
    {
        QFETCH(const QString, key);
        const QTemporaryDir dir;
        StoreOptions options;
        options.key = keyOf(key, dir);
        const std::string secret = "the launch code is 0000 0000, and nobody may know that it is";
        std::string text;
        for (int i = 0; i < 1'000; ++i)
            text += secret;
        CheckpointId id;
        {
            auto store = Store::create(pathIn(dir), options);
            GANTRY_VERIFY(store);
            Manifest manifest = manifestNamed("secret-name");
            manifest.values["password"] = secret;
            const ByteView bytes = std::as_bytes(std::span(text));
            const auto saved =
                save(*store, {{"secret.img", {StreamKind::Bytes, {bytes.begin(), bytes.end()}}}}, manifest);
            GANTRY_VERIFY(saved);
            id = *saved;
        }
        for (const char *word : {"launch code", "secret-name", "secret.img"})
            QVERIFY2(!holdsText(pathIn(dir), word), word);
        QCOMPARE(Store::open(pathIn(dir), {}).error().posix(), ENOKEY);
        StoreOptions other;
        other.key = Passphrase{"wrong horse"};
        QCOMPARE(Store::open(pathIn(dir), other).error().posix(),
                 key == QStringLiteral("passphrase") ? EACCES : ENOKEY);
        std::ofstream(pathIn(dir, "key2")) << std::string(32, 'K');
        other.key = KeyFile{pathIn(dir, "key2")};
        QCOMPARE(Store::open(pathIn(dir), other).error().posix(),
                 key == QStringLiteral("passphrase") ? ENOKEY : EACCES);
        const auto store = Store::open(pathIn(dir), options);
        GANTRY_VERIFY(store);
        QCOMPARE(load(*store, id, "secret.img")->size(), text.size());
    }

    void unlocked_opensTheSameAgain_andNoOther()
    {
        const QTemporaryDir dir;
        StoreOptions options;
        options.key = Passphrase{"correct horse"};
        StoreOptions again;
        {
            const auto store = Store::create(pathIn(dir), options);
            GANTRY_VERIFY(store);
            again.key = store->unlocked();
        }
        QCOMPARE(Store::keyKind(pathIn(dir)).value_or(""), std::string("passphrase"));
        CheckpointId id;
        {
            auto store = Store::open(pathIn(dir), again);
            GANTRY_VERIFY(store);
            QVERIFY(store->isEncrypted());
            id = save(*store, {{"secret.img", {StreamKind::Bytes, noise(1, 5'000)}}}, manifestNamed("one")).value();
            again.key = store->unlocked(); // as good as the first one
        }
        {
            const auto store = Store::open(pathIn(dir), options);
            GANTRY_VERIFY(store);
            QCOMPARE(*load(*store, id, "secret.img"), noise(1, 5'000));
        }
        GANTRY_VERIFY(Store::open(pathIn(dir), again));
        // The same passphrase makes another key elsewhere; and none is needed where nothing is encrypted.
        GANTRY_VERIFY(Store::create(pathIn(dir, "other"), options));
        QCOMPARE(Store::open(pathIn(dir, "other"), again).error().posix(), ENOKEY);
        GANTRY_VERIFY(Store::create(pathIn(dir, "clear"), {}));
        QCOMPARE(Store::open(pathIn(dir, "clear"), again).error().posix(), ENOKEY);
        QCOMPARE(Store::keyKind(pathIn(dir, "clear")).value_or(""), std::string("none"));
        QCOMPARE(Store::create(pathIn(dir, "new"), again).error().posix(), EINVAL);
        QCOMPARE(Store::keyKind(pathIn(dir, "nowhere")).error().posix(), ENOENT);
    }

    void keys_thatAreNone_areRefused()
    {
        const QTemporaryDir dir;
        StoreOptions options;
        options.key = Passphrase{""};
        QCOMPARE(Store::create(pathIn(dir), options).error().posix(), EINVAL);
        std::ofstream(pathIn(dir, "short")) << "123";
        options.key = KeyFile{pathIn(dir, "short")};
        QCOMPARE(Store::create(pathIn(dir), options).error().posix(), EINVAL);
        options.key = KeyFile{pathIn(dir, "absent")};
        QCOMPARE(Store::create(pathIn(dir), options).error().posix(), ENOENT);
        GANTRY_VERIFY(Store::create(pathIn(dir), {}));
        options.key = Passphrase{"text"};
        QCOMPARE(Store::open(pathIn(dir), options).error().posix(), EINVAL);
        QCOMPARE(Store::create(pathIn(dir), {}).error().posix(), EEXIST);
        QCOMPARE(Store::open(pathIn(dir, "nowhere"), {}).error().posix(), ENOENT);
    }

    void labels_changeAndFind()
    {
        const QTemporaryDir dir;
        CheckpointId first;
        CheckpointId second;
        {
            auto store = Store::create(pathIn(dir), {});
            GANTRY_VERIFY(store);
            first = *save(*store, {}, manifestNamed("one"));
            second = *save(*store, {}, manifestNamed("two"));
            QVERIFY(*store->find(first.text()) == first);
            QVERIFY(*store->find(first.text().substr(0, 10)) == first);
            QVERIFY(*store->find("two") == second);
            QCOMPARE(store->find("three").error().posix(), ENOENT);
            QCOMPARE(store->find("").error().posix(), ENOENT);
            GANTRY_VERIFY(store->rename(second, "one"));
            const auto both = store->find("one");
            QCOMPARE(both.error().posix(), ENOTUNIQ);
            QVERIFY(both.error().detail.find(first.text()) != std::string::npos);
            GANTRY_VERIFY(store->rename(second, "deux"));
            GANTRY_VERIFY(store->note(second, "a note"));
            GANTRY_VERIFY(store->pin(second, true));
            QCOMPARE(store->note(second, "\xff").error().posix(), EILSEQ);
            QCOMPARE(store->pin(CheckpointId::random(), true).error().posix(), ENOENT);
            QCOMPARE(store->remove(CheckpointId::random()).error().posix(), ENOENT);
        }
        const auto store = Store::open(pathIn(dir), {});
        GANTRY_VERIFY(store);
        const auto listing = store->list();
        GANTRY_VERIFY(listing);
        QCOMPARE(listing->damages.size(), std::size_t{0});
        QCOMPARE(listing->checkpoints.size(), std::size_t{2});
        QVERIFY(listing->checkpoints[0].id == first && !listing->checkpoints[0].pinned);
        QVERIFY(listing->checkpoints[1].id == second && listing->checkpoints[1].pinned);
        QCOMPARE(listing->checkpoints[1].manifest.name, std::string("deux"));
        QCOMPARE(store->checkpoint(second)->manifest.note, std::string("a note"));
    }

    void oneWrites_manyLook()
    {
        const QTemporaryDir dir;
        auto writer = Store::create(pathIn(dir), {});
        GANTRY_VERIFY(writer);
        const auto second = Store::open(pathIn(dir), {});
        QCOMPARE(second.error().posix(), EBUSY);
        QVERIFY(second.error().detail.find(strCat("process ", ::getpid(), ' ')) != std::string::npos);
        StoreOptions looking;
        looking.write = false;
        auto reader = Store::open(pathIn(dir), looking);
        GANTRY_VERIFY(reader);
        QCOMPARE(reader->write().error().posix(), EROFS);
        const Contents contents{{"a", {StreamKind::Bytes, noise(1, 300'000)}}};
        const auto id = save(*writer, contents, manifestNamed("seen"));
        GANTRY_VERIFY(id);
        QVERIFY(*loadAll(*reader, *id) == contents);
        QCOMPARE(reader->remove(*id).error().posix(), EROFS);
        QCOMPARE(reader->collect().error().posix(), EROFS);
    }

    void files_areTheOwnersAlone()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        GANTRY_VERIFY(save(*store, {{"a", {StreamKind::Bytes, noise(1, 3'000)}}}, manifestNamed("")));
        int seen = 0;
        for (const auto &entry : fs::recursive_directory_iterator(pathIn(dir))) {
            const auto mode = static_cast<unsigned>(entry.status().permissions());
            QVERIFY2(mode == (entry.is_directory() ? 0700U : 0600U), entry.path().c_str());
            ++seen;
        }
        QVERIFY(seen >= 5);
        struct stat facts{};
        QCOMPARE(::stat(pathIn(dir).c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0700U);
    }

    void newerFormat_isRefusedInWords()
    {
        const QTemporaryDir dir;
        GANTRY_VERIFY(Store::create(pathIn(dir), {}));
        std::ifstream in(pathIn(dir) + "/format");
        std::string text{std::istreambuf_iterator<char>(in), {}};
        text.replace(text.find("\"gantry-repository\": 2"), 22, "\"gantry-repository\": 7");
        std::ofstream(pathIn(dir) + "/format") << text;
        const auto store = Store::open(pathIn(dir), {});
        QCOMPARE(store.error().posix(), ENOTSUP);
        QVERIFY(store.error().detail.find("format 7, this Gantry reads formats 1 to 2") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestRepository)
#include "tst_repository.moc"
