// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl's command line, tables and JSON, without an engine.
#include <QtTest>

#include "app/cli/args.h"
#include "app/cli/event_text.h"
#include "app/cli/table.h"
#include "app/cli/to_json.h"
#include "app/cli/verbs.h"
#include "engine/base/metric.h"
#include "engine/proto/convert.h"

#include <array>
#include <csignal>

using namespace gantry;
using namespace gantry::cli;

namespace {

std::expected<Arguments, Stop> parse(const QStringList &words)
{
    QList<QByteArray> bytes;
    for (const QString &word : words)
        bytes.append(word.toUtf8());
    std::vector<const char *> pointers;
    for (const QByteArray &word : bytes)
        pointers.push_back(word.constData());
    return parseArguments(pointers, verbs());
}

QByteArray text(const std::string &value)
{
    return QByteArray::fromStdString(value);
}

} // namespace

class TestCliParts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void wayOfAMigration_isChecked()
    {
        const auto plain = parse({"migrate", "web", "root@b"});
        QVERIFY(plain);
        QCOMPARE(text(plain->transport), QByteArray("auto"));
        QCOMPARE(plain->limitRate, std::uint64_t{0});
        const auto all =
            parse({"migrate", "web", "root@b", "--transport=direct", "--address", "10.0.0.2", "--limit-rate", "10M"});
        QVERIFY(all);
        QCOMPARE(text(all->transport), QByteArray("direct"));
        QCOMPARE(text(all->address), QByteArray("10.0.0.2"));
        QCOMPARE(all->limitRate, std::uint64_t{10} << 20);
        for (const QStringList &wrong :
             {QStringList{"--transport", "pigeon"}, QStringList{"--limit-rate", "0"},
              QStringList{"--limit-rate", "fast"}, QStringList{"--transport", "relay", "--address", "10.0.0.2"}}) {
            const auto refused = parse(QStringList{"migrate", "web", "root@b"} + wrong);
            QVERIFY(!refused);
            QCOMPARE(refused.error().exitStatus, 2);
        }
        QVERIFY(!parse({"migrations", "root@b", "--transport", "relay"}));
    }
    void oomKill_isALineAndCompleteInJson()
    {
        v1::Event event;
        event.set_kind(v1::EVENT_KIND_OOM_KILL);
        event.set_cgroup_path("/parent/web");
        event.set_delta(1);
        QVERIFY(toJson(event)["oom"].is_null());
        v1::OomKill &oom = *event.mutable_oom();
        oom.set_victim_comm("web");
        oom.set_victim_pid(812);
        oom.set_victim_anon_rss_bytes(100U << 20);
        oom.set_victim_file_rss_bytes(20U << 20);
        const auto line = [&event] { return text(eventText(toJson(event))); };
        QVERIFY(line().endsWith("  killed by OOM: web (pid 812) of /parent/web, 120MiB resident; "
                                "the kernel did not say whose limit it was\n"));
        oom.set_limit_path("/parent");
        oom.set_constraint("memcg");
        oom.set_limit_max_bytes(128U << 20);
        oom.set_last_change("memory.max set from max to 128 MiB by root via gantryctl at 2026-01-02 03:04:05 UTC");
        oom.add_kernel_log("line");
        QVERIFY(
            line().endsWith("120MiB resident; limit 128MiB of /parent (memory.max set from max to 128 MiB by root via "
                            "gantryctl at 2026-01-02 03:04:05 UTC)\n"));
        event.set_delta(3);
        QVERIFY(line().endsWith("UTC); 2 more of its cgroup were killed with it\n"));
        oom.set_constraint("none");
        QVERIFY(line().contains("; the host was out of memory"));
        // Every field of the message has a key of its name.
        const Json json = toJson(event)["oom"];
        const auto *fields = v1::OomKill::descriptor();
        QCOMPARE(static_cast<int>(json.size()), fields->field_count());
        for (int i = 0; i < fields->field_count(); ++i)
            QVERIFY2(json.contains(fields->field(i)->name()), fields->field(i)->name().c_str());
        QVERIFY(json["limit_usage_bytes"].is_null() && json["last_change_sequence"].is_null());
        QCOMPARE(json["kernel_log"].size(), std::size_t{1});
    }

    void arguments_right_areUnderstood()
    {
        const auto set = parse({"--json", "set", "/a", "memory.max=1G", "--dry-run"});
        QVERIFY(set.has_value());
        QVERIFY(set->json && set->dryRun);
        QCOMPARE(set->verb->name, std::string_view("set"));
        QCOMPARE(set->operands.size(), std::size_t{2});
        const auto top = parse({"top", "--count=3", "--interval", "0.5"});
        QVERIFY(top.has_value());
        QCOMPARE(top->count, std::optional<std::uint32_t>(3));
        QCOMPARE(top->interval, std::chrono::milliseconds(500));
        const auto fork = parse({"restore", "x", "--on", "root@h", "--as", "y", "--copies", "2", "--skip", "cpu"});
        QVERIFY(fork.has_value());
        QCOMPARE(fork->onHost, std::string("root@h"));
        QCOMPARE(fork->skip, std::string("cpu"));
        QVERIFY(parse({"migrate", "x", "h", "--skip", "cpu", "--check-only", "--rounds", "1"}).has_value());
        const auto dashes = parse({"show", "--", "--name"});
        QVERIFY(dashes.has_value());
        QCOMPARE(dashes->operands.front(), std::string("--name"));
        QVERIFY(parse({"--help"}).has_value());
        QVERIFY(parse({"set", "--help"})->verb != nullptr);
    }

    void arguments_wrong_areUsageErrors_data()
    {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArray>("names");
        QTest::newRow("nothing") << QStringList{} << QByteArray("verb");
        QTest::newRow("unknown verb") << QStringList{"frob"} << QByteArray("frob");
        QTest::newRow("unknown option") << QStringList{"tree", "--frob"} << QByteArray("--frob");
        QTest::newRow("option of another verb") << QStringList{"tree", "--dry-run"} << QByteArray("tree");
        QTest::newRow("too few") << QStringList{"set", "/a"} << QByteArray("KEY=VALUE");
        QTest::newRow("too many") << QStringList{"show", "/a", "/b"} << QByteArray("/b");
        QTest::newRow("no value") << QStringList{"top", "--count"} << QByteArray("--count");
        QTest::newRow("value for a flag") << QStringList{"tree", "--json=1"} << QByteArray("--json");
        QTest::newRow("count 0") << QStringList{"top", "--count", "0"} << QByteArray("--count");
        QTest::newRow("count no number") << QStringList{"top", "--count", "3x"} << QByteArray("3x");
        QTest::newRow("interval too short") << QStringList{"top", "--interval", "0.01"} << QByteArray("--interval");
        QTest::newRow("a copy without files")
            << QStringList{"restore", "x", "--as", "y", "--without-files"} << QByteArray("--without-files excludes");
        QTest::newRow("copies without files")
            << QStringList{"restore", "x", "--without-files", "--copies", "2"} << QByteArray("--without-files excludes");
        QTest::newRow("elsewhere, not as a new one")
            << QStringList{"restore", "x", "--on", "h"} << QByteArray("--as NAME");
        QTest::newRow("elsewhere, no host")
            << QStringList{"restore", "x", "--as", "y", "--on", "-h"} << QByteArray("--on");
        QTest::newRow("elsewhere, from two")
            << QStringList{"--host", "a", "--host", "b", "restore", "x", "--as", "y", "--on", "c"}
            << QByteArray("takes one --host");
        QTest::newRow("skip of nothing") << QStringList{"restore", "x", "--as", "y", "--skip", "cpu"}
                                         << QByteArray("go with --on");
        QTest::newRow("interval nan") << QStringList{"top", "--interval", "nan"} << QByteArray("nan");
    }
    void arguments_wrong_areUsageErrors()
    {
        QFETCH(QStringList, words);
        QFETCH(QByteArray, names);
        const auto parsed = parse(words);
        QVERIFY(!parsed.has_value());
        QCOMPARE(parsed.error().exitStatus, 2);
        QVERIFY2(text(parsed.error().text).contains(names), parsed.error().text.c_str());
    }

    void help_everyVerb_isListed()
    {
        const std::string all = usageText(verbs(), nullptr);
        QVERIFY(all.find("GANTRY_STATE") != std::string::npos);
        for (const Verb &verb : verbs()) {
            QVERIFY(all.find("  " + std::string(verb.name)) != std::string::npos);
            QVERIFY(usageText(verbs(), &verb).find(std::string(verb.summary)) != std::string::npos);
        }
    }

    void target_kinds_areTold()
    {
        QCOMPARE(parseTarget("/a/b")->kind, TargetText::Kind::CgroupPath);
        QCOMPARE(parseTarget("pid:12")->pid, 12);
        QCOMPARE(parseTarget("web")->kind, TargetText::Kind::Container);
        for (const char *bad : {"", "pid:", "pid:0", "pid:-1", "pid:x", "pid:99999999"})
            QVERIFY2(!parseTarget(bad).has_value(), bad);
    }

    void signal_namesAndNumbers_data()
    {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<int>("number");
        QTest::newRow("number") << QByteArray("9") << 9;
        QTest::newRow("name") << QByteArray("TERM") << 15;
        QTest::newRow("SIG name") << QByteArray("SIGHUP") << 1;
        QTest::newRow("lower case") << QByteArray("sigusr1") << 10;
        QTest::newRow("real time") << QByteArray("RTMIN+3") << SIGRTMIN + 3;
        QTest::newRow("real time down") << QByteArray("RTMAX-1") << SIGRTMAX - 1;
        for (const char *bad : {"", "0", "65", "-9", "FROB", "RTMIN-1", "RTMIN+99", "SIG"})
            QTest::addRow("not %s", bad) << QByteArray(bad) << -1;
    }
    void signal_namesAndNumbers()
    {
        QFETCH(QByteArray, input);
        QFETCH(int, number);
        QCOMPARE(parseSignal(input.toStdString()).value_or(-1), number);
    }

    void cell_kinds_stayApart()
    {
        QCOMPARE(text(cellText(nullptr, Format::Size)), QByteArray("-"));
        QCOMPARE(text(cellText("absent", Format::State)), QByteArray("-"));
        QCOMPARE(text(cellText("frozen", Format::State)), QByteArray("frozen"));
        QCOMPARE(text(cellText(0, Format::Size)), QByteArray("0B"));
        QCOMPARE(text(cellText("max", Format::Size)), QByteArray("max"));
        QCOMPARE(text(cellText(Json{{"error", {{"errno", EACCES}}}}, Format::Size)), QByteArray("!EACCES"));
        QCOMPARE(text(cellText(1536, Format::Size)), QByteArray("1.5KiB"));
        QCOMPARE(text(cellText("a\x1b[31m\nb", Format::Text)), QByteArray("a?[31m?b"));
    }

    void table_columns_areAligned()
    {
        const Json rows{{{"n", "a"}, {"v", 5}}, {{"n", "\u00e4\u00f6"}, {"v", 1234}}};
        static constexpr std::array kColumns{Column{"N", "/n"}, Column{"V", "/v", Format::Number}};
        QCOMPARE(text(renderTable(rows, kColumns)), QByteArray("N      V\na      5\n\u00e4\u00f6  1234\n"));
    }

    void metrics_states_areThreeThings()
    {
        v1::Frame frame;
        for (const std::uint64_t id : {1U, 2U, 3U, 4U})
            frame.add_node_ids(id);
        v1::Frame::Column &column = *frame.add_columns();
        column.set_metric(static_cast<std::uint32_t>(Metric::MemoryMax));
        column.set_states(std::string{v1::CELL_STATE_VALUE, v1::CELL_STATE_ABSENT, v1::CELL_STATE_UNREADABLE,
                                      v1::CELL_STATE_UNLIMITED});
        for (int i = 0; i < 4; ++i)
            column.add_integers(0);
        QCOMPARE(metricsOfRow(frame, 0)["memory.max"], Json(0));
        QVERIFY(metricsOfRow(frame, 1)["memory.max"].is_null());
        QVERIFY(metricsOfRow(frame, 2)["memory.max"].contains("error"));
        QCOMPARE(metricsOfRow(frame, 3)["memory.max"], Json("max"));
        // A frame of the wrong shape is not read past its end.
        QVERIFY(metricsOfRow(frame, 9).empty());
    }

    void limits_asJsonAndForPeople()
    {
        const v1::LimitValue bytes = toMessage(LimitValue(std::uint64_t{300} << 20));
        QCOMPARE(toJson(bytes), Json(314'572'800));
        QCOMPARE(text(limitText("memory.max", bytes)), QByteArray("300MiB"));
        const v1::LimitValue cpu = toMessage(*parseLimitValue(LimitKey::CpuMax, "50000/100000"));
        QCOMPARE(toJson(cpu), (Json{{"quota", 50'000}, {"period", 100'000}}));
        QCOMPARE(text(limitText("cpu.max", cpu)), QByteArray("50000 100000"));
        const v1::LimitValue io = toMessage(*parseLimitValue(LimitKey::IoMax, "8:0 rbps=1M wiops=max"));
        QCOMPARE(toJson(io)[0]["rbps"], Json(1 << 20));
        QCOMPARE(toJson(io)[0]["wiops"], Json("max"));
        QVERIFY(toJson(io)[0]["wbps"].is_null());
        QVERIFY(toJson(v1::LimitValue()).is_null());
    }
};

QTEST_GUILESS_MAIN(TestCliParts)
#include "tst_cli_parts.moc"
