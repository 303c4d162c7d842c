// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/own_sshd.h"

#include "engine/base/fd.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QThread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::test {

namespace {

constexpr const char *kRunFolder = "/run/sshd";

sockaddr_in loopback(int port)
{
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(static_cast<std::uint16_t>(port));
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

bool isListening(int port)
{
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_in address = loopback(port);
    return ::connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
}

} // namespace

int freePort()
{
    const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(socket.get(), reinterpret_cast<const sockaddr *>(&address), size) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr *>(&address), &size) != 0)
        qFatal("no port: %s", strerror(errno));
    return ntohs(address.sin_port);
}

OwnSshd::OwnSshd() : m_port(freePort())
{
    makeKey(QStringLiteral("key"));
    makeKey(QStringLiteral("other_key"));
    makeKey(QStringLiteral("host_key"));
    QDir(m_folder.path()).mkdir(QStringLiteral("state"));
    QFile hostKey(path(QStringLiteral("host_key.pub")));
    if (!hostKey.open(QIODevice::ReadOnly))
        qFatal("no host key");
    const QByteArray port = QByteArray::number(m_port);
    write(QStringLiteral("known_hosts"), "[127.0.0.1]:" + port + " " + hostKey.readAll());
    write(QStringLiteral("no_hosts"), {});
    // What a company's sshd says to everybody, which is no error.
    write(QStringLiteral("banner"), "Authorised users only\n");
    const QByteArray folder = m_folder.path().toUtf8();
    write(QStringLiteral("sshd_config"), "ListenAddress 127.0.0.1\nPort " + port + "\nHostKey " + folder +
                                             "/host_key\nAuthorizedKeysFile " + folder + "/key.pub\nBanner " + folder +
                                             "/banner\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n"
                                             "PasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                                             "MaxStartups 100\nSetEnv GANTRY_STATE=" +
                                             folder + "/state\n");
    m_madeRunFolder = ::mkdir(kRunFolder, 0755) == 0;
    m_sshd.setProcessChannelMode(QProcess::MergedChannels);
    m_sshd.start(QStringLiteral("/usr/sbin/sshd"), {"-D", "-e", "-f", path(QStringLiteral("sshd_config"))});
    QElapsedTimer timer;
    for (timer.start(); !isListening(m_port); QThread::msleep(20)) {
        if (timer.elapsed() > 10'000 || m_sshd.waitForFinished(0))
            qFatal("sshd: %s", m_sshd.readAll().constData());
    }
}

OwnSshd::~OwnSshd()
{
    m_sshd.terminate();
    if (!m_sshd.waitForFinished(5'000))
        m_sshd.kill();
    m_sshd.waitForFinished(5'000);
    if (m_madeRunFolder)
        ::rmdir(kRunFolder);
}

QByteArray OwnSshd::ssh(const QString &key, const QString &knownHosts) const
{
    // -F none: what the user of this machine has configured is not asked.
    return QStringLiteral("ssh -F none -i %1 -o IdentitiesOnly=yes -o IdentityAgent=none -o StrictHostKeyChecking=yes "
                          "-o GlobalKnownHostsFile=none -o UserKnownHostsFile=%2")
        .arg(path(key), path(knownHosts))
        .toUtf8();
}

QString OwnSshd::script(const QString &name, const QByteArray &text) const
{
    QDir(m_folder.path()).mkpath(QFileInfo(path(name)).path());
    write(name, "#!/bin/sh\n" + text + "\n");
    QFile::setPermissions(path(name), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path(name);
}

std::vector<pid_t> OwnSshd::sessions() const
{
    std::vector<pid_t> out;
    const auto pid = QByteArray::number(m_sshd.processId());
    QFile children("/proc/" + pid + "/task/" + pid + "/children");
    if (children.open(QIODevice::ReadOnly)) {
        for (const QByteArray &child : children.readAll().split(' ')) {
            if (const pid_t one = child.trimmed().toInt(); one > 0)
                out.push_back(one);
        }
    }
    return out;
}

void OwnSshd::write(const QString &name, const QByteArray &text) const
{
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
        qFatal("%s: %s", qPrintable(file.fileName()), qPrintable(file.errorString()));
}

void OwnSshd::makeKey(const QString &name) const
{
    if (QProcess::execute(QStringLiteral("ssh-keygen"), {"-q", "-t", "ed25519", "-N", "", "-f", path(name)}) != 0)
        qFatal("ssh-keygen fails");
}

} // namespace gantry::test
