// SPDX-License-Identifier: GPL-3.0-or-later
// A checkpoint's way to another store that breaks off: what came is kept unseen, and the next one, of another
// checkpoint with nearly the same pages, sends the rest alone.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/rest.h"
#include "engine/repository/transfer.h"
#include "tests/support/repository_fixture.h"

#include <QTemporaryDir>

#include <filesystem>
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

constexpr std::size_t kBig = std::size_t{600} * kPage;
constexpr std::size_t kLost = 300'000; ///< most of what came that is not kept: it is read in pieces of 256 KiB

struct Place
{
    QTemporaryDir folder;
    Store store = *Store::create(path(), smallOptions());
    [[nodiscard]] std::string path() const { return folder.filePath(QStringLiteral("r")).toStdString(); }
};

Contents contentsOf(std::uint64_t seed)
{
    ByteVector pages = noise(seed, kBig);
    std::fill_n(pages.begin() + 20 * std::ptrdiff_t{kPage}, 30 * kPage, std::byte{0});
    return {{"inventory.img", {StreamKind::Bytes, noise(seed + 1, 300)}},
            {"pages-1.img", {StreamKind::Pages, pages}},
            {"pages-2.img", {StreamKind::Pages, noise(seed + 2, std::size_t{40} * kPage + 100)}},
            {"pages-3.img", {StreamKind::Pages, noise(seed + 3, std::size_t{60} * kPage)}}};
}

/// @param saved bytes that a rest had.
ByteVector exported(const Store &store, const CheckpointId &id, std::span<const Rest> rests = {},
                    std::uint64_t *saved = nullptr)
{
    ByteVector out;
    const auto done = exportCheckpoints(
        store, {{id}},
        [&out](ByteView bytes) -> Result<> {
            append(out, bytes);
            return {};
        },
        {}, {}, rests);
    if (!done)
        qFatal("export: %s", done.error().message().c_str());
    if (saved != nullptr)
        *saved = *done;
    return out;
}

/// Gives so many bytes, and then breaks off as a connection does.
Source cutAfter(ByteView bytes, std::size_t size)
{
    return [rest = bytes.first(size)](std::span<std::byte> into) mutable -> Result<std::size_t> {
        if (rest.empty())
            return failErrno("receive", "the way", ECONNRESET);
        const std::size_t some = std::min(into.size(), rest.size());
        std::copy_n(rest.begin(), some, into.begin());
        rest = rest.subspan(some);
        return some;
    };
}

/// A transfer that breaks off. @return what is kept of it.
std::optional<UnfinishedCheckpoint> breakOff(Store &store, ByteView file, std::size_t size)
{
    const auto in = importCheckpoints(store, cutAfter(file, size), {}, {}, true);
    if (in || in.error().posix() != ECONNRESET)
        qFatal("it did not break off");
    const auto listing = store.list();
    if (!listing->checkpoints.empty() || !listing->damages.empty() || listing->unfinished.size() > 1)
        qFatal("something else is there");
    return listing->unfinished.empty() ? std::nullopt : std::optional(listing->unfinished.front());
}

} // namespace

class TestTransferRest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cutAtAnyPlace_theRestIsSent_data()
    {
        QTest::addColumn<int>("tenths");
        for (const int i : {1, 3, 5, 7, 9})
            QTest::addRow("%d tenths", i) << i;
        QTest::newRow("all but the end") << 10;
    }
    void cutAtAnyPlace_theRestIsSent()
    {
        QFETCH(const int, tenths);
        Place from;
        Place to;
        Contents contents = contentsOf(1);
        const auto first = save(from.store, contents, manifestNamed("first"));
        GANTRY_VERIFY(first);
        const ByteVector file = exported(from.store, *first);
        const std::size_t cut = std::min(file.size() / 10 * static_cast<std::size_t>(tenths), file.size() - 3'000);
        const auto kept = breakOff(to.store, file, cut);
        QVERIFY(kept && kept->what.of == *first);
        QCOMPARE(kept->checkpoint.manifest.container.name, std::string("web"));
        QCOMPARE(to.store.stats()->unfinished, std::uint64_t{1});
        QVERIFY(to.store.stats()->unfinishedStored.v > 0);
        QVERIFY(!to.store.find(kept->checkpoint.id.text()));
        QVERIFY(!to.store.find("first"));

        const auto rest = restOf(to.store, *kept, {});
        GANTRY_VERIFY(rest);
        QVERIFY2(rest->pages * kPage + kLost > cut, std::to_string(rest->pages).c_str());
        QVERIFY(*beginsWith(from.store, *rest, {}));

        // It ran on meanwhile.
        dirty(contents["pages-1.img"].bytes, 7, 0.05);
        const auto second = save(from.store, contents, manifestNamed("second"));
        GANTRY_VERIFY(second);
        std::uint64_t saved = 0;
        const ByteVector shorter = exported(from.store, *second, {{*rest}}, &saved);
        QVERIFY(saved > 0);
        const std::size_t changed = kBig / 10;
        QVERIFY2(shorter.size() < file.size() - cut + changed + kLost,
                 strCat(shorter.size(), " of ", file.size(), ", cut after ", cut).c_str());
        QVERIFY(shorter.size() + saved > file.size() - 31 * kPage); // what is not sent was there
        const auto in = importCheckpoints(to.store, sourceOf(shorter), {});
        GANTRY_VERIFY(in);
        QVERIFY(*loadAll(to.store, *second) == contents);
        QVERIFY(to.store.check()->damages.empty());
        QVERIFY(from.store.check()->damages.empty());

        // Without what was kept it is whole all the same.
        GANTRY_VERIFY(to.store.remove(kept->checkpoint.id));
        GANTRY_VERIFY(to.store.collect(0));
        QVERIFY(*loadAll(to.store, *second) == contents);
        QCOMPARE(to.store.stats()->unfinished, std::uint64_t{0});
        QCOMPARE(to.store.stats()->checkpoints, std::uint64_t{1});
    }

    void brokenOffTwice_bothAreUsed()
    {
        Place from;
        Place to;
        const auto first = save(from.store, contentsOf(1), manifestNamed("first"));
        const auto second = save(from.store, contentsOf(1), manifestNamed("second"));
        const ByteVector file = exported(from.store, *first);
        const Rest one = *restOf(to.store, *breakOff(to.store, file, file.size() / 3), {});
        const ByteVector shorter = exported(from.store, *second, {{one}});
        QVERIFY(!importCheckpoints(to.store, cutAfter(shorter, shorter.size() / 2), {}, {}, true));
        const auto listing = to.store.list();
        QCOMPARE(listing->unfinished.size(), std::size_t{2});
        const Rest two = *restOf(to.store, listing->unfinished.back(), {});
        QVERIFY(two.of == *second && two.pages > one.pages);
        QVERIFY(*beginsWith(from.store, two, {}));
        const auto third = save(from.store, contentsOf(1), manifestNamed("third"));
        const ByteVector last = exported(from.store, *third, {{one, two}});
        QVERIFY(last.size() < shorter.size());
        GANTRY_VERIFY(importCheckpoints(to.store, sourceOf(last), {}));
        QVERIFY(*loadAll(to.store, *third) == contentsOf(1));
        QVERIFY(to.store.check()->damages.empty());
    }

    void cutBeforeAPage_nothingIsKept()
    {
        Place from;
        Place to;
        const auto id = save(from.store, contentsOf(1), manifestNamed("first"));
        const ByteVector file = exported(from.store, *id);
        for (const std::size_t cut : {std::size_t{0}, std::size_t{700}, std::size_t{4'000}})
            QVERIFY(!breakOff(to.store, file, cut));
    }

    void damaged_nothingIsKept_stopped_itIs()
    {
        Place from;
        Place to;
        const auto id = save(from.store, contentsOf(1), manifestNamed("first"));
        ByteVector file = exported(from.store, *id);
        ByteVector wrong = file;
        wrong[wrong.size() / 2] ^= std::byte{1};
        QCOMPARE(importCheckpoints(to.store, sourceOf(wrong), {}, {}, true).error().posix(), EBADMSG);
        QVERIFY(to.store.list()->unfinished.empty());
        std::stop_source stop;
        const Source stopping = [&, all = sourceOf(file),
                                 given = std::size_t{0}](std::span<std::byte> into) mutable -> Result<std::size_t> {
            const std::size_t some = GANTRY_TRY(all(into.first(std::min<std::size_t>(into.size(), 50'000))));
            if ((given += some) > 600'000)
                stop.request_stop();
            return some;
        };
        QCOMPARE(importCheckpoints(to.store, stopping, stop.get_token(), {}, true).error().posix(), ECANCELED);
        QCOMPARE(to.store.list()->unfinished.size(), std::size_t{1});
        // Who does not ask for it has nothing kept.
        Place other;
        QVERIFY(!importCheckpoints(other.store, cutAfter(file, 600'000), {}));
        QVERIFY(other.store.list()->unfinished.empty());
    }

    /// A page that was changed on its way, or by the disk, is never believed to be there.
    void wrongPages_areNotTaken()
    {
        Place from;
        Place to;
        const auto id = save(from.store, contentsOf(1), manifestNamed("first"));
        ByteVector file = exported(from.store, *id);
        const std::size_t cut = file.size() / 2;
        file[cut / 2] ^= std::byte{1}; // its sum has not come when it breaks off
        const auto kept = breakOff(to.store, file, cut);
        QVERIFY(kept);
        const auto rest = restOf(to.store, *kept, {});
        GANTRY_VERIFY(rest);
        QVERIFY(!*beginsWith(from.store, *rest, {}));
        Rest longer = *rest;
        longer.pages = 1'000'000;
        QVERIFY(!*beginsWith(from.store, longer, {}));
        longer.of = CheckpointId::random();
        QVERIFY(!*beginsWith(from.store, longer, {}));
        // Said to be there, and not so.
        const ByteVector second = exported(from.store, *id, {{Rest{*id, rest->pages - 1, {}}}});
        QCOMPARE(importCheckpoints(to.store, sourceOf(second), {}).error().posix(), ENOENT);

        for (const auto &entry : std::filesystem::directory_iterator(to.path() + "/packs")) {
            std::fstream pack(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            pack.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
            pack.write("damaged!", 8);
        }
        const auto broken = restOf(*Store::open(to.path(),
                                                [] {
                                                    StoreOptions looks = smallOptions();
                                                    looks.write = false;
                                                    return looks;
                                                }()),
                                   *kept, {});
        QVERIFY(!broken);
        QCOMPARE(broken.error().posix(), EBADMSG);
    }

    void unfinishedAsAWhole_isUnseen_andShownWhenItComesAgain()
    {
        Place from;
        Place to;
        const auto id = save(from.store, contentsOf(1), manifestNamed("first"));
        const ByteVector file = exported(from.store, *id);
        GANTRY_VERIFY(importCheckpoints(to.store, sourceOf(file), {}));
        const auto now = decltype(Unfinished::since)(std::chrono::microseconds(5));
        GANTRY_VERIFY(to.store.setUnfinished(*id, true, now));
        {
            const auto listing = to.store.list();
            QVERIFY(listing->checkpoints.empty() && listing->damages.empty());
            QCOMPARE(listing->unfinished.size(), std::size_t{1});
            QVERIFY(listing->unfinished.front().what.of == *id && listing->unfinished.front().what.since == now);
            QVERIFY(!to.store.find("first"));
            QCOMPARE(to.store.stats()->checkpoints, std::uint64_t{0});
            GANTRY_VERIFY(to.store.collect(0));
            QVERIFY(*loadAll(to.store, *id) == contentsOf(1)); // a base for the next one
        }
        GANTRY_VERIFY(importCheckpoints(to.store, sourceOf(file), {}));
        QCOMPARE(to.store.list()->checkpoints.size(), std::size_t{1});
        QVERIFY(to.store.list()->unfinished.empty());
        QVERIFY(to.store.find("first"));
    }
};

QTEST_GUILESS_MAIN(TestTransferRest)
#include "tst_transfer_rest.moc"
