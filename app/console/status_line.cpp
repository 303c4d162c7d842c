// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/status_line.h"

#include <QApplication>
#include <QLabel>
#include <QStatusBar>
#include <QToolButton>

#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"

#include <chrono>

namespace gantry::console {

namespace {
constexpr std::chrono::milliseconds kMessageTime{8'000};
} // namespace

StatusLine::StatusLine(QStatusBar *bar)
    : QObject(bar)
    , m_bar(bar)
    , m_lock(new QToolButton(bar))
    , m_nodes(new QLabel(bar))
    , m_link(new QLabel(bar))
    , m_host(new QLabel(bar))
{
    for (QLabel *label : {m_nodes, m_link, m_host}) {
        label->setContentsMargins(6, 0, 6, 0);
        bar->addPermanentWidget(label);
    }
    bar->addPermanentWidget(m_lock);
    m_lock->setObjectName(QStringLiteral("readOnlyLock"));
    m_lock->setText(tr("Read-only"));
    m_lock->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_lock->setAutoRaise(true);
    m_lock->hide();
    // The reason must not need a pointer that hovers.
    connect(m_lock, &QToolButton::clicked, this, [this] { showMessage(m_lock->toolTip()); });
    updateIcons();
}

void StatusLine::updateIcons()
{
    m_lock->setIcon(theme::icon(u"lock", qApp->palette()));
}

void StatusLine::setHost(const v1::HostInfo &info)
{
    if (info.host_name().empty()) { // it has not told yet
        m_host->clear();
        m_host->setToolTip({});
        return;
    }
    m_host->setText(
        tr("%1, kernel %2, cgroups %3", "host, kernel release, v1/v2/hybrid")
            .arg(text::utf8(info.host_name()), text::utf8(info.kernel_release()), text::utf8(info.cgroup_mode())));
    m_host->setToolTip(tr("%1, %n CPU(s), %2 of memory", "operating system, size", static_cast<int>(info.cpu_count()))
                           .arg(text::utf8(info.os_pretty_name()), text::bytes(info.memory_total_bytes())));
}

void StatusLine::setNodeCount(int count)
{
    m_nodes->setText(tr("Nodes: %1").arg(text::count(static_cast<std::uint64_t>(count))));
}

void StatusLine::setLink(const HostClient &client)
{
    const QString sentence = linkSentence(client);
    m_link->setText(client.isSilent()                         ? tr("No answer")
                    : client.state() == LinkState::Live       ? tr("Live")
                    : client.state() == LinkState::Connecting ? tr("Connecting…")
                    : client.state() == LinkState::Idle       ? tr("Not connected")
                                                              : tr("Link lost"));
    m_link->setToolTip(sentence);
}

void StatusLine::setReadOnlyReason(const QString &reason)
{
    m_lock->setVisible(!reason.isEmpty());
    m_lock->setToolTip(reason);
    m_lock->setAccessibleName(reason);
}

void StatusLine::showMessage(const QString &text)
{
    m_bar->showMessage(text, static_cast<int>(kMessageTime.count()));
}

QString linkSentence(const HostClient &client)
{
    switch (client.state()) {
    case LinkState::Live:
        return client.isSilent() ? StatusLine::tr("The host does not answer; what is shown is what was last known.")
                                 : QString();
    case LinkState::Idle:
        return client.lostReason() ? StatusLine::tr("Not connected: %1 Double click on the host to try again.")
                                         .arg(text::errorSentence(*client.lostReason()))
                                   : StatusLine::tr("Not connected. Double click on the host to connect.");
    case LinkState::Connecting:
        return StatusLine::tr("Connecting…");
    case LinkState::Lost:
        break;
    }
    return StatusLine::tr("No connection to the engine: %1 Trying again.")
        .arg(text::errorSentence(*client.lostReason()));
}

} // namespace gantry::console
