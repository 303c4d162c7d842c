// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/checkpoint/criu.h"
#include "tests/service/two_hosts.h"
#include "tests/service/two_networks.h"
#include "tests/support/busybox_root.h"
#include "tests/support/scratch_cgroup.h"

#include <QTemporaryDir>

#include <csignal>
#include <fstream>

/// Two hosts on this machine that see nothing of each other but by the wire between them, each with a real sshd.
/// Thread: the test's.
namespace gantry::test {

/// What both have alike: keys, sshd's configuration, a root for containers. Not below /run, /var/lib or /root.
class MachineFolder
{
public:
    /// @param programs applets of busybox in the root.
    explicit MachineFolder(std::initializer_list<const char *> programs)
    {
        for (const char *name : {"key", "host_key"}) {
            if (ran(QStringLiteral("ssh-keygen"), {"-q", "-t", "ed25519", "-N", "", "-f", path(name)}).exitStatus != 0)
                qFatal("ssh-keygen fails");
        }
        std::ofstream(path("sshd_config").toStdString())
            << "Port 22\nHostKey " << path("host_key").toStdString()
            << "\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\nPasswordAuthentication no\n"
               "KbdInteractiveAuthentication no\nSetEnv PATH="
            << fs::path(GANTRYD).parent_path().string() << ":/usr/sbin:/usr/bin:/sbin:/bin\n";
        makeBusyboxRoot(path("rootfs").toStdString(), programs);
    }
    [[nodiscard]] QString path(const char *name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    /// Value of GANTRY_SSH: an ssh that believes a host the first time, and has its key.
    [[nodiscard]] QByteArray ssh() const
    {
        return QStringLiteral(
                   "ssh -F none -i %1 -o IdentitiesOnly=yes -o IdentityAgent=none "
                   "-o StrictHostKeyChecking=accept-new -o GlobalKnownHostsFile=none -o UserKnownHostsFile=%2")
            .arg(path("key"), path("known_hosts"))
            .toUtf8();
    }

private:
    QTemporaryDir m_folder;
};

/// One host: namespaces of its own (machine.sh), as long as this object is there.
class Machine
{
public:
    /// @param criu where it has its CRIU; empty: where this machine has it.
    Machine(const MachineFolder &folder, const QString &name, const QString &address, const QString &criu = {})
        : m_cgroup(name.toStdString(), {"memory", "cpu", "cpuacct", "pids", "freezer", "io", "devices", "unified"})
        , m_address(address)
    {
        QStringList words{name, QString::fromStdString(m_cgroup.path().text()),
                          QString::fromStdString(fs::path(GANTRYD).parent_path().string()),
                          QFileInfo(folder.path("key")).path()};
        if (!criu.isEmpty())
            words << QString::fromStdString(checkpoint::criuPath()) << criu;
        m_outer.setProcessChannelMode(QProcess::MergedChannels);
        m_outer.setStandardOutputFile(folder.path("machines.log"), QIODevice::Append);
        m_outer.start(QStringLiteral(MACHINE), words);
        const auto isUp = [this] {
            const auto children =
                readFile(strCat("/proc/", m_outer.processId(), "/task/", m_outer.processId(), "/children"));
            m_pid = static_cast<pid_t>(parseU64(trim(children.value_or(""))).value_or(0));
            return m_pid != 0 && fs::exists(file("/run/gantry/gantryd.sock"));
        };
        if (!m_outer.waitForStarted() || !QTest::qWaitFor(isUp, kPatience))
            qFatal("no host %s: %s", qPrintable(name),
                   readFile(folder.path("machines.log").toStdString()).value_or("").c_str());
    }
    Machine(const Machine &) = delete;
    Machine &operator=(const Machine &) = delete;
    Machine(Machine &&) = delete;
    Machine &operator=(Machine &&) = delete;
    /// All of its processes end with its first.
    ~Machine()
    {
        ::kill(m_pid, SIGKILL);
        m_outer.waitForFinished(kPatience);
    }

    [[nodiscard]] QString destination() const { return QStringLiteral("ssh://root@") + m_address; }
    /// A file of it, as this process reaches it.
    [[nodiscard]] std::string file(std::string_view path) const { return strCat("/proc/", m_pid, "/root", path); }
    [[nodiscard]] pid_t pid() const { return m_pid; }
    /// A program in its net namespace, with this process' files.
    [[nodiscard]] QStringList inNetwork() const
    {
        return {QStringLiteral("nsenter"), QStringLiteral("--target=%1").arg(m_pid), QStringLiteral("--net")};
    }
    [[nodiscard]] Ran ip(const QStringList &words) const
    {
        const QStringList all = inNetwork() + QStringList{QStringLiteral("ip")} + words;
        return ran(all.front(), all.mid(1));
    }
    [[nodiscard]] std::vector<int> numbers(const std::string &container) const
    {
        return numbersIn(file(strCat("/var/lib/gantry/containers/", container, "/log")));
    }

private:
    ScratchCgroup m_cgroup; ///< ends after all that is in it
    const QString m_address;
    QProcess m_outer;
    pid_t m_pid = 0;
};

} // namespace gantry::test
