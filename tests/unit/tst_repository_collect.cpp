// SPDX-License-Identifier: GPL-3.0-or-later
// Room comes back, beside who writes and who reads, and nothing that is needed goes.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/repository/retention.h"
#include "engine/repository/store.h"
#include "tests/support/repository_fixture.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <thread>

using namespace gantry;
using namespace gantry::repository;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

std::string pathIn(const QTemporaryDir &dir)
{
    return dir.filePath(QStringLiteral("repo")).toStdString();
}

constexpr std::chrono::sys_time<std::chrono::microseconds> kNow{std::chrono::hours(1'000)};

Checkpoint made(std::uint8_t number, std::chrono::hours age, std::uint64_t stored, bool pinned = false,
                const char *container = "web")
{
    Checkpoint out;
    out.id.v[0] = std::byte{number};
    out.manifest.time = kNow - age;
    out.manifest.container.id = container;
    out.sizes.stored = Bytes(stored);
    out.pinned = pinned;
    return out;
}

std::vector<int> numbers(const std::vector<CheckpointId> &ids)
{
    std::vector<int> out;
    for (const CheckpointId &id : ids)
        out.push_back(std::to_integer<int>(id.v[0]));
    return out;
}

} // namespace

class TestRepositoryCollect : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void removed_givesItsRoomBack()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        Contents kept{{"pages", {StreamKind::Pages, noise(1, 1 << 20)}}};
        const auto keptId = save(*store, kept, manifestNamed("kept"));
        GANTRY_VERIFY(keptId);
        Contents gone = kept; // half of it is the same
        dirty(gone.at("pages").bytes, 5, 0.5);
        const auto goneId = save(*store, gone, manifestNamed("gone"));
        GANTRY_VERIFY(goneId);
        const std::uint64_t before = store->stats()->packed.v;
        GANTRY_VERIFY(store->remove(*goneId));
        QCOMPARE(store->stats()->packed.v, before);
        std::uint64_t seen = 0;
        const auto report = store->collect(0.0, {}, [&seen](Bytes done, Bytes all) {
            QVERIFY(done <= all && done.v >= seen);
            seen = done.v;
        });
        GANTRY_VERIFY(report);
        QVERIFY(report->packsRemoved > 0 && seen > 0);
        const std::uint64_t after = store->stats()->packed.v;
        QCOMPARE(before - after, report->freed.v);
        QVERIFY2(after < (1 << 20) + (1 << 17), qPrintable(QString::number(after)));
        QVERIFY(*loadAll(*store, *keptId) == kept);
        QCOMPARE(load(*store, *goneId, "pages").error().posix(), ENOENT);
        QCOMPARE(store->check()->damages.size(), std::size_t{0});
        // What was collected is not found by who writes next.
        const auto again = save(*store, gone, manifestNamed("again"));
        GANTRY_VERIFY(again);
        QVERIFY(*loadAll(*store, *again) == gone);
        // With nothing to do it does nothing.
        const auto idle = store->collect(0.0);
        GANTRY_VERIFY(idle);
        QCOMPARE(idle->packsRemoved, std::uint64_t{0});
        GANTRY_VERIFY(store->remove(*again));
        GANTRY_VERIFY(store->remove(*keptId));
        GANTRY_VERIFY(store->collect(0.0));
        QCOMPARE(store->stats()->packs, std::uint64_t{0});
    }

    void partlyNeeded_staysBelowTheThreshold()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        Contents kept{{"pages", {StreamKind::Pages, noise(1, 200 << 10)}}};
        GANTRY_VERIFY(save(*store, kept, manifestNamed("kept")));
        const auto gone = save(*store, {{"p", {StreamKind::Pages, noise(2, 20 << 10)}}}, manifestNamed("gone"));
        GANTRY_VERIFY(store->remove(*gone));
        QCOMPARE(store->collect(0.25)->packsRemoved, std::uint64_t{0});
        const auto rewritten = store->collect(0.01);
        QCOMPARE(rewritten->packsRemoved, std::uint64_t{1});
        QCOMPARE(rewritten->packsRewritten, std::uint64_t{1});
    }

    void collect_besideWritersAndReaders()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        StoreOptions looking;
        looking.write = false;
        const auto reader = Store::open(pathIn(dir), looking);
        GANTRY_VERIFY(reader);
        std::mutex mutex;
        std::deque<std::pair<CheckpointId, Contents>> alive;
        std::atomic<int> failures = 0;
        std::atomic<int> collections = 0;
        const auto failed = [&failures](const auto &result) {
            if (!result && failures++ < 5)
                qWarning("%s", why(result).c_str());
            return !result;
        };
        {
            std::jthread collector([&](const std::stop_token &stop) {
                while (!stop.stop_requested()) {
                    collections += failed(store->collect(0.05)) ? 0 : 1;
                    std::this_thread::yield();
                }
            });
            std::jthread looker([&](const std::stop_token &stop) {
                while (!stop.stop_requested()) {
                    std::unique_lock lock(mutex);
                    if (alive.empty())
                        continue;
                    const auto [id, contents] = alive.back();
                    lock.unlock();
                    const auto back = loadAll(*reader, id);
                    lock.lock();
                    // Unless it was removed meanwhile.
                    const bool there = std::ranges::any_of(alive, [&id](const auto &one) { return one.first == id; });
                    if (there && (failed(back) || *back != contents))
                        ++failures;
                }
            });
            const auto write = [&](std::uint64_t seed) {
                Contents contents{{"pages", {StreamKind::Pages, noise(seed % 2, 400'000)}}}; // two share theirs
                for (std::uint64_t tick = 0; tick < 25; ++tick) {
                    dirty(contents.at("pages").bytes, (tick % 3) * 10 + seed % 2, 0.2); // comes again
                    const auto id = save(*store, contents, manifestNamed(""));
                    if (failed(id))
                        return;
                    const std::scoped_lock lock(mutex);
                    alive.emplace_back(*id, contents);
                    if (alive.size() > 6) {
                        failed(store->remove(alive.front().first));
                        alive.pop_front();
                    }
                }
            };
            std::jthread one([&] { write(1); });
            std::jthread two([&] { write(2); });
            std::jthread three([&] { write(3); });
        } // the writers end first, then the others are asked to
        QCOMPARE(failures.load(), 0);
        QVERIFY(collections > 0);
        GANTRY_VERIFY(store->collect(0.0));
        for (const auto &[id, contents] : alive)
            QVERIFY(*loadAll(*store, id) == contents);
        const auto report = store->check();
        GANTRY_VERIFY(report);
        QVERIFY2(report->damages.empty(), report->damages.empty() ? "" : report->damages.front().text.c_str());
        QCOMPARE(report->checkpoints, static_cast<std::uint64_t>(alive.size()));
    }

    void cancelled_stops()
    {
        const QTemporaryDir dir;
        auto store = Store::create(pathIn(dir), smallOptions());
        GANTRY_VERIFY(store);
        const auto id = save(*store, {{"p", {StreamKind::Pages, noise(2, 1 << 20)}}}, manifestNamed(""));
        GANTRY_VERIFY(id);
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(store->check(stop.get_token()).error().posix(), ECANCELED);
        QCOMPARE(store->collect(0.0, stop.get_token()).error().posix(), ECANCELED);
        const auto nothing = [](ByteView) { return Result<>(); };
        QCOMPARE(store->read(*id, "p", nothing, stop.get_token()).error().posix(), ECANCELED);
        const auto full = [](ByteView) -> Result<> { return fail(EPIPE, "write", "socket", "gone"); };
        QCOMPARE(store->read(*id, "p", full).error().posix(), EPIPE);
        GANTRY_VERIFY(store->collect(0.0)); // one that was cancelled holds up no other
    }

    void retention_keepsTheNewest()
    {
        const std::vector<Checkpoint> all{made(1, 50h, 100), made(2, 40h, 100, true), made(3, 30h, 100),
                                          made(4, 20h, 100), made(5, 10h, 100),       made(9, 60h, 100, false, "db")};
        QCOMPARE(numbers(expired(all, {}, kNow)), std::vector<int>());
        QCOMPARE(numbers(expired(all, {.count = 2, .age = {}, .bytes = {}}, kNow)), (std::vector<int>{1, 3}));
        QCOMPARE(numbers(expired(all, {.count = 0, .age = {}, .bytes = {}}, kNow)), (std::vector<int>{9, 1, 3, 4, 5}));
        QCOMPARE(numbers(expired(all, {.count = {}, .age = 35h, .bytes = {}}, kNow)), (std::vector<int>{9, 1}));
        // The pinned one has its 100 first: two more fit.
        QCOMPARE(numbers(expired(all, {.count = {}, .age = {}, .bytes = Bytes(300)}, kNow)), (std::vector<int>{1, 3}));
        QCOMPARE(numbers(expired(all, {.count = 3, .age = 25h, .bytes = Bytes(1'000)}, kNow)),
                 (std::vector<int>{9, 1, 3}));
        // No small old one is kept behind a large one that went.
        const std::vector<Checkpoint> gap{made(1, 30h, 0), made(2, 20h, 900), made(3, 10h, 100)};
        QCOMPARE(numbers(expired(gap, {.count = {}, .age = {}, .bytes = Bytes(500)}, kNow)), (std::vector<int>{1, 2}));
        // From the future: kept by age.
        QCOMPARE(numbers(expired(std::vector{made(1, -5h, 1)}, {.count = {}, .age = 1h, .bytes = {}}, kNow)),
                 std::vector<int>());
    }
};

QTEST_GUILESS_MAIN(TestRepositoryCollect)
#include "tst_repository_collect.moc"
