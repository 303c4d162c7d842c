// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/link/connection.h"

#include "app/link/ssh_end.h"
#include "engine/base/socket_address.h"
#include "engine/base/strings.h"
#include "engine/service/channel.h"
#include "engine/service/host_service.h"
#include "engine/service/status.h"
#include "gantry/v1/host.grpc.pb.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <grpcpp/client_context.h>

namespace gantry::link {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kHelloPatience{20};
constexpr milliseconds kEndPatience{1'000};
/// After so long without news a person may have to read what ssh wrote.
constexpr milliseconds kQuiet{1'000};

/// HTTP/2's frames begin with 24 bits of length, 8 of type, 8 of flags, 32 of stream; a server's first is SETTINGS (4)
/// of stream 0. Source: RFC 9113, 3.4 and 4.1.
constexpr std::size_t kFrameHead = 9;
constexpr std::size_t kTypeAt = 3;
constexpr unsigned char kSettings = 4;

bool beginsHttp2(std::string_view bytes)
{
    return static_cast<unsigned char>(bytes.at(kTypeAt)) == kSettings &&
           bytes.substr(kTypeAt + 1, kFrameHead - kTypeAt - 1) == std::string_view("\0\0\0\0\0", 5);
}

Result<std::pair<UniqueFd, UniqueFd>> connectedPair()
{
    std::array<int, 2> fds{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0)
        return failErrno("socketpair", "ssh");
    return std::pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

Result<UniqueFd> connectTo(const std::string &path)
{
    const SocketAddress address = GANTRY_TRY(socketAddress(path));
    UniqueFd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!out)
        return failErrno("socket", path);
    if (auto done = connectWithin(kHelloPatience, out.get(), address, path); !done) {
        const int error = done.error().posix();
        if (error == ENOENT || error == ECONNREFUSED)
            return fail(error, "connect to", path, "no gantryd serves there", "start it: systemctl start gantryd");
        if (error == EACCES)
            return fail(EACCES, "connect to", path, {}, "ask to be made a member of the group gantry");
        return std::unexpected(std::move(done).error());
    }
    return out;
}

} // namespace

Result<std::unique_ptr<Connection>> Connection::dial(const Destination &destination, const DialOptions &options,
                                                     const std::stop_token &stop)
{
    if (destination.kind == Destination::Kind::Local)
        return fail(EINVAL, "connect to", "local", "an engine of this program is not dialled");
    std::unique_ptr<Connection> out(new Connection(destination));
    GANTRY_CHECK(out->open(options, stop));
    return out;
}

Connection::~Connection()
{
    m_channel.reset(); // ssh sees the end of its input, and ends what runs there
    if (m_ssh && !m_ssh->waitForEnd(kEndPatience)) {
        m_ssh->terminate();
        (void)m_ssh->waitForEnd(kEndPatience); // Child's destructor kills it
    }
}

Result<> Connection::open(const DialOptions &options, const std::stop_token &stop)
{
    UniqueFd socket;
    if (m_destination.kind == Destination::Kind::Socket) {
        socket = GANTRY_TRY(connectTo(m_destination.path));
    } else {
        socket = GANTRY_TRY(startSsh(options));
        GANTRY_CHECK(waitForAnswer(socket.get(), options, stop));
    }
    m_channel = GANTRY_TRY(service::channelOverFd(std::move(socket)));
    auto said = sayHello(options.client, stop);
    return said ? Result<>() : std::unexpected(explained(std::move(said).error()));
}

Result<UniqueFd> Connection::startSsh(const DialOptions &options)
{
    auto [ours, its] = GANTRY_TRY(connectedPair());
    std::array<int, 2> fds{};
    if (::pipe2(fds.data(), O_CLOEXEC) != 0)
        return failErrno("pipe", "ssh");
    UniqueFd readEnd(fds[0]);
    const UniqueFd writeEnd(fds[1]);
    const auto words = sshWords(options.programs, m_destination, options.mayAsk,
                                strCat(shellQuoted(options.programs.gantryd), " dial"));
    auto child = Child::startForUser(words,
                                     std::array{Child::Descriptor{its.get(), STDIN_FILENO},
                                                Child::Descriptor{its.get(), STDOUT_FILENO},
                                                Child::Descriptor{writeEnd.get(), STDERR_FILENO}},
                                     options.environment);
    if (!child) {
        Error error = std::move(child).error();
        error.remedy = "install openssh-client, or name an ssh in GANTRY_SSH";
        return std::unexpected(std::move(error));
    }
    m_ssh.emplace(*std::move(child));
    m_said = std::make_unique<Said>(std::move(readEnd));
    return std::move(ours);
}

/// Until ssh is through and the engine there has begun to speak, which it does first. @errors as dial().
Result<> Connection::waitForAnswer(int socket, const DialOptions &options, const std::stop_token &stop)
{
    const UniqueFd stopFd(::eventfd(0, EFD_CLOEXEC));
    const std::stop_callback onStop(stop, [&stopFd] { ::eventfd_write(stopFd.get(), 1); });
    const auto until = Clock::now() + options.patience;
    while (true) {
        std::array<char, 200> head{};
        const ssize_t got = ::recv(socket, head.data(), head.size(), MSG_PEEK | MSG_DONTWAIT);
        const std::string_view bytes(head.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (bytes.size() >= kFrameHead && beginsHttp2(bytes))
            return {};
        const bool atEnd = got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
        // A line of text, or more than a frame's head: no engine speaks so.
        if (bytes.size() >= kFrameHead || (!bytes.empty() && (bytes.contains('\n') || m_ssh->hasEnded())))
            return fail(EPROTO, "connect to", printable(m_destination.text),
                        strCat("instead of gantryd this answered: \"", printable(trim(bytes)), "\""),
                        "its login scripts must print nothing where no person logs in, and the program named must be "
                        "Gantry's gantryd");
        if (atEnd) {
            if (!m_ssh->waitForEnd(kEndPatience))
                m_ssh->kill();
            m_exitCode = m_ssh->reap();
            m_ssh.reset();
            return std::unexpected(
                endedBeforeHello(m_destination, *m_exitCode, m_said->textAtEnd(), options.programs.gantryd));
        }
        if (stop.stop_requested())
            return fail(ECANCELED, "connect to", printable(m_destination.text), {});
        if (Clock::now() >= until)
            return fail(ETIMEDOUT, "connect to", printable(m_destination.text),
                        strCat("no answer within ",
                               std::chrono::duration_cast<std::chrono::seconds>(options.patience).count(), " s",
                               saidLast().empty() ? "" : ": ", saidLast()));
        // A few bytes that are no whole head are peeked at again and again: not in a busy loop.
        std::array<pollfd, 2> set{pollfd{bytes.empty() ? socket : -1, POLLIN, 0}, pollfd{stopFd.get(), POLLIN, 0}};
        const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
        constexpr milliseconds kAgain{20};
        const milliseconds wait = std::clamp(left, milliseconds(1), bytes.empty() ? kQuiet : kAgain);
        if (::poll(set.data(), set.size(), static_cast<int>(wait.count())) == 0 && bytes.empty() && options.mayAsk &&
            options.onSaid) {
            if (const std::string said = m_said->take(); !said.empty())
                options.onSaid(said);
        }
    }
}

Result<> Connection::sayHello(const std::string &client, const std::stop_token &stop)
{
    const auto stub = v1::Host::NewStub(m_channel);
    v1::HelloRequest request;
    request.set_protocol_major(service::kProtocolMajor);
    request.set_protocol_minor(service::kProtocolMinor);
    request.set_client(client);
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kHelloPatience);
    const std::stop_callback onStop(stop, [&context] { context.TryCancel(); });
    const grpc::Status status = stub->Hello(&context, request, &m_hello);
    if (status.ok())
        return {};
    if (status.error_code() == grpc::StatusCode::FAILED_PRECONDITION && status.error_details().empty())
        return fail(
            EPROTONOSUPPORT, "connect to", printable(m_destination.text), printable(status.error_message()),
            m_destination.kind == Destination::Kind::Ssh
                ? strCat("install the same version there: gantryctl host install ", printable(m_destination.text))
                : std::string("restart gantryd after an upgrade: systemctl restart gantryd"));
    return std::unexpected(service::errorFrom(status));
}

std::string Connection::saidLast() const
{
    return m_said ? lastLines(m_ssh ? m_said->text() : m_said->textAtEnd(), 1) : std::string();
}

Error Connection::explained(Error error)
{
    // What errorFrom() makes of a status that no handler has sent.
    if (error.op != "call" || error.subject != "the engine")
        return error;
    const std::string host = printable(m_destination.text);
    if (error.posix() == EOPNOTSUPP) {
        const std::string there = m_hello.engine_version();
        return fail(EOPNOTSUPP, "call", host,
                    strCat("it runs gantryd ", printable(there), ", which cannot do this; this program is ",
                           GANTRY_VERSION),
                    strCat("install Gantry ", GANTRY_VERSION, " there",
                           m_destination.kind == Destination::Kind::Ssh ? strCat(": gantryctl host install ", host)
                                                                        : std::string()))
            .error();
    }
    if (error.posix() != ECONNRESET) {
        error.subject = host;
        return error;
    }
    std::string why = "gantryd has closed the connection";
    if (m_ssh) {
        if (m_ssh->waitForEnd(kEndPatience)) {
            m_exitCode = m_ssh->reap();
            m_ssh.reset();
        } else {
            why = "the connection was cut";
        }
    }
    if (m_exitCode && *m_exitCode != 0)
        why = strCat("ssh ended with exit status ", *m_exitCode);
    if (const std::string said = saidLast(); !said.empty())
        why += strCat(": ", said);
    return fail(ECONNRESET, "the connection to", host, why,
                "what was begun there goes on or is undone there: look before it is tried again")
        .error();
}

} // namespace gantry::link
