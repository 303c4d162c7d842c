// SPDX-License-Identifier: GPL-3.0-or-later
// Faults of every kind while a container moves, at phase boundaries and at random moments; two services, runc and CRIU
// as in tst_migration, every connection over a way that can be bad. After each, exactly one copy runs, nothing was
// counted twice or left out, and nothing is left behind on either side. GANTRY_FAULT_RUNS=200 GANTRY_FAULT_SEED=1 does
// so many over all kinds, GANTRY_FAULT_KIND=NAME of one, and prints what came of them as a table.
#include <QtTest>

#include "engine/checkpoint/criu.h"
#include "tests/service/bad_way.h"
#include "tests/service/two_hosts.h"
#include "tests/support/apart.h"
#include "tests/support/busybox_root.h"
#include "tests/support/scratch_cgroup.h"

#include <QMap>
#include <QRegularExpression>

#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::test;

namespace {

const std::string kWeb = "prf-web";
const std::string kMoved = "prf-moved";
const std::string kTools = kFolder + "/tools"; ///< the target's CRIU, clocks, and what they are told by
constexpr std::int64_t kHourNanos = 3'600'000'000'000;
constexpr int kSlow = 5'000;                 ///< ms
constexpr std::uint64_t kSlowBytes = 60'000; ///< a second
constexpr int kAgain = 8;                    ///< a fault that came when all was over is tried
const QStringList kPhases{"pre-copy 1", "send", "dump", "write", "restore", "commit"};
const QStringList kDirect{"--transport", "direct", "--address", "127.0.0.1"};

/// When a fault begins.
struct Moment
{
    QString phase; ///< empty: by time
    int afterMillis = 0;
    bool isDirect = false; ///< from host to host; else over the ways to both
    [[nodiscard]] QString text() const
    {
        return (phase.isEmpty() ? QStringLiteral("after %1 ms").arg(afterMillis) : "at " + phase) +
               (isDirect ? ", from host to host" : "");
    }
};

/// Processes that say "criu swrk", which CRIU's own keep until they are what is restored: of a host by the folder that
/// their options are in, of this run by the mounts that they see.
std::vector<pid_t> criusOf(const Host &host)
{
    const auto mountsOf = [](const std::string &pid) {
        std::error_code gone;
        return fs::read_symlink(strCat("/proc/", pid, "/ns/mnt"), gone);
    };
    std::vector<pid_t> out;
    for (const fs::directory_entry &entry : fs::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        const auto pid = parseU64(name);
        if (!pid || mountsOf(name) != mountsOf("self"))
            continue;
        const auto words = readFile(strCat("/proc/", name, "/cmdline"));
        if (!words || words->find(std::string("\0swrk\0", 6)) == std::string::npos)
            continue;
        const auto environment = readFile(strCat("/proc/", name, "/environ"));
        if (environment && environment->find(strCat("CRIU_CONFIG_FILE=", host.state(), "/")) != std::string::npos)
            out.push_back(static_cast<pid_t>(*pid));
    }
    return out;
}

/// Of each process: whose child it is, what it does, and its words.
QString wordsOf(const std::vector<pid_t> &pids)
{
    QStringList out;
    for (const pid_t pid : pids) {
        std::string words = readFile(strCat("/proc/", pid, "/cmdline")).value_or("");
        std::ranges::replace(words, '\0', ' ');
        const std::string status = readFile(strCat("/proc/", pid, "/status")).value_or("");
        const std::string parent = status.substr(status.find("PPid:"), 14);
        out << QString::fromStdString(strCat(pid, ", ", parent.substr(0, parent.find('\n')), ", ",
                                             readFile(strCat("/proc/", pid, "/wchan")).value_or(""), ": ", words));
    }
    return out.join("; ");
}

std::set<std::string> tablesOfCriu(const QStringList &within = {})
{
    QStringList words = within + QStringList{"nft", "list", "tables"};
    QProcess process;
    process.start(words.takeFirst(), words);
    std::set<std::string> out;
    for (const QByteArray &line : finish(process, kPatience).out.split('\n')) {
        if (line.contains(" CRIU-"))
            out.insert(line.toStdString());
    }
    return out;
}

pid_t pidOf(const std::string &name)
{
    QProcess process;
    process.start(QStringLiteral("runc"), {QStringLiteral("state"), QString::fromStdString(name)});
    return finish(process, kPatience).json()[QStringLiteral("pid")].toInt();
}

/// In whatever hierarchy.
bool hasCgroup(const std::string &name)
{
    const auto has = [&name](const fs::path &root) { return fs::exists(root / "gantry" / name); };
    const fs::path top = "/sys/fs/cgroup";
    return has(top) || std::ranges::any_of(fs::directory_iterator(top), [&has](const fs::directory_entry &one) {
               return one.is_directory() && has(one.path());
           });
}

/// What its processes do, for whoever has to find out why they do not count.
QString tasksOf(const std::string &name)
{
    QStringList out;
    const std::string freezer = "/sys/fs/cgroup/freezer/gantry/" + name; // cgroup v1: as this suite's machines have it
    for (const char *file : {"/freezer.state", "/cgroup.procs"})
        out << QString::fromStdString(readFile(freezer + file).value_or("")).split('\n', Qt::SkipEmptyParts);
    for (const QString &pid : out.mid(1)) {
        const std::string status = readFile(strCat("/proc/", pid.toStdString(), "/status")).value_or("");
        static const QRegularExpression told("(State|TracerPid|SigPnd|ShdPnd):[^\n]*");
        out << wordsOf({pid.toInt()});
        for (auto found = told.globalMatch(QString::fromStdString(status)); found.hasNext();)
            out << found.next().captured().simplified();
    }
    return QString::fromStdString(name) + ": " + out.join("; ");
}

void write(const std::string &file, std::string_view text)
{
    std::ofstream(file) << text;
}

/// A host's wall clock, which can jump.
class Clock
{
public:
    explicit Clock(std::string file) : m_file(std::move(file)) { jump(0); }
    void jump(std::int64_t nanos) const
    {
        // Not replaced: who looks at it has it mapped.
        const UniqueFd file(::open(m_file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        if (::pwrite(file.get(), &nanos, sizeof nanos, 0) != sizeof nanos)
            qFatal("%s: %s", m_file.c_str(), strerror(errno));
    }
    /// Words before those of a program that goes by it.
    [[nodiscard]] QStringList words() const
    {
        const QString sanitizer = qEnvironmentVariable("ASAN_OPTIONS");
        return {"env", "LD_PRELOAD=" SKEWED_CLOCK, "GANTRY_TEST_CLOCK=" + QString::fromStdString(m_file),
                "ASAN_OPTIONS=" + sanitizer + (sanitizer.isEmpty() ? "" : ":") + "verify_asan_link_order=0"};
    }

private:
    const std::string m_file;
};

/// Two hosts, the container on the first, and the ways to them: one run.
struct Lab
{
    Clock clockOfA{kTools + "/clock.a"};
    Clock clockOfB{kTools + "/clock.b"};
    bool hasDisk = false;               ///< the target's state is on a disk of its own
    std::optional<ScratchCgroup> tight; ///< of the target's service and its CRIU; ends after them
    std::unique_ptr<Host> a;
    std::unique_ptr<Host> b;
    std::unique_ptr<BadWay> wayToA;
    std::unique_ptr<BadWay> wayToB;
    QProcess carrier;
    QByteArray said;
    std::mt19937 *random = nullptr;
    bool missed = false; ///< all was over before it came
    bool late = false;   ///< none ran for longer than kLease

    [[nodiscard]] int anyOf(int from, int to) const
    {
        return from + static_cast<int>((*random)() % static_cast<unsigned>(to - from));
    }
    [[nodiscard]] bool isOver()
    {
        carrier.waitForReadyRead(1);
        said += carrier.readAllStandardError();
        return carrier.state() == QProcess::NotRunning;
    }
    void signalCarrier(int number) const
    {
        if (const auto pid = static_cast<pid_t>(carrier.processId()); pid > 0) // 0: it has ended; and is this group
            ::kill(pid, number);
    }
    /// Waits for a CRIU of this host and kills it after a moment; none comes when all is over.
    void killCriu(const Host &host)
    {
        std::vector<pid_t> found;
        const auto isThere = [&] {
            found = criusOf(host);
            return !found.empty() || isOver();
        };
        while (QTest::qWaitFor(isThere, kVerb) && !found.empty()) {
            if (const int later = anyOf(-30, 40); later > 0) {
                QTest::qSleep(later);
                found = criusOf(host);
            }
            for (const pid_t pid : found)
                ::kill(pid, SIGKILL);
            if (!found.empty())
                return; // else it had ended before: the next one
        }
        missed = true;
    }
    void fillDisk() const
    {
        const UniqueFd filler(::open((b->state() + "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        std::vector<char> zeroes(std::size_t{1} << 16);
        for (std::size_t size = zeroes.size(); size > 0;)
            size = ::write(filler.get(), zeroes.data(), size) > 0 ? size : size / 2;
    }
    /// Not a byte more than it has.
    void tighten(bool criuFirst)
    {
        if (criuFirst) {
            write(strCat("/proc/", b->pid(), "/oom_score_adj"), "-1000");
            write(kTools + "/greedy", "");
        }
        tight.emplace("migration", std::initializer_list<std::string_view>{"memory"});
        tight->attach(b->pid());
        // What it has is charged elsewhere: only what comes is counted. An OOM kill takes some MiB of CRIU's.
        tight->write("memory", tight->file("memory.max"), std::to_string(anyOf(1, 12) << 18));
    }
};

/// How long a copy may stand still for somebody who is there and says nothing: as the engine finds out (its
/// keep-alive).
constexpr int kLease = 60'000;

struct Kind
{
    const char *name;
    const char *phase;      ///< in every run of the suite it comes at this one
    void (*prepare)(Lab &); ///< before the hosts are there
    void (*begin)(Lab &);   ///< at the moment
    void (*end)(Lab &);     ///< once who carries has ended, and the judgement about copies is made
};

constexpr auto kNothing = [](Lab &) {};
template <class Do> void forAWhile(Lab &lab, Do &&set)
{
    set(true);
    const int until = lab.anyOf(500, 4'000);
    static_cast<void>(QTest::qWaitFor([&] { return lab.isOver(); }, until));
    set(false);
}

const Kind kKinds[] = {
    {"source killed", "write", kNothing, [](Lab &l) { l.a->kill(); }, kNothing},
    {"target killed", "send", kNothing, [](Lab &l) { l.b->kill(); }, kNothing},
    {"carrier killed", "dump", kNothing, [](Lab &l) { l.carrier.kill(); }, kNothing},
    {"carrier stands still", "write", kNothing,
     [](Lab &l) { forAWhile(l, [&l](bool on) { l.signalCarrier(on ? SIGSTOP : SIGCONT); }); }, kNothing},
    {"given up", "restore", kNothing, [](Lab &l) { l.signalCarrier(SIGINT); }, kNothing},
    {"way to source cut", "pre-copy 1", kNothing, [](Lab &l) { l.wayToA->cut(); }, kNothing},
    {"way to target cut", "commit", kNothing, [](Lab &l) { l.wayToB->cut(); }, kNothing},
    {"way to source stalls", "dump", kNothing, [](Lab &l) { forAWhile(l, [&l](bool on) { l.wayToA->stall(on); }); },
     kNothing},
    {"way to target stalls", "restore", kNothing, [](Lab &l) { forAWhile(l, [&l](bool on) { l.wayToB->stall(on); }); },
     kNothing},
    {"slow link", "pre-copy 1", kNothing, [](Lab &l) { l.wayToB->setRate(kSlowBytes); }, kNothing},
    {"target's disk full", "send", [](Lab &l) { l.hasDisk = true; }, [](Lab &l) { l.fillDisk(); },
     [](Lab &l) { fs::remove(l.b->state() + "/filler"); }},
    {"target out of memory", "pre-copy 1", kNothing, [](Lab &l) { l.tighten(false); },
     [](Lab &l) { l.tight->write("memory", l.tight->file("memory.max"), l.tight->isV1("memory") ? "-1" : "max"); }},
    {"target's CRIU out of memory", "write", kNothing, [](Lab &l) { l.tighten(true); },
     [](Lab &l) { l.tight->write("memory", l.tight->file("memory.max"), l.tight->isV1("memory") ? "-1" : "max"); }},
    {"source's CRIU killed", "pre-copy 1", kNothing, [](Lab &l) { l.killCriu(*l.a); }, kNothing},
    {"target's CRIU killed", "write", kNothing, [](Lab &l) { l.killCriu(*l.b); }, kNothing},
    {"target's CRIU fails", "dump", kNothing, [](Lab & /*l*/) { write(kTools + "/fails", ""); }, kNothing},
    {"target's CRIU too old", "", [](Lab & /*l*/) { write(kTools + "/old", ""); }, kNothing, kNothing},
    {"source's clock jumps", "write", kNothing,
     [](Lab &l) { l.clockOfA.jump(l.anyOf(0, 2) == 0 ? kHourNanos : -kHourNanos); }, kNothing},
    {"target's clock jumps", "send", kNothing,
     [](Lab &l) { l.clockOfB.jump(l.anyOf(0, 2) == 0 ? kHourNanos : -kHourNanos); }, kNothing},
};

/// Long: for GANTRY_FAULT_KIND alone.
const Kind kLong[] = {
    {"carrier stands still for good", "", kNothing,
     [](Lab &l) {
         l.signalCarrier(SIGSTOP);
         QElapsedTimer timer;
         timer.start();
         const auto runs = [&l] { return countsOn(*l.a, kWeb) || countsOn(*l.b, kMoved); };
         l.late = !QTest::qWaitFor(runs, kLease);
         qInfo("one runs after %lld ms", static_cast<long long>(timer.elapsed()));
         l.signalCarrier(SIGKILL);
     },
     kNothing},
};

struct Outcome
{
    bool moved = false;
    QByteArray wrong; ///< empty: as it should be
    bool missed = false;
};
/// What came of the runs of one kind.
struct Tally
{
    int atPhases = 0;
    int atRandom = 0;
    int direct = 0;
    int moved = 0;
    int stayed = 0;
    int wrong = 0;
    int missed = 0;
};

} // namespace

class TestMigrationFaults : public QObject
{
    Q_OBJECT
    std::mt19937 m_random{static_cast<unsigned>(qEnvironmentVariableIntValue("GANTRY_FAULT_SEED"))};
    std::unique_ptr<Lab> m_lab;

private Q_SLOTS:
    void initTestCase()
    {
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        makeBusyboxRoot(kRoot, {"sh", "sleep"});
        fs::create_directories(kTools);
        // The target's CRIU: the real one, which does as it is told by files beside it.
        const std::string criu = checkpoint::criuPath();
        QVERIFY2(!criu.empty(), "no CRIU: packaging/setup.sh installs it");
        write(kTools + "/criu", strCat("#!/bin/sh\nhere=", kTools, R"(
[ -e $here/old ] && [ "$1" = --version ] && echo "Version: 3.0" && exit 0
[ -e $here/fails ] && [ "$1" = swrk ] && exit 1
[ -e $here/greedy ] && echo 1000 >/proc/self/oom_score_adj
exec )",
                                       criu, " \"$@\"\n"));
        fs::permissions(kTools + "/criu", fs::perms::owner_all);
    }
    void cleanup() { tearDown(); }

    /// Each kind once, at a phase of its own: what every run of the suite does.
    void fault_oneRuns_data()
    {
        QTest::addColumn<int>("kind");
        for (int i = 0; i < static_cast<int>(std::size(kKinds)); ++i)
            QTest::newRow(kKinds[i].name) << i;
    }
    void fault_oneRuns()
    {
        QFETCH(const int, kind);
        if (qEnvironmentVariableIsSet("GANTRY_FAULT_RUNS"))
            return; // the other one has them all
        // What makes it be refused is there from the begin on; and a CRIU that is to be killed may be quicker.
        const bool mayMiss = *kKinds[kind].phase == '\0';
        Outcome outcome = fault(kKinds[kind], {kKinds[kind].phase});
        for (int again = 0; outcome.wrong.isEmpty() && outcome.missed && !mayMiss && again < kAgain; ++again) {
            tearDown();
            outcome = fault(kKinds[kind], {kKinds[kind].phase});
        }
        QVERIFY2(outcome.wrong.isEmpty(), outcome.wrong.constData());
        QVERIFY2(!outcome.missed || mayMiss, "it came too late, each time");
        qInfo("%s", outcome.moved ? "moved" : "stays");
    }

    void faultsAtAnyMoment_oneRuns()
    {
        const int runs = qEnvironmentVariableIntValue("GANTRY_FAULT_RUNS");
        const QByteArray only = qgetenv("GANTRY_FAULT_KIND");
        std::vector<Kind> kinds(std::begin(kKinds), std::end(kKinds));
        if (!only.isEmpty()) {
            kinds.insert(kinds.end(), std::begin(kLong), std::end(kLong));
            std::erase_if(kinds, [&only](const Kind &one) { return only != one.name; });
            QVERIFY2(!kinds.empty(), "GANTRY_FAULT_KIND is none of them");
        }
        std::vector<Tally> tallies(kinds.size());
        int wrong = 0;
        for (int i = 0; i < runs; ++i) {
            const std::size_t kind = static_cast<std::size_t>(i) % kinds.size();
            // Every other round of all kinds at a boundary; two rounds relayed, then two from host to host.
            const std::size_t round = static_cast<std::size_t>(i) / kinds.size();
            const bool atPhase = round % 2 == 0;
            const bool isDirect = round % 4 >= 2;
            const auto any = static_cast<int>(m_random() % 2'500);
            const Moment moment =
                atPhase ? Moment{kPhases[any % kPhases.size()], 0, isDirect} : Moment{{}, any, isDirect};
            const Outcome outcome = fault(kinds[kind], moment);
            Tally &tally = tallies[kind];
            ++(atPhase ? tally.atPhases : tally.atRandom);
            tally.direct += isDirect ? 1 : 0;
            ++(outcome.moved ? tally.moved : tally.stayed);
            tally.missed += outcome.missed ? 1 : 0;
            if (!outcome.wrong.isEmpty()) {
                ++tally.wrong;
                ++wrong;
                qWarning("run %d: %s %s: %s", i, kinds[kind].name, qPrintable(moment.text()),
                         outcome.wrong.constData());
            }
            tearDown();
        }
        std::string table = "\n| fault | at phases | at random | from host to host | came too late | moved | stays | "
                            "wrong |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n";
        for (std::size_t k = 0; runs > 0 && k < kinds.size(); ++k) {
            const Tally &t = tallies[k];
            table += strCat("| ", kinds[k].name, " | ", t.atPhases, " | ", t.atRandom, " | ", t.direct, " | ", t.missed,
                            " | ", t.moved, " | ", t.stayed, " | ", t.wrong, " |\n");
        }
        if (runs > 0)
            qInfo("%s", table.c_str());
        QCOMPARE(wrong, 0);
    }

private:
    void tearDown()
    {
        if (m_lab == nullptr)
            return;
        m_lab->carrier.kill();
        m_lab->carrier.waitForFinished(kPatience);
        const bool hasDisk = m_lab->hasDisk;
        for (const std::string &name : {kWeb, kMoved}) {
            QProcess process;
            process.start("runc", {"delete", "--force", QString::fromStdString(name)});
            (void)finish(process, kPatience);
        }
        for (const auto &[host, name] : {std::pair(m_lab->a.get(), kWeb), std::pair(m_lab->b.get(), kMoved)}) {
            if (host != nullptr && host->isUp() && fs::exists(strCat(host->state(), "/containers/", name)))
                (void)host->gantryctl({"rmrun", QString::fromStdString(name)});
        }
        m_lab.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        if (hasDisk && ::umount2((kFolder + "/b").c_str(), MNT_DETACH) != 0)
            qCritical("the target's disk stays mounted: %s", strerror(errno));
        for (const char *folder : {"/a", "/b"})
            fs::remove_all(kFolder + folder);
        for (const char *file : {"/fails", "/old", "/greedy"})
            fs::remove(kTools + file);
    }

    [[nodiscard]] QByteArray setUp(const Kind &kind)
    {
        m_lab = std::make_unique<Lab>();
        m_lab->random = &m_random;
        kind.prepare(*m_lab);
        if (m_lab->hasDisk) {
            fs::create_directories(kFolder + "/b");
            if (::mount("gantry-test", (kFolder + "/b").c_str(), "tmpfs", 0, "size=48m,mode=755") != 0)
                return "no disk for the target";
        }
        m_lab->a = std::make_unique<Host>("a", m_lab->clockOfA.words());
        m_lab->b = std::make_unique<Host>(
            "b", m_lab->clockOfB.words() + QStringList{"GANTRY_CRIU=" + QString::fromStdString(kTools + "/criu")});
        m_lab->wayToA = std::make_unique<BadWay>(kFolder + "/way.a", m_lab->a->socket());
        m_lab->wayToB = std::make_unique<BadWay>(kFolder + "/way.b", m_lab->b->socket());
        const Ran started = m_lab->a->gantryctl({"run", "--name", QString::fromStdString(kWeb), "--rootfs",
                                                 QString::fromStdString(kRoot), "--", "/bin/sh", "-c", kCount});
        if (started.exitStatus != 0)
            return started.all();
        if (!QTest::qWaitFor([this] { return numbers(*m_lab->a, kWeb).size() > 3; }, kPatience))
            return "it does not count";
        return {};
    }

    [[nodiscard]] Outcome fault(const Kind &kind, const Moment &moment)
    {
        const std::set<std::string> tables = tablesOfCriu();
        if (QByteArray wrong = setUp(kind); !wrong.isEmpty())
            return {false, wrong};
        Lab &lab = *m_lab;
        lab.carrier.start(GANTRYCTL, QStringList{"--host", QString::fromStdString("unix:" + kFolder + "/way.a"),
                                                 "migrate", QString::fromStdString(kWeb),
                                                 QString::fromStdString("unix:" + kFolder + "/way.b"), "--as",
                                                 QString::fromStdString(kMoved), "--keep-source"} +
                                         (moment.isDirect ? kDirect : QStringList()));
        const auto isThere = [&] { return lab.isOver() || lab.said.contains("gantryctl: " + moment.phase.toUtf8()); };
        if (moment.phase.isEmpty())
            QTest::qWait(moment.afterMillis);
        else if (!QTest::qWaitFor(isThere, kVerb))
            return {false, "it never comes to " + moment.phase.toUtf8() + ": " + lab.said};
        lab.missed = lab.isOver();
        kind.begin(lab);
        if (!QTest::qWaitFor([&lab] { return lab.isOver(); }, kVerb))
            return {false, "the carrier waits for ever: " + lab.said};
        lab.said += lab.carrier.readAllStandardError();
        // Whatever is wrong still, never two.
        if (countsOn(*lab.a, kWeb) && countsOn(*lab.b, kMoved))
            return {false, "both run: " + lab.said};
        kind.end(lab);
        return judge(kind, tables);
    }

    /// Settles it, and looks at all that may be wrong.
    [[nodiscard]] Outcome judge(const Kind &kind, const std::set<std::string> &tables)
    {
        Lab &lab = *m_lab;
        for (Host *host : {lab.a.get(), lab.b.get()}) {
            if (!host->isUp())
                host->start();
        }
        Ran last;
        const auto settles = [&] {
            last = lab.a->gantryctl({"migrations", lab.b->name()}, false);
            return last.exitStatus == 0 && unfinishedOf(*lab.a).isEmpty() && unfinishedOf(*lab.b).isEmpty();
        };
        if (!QTest::qWaitFor(settles, kVerb))
            return {false, "it is not settled: " + lab.said + last.all() + unfinishedOf(*lab.a).join(u';').toUtf8() +
                               unfinishedOf(*lab.b).join(u';').toUtf8()};
        bool here = false;
        bool there = false;
        const auto runs = [&] {
            here = countsOn(*lab.a, kWeb);
            there = countsOn(*lab.b, kMoved);
            return here || there;
        };
        if (!QTest::qWaitFor(runs, kSlow)) // a busy machine may not let it count for a moment
            qWarning("none has counted for %d ms", kSlow);
        if (here == there)
            return {there, (here ? "both run: " : "none runs: ") + lab.said + stateOf(kWeb).toUtf8() +
                               stateOf(kMoved).toUtf8() + tasksOf(kWeb).toUtf8() + tasksOf(kMoved).toUtf8()};
        return {there, leftOf(kind, there, tables), lab.missed};
    }

    /// What is left of the copy that does not run, and of the way there. @return empty: nothing.
    [[nodiscard]] QByteArray leftOf(const Kind &kind, bool moved, const std::set<std::string> &tables)
    {
        Lab &lab = *m_lab;
        const std::string &gone = moved ? kWeb : kMoved;
        QStringList left;
        const auto note = [&left](bool isWrong, const QString &what) {
            if (isWrong)
                left << what;
        };
        note(lab.late, "none ran for too long");
        note(!stateOf(gone).isEmpty(), "runc knows the other one as " + stateOf(gone));
        note(!QTest::qWaitFor([&gone] { return !hasCgroup(gone); }, kPatience), "its cgroup is left");
        std::vector<int> all = numbers(*lab.a, kWeb);
        const std::vector<int> rest = numbers(*lab.b, kMoved);
        note(!isUnbroken(all), "what the source wrote has a gap or a number twice");
        // What is written while the disk is full is lost, but not what it counts by.
        note(lab.hasDisk ? !std::ranges::is_sorted(rest, std::less_equal{}) : !isUnbroken(rest),
             "what the target wrote has a gap or a number twice");
        note(moved && !rest.empty() && !all.empty() && !lab.hasDisk && rest.front() != all.back() + 1,
             QStringLiteral("%1 here, then %2 there").arg(all.back()).arg(rest.empty() ? 0 : rest.front()));
        for (const Host *host : {lab.a.get(), lab.b.get()}) {
            note(entriesOf(host->state() + "/migrations", "at-work.") > 0, "a file at-work is left");
            for (const char *prefix : {"images.", "runtime.", "files.", "lazy.", "snapshot."})
                note(entriesOf(host->state(), prefix) > 0, QString(prefix) + " is left");
            const auto hasNone = [host] { return criusOf(*host).empty(); };
            note(!QTest::qWaitFor(hasNone, kPatience), "a CRIU is left: " + wordsOf(criusOf(*host)));
            const Ran check = host->gantryctl({"repo", "check"});
            note(check.exitStatus != 0, "repository: " + QString::fromUtf8(check.all()));
        }
        // The source's was kept for what it wrote.
        const Ran removed = moved ? lab.a->gantryctl({"rmrun", QString::fromStdString(kWeb)}) : Ran{0};
        note(removed.exitStatus != 0, "rmrun: " + QString::fromUtf8(removed.all()));
        const std::string mounts = readFile("/proc/self/mountinfo").value_or("");
        note(mounts.find(strCat("/containers/", gone, "/")) != std::string::npos, "a mount is left");
        note(fs::exists(strCat((moved ? lab.a : lab.b)->state(), "/containers/", gone)), "its folder is left");
        const QString pid = QString::number(pidOf(moved ? kMoved : kWeb));
        note(!tablesOfCriu({"nsenter", "-n", "-t", pid}).empty(), "CRIU's table is left in its network");
        // Those of others come and go.
        const auto isClean = [&] { return std::ranges::includes(tables, tablesOfCriu()); };
        note(!QTest::qWaitFor(isClean, kPatience), "a table of CRIU is left");
        return left.isEmpty() ? QByteArray() : (QString(kind.name) + ": " + left.join("; ")).toUtf8() + ": " + lab.said;
    }
};

int main(int argc, char *argv[])
{
    if (qEnvironmentVariableIsSet("GANTRY_FAULT_RUNS")) // of one test function: five minutes unless told otherwise
        qputenv("QTEST_FUNCTION_TIMEOUT", "36000000");
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationFaults test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_faults.moc"
