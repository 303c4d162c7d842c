// SPDX-License-Identifier: GPL-3.0-or-later
// Real programs, and a client that asks without a pause and knows what each answer has to be: one that was lost, or
// that came twice, is a wrong one. Both are in one tree, in namespaces of their own.
#include "tests/kernel/coverage/target.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::coverage {

namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t kPort = 7'411;
constexpr std::size_t kMostWords = 120;

/// What the client has seen; it writes, the first process reads.
struct Ledger
{
    std::atomic<std::int64_t> answers = 0;
    std::atomic<std::int64_t> wrong = 0;
    std::array<char, kMostWords> what{}; ///< the first wrong one
};

/// Asks for the n-th time. @return empty, or what was wrong.
using Exchange = std::function<std::string(int fd, std::int64_t n)>;

/// @param name it is started by; empty: its own. @param library loaded before the others; empty: none.
pid_t start(const std::vector<std::string> &words, const std::string &name = {}, const char *library = nullptr)
{
    const auto pid = static_cast<pid_t>(must(::fork(), "fork"));
    if (pid != 0)
        return pid;
    closeOutput();
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (library != nullptr)
        ::setenv("LD_PRELOAD", library, 1);
    std::vector<std::string> copy = words;
    if (!name.empty())
        copy.front() = name;
    std::vector<char *> raw;
    for (std::string &word : copy)
        raw.push_back(word.data());
    raw.push_back(nullptr);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    ::execv(words.front().c_str(), raw.data());
    std::_Exit(127);
}

/// Runs it to its end.
void run(const std::vector<std::string> &words, const char *library)
{
    int status = 0;
    must(::waitpid(start(words, {}, library), &status, 0), "waitpid");
    must(WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1, words.front().c_str());
}

void put(const std::string &path, const std::string &text)
{
    std::ofstream(path) << text;
    must(::chmod(path.c_str(), 0644), path.c_str());
}

/// Connects to the server, which may need a while to come up.
int connectToServer()
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(kPort);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int tries = 0; tries < 6'000; ++tries) {
        const auto fd = static_cast<int>(must(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
        if (::connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0) {
            const int one = 1;
            (void)::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            return fd;
        }
        ::close(fd);
        ::usleep(10'000);
    }
    must(-1, "the server does not come up");
    return -1;
}

bool sendAll(int fd, const std::string &text)
{
    return ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

/// Reads exactly so many bytes; fewer where the connection ends.
std::string readExactly(int fd, std::size_t size)
{
    std::string out(size, '\0');
    const ssize_t got = ::recv(fd, out.data(), size, MSG_WAITALL);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
}

std::string readLine(int fd)
{
    std::string out;
    char byte = 0;
    while (!out.ends_with("\n") && ::recv(fd, &byte, 1, 0) == 1)
        out += byte;
    return out;
}

std::string unlike(const std::string &is, const std::string &wanted)
{
    return is == wanted ? std::string() : "answered \"" + is.substr(0, 40) + "\" instead of \"" + wanted + "\"";
}

[[noreturn]] void ask(Ledger &ledger, int fd, const Exchange &exchange)
{
    for (std::int64_t n = 1;; ++n) {
        const std::string wrong = exchange(fd, n);
        if (!wrong.empty() && ledger.wrong++ == 0)
            std::strncpy(ledger.what.data(), wrong.c_str(), ledger.what.size() - 1);
        ++ledger.answers;
        if (!wrong.empty())
            ::usleep(10'000); // a connection that is gone answers at once, for ever
    }
}

/// @param connect gives the connection once the server answers. The client runs in a process of its own.
Look underLoad(pid_t server, const std::function<int()> &connect, const Exchange &exchange)
{
    void *memory = ::mmap(nullptr, sizeof(Ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(memory == MAP_FAILED ? -1 : 0, "mmap");
    auto *ledger = new (memory) Ledger;
    const int fd = connect();
    const auto client = static_cast<pid_t>(must(::fork(), "fork"));
    if (client == 0) {
        closeOutput();
        ask(*ledger, fd, exchange);
    }
    ::close(fd);
    return [=](Report &report) {
        const std::int64_t before = ledger->answers;
        for (int tries = 0; tries < 800 && ledger->answers < before + 100; ++tries)
            ::usleep(10'000);
        report.holds("it answers", ledger->answers >= before + 100);
        report.same("wrong answers", ledger->wrong, 0);
        if (ledger->wrong != 0)
            report.same("the first", ledger->what.data(), "");
        for (const pid_t pid : {server, client})
            report.same("it runs", ::waitpid(pid, nullptr, WNOHANG), 0);
    };
}

Look redis()
{
    // Debian has the server in the package of the tools, too: it looks by which name it is started.
    const pid_t server = start({"/usr/bin/redis-check-rdb", "--port", std::to_string(kPort), "--bind", "127.0.0.1",
                                "--save", "", "--appendonly", "no", "--dir", scratch("")},
                               "redis-server");
    return underLoad(server, connectToServer, [](int fd, std::int64_t n) {
        const std::string number = std::to_string(n);
        if (!sendAll(fd, "INCR count\r\nSET key:" + std::to_string(n % 5'000) + " " + number +
                             "\r\nGET key:" + std::to_string(n % 5'000) + "\r\n"))
            return std::string("the connection is gone");
        std::string said;
        for (int i = 0; i < 4; ++i)
            said += readLine(fd);
        return unlike(said, ":" + number + "\r\n+OK\r\n$" + std::to_string(number.size()) + "\r\n" + number + "\r\n");
    });
}

Look nginx()
{
    const std::string folder = scratch("");
    put(folder + "nginx.conf", "daemon off; worker_processes 2; user root; pid " + folder +
                                   "nginx.pid;\n"
                                   "error_log /dev/null;\nevents { worker_connections 64; }\nhttp {\n"
                                   "access_log off; keepalive_requests 1000000000;\n"
                                   "client_body_temp_path " +
                                   folder + "body; proxy_temp_path " + folder + "proxy; fastcgi_temp_path " + folder +
                                   "fastcgi; uwsgi_temp_path " + folder + "uwsgi; scgi_temp_path " + folder +
                                   "scgi;\n"
                                   "server { listen 127.0.0.1:" +
                                   std::to_string(kPort) +
                                   ";\n"
                                   "location /n { return 200 \"number $arg_n\\n\"; }\n"
                                   "location / { root " +
                                   folder + "www; } } }\n");
    fs::create_directory(folder + "www");
    const std::string page(20'000, 'p');
    put(folder + "www/page", page);
    const pid_t server = start({"/usr/sbin/nginx", "-c", folder + "nginx.conf", "-e", "/dev/null"});
    return underLoad(server, connectToServer, [page](int fd, std::int64_t n) {
        const bool file = n % 10 == 0;
        const std::string path = file ? "/page" : "/n?n=" + std::to_string(n);
        if (!sendAll(fd, "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"))
            return std::string("the connection is gone");
        std::size_t size = 0;
        const std::string status = readLine(fd);
        for (std::string line = readLine(fd); line.size() > 2; line = readLine(fd)) {
            if (line.starts_with("Content-Length: "))
                size = std::strtoull(line.c_str() + 16, nullptr, 10);
        }
        const std::string body = readExactly(fd, size);
        if (!status.starts_with("HTTP/1.1 200"))
            return "status " + status;
        return unlike(body, file ? page : "number " + std::to_string(n) + "\n");
    });
}

/// One message of PostgreSQL's protocol 3: kind, length with itself, body.
std::string message(char kind, const std::string &body)
{
    const std::uint32_t size = htonl(static_cast<std::uint32_t>(body.size() + 4));
    std::string out(kind == '\0' ? 0 : 1, kind);
    out.append(reinterpret_cast<const char *>(&size), sizeof size);
    return out + body;
}
std::string receive(int fd, char &kind)
{
    const std::string head = readExactly(fd, 5);
    kind = head.size() == 5 ? head[0] : '\0';
    if (kind == '\0')
        return {};
    std::uint32_t size = 0;
    std::memcpy(&size, head.data() + 1, sizeof size);
    return readExactly(fd, ntohl(size) - 4);
}
/// Sends a query, and waits until the server is ready for the next. @return the only column of the last row, or the
/// error.
std::string query(int fd, const std::string &text)
{
    if (!text.empty() && !sendAll(fd, message('Q', text + '\0')))
        return "the connection is gone";
    std::string out;
    char kind = 0;
    do {
        const std::string body = receive(fd, kind);
        if (kind == 'D' && body.size() > 6)
            out = body.substr(6); // number of columns, length of the first
        else if (kind == 'E')
            out = "error " + body;
        else if (kind == '\0')
            return "the connection is gone";
    } while (kind != 'Z');
    return out;
}

int connectToDatabase()
{
    const std::string hello =
        std::string("\0\3\0\0", 4) + "user" + '\0' + "postgres" + '\0' + "database" + '\0' + "postgres" + '\0' + '\0';
    for (int tries = 0; tries < 600; ++tries) {
        const int fd = connectToServer();
        (void)sendAll(fd, message('\0', hello));
        if (query(fd, "").empty()) { // it says "error" while it starts
            const std::string made = query(fd, "CREATE TABLE c (n bigint); INSERT INTO c VALUES (0)");
            must(made.empty() ? 0 : -1, made.c_str());
            return fd;
        }
        ::close(fd);
        ::usleep(50'000);
    }
    must(-1, "the database does not come up");
    return -1;
}

Look postgres()
{
    constexpr uid_t kUser = 7; // see not_root.cpp
    std::string programs;
    for (const auto &entry : fs::directory_iterator("/usr/lib/postgresql"))
        programs = entry.path().string() + "/bin/";
    const std::string data = scratch("data");
    fs::create_directory(data);
    must(::chown(data.c_str(), kUser, kUser), "chown");
    run({programs + "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "--no-locale", "-E", "UTF8"},
        NOT_ROOT);
    const pid_t server = start({programs + "postgres", "-D", data, "-c", "port=" + std::to_string(kPort), "-c",
                                "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c",
                                "shared_buffers=8MB", "-c", "dynamic_shared_memory_type=sysv"},
                               {}, NOT_ROOT);
    return underLoad(server, connectToDatabase, [](int fd, std::int64_t n) {
        return unlike(query(fd, "UPDATE c SET n = n + 1 RETURNING n"), std::to_string(n));
    });
}

/// Counts lines: answers "N LINE".
std::string countingExchange(int fd, std::int64_t n)
{
    const std::string line = "line" + std::to_string(n * 7);
    if (!sendAll(fd, line + "\n"))
        return "the connection is gone";
    return unlike(readLine(fd), std::to_string(n) + " " + line + "\n");
}

Look python()
{
    put(scratch("server.py"),
        "import socket, threading, time\n"
        "seen, lock, ticks = {}, threading.Lock(), [0]\n"
        "def tick():\n"
        "    while True:\n"
        "        time.sleep(0.001)\n"
        "        ticks[0] += 1\n"
        "def serve(connection):\n"
        "    with connection, connection.makefile('rw', newline='\\n') as stream:\n"
        "        for line in stream:\n"
        "            with lock:\n"
        "                n = len(seen) + 1\n"
        "                seen[n] = line\n"
        "            stream.write(f'{n} {seen[n]}')\n"
        "            stream.flush()\n"
        "threading.Thread(target=tick, daemon=True).start()\n"
        "server = socket.create_server(('127.0.0.1', " +
            std::to_string(kPort) +
            "))\n"
            "while True:\n"
            "    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()\n");
    const pid_t server = start({"/usr/bin/python3", "-S", "-E", scratch("server.py")});
    return underLoad(server, connectToServer, countingExchange);
}

Look java()
{
    put(scratch("Server.java"),
        "import java.io.*; import java.net.*; import java.util.*;\n"
        "public class Server {\n"
        "    static final List<String> seen = Collections.synchronizedList(new ArrayList<>());\n"
        "    static void serve(Socket s) {\n"
        "        try (s; var in = new BufferedReader(new InputStreamReader(s.getInputStream()));\n"
        "             var out = new OutputStreamWriter(s.getOutputStream())) {\n"
        "            s.setTcpNoDelay(true);\n"
        "            for (String line = in.readLine(); line != null; line = in.readLine()) {\n"
        "                seen.add(line);\n"
        "                byte[] litter = new byte[4096]; // for the collector\n"
        "                out.write(seen.size() + \" \" + seen.get(seen.size() - 1 + litter[7]) + \"\\n\");\n"
        "                out.flush();\n"
        "            }\n"
        "        } catch (IOException e) { System.exit(1); }\n"
        "    }\n"
        "    public static void main(String[] args) throws Exception {\n"
        "        var server = new ServerSocket(" +
            std::to_string(kPort) +
            ", 5, InetAddress.getLoopbackAddress());\n"
            "        while (true) { var s = server.accept(); new Thread(() -> serve(s)).start(); }\n"
            "    }\n"
            "}\n");
    const pid_t server = start({"/usr/bin/java", "-Xmx64m", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
                                "-Djava.net.preferIPv4Stack=true", scratch("Server.java")});
    return underLoad(server, connectToServer, countingExchange);
}

constexpr int kContainer = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS;

constexpr std::array kKinds{
    Kind{"redis", redis, kContainer},   Kind{"nginx", nginx, kContainer}, Kind{"postgresql", postgres, kContainer},
    Kind{"python", python, kContainer}, Kind{"java", java, kContainer},
};

} // namespace

std::span<const Kind> programKinds()
{
    return kKinds;
}

} // namespace gantry::coverage
