// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel's OOM reports: lines and their assembly. Reports under data/kmsg are recorded.
#include <QtTest>

#include "engine/alerts/oom_assembler.h"
#include "engine/base/fd.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "tests/support/oom_lines.h"

#include <algorithm>

using namespace gantry;
using namespace gantry::alerts;
using test::killedLine;
using test::victimLine;

namespace {

constexpr Micros kStart{1'000'000'000};

/// Records of a file of tests/data/kmsg.
std::vector<std::string> recorded(const std::string &name)
{
    std::vector<std::string> out;
    const std::string text = readFile(strCat(GANTRY_TEST_DATA "/kmsg/", name)).value();
    std::string_view rest = text;
    while (const auto line = takeLine(rest)) {
        if (line->starts_with(' ') && !out.empty())
            out.back() += strCat(*line, '\n'); // its dictionary
        else
            out.push_back(strCat(*line, '\n'));
    }
    return out;
}

KernelLine lineOf(std::string text, std::string caller = {}, bool continues = false)
{
    return {.sequence = 1, .caller = std::move(caller), .continues = continues, .text = std::move(text)};
}

/// What comes of these lines, one a millisecond, once everything is waited for.
std::vector<OomReport> reportsOf(const std::vector<KernelLine> &lines)
{
    OomAssembler assembler;
    std::vector<OomReport> out;
    Micros now = kStart;
    const auto collect = [&] {
        for (OomReport &report : assembler.ready(now))
            out.push_back(std::move(report));
    };
    for (const KernelLine &line : lines) {
        now += Micros(1000);
        assembler.take(line, now);
        collect();
    }
    now += OomAssembler::kPatience;
    collect();
    return out;
}

std::vector<OomReport> reportsOf(const std::vector<std::string> &records)
{
    std::vector<KernelLine> lines;
    for (const std::string &record : records) {
        if (auto line = parseKernelRecord(record))
            lines.push_back(std::move(*line));
    }
    return reportsOf(lines);
}

} // namespace

class TestOom : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void record_isTakenApart_data()
    {
        QTest::addColumn<QByteArray>("record");
        QTest::addColumn<bool>("taken");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("plain") << QByteArray("6,424,1926569409,-;oom-kill:x\n") << true << QByteArray("oom-kill:x");
        QTest::newRow("escapes") << QByteArray("4,1,2,-;a\\x5c\\xc3\\xa9\\x0a;b\n") << true
                                 << QByteArray("a\\\xc3\xa9\n;b");
        QTest::newRow("not an escape") << QByteArray("4,1,2,-;\\xZZ \\x1\n") << true << QByteArray("\\xZZ \\x1");
        QTest::newRow("dictionary") << QByteArray("6,1,2,-;x\n SUBSYSTEM=pci\n") << true << QByteArray("x");
        QTest::newRow("caller") << QByteArray("6,1,2,-,caller=T812;x\n") << true << QByteArray("x");
        QTest::newRow("empty text") << QByteArray("6,1,2,-;\n") << true << QByteArray();
        // Whoever may write to /dev/kmsg: facility 1 at least.
        QTest::newRow("written by a program") << QByteArray("14,1,2,-;oom-kill:x\n") << false << QByteArray();
        QTest::newRow("no priority") << QByteArray(",1,2,-;x\n") << false << QByteArray();
        QTest::newRow("negative") << QByteArray("-1,1,2,-;x\n") << false << QByteArray();
        QTest::newRow("cut") << QByteArray("6,1,2\n") << false << QByteArray();
        QTest::newRow("no flags") << QByteArray("6,1,2;x\n") << false << QByteArray();
        QTest::newRow("empty") << QByteArray() << false << QByteArray();
    }
    void record_isTakenApart()
    {
        QFETCH(const QByteArray, record);
        QFETCH(const bool, taken);
        QFETCH(const QByteArray, text);
        const auto line = parseKernelRecord({record.data(), static_cast<std::size_t>(record.size())});
        QCOMPARE(line.has_value(), taken);
        if (line)
            QCOMPARE(QByteArray::fromStdString(line->text), text);
    }

    void record_tellsItsCallerAndPieces()
    {
        const KernelLine line = parseKernelRecord("6,5,2,c,caller=T812;,task_memcg=/a\n").value();
        QCOMPARE(line.caller, std::string("T812"));
        QVERIFY(line.continues);
        QCOMPARE(line.sequence, std::uint64_t{5});
    }

    void victim_oddNames_data()
    {
        QTest::addColumn<QByteArray>("limit");
        QTest::addColumn<QByteArray>("task");
        QTest::addColumn<QByteArray>("comm");
        QTest::newRow("plain") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("web");
        QTest::newRow("itself") << QByteArray("/a") << QByteArray("/a") << QByteArray("web");
        QTest::newRow("commas") << QByteArray("/a,b=c") << QByteArray("/a,b=c/d,e") << QByteArray("x,y,z");
        QTest::newRow("name looks like a pid") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("x,pid=1,uid=0");
        QTest::newRow("name looks like a task") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("b,task=c");
        QTest::newRow("path looks like a task")
            << QByteArray("/a,task=x") << QByteArray("/a,task=x/c,task=y") << QByteArray("web");
        QTest::newRow("path looks like a cgroup")
            << QByteArray("/a,task_memcg=/b") << QByteArray("/a,task_memcg=/b/c") << QByteArray("web");
        QTest::newRow("brackets") << QByteArray("/a") << QByteArray("/a/b) (c") << QByteArray(") total-vm:");
        QTest::newRow("no name") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("");
        QTest::newRow("control") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("a\nb\x01\\");
    }
    void victim_oddNames()
    {
        QFETCH(const QByteArray, limit);
        QFETCH(const QByteArray, task);
        QFETCH(const QByteArray, comm);
        const auto reports =
            reportsOf({lineOf(victimLine(limit.toStdString(), task.toStdString(), comm.toStdString(), 812)),
                       lineOf(killedLine(comm.toStdString(), 812))});
        QCOMPARE(reports.size(), 1U);
        const OomRecord &record = reports.front().record;
        QCOMPARE(QByteArray::fromStdString(record.limitPath), limit);
        QCOMPARE(QByteArray::fromStdString(record.victimPath), task);
        QCOMPARE(QByteArray::fromStdString(record.victimComm), comm);
        QCOMPARE(record.victimPid, 812);
        QCOMPARE(record.victimUid, 1000U);
        QCOMPARE(record.anonRss, Bytes(19260 * 1024));
        QCOMPARE(record.shmemRss, Bytes(4096));
        QCOMPARE(record.oomScoreAdj, -5);
    }

    void line_malformed_isNone_data()
    {
        QTest::addColumn<QByteArray>("line");
        for (const char *line : {"",
                                 "oom-kill:",
                                 "oom-kill:constraint=CONSTRAINT_MEMCG",
                                 "oom-kill:constraint=X,pid=1,uid=",
                                 "oom-kill:constraint=X,pid=0,uid=0",
                                 "oom-kill:constraint=X,task=a,pid=-5,uid=0",
                                 "oom-kill:constraint=X,task=a,pid=99999999999,uid=0",
                                 "oom-kill:,pid=1,uid=0x",
                                 "Memory cgroup out of memory: Killed process",
                                 "Memory cgroup out of memory: Killed process 5 (a",
                                 "Memory cgroup out of memory: Killed process 5) total-vm:1kB",
                                 "Out of memory: Killed process x (a) total-vm:1kB",
                                 "Out of memory: OOM victim (a) is already exiting",
                                 "Out of memory",
                                 "CPU: 0 PID: Comm: x",
                                 "CPU: 0",
                                 "CPU: 0 PID: 5",
                                 "memory is usage",
                                 "Tasks in x are going to be killed due to memory.oom.group set",
                                 "a name that is far too long invoked oom-killer: gfp_mask=0"})
            QTest::newRow(line) << QByteArray(line);
    }
    void line_malformed_isNone()
    {
        QFETCH(const QByteArray, line);
        QVERIFY(!parseOomLine({line.data(), static_cast<std::size_t>(line.size())}));
    }

    void usage_limits()
    {
        QCOMPARE(parseOomLine("memory: usage 16384kB, limit 16384kB, failcnt 82")->limit,
                 std::optional(Bytes(16384 * 1024)));
        QVERIFY(!parseOomLine("memory: usage 16384kB, limit 9007199254740988kB, failcnt 0")->limit);
        QVERIFY(!parseOomLine("swap: usage 0kB, limit 0kB, failcnt 0")->limit);
        QVERIFY(!parseOomLine("memory: usage 1kB, limit 99999999999999999999999kB")->limit);
    }

    void host_outOfMemory()
    {
        const auto reports = reportsOf(
            {lineOf("web invoked oom-killer: gfp_mask=0x140cca(GFP), order=0, oom_score_adj=0"),
             lineOf("CPU: 0 PID: 4 Comm: web Not tainted"),
             lineOf("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=a,mems_allowed=0-1,global_oom,"
                    "task_memcg=/a,oom_memcg=/b,task=web,pid=5,uid=0"),
             lineOf("Out of memory: Killed process 5 (web) total-vm:1kB, anon-rss:2kB, file-rss:3kB, "
                    "shmem-rss:4kB, UID:0 pgtables:1kB oom_score_adj:0")});
        QCOMPARE(reports.size(), 1U);
        QCOMPARE(reports[0].record.limitPath, std::string("/"));
        QCOMPARE(reports[0].record.constraint, std::string("none"));
        QCOMPARE(reports[0].record.victimPath, std::string("/a,oom_memcg=/b"));
        QCOMPARE(reports[0].record.triggerPid, 4);
        QVERIFY(!reports[0].record.limitMax);
    }

    void recorded_parentsLimit_data()
    {
        QTest::addColumn<QByteArray>("file");
        QTest::addColumn<QByteArray>("limit");
        QTest::addColumn<int>("pid");
        QTest::addColumn<quint64>("anon");
        QTest::newRow("6.18, v1") << QByteArray("v1-6.18-parent.kmsg") << QByteArray("/gantry-oomtest-rec") << 24084
                                  << quint64{23140};
        QTest::newRow("6.12, v2") << QByteArray("v2-6.12-parent.kmsg") << QByteArray("/gantry-oomrec") << 447
                                  << quint64{19260};
    }
    void recorded_parentsLimit()
    {
        QFETCH(const QByteArray, file);
        QFETCH(const QByteArray, limit);
        QFETCH(const int, pid);
        QFETCH(const quint64, anon);
        const auto reports = reportsOf(recorded(file.toStdString()));
        QCOMPARE(reports.size(), 1U);
        QCOMPARE(reports[0].kills, 1U);
        const OomRecord &record = reports[0].record;
        QCOMPARE(QByteArray::fromStdString(record.limitPath), limit);
        QCOMPARE(QByteArray::fromStdString(record.victimPath), limit + "/a,b)c");
        QCOMPARE(record.victimPid, pid);
        QCOMPARE(record.victimComm, std::string("a,b) \xc3\xa9\\\x01x"));
        QCOMPARE(record.triggerPid, pid);
        QCOMPARE(record.triggerComm, record.victimComm);
        QCOMPARE(record.victimUid, 0U);
        QCOMPARE(record.anonRss, Bytes(anon * 1024));
        QCOMPARE(record.limitMax, std::optional(Bytes(16U << 20)));
        QCOMPARE(record.constraint, std::string("memcg"));
        QVERIFY(!record.group);
        QVERIFY(record.kernelLog.size() >= 6 && record.kernelLog.size() <= OomAssembler::kMostLog);
        QVERIFY(record.kernelLog.front().ends_with("invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, "
                                                   "oom_score_adj=0"));
        QVERIFY(record.kernelLog.back().starts_with("Memory cgroup out of memory: Killed process"));
        QVERIFY(std::ranges::all_of(record.kernelLog, isUtf8));
    }

    void recorded_group_isOneKillOfThree()
    {
        const auto reports = reportsOf(recorded("v2-6.12-group.kmsg"));
        QCOMPARE(reports.size(), 1U);
        QVERIFY(reports[0].record.group);
        QCOMPARE(reports[0].record.victimPid, 450);
        QCOMPARE(reports[0].record.victimComm, std::string("greedy"));
        QCOMPARE(reports[0].kills, 3U);
        QCOMPARE(reports[0].counted, 4U); // memory.events said so, too
    }

    void recorded_burst_hasKillsWithoutAPlace()
    {
        const auto reports = reportsOf(recorded("v1-6.18-burst.kmsg"));
        QCOMPARE(reports.size(), 5U);
        QCOMPARE(reports[0].record.victimPath, std::string("/gantry-oomtest-burst"));
        for (std::size_t i = 1; i < reports.size(); ++i) {
            QCOMPARE(reports[i].record.victimComm, strCat("burst", 9 + i));
            QCOMPARE(reports[i].record.victimPid, static_cast<std::int32_t>(26820 + i));
            QVERIFY(reports[i].record.victimPath.empty() && reports[i].record.limitPath.empty());
            QVERIFY(reports[i].record.anonRss.v > 0);
        }
    }

    /// A report that ends anywhere is told with what is known by then, or not at all where nobody was chosen yet.
    void recorded_cutAnywhere()
    {
        for (const char *file : {"v1-6.18-parent.kmsg", "v2-6.12-group.kmsg"}) {
            const auto records = recorded(file);
            for (std::size_t cut = 0; cut <= records.size(); ++cut) {
                std::vector<std::string> some(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(cut));
                const bool chosen = std::ranges::any_of(
                    some, [](const std::string &record) { return record.find(";oom-kill:") != std::string::npos; });
                const auto reports = reportsOf(some);
                QCOMPARE(reports.size(), chosen ? 1U : 0U);
                if (chosen)
                    QVERIFY(reports[0].record.victimPid > 0 && !reports[0].record.limitPath.empty());
                // And each line itself, cut in its middle.
                if (cut > 0)
                    some.back().resize(some.back().size() / 2);
                QVERIFY(reportsOf(some).size() <= 1);
            }
        }
    }

    void reports_ofTwoCallers_areToldApart()
    {
        const auto invoked = [](const std::string &comm) {
            return strCat(comm, " invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0");
        };
        const auto reports = reportsOf(
            {lineOf(invoked("a"), "T1"), lineOf(invoked("b"), "T2"), lineOf("CPU: 1 UID: 0 PID: 2 Comm: b x", "T2"),
             lineOf("CPU: 0 UID: 0 PID: 1 Comm: a x", "T1"), lineOf("memory: usage 8kB, limit 8kB, failcnt 1", "T1"),
             lineOf("memory: usage 16kB, limit 16kB, failcnt 1", "T2"), lineOf(victimLine("/a", "/a", "va", 11), "T1"),
             lineOf("eth0: link is up", "T7"), lineOf(victimLine("/b", "/b", "vb", 12), "T2"),
             lineOf(killedLine("vb", 12), "T2"), lineOf(killedLine("va", 11), "T1")});
        QCOMPARE(reports.size(), 2U);
        for (const OomReport &report : reports) {
            const bool isA = report.record.limitPath == "/a";
            QCOMPARE(report.record.victimComm, std::string(isA ? "va" : "vb"));
            QCOMPARE(report.record.triggerPid, isA ? 1 : 2);
            QCOMPARE(report.record.limitMax, std::optional(Bytes(isA ? 8192 : 16384)));
            QCOMPARE(report.kills, 1U);
            QCOMPARE(report.record.kernelLog.size(), 5U);
        }
    }

    void reports_withoutCallers_areToldApartByPid()
    {
        const auto reports =
            reportsOf({lineOf(victimLine("/a", "/a", "va", 11)), lineOf(victimLine("/b", "/b", "vb", 12)),
                       lineOf(killedLine("va", 11)), lineOf(killedLine("vb", 12))});
        QCOMPARE(reports.size(), 2U);
        for (const OomReport &report : reports)
            QCOMPARE(report.record.victimComm, std::string(report.record.limitPath == "/a" ? "va" : "vb"));
    }

    void victim_inPieces()
    {
        const auto reports = reportsOf(
            {lineOf("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0"), lineOf("eth0: up"),
             lineOf(",oom_memcg=", {}, true), lineOf("/a", {}, true), lineOf("eth0: down", {}, true),
             lineOf(",task_memcg=/a/b,task=web,pid=812,uid=1000", {}, true), lineOf(killedLine("web", 812))});
        QCOMPARE(reports.size(), 1U);
        QCOMPARE(reports[0].record.limitPath, std::string("/a"));
        QCOMPARE(reports[0].record.victimPath, std::string("/a/b"));
    }

    void spared_isNoKill()
    {
        QVERIFY(reportsOf({lineOf("web invoked oom-killer: gfp_mask=0, order=0, oom_score_adj=0"),
                           lineOf("Out of memory and no killable processes...")})
                    .empty());
        QVERIFY(reportsOf({lineOf(victimLine("/a", "/a/b", "web", 812)),
                           lineOf("Memory cgroup out of memory: OOM victim 812 (web) is already exiting. Skip killing "
                                  "the task")})
                    .empty());
    }

    void assembler_isBounded()
    {
        OomAssembler assembler;
        for (int i = 0; i < 1000; ++i) {
            assembler.take(lineOf("web invoked oom-killer: gfp_mask=0, order=0, oom_score_adj=0"), kStart);
            assembler.take(lineOf(victimLine("/a", "/a", "web", i + 1)), kStart);
            for (int j = 0; j < 30; ++j)
                assembler.take(lineOf(strCat("swap: usage 0kB", std::string(2000, 'x'))), kStart);
        }
        QCOMPARE(assembler.ready(kStart).size(), 1000 - OomAssembler::kMostOpen);
        const auto left = assembler.ready(kStart + OomAssembler::kPatience);
        QCOMPARE(left.size(), OomAssembler::kMostOpen);
        for (const std::string &line : left.back().record.kernelLog)
            QVERIFY(line.size() <= OomAssembler::kMostLogBytes);
        QVERIFY(!assembler.isOpen() && !assembler.due());
    }
};

QTEST_GUILESS_MAIN(TestOom)
#include "tst_oom.moc"
