// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/service/two_hosts.h"

/// The networks of two hosts that are one machine. Thread: the test's.
namespace gantry::test {

inline Ran ran(const QString &program, const QStringList &words)
{
    QProcess process;
    process.start(program, words);
    return finish(process, kPatience);
}

/// A net namespace, as long as this object is there.
class Space
{
public:
    Space()
    {
        m_holder.start(QStringLiteral("unshare"),
                       {QStringLiteral("--net"), QStringLiteral("sleep"), QStringLiteral("3600")});
        const auto isApart = [this] {
            return m_holder.processId() != 0 &&
                   std::filesystem::read_symlink(path()) != std::filesystem::read_symlink("/proc/self/ns/net");
        };
        if (!m_holder.waitForStarted() || !QTest::qWaitFor(isApart, kPatience))
            qFatal("no net namespace: unshare(1)");
    }
    Space(const Space &) = delete;
    Space &operator=(const Space &) = delete;
    Space(Space &&) = delete;
    Space &operator=(Space &&) = delete;
    ~Space()
    {
        m_holder.kill();
        m_holder.waitForFinished(kPatience);
    }
    [[nodiscard]] std::string path() const { return strCat("/proc/", m_holder.processId(), "/ns/net"); }
    [[nodiscard]] QString pid() const { return QString::number(m_holder.processId()); }
    [[nodiscard]] QStringList enter() const
    {
        return {QStringLiteral("nsenter"), QString::fromStdString(strCat("--net=", path()))};
    }
    /// Runs "ip" in it. Ends the program where that fails.
    [[nodiscard]] QString ip(const QStringList &words) const
    {
        const Ran done = ran(QStringLiteral("nsenter"), enter().mid(1) + QStringList{QStringLiteral("ip")} + words);
        if (done.exitStatus != 0)
            qFatal("ip %s: %s", qPrintable(words.join(u' ')), done.all().constData());
        return QString::fromUtf8(done.out);
    }
    /// Devices that Gantry made.
    [[nodiscard]] qsizetype links() const { return ip({"-br", "link"}).count(QStringLiteral("gty")); }

private:
    QProcess m_holder;
};

/// Two net namespaces with a bridge each, "br0", and a wire between these: 10.77.0.1 here, 10.77.0.2 there.
struct Networks
{
    Space here;
    Space there;

    Networks()
    {
        for (const Space *space : {&here, &there}) {
            (void)space->ip({"link", "set", "lo", "up"}); // CRIU tries what the kernel can over it
            (void)space->ip({"link", "add", "br0", "type", "bridge"});
            (void)space->ip({"link", "set", "br0", "up"});
        }
        (void)here.ip({"link", "add", "wire", "type", "veth", "peer", "name", "wire", "netns", there.pid()});
        (void)here.ip({"addr", "add", "10.77.0.1/24", "dev", "br0"});
        (void)there.ip({"addr", "add", "10.77.0.2/24", "dev", "br0"});
        for (const Space *space : {&here, &there})
            (void)space->ip({"link", "set", "wire", "master", "br0", "up"});
    }
};

} // namespace gantry::test
