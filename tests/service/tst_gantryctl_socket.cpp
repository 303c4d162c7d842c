// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl with the service of this machine, which a test's own engine stands for, and with services of other
// versions.
#include <QtTest>

#include "engine/base/socket_address.h"
#include "gantry/v1/host.grpc.pb.h"
#include "tests/service/ran.h"
#include "tests/service/service_host.h"

#include <QProcess>
#include <QTemporaryDir>

#include <atomic>
#include <thread>

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <poll.h>

using namespace gantry;
using test::finish;
using test::Ran;

namespace {

Ran gantryctl(const QStringList &arguments)
{
    QProcess process;
    process.start(QStringLiteral(GANTRYCTL), arguments);
    return finish(process, 30'000);
}

/// Takes connections for an engine, as gantryd does, and counts them.
class Door
{
public:
    Door(test::ServiceHost &host, const std::string &path)
        : m_host(host), m_socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const auto address = socketAddress(path);
        if (!address || ::bind(m_socket.get(), address->get(), address->size()) != 0 ||
            ::listen(m_socket.get(), 8) != 0)
            qFatal("bind: %s", strerror(errno));
        m_thread = std::jthread([this](const std::stop_token &stop) { serve(stop); });
    }
    [[nodiscard]] int served() const { return m_served; }

private:
    void serve(const std::stop_token &stop)
    {
        while (!stop.stop_requested()) {
            pollfd wait{m_socket.get(), POLLIN, 0};
            if (::poll(&wait, 1, 50) != 1)
                continue;
            UniqueFd one(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (one && m_host.engine().serveFd(std::move(one)))
                ++m_served;
        }
    }

    test::ServiceHost &m_host;
    UniqueFd m_socket;
    std::atomic<int> m_served = 0;
    std::jthread m_thread;
};

/// A gantryd of another version: it says Hello, and knows nothing else.
class OtherVersion : public v1::Host::Service
{
public:
    explicit OtherVersion(bool welcomes, grpc::Status refusal = {grpc::StatusCode::FAILED_PRECONDITION,
                                                                 "this engine speaks protocol 7, the client 1"})
        : m_welcomes(welcomes), m_refusal(std::move(refusal))
    {}
    grpc::Status Hello(grpc::ServerContext * /*context*/, const v1::HelloRequest * /*request*/,
                       v1::HelloReply *reply) override
    {
        if (!m_welcomes)
            return m_refusal;
        reply->set_protocol_major(1);
        reply->set_engine_version("0.0.3");
        return grpc::Status::OK;
    }

private:
    const bool m_welcomes;
    const grpc::Status m_refusal;
};

} // namespace

class TestGantryctlSocket : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        qunsetenv("GANTRY_SOCKET");
        qputenv("GANTRY_STATE", m_folder.filePath(QStringLiteral("state")).toUtf8());
    }

    void service_running_isUsedWithoutBeingNamed()
    {
        test::ServiceHost host;
        Door door(host, path("gantryd.sock"));
        // Named by the environment, by --host; a state folder of its own wants an engine of its own.
        qputenv("GANTRY_SOCKET", QByteArray::fromStdString(path("gantryd.sock")));
        Ran ran = gantryctl({"tree"});
        QVERIFY2(ran.exitStatus == 0 && ran.out.contains("CGROUP"), ran.err.constData());
        QVERIFY(door.served() >= 1);
        const int before = door.served();
        qputenv("GANTRY_SOCKET", "");
        QCOMPARE(gantryctl({"tree"}).exitStatus, 0);
        QCOMPARE(gantryctl({"--host", "local", "tree"}).exitStatus, 0);
        QCOMPARE(door.served(), before);
        ran = gantryctl({"--host", QString::fromStdString("unix:" + path("gantryd.sock")), "events"});
        QCOMPARE(ran.exitStatus, 0);
        QVERIFY(door.served() > before);
        QVERIFY2(!ran.err.contains("before gantryctl was started"), ran.err.constData());
        // Its engine runs schedules: the command says so.
        qputenv("GANTRY_SOCKET", QByteArray::fromStdString(path("gantryd.sock")));
        ran = gantryctl({"schedule", "run"});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("run there already, by the process " +
                                  QByteArray::number(QCoreApplication::applicationPid())),
                 ran.err.constData());
    }

    void socket_nobodyServes_isAnErrorWhereItIsNamed()
    {
        const Ran ran = gantryctl({"--host", "unix:" + m_folder.filePath("nobody.sock"), "tree"});
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("no gantryd serves there"), ran.err.constData());
        qputenv("GANTRY_SOCKET", m_folder.filePath("nobody.sock").toUtf8());
        QCOMPARE(gantryctl({"tree"}).exitStatus, 0);
    }

    void service_letsNobodyIn_ownEngineLooks()
    {
        OtherVersion service(false, service::toStatus(fail(EPERM, "connect", "gantryd", "not a member of gantry").error()));
        const auto server = serve(service);
        QCOMPARE(gantryctl({"--host", QString::fromStdString("unix:" + path("other.sock")), "tree"}).exitStatus, 1);
        qputenv("GANTRY_SOCKET", QByteArray::fromStdString(path("other.sock")));
        const Ran ran = gantryctl({"tree"});
        server->Shutdown();
        QVERIFY2(ran.exitStatus == 0, ran.err.constData());
    }

    void version_older_namesBothAndTheRemedy()
    {
        const Ran ran = askOther(true);
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("runs gantryd 0.0.3, which cannot do this") &&
                     ran.err.contains("install Gantry " GANTRY_VERSION " there"),
                 ran.err.constData());
    }

    void version_otherProtocol_isRefused()
    {
        const Ran ran = askOther(false);
        QCOMPARE(ran.exitStatus, 1);
        QVERIFY2(ran.err.contains("speaks protocol 7") && ran.err.contains("restart gantryd"), ran.err.constData());
    }

private:
    [[nodiscard]] std::string path(const char *name) const { return m_folder.filePath(name).toStdString(); }

    [[nodiscard]] std::unique_ptr<grpc::Server> serve(OtherVersion &service) const
    {
        grpc::ServerBuilder builder;
        builder.AddListeningPort("unix:" + path("other.sock"), grpc::InsecureServerCredentials());
        builder.RegisterService(&service);
        return builder.BuildAndStart();
    }
    [[nodiscard]] Ran askOther(bool welcomes) const
    {
        OtherVersion service(welcomes);
        const auto server = serve(service);
        const Ran ran = gantryctl({"--host", QString::fromStdString("unix:" + path("other.sock")), "tree"});
        server->Shutdown();
        return ran;
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestGantryctlSocket)
#include "tst_gantryctl_socket.moc"
