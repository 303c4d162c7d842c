// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "engine/process/process.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include <QTemporaryDir>

#include <unistd.h>

using namespace gantry;
using namespace gantry::process;

namespace {

/// A /proc/PID/stat line as 6.18 writes it, with the given command name.
std::string statLine(const std::string &comm)
{
    return "812 (" + comm +
           ") S 1 812 812 0 -1 4194560 1000 0 3 0 150 25 0 0 20 0 7 0 4242 180224000 3000 18446744073709551615 1 1 0 0 "
           "0 0 0 0 65536 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
}

} // namespace

class TestProcess : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parseStat_readsHostileNames_data()
    {
        QTest::addColumn<QByteArray>("comm");
        QTest::newRow("plain") << QByteArray("bash");
        QTest::newRow("empty") << QByteArray("");
        QTest::newRow("blank") << QByteArray("tmux: server");
        QTest::newRow("parenthesis") << QByteArray("a) R 1 2 3");
        QTest::newRow("only parentheses") << QByteArray(") ) (");
        QTest::newRow("newline") << QByteArray("two\nlines");
        QTest::newRow("not utf-8") << QByteArray("\xff\x01");
    }
    void parseStat_readsHostileNames()
    {
        QFETCH(QByteArray, comm);
        const auto stat = parseStat(statLine(comm.toStdString()));
        QVERIFY2(stat, stat ? "" : stat.error().message().c_str());
        QCOMPARE(stat->pid, 812);
        QCOMPARE(stat->comm, comm.toStdString());
        QCOMPARE(stat->state, 'S');
        QCOMPARE(stat->parentPid, 1);
        QCOMPARE(stat->userTicks, std::uint64_t{150});
        QCOMPARE(stat->systemTicks, std::uint64_t{25});
        QCOMPARE(stat->threads, 7u);
        QCOMPARE(stat->startTicks, std::uint64_t{4242});
        QCOMPARE(stat->residentPages, std::uint64_t{3000});
    }

    void parseStat_refusesOtherShapes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray("");
        QTest::newRow("no name") << QByteArray("812 S 1");
        QTest::newRow("name does not end") << QByteArray("812 (bash S 1 1 1");
        QTest::newRow("ends before it begins") << QByteArray(") 812 (bash");
        QTest::newRow("cut") << QByteArray::fromStdString(statLine("x").substr(0, 60));
        QTest::newRow("pid is no number") << QByteArray("x (bash) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 1 0 1");
        QTest::newRow("pid too large") << QByteArray("4294967296 (b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 1 0 1");
        QTest::newRow("long state") << QByteArray("1 (b) SS 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 1 0 1");
    }
    void parseStat_refusesOtherShapes()
    {
        QFETCH(QByteArray, text);
        const auto stat = parseStat(text.toStdString());
        QVERIFY(!stat);
        QCOMPARE(stat.error().posix(), EILSEQ);
    }

    void parseStat_takesSlightlyNegativeMemoryAsNone()
    {
        const auto stat = parseStat("1 (b) S 0 1 1 0 -1 0 0 0 0 0 0 0 0 0 0 0 1 0 9 0 -3");
        QVERIFY(stat);
        QCOMPARE(stat->residentPages, std::uint64_t{0});
    }

    void parseStatus_findsUserAndInnerPids_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("good");
        QTest::addColumn<int>("uid");
        QTest::addColumn<QList<int>>("pids");
        QTest::newRow("usual") << QByteArray("Name:\tx\nUid:\t1000\t0\t0\t0\nNSpid:\t70\t3\t1\nNSsid:\t70\t0\t0\nVmSwap:\t      12 kB\n") << true << 1000
                               << QList<int>{70, 3, 1};
        QTest::newRow("old kernel") << QByteArray("Name:\tx\nUid:\t0\t0\t0\t0\n") << true << 0 << QList<int>{};
        QTest::newRow("name looks like a key")
            << QByteArray("Name:\tUid: 7\nUid:\t5\t5\t5\t5\nNSpid:\t9\n") << true << 5 << QList<int>{9};
        QTest::newRow("no user") << QByteArray("Name:\tx\n") << false << 0 << QList<int>{};
        QTest::newRow("bad user") << QByteArray("Uid:\tx\n") << false << 0 << QList<int>{};
        QTest::newRow("bad pid") << QByteArray("Uid:\t0\nNSpid:\t1 -2\n") << false << 0 << QList<int>{};
        QTest::newRow("empty") << QByteArray("") << false << 0 << QList<int>{};
    }
    void parseStatus_findsUserAndInnerPids()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, good);
        QFETCH(int, uid);
        QFETCH(QList<int>, pids);
        const auto status = parseStatus(text.toStdString());
        QCOMPARE(status.has_value(), good);
        if (good) {
            QCOMPARE(static_cast<int>(status->uid), uid);
            QCOMPARE(status->swapKib, text.contains("VmSwap") ? std::uint64_t{12} : std::uint64_t{0});
            QCOMPARE(QList<int>(status->namespacePids.begin(), status->namespacePids.end()), pids);
            const QList<int> sessions(status->namespaceSessions.begin(), status->namespaceSessions.end());
            QCOMPARE(sessions, text.contains("NSsid") ? (QList<int>{70, 0, 0}) : QList<int>());
        }
    }

    void joinArguments_isShownOnOneLine()
    {
        using namespace std::string_literals;
        QCOMPARE(joinArguments("sh\0-c\0a\nb\0"s), "sh -c a?b"s);
        QCOMPARE(joinArguments(""s), ""s);
        QCOMPARE(joinArguments("\0\0"s), ""s);
        QCOMPARE(joinArguments(std::string(10'000, 'x')).size(), std::size_t{4096});
    }

    void readProcess_ofItself_isRight()
    {
        const auto info = readProcess(::getpid());
        QVERIFY(info);
        QCOMPARE(info->key.pid, ::getpid());
        QCOMPARE(info->parentPid, ::getppid());
        QCOMPARE(info->uid, ::getuid());
        QVERIFY(info->commandLine.find("tst_process") != std::string::npos);
        QVERIFY(info->resident.v > 0 && info->threads > 0 && info->unreadableReason.empty());
        const auto pids = listPids();
        QVERIFY(pids && std::ranges::binary_search(*pids, ::getpid()));
    }

    void readProcess_tellsGoneFromUnreadable()
    {
        QTemporaryDir proc;
        const std::string root = proc.path().toStdString();
        QCOMPARE(readProcess(5, root).error().posix(), ESRCH);
        std::filesystem::create_directories(root + "/5");
        std::ofstream(root + "/5/stat") << statLine("x");
        std::filesystem::create_directory(root + "/5/status"); // EISDIR: there, but not readable
        std::ofstream(root + "/5/cmdline") << "x";
        const auto info = readProcess(5, root);
        QVERIFY(info);
        QVERIFY(!info->unreadableReason.empty());
        QCOMPARE(info->commandLine, std::string("x"));
    }

    void holderOf_tellsWhoKeepsANumber_data()
    {
        QTest::addColumn<std::vector<std::int32_t>>("ending");
        QTest::addColumn<QByteArray>("rest"); // of 830: parent, process group, session
        QTest::addColumn<std::int32_t>("holder");
        using Pids = std::vector<std::int32_t>;
        QTest::newRow("nobody") << Pids{} << QByteArray("1 830 830") << 0;
        QTest::newRow("as its group") << Pids{} << QByteArray("1 812 830") << 830;
        QTest::newRow("as its session") << Pids{} << QByteArray("1 830 812") << 830;
        QTest::newRow("it ends") << Pids{830} << QByteArray("1 812 812") << 0;
        QTest::newRow("its parent ends") << Pids{820} << QByteArray("820 812 812") << 0;
        QTest::newRow("its parent's parent ends") << Pids{1} << QByteArray("820 812 812") << 0;
        QTest::newRow("another ends") << Pids{7} << QByteArray("820 812 812") << 830;
        QTest::newRow("a kernel thread has none") << Pids{} << QByteArray("2 0 0") << 0;
    }
    void holderOf_tellsWhoKeepsANumber()
    {
        QFETCH(std::vector<std::int32_t>, ending);
        QFETCH(QByteArray, rest);
        QFETCH(std::int32_t, holder);
        QTemporaryDir proc;
        const std::string root = proc.path().toStdString();
        const auto make = [&root](const std::string &pid, const std::string &ids) {
            std::filesystem::create_directories(root + "/" + pid);
            std::string line = statLine("x");
            line.replace(0, line.find(" 0 -1"), pid + " (x) Z " + ids);
            std::ofstream(root + "/" + pid + "/stat") << line;
        };
        make("1", "0 1 1");
        make("820", "1 820 820");
        make("830", rest.toStdString());
        const std::vector<std::int32_t> numbers{811, 812, 0};
        const auto found = holderOf(numbers, ending, root);
        QCOMPARE(found ? found->process.pid : 0, holder);
        QCOMPARE(found ? found->number : 812, 812);
        make("812", "1 1 1");
        const auto itself = holderOf(numbers, {}, root);
        QVERIFY(itself && itself->number == 812 && itself->process.pid == 812);
    }

    void userNames_fallBackToTheNumber()
    {
        UserNames names;
        QCOMPARE(names.name(0), std::string("root"));
        QCOMPARE(names.name(3'999'999'999), std::string("3999999999"));
    }
};

QTEST_GUILESS_MAIN(TestProcess)
#include "tst_process.moc"
