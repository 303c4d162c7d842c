// SPDX-License-Identifier: GPL-3.0-or-later
// What the log of a real CRIU that failed is explained by, compared with what pre-flight said of the same process, and
// with what was broken before a restore.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/checkpoint/log_story.h"
#include "engine/checkpoint/preflight.h"
#include "engine/process/process.h"
#include "tests/kernel/criu_target.h"

#include <QFile>
#include <QTemporaryDir>

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::checkpoint;
using namespace std::chrono_literals;
using test::Target;

namespace {

QByteArray words(const FailureStory &story)
{
    std::string out = strCat("cause: ", story.cause ? causeInfo(*story.cause).name : "none", ", pid ", story.pid,
                             ", object: ", story.object, ", line: ", story.line);
    for (const std::string &line : story.around)
        out += strCat("\n    ", line);
    return QByteArray::fromStdString(out);
}

/// Keeps a log where GANTRY_CRIU_LOGS says, to record the excerpts of tests/data/criu.
void keep(const char *name, const std::string &log)
{
    const QString folder = qEnvironmentVariable("GANTRY_CRIU_LOGS");
    QFile file(QStringLiteral("%1/%2.log").arg(folder, QString::fromLatin1(name)));
    if (!folder.isEmpty() && file.open(QIODevice::WriteOnly))
        file.write(QByteArray::fromStdString(log));
}

/// "fd 14" of "fd 14 -> socket:[5], port 80 of pid 812 (node)"; empty: no file.
std::string fileOf(const std::string &object)
{
    return object.starts_with("fd ") ? object.substr(0, object.find(' ', 3)) : std::string();
}

using Change = bool (*)(const QString &folder);

bool changeNothing(const QString & /*folder*/)
{
    return true;
}
bool removeFile(const QString &folder)
{
    return QFile::remove(folder + QStringLiteral("/target"));
}
bool growFile(const QString &folder)
{
    QFile file(folder + QStringLiteral("/target"));
    return file.open(QIODevice::Append) && file.write(" world") == 6;
}
bool lockFile(const QString &folder)
{
    return QFile::setPermissions(folder + QStringLiteral("/target"), QFile::ReadOwner);
}
bool dropTree(const QString &folder)
{
    return QFile::remove(folder + QStringLiteral("/images/pstree.img"));
}
bool cutTree(const QString &folder)
{
    return QFile::resize(folder + QStringLiteral("/images/pstree.img"), 12);
}
bool spoilTree(const QString &folder)
{
    QFile file(folder + QStringLiteral("/images/pstree.img"));
    return file.open(QIODevice::ReadWrite) && file.write("nonsense") == 8;
}

} // namespace

Q_DECLARE_METATYPE(Change)

class TestKernelLogStory : public QObject
{
    Q_OBJECT
    CriuFacts m_criu;
    int m_refused = 0;
    int m_explained = 0; ///< by the cause and the process that pre-flight named
    int m_byLogAlone = 0;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(test::adoptTargets());
        m_criu = probeCriu(criuPath(), {runtime::Clock::now() + 60s});
        QVERIFY2(!m_criu.path.empty(), "no CRIU: packaging/setup.sh installs one");
        QCOMPARE(m_criu.problem, std::string());
    }

    void cleanup() { test::endAllBelow(); }

    void cleanupTestCase()
    {
        qInfo("%d of %d refusals are explained by cause and process, %d by the log alone", m_explained, m_refused,
              m_byLogAlone);
        QVERIFY(m_refused >= 25);
        QVERIFY(m_byLogAlone * 10 >= m_refused * 9);
    }

    void refusal_isExplained_data()
    {
        QTest::addColumn<QByteArray>("options"); // that CRIU gets besides; "chosen": those of pre-flight
        for (const char *name : {"unix-stream-outside",
                                 "unix-packets-outside",
                                 "unix-nameless-outside",
                                 "mptcp",
                                 "vsock",
                                 "io-uring",
                                 "io-uring-mapped",
                                 "userfaultfd",
                                 "perf",
                                 "device-fuse",
                                 "own-uts",
                                 "own-ipc",
                                 "own-pid",
                                 "own-user",
                                 "own-time",
                                 "traced",
                                 "child-traced",
                                 "file-outside",
                                 "sysv-shared-memory",
                                 "leader-gone",
                                 "other-uid"})
            QTest::newRow(name) << QByteArray("chosen");
        // What an option takes care of, refused without it.
        for (const char *name : {"tcp-inside", "tcp-outside", "tcp-pending", "unix-datagram-outside", "file-lock",
                                 "deleted-big", "deleted-linked", "no-session"})
            QTest::addRow("%s without its option", name) << QByteArray();
        QTest::newRow("vforked") << QByteArray("timeout=1");
    }
    void refusal_isExplained()
    {
        QFETCH(QByteArray, options);
        const std::string name = QByteArray(QTest::currentDataTag()).split(' ').front().toStdString();
        const QTemporaryDir folder;
        const Target target(name, folder.path().toStdString());
        QVERIFY(target.isReady());
        QVERIFY(name != "leader-gone" || target.reaches('Z'));
        QVERIFY(name != "vforked" || target.reaches('D'));
        const auto look = lookAtTree(*treeOf(target.pid()), {});
        QVERIFY(look);
        const auto findings = judge(*look, m_criu);
        if (name == "other-uid" && look->hasSysResource)
            QSKIP("CRIU saves it here: it has CAP_SYS_RESOURCE");
        const std::vector<std::string> given = options == "chosen" ? chosenOptions(findings)
                                               : options.isEmpty() ? std::vector<std::string>()
                                                                   : std::vector{options.toStdString()};
        const test::CriuRun run = test::dump(m_criu, target.pid(), given, folder.path().toStdString());
        QVERIFY(!run.done);
        keep(QTest::currentDataTag(), run.log);
        compare(run.log, findings);
    }

    void pidNamespaceWithoutItsInit_isExplained()
    {
        const QTemporaryDir folder;
        const Target target("pid-namespace", folder.path().toStdString());
        QVERIFY(target.isReady());
        const std::int32_t last = treeOf(target.pid())->back();
        const auto look = lookAtTree(*treeOf(last), {});
        QVERIFY(look);
        const auto findings = judge(*look, m_criu);
        const test::CriuRun run = test::dump(m_criu, last, chosenOptions(findings), folder.path().toStdString());
        QVERIFY(!run.done);
        keep(QTest::currentTestFunction(), run.log);
        compare(run.log, findings);
    }

    void success_hasNoStory_data()
    {
        QTest::addColumn<bool>("unused");
        for (const char *name :
             {"plain", "memfd", "socketpair", "udp", "netlink", "packet", "threads", "zombie", "own-net",
              "tcp-listening", "tcp-inside", "tcp-pending", "unix-datagram-outside", "file-lock", "deleted-small",
              "deleted-big", "deleted-linked", "no-session", "inotify"})
            QTest::newRow(name) << true;
    }
    void success_hasNoStory()
    {
        const QTemporaryDir folder;
        const Target target(QTest::currentDataTag(), folder.path().toStdString());
        QVERIFY(target.isReady());
        const auto look = lookAtTree(*treeOf(target.pid()), {});
        QVERIFY(look);
        const test::CriuRun run =
            test::dump(m_criu, target.pid(), chosenOptions(judge(*look, m_criu)), folder.path().toStdString());
        QVERIFY(run.done);
        QVERIFY(run.log.size() > 1'000);
        const FailureStory story = explainLog(run.log);
        // Each error CRIU always has must be known for one.
        QVERIFY2(story.line.empty() && !story.cause, words(story).constData());
        QVERIFY(!story.around.empty());
    }

    void failedRestore_isExplained_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<Change>("change");
        QTest::addColumn<QByteArray>("cause");
        QTest::addColumn<QByteArray>("object"); // a part of it; "PID": the process
        const auto row = [](const char *name, const char *target, Change change, const char *cause,
                            const char *object) {
            QTest::newRow(name) << QByteArray(target) << change << QByteArray(cause) << QByteArray(object);
        };
        row("file was removed", "file-open", removeFile, "file-missing", "/target of pid PID");
        row("file has grown", "file-open", growFile, "file-changed", "/target of pid PID");
        row("file has other rights", "file-open", lockFile, "file-changed", "/target of pid PID");
        row("image is missing", "plain", dropTree, "damaged-checkpoint", "");
        row("image is cut off", "plain", cutTree, "damaged-checkpoint", "");
        row("image is spoilt", "plain", spoilTree, "damaged-checkpoint", "");
        row("connection without the option", "tcp-inside", changeNothing, "tcp-connection", "pid PID");
        row("datagram peer has gone", "unix-datagram-outside", changeNothing, "unix-peer-missing", "pid PID");
    }
    void failedRestore_isExplained()
    {
        QFETCH(QByteArray, target);
        QFETCH(Change, change);
        QFETCH(QByteArray, cause);
        QFETCH(QByteArray, object);
        const QTemporaryDir folder;
        const std::int32_t pid = checkpointed(target.toStdString(), folder.path());
        QVERIFY(pid > 0);
        QVERIFY(change(folder.path()));
        const bool peer = cause == "unix-peer-missing";
        const test::CriuRun run =
            test::restore(m_criu, peer ? std::vector<std::string>{"ext-unix-sk"} : std::vector<std::string>(),
                          folder.path().toStdString());
        QVERIFY(!run.done);
        keep(QTest::currentDataTag(), run.log);
        expect(explainLog(run.log), cause, object.replace("PID", QByteArray::number(pid)));
    }

    void pidThatIsTaken_isExplained()
    {
        const QTemporaryDir folder;
        const Target target("plain", folder.path().toStdString());
        QVERIFY(target.isReady());
        QVERIFY(test::dump(m_criu, target.pid(), {}, folder.path().toStdString()).done);
        const test::CriuRun run = test::restore(m_criu, {}, folder.path().toStdString());
        QVERIFY(!run.done);
        keep(QTest::currentTestFunction(), run.log);
        expect(explainLog(run.log), "pid-taken", "pid " + QByteArray::number(target.pid()));
    }

    void portThatIsTaken_isExplained()
    {
        const QTemporaryDir folder;
        std::uint16_t port = 0;
        const std::int32_t pid = checkpointed("tcp-listening", folder.path(), &port);
        QVERIFY(pid > 0 && port != 0);
        const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        QCOMPARE(::bind(other, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
        QCOMPARE(::listen(other, 1), 0);
        const test::CriuRun run = test::restore(m_criu, {}, folder.path().toStdString());
        ::close(other);
        QVERIFY(!run.done);
        keep(QTest::currentTestFunction(), run.log);
        expect(explainLog(run.log), "address-taken",
               QByteArray("port ") + QByteArray::number(port) + " of pid " + QByteArray::number(pid));
    }

private:
    /// True if the log names a cause, process and file that pre-flight named.
    [[nodiscard]] static bool isSame(const FailureStory &story, const std::vector<Finding> &findings)
    {
        return std::ranges::any_of(findings, [&](const Finding &finding) {
            return finding.cause == story.cause && finding.pid == story.pid &&
                   (fileOf(story.object).empty() || fileOf(finding.object) == fileOf(story.object));
        });
    }

    void compare(const std::string &log, const std::vector<Finding> &findings)
    {
        ++m_refused;
        const FailureStory alone = explainLog(log);
        const FailureStory story = explainLog(log, findings);
        m_byLogAlone += isSame(alone, findings) ? 1 : 0;
        QVERIFY2(isSame(story, findings), words(story).constData());
        QVERIFY(!story.line.empty() && !story.around.empty());
        // Alone it names the same or nothing: never another one.
        QVERIFY2(!alone.cause || alone.cause == story.cause, words(alone).constData());
        ++m_explained;
    }

    static void expect(const FailureStory &story, const QByteArray &cause, const QByteArray &object)
    {
        QVERIFY2(story.cause && causeInfo(*story.cause).name == cause.toStdString(), words(story).constData());
        QVERIFY2(story.object.find(object.toStdString()) != std::string::npos, words(story).constData());
    }

    /// A target that was saved and ended. @return its pid; 0: that failed.
    [[nodiscard]] std::int32_t checkpointed(const std::string &name, const QString &folder,
                                            std::uint16_t *port = nullptr)
    {
        const Target target(name, folder.toStdString());
        const auto look = target.isReady() ? lookAtTree(*treeOf(target.pid()), {}) : fail(ESRCH, "look", "", "");
        if (!look)
            return 0;
        if (port != nullptr) {
            for (const OpenFile &file : look->tasks.front().files)
                for (const auto &[space, sockets] : look->sockets)
                    if (const auto socket = sockets.tcp.find(file.inode); socket != sockets.tcp.end())
                        *port = socket->second.port;
        }
        const auto options = chosenOptions(judge(*look, m_criu));
        return test::dump(m_criu, target.pid(), options, folder.toStdString(), true).done ? target.pid() : 0;
    }
};

QTEST_GUILESS_MAIN(TestKernelLogStory)
#include "tst_kernel_log_story.moc"
