// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/listener.h"

#include "engine/base/socket_address.h"
#include "engine/base/strings.h"

#include <filesystem>

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace gantry::daemon {

namespace {

constexpr int kWaiting = 128;
constexpr mode_t kMode = 0666;

std::unexpected<Error> inUse(const std::string &path)
{
    return fail(EBUSY, "serve", path, "another gantryd serves this socket", "stop it, or give another one by --socket");
}

Result<UniqueFd> handedOver(int count)
{
    UniqueFd out(SD_LISTEN_FDS_START);
    if (count != 1 || ::sd_is_socket(out.get(), AF_UNIX, SOCK_STREAM, 1) <= 0)
        return fail(EINVAL, "serve", "LISTEN_FDS", strCat(count, " descriptors, or not a listening UNIX stream socket"),
                    "one ListenStream= in gantryd.socket");
    if (const int flags = ::fcntl(out.get(), F_GETFL); flags < 0 || ::fcntl(out.get(), F_SETFL, flags | O_NONBLOCK) < 0)
        return failErrno("fcntl", "LISTEN_FDS");
    return out;
}

} // namespace

Result<Listener> Listener::open(const std::string &path)
{
    const int count = ::sd_listen_fds(1); // closes on exec what it returns
    if (count < 0)
        return failErrno("sd_listen_fds", "LISTEN_FDS", -count);
    if (count > 0)
        return Listener(GANTRY_TRY(handedOver(count)), {}, {});

    const SocketAddress address = GANTRY_TRY(socketAddress(path));
    std::error_code failed;
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder, failed) &&
        !std::filesystem::create_directories(folder, failed))
        return fail(failed.value(), "mkdir", folder.string(), {}, "run it as root, or give another path by --socket");
    UniqueFd turn = GANTRY_TRY(openAt(AT_FDCWD, path + ".lock", O_RDWR | O_CREAT, 0600));
    if (::flock(turn.get(), LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? Result<Listener>(inUse(path)) : failErrno("flock", path + ".lock");
    if (isServed(address)) // by systemd, which takes no lock
        return inUse(path);
    ::unlink(path.c_str()); // of one that was killed
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || ::bind(socket.get(), address.get(), address.size()) != 0)
        return failErrno("bind", path);
    Listener out(std::move(socket), std::move(turn), path);
    if (::chmod(path.c_str(), kMode) != 0)
        return failErrno("chmod", path);
    if (::listen(out.fd(), kWaiting) != 0)
        return failErrno("listen", path);
    return out;
}

Listener::~Listener()
{
    if (m_socket && !m_made.empty())
        ::unlink(m_made.c_str());
}

Result<UniqueFd> Listener::accept() const
{
    UniqueFd out(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    // ECONNABORTED: whoever waited has gone meanwhile.
    if (!out && errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        return failErrno("accept", "gantryd");
    return out;
}

} // namespace gantry::daemon
