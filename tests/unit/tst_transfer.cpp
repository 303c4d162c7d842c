// SPDX-License-Identifier: GPL-3.0-or-later
// Checkpoints as one file: there and back, and whatever can happen to the file on its way.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/tar.h"
#include "engine/repository/transfer.h"
#include "tests/support/repository_fixture.h"

#include <QProcess>
#include <QTemporaryDir>

#include <fstream>

using namespace gantry;
using namespace gantry::repository;
using gantry::test::Contents;
using gantry::test::dirty;
using gantry::test::loadAll;
using gantry::test::manifestNamed;
using gantry::test::noise;
using gantry::test::save;
using gantry::test::smallOptions;

namespace {

struct Folder
{
    QTemporaryDir folder;
    [[nodiscard]] std::string path() const { return folder.filePath(QStringLiteral("r")).toStdString(); }
};

Contents smallContents(std::uint64_t seed)
{
    ByteVector pages = noise(seed, std::size_t{6} * 4096);
    std::fill_n(pages.begin() + 4096, 4096, std::byte{0});
    return {{"pages-1.img", {StreamKind::Pages, pages}},
            {"inventory.img", {StreamKind::Bytes, noise(seed + 1, 300)}},
            {"bundle/config.json", {StreamKind::Bytes, noise(seed + 2, 700)}},
            {"empty.img", {StreamKind::Bytes, {}}}};
}

Result<ByteVector> exported(const Store &store, const std::vector<CheckpointId> &ids,
                            const std::vector<CheckpointId> &bases = {})
{
    ByteVector out;
    GANTRY_CHECK(exportCheckpoints(
        store, ids,
        [&out](ByteView bytes) -> Result<> {
            append(out, bytes);
            return {};
        },
        {}, bases));
    return out;
}

Result<Imported> imported(Store &store, ByteView file)
{
    return importCheckpoints(store, sourceOf(file), {});
}

/// A source that gives what it has in small, odd pieces, as pipes do.
Source inPieces(ByteView bytes)
{
    return [rest = bytes, turn = std::size_t{0}](std::span<std::byte> into) mutable -> Result<std::size_t> {
        const std::size_t size = std::min({into.size(), rest.size(), 1 + turn++ * 37 % 1000});
        std::copy_n(rest.begin(), size, into.begin());
        rest = rest.subspan(size);
        return size;
    };
}

std::size_t count(const Store &store)
{
    return store.list()->checkpoints.size();
}

} // namespace

class TestTransfer : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void thereAndBack_everythingIsTheSame_data()
    {
        QTest::addColumn<bool>("fromEncrypted");
        QTest::addColumn<bool>("toEncrypted");
        QTest::newRow("plain to plain") << false << false;
        QTest::newRow("encrypted to plain") << true << false;
        QTest::newRow("plain to encrypted") << false << true;
    }
    void thereAndBack_everythingIsTheSame()
    {
        QFETCH(bool, fromEncrypted);
        QFETCH(bool, toEncrypted);
        const Folder from;
        const Folder to;
        auto source = Store::create(from.path(), optionsFor(fromEncrypted));
        GANTRY_VERIFY(source);
        Manifest manifest = manifestNamed("first");
        manifest.parent = CheckpointId::random();
        manifest.values["odd"] = "\xc3\xa4\n\"";
        manifest.note = "a note";
        const auto id = save(*source, smallContents(1), manifest);
        GANTRY_VERIFY(id);
        GANTRY_VERIFY(source->pin(*id, true));
        GANTRY_VERIFY(source->rename(*id, "renamed"));
        const auto file = exported(*source, {*id});
        GANTRY_VERIFY(file);
        QVERIFY(isExport(ByteView(*file).first(kTarBlock)));

        auto target = Store::create(to.path(), optionsFor(toEncrypted));
        GANTRY_VERIFY(target);
        QCOMPARE(target->isEncrypted(), toEncrypted);
        const auto in = importCheckpoints(*target, inPieces(*file), {});
        GANTRY_VERIFY(in);
        QCOMPARE(in->added.size(), std::size_t{1});
        QVERIFY(in->added.front().sizes.stored.v > 0);
        const auto one = target->checkpoint(*id);
        GANTRY_VERIFY(one);
        QVERIFY(one->pinned);
        QCOMPARE(one->manifest.name, std::string("renamed"));
        QCOMPARE(one->manifest.note, std::string("a note"));
        QVERIFY(one->manifest.parent == manifest.parent);
        QCOMPARE(one->manifest.values.at("odd"), manifest.values.at("odd"));
        QVERIFY(*loadAll(*target, *id) == smallContents(1));
        QVERIFY(target->check()->damages.empty());
        QVERIFY(target->list()->damages.empty());
        QCOMPARE(one->sizes.logical.v, source->checkpoint(*id)->sizes.logical.v);

        // Again: it is said, and nothing is doubled.
        const auto again = imported(*target, *file);
        GANTRY_VERIFY(again);
        QVERIFY(again->added.empty());
        QVERIFY(again->known == std::vector{*id});
        QCOMPARE(count(*target), std::size_t{1});
        GANTRY_VERIFY(target->remove(*id));
        GANTRY_VERIFY(imported(*target, *file));
        QVERIFY(*loadAll(*target, *id) == smallContents(1));
        QVERIFY(target->list()->damages.empty());
    }

    void history_hasPagesOnce()
    {
        constexpr std::size_t kSize = std::size_t{4} << 20;
        const Folder from;
        const Folder to;
        auto source = Store::create(from.path(), smallOptions());
        GANTRY_VERIFY(source);
        std::vector<CheckpointId> ids;
        std::vector<Contents> all;
        ByteVector pages = noise(5, kSize);
        std::fill_n(pages.begin() + 40 * 4096, 100 * 4096, std::byte{0});
        pages.resize(pages.size() - 1000); // ends within a page
        for (std::uint64_t tick = 0; tick < 5; ++tick) {
            dirty(pages, tick, 0.05);
            std::copy_n(pages.begin(), 4096, pages.begin() + 4096); // alike within one stream
            all.push_back(
                {{"pages-1.img", {StreamKind::Pages, pages}}, {"tick", {StreamKind::Bytes, noise(tick, 64)}}});
            const auto id = save(*source, all.back(), manifestNamed(std::to_string(tick)));
            GANTRY_VERIFY(id);
            ids.push_back(*id);
        }
        const auto one = exported(*source, {ids.back()});
        const auto file = exported(*source, ids);
        GANTRY_VERIFY(file);
        QVERIFY2(file->size() < one->size() * 3 / 2, std::to_string(file->size()).c_str());

        auto target = Store::create(to.path(), smallOptions());
        GANTRY_VERIFY(target);
        const auto in = imported(*target, *file);
        GANTRY_VERIFY(in);
        QCOMPARE(in->added.size(), ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i)
            QVERIFY(*loadAll(*target, ids[i]) == all[i]);
        QVERIFY(target->check()->damages.empty());
        QVERIFY(target->stats()->packed.v < source->stats()->packed.v * 11 / 10);
        // What is there already is in the way of nothing.
        GANTRY_VERIFY(target->remove(ids[3]));
        const auto rest = imported(*target, *file);
        GANTRY_VERIFY(rest);
        QCOMPARE(rest->added.size(), std::size_t{1});
        QCOMPARE(rest->known.size(), ids.size() - 1);
        QVERIFY(*loadAll(*target, ids[3]) == all[3]);
    }

    void anyBeginning_isRefused_nothingIsSeen_data()
    {
        QTest::addColumn<bool>("tiny");
        QTest::newRow("every length of a tiny file") << true;
        QTest::newRow("around blocks of two checkpoints that share pages") << false;
    }
    void anyBeginning_isRefused_nothingIsSeen()
    {
        const Folder from;
        const Folder to;
        QFETCH(bool, tiny);
        const ByteVector file = tiny ? oneTiny(from) : twoSmall(from);
        auto target = Store::create(to.path(), smallOptions());
        GANTRY_VERIFY(target);
        for (std::size_t size = 0; size < file.size(); size += tiny ? 1U : size % kTarBlock == 0 ? 511U : 1U) {
            const auto in = imported(*target, ByteView(file).first(size));
            QVERIFY2(!in, std::to_string(size).c_str());
            QCOMPARE(in.error().posix(), EBADMSG);
            QVERIFY2(in.error().message().find(strCat("byte ", size)) != std::string::npos,
                     in.error().message().c_str());
        }
        QCOMPARE(count(*target), std::size_t{0});
        GANTRY_VERIFY(imported(*target, file));
    }

    void anyChangedByte_isFound_nothingIsSeen_data()
    {
        QTest::addColumn<bool>("tiny");
        QTest::newRow("every byte of a tiny file") << true;
        QTest::newRow("some of two checkpoints that share pages") << false;
    }
    void anyChangedByte_isFound_nothingIsSeen()
    {
        const Folder from;
        const Folder to;
        QFETCH(bool, tiny);
        ByteVector file = tiny ? oneTiny(from) : twoSmall(from);
        auto target = Store::create(to.path(), smallOptions());
        GANTRY_VERIFY(target);
        for (std::size_t at = 0; at < file.size(); at += tiny ? 1 : 61) {
            file[at] ^= std::byte{0x21};
            const auto in = imported(*target, file);
            file[at] ^= std::byte{0x21};
            QVERIFY2(!in, std::to_string(at).c_str());
            QVERIFY2(in.error().posix() == EBADMSG, in.error().message().c_str());
            QVERIFY2(in.error().message().find("byte") != std::string::npos, in.error().message().c_str());
        }
        QCOMPARE(count(*target), std::size_t{0});
        QVERIFY(target->check()->damages.empty());
    }

    void added_swapped_orFollowed_isFound()
    {
        const Folder from;
        const Folder to;
        const ByteVector file = twoSmall(from);
        auto target = Store::create(to.path(), smallOptions());
        GANTRY_VERIFY(target);
        ByteVector longer = file;
        longer.push_back(std::byte{0});
        QCOMPARE(imported(*target, longer).error().posix(), EBADMSG);
        ByteVector twice = file;
        append(twice, file);
        QCOMPARE(imported(*target, twice).error().posix(), EBADMSG);
        // The first member left out, another archive, texts, nothing.
        QCOMPARE(imported(*target, ByteView(file).subspan(1024)).error().posix(), EBADMSG);
        QCOMPARE(imported(*target, viewOf(tarHead("a", 1) + "x" + std::string(511, '\0') + tarEnd())).error().posix(),
                 EBADMSG);
        QCOMPARE(imported(*target, viewOf(std::string(5000, 'x'))).error().posix(), EBADMSG);
        QCOMPARE(imported(*target, {}).error().posix(), EBADMSG);
        QCOMPARE(count(*target), std::size_t{0});
    }

    void documentedFormat_isRead()
    {
        // Written by another program, from what transfer.h says alone: files of format 1 are to be read for ever.
        QFile file(QStringLiteral(GANTRY_TEST_DATA "/transfer/two.gantry"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        const Folder to;
        auto target = Store::create(to.path(), smallOptions());
        const auto in = imported(*target, viewOf({bytes.constData(), static_cast<std::size_t>(bytes.size())}));
        GANTRY_VERIFY(in);
        QCOMPARE(in->added.size(), std::size_t{2});
        const Checkpoint &one = in->added[0];
        const Checkpoint &two = in->added[1];
        QCOMPARE(one.id.text(), std::string("0123456789abcdef0123456789abcdef"));
        QVERIFY(one.pinned && !two.pinned && two.manifest.parent == one.id);
        QCOMPARE(one.manifest.values.at("pids"), std::string("7"));
        const auto page = [](int number) { return ByteVector(4096, static_cast<std::byte>(number)); };
        ByteVector first = page(1);
        append(first, page(2));
        append(first, viewOf("tail"));
        ByteVector second = page(0);
        for (const int number : {2, 3, 4})
            append(second, page(number));
        QVERIFY(
            *loadAll(*target, one.id) ==
            (Contents{{"bundle/config.json", {StreamKind::Bytes, ByteVector(viewOf("{}").begin(), viewOf("{}").end())}},
                      {"pages-1.img", {StreamKind::Pages, first}}}));
        QVERIFY(*loadAll(*target, two.id) == (Contents{{"pages-1.img", {StreamKind::Pages, second}}}));
        QVERIFY(target->check()->damages.empty());
    }

    void bases_areNotSent_data()
    {
        QTest::addColumn<bool>("encrypted");
        QTest::newRow("clear") << false;
        QTest::newRow("the reader's store is encrypted") << true;
    }
    void bases_areNotSent()
    {
        QFETCH(const bool, encrypted);
        constexpr std::size_t kSize = std::size_t{4} << 20;
        const Folder from;
        const Folder to;
        auto source = Store::create(from.path(), smallOptions());
        StoreOptions options = smallOptions();
        if (encrypted)
            options.key = Passphrase{"a passphrase"};
        auto target = Store::create(to.path(), options);
        GANTRY_VERIFY(source);
        GANTRY_VERIFY(target);
        ByteVector pages = noise(5, kSize);
        std::fill_n(pages.begin() + 40 * 4096, 100 * 4096, std::byte{0});
        pages.resize(pages.size() - 1000); // ends within a page
        std::vector<CheckpointId> ids;
        Contents last;
        for (std::uint64_t tick = 0; tick < 3; ++tick) {
            dirty(pages, tick, 0.05);
            last = {{"pages-1.img", {StreamKind::Pages, pages}}, {"tick", {StreamKind::Bytes, noise(tick, 64)}}};
            ids.push_back(*save(*source, last, manifestNamed(std::to_string(tick))));
        }
        const auto whole = exported(*source, {ids[0]});
        GANTRY_VERIFY(imported(*target, *whole));
        GANTRY_VERIFY(imported(*target, *exported(*source, {ids[1]}, {ids[0]})));
        const auto file = exported(*source, {ids[2]}, {ids[0], ids[1]});
        GANTRY_VERIFY(file);
        QVERIFY2(file->size() < whole->size() / 8, std::to_string(file->size()).c_str());
        GANTRY_VERIFY(imported(*target, *file));
        QVERIFY(*loadAll(*target, ids[2]) == last);
        QVERIFY(target->check()->damages.empty());

        // A reader that has it not is told so, and has nothing of it afterwards.
        GANTRY_VERIFY(target->remove(ids[1]));
        GANTRY_VERIFY(target->remove(ids[2]));
        const auto missing = imported(*target, *file);
        QVERIFY(!missing);
        QCOMPARE(missing.error().posix(), ENOENT);
        QCOMPARE(count(*target), std::size_t{1});
        QVERIFY(!exported(*source, {ids[2]}, {ids[2]}));
    }

    void newerFormat_isNamed()
    {
        const Folder to;
        auto target = Store::create(to.path(), smallOptions());
        // A right sum, so that the format is what it fails at.
        const std::string head = "{\"format\":4,\"checkpoints\":[]}\n";
        std::string file =
            strCat(tarHead("gantry-export.json", head.size()), head, std::string(tarPadding(head.size()), '\0'));
        RunningDigest digest;
        digest.add(viewOf(file));
        file += strCat(tarHead("sum", 65), hexOf(digest.finish()), "\n", std::string(512 - 65, '\0'), tarEnd());
        QCOMPARE(imported(*target, viewOf(file)).error().posix(), ENOTSUP);
    }

    void cancelled_orSinkFails_isTold()
    {
        const Folder from;
        auto store = Store::create(from.path(), smallOptions());
        const auto id = save(*store, smallContents(1), manifestNamed("a"));
        std::stop_source stop;
        stop.request_stop();
        const auto nothing = [](ByteView) { return Result<>(); };
        QCOMPARE(exportCheckpoints(*store, {{*id}}, nothing, stop.get_token()).error().posix(), ECANCELED);
        const auto full = [](ByteView) -> Result<> { return fail(ENOSPC, "write", "f", ""); };
        QCOMPARE(exportCheckpoints(*store, {{*id}}, full, {}).error().posix(), ENOSPC);
        QCOMPARE(exportCheckpoints(*store, {{*id, *id}}, nothing, {}).error().posix(), EINVAL);
        QCOMPARE(exportCheckpoints(*store, {{CheckpointId::random()}}, nothing, {}).error().posix(), ENOENT);
        const ByteVector file = *exported(*store, {*id});
        GANTRY_VERIFY(store->remove(*id));
        QCOMPARE(importCheckpoints(*store, sourceOf(file), stop.get_token()).error().posix(), ECANCELED);
        QCOMPARE(count(*store), std::size_t{0});
    }

    void otherTar_readsIt()
    {
        const Folder from;
        const Folder out;
        auto store = Store::create(from.path(), smallOptions());
        Contents contents = smallContents(3);
        contents["files/" + std::string(120, 'n')] = {StreamKind::Bytes, noise(9, 10'000)}; // a pax header
        const auto id = save(*store, contents, manifestNamed("a"));
        const ByteVector file = *exported(*store, {*id});
        const std::string path = out.path() + ".tar";
        std::ofstream(path, std::ios::binary).write(textOf(file).data(), static_cast<std::streamsize>(file.size()));
        QProcess tar;
        tar.start(QStringLiteral("tar"),
                  {QStringLiteral("-xf"), QString::fromStdString(path), QStringLiteral("-C"), out.folder.path()});
        QVERIFY(tar.waitForFinished());
        QVERIFY2(tar.exitCode() == 0, tar.readAllStandardError().constData());
        for (const auto &[name, content] : contents) {
            QFile read(out.folder.filePath(QString::fromStdString(strCat(id->text(), "/streams/", name))));
            QVERIFY(read.open(QIODevice::ReadOnly));
            QCOMPARE(read.readAll(), QByteArray(textOf(content.bytes).data(), static_cast<int>(content.bytes.size())));
        }
        auto again = Store::create(out.path(), smallOptions());
        GANTRY_VERIFY(imported(*again, file));
        QVERIFY(*loadAll(*again, *id) == contents);
    }

    void unpacked_zstdGzip_thereAndBack_data()
    {
        QTest::addColumn<QString>("program");
        QTest::newRow("zstd") << QStringLiteral("zstd -q -c");
        QTest::newRow("gzip") << QStringLiteral("gzip -c");
        QTest::newRow("nothing") << QStringLiteral("cat");
    }
    void unpacked_zstdGzip_thereAndBack()
    {
        QFETCH(QString, program);
        const Folder folder;
        ByteVector plain = noise(1, 700'000);
        plain.resize(1'000'000);
        const std::string path = folder.folder.filePath(QStringLiteral("f")).toStdString();
        std::ofstream(path, std::ios::binary).write(textOf(plain).data(), static_cast<std::streamsize>(plain.size()));
        QProcess process;
        // Two one after the other are one: both programs say so.
        process.start(
            QStringLiteral("sh"),
            {QStringLiteral("-c"), QStringLiteral("%1 < %2; %1 < %2").arg(program, QString::fromStdString(path))});
        QVERIFY(process.waitForFinished());
        const QByteArray packed = process.readAllStandardOutput();
        QVERIFY(!packed.isEmpty());
        const ByteView bytes = viewOf({packed.constData(), static_cast<std::size_t>(packed.size())});
        ByteVector twice = plain;
        append(twice, plain);
        QVERIFY(*readAll(bytes) == twice);
        if (program == QStringLiteral("cat"))
            return;
        const auto cut = readAll(bytes.first(bytes.size() - 3));
        QVERIFY(!cut);
        QCOMPARE(cut.error().posix(), EBADMSG);
        ByteVector flipped(bytes.begin(), bytes.end());
        flipped[flipped.size() / 4] ^= std::byte{1};
        const auto broken = readAll(flipped);
        QVERIFY(!broken || *broken != twice); // zstd's program writes a checksum, gzip does always
        QVERIFY(!broken);
    }

private:
    static StoreOptions optionsFor(bool encrypted)
    {
        StoreOptions out = smallOptions();
        if (encrypted)
            out.key = Passphrase{"twelve words"};
        return out;
    }
    static ByteVector oneTiny(const Folder &folder)
    {
        auto store = Store::create(folder.path(), smallOptions());
        const auto id = save(*store, {{"pages-1.img", {StreamKind::Pages, noise(1, 40)}}}, manifestNamed("a"));
        return *exported(*store, {*id});
    }
    /// A file with two checkpoints that share pages.
    static ByteVector twoSmall(const Folder &folder)
    {
        auto store = Store::create(folder.path(), smallOptions());
        Contents contents = smallContents(1);
        const auto first = save(*store, contents, manifestNamed("a"));
        contents["pages-1.img"].bytes[9000] ^= std::byte{1};
        const auto second = save(*store, contents, manifestNamed("b"));
        return *exported(*store, {*first, *second});
    }
    static Result<ByteVector> readAll(ByteView packed)
    {
        const Source source = GANTRY_TRY(unpacked(inPieces(packed)));
        ByteVector out;
        ByteVector part(10'000);
        while (true) {
            const std::size_t got = GANTRY_TRY(source(part));
            if (got == 0)
                return out;
            append(out, ByteView(part).first(got));
        }
    }
};

QTEST_GUILESS_MAIN(TestTransfer)
#include "tst_transfer.moc"
