// SPDX-License-Identifier: GPL-3.0-or-later
// Data on its way: how fast it may go, when it is compressed, and that it comes as it was.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/migration/frames.h"
#include "engine/migration/pace.h"
#include "engine/migration/packing.h"
#include "tests/support/repository_fixture.h"

#include <deque>

using namespace gantry;
using namespace gantry::migration;
using namespace std::chrono_literals;
using gantry::test::noise;
using repository::ByteVector;
using repository::ByteView;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kPiece = std::size_t{512} << 10;

/// A machine and a way as they are told: nanoseconds a byte.
struct Link
{
    double wayNanos = 0;
    double ratio = 0.3; ///< at the first level; a twentieth better at each one
    std::array<double, PackingChoice::kLevels.size()> levelNanos{2, 4, 10, 20};

    /// @return how many of so many pieces went at each level; the last one: as they were.
    [[nodiscard]] std::array<int, 5> go(PackingChoice &choice, int pieces) const
    {
        std::array<int, 5> out{};
        for (int i = 0; i < pieces; ++i) {
            const auto level = choice.next();
            ++out.at(level.value_or(4));
            std::size_t size = kPiece;
            if (level) {
                const double now = std::min(1.0, ratio - (ratio < 1 ? 0.05 * static_cast<double>(*level) : 0));
                size = static_cast<std::size_t>(static_cast<double>(kPiece) * now);
                choice.packed(*level, kPiece, size,
                              nanoseconds(static_cast<std::int64_t>(levelNanos.at(*level) * double{kPiece})));
            }
            choice.sent(size, nanoseconds(static_cast<std::int64_t>(wayNanos * static_cast<double>(size))));
        }
        return out;
    }
};

class Tube final : public Frames
{
public:
    Result<> send(const Frame &frame) override
    {
        frames.push_back(frame);
        return {};
    }
    Result<Frame> receive(const Wait & /*wait*/) override
    {
        if (frames.empty())
            return fail(ECONNRESET, "receive", "the tube", "empty");
        Frame out = std::move(frames.front());
        frames.pop_front();
        return out;
    }
    std::deque<Frame> frames;
};

const Wait kWait{steady_clock::now() + 1h};

Result<ByteVector> received(Tube &tube)
{
    Frame first = GANTRY_TRY(tube.receive(kWait));
    FrameSource source(tube, std::move(first), kWait);
    ByteVector out;
    std::array<std::byte, 10'007> some{};
    while (true) {
        const std::size_t size = GANTRY_TRY(source.read(some));
        if (size == 0)
            return out;
        repository::append(out, ByteView(some).first(size));
    }
}

} // namespace

class TestMigrationPacking : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void pace_isKept_withoutWaitingLong()
    {
        Pace::Clock::time_point now{std::chrono::hours(1)};
        Pace::Clock::time_point start = now;
        std::stop_source stop;
        std::vector<std::chrono::nanoseconds> waits;
        const Pace::Time time{[&now] { return now; },
                              [&](Pace::Clock::time_point until, const std::stop_token &) {
                                  waits.push_back(until - now);
                                  now = until;
                              }};
        Tube tube;
        Pace pace(1'000'000, time);
        QCOMPARE(pace.piece(std::size_t{512} << 10), std::size_t{100'000});
        QCOMPARE(Pace(1'000, time).piece(std::size_t{512} << 10), std::size_t{4'096});
        QCOMPARE(Pace(0, time).piece(std::size_t{512} << 10), std::size_t{512} << 10);
        Packer packer;
        FrameSink sink(tube, pace, packer, {now + std::chrono::hours(1), stop.get_token()});
        const std::string much(10'000'000, 'x');
        QVERIFY(sink.put(std::as_bytes(std::span(much))));
        QVERIFY(sink.end());
        // Ten seconds, less what was saved up before and what the last piece would have to wait afterwards.
        QVERIFY(now - start <= 10s && now - start >= 9'700ms);
        QVERIFY(*std::ranges::max_element(waits) <= 100ms);
        // What was not used for long is not made up for.
        now += std::chrono::hours(1);
        start = now;
        FrameSink later(tube, pace, packer, {now + std::chrono::hours(1), stop.get_token()});
        QVERIFY(later.put(std::as_bytes(std::span(much).first(1'000'000))));
        QVERIFY(now - start >= 700ms);
        // All of it came.
        std::size_t bytes = 0;
        for (auto frame = tube.receive(kWait); frame && !frame->has_file_end(); frame = tube.receive(kWait))
            bytes += frame->data().size();
        QCOMPARE(bytes, much.size());
        QCOMPARE(pace.take(10'000'000, {now + 1s, stop.get_token()}).has_value(), true);
        QCOMPARE(pace.take(1, {now + 1s, stop.get_token()}).error().posix(), ETIMEDOUT);
        stop.request_stop();
        QCOMPARE(pace.take(1, {now + std::chrono::hours(1), stop.get_token()}).error().posix(), ECANCELED);
    }

    void slowWay_isPackedHard()
    {
        PackingChoice choice;
        const auto some = Link{.wayNanos = 1'000}.go(choice, 200);
        QCOMPARE(some[4], 1); // how the way is has to be seen first
        QVERIFY(some[3] > 180);
    }
    void middlingWay_isPackedLightly()
    {
        // 62 MB/s: the first level saves 11 ns of 16 and takes 2; the second takes 4 and saves 0.8 more.
        PackingChoice choice;
        const auto some = Link{.wayNanos = 16}.go(choice, 200);
        QCOMPARE(some[4], 1);
        QVERIFY(some[0] > 180);
    }
    void fastWay_isLeftAlone()
    {
        PackingChoice choice;
        QCOMPARE((Link{.wayNanos = 8}.go(choice, 650)[4]), 650);
    }
    void slowProcessor_isTriedNowAndThen()
    {
        PackingChoice choice;
        const auto some = Link{.wayNanos = 12, .levelNanos = {20, 40, 100, 200}}.go(choice, 650);
        QVERIFY2(some[4] >= 630, std::to_string(some[4]).c_str());
        QVERIFY(some[0] >= 10); // what memory has changes
    }
    void nothingGetsSmaller_isTriedNowAndThen()
    {
        PackingChoice choice;
        const auto some = Link{.wayNanos = 1'000, .ratio = 1}.go(choice, 650);
        QVERIFY2(some[4] >= 630, std::to_string(some[4]).c_str());
    }
    void wayGetsSlow_isHeeded()
    {
        PackingChoice choice;
        static_cast<void>(Link{.wayNanos = 1}.go(choice, 30));
        const auto some = Link{.wayNanos = 1'000}.go(choice, 30);
        QVERIFY2(some[4] <= 2, std::to_string(some[4]).c_str());
    }

    void comesAsItWas_data()
    {
        QTest::addColumn<bool>("may");
        QTest::newRow("packed") << true;
        QTest::newRow("to one that cannot read it") << false;
    }
    void comesAsItWas()
    {
        QFETCH(const bool, may);
        ByteVector bytes = noise(1, 3'000'000);
        const std::string words = "all that is said twice is shorter the second time; ";
        for (std::size_t i = 500'000; i < 2'000'000; ++i)
            bytes[i] = std::byte(words[i % words.size()]);
        Tube tube;
        Pace pace(0);
        Packer packer(may);
        FrameSink sink(tube, pace, packer, kWait);
        for (ByteView rest = bytes; !rest.empty(); rest = rest.subspan(std::min<std::size_t>(rest.size(), 70'001)))
            GANTRY_VERIFY(sink.put(rest.first(std::min<std::size_t>(rest.size(), 70'001))));
        GANTRY_VERIFY(sink.end());
        QCOMPARE(sink.bytes(), bytes.size());
        std::uint64_t wire = 0;
        for (const Frame &frame : tube.frames)
            wire += frame.data().size() + frame.packed().data().size();
        QCOMPARE(sink.wireBytes(), wire);
        const auto came = received(tube);
        GANTRY_VERIFY(came);
        QVERIFY(*came == bytes);

        // Where it is worth it.
        Packer other(may);
        other.sent(1'000'000, 1s);
        FrameSink second(tube, pace, other, kWait);
        const std::string text(3'000'000, 'x');
        GANTRY_VERIFY(second.put(std::as_bytes(std::span(text))));
        GANTRY_VERIFY(second.end());
        QCOMPARE(tube.frames.front().has_packed(), may);
        QCOMPARE(second.wireBytes() < text.size(), may);
        const auto again = received(tube);
        GANTRY_VERIFY(again);
        QVERIFY(*again == ByteVector(text.size(), std::byte('x')));
    }

    void packedWrongly_isRefused()
    {
        Tube tube;
        Packer packer(true);
        packer.sent(1'000'000, 1s);
        Pace pace(0);
        FrameSink sink(tube, pace, packer, kWait);
        const std::string text(300'000, 'x');
        GANTRY_VERIFY(sink.put(std::as_bytes(std::span(text))));
        GANTRY_VERIFY(sink.end());
        const Frame good = tube.frames.front();
        QVERIFY(good.has_packed());
        const auto refused = [](const Frame &frame) {
            Tube with;
            with.frames = {frame};
            const auto came = received(with);
            return !came && came.error().posix() == EBADMSG;
        };
        Frame wrong = good;
        wrong.mutable_packed()->set_bytes(good.packed().bytes() - 1);
        QVERIFY(refused(wrong));
        wrong.mutable_packed()->set_bytes((1U << 20) + 1);
        QVERIFY(refused(wrong));
        wrong.mutable_packed()->set_bytes(UINT32_MAX);
        QVERIFY(refused(wrong));
        wrong = good;
        wrong.mutable_packed()->set_data("no frame of zstd");
        QVERIFY(refused(wrong));
    }
};

QTEST_GUILESS_MAIN(TestMigrationPacking)
#include "tst_migration_packing.moc"
