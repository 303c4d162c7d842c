// SPDX-License-Identifier: GPL-3.0-or-later
// gantryd as a program: who is let in, its socket, its end, systemd's protocol, and "gantryd dial".
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "gantry/v1/alerts.grpc.pb.h"
#include "gantry/v1/host.grpc.pb.h"
#include "service_host.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QtTest>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <grp.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;
using test::BoundedContext;
using test::ServiceHost;

namespace {

constexpr auto kActGroup = "daemon"; // groups that every system has stand in for gantry and gantry-view
constexpr auto kViewGroup = "games";
constexpr uid_t kUser = 54'321;
constexpr uid_t kOtherUser = 54'322;
constexpr uid_t kStranger = 65'534;

gid_t groupId(const char *name)
{
    const group *const entry = ::getgrnam(name); // NOLINT(concurrency-mt-unsafe): before other threads ask
    if (entry == nullptr)
        qFatal("there is no group %s", name);
    return entry->gr_gid;
}

/// A connection as this user with these groups besides his own; empty where none is accepted.
/// @param name abstract one of this end; empty: it has none.
/// Kernel: the credentials that the other end sees are those of the thread that calls connect(2); a thread changes its
/// own alone by the bare system calls.
UniqueFd connectAs(const std::string &path, uid_t user, std::vector<gid_t> groups, const std::string &name = {})
{
    UniqueFd out;
    std::thread([&] {
        if (user != 0 &&
            (::syscall(SYS_setgroups, groups.size(), groups.data()) != 0 ||
             ::syscall(SYS_setresgid, user, user, user) != 0 || ::syscall(SYS_setresuid, user, user, user) != 0))
            qFatal("setresuid: %s", strerror(errno));
        const auto address = socketAddress(path);
        UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const auto own = abstractAddress(name);
        if (!name.empty() && (!own || ::bind(socket.get(), own->get(), own->size()) != 0))
            qFatal("bind: %s", strerror(errno));
        if (address && ::connect(socket.get(), address->get(), address->size()) == 0)
            out = std::move(socket);
    }).join();
    return out;
}

/// gantryd in a folder of its own.
class Daemon
{
public:
    Daemon() { ::chmod(m_folder.path().toUtf8().constData(), 0755); }
    Daemon(const Daemon &) = delete;
    Daemon &operator=(const Daemon &) = delete;
    ~Daemon() { end(SIGKILL); }

    /// @param script of sh(1), which gets the program and its arguments; empty: the program itself.
    void start(const QStringList &environment = {}, const std::function<void()> &inChild = {},
               const QString &script = {})
    {
        m_process = std::make_unique<QProcess>();
        configure(*m_process, environment);
        if (inChild)
            m_process->setChildProcessModifier(inChild);
        if (script.isEmpty())
            m_process->start(QStringLiteral(GANTRYD), arguments());
        else
            m_process->start(QStringLiteral("sh"),
                             QStringList{QStringLiteral("-c"), script, QStringLiteral(GANTRYD)} + arguments());
        QVERIFY(m_process->waitForStarted());
    }
    /// @return its exit status, -signal where one ended it.
    int end(int signal)
    {
        if (!m_process || m_process->state() == QProcess::NotRunning)
            return 0;
        ::kill(static_cast<pid_t>(m_process->processId()), signal);
        return waitForEnd();
    }
    int waitForEnd()
    {
        if (!m_process->waitForFinished(20'000))
            qFatal("gantryd does not end: %s", m_process->readAllStandardError().constData());
        return m_process->exitStatus() == QProcess::CrashExit ? -1 : m_process->exitCode();
    }
    [[nodiscard]] bool runs() const { return m_process->state() == QProcess::Running; }
    [[nodiscard]] QByteArray words() { return m_process->readAllStandardError(); }
    [[nodiscard]] std::string socketPath() const { return m_folder.filePath(QStringLiteral("d/g.sock")).toStdString(); }
    [[nodiscard]] QString statePath(const QString &file) const { return m_folder.filePath("state/" + file); }
    [[nodiscard]] QString path(const char *name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    [[nodiscard]] QStringList arguments() const
    {
        return {QStringLiteral("--socket"),     QString::fromStdString(socketPath()),
                QStringLiteral("--state"),      m_folder.filePath(QStringLiteral("state")),
                QStringLiteral("--act-group"),  QString::fromUtf8(kActGroup),
                QStringLiteral("--view-group"), QString::fromUtf8(kViewGroup)};
    }
    static void configure(QProcess &process, const QStringList &environment)
    {
        QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
        for (const QString &one : environment)
            variables.insert(one.section('=', 0, 0), one.section('=', 1));
        process.setProcessEnvironment(variables);
    }
    /// A client of it; waits until it listens.
    [[nodiscard]] std::shared_ptr<grpc::Channel> channelAs(uid_t user, const std::vector<gid_t> &groups = {}) const
    {
        for (QElapsedTimer timer = started(); timer.elapsed() < 20'000;) {
            if (UniqueFd socket = connectAs(socketPath(), user, groups))
                return ServiceHost::channelTo(std::move(socket));
            QTest::qSleep(20);
        }
        qFatal("gantryd does not listen");
    }
    static QElapsedTimer started()
    {
        QElapsedTimer out;
        out.start();
        return out;
    }
    /// Without a journal, its audit log.
    [[nodiscard]] bool hasAudited(const QByteArray &part) const
    {
        if (QFile::exists(QStringLiteral("/run/systemd/journal/socket")))
            return true;
        QFile file(statePath(QStringLiteral("audit.log")));
        return file.open(QIODevice::ReadOnly) && file.readAll().contains(part);
    }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<QProcess> m_process;
};

struct Answer
{
    grpc::Status status;
    v1::HelloReply reply;
    /// Of a status that is not OK.
    [[nodiscard]] Error error() const { return service::errorFrom(status); }
    [[nodiscard]] QByteArray words() const
    {
        return QByteArray::fromStdString(status.ok() ? std::string() : error().message() + "; " + error().remedy);
    }
};

Answer hello(const std::shared_ptr<grpc::Channel> &channel)
{
    Answer out;
    BoundedContext context(std::chrono::seconds(30));
    v1::HelloRequest request;
    request.set_protocol_major(1);
    out.status = v1::Host::NewStub(channel)->Hello(&context, request, &out.reply);
    return out;
}

/// A change without danger: the removal of a rule that is not there. @return errno: ENOENT where it may.
int change(const std::shared_ptr<grpc::Channel> &channel)
{
    BoundedContext context;
    v1::DeleteRuleRequest request;
    request.set_id("no-such-rule");
    request.mutable_actor()->set_program("test");
    v1::DeleteRuleReply reply;
    const grpc::Status status = v1::Alerts::NewStub(channel)->DeleteRule(&context, request, &reply);
    return status.ok() ? 0 : service::errorFrom(status).posix();
}

/// Datagrams as systemd gets them.
class NotifySocket
{
public:
    explicit NotifySocket(const QString &path) : m_path(path.toStdString())
    {
        const auto address = socketAddress(m_path);
        if (!address || ::bind(m_socket.get(), address->get(), address->size()) != 0)
            qFatal("bind: %s", strerror(errno));
    }
    [[nodiscard]] QString variable() const { return "NOTIFY_SOCKET=" + QString::fromStdString(m_path); }
    /// All until one has this part, or nothing comes for 20 s.
    [[nodiscard]] bool gets(const QByteArray &part)
    {
        std::array<char, 4'096> bytes{};
        for (pollfd wait{m_socket.get(), POLLIN, 0}; ::poll(&wait, 1, 20'000) > 0;) {
            const ssize_t size = ::recv(m_socket.get(), bytes.data(), bytes.size(), 0);
            if (QByteArray(bytes.data(), static_cast<qsizetype>(size)).contains(part))
                return true;
        }
        return false;
    }

private:
    std::string m_path;
    UniqueFd m_socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
};

/// "gantryd dial" as ssh and pkexec start it, over one socket.
class Dialled
{
public:
    explicit Dialled(const Daemon &daemon, const QStringList &environment = {}, const QString &socket = {})
    {
        auto [mine, its] = test::connectedPair();
        m_socket = std::move(mine);
        const int fd = its.get();
        m_process.setChildProcessModifier([fd] {
            ::dup2(fd, STDIN_FILENO);
            ::dup2(fd, STDOUT_FILENO);
        });
        Daemon::configure(m_process, environment);
        QStringList arguments{QStringLiteral("dial")};
        arguments += daemon.arguments();
        if (!socket.isEmpty())
            arguments << QStringLiteral("--socket") << socket;
        m_process.start(QStringLiteral(GANTRYD), arguments);
        if (!m_process.waitForStarted())
            qFatal("gantryd dial does not start");
    }
    [[nodiscard]] std::shared_ptr<grpc::Channel> channel() { return ServiceHost::channelTo(std::move(m_socket)); }
    void hangUp() { m_socket = UniqueFd(); }
    void signal(int number) const { ::kill(static_cast<pid_t>(m_process.processId()), number); }
    int waitForEnd()
    {
        if (!m_process.waitForFinished(20'000))
            qFatal("gantryd dial does not end");
        return m_process.exitStatus() == QProcess::CrashExit ? -1 : m_process.exitCode();
    }
    [[nodiscard]] QByteArray words() { return m_process.readAllStandardError(); }

private:
    UniqueFd m_socket;
    QProcess m_process;
};

} // namespace

class TestDaemon : public QObject
{
    Q_OBJECT
    gid_t m_act = 0;
    gid_t m_view = 0;
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY2(::getuid() == 0, "root is wanted");
        m_act = groupId(kActGroup);
        m_view = groupId(kViewGroup);
    }

    void callers_byTheirCredentials()
    {
        Daemon daemon;
        daemon.start();
        const auto root = daemon.channelAs(0);
        const Answer ofRoot = hello(root);
        QVERIFY2(ofRoot.status.ok(), ofRoot.words());
        QCOMPARE(ofRoot.reply.read_only_reason(), std::string());
        QCOMPARE(change(root), ENOENT);

        const auto member = daemon.channelAs(kUser, {1'000, m_act});
        QCOMPARE(hello(member).reply.read_only_reason(), std::string());
        QCOMPARE(change(member), ENOENT);
        QVERIFY(daemon.hasAudited("uid 54321"));

        const auto looker = daemon.channelAs(kOtherUser, {m_view});
        const Answer ofLooker = hello(looker);
        QVERIFY2(ofLooker.status.ok(), ofLooker.words());
        QCOMPARE(ofLooker.reply.read_only_reason(), std::string("membership in group daemon (group games only looks)"));
        QCOMPARE(change(looker), EPERM);
        BoundedContext context;
        v1::HostInfo info;
        QVERIFY(v1::Host::NewStub(looker)->Info(&context, {}, &info).ok());
        QCOMPARE(info.host_name().empty(), false);

        const Answer ofStranger = hello(daemon.channelAs(kStranger, {1'000}));
        QCOMPARE(ofStranger.status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
        QCOMPARE(ofStranger.error().posix(), EPERM);
        QVERIFY2(ofStranger.words().contains("uid 65534") && ofStranger.words().contains("usermod -aG games nobody"),
                 ofStranger.words());
        QVERIFY(!daemon.hasAudited("uid 54322"));
    }

    void origin_isBelievedOfRootAlone()
    {
        Daemon daemon;
        daemon.start();
        QVERIFY(hello(daemon.channelAs(0)).status.ok()); // it listens
        const std::string name = strCat("gantry-dial/", ::getpid(), "/uid ");
        const auto root = ServiceHost::channelTo(connectAs(daemon.socketPath(), 0, {}, name + "111 by sudo"));
        QCOMPARE(change(root), ENOENT);
        QVERIFY(daemon.hasAudited("for uid 111 by sudo"));
        const auto member =
            ServiceHost::channelTo(connectAs(daemon.socketPath(), kUser, {m_act}, name + "222 by sudo"));
        QCOMPARE(change(member), ENOENT);
        QVERIFY(daemon.hasAudited("uid 54321"));
        QFile audit(daemon.statePath(QStringLiteral("audit.log")));
        QVERIFY(!audit.open(QIODevice::ReadOnly) || !audit.readAll().contains("222"));
    }

    void socket_stale_isReplaced_andASecondServiceRefuses()
    {
        Daemon daemon;
        daemon.start();
        QVERIFY(hello(daemon.channelAs(0)).status.ok());

        QProcess second;
        second.start(QStringLiteral(GANTRYD), daemon.arguments());
        QVERIFY(second.waitForFinished(20'000));
        QCOMPARE(second.exitCode(), 1);
        const QByteArray words = second.readAllStandardError();
        QVERIFY2(words.contains("another gantryd serves this socket"), words);
        QVERIFY(hello(daemon.channelAs(0)).status.ok());

        daemon.end(SIGKILL);
        QVERIFY(std::filesystem::exists(daemon.socketPath()));
        daemon.start();
        const Answer again = hello(daemon.channelAs(0));
        QVERIFY2(again.status.ok(), again.words());

        QCOMPARE(daemon.end(SIGTERM), 0);
        QVERIFY(!std::filesystem::exists(daemon.socketPath()));
    }

    void end_withAnOpenStream_isQuick()
    {
        Daemon daemon;
        daemon.start();
        const auto channel = daemon.channelAs(0);
        QVERIFY(hello(channel).status.ok());
        BoundedContext context(60s);
        const auto stub = v1::Alerts::NewStub(channel);
        const auto reader = stub->Watch(&context, {});
        v1::AlertUpdate update;
        QVERIFY(reader->Read(&update));
        QElapsedTimer timer = Daemon::started();
        QCOMPARE(daemon.end(SIGTERM), 0);
        QVERIFY(timer.elapsed() < 10'000);
        while (reader->Read(&update)) {
        }
        QVERIFY(!reader->Finish().ok());
    }

    void flood_ofConnections_leavesRoomForOthers()
    {
        Daemon daemon;
        daemon.start();
        QVERIFY(hello(daemon.channelAs(0)).status.ok());
        std::vector<UniqueFd> silent;
        for (int i = 0; i < 16; ++i) // none of them ever says a word
            silent.push_back(connectAs(daemon.socketPath(), kUser, {m_view}));
        const Answer oneMore = hello(daemon.channelAs(kUser, {m_view}));
        QCOMPARE(oneMore.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
        QVERIFY2(oneMore.words().contains("uid 54321 has 16 connections open"), oneMore.words());
        for (int i = 0; i < 100; ++i)
            silent.push_back(connectAs(daemon.socketPath(), kUser, {m_view}));
        for (int i = 0; i < 30; ++i)
            silent.push_back(connectAs(daemon.socketPath(), kStranger, {}));
        for (const UniqueFd &one : silent) // and what these say is no HTTP/2
            (void)::send(one.get(), "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL | MSG_DONTWAIT);

        QElapsedTimer timer = Daemon::started();
        const Answer ofRoot = hello(daemon.channelAs(0));
        QVERIFY2(ofRoot.status.ok(), ofRoot.words());
        const Answer ofOther = hello(daemon.channelAs(kOtherUser, {m_view}));
        QVERIFY2(ofOther.status.ok(), ofOther.words());
        QVERIFY(timer.elapsed() < 5'000);
        silent.clear();
        QTRY_VERIFY_WITH_TIMEOUT(hello(daemon.channelAs(kUser, {m_view})).status.ok(), 10'000);
    }

    void flood_ofCalls_leavesTimeForOthers()
    {
        Daemon daemon;
        daemon.start();
        const auto root = daemon.channelAs(0);
        QVERIFY(hello(root).status.ok());
        std::atomic<bool> stop = false;
        std::atomic<int> made = 0;
        std::vector<std::thread> callers;
        for (int i = 0; i < 12; ++i) {
            callers.emplace_back([&, channel = daemon.channelAs(kUser, {m_view})] {
                const auto stub = v1::Host::NewStub(channel);
                while (!stop) {
                    BoundedContext context(30s);
                    v1::HostInfo info;
                    (void)stub->Info(&context, {}, &info);
                    ++made;
                }
            });
        }
        QTRY_VERIFY_WITH_TIMEOUT(made > 24, 20'000);
        qint64 longest = 0;
        for (int i = 0; i < 20; ++i) {
            QElapsedTimer timer = Daemon::started();
            QVERIFY(hello(root).status.ok());
            longest = std::max(longest, timer.elapsed());
        }
        stop = true;
        for (std::thread &caller : callers)
            caller.join();
        qInfo("longest wait of root: %lld ms, %d calls of the other", longest, made.load());
        QVERIFY(longest < 2'000);
    }

    void systemd_isToldOfReadyWatchdogAndEnd()
    {
        Daemon daemon;
        NotifySocket systemd(daemon.path("notify"));
        daemon.start({systemd.variable(), QStringLiteral("WATCHDOG_USEC=400000")});
        QVERIFY(systemd.gets("READY=1"));
        for (int i = 0; i < 3; ++i)
            QVERIFY(systemd.gets("WATCHDOG=1"));
        QCOMPARE(daemon.end(SIGTERM), 0);
        QVERIFY(systemd.gets("STOPPING=1"));
    }

    void systemd_socketHandedOver_isServedAndLeft()
    {
        Daemon daemon;
        std::filesystem::create_directories(std::filesystem::path(daemon.socketPath()).parent_path());
        const auto address = socketAddress(daemon.socketPath());
        const UniqueFd listening(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        QVERIFY(address && ::bind(listening.get(), address->get(), address->size()) == 0);
        QVERIFY(::listen(listening.get(), 8) == 0);
        // One started by hand beside it leaves the socket alone.
        QProcess other;
        other.start(QStringLiteral(GANTRYD), daemon.arguments());
        QVERIFY(other.waitForFinished(20'000));
        QCOMPARE(other.exitCode(), 1);

        daemon.start(
            {QStringLiteral("LISTEN_FDS=1")}, [fd = listening.get()] { ::dup2(fd, 3); },
            QStringLiteral("LISTEN_PID=$$ exec \"$0\" \"$@\"")); // the shell's pid becomes gantryd's
        QVERIFY(hello(daemon.channelAs(0)).status.ok());
        QCOMPARE(daemon.end(SIGTERM), 0);
        QVERIFY(std::filesystem::exists(daemon.socketPath()));
    }

    void dial_toTheService_carriesTheCallersRights()
    {
        Daemon daemon;
        daemon.start();
        QVERIFY(hello(daemon.channelAs(0)).status.ok());
        Dialled dialled(daemon, {QStringLiteral("SUDO_UID=4321")});
        const auto channel = dialled.channel();
        QVERIFY(hello(channel).status.ok());
        QCOMPARE(change(channel), ENOENT);
        QVERIFY(daemon.hasAudited(", for uid 4321 by sudo)"));
        daemon.end(SIGTERM); // the service goes, and dial with it
        QCOMPARE(dialled.waitForEnd(), 0);
    }

    void dial_withoutAService_isAnEngine()
    {
        Daemon daemon;
        Dialled dialled(daemon, {QStringLiteral("PKEXEC_UID=1234")});
        {
            const auto channel = dialled.channel();
            const Answer answer = hello(channel);
            QVERIFY2(answer.status.ok(), answer.words());
            QCOMPARE(change(channel), ENOENT);
            QVERIFY(daemon.hasAudited(", for uid 1234 by pkexec)"));
        } // the client hangs up
        QCOMPARE(dialled.waitForEnd(), 0);
    }

    void dial_ends_data()
    {
        QTest::addColumn<bool>("service");
        QTest::addColumn<int>("signal"); // 0: the client hangs up
        for (const bool service : {false, true}) {
            for (const int signal : {0, SIGTERM, SIGHUP})
                QTest::addRow("%s, signal %d", service ? "service" : "own engine", signal) << service << signal;
        }
    }
    void dial_ends()
    {
        QFETCH(const bool, service);
        QFETCH(const int, signal);
        Daemon daemon;
        if (service) {
            daemon.start();
            QVERIFY(hello(daemon.channelAs(0)).status.ok());
        }
        Dialled dialled(daemon);
        const auto channel = signal == 0 ? nullptr : dialled.channel();
        if (channel) {
            QVERIFY(hello(channel).status.ok());
            dialled.signal(signal);
        } else {
            dialled.hangUp();
        }
        QCOMPARE(dialled.waitForEnd(), 0);
        QVERIFY(!service || daemon.runs());
    }

    void dial_whatCannotBeConnectedTo_isToldInWords()
    {
        Daemon daemon;
        QFile file(daemon.path("file"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        Dialled dialled(daemon, {}, daemon.path("file/below")); // ENOTDIR
        QCOMPARE(dialled.waitForEnd(), 1);
        const QByteArray words = dialled.words();
        QVERIFY2(words.contains("connect") && words.contains("Not a directory"), words);
    }
};

QTEST_GUILESS_MAIN(TestDaemon)
#include "tst_daemon.moc"
