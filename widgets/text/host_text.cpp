// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/text/host_text.h"

#include "widgets/text/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <string_view>

namespace gantry::text {

namespace {

struct HostText
{
    Q_DECLARE_TR_FUNCTIONS(HostText)
};

struct Label
{
    std::string_view key;
    const char *name;
};

/// What the engine's probes are about; one that is not here is shown by its key.
constexpr std::array kLabels{
    Label{"criu", QT_TRANSLATE_NOOP("HostText", "Checkpoints")},
    Label{"criu.mem_dirty_track", QT_TRANSLATE_NOOP("HostText", "Checkpoints in rounds")},
    Label{"criu.uffd", QT_TRANSLATE_NOOP("HostText", "Restore with memory later")},
    Label{"criu.pidfd_store", QT_TRANSLATE_NOOP("HostText", "Processes told apart")},
    Label{"criu.network_lock_nftables", QT_TRANSLATE_NOOP("HostText", "Network held back")},
    Label{"criu.checkpoint_restore", QT_TRANSLATE_NOOP("HostText", "Right to make checkpoints")},
    Label{"criu.sys_resource", QT_TRANSLATE_NOOP("HostText", "Processes of other users")},
    Label{"rights", QT_TRANSLATE_NOOP("HostText", "Right to make changes")},
    Label{"psi", QT_TRANSLATE_NOOP("HostText", "Pressure")},
    Label{"psi.trigger.window", QT_TRANSLATE_NOOP("HostText", "Alarms of pressure")},
    Label{"fanotify", QT_TRANSLATE_NOOP("HostText", "Changes seen at once")},
    Label{"memory.soft_limit", QT_TRANSLATE_NOOP("HostText", "Soft limit of memory")},
    Label{"alerts.watches", QT_TRANSLATE_NOOP("HostText", "Watch on limits")},
    Label{"oom.story", QT_TRANSLATE_NOOP("HostText", "Story of OOM kills")},
    Label{"journal", QT_TRANSLATE_NOOP("HostText", "Journal")},
    Label{"systemd", QT_TRANSLATE_NOOP("HostText", "systemd")},
    Label{"systemd.bus", QT_TRANSLATE_NOOP("HostText", "Limits by systemd")},
    Label{"oomd", QT_TRANSLATE_NOOP("HostText", "systemd-oomd")},
};

QString labelOf(const std::string &key)
{
    const auto found = std::ranges::find(kLabels, key, &Label::key);
    return found == kLabels.end() ? utf8(key) : HostText::tr(found->name);
}

QString rowOf(const v1::HostInfo::Probe &probe, const QColor &faded)
{
    const QString sign = probe.works() ? QStringLiteral("✓") : QStringLiteral("<b>⚠</b>");
    const QString state = probe.works() ? HostText::tr("works") : HostText::tr("does not work");
    const QString detail = QCoreApplication::translate("Probes", probe.detail().c_str());
    return QStringLiteral("<tr><td>%1</td><td style=\"padding-right:16px; white-space:nowrap\">%2</td>"
                          "<td style=\"color:%3; padding-right:16px; white-space:nowrap\">%4</td><td>%5</td></tr>")
        .arg(sign, labelOf(probe.key()).toHtmlEscaped(), faded.name(), state.toHtmlEscaped(), detail.toHtmlEscaped());
}

QString section(const QString &title, const QString &rows)
{
    return rows.isEmpty() ? QString()
                          : QStringLiteral("<h4 style=\"margin-top:10px; margin-bottom:2px\">%1</h4>"
                                           "<table cellspacing=\"0\" cellpadding=\"3\">%2</table>")
                                .arg(title.toHtmlEscaped(), rows);
}

} // namespace

QString hostAbilities(const v1::HostInfo &host, const QColor &faded)
{
    if (host.probes().empty())
        return HostText::tr("The host has not told yet what works there.").toHtmlEscaped();
    QString checkpoints;
    QString others;
    for (const v1::HostInfo::Probe &probe : host.probes()) {
        const bool criu = probe.key() == "criu" || probe.key().starts_with("criu.");
        (criu ? checkpoints : others) += rowOf(probe, faded);
    }
    return section(HostText::tr("Checkpoints"), checkpoints) + section(HostText::tr("Kernel and system"), others);
}

} // namespace gantry::text
