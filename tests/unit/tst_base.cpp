// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/base/event_loop.h"
#include "engine/base/limit.h"
#include "engine/base/metric.h"
#include "engine/base/parse.h"
#include "engine/base/rate.h"
#include "engine/base/worker_pool.h"

#include <atomic>
#include <latch>
#include <set>

using namespace gantry;
using namespace std::chrono_literals;

class TestBase : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parseU64_wholeTokenOnly_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("ok");
        QTest::addColumn<quint64>("value");
        QTest::newRow("zero") << QByteArray("0") << true << quint64{0};
        QTest::newRow("greatest") << QByteArray("18446744073709551615") << true << ~quint64{0};
        QTest::newRow("overflow") << QByteArray("18446744073709551616") << false << quint64{0};
        QTest::newRow("empty") << QByteArray("") << false << quint64{0};
        QTest::newRow("newline") << QByteArray("1\n") << false << quint64{0};
        QTest::newRow("negative") << QByteArray("-1") << false << quint64{0};
        QTest::newRow("plus") << QByteArray("+1") << false << quint64{0};
        QTest::newRow("max") << QByteArray("max") << false << quint64{0};
    }
    void parseU64_wholeTokenOnly()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, ok);
        QFETCH(quint64, value);
        const auto got = parseU64(text.toStdString());
        QCOMPARE(got.has_value(), ok);
        if (ok)
            QCOMPARE(quint64{*got}, value);
        else
            QCOMPARE(got.error().posix(), EILSEQ);
    }

    void limitValue_parsesAndPrints_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("error");
        QTest::addColumn<QString>("printed");
        const auto row = [](const char *key, const char *text, int error, const char *printed) {
            QTest::addRow("%s=%s", key, text)
                << QString::fromLatin1(key) << QString::fromLatin1(text) << error << QString::fromLatin1(printed);
        };
        row("memory.high", "300M", 0, "314572800");
        row("memory.high", "300MiB", 0, "314572800");
        row("memory.high", "1.5G", 0, "1610612736");
        row("memory.high", " 4096 ", 0, "4096");
        row("memory.high", "0", 0, "0");
        row("memory.high", "max", 0, "max");
        row("memory.high", "1.5", EINVAL, "");
        row("memory.high", "-1", EINVAL, "");
        row("memory.high", "300X", EINVAL, "");
        row("memory.high", "", EINVAL, "");
        row("memory.high", "99999999999999999999", EINVAL, "");
        row("memory.max", "16E", ERANGE, "");
        row("memory.max", "9E", ERANGE, "");
        row("cpu.weight", "100", 0, "100");
        row("cpu.weight", "0", ERANGE, "");
        row("cpu.weight", "10001", ERANGE, "");
        row("cpu.weight", "max", EINVAL, "");
        row("cpu.max", "max", 0, "max");
        row("cpu.max", "50%", 0, "50000 100000");
        row("cpu.max", "1.5cpu", 0, "150000 100000");
        row("cpu.max", "50000/100000", 0, "50000 100000");
        row("cpu.max", "50000 200000", 0, "50000 200000");
        row("cpu.max", "max 200000", 0, "max 200000");
        row("cpu.max", "50000", 0, "50000");
        row("cpu.max", "0%", EINVAL, "");
        row("cpu.max", "500/100000", ERANGE, "");
        row("cpu.max", "50000/10", ERANGE, "");
        row("cpu.max", "50000/2000000", ERANGE, "");
        row("cpu.max", "1 2 3", EINVAL, "");
        row("pids.max", "64", 0, "64");
        row("pids.max", "4194305", ERANGE, "");
        row("io.max", "8:0 rbps=1M wiops=max", 0, "8:0 rbps=1048576 wiops=max");
        row("io.max", "8:0 rbps=1M, 8:16 wbps=2M", 0, "8:0 rbps=1048576, 8:16 wbps=2097152");
        row("io.max", "8:0", EINVAL, "");
        row("io.max", "8:0 rbps=0", ERANGE, "");
        row("io.max", "sda rbps=1M", EINVAL, "");
        row("io.max", "8:0 rbps=1M rbps=2M", EINVAL, "");
        row("io.max", "8:0 speed=1M", EINVAL, "");
        row("io.max", "", EINVAL, "");
    }
    void limitValue_parsesAndPrints()
    {
        QFETCH(QString, key);
        QFETCH(QString, text);
        QFETCH(int, error);
        QFETCH(QString, printed);
        const auto limit = limitKeyByName(key.toStdString());
        QVERIFY(limit);
        const auto value = parseLimitValue(*limit, text.toStdString());
        if (error == 0) {
            QVERIFY2(value.has_value(), value ? "" : value.error().message().c_str());
            QCOMPARE(QString::fromStdString(limitValueText(*value)), printed);
        } else {
            QVERIFY(!value);
            QCOMPARE(value.error().posix(), error);
            QCOMPARE(QString::fromStdString(value.error().subject), key);
            QVERIFY(!value.error().remedy.empty());
        }
    }

    void compactBytes_isExact()
    {
        for (const std::uint64_t bytes : {0ULL, 1ULL, 1023ULL, 1024ULL, 1536ULL, 314572800ULL, 314572801ULL,
                                          1610612736ULL, 1ULL << 60, (5ULL << 30) / 4, 18446744073709551615ULL}) {
            const auto back = parseBytes(compactBytes(bytes));
            QVERIFY(back);
            QCOMPARE(quint64{*back}, quint64{bytes});
        }
        QCOMPARE(compactBytes(1610612736), std::string("1.5G"));
    }

    void metrics_haveUniqueNames()
    {
        std::set<std::string_view> names;
        for (const MetricInfo &info : metricTable()) {
            QVERIFY(names.insert(info.name).second);
            QCOMPARE(metricByName(info.name), std::optional(info.metric));
        }
        QVERIFY(!metricByNumber(0));
        QVERIFY(!metricByNumber(static_cast<std::uint32_t>(kMetricCount)));
    }

    void rate_isGapNotSpike()
    {
        QCOMPARE(perSecond(100, 300, 2s), std::optional(100.0));
        QVERIFY(!perSecond(300, 100, 2s));
        QVERIFY(!perSecond(100, 300, 0s));
    }

    void printable_replacesControlAndBrokenUtf8()
    {
        QCOMPARE(printable("a\nb\x7f"), std::string("a?b?"));
        QCOMPARE(printable("\xC3\xA9"), std::string("\xC3\xA9"));
        QCOMPARE(printable("\xC3"), std::string("?"));
        QCOMPARE(printable("\xED\xA0\x80"), std::string("???"));
        QVERIFY(!isUtf8("\xC0\xAF"));
        QVERIFY(isUtf8("caf\xC3\xA9"));
    }

    void error_keepsErrnoAndSubject()
    {
        const auto fd = openAt(AT_FDCWD, "/nonexistent/file", O_RDONLY);
        QVERIFY(!fd);
        QCOMPARE(fd.error().posix(), ENOENT);
        QCOMPARE(fd.error().subject, std::string("/nonexistent/file"));
    }

    void workerPool_blockedTaskHoldsUpNobody()
    {
        std::latch release(1);
        std::atomic<int> done = 0;
        {
            WorkerPool pool(4);
            pool.run([&](std::stop_token) { release.wait(); });
            for (int i = 0; i < 20; ++i)
                pool.run([&](std::stop_token) { ++done; });
            QTRY_COMPARE_WITH_TIMEOUT(done.load(), 20, 5000);
            release.count_down();
        }
        QCOMPARE(done.load(), 20);
    }

    void eventLoop_runsPostedTasksAndTimers()
    {
        auto loop = EventLoop::create();
        QVERIFY(loop);
        int ticks = 0;
        bool posted = false;
        auto timer = (*loop)->every(1ms, [&] {
            if (++ticks == 3)
                (*loop)->stop();
        });
        QVERIFY(timer);
        std::thread([&] { (*loop)->post([&] { posted = true; }); }).join();
        (*loop)->run();
        QCOMPARE(ticks, 3);
        QVERIFY(posted);
    }
};

QTEST_GUILESS_MAIN(TestBase)
#include "tst_base.moc"
