// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/tray_icon.h"

#include <QApplication>
#include <QSystemTrayIcon>

#include "widgets/style/theme.h"

#include <algorithm>
#include <tuple>

namespace gantry::console {

TrayIcon::TrayIcon(QObject *parent) : QObject(parent)
{
    if (!QSystemTrayIcon::isSystemTrayAvailable())
        return;
    m_icon = std::make_unique<QSystemTrayIcon>();
    connect(m_icon.get(), &QSystemTrayIcon::activated, this, [this] { Q_EMIT raiseRequested(worstHost()); });
    connect(m_icon.get(), &QSystemTrayIcon::messageClicked, this, [this] { Q_EMIT raiseRequested(m_told); });
    update();
    m_icon->show();
}

TrayIcon::~TrayIcon() = default;

void TrayIcon::setOpen(HostKey host, const QString &name, v1::Severity worst, int count)
{
    m_open[host] = {name, worst, count};
    update();
}

void TrayIcon::remove(HostKey host)
{
    m_open.erase(host);
    update();
}

bool TrayIcon::showMessage(HostKey host, const QString &title, const QString &body, v1::Severity severity)
{
    if (!m_icon)
        return false;
    m_told = host;
    m_icon->showMessage(title, body, theme::severityIcon(severity, qApp->palette()));
    return true;
}

HostKey TrayIcon::worstHost() const
{
    const auto order = [](const auto &one) { return std::tuple(one.second.worst, one.second.count); };
    const auto it = std::ranges::max_element(m_open, {}, order);
    return it == m_open.end() || it->second.count == 0 ? HostKey() : it->first;
}

v1::Severity TrayIcon::worst() const
{
    const auto it = m_open.find(worstHost());
    return it == m_open.end() ? v1::SEVERITY_NONE : it->second.worst;
}

QString TrayIcon::toolTip() const
{
    int all = 0;
    QStringList lines;
    for (const auto &[host, open] : m_open) {
        all += open.count;
        if (open.count > 0 && !open.name.isEmpty())
            lines << tr("%1: %2", "host: number of open alerts").arg(open.name).arg(open.count);
    }
    lines.prepend(all == 0 ? tr("Gantry: no open alerts") : tr("Gantry: %n open alert(s)", nullptr, all));
    return lines.join(u'\n');
}

void TrayIcon::update()
{
    if (!m_icon)
        return;
    m_icon->setIcon(theme::severityIcon(worst(), qApp->palette()));
    m_icon->setToolTip(toolTip());
}

} // namespace gantry::console
