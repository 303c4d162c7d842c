// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/event_text.h"

#include "engine/base/limit.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <QCoreApplication>

namespace gantry::text {

namespace {

/// Gives this file's texts their context for translators.
struct EventText
{
    Q_DECLARE_TR_FUNCTIONS(EventText)
};

/// The text of a limit file as people read it, or as it stands where it is not one Gantry sets.
QString valueText(const std::string &key, const std::string &text)
{
    if (text.empty())
        return absent();
    if (const auto known = limitKeyByName(key)) {
        if (const auto value = parseLimitValue(*known, text))
            return limitValue(*known, *value);
    }
    return utf8(text);
}

/// A kill by the kernel whose story is known.
QString killSentence(const v1::OomKill &oom)
{
    // All at once: a name may hold "%2".
    const QString who = utf8(oom.victim_comm());
    const QString pid = QString::number(oom.victim_pid());
    const QString held =
        bytes(oom.victim_anon_rss_bytes() + oom.victim_file_rss_bytes() + oom.victim_shmem_rss_bytes());
    const QString limitPath = utf8(oom.limit_path());
    if (oom.limit_path().empty())
        return EventText::tr("The kernel killed %1 (pid %2, %3 resident) for lack of memory.").arg(who, pid, held);
    if (oom.constraint() == "none")
        return EventText::tr("The kernel killed %1 (pid %2, %3 resident): the host was out of memory.")
            .arg(who, pid, held);
    if (!oom.has_limit_max_bytes())
        return EventText::tr("The kernel killed %1 (pid %2, %3 resident): %4 was at its memory limit.")
            .arg(who, pid, held, limitPath);
    return EventText::tr("The kernel killed %1 (pid %2, %3 resident): %4 was at its memory limit of %5.")
        .arg(who, pid, held, limitPath, bytes(oom.limit_max_bytes()));
}

QString sentence(const v1::Event &event)
{
    if (event.has_oom())
        return killSentence(event.oom());
    const int n = static_cast<int>(std::min<std::uint64_t>(event.delta(), 1'000'000'000));
    const QString key = utf8(event.key());
    switch (event.kind()) {
    case v1::EVENT_KIND_CGROUP_CREATED:
        return EventText::tr("The cgroup was made.");
    case v1::EVENT_KIND_CGROUP_REMOVED:
        return EventText::tr("The cgroup was removed.");
    case v1::EVENT_KIND_MEMORY_LOW:
        return EventText::tr("Protected memory was reclaimed %n time(s).", nullptr, n);
    case v1::EVENT_KIND_MEMORY_HIGH:
        return EventText::tr("The soft memory limit was exceeded %n time(s).", nullptr, n);
    case v1::EVENT_KIND_MEMORY_MAX:
        return EventText::tr("The hard memory limit was hit %n time(s).", nullptr, n);
    case v1::EVENT_KIND_OOM:
        return EventText::tr("The cgroup ran out of memory %n time(s).", nullptr, n);
    case v1::EVENT_KIND_OOM_KILL:
        return EventText::tr("The kernel killed %n process(es) for lack of memory.", nullptr, n);
    case v1::EVENT_KIND_PIDS_MAX:
        return EventText::tr("The limit of processes refused %n fork(s).", nullptr, n);
    case v1::EVENT_KIND_PRESSURE:
        return EventText::tr("Tasks waited for a resource too long (%1).").arg(key);
    case v1::EVENT_KIND_CPU_THROTTLED:
        return EventText::tr("The CPU limit throttled %n period(s).", nullptr, n);
    case v1::EVENT_KIND_FROZEN:
        return EventText::tr("Frozen.");
    case v1::EVENT_KIND_THAWED:
        return EventText::tr("Thawed.");
    case v1::EVENT_KIND_LIMIT_CHANGED:
        return EventText::tr("%1 changed from %2 to %3.")
            .arg(key, valueText(event.key(), event.old_value()), valueText(event.key(), event.new_value()));
    case v1::EVENT_KIND_KILLED:
        return EventText::tr("%n process(es) killed.", nullptr, n);
    case v1::EVENT_KIND_SIGNALLED:
        return EventText::tr("Signal %1 sent.").arg(utf8(event.new_value()));
    case v1::EVENT_KIND_PROCESSES_MOVED:
        return EventText::tr("%n process(es) moved.", nullptr, n);
    case v1::EVENT_KIND_POPULATED:
        return EventText::tr("The first process arrived.");
    case v1::EVENT_KIND_EMPTY:
        return EventText::tr("The last process left.");
    case v1::EVENT_KIND_ALERT_RAISED:
        return EventText::tr("Alert raised: %1.").arg(key);
    case v1::EVENT_KIND_ALERT_RESOLVED:
        return EventText::tr("Alert resolved: %1.").arg(key);
    case v1::EVENT_KIND_OVERFLOW:
        return EventText::tr("The kernel's event queue overflowed; the tree was read again.");
    case v1::EVENT_KIND_OOMD_KILL:
        return EventText::tr("systemd-oomd killed it: %1.").arg(utf8(event.new_value()));
    case v1::EVENT_KIND_CONTAINER_STARTED:
        return EventText::tr("The container %1 started.").arg(key);
    case v1::EVENT_KIND_CONTAINER_EXITED:
        return EventText::tr("The container %1 ended.").arg(key);
    case v1::EVENT_KIND_CONTROLLERS_CHANGED:
        return EventText::tr("Controllers of its children changed from %1 to %2.")
            .arg(utf8(event.old_value()), utf8(event.new_value()));
    case v1::EVENT_KIND_RECLAIMED:
        return EventText::tr("Memory reclaimed: %1.").arg(utf8(event.new_value()));
    case v1::EVENT_KIND_CONTAINER_ACTION:
        return EventText::tr("%1: %2.", "container, what was done").arg(key, utf8(event.new_value()));
    default:
        return EventText::tr("Something this version does not know happened (%1).").arg(key);
    }
}

} // namespace

QString eventSentence(const v1::Event &event)
{
    if (!event.has_failure())
        return sentence(event);
    return EventText::tr("%1: failed. %2", "kind of action, then why it failed")
        .arg(eventKind(event.kind()), errorSentence(event.failure()));
}

QString eventDetail(const v1::Event &event)
{
    if (!event.has_oom())
        return {};
    const v1::OomKill &oom = event.oom();
    QStringList lines{eventSentence(event)};
    if (event.delta() > 1)
        lines += EventText::tr("%n process(es) were killed, the whole cgroup.", "memory.oom.group",
                               static_cast<int>(std::min<std::uint64_t>(event.delta(), 1'000'000'000)));
    if (!oom.trigger_comm().empty())
        lines += EventText::tr("%1 (pid %2) had asked for memory.")
                     .arg(utf8(oom.trigger_comm()), QString::number(oom.trigger_pid()));
    if (oom.has_limit_usage_bytes())
        lines +=
            EventText::tr("When last sampled, %1 used %2.").arg(utf8(oom.limit_path()), bytes(oom.limit_usage_bytes()));
    if (oom.has_victim_usage_bytes() && oom.victim_path() != oom.limit_path())
        lines += EventText::tr("When last sampled, %1 used %2.")
                     .arg(utf8(oom.victim_path()), bytes(oom.victim_usage_bytes()));
    if (!oom.last_change().empty())
        lines += EventText::tr("Last change of the limit: %1.").arg(utf8(oom.last_change()));
    QString out;
    for (const QString &line : lines)
        out += QStringLiteral("<p>%1</p>").arg(line.toHtmlEscaped());
    // A name may hold what looks like markup.
    for (const std::string &line : oom.kernel_log())
        out += QStringLiteral("<code>%1</code><br>").arg(utf8(line).toHtmlEscaped());
    return out;
}

QString eventKind(v1::EventKind kind)
{
    switch (kind) {
    case v1::EVENT_KIND_CGROUP_CREATED:
        return EventText::tr("New cgroup");
    case v1::EVENT_KIND_CGROUP_REMOVED:
        return EventText::tr("Cgroup removed");
    case v1::EVENT_KIND_MEMORY_LOW:
        return EventText::tr("Memory protection");
    case v1::EVENT_KIND_MEMORY_HIGH:
        return EventText::tr("Soft memory limit");
    case v1::EVENT_KIND_MEMORY_MAX:
        return EventText::tr("Hard memory limit");
    case v1::EVENT_KIND_OOM:
        return EventText::tr("Out of memory");
    case v1::EVENT_KIND_OOM_KILL:
        return EventText::tr("OOM kill");
    case v1::EVENT_KIND_PIDS_MAX:
        return EventText::tr("Process limit");
    case v1::EVENT_KIND_PRESSURE:
        return EventText::tr("Pressure");
    case v1::EVENT_KIND_CPU_THROTTLED:
        return EventText::tr("CPU throttled");
    case v1::EVENT_KIND_FROZEN:
        return EventText::tr("Freeze");
    case v1::EVENT_KIND_THAWED:
        return EventText::tr("Thaw");
    case v1::EVENT_KIND_LIMIT_CHANGED:
        return EventText::tr("Limit changed");
    case v1::EVENT_KIND_KILLED:
        return EventText::tr("Kill");
    case v1::EVENT_KIND_SIGNALLED:
        return EventText::tr("Signal");
    case v1::EVENT_KIND_PROCESSES_MOVED:
        return EventText::tr("Processes moved");
    case v1::EVENT_KIND_POPULATED:
        return EventText::tr("Populated");
    case v1::EVENT_KIND_EMPTY:
        return EventText::tr("Empty");
    case v1::EVENT_KIND_ALERT_RAISED:
        return EventText::tr("Alert");
    case v1::EVENT_KIND_ALERT_RESOLVED:
        return EventText::tr("Alert resolved");
    case v1::EVENT_KIND_OVERFLOW:
        return EventText::tr("Queue overflow");
    case v1::EVENT_KIND_OOMD_KILL:
        return EventText::tr("Kill by systemd-oomd");
    case v1::EVENT_KIND_CONTAINER_STARTED:
        return EventText::tr("Container started");
    case v1::EVENT_KIND_CONTAINER_EXITED:
        return EventText::tr("Container ended");
    case v1::EVENT_KIND_CONTROLLERS_CHANGED:
        return EventText::tr("Controllers");
    case v1::EVENT_KIND_RECLAIMED:
        return EventText::tr("Reclaim");
    case v1::EVENT_KIND_CONTAINER_ACTION:
        return EventText::tr("Container");
    default:
        return EventText::tr("Unknown");
    }
}

QString eventActor(const v1::Event &event)
{
    if (!event.actor().empty())
        return utf8(event.actor());
    if (event.pid() > 0)
        return EventText::tr("%1 (pid %2)", "program and its number").arg(utf8(event.comm())).arg(event.pid());
    switch (event.kind()) {
    case v1::EVENT_KIND_MEMORY_LOW:
    case v1::EVENT_KIND_MEMORY_HIGH:
    case v1::EVENT_KIND_MEMORY_MAX:
    case v1::EVENT_KIND_OOM:
    case v1::EVENT_KIND_OOM_KILL:
    case v1::EVENT_KIND_PIDS_MAX:
    case v1::EVENT_KIND_PRESSURE:
    case v1::EVENT_KIND_CPU_THROTTLED:
        return EventText::tr("kernel");
    default:
        return absent();
    }
}

v1::Severity eventSeverity(const v1::Event &event)
{
    if (event.has_failure())
        return v1::SEVERITY_CRITICAL;
    switch (event.kind()) {
    case v1::EVENT_KIND_OOM:
    case v1::EVENT_KIND_OOM_KILL:
    case v1::EVENT_KIND_OOMD_KILL:
        return v1::SEVERITY_CRITICAL;
    case v1::EVENT_KIND_MEMORY_HIGH:
    case v1::EVENT_KIND_MEMORY_MAX:
    case v1::EVENT_KIND_PIDS_MAX:
    case v1::EVENT_KIND_PRESSURE:
    case v1::EVENT_KIND_CPU_THROTTLED:
    case v1::EVENT_KIND_KILLED:
    case v1::EVENT_KIND_ALERT_RAISED:
    case v1::EVENT_KIND_OVERFLOW:
        return v1::SEVERITY_WARNING;
    default:
        return v1::SEVERITY_NONE;
    }
}

} // namespace gantry::text
