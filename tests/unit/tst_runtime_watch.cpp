// SPDX-License-Identifier: GPL-3.0-or-later
// What sources of files stand on: watching folders, running programs, reading what others wrote.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/runtime/files.h"
#include "engine/runtime/folder_watch.h"
#include "engine/runtime/process_look.h"
#include "engine/runtime/runtimes.h"
#include "engine/runtime/tool.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace gantry;
using namespace gantry::runtime;
using namespace std::chrono_literals;

namespace {

void put(const std::string &path, std::string_view text)
{
    std::ofstream(path, std::ios::binary) << text;
}

/// Waits with a deadline that no machine is too slow for. @return how long it took.
std::chrono::milliseconds waited(FolderWatch &watch, std::chrono::milliseconds most = 20s)
{
    const auto start = Clock::now();
    if (!watch.wait({Clock::now() + most}))
        return 1h;
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

void watchOnly(FolderWatch &watch, const std::string &folder)
{
    watch.begin();
    watch.folder(folder);
    watch.end();
}

std::int64_t cpuMicros()
{
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::int64_t{used.tv_sec} * 1'000'000 + used.tv_nsec / 1'000;
}

Result<ToolOutput> shell(const std::string &line, std::chrono::milliseconds most = 20s, std::stop_token stop = {})
{
    return runTool({"/bin/sh", "-c", line}, {Clock::now() + most, std::move(stop)});
}

/// Lists one more container each time; the second list ends some milliseconds after it was cancelled, all the same.
class SlowSource final : public Source
{
public:
    explicit SlowSource(int number) : m_number(number) {}
    [[nodiscard]] std::string_view runtime() const override { return "slow"; }
    [[nodiscard]] std::string endpoint() const override { return strCat("slow ", m_number); }
    [[nodiscard]] Rank rank() const override { return Rank::Files; }
    [[nodiscard]] Result<std::string> version(const Patience &) const override { return "1"; }
    [[nodiscard]] Result<Listing> list(const Patience &patience) override
    {
        Listing out;
        for (int i = 0; i <= m_lists; ++i)
            out.containers.push_back({.runtime = "slow", .id = strCat(m_number, "-", i), .name = "c"});
        if (m_lists++ > 0) {
            while (!patience.stop.stop_requested())
                std::this_thread::sleep_for(1ms);
            // The first is the slowest: a map is cleared from its end.
            std::this_thread::sleep_for(std::max(0, kMost - m_number) * 5ms);
        }
        return out;
    }
    [[nodiscard]] Result<> waitForChange(const Patience &) override { return {}; }

    static constexpr int kMost = 8;

private:
    const int m_number;
    int m_lists = 0;
};

int errnoOf(const auto &result)
{
    return result ? 0 : result.error().posix();
}

} // namespace

class TestRuntimeWatch : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::string m_root;
private Q_SLOTS:
    void init()
    {
        m_root = m_folder.path().toStdString() + "/" + QTest::currentTestFunction();
        fs::create_directories(m_root);
    }

    void watch_changeAfterBegin_isNotLost()
    {
        FolderWatch watch;
        watch.begin();
        watch.folder(m_root);
        put(m_root + "/new", "x"); // while the folder is read
        watch.end();
        QVERIFY(waited(watch) < 10s);
    }

    void watch_changeBeforeBegin_isForgotten()
    {
        FolderWatch watch;
        watchOnly(watch, m_root);
        put(m_root + "/new", "x");
        watchOnly(watch, m_root);
        QVERIFY(waited(watch, 150ms) >= 150ms);
    }

    void watch_missingFolder_isSeenWhenItComes()
    {
        FolderWatch watch;
        watchOnly(watch, m_root + "/a/b/c");
        put(m_root + "/other", "x"); // not on the way
        QVERIFY(waited(watch, 150ms) >= 150ms);
        fs::create_directories(m_root + "/a");
        QVERIFY(waited(watch) < 10s);
        watchOnly(watch, m_root + "/a/b/c");
        fs::create_directories(m_root + "/a/b/c");
        QVERIFY(waited(watch) < 10s);
        watchOnly(watch, m_root + "/a/b/c");
        fs::rename(m_root + "/a/b", m_root + "/a/d");
        watchOnly(watch, m_root + "/a/b/c");
        fs::rename(m_root + "/a/d", m_root + "/a/b");
        QVERIFY(waited(watch) < 10s);
        watchOnly(watch, m_root + "/a/b/c");
        fs::remove_all(m_root + "/a");
        QVERIFY(waited(watch) < 10s);
    }

    void watch_folderNamedNoMore_isForgotten()
    {
        fs::create_directories(m_root + "/a");
        FolderWatch watch;
        watchOnly(watch, m_root + "/a");
        watchOnly(watch, m_root);
        put(m_root + "/a/x", "x");
        QVERIFY(waited(watch, 150ms) >= 150ms);
    }

    void watch_onlySomeEntries()
    {
        FolderWatch watch;
        watch.begin();
        watch.folder(m_root, {"state.json"});
        watch.end();
        put(m_root + "/exec.pid", "1");
        QVERIFY(waited(watch, 150ms) >= 150ms);
        put(m_root + "/.state.json", "{}");
        fs::rename(m_root + "/.state.json", m_root + "/state.json");
        QVERIFY(waited(watch) < 10s);
        watch.begin();
        watch.folder(m_root + "/sub", {"state.json"});
        watch.end();
        fs::create_directories(m_root + "/sub"); // missing: its coming matters
        QVERIFY(waited(watch) < 10s);
        watch.begin();
        watch.folder(m_root + "/sub", {"state.json"});
        watch.end();
        fs::remove_all(m_root + "/sub"); // and so does its end
        QVERIFY(waited(watch) < 10s);
    }

    void watch_slowRounds_areRarer()
    {
        FolderWatch watch;
        watch.begin();
        watch.folder(m_root);
        std::this_thread::sleep_for(40ms); // what reading the folders took
        watch.end();
        put(m_root + "/x", "x");
        QVERIFY(waited(watch) >= 40ms * FolderWatch::kGatherRounds);
    }

    void watch_file_isSeenWhenWrittenTo()
    {
        put(m_root + "/events", "frozen 0\n");
        FolderWatch watch;
        const auto round = [&] {
            watch.begin();
            watch.files({m_root + "/events", m_root + "/none"}); // were read before
            watch.end();
        };
        round();
        QVERIFY(waited(watch) < 10s); // it may have been written to between the read and the watch
        round();
        QVERIFY(waited(watch, 100ms) >= 100ms);
        put(m_root + "/events", "frozen 1\n");
        QVERIFY(waited(watch) < 10s);
    }

    void watch_burst_endsTheWaitOnce()
    {
        FolderWatch watch;
        watchOnly(watch, m_root);
        for (int i = 0; i < 500; ++i)
            put(strCat(m_root, "/", i), "x");
        QVERIFY(waited(watch) >= FolderWatch::kGather);
        watchOnly(watch, m_root);
        QVERIFY(waited(watch, 150ms) >= 150ms);
    }

    void watch_endsByStopAndDeadline_withoutWork()
    {
        FolderWatch watch;
        watchOnly(watch, m_root);
        const std::int64_t before = cpuMicros();
        QVERIFY(waited(watch, 400ms) >= 400ms);
        QVERIFY2(cpuMicros() - before < 100'000, "waiting costs nothing");
        std::stop_source stop;
        std::jthread stopper([&stop] {
            std::this_thread::sleep_for(50ms);
            stop.request_stop();
        });
        const auto start = Clock::now();
        QVERIFY(watch.wait({start + 30s, stop.get_token()}));
        QVERIFY(Clock::now() - start < 15s);
        QVERIFY(watch.wait({start + 60s, stop.get_token()})); // stopped before it began
        QVERIFY(Clock::now() - start < 15s);
    }

    void runtimes_endedWhileTheyPublish()
    {
        constexpr int kSources = SlowSource::kMost;
        std::atomic<int> changes = 0;
        {
            const Runtimes runtimes({.root = {},
                                     .finders = {[](const HostTree &) {
                                         std::vector<Candidate> out;
                                         for (int i = 0; i < kSources; ++i)
                                             out.push_back({strCat("slow ", i),
                                                            [i] { return std::make_unique<SlowSource>(i); }});
                                         return out;
                                     }}},
                                    [&changes] { ++changes; });
            QTRY_COMPARE(changes.load(), kSources);
        }
        QCOMPARE(changes.load(), 2 * kSources);
    }

    void tool_givesOutputAndExitCode()
    {
        const auto out = shell("echo out; echo err >&2; exit 3");
        QVERIFY(out);
        QCOMPARE(out->standardOutput, std::string("out\n"));
        QCOMPARE(out->standardError, std::string("err\n"));
        QCOMPARE(out->exitCode, 3);
        QCOMPARE(shell("kill -9 $$")->exitCode, 128 + SIGKILL);
        // Nothing to read, nothing of our environment, a process group of its own.
        ::setenv("GANTRY_SECRET", "x", 1);
        QCOMPARE(shell("cat; echo [$GANTRY_SECRET] $LC_ALL")->standardOutput, std::string("[] C\n"));
        const std::string group = shell("cut -d' ' -f1,5 /proc/$$/stat")->standardOutput;
        const std::size_t blank = group.find(' ');
        QCOMPARE(group.substr(0, blank), std::string(trim(group.substr(blank))));
    }

    void tool_missing_isTold()
    {
        const Patience patience{Clock::now() + 5s};
        QCOMPARE(errnoOf(runTool({"gantry-no-such-program"}, patience)), ENOENT);
        QCOMPARE(errnoOf(runTool({"/nonexistent/x"}, patience)), ENOENT);
        QCOMPARE(errnoOf(runTool({"/etc/passwd"}, patience)), ENOENT); // not a program
        QCOMPARE(errnoOf(runTool({}, patience)), EINVAL);
        QVERIFY(toolPath("sh").ends_with("/sh"));
    }

    void tool_tooLong_isKilledWithItsGroup()
    {
        const auto start = Clock::now();
        const std::string pidFile = m_root + "/pid";
        // A shell and a child of it that would go on.
        QCOMPARE(errnoOf(shell(strCat("sleep 60 & echo $! > ", pidFile, "; wait"), 500ms)), ETIMEDOUT);
        QVERIFY(Clock::now() - start < 20s);
        std::int64_t modified = 0;
        const std::int32_t child = Folder::open(m_root)->pid("pid", modified);
        QVERIFY(child > 0);
        QTRY_VERIFY(!lookAtProcess(child)); // gone, or a zombie of whoever adopted it
    }

    void tool_stopped_endsAtOnce()
    {
        std::stop_source stop;
        std::jthread stopper([&stop] {
            std::this_thread::sleep_for(50ms);
            stop.request_stop();
        });
        const auto start = Clock::now();
        QCOMPARE(errnoOf(shell("sleep 60", 60s, stop.get_token())), ECANCELED);
        QVERIFY(Clock::now() - start < 20s);
    }

    void tool_muchOutput_isRefused()
    {
        QCOMPARE(errnoOf(shell("exec yes")), EFBIG);
        QCOMPARE(errnoOf(shell("yes >&2")), EFBIG);
        QCOMPARE(shell("head -c 1000000 /dev/zero")->standardOutput.size(), std::size_t{1'000'000});
    }

    void tool_leftInTheBackground_isNotWaitedFor()
    {
        const auto start = Clock::now();
        const auto out = shell("sleep 15 & echo $!"); // holds the pipes open
        QVERIFY(out);
        QVERIFY(Clock::now() - start < 14s);
        const auto child = QByteArray::fromStdString(out->standardOutput).trimmed().toInt();
        QVERIFY(child > 0);
        QCOMPARE(::kill(child, SIGKILL), 0);
    }

    void toolFor_failure_hasItsWords()
    {
        Facts facts;
        facts.id = "x";
        facts.name = "web";
        const auto of = [&facts](const char *line, Verb verb = Verb::Remove) {
            return runToolFor(verb, facts, {"/bin/sh", "-c", line}, {Clock::now() + 20s});
        };
        QVERIFY(of("exit 0"));
        const auto gone = of("echo 'Error: no such container x' >&2; exit 125");
        QCOMPARE(errnoOf(gone), ESTALE);
        QVERIFY(gone.error().detail.find("no such container x") != std::string::npos);
        QCOMPARE(errnoOf(of("echo 'Permission denied' >&2; exit 1")), EACCES);
        QCOMPARE(errnoOf(of("echo 'container is running' >&2; exit 1")), EBUSY);
        QCOMPARE(errnoOf(of("exit 1")), EIO);
        const char *paused = R"(echo 'Error: "299e" is already paused: container state improper' >&2; exit 125)";
        QVERIFY(of(paused, Verb::Pause));
        QCOMPARE(errnoOf(of(paused, Verb::Update)), EIO);
        const char *ended = "echo 'container not running: No such process' >&2; exit 1";
        QVERIFY(of(ended, Verb::Kill));
        QCOMPARE(errnoOf(of(ended, Verb::Pause)), EIO);
        facts.id = "--all";
        QCOMPARE(errnoOf(of("exit 0")), EINVAL);
    }

    void limits_becomeOptions()
    {
        using Limits = std::vector<std::pair<LimitKey, LimitValue>>;
        const auto words = limitOptions(Limits{{LimitKey::MemoryMax, std::uint64_t{1 << 20}},
                                               {LimitKey::CpuMax, CpuMax{Micros{50'000}, Micros{100'000}}},
                                               {LimitKey::PidsMax, Unlimited{}},
                                               {LimitKey::CpusetCpus, std::string("0-3")}});
        QVERIFY(words);
        QCOMPARE(joined(*words), std::string("--memory=1048576 --cpu-period=100000 --cpu-quota=50000 --pids-limit=-1 "
                                             "--cpuset-cpus=0-3"));
        QCOMPARE(errnoOf(limitOptions(Limits{{LimitKey::MemoryMax, std::uint64_t{0}}})), ENOTSUP);
        QCOMPARE(errnoOf(limitOptions(Limits{{LimitKey::CpusetCpus, std::string()}})), ENOTSUP);
        QCOMPARE(errnoOf(limitOptions(Limits{{LimitKey::IoMax, std::vector<IoMax>{}}})), ENOTSUP);
        for (std::size_t i = 0; i < kLimitKeyCount; ++i) {
            const auto key = static_cast<LimitKey>(i);
            QCOMPARE(hasLimitOption(key), limitOptions(Limits{{key, Unlimited{}}}).has_value());
        }
    }

    void typedCommand_isQuoted()
    {
        const std::vector<std::string> words{"podman", "stop", "a b", "it's", "$(x)", ""};
        QCOMPARE(typedCommand(words), std::string(R"(podman stop 'a b' 'it'\''s' '$(x)' '')"));
    }

    void folder_readsRegularFilesOnly()
    {
        put(m_root + "/file", "text");
        put(m_root + "/pid", " 12 34");
        put(m_root + "/much", "99999999999");
        put(m_root + "/big", std::string((4 << 20) + 1, 'x'));
        QCOMPARE(::mkfifo((m_root + "/fifo").c_str(), 0600), 0);
        fs::create_symlink(m_root + "/file", m_root + "/link");
        fs::create_directories(m_root + "/sub");
        const auto folder = Folder::open(m_root);
        QVERIFY(folder);
        QCOMPARE(folder->read("file")->text, std::string("text"));
        QCOMPARE(errnoOf(folder->read("fifo")), EINVAL);
        QCOMPARE(errnoOf(folder->read("link")), ELOOP);
        QCOMPARE(errnoOf(folder->read("sub")), EINVAL);
        QCOMPARE(errnoOf(folder->read("none")), ENOENT);
        QCOMPARE(errnoOf(folder->read("big")), EFBIG);
        QCOMPARE(errnoOf(folder->json("file")), EBADMSG);
        QCOMPARE(*folder->tail("file", 2), std::string("xt"));
        std::int64_t modified = 0;
        QCOMPARE(folder->pid("pid", modified), 12);
        QVERIFY(modified > 0);
        QCOMPARE(folder->pid("much", modified), 0);
        QCOMPARE(folder->pid("none", modified), 0);
        QCOMPARE(*folder->folders(), std::vector<std::string>{"sub"});
    }

    void folderOfAUser_hasNoWayOut()
    {
        fs::create_directories(m_root + "/home/real");
        fs::create_directories(m_root + "/elsewhere/real");
        put(m_root + "/elsewhere/real/file", "secret");
        put(m_root + "/home/real/file", "own");
        fs::create_symlink(m_root + "/elsewhere/real", m_root + "/home/link");
        fs::create_symlink("real", m_root + "/home/inside");
        const uid_t me = ::getuid();
        const auto home = Folder::openOwned(m_root + "/home", me);
        QVERIFY(home);
        QCOMPARE(home->read("real/file")->text, std::string("own"));
        QCOMPARE(errnoOf(home->read("link/file")), ELOOP);
        QCOMPARE(errnoOf(home->sub("link")), ELOOP);
        QCOMPARE(errnoOf(home->read("inside/file")), ELOOP);
        QCOMPARE(errnoOf(home->read("../elsewhere/real/file")), EXDEV);
        QCOMPARE(errnoOf(home->read(m_root + "/elsewhere/real/file")), EXDEV);
        QVERIFY(isFolderOf(me, m_root + "/home", "real"));
        QVERIFY(!isFolderOf(me, m_root + "/home", "link"));
        // Somebody else's, by a hard link say.
        QCOMPARE(errnoOf(Folder::openOwned(m_root + "/home", me + 1)), EPERM);
        if (me == 0) {
            put(m_root + "/home/real/other", "x");
            QCOMPARE(::chown((m_root + "/home/real/other").c_str(), 12345, 12345), 0);
            QCOMPARE(errnoOf(home->read("real/other")), EPERM);
        }
    }

    void homesOnOtherHosts_areLeftAlone_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("type");
        QTest::addColumn<bool>("remote");
        QTest::newRow("on the root") << QStringLiteral("/root") << QStringLiteral("ext4") << false;
        QTest::newRow("mounted over") << QStringLiteral("/home/ann") << QStringLiteral("nfs4") << true;
        QTest::newRow("a mount of its own") << QStringLiteral("/home/bob") << QStringLiteral("fuse.sshfs") << true;
        QTest::newRow("only begins so") << QStringLiteral("/homework") << QStringLiteral("ext4") << false;
        QTest::newRow("a blank") << QStringLiteral("/srv/a b/x") << QStringLiteral("xfs") << false;
    }
    void homesOnOtherHosts_areLeftAlone()
    {
        QFETCH(QString, path);
        QFETCH(QString, type);
        QFETCH(bool, remote);
        const std::string_view mounts = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                                        "30 22 0:40 / /home rw shared:2 - autofs systemd-1 rw\n"
                                        "31 30 0:41 / /home rw shared:3 - nfs4 server:/home rw\n"
                                        "32 31 0:42 / /home/bob rw - fuse.sshfs bob@x: rw\n"
                                        "nonsense\n"
                                        "33 22 8:2 / /srv/a\\040b rw - xfs /dev/sda2 rw\n";
        QCOMPARE(QString::fromStdString(fileSystemOf(path.toStdString(), mounts)), type);
        QCOMPARE(isRemoteFileSystem(type.toStdString()), remote);
    }

    void folder_thatVanishes_isNoTrouble()
    {
        const auto folder = Folder::open(m_root);
        fs::create_directories(m_root + "/sub");
        const auto sub = folder->sub("sub");
        fs::remove_all(m_root);
        QCOMPARE(errnoOf(sub->read("x")), ENOENT);
        const auto left = sub->folders();
        QVERIFY(!left || left->empty());
        QCOMPARE(errnoOf(folder->sub("sub")), ENOENT);
    }

    void users_areThoseWithARunFolder()
    {
        fs::create_directories(m_root + "/run/user/1001");
        fs::create_directories(m_root + "/run/user/none");
        fs::create_directories(m_root + "/run/user/99999999999");
        fs::create_directory_symlink(m_root, m_root + "/run/user/1002");
        fs::create_directories(m_root + "/etc");
        put(m_root + "/etc/passwd", "x\n:::::\nann:x:1001:1::/home/ann:/bin/sh\nbob:x:1002:1::relative:/bin/sh");
        const auto users = runningUsers(m_root);
        QCOMPARE(users.size(), std::size_t{1});
        QCOMPARE(users.front().uid, std::uint32_t{1001});
        QCOMPARE(users.front().owner, ::getuid());
        QCOMPARE(users.front().homeFolder, m_root + "/home/ann");
    }

    void process_thatIsUs_isConfirmed()
    {
        const auto me = static_cast<std::int32_t>(::getpid());
        const auto facts = lookAtProcess(me);
        QVERIFY(facts);
        QCOMPARE(facts->parentPid, static_cast<std::int32_t>(::getppid()));
        QCOMPARE(facts->uid, ::getuid());
        timespec now{};
        ::clock_gettime(CLOCK_REALTIME, &now);
        const std::int64_t age = std::int64_t{now.tv_sec} * 1'000'000 - facts->startedMicros;
        QVERIFY(age > -2'000'000 && age < 300'000'000);
        QCOMPARE(lookAtProcess(me)->startedMicros, facts->startedMicros); // else each list would be a change
        PidClaim claim{.pid = me, .startTicks = facts->startTicks, .writtenMicros = 0, .id = {}, .owner = {}};
        QVERIFY(confirm(lookAtProcess, claim));
        claim.startTicks += 1;
        QVERIFY(!confirm(lookAtProcess, claim));
        claim = {.pid = me, .startTicks = 0, .writtenMicros = facts->startedMicros, .id = {}, .owner = ::getuid()};
        QVERIFY(confirm(lookAtProcess, claim));
        claim.writtenMicros = facts->startedMicros - 10'000'000; // a file from before it started
        QVERIFY(!confirm(lookAtProcess, claim));
        claim.writtenMicros = 0;
        claim.owner = ::getuid() + 12345;
        QVERIFY(!confirm(lookAtProcess, claim));
        QVERIFY(!lookAtProcess(0));
        QVERIFY(!lookAtProcess(-1));
    }
};

QTEST_GUILESS_MAIN(TestRuntimeWatch)
#include "tst_runtime_watch.moc"
