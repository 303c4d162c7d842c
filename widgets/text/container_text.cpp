// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/container_text.h"

#include "widgets/text/format.h"
#include "widgets/text/labels.h"
#include "widgets/text/shell.h"

#include <QCoreApplication>
#include <QStringList>

#include <map>
#include <string>
#include <string_view>

namespace gantry::text {

namespace {

struct ContainerText
{
    Q_DECLARE_TR_FUNCTIONS(ContainerText)
};

QString orDash(const QString &value)
{
    return value.isEmpty() ? absent() : value.toHtmlEscaped();
}

QString orDash(std::string_view value)
{
    return orDash(utf8(value));
}

/// Rows of a label and a value, as one table.
class FactTable
{
public:
    explicit FactTable(const QColor &faded) : m_faded(faded.name()) {}

    /// @param html escaped by the caller.
    void add(const QString &label, const QString &html)
    {
        m_rows += QStringLiteral("<tr><td style=\"color:%1; padding-right:16px; white-space:nowrap\">%2</td>"
                                 "<td>%3</td></tr>")
                      .arg(m_faded, label.toHtmlEscaped(), html);
    }
    /// A row of columns below add()'s heading.
    void addCells(const QStringList &html)
    {
        m_rows += QStringLiteral("<tr>");
        for (const QString &cell : html)
            m_rows += QStringLiteral("<td style=\"padding-right:16px\">%1</td>").arg(cell);
        m_rows += QStringLiteral("</tr>");
    }
    void addHeads(const QStringList &labels)
    {
        m_rows += QStringLiteral("<tr>");
        for (const QString &label : labels)
            m_rows += QStringLiteral("<td style=\"color:%1; padding-right:16px\">%2</td>")
                          .arg(m_faded, label.toHtmlEscaped());
        m_rows += QStringLiteral("</tr>");
    }
    [[nodiscard]] QString html() const
    {
        return QStringLiteral("<table cellspacing=\"0\" cellpadding=\"2\">%1</table>").arg(m_rows);
    }

private:
    QString m_faded;
    QString m_rows;
};

QString heading(const QString &text)
{
    return QStringLiteral("<h4 style=\"margin-top:10px; margin-bottom:2px\">%1</h4>").arg(text.toHtmlEscaped());
}

/// "2026-11-23 14:05:09 (2 h 5 min ago)".
QString momentText(std::int64_t realtimeUsec, std::int64_t nowUsec)
{
    if (realtimeUsec <= 0)
        return absent();
    const QString moment = dateTime(realtimeUsec);
    if (nowUsec <= realtimeUsec)
        return moment;
    // Of seconds only as long as there are no hours: a text that changes all the time cannot be read or copied.
    const auto age = static_cast<std::uint64_t>(nowUsec - realtimeUsec);
    const Micros shown(age < 3'600'000'000U ? age / 60'000'000 * 60'000'000 : age);
    return age < 60'000'000U
               ? ContainerText::tr("%1 (less than a minute ago)", "time").arg(moment)
               : ContainerText::tr("%1 (%2 ago)", "time, age").arg(moment, age < 3'600'000'000U
                     ? ContainerText::tr("%n minute(s)", nullptr, static_cast<int>(age / 60'000'000))
                     : duration(shown));
}

QString runtimeText(const v1::ContainerDetail &container, const QString &version)
{
    QString text = utf8(container.runtime());
    if (!version.isEmpty())
        text = ContainerText::tr("%1 %2", "runtime, version").arg(text, version);
    return container.oci_runtime().empty()
               ? text
               : ContainerText::tr("%1, run by %2", "runtime, OCI runtime").arg(text, utf8(container.oci_runtime()));
}

QString stateText(const v1::ContainerDetail &container)
{
    const QString state = containerState(container.state());
    if (state.isEmpty() || container.health().empty())
        return state;
    return ContainerText::tr("%1, %2", "state, health").arg(state, containerHealth(container.health()));
}

QString imageText(const v1::ContainerDetail &container)
{
    const QString image = orDash(container.image());
    return container.image_id().empty()
               ? image
               : QStringLiteral("%1<br><code>%2</code>").arg(image, utf8(container.image_id()).toHtmlEscaped());
}

QString commandText(const v1::ContainerDetail &container)
{
    QStringList words;
    for (const std::string &word : container.command())
        words << shellWord(utf8(word));
    return words.isEmpty() ? absent() : QStringLiteral("<code>%1</code>").arg(words.join(u' ').toHtmlEscaped());
}

QString podText(const v1::ContainerDetail &container)
{
    const QString name = utf8(container.pod_name().empty() ? container.pod_id() : container.pod_name());
    if (name.isEmpty())
        return absent();
    return (container.infrastructure()
                ? ContainerText::tr("%1 (its infrastructure container)", "pod").arg(name)
                : name)
        .toHtmlEscaped();
}

QString processText(const v1::ContainerDetail &container)
{
    QStringList parts;
    if (container.init_pid() != 0)
        parts << ContainerText::tr("first process %1", "pid").arg(container.init_pid());
    if (container.monitor_pid() != 0)
        parts << ContainerText::tr("monitor %1", "pid").arg(container.monitor_pid());
    return parts.isEmpty() ? absent() : parts.join(QStringLiteral(", ")).toHtmlEscaped();
}

QString userText(const v1::ContainerDetail &container)
{
    if (container.has_user_uid())
        return ContainerText::tr("uid %1, rootless").arg(container.user_uid());
    return container.facts_source().empty() ? absent() : ContainerText::tr("the system");
}

QString link(const char *target, const QString &text)
{
    return QStringLiteral("<a href=\"%1\">%2</a>").arg(QLatin1String(target), text.toHtmlEscaped());
}

QString mainFacts(const v1::Node &node, const ContainerSurroundings &around)
{
    const v1::ContainerDetail &container = node.container();
    FactTable table(around.faded);
    table.add(ContainerText::tr("Name"), QStringLiteral("<b>%1</b>").arg(orDash(node.name())));
    table.add(ContainerText::tr("Id"),
              container.id().empty() ? absent()
                                     : QStringLiteral("<code>%1</code> %2")
                                           .arg(utf8(container.id()).toHtmlEscaped(),
                                                link(kCopyIdLink, ContainerText::tr("copy", "link"))));
    table.add(ContainerText::tr("State"), orDash(stateText(container)));
    table.add(ContainerText::tr("Image"), imageText(container));
    table.add(ContainerText::tr("Command"), commandText(container));
    table.add(ContainerText::tr("Created"), momentText(container.created_realtime_usec(), around.nowUsec));
    table.add(ContainerText::tr("Started"), momentText(container.started_realtime_usec(), around.nowUsec));
    table.add(ContainerText::tr("Restart policy"), orDash(container.restart_policy()));
    table.add(ContainerText::tr("Pod"), podText(container));
    table.add(ContainerText::tr("Runtime"), orDash(runtimeText(container, around.runtimeVersion)));
    table.add(ContainerText::tr("User"), userText(container));
    table.add(ContainerText::tr("Processes"), processText(container));
    table.add(ContainerText::tr("Cgroup"),
              around.cgroupPath.isEmpty() ? orDash(container.cgroup_path())
                                          : link(kJumpCgroupLink, around.cgroupPath));
    table.add(ContainerText::tr("Folder"), orDash(container.root_folder()));
    table.add(ContainerText::tr("Told by"), orDash(container.facts_source()));
    return table.html();
}

/// "8080-8089", "8080".
QString portRange(std::uint32_t first, std::uint32_t count)
{
    return count > 1 ? QStringLiteral("%1-%2").arg(first).arg(first + count - 1) : QString::number(first);
}

QString portSection(const v1::ContainerDetail &container, const QColor &faded)
{
    if (container.ports().empty())
        return {};
    FactTable table(faded);
    table.addHeads({ContainerText::tr("Host"), ContainerText::tr("Container"), ContainerText::tr("Protocol")});
    for (const v1::PublishedPort &port : container.ports()) {
        const QString address = utf8(port.host_address());
        const QString host = address.isEmpty() ? QStringLiteral("*")
                             : address.contains(u':') ? QStringLiteral("[%1]").arg(address)
                                                      : address;
        table.addCells({port.host_port() == 0 ? absent()
                                              : QStringLiteral("%1:%2").arg(host, portRange(port.host_port(),
                                                                                            port.count()))
                                                    .toHtmlEscaped(),
                        portRange(port.container_port(), port.count()), orDash(port.protocol())});
    }
    return heading(ContainerText::tr("Ports")) + table.html();
}

QString mountSection(const v1::ContainerDetail &container, const QColor &faded)
{
    if (container.mounts().empty())
        return {};
    FactTable table(faded);
    table.addHeads({ContainerText::tr("In the container"), ContainerText::tr("Source"), ContainerText::tr("Type"),
                    ContainerText::tr("Access")});
    for (const v1::ContainerMount &mount : container.mounts())
        table.addCells({orDash(mount.destination()), orDash(mount.source()), orDash(mount.type()),
                        mount.read_only() ? ContainerText::tr("read only") : ContainerText::tr("read and write")});
    return heading(ContainerText::tr("Mounts")) + table.html();
}

QString addressSection(const v1::ContainerDetail &container, const QColor &faded)
{
    if (container.addresses().empty())
        return {};
    FactTable table(faded);
    table.addHeads({ContainerText::tr("Network"), ContainerText::tr("Address"), ContainerText::tr("MAC")});
    for (const v1::ContainerAddress &address : container.addresses())
        table.addCells({orDash(address.network()), orDash(address.address()), orDash(address.mac())});
    return heading(ContainerText::tr("Addresses")) + table.html();
}

QString labelSection(const v1::ContainerDetail &container, const QColor &faded)
{
    if (container.labels().empty())
        return {};
    FactTable table(faded);
    const std::map<std::string, std::string> sorted(container.labels().begin(), container.labels().end());
    for (const auto &[key, value] : sorted)
        table.add(utf8(key), orDash(value));
    return heading(ContainerText::tr("Labels")) + table.html();
}

QString namespaceSection(const v1::ContainerDetail &container, const QColor &faded)
{
    if (container.namespaces().empty())
        return {};
    FactTable table(faded);
    for (const v1::NamespaceRef &space : container.namespaces()) {
        const QString inode = QString::number(space.inode());
        table.add(namespaceType(space.type()), space.own()
                                                   ? ContainerText::tr("%1, its own", "namespace").arg(inode)
                                                   : ContainerText::tr("%1, the host's", "namespace").arg(inode));
    }
    return heading(ContainerText::tr("Namespaces")) + table.html();
}

} // namespace

QString containerFacts(const v1::Node &node, const ContainerSurroundings &around)
{
    const v1::ContainerDetail &container = node.container();
    return mainFacts(node, around) + portSection(container, around.faded) + mountSection(container, around.faded) +
           addressSection(container, around.faded) + labelSection(container, around.faded) +
           namespaceSection(container, around.faded);
}

QString containerProblem(const v1::Node &node)
{
    const v1::ContainerDetail &container = node.container();
    return container.facts_problem().empty()
               ? QString()
               : ContainerText::tr("Some facts are missing or old: %1.").arg(utf8(container.facts_problem()));
}

QString runtimeFacts(const v1::HostInfo &host, const QColor &faded)
{
    if (host.runtimes().empty())
        return ContainerText::tr("No container runtime was found on this host.").toHtmlEscaped();
    QString html;
    for (const v1::RuntimeInfo &runtime : host.runtimes()) {
        const QString name = utf8(runtime.name());
        FactTable table(faded);
        table.add(ContainerText::tr("Version"), orDash(runtime.version()));
        table.add(ContainerText::tr("Reached at"), orDash(runtime.endpoint()));
        table.add(ContainerText::tr("Containers"), count(runtime.container_count()));
        table.add(ContainerText::tr("Problem"),
                  runtime.problem().empty() ? ContainerText::tr("none", "problem of a runtime")
                                            : QStringLiteral("<b>⚠ %1</b>").arg(orDash(runtime.problem())));
        html += heading(runtime.has_user_uid()
                            ? ContainerText::tr("%1 of uid %2", "runtime").arg(name).arg(runtime.user_uid())
                            : name) +
                table.html();
    }
    return html;
}

QString runtimeVersion(const v1::HostInfo &host, const v1::ContainerDetail &container)
{
    for (const v1::RuntimeInfo &runtime : host.runtimes()) {
        const bool sameUser = runtime.has_user_uid() == container.has_user_uid() &&
                              runtime.user_uid() == container.user_uid();
        if (runtime.name() == container.runtime() && sameUser)
            return utf8(runtime.version());
    }
    return {};
}

} // namespace gantry::text
