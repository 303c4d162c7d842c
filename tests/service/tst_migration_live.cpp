// SPDX-License-Identifier: GPL-3.0-or-later
// Real programs move between two hosts while a client asks them over one connection: redis, nginx, Python. Each host
// has a network of its own, as in tst_migration_network.
#include <QtTest>

#include "engine/runtime/tool.h"
#include "tests/service/talk.h"
#include "tests/service/two_networks.h"
#include "tests/support/apart.h"

#include <csignal>
#include <fstream>
#include <memory>

#include <sys/prctl.h>
#include <sys/wait.h>

using namespace gantry;
using namespace gantry::test;

namespace {

const QString kHere = QStringLiteral("liv-here"); ///< of no other suite: they share /gantry
const QString kThere = QStringLiteral("liv-there");
constexpr const char *kAddress = "10.77.0.5";
constexpr int kFile = 6'000'000; ///< bytes that nginx sends, one million a second
constexpr const char *kNginx = "daemon off; user root; worker_processes 2; pid /tmp/pid; error_log /tmp/log;\n"
                               "events { worker_connections 64; }\n"
                               "http { access_log off; keepalive_timeout 600; keepalive_requests 1000000;\n"
                               "client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c;\n"
                               "uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;\n"
                               "server { listen 8080; location / { return 200 \"$arg_n\\n\"; }\n"
                               "location /data { root /; limit_rate 1m; } } }\n";
constexpr const char *kPython = "import socket\n"
                                "seen = {}\n"
                                "server = socket.create_server(('', 7000))\n"
                                "while True:\n"
                                "    peer, _ = server.accept()\n"
                                "    for line in peer.makefile('r'):\n"
                                "        seen[len(seen)] = line\n"
                                "        peer.sendall(b'%d of %d\\n' % (int(line), len(seen)))\n";

/// A program as a container.
struct Program
{
    const char *name;
    QStringList words;
    std::uint16_t port;
    Exchanges exchanges;
};

const Program kPrograms[] = {
    {"redis",
     {"/usr/bin/redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--enable-debug-command",
      "yes", "--dir", "/data"},
     6'379,
     [](int n) -> Exchange {
         if (n == 0) // 10 MB
             return {"DEBUG POPULATE 20000 key 500\r\n", "+OK\r\n"};
         if (n % 10 == 0)
             return {"DBSIZE\r\n", ":20001\r\n"};
         return {"INCR n\r\n", strCat(":", n - n / 10, "\r\n")};
     }},
    {"nginx",
     {"/usr/sbin/nginx", "-c", "/etc/nginx.conf"},
     8'080,
     [](int n) -> Exchange {
         return {strCat("GET /?n=", n, " HTTP/1.1\r\nHost: here\r\n\r\n"), strCat("\r\n\r\n", n, "\n"),
                 "HTTP/1.1 200 OK\r\n"};
     }},
    {"python",
     {"/usr/bin/python3", "-S", "-I", "/server.py"},
     7'000,
     [](int n) -> Exchange {
         return {strCat(n, "\n"), strCat(n, " of ", n + 1, "\n")};
     }},
};

/// Copies a program and the libraries that ldd(1) names for it.
void copyProgram(const std::string &program, const std::string &as)
{
    const auto copy = [](const std::string &from, const std::string &to) {
        fs::create_directories(fs::path(to).parent_path());
        fs::copy_file(from, to, fs::copy_options::skip_existing);
    };
    copy(program, kRoot + as);
    const QRegularExpression path(QStringLiteral("(/\\S+) \\("));
    auto each = path.globalMatch(QString::fromUtf8(ran("ldd", {QString::fromStdString(program)}).out));
    while (each.hasNext()) {
        const std::string library = each.next().captured(1).toStdString();
        copy(library, kRoot + library);
    }
}

void makeRoot()
{
    for (const char *folder : {"/etc", "/data", "/tmp", "/var/log/nginx", "/usr/lib"})
        fs::create_directories(kRoot + folder);
    copyProgram("/usr/bin/redis-check-rdb", "/usr/bin/redis-server"); // the same program by another name
    copyProgram("/usr/sbin/nginx", "/usr/sbin/nginx");
    const QStringList python =
        QString::fromUtf8(ran("/usr/bin/python3", {"-c", "import os, sys\n"
                                                         "print(os.path.realpath(sys.executable))\n"
                                                         "print(os.path.dirname(os.__file__))"})
                              .out)
            .split('\n');
    copyProgram(python[0].toStdString(), "/usr/bin/python3");
    const std::string library = python[1].toStdString();
    for (const fs::directory_entry &one : fs::directory_iterator(library)) {
        const std::string name = one.path().filename();
        if (name.ends_with(".py") || name == "encodings" || name == "collections" || name == "re" ||
            name == "importlib") {
            fs::create_directories(kRoot + library);
            fs::copy(one.path(), strCat(kRoot, library, "/", name), fs::copy_options::recursive);
        }
    }
    std::ofstream(kRoot + "/etc/passwd") << "root:x:0:0::/:/bin/sh\n";
    std::ofstream(kRoot + "/etc/group") << "root:x:0:\n";
    std::ofstream(kRoot + "/etc/nginx.conf") << kNginx;
    std::ofstream(kRoot + "/server.py") << kPython;
    std::ofstream file(kRoot + "/data/file");
    for (int i = 0; i < kFile / 8; ++i)
        file << QByteArray::number(i).rightJustified(8, '0').constData();
}

} // namespace

class TestMigrationLive : public QObject
{
    Q_OBJECT
    std::unique_ptr<Networks> m_networks;
    std::unique_ptr<Host> m_a;
    std::unique_ptr<Host> m_b;

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *tool : {"runc", "ip", "nsenter", "unshare", "ldd", "redis-check-rdb", "nginx", "python3"})
            QVERIFY2(!runtime::toolPath(tool).empty(), strCat("no ", tool, ": packaging/setup.sh test").c_str());
        QCOMPARE(::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        makeRoot();
    }
    void init()
    {
        m_networks = std::make_unique<Networks>();
        m_a = std::make_unique<Host>("a", m_networks->here.enter());
        m_b = std::make_unique<Host>("b", m_networks->there.enter());
    }
    void cleanup()
    {
        for (const auto &[host, name] : {std::pair(m_a.get(), kHere), std::pair(m_b.get(), kThere)})
            QVERIFY(removeContainer({host}, name.toStdString()));
        m_a.reset();
        m_b.reset();
        m_networks.reset();
        while (::waitpid(-1, nullptr, WNOHANG) > 0) {
        }
        fs::remove_all(kFolder + "/a");
        fs::remove_all(kFolder + "/b");
    }

    void thereAndBack_noAnswerIsLost_data()
    {
        QTest::addColumn<int>("program");
        for (int i = 0; i < static_cast<int>(std::size(kPrograms)); ++i)
            QTest::newRow(kPrograms[i].name) << i;
    }
    void thereAndBack_noAnswerIsLost()
    {
        QFETCH(const int, program);
        const Program &one = kPrograms[program];
        start(one);
        const Talk talk(m_networks->there, kAddress, one.port, one.exchanges);
        QVERIFY(talk.goesOn());
        move(*m_a, kHere, *m_b, kThere);
        QVERIFY(talk.goesOn());
        move(*m_b, kThere, *m_a, kHere);
        QVERIFY(talk.goesOn());
        qInfo("%d answers, the longest after %d ms", talk.answers(), talk.longest());
    }

    void inTheMidstOfADownload_allOfItComes()
    {
        start(kPrograms[1]);
        QProcess client; // reads as fast as it comes
        QStringList words =
            m_networks->there.enter() +
            QStringList{"/usr/bin/python3", "-c",
                        "import socket\n"
                        "peer = socket.create_connection(('10.77.0.5', 8080))\n"
                        "peer.sendall(b'GET /data/file HTTP/1.0\\r\\n\\r\\n')\n"
                        "got = b''\n"
                        "while part := peer.recv(65536):\n"
                        "    got += part\n"
                        "    print(len(got), flush=True)\n"
                        "body = got[got.index(b'\\r\\n\\r\\n') + 4:]\n"
                        "print('same' if body == open('" +
                            QString::fromStdString(kRoot) + "/data/file', 'rb').read() else 'another')\n"};
        client.start(words.takeFirst(), words);
        QByteArray said;
        const auto hasSome = [&] {
            client.waitForReadyRead(20);
            said += client.readAllStandardOutput();
            return said.contains('\n') || client.state() == QProcess::NotRunning;
        };
        QVERIFY(QTest::qWaitFor(hasSome, kPatience));
        move(*m_a, kHere, *m_b, kThere);
        QCOMPARE(client.state(), QProcess::Running); // else it proves nothing
        const Ran ended = finish(client, kVerb);
        QVERIFY2(ended.out.endsWith("same\n"), ended.all().right(200).constData());
    }

private:
    void start(const Program &program) const
    {
        const Ran started =
            m_a->gantryctl(QStringList{"run", "--name", kHere, "--rootfs", QString::fromStdString(kRoot), "--network",
                                       "br0", "--ip", QStringLiteral("%1/24").arg(kAddress), "--"} +
                           program.words);
        QVERIFY2(started.exitStatus == 0, started.all().constData());
        const auto isKnown = [this] { return m_a->gantryctl({"show", kHere}).exitStatus == 0; };
        QVERIFY(QTest::qWaitFor(isKnown, kPatience));
    }
    static void move(const Host &from, const QString &name, const Host &to, const QString &as)
    {
        const auto isKnown = [&] { return from.gantryctl({"show", name}).exitStatus == 0; };
        QVERIFY(QTest::qWaitFor(isKnown, kPatience));
        const Ran moved = from.gantryctl({"migrate", name, to.name(), "--as", as});
        QVERIFY2(moved.exitStatus == 0, moved.all().constData());
        QCOMPARE(moved.json()["notes"].toArray().size(), 0);
    }
};

int main(int argc, char *argv[])
{
    return runApart(argv, [&] {
        QCoreApplication application(argc, argv);
        TestMigrationLive test;
        return QTest::qExec(&test, argc, argv);
    });
}

#include "tst_migration_live.moc"
