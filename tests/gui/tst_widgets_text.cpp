// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTranslator>
#include <QtTest>

#include "engine/alerts/rules.h"
#include "widgets/text/error_text.h"
#include "widgets/text/event_text.h"
#include "widgets/text/format.h"
#include "widgets/text/freeze_text.h"
#include "widgets/text/labels.h"
#include "widgets/text/warning_text.h"

using namespace gantry;

class TestWidgetsText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void bytes_threeDigits_data()
    {
        QTest::addColumn<quint64>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("zero") << quint64(0) << QStringLiteral("0 B");
        QTest::newRow("below") << quint64(1023) << QStringLiteral("1023 B");
        QTest::newRow("kib") << quint64(1536) << QStringLiteral("1.50 KiB");
        QTest::newRow("whole") << quint64(300) * 1024 * 1024 << QStringLiteral("300 MiB");
        QTest::newRow("no 1024 of a unit") << quint64(1024) * 1024 - 1 << QStringLiteral("1.00 MiB");
        QTest::newRow("most") << ~quint64(0) << QStringLiteral("16 EiB");
    }
    void bytes_threeDigits()
    {
        QFETCH(quint64, value);
        QTEST(text::bytes(value), "text");
    }

    void phaseOfARound_hasItsNumberAndBytes()
    {
        QVERIFY(text::jobPhase("pre-dump 1 0") != QStringLiteral("pre-dump 1 0"));
        const QString second = text::jobPhase("pre-dump 2 314572800");
        QVERIFY2(second.contains(QStringLiteral("300 MiB")) && second.contains(QLatin1Char('2')), qPrintable(second));
    }

    void expectedFreeze_isToldWithWhatItIsBuiltOn()
    {
        v1::CheckReply reply;
        QVERIFY(text::expectedFreeze(reply).contains(QStringLiteral("not known yet")));
        QVERIFY(text::expectedFreeze(reply).contains(QStringLiteral("in rounds")));
        reply.set_expected_freeze_usec(200'000);
        reply.set_freeze_bytes_per_second(std::uint64_t{300} << 20);
        reply.set_no_pre_dump_reason("It is so.");
        const QString words = text::expectedFreeze(reply);
        QVERIFY2(words.contains(QStringLiteral("300 MiB/s")) && words.contains(QStringLiteral("200 ms")),
                 qPrintable(words));
        QVERIFY(words.contains(QStringLiteral("It is so.")) && !words.contains(QStringLiteral("in rounds")));
    }

    void cell_tellsFiveStatesApart()
    {
        const auto shown = [](v1::CellState state) { return text::cell(Metric::MemoryCurrent, Cell{state, 0, 0}); };
        const QSet<QString> texts{shown(v1::CELL_STATE_VALUE), shown(v1::CELL_STATE_ABSENT),
                                  shown(v1::CELL_STATE_UNREADABLE), shown(v1::CELL_STATE_UNLIMITED),
                                  shown(v1::CELL_STATE_NOT_YET)};
        QCOMPARE(texts.size(), 5);
        QCOMPARE(shown(v1::CELL_STATE_ABSENT), QStringLiteral("\u2014"));
    }

    void rules_ofTheEngineAreTranslated()
    {
        for (const alerts::AlertRule &rule : alerts::builtInRules()) {
            v1::AlertRule nameless;
            nameless.set_id(rule.id);
            nameless.set_built_in(true);
            QVERIFY2(!text::ruleName(nameless).isEmpty(), rule.id.c_str());
        }
    }

    void duration_data()
    {
        QTest::addColumn<quint64>("usec");
        QTest::addColumn<QString>("text");
        QTest::newRow("us") << quint64(950) << QStringLiteral("950 µs");
        QTest::newRow("ms") << quint64(12'500) << QStringLiteral("12.5 ms");
        QTest::newRow("s") << quint64(3'400'000) << QStringLiteral("3.40 s");
        QTest::newRow("min") << quint64(312'000'000) << QStringLiteral("5 min 12 s");
        QTest::newRow("h") << quint64(7'500'000'000) << QStringLiteral("2 h 5 min");
    }
    void duration()
    {
        QFETCH(quint64, usec);
        QTEST(text::duration(Micros(usec)), "text");
    }

    void limitChange_namesBothValuesAndPercent()
    {
        QCOMPARE(text::limitChange(LimitKey::MemoryMax, std::uint64_t{300} << 20, std::uint64_t{200} << 20),
                 QStringLiteral("memory.max: 300 MiB → 200 MiB (\u221233 %)"));
        QCOMPARE(text::limitChange(LimitKey::MemoryMax, Unlimited{}, std::uint64_t{200} << 20),
                 QStringLiteral("memory.max: ∞ → 200 MiB"));
    }

    void limitInput_isReadBack_data()
    {
        QTest::addColumn<int>("key");
        QTest::addColumn<QString>("typed");
        QTest::newRow("bytes") << int(LimitKey::MemoryMax) << QStringLiteral("300M");
        QTest::newRow("odd bytes") << int(LimitKey::MemoryMax) << QStringLiteral("12345");
        QTest::newRow("max") << int(LimitKey::PidsMax) << QStringLiteral("max");
        QTest::newRow("cpu share") << int(LimitKey::CpuMax) << QStringLiteral("50%");
        QTest::newRow("cpu pair") << int(LimitKey::CpuMax) << QStringLiteral("12345/50000");
        QTest::newRow("io") << int(LimitKey::IoMax) << QStringLiteral("8:0 rbps=1048576 wiops=max");
    }
    void limitInput_isReadBack()
    {
        QFETCH(int, key);
        QFETCH(QString, typed);
        const auto limit = static_cast<LimitKey>(key);
        const auto value = parseLimitValue(limit, typed.toStdString());
        QVERIFY(value);
        QCOMPARE(text::limitInput(limit, *value), typed);
    }

    void error_namesObjectCauseAndRemedy()
    {
        const QString sentence =
            text::errorSentence(Error{std::error_code(ESTALE, std::generic_category()), "setLimits", "/a/b", "", ""});
        QVERIFY(sentence.startsWith(QStringLiteral("/a/b was removed and made again")));
        const QString unknown =
            text::errorSentence(Error{std::error_code(EXDEV, std::generic_category()), "write", "/a\n/b", "", ""});
        QVERIFY(unknown.contains(QStringLiteral("/a?/b"))); // control characters never reach the screen
        // Facts and advice may be sentences themselves.
        const QString whole = text::errorSentence(
            Error{std::error_code(ENOTSUP, std::generic_category()), "checkpoint", "pid 1", "It holds locks.", "Wait."});
        QVERIFY2(!whole.contains(QStringLiteral("..")), qPrintable(whole));
        QVERIFY2(whole.contains(QStringLiteral("Reason: It holds locks. Remedy: Wait.")), qPrintable(whole));
    }

    void warning_carriesItsNumbers()
    {
        v1::Warning warning;
        warning.set_code(v1::Warning::CODE_WILL_OOM_KILL);
        warning.set_have(120 << 20);
        warning.set_want(100 << 20);
        const QString sentence = text::warningSentence(warning, "memory.max");
        QVERIFY(sentence.contains(QStringLiteral("120 MiB")) && sentence.contains(QStringLiteral("100 MiB")));
        QVERIFY(text::isDangerous(warning));
    }

    void everyMetricAndLimit_hasALabel()
    {
        for (const MetricInfo &info : metricTable())
            QVERIFY2(text::metricLabel(info.metric) != text::absent(), info.name.data());
        for (const LimitInfo &info : limitTable())
            QVERIFY2(text::limitLabel(info.key) != text::absent(), info.name.data());
    }

    void german_isCompleteEnoughToSpeak()
    {
        QTranslator german;
        QVERIFY(german.load(QStringLiteral(":/i18n/gantry_de.qm")));
        QVERIFY(QCoreApplication::installTranslator(&german));
        v1::Event event;
        event.set_kind(v1::EVENT_KIND_OOM_KILL);
        event.set_delta(1);
        QCOMPARE(text::eventSentence(event), QStringLiteral("Der Kernel hat aus Speichermangel 1 Prozess getötet."));
        event.set_delta(3);
        QCOMPARE(text::eventSentence(event), QStringLiteral("Der Kernel hat aus Speichermangel 3 Prozesse getötet."));
        QCOMPARE(text::limitLabel(LimitKey::MemoryMax), QStringLiteral("Harte Speichergrenze"));
        QCoreApplication::removeTranslator(&german);
    }

    void event_oomKill_hasItsStory()
    {
        v1::Event event;
        event.set_kind(v1::EVENT_KIND_OOM_KILL);
        event.set_delta(1);
        QVERIFY(text::eventDetail(event).isEmpty());
        v1::OomKill &oom = *event.mutable_oom();
        oom.set_victim_comm("<b>web%2");
        oom.set_victim_pid(812);
        oom.set_victim_anon_rss_bytes(100U << 20);
        oom.set_victim_file_rss_bytes(20U << 20);
        QCOMPARE(text::eventSentence(event),
                 QStringLiteral("The kernel killed <b>web%2 (pid 812, 120 MiB resident) for lack of memory."));
        oom.set_limit_path("/");
        oom.set_constraint("none");
        QVERIFY(text::eventSentence(event).endsWith(QStringLiteral("resident): the host was out of memory.")));
        oom.set_limit_path("/parent");
        oom.set_constraint("memcg");
        QVERIFY(text::eventSentence(event).endsWith(QStringLiteral("/parent was at its memory limit.")));
        oom.set_limit_max_bytes(128U << 20);
        QVERIFY(text::eventSentence(event).endsWith(QStringLiteral("/parent was at its memory limit of 128 MiB.")));
        oom.set_last_change("memory.max set to 128 MiB by root via gantryctl");
        oom.add_kernel_log("<b>web invoked oom-killer: gfp_mask=0xcc0");
        event.set_delta(3);
        const QString detail = text::eventDetail(event);
        QVERIFY(detail.contains(QStringLiteral("<p>3 process")));
        QVERIFY(detail.contains(QStringLiteral("by root via gantryctl.")));
        QVERIFY(detail.contains(QStringLiteral("<code>&lt;b&gt;web invoked oom-killer: gfp_mask=0xcc0</code>")));
        QVERIFY(!detail.contains(QStringLiteral("<b>")));
    }

    void event_failureIsCritical()
    {
        v1::Event event;
        event.set_kind(v1::EVENT_KIND_LIMIT_CHANGED);
        event.set_key("memory.max");
        event.set_old_value("314572800");
        event.set_new_value("max");
        QCOMPARE(text::eventSentence(event), QStringLiteral("memory.max changed from 300 MiB to ∞."));
        event.mutable_failure()->set_posix_errno(EBUSY);
        QCOMPARE(text::eventSeverity(event), v1::SEVERITY_CRITICAL);
    }
};

QTEST_MAIN(TestWidgetsText)
#include "tst_widgets_text.moc"
