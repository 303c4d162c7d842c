// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/host_list.h"

#include "app/console/main_window.h"
#include "widgets/dialogs/confirm_dialog.h"

#include <algorithm>
#include <utility>

namespace gantry::console {

HostList::HostList(DialTo dialTo, HostDialog::Check check) : m_dialTo(std::move(dialTo)), m_check(std::move(check)) {}

HostList::~HostList() = default;

void HostList::show(MainWindow &window, const QList<HostEntry> &entries)
{
    m_window = &window;
    for (const HostEntry &entry : entries)
        add(entry);
    connect(&window, &MainWindow::addHostRequested, this, &HostList::askNew);
    connect(&window, &MainWindow::changeHostRequested, this, &HostList::askChange);
    connect(&window, &MainWindow::removeHostRequested, this, &HostList::askRemoval);
}

QList<HostEntry> HostList::entries() const
{
    QList<HostEntry> out;
    for (const Host &host : m_hosts) {
        if (!host.once)
            out.append(host.entry);
    }
    return out;
}

QString HostList::addOnce(const QString &destination)
{
    if (QString problem = m_check(destination); !problem.isEmpty())
        return problem;
    const QString plain = HostDialog::nameOf(destination);
    QString name = plain;
    const auto isTaken = [&name](const Host &host) { return host.entry.name == name; };
    for (int number = 2; std::ranges::any_of(m_hosts, isTaken); ++number)
        name = QStringLiteral("%1 (%2)").arg(plain).arg(number);
    add({.name = name, .destination = destination, .group = {}}, true);
    return {};
}

std::vector<HostList::Host>::iterator HostList::find(HostKey key)
{
    return std::ranges::find(m_hosts, key, &Host::key);
}

void HostList::add(const HostEntry &entry, bool once)
{
    auto client = std::make_unique<HostClient>(m_dialTo(entry.destination), HostClient::Retry::Passing);
    const HostKey key = m_window->addHost(*client, entry.name, entry.group, entry.destination);
    if (entry.connectAtStart)
        client->start();
    m_hosts.push_back({entry, once, key, std::move(client)});
}

void HostList::openDialog(const HostEntry &entry, const std::function<void(const HostEntry &)> &done)
{
    QStringList taken;
    QStringList groups;
    for (const Host &host : m_hosts) {
        if (host.entry != entry)
            taken << host.entry.name;
        if (!host.entry.group.isEmpty())
            groups << host.entry.group;
    }
    groups.removeDuplicates();
    groups.sort();
    auto *dialog = new HostDialog(entry, taken, groups, m_check, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [dialog, done] { done(dialog->entry()); });
    dialog->open();
}

void HostList::askNew()
{
    openDialog({}, [this](const HostEntry &entry) {
        add(entry);
        Host &host = m_hosts.back();
        host.client->start(); // who adds a host wants to see it
        m_window->select({host.key, NodeId::host()});
        Q_EMIT changed();
    });
}

void HostList::askChange(HostKey key)
{
    if (const auto host = find(key); host != m_hosts.end())
        openDialog(host->entry, [this, key](const HostEntry &entry) { change(key, entry); });
}

void HostList::change(HostKey key, const HostEntry &entry)
{
    const auto host = find(key);
    if (host == m_hosts.end())
        return;
    if (entry.destination == host->entry.destination) {
        host->entry = entry;
        host->once = false; // who changes it wants to keep it
        m_window->renameHost(key, entry.name, entry.group);
    } else { // another machine
        const bool wasStarted = host->client->state() != LinkState::Idle;
        remove(key);
        add(entry);
        if (wasStarted)
            m_hosts.back().client->start();
        m_window->select({m_hosts.back().key, NodeId::host()});
    }
    Q_EMIT changed();
}

void HostList::askRemoval(HostKey key)
{
    const auto host = find(key);
    if (host == m_hosts.end())
        return;
    Confirmation question;
    question.grade = Confirmation::Grade::Danger;
    question.title = tr("Remove host from the list");
    question.question = tr("Remove %1 from the list? On the host itself nothing changes.").arg(host->entry.name);
    question.acceptText = tr("&Remove");
    auto *dialog = new ConfirmDialog(question, m_window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, key] {
        remove(key);
        Q_EMIT changed();
    });
    dialog->open();
}

void HostList::remove(HostKey key)
{
    m_window->removeHost(key);
    if (const auto host = find(key); host != m_hosts.end())
        m_hosts.erase(host);
}

} // namespace gantry::console
