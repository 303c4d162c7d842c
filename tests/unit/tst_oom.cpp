// SPDX-License-Identifier: GPL-3.0-or-later
// The kernel's OOM reports: lines, their assembly, and the events made of them. Reports under data/kmsg are recorded.
#include <QtTest>

#include "engine/alerts/kernel_log.h"
#include "engine/alerts/limit_changes.h"
#include "engine/alerts/oom_assembler.h"
#include "engine/alerts/oom_ledger.h"
#include "engine/alerts/oom_stories.h"
#include "engine/base/parse.h"
#include "engine/base/strings.h"
#include "engine/sampler/frame.h"

#include <latch>
#include <map>
#include <numeric>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::alerts;

namespace {

using Kind = OomLine::Kind;

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

std::string victimLine(const std::string &limit, const std::string &task, const std::string &comm, int pid)
{
    return strCat("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=", limit,
                  ",task_memcg=", task, ",task=", comm, ",pid=", pid, ",uid=1000");
}

std::string killedLine(const std::string &comm, int pid)
{
    return strCat("Memory cgroup out of memory: Killed process ", pid, " (", comm,
                  ") total-vm:80260kB, anon-rss:19260kB, file-rss:3728kB, shmem-rss:4kB, UID:1000 pgtables:96kB "
                  "oom_score_adj:-5");
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

Event limitEvent(const std::string &path, const std::string &key, const std::string &value)
{
    return {.realtimeMicros = 1'767'323'045'000'000,
            .kind = EventKind::LimitChanged,
            .node = NodeId::cgroup(1, 7),
            .path = path,
            .key = key,
            .oldValue = "max",
            .newValue = value,
            .actor = "root via gantryctl"};
}

/// Stories on a loop of their own, from a log the test writes.
class Telling
{
public:
    explicit Telling(bool hierarchical = true)
    {
        std::array<int, 2> ends{};
        if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
            qFatal("socketpair");
        m_out = UniqueFd(ends[0]);
        call([&] {
            m_stories = std::make_unique<OomStories>(*m_loop, m_events, hierarchical,
                                                     [this](NodeId node) { m_counted.push_back(node); });
            m_stories->watch(UniqueFd(ends[1]));
        });
    }
    Telling(const Telling &) = delete;
    Telling &operator=(const Telling &) = delete;
    Telling(Telling &&) = delete;
    Telling &operator=(Telling &&) = delete;
    ~Telling()
    {
        call([this] { m_stories.reset(); });
        m_loop->stop();
    }

    void call(const std::function<void()> &task)
    {
        std::latch done(1);
        m_loop->post([&] {
            task();
            done.count_down();
        });
        done.wait();
    }
    void log(const std::string &text, int priority = 6)
    {
        const std::string record = strCat(priority, ',', ++m_sequence, ",1,-;", text, '\n');
        while (::write(m_out.get(), record.data(), record.size()) < 0)
            std::this_thread::yield(); // its buffer is full: the reader is at it
    }
    void hangUp() { m_out.reset(); }
    void grew(const std::string &path, std::uint64_t by)
    {
        call([&] { m_stories->grew({NodeId::cgroup(1, 5), path, by, by, Moment::now()}); });
    }
    std::vector<Event> kills() const
    {
        std::vector<Event> out;
        for (Event &event : m_events.since(0).events) {
            if (event.kind == EventKind::OomKill)
                out.push_back(std::move(event));
        }
        return out;
    }
    [[nodiscard]] std::uint64_t killed() const
    {
        const auto events = kills();
        return std::accumulate(events.begin(), events.end(), std::uint64_t{0},
                               [](std::uint64_t sum, const Event &event) { return sum + event.delta; });
    }
    OomStories &stories() { return *m_stories; }
    EventLog &events() { return m_events; }
    std::vector<NodeId> counted()
    {
        std::vector<NodeId> out;
        call([&] { out = m_counted; });
        return out;
    }

private:
    std::unique_ptr<EventLoop> m_loop = EventLoop::create().value();
    EventLog m_events;
    std::vector<NodeId> m_counted;         ///< on the loop
    std::unique_ptr<OomStories> m_stories; ///< on the loop
    UniqueFd m_out;
    int m_sequence = 0;
    std::jthread m_thread{[this] { m_loop->run(); }}; ///< last: joins first
};

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
        QTest::newRow("path looks like a task") << QByteArray("/a,task=x") << QByteArray("/a,task=x/c,task=y")
                                                << QByteArray("web");
        QTest::newRow("path looks like a cgroup") << QByteArray("/a,task_memcg=/b") << QByteArray("/a,task_memcg=/b/c")
                                                  << QByteArray("web");
        QTest::newRow("brackets") << QByteArray("/a") << QByteArray("/a/b) (c") << QByteArray(") total-vm:");
        QTest::newRow("no name") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("");
        QTest::newRow("control") << QByteArray("/a") << QByteArray("/a/b") << QByteArray("a\nb\x01\\");
    }
    void victim_oddNames()
    {
        QFETCH(const QByteArray, limit);
        QFETCH(const QByteArray, task);
        QFETCH(const QByteArray, comm);
        const auto reports = reportsOf({lineOf(victimLine(limit.toStdString(), task.toStdString(), comm.toStdString(), 812)),
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
        for (const char *line :
             {"", "oom-kill:", "oom-kill:constraint=CONSTRAINT_MEMCG", "oom-kill:constraint=X,pid=1,uid=",
              "oom-kill:constraint=X,pid=0,uid=0", "oom-kill:constraint=X,task=a,pid=-5,uid=0",
              "oom-kill:constraint=X,task=a,pid=99999999999,uid=0", "oom-kill:,pid=1,uid=0x",
              "Memory cgroup out of memory: Killed process", "Memory cgroup out of memory: Killed process 5 (a",
              "Memory cgroup out of memory: Killed process 5) total-vm:1kB", "Out of memory: Killed process x (a) total-vm:1kB",
              "Out of memory: OOM victim (a) is already exiting", "Out of memory", "CPU: 0 PID: Comm: x", "CPU: 0",
              "CPU: 0 PID: 5", "memory is usage", "Tasks in x are going to be killed due to memory.oom.group set",
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
        QCOMPARE(parseOomLine("memory: usage 16384kB, limit 16384kB, failcnt 82")->limit, std::optional(Bytes(16384 * 1024)));
        QVERIFY(!parseOomLine("memory: usage 16384kB, limit 9007199254740988kB, failcnt 0")->limit);
        QVERIFY(!parseOomLine("swap: usage 0kB, limit 0kB, failcnt 0")->limit);
        QVERIFY(!parseOomLine("memory: usage 1kB, limit 99999999999999999999999kB")->limit);
    }

    void host_outOfMemory()
    {
        const auto reports =
            reportsOf({lineOf("web invoked oom-killer: gfp_mask=0x140cca(GFP), order=0, oom_score_adj=0"),
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
        const auto reports = reportsOf({lineOf(victimLine("/a", "/a", "va", 11)), lineOf(victimLine("/b", "/b", "vb", 12)),
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

    void ledger_tellsEachKillOnce()
    {
        const auto growth = [](const std::string &path, std::uint64_t by) {
            return OomLedger::Growth{NodeId::cgroup(1, 5), path, by, by, {}};
        };
        const Micros later = kStart + OomLedger::kPatience;
        OomLedger v2(true);
        v2.told("/a/b", 1, kStart);
        for (const char *path : {"/a", "/a/b"})
            v2.grew(growth(path, 1), kStart);
        QVERIFY(!v2.next());
        // Counted first, told then.
        for (const char *path : {"/a", "/a/b"})
            v2.grew(growth(path, 2), kStart);
        QCOMPARE(v2.onlyOwing(), std::optional(std::string("/a/b")));
        v2.told("/a/b", 2, kStart);
        QVERIFY(!v2.next());
        // Never told: once, where it was.
        for (const auto &[path, by] : std::map<std::string, std::uint64_t>{{"/a", 3}, {"/a/b", 2}, {"/a/b/c", 2}, {"/a/d", 1}})
            v2.grew(growth(path, by), kStart);
        QVERIFY(v2.due(kStart).empty());
        QVERIFY(!v2.onlyOwing());
        const auto due = v2.due(later);
        QCOMPARE(due.size(), 2U);
        QCOMPARE(due[0].path, std::string("/a/b/c"));
        QCOMPARE(due[0].by, std::uint64_t{2});
        QCOMPARE(due[1].path, std::string("/a/d"));

        OomLedger v1(false);
        v1.told("/a/b", 1, kStart);
        v1.grew(growth("/a", 1), kStart);
        QCOMPARE(v1.due(later).size(), 1U);
        // Nobody knew where: the next that grew.
        v1.told({}, 1, kStart);
        v1.grew(growth("/x", 1), kStart);
        QVERIFY(!v1.next());
        // What nobody counted is not held against a kill of later.
        v1.told("/old", 1, kStart);
        v1.grew(growth("/old", 1), kStart + OomLedger::kCountedWithin + Micros(1));
        QVERIFY(v1.next());
    }

    void limitChange_lastOneIsKept()
    {
        EventLog log(4);
        LimitChanges changes;
        log.append(limitEvent("/a", "memory.max", "134217728"));
        changes.follow(log);
        for (int i = 0; i < 10; ++i) // the log forgets, and others change other things
            log.append(limitEvent("/a", "pids.max", "5"));
        Event failed = limitEvent("/a", "memory.max", "1");
        failed.failure = Error{};
        log.append(failed);
        changes.follow(log);
        const LimitChanges::Change *change = changes.lastOf("/a", NodeId::cgroup(1, 7));
        QVERIFY(change != nullptr);
        QCOMPARE(change->sequence, std::uint64_t{1});
        QCOMPARE(change->text, std::string("memory.max set from max to 128 MiB by root via gantryctl at "
                                           "2026-01-02 03:04:05 UTC"));
        QVERIFY(changes.lastOf("/a", NodeId{}) != nullptr);
        QVERIFY(changes.lastOf("/a", NodeId::cgroup(1, 8)) == nullptr); // another cgroup of that path
        QVERIFY(changes.lastOf("/a/b", NodeId{}) == nullptr);
        log.append(limitEvent("/a", "memory.high", "1500"));
        changes.follow(log);
        QVERIFY(changes.lastOf("/a", NodeId{})->text.starts_with("memory.high set from max to 1500 B by"));
        for (std::size_t i = 0; i < LimitChanges::kMost; ++i) {
            log.append(limitEvent(strCat("/n", i), "memory.max", "max"));
            changes.follow(log);
        }
        QVERIFY(changes.lastOf("/a", NodeId{}) == nullptr);
    }

    void story_hasSampleAndChange_thoughTheCgroupIsGone()
    {
        Telling telling;
        const NodeId parent = NodeId::cgroup(1, 7);
        const NodeId child = NodeId::cgroup(1, 8);
        auto frame = std::make_shared<sampler::Frame>();
        frame->monotonic = Moment::now().monotonic;
        frame->nodes = {parent, child};
        const std::vector states(2, CellState::Value);
        frame->columns = {{Metric::MemoryCurrent, states, {100, 90}, {}}, {Metric::MemoryMax, states, {200, 90}, {}}};
        telling.events().append(limitEvent("/a", "memory.max", "16777216"));
        telling.call([&] {
            telling.stories().onCgroupAdded(parent, "/a");
            telling.stories().onCgroupAdded(child, "/a/b");
            telling.stories().onFrame(frame);
            telling.stories().onCgroupRemoved(child, "/a/b");
        });
        for (const char *text : {"web invoked oom-killer: gfp_mask=0, order=0, oom_score_adj=0",
                                 "memory: usage 16384kB, limit 16384kB, failcnt 82"})
            telling.log(text);
        telling.log(victimLine("/a", "/a/b", "web", 812));
        telling.log(killedLine("web", 812));
        telling.log(victimLine("/a", "/a/b", "forged", 813), 14);
        QTRY_COMPARE(telling.kills().size(), 1U);
        const Event event = telling.kills().front();
        QCOMPARE(event.node, child);
        QCOMPARE(event.path, std::string("/a/b"));
        QCOMPARE(event.delta, std::uint64_t{1});
        QVERIFY(event.oom != nullptr);
        QCOMPARE(event.oom->limitUsage, std::optional(Bytes(100)));
        QCOMPARE(event.oom->victimUsage, std::optional(Bytes(90)));
        QCOMPARE(event.oom->limitMax, std::optional(Bytes(16U << 20)));
        QCOMPARE(event.oom->sampledMonotonicMicros, std::uint64_t{frame->monotonic.count()});
        QCOMPARE(event.oom->lastChangeSequence, std::uint64_t{1});
        QVERIFY(event.oom->lastChange.ends_with("by root via gantryctl at 2026-01-02 03:04:05 UTC"));
        QVERIFY(telling.counted().empty()); // it is gone
    }

    void counters_addNothingToAStory()
    {
        Telling telling;
        telling.call([&] { telling.stories().onCgroupAdded(NodeId::cgroup(1, 8), "/a/b"); });
        telling.grew("/a", 1);
        telling.log(victimLine("/a", "/a/b", "web", 812));
        telling.log(killedLine("web", 812));
        QTRY_COMPARE(telling.kills().size(), 1U);
        QCOMPARE(telling.counted(), std::vector{NodeId::cgroup(1, 8)});
        telling.grew("/a/b", 1);
        // A second one, of which the log did not tell.
        telling.grew("/a", 1);
        telling.grew("/a/b", 1);
        QTRY_COMPARE(telling.kills().size(), 2U);
        QCOMPARE(telling.kills().back().path, std::string("/a/b"));
        QVERIFY(telling.kills().back().oom == nullptr);
    }

    void killWithoutAPlace_isWhereTheCounterGrew()
    {
        Telling telling;
        telling.log(killedLine("web", 812));
        telling.grew("/a", 1);
        telling.grew("/a/b", 1);
        QTRY_COMPARE(telling.kills().size(), 1U);
        QCOMPARE(telling.kills().front().path, std::string("/a/b"));
        QCOMPARE(telling.kills().front().oom->victimPid, 812);
        QVERIFY(telling.kills().front().oom->victimPath.empty());
        // Nobody counts: told after a while all the same.
        telling.log(killedLine("other", 813));
        QTRY_COMPARE(telling.kills().size(), 2U);
        QVERIFY(telling.kills().back().path.empty());
        // Two cgroups grew: the places are told, the name would be a guess.
        telling.log(killedLine("third", 814));
        telling.log(killedLine("fourth", 815));
        telling.grew("/x", 2);
        telling.grew("/y", 1);
        QTRY_COMPARE(telling.killed(), std::uint64_t{4}); // one of the three stands for "other"
        QTest::qWait(static_cast<int>(OomStories::kNamelessPatience.count() / 1000) + 100);
        QCOMPARE(telling.killed(), std::uint64_t{4});
    }

    void flood_isFolded()
    {
        constexpr int kKills = 1000;
        Telling telling;
        for (int i = 0; i < kKills; ++i) {
            telling.log(victimLine("/a", strCat("/a/b", i % 10), "web", i + 1));
            telling.log(killedLine("web", i + 1));
        }
        QTRY_COMPARE_WITH_TIMEOUT(telling.killed(), std::uint64_t{kKills}, 20'000);
        const auto kills = telling.kills();
        const auto stories = std::ranges::count_if(kills, [](const Event &event) { return event.oom != nullptr; });
        QVERIFY(stories >= 50);
        // A second's stories, and ten cgroups; a slow host needs some seconds.
        QVERIFY2(kills.size() <= 5 * (OomStories::kMostInSecond + 10), qPrintable(QString::number(kills.size())));
    }

    void log_thatCannotBeRead_isSaid()
    {
        const auto none = KernelLog::open("/nonexistent/kmsg");
        QVERIFY(!none);
        Telling telling;
        QVERIFY(telling.stories().problem().empty());
        telling.hangUp();
        QTRY_VERIFY(!telling.stories().problem().empty());
        telling.call([&] {
            QVERIFY(!telling.stories().isWatching());
            telling.stories().watch(std::unexpected(none.error()));
        });
        QVERIFY(telling.stories().problem().find("/nonexistent/kmsg") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestOom)
#include "tst_oom.moc"
