// SPDX-License-Identifier: GPL-3.0-or-later
// How long a checkpoint will stand still, by how long earlier ones did.
#include <QtTest>

#include "engine/base/fd.h"
#include "engine/checkpoint/freeze_times.h"

#include <QTemporaryDir>

#include <fstream>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

FreezeTime atOnce(std::uint64_t mebibytes, std::chrono::microseconds stood)
{
    return {SaveWay::AtOnce, Bytes{mebibytes * kMiB}, stood};
}

} // namespace

class TestFreezeTimes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void nothingMeasured_isNotKnown()
    {
        QVERIFY(!guessFreeze({}, SaveWay::AtOnce, Bytes{kMiB}));
        const std::vector<FreezeTime> other{{SaveWay::InRounds, Bytes{kMiB}, 5ms}};
        QVERIFY(!guessFreeze(other, SaveWay::AtOnce, Bytes{kMiB})); // each way has a speed of its own
    }

    void guess_growsWithMemory_butIsNeverShorterThanTheShortest()
    {
        const std::vector<FreezeTime> measured{atOnce(100, 50ms), atOnce(2, 4ms), atOnce(200, 100ms)};
        QCOMPARE(guessFreeze(measured, SaveWay::AtOnce, Bytes{400 * kMiB})->stood, std::chrono::microseconds(200ms));
        QCOMPARE(guessFreeze(measured, SaveWay::AtOnce, Bytes{400 * kMiB})->bytesPerSecond, 2'000 * kMiB);
        QCOMPARE(guessFreeze(measured, SaveWay::AtOnce, Bytes{kMiB})->stood, std::chrono::microseconds(4ms));
    }

    void smallOnes_sayNothingOfALargeOne_unlessThereIsNoOther()
    {
        const std::vector<FreezeTime> measured{atOnce(1, 4ms), atOnce(1, 4ms), atOnce(1, 4ms), atOnce(1'000, 500ms)};
        QCOMPARE(guessFreeze(measured, SaveWay::AtOnce, Bytes{2'000 * kMiB})->stood, std::chrono::microseconds(1s));
        const std::vector<FreezeTime> small{atOnce(1, 4ms), atOnce(8, 8ms)};
        QCOMPARE(guessFreeze(small, SaveWay::AtOnce, Bytes{2'000 * kMiB})->stood, std::chrono::microseconds(2s));
    }

    void outliers_areNotTheMiddle()
    {
        const std::vector<FreezeTime> measured{atOnce(100, 50ms), atOnce(100, 5s), atOnce(100, 50ms), atOnce(100, 1ms),
                                               atOnce(100, 50ms)};
        QCOMPARE(guessFreeze(measured, SaveWay::AtOnce, Bytes{100 * kMiB})->stood, std::chrono::microseconds(50ms));
    }

    void added_areKept_theOldestGo()
    {
        const QTemporaryDir folder;
        const FreezeTimes times(folder.path().toStdString());
        QVERIFY(times.all().empty());
        for (std::size_t i = 1; i <= FreezeTimes::kMost + 3; ++i)
            QVERIFY(times.add(atOnce(i, 3ms)));
        QVERIFY(times.add(atOnce(0, 3ms))); // says nothing
        QVERIFY(times.add(atOnce(7, 0ms)));
        const auto all = FreezeTimes(folder.path().toStdString()).all();
        QCOMPARE(all.size(), FreezeTimes::kMost);
        QVERIFY(all.front() == atOnce(4, 3ms));
        QVERIFY(all.back() == atOnce(FreezeTimes::kMost + 3, 3ms));
    }

    void damagedFile_hasNone_andIsReplaced()
    {
        const QTemporaryDir folder;
        const std::string file = folder.path().toStdString() + "/freeze.times";
        const FreezeTimes times(folder.path().toStdString());
        for (const char *text : {"", "gantry-freeze 2\n", "gantry-freeze 1\nat-once 5\n", "gantry-freeze 1\nx 5 6\n",
                                 "gantry-freeze 1\nat-once 5 6 7\n", "gantry-freeze 1\nat-once -5 6\n",
                                 "gantry-freeze 1\nat-once 5 18446744073709551615\n"}) {
            std::ofstream(file, std::ios::trunc) << text;
            QVERIFY2(times.all().empty(), text);
        }
        QVERIFY(times.add(atOnce(1, 3ms)));
        QCOMPARE(times.all().size(), std::size_t{1});
    }
};

QTEST_GUILESS_MAIN(TestFreezeTimes)
#include "tst_freeze_times.moc"
