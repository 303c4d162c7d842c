// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

#include <vector>

#include <sys/types.h>

namespace gantry::test {

/// A real sshd on a port of 127.0.0.1, for root by one key, with configuration and keys in a folder of its own. Ends
/// with this object. Makes sshd's folder /run/sshd where it is missing, and removes it then. Ends the program where it
/// does not start: a test fails rather than skips. Wants root.
class OwnSshd
{
public:
    OwnSshd();
    ~OwnSshd();
    OwnSshd(const OwnSshd &) = delete;
    OwnSshd &operator=(const OwnSshd &) = delete;
    OwnSshd(OwnSshd &&) = delete;
    OwnSshd &operator=(OwnSshd &&) = delete;

    /// In its folder, of what a session finds in its environment: GANTRY_STATE is "state".
    [[nodiscard]] QString path(const QString &name) const { return m_folder.filePath(name); }
    [[nodiscard]] QString destination() const { return QStringLiteral("ssh://root@127.0.0.1:%1").arg(m_port); }
    [[nodiscard]] int port() const { return m_port; }
    /// Value of GANTRY_SSH: an ssh that knows this host and has its key. Files by other names stand for wrong ones.
    [[nodiscard]] QByteArray ssh(const QString &key = QStringLiteral("key"),
                                 const QString &knownHosts = QStringLiteral("known_hosts")) const;
    /// Writes an executable script. @return its path.
    [[nodiscard]] QString script(const QString &name, const QByteArray &text) const;
    /// The processes of its sessions.
    [[nodiscard]] std::vector<pid_t> sessions() const;

private:
    void write(const QString &name, const QByteArray &text) const;
    void makeKey(const QString &name) const;

    QTemporaryDir m_folder;
    QProcess m_sshd;
    int m_port = 0;
    bool m_madeRunFolder = false;
};

/// A port of 127.0.0.1 where nobody listens.
[[nodiscard]] int freePort();

} // namespace gantry::test
