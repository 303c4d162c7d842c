// SPDX-License-Identifier: GPL-3.0-or-later
// The hosts of the window: which there are, and which is the current one.
#include "app/console/main_window.h"

#include <QAction>
#include <QDockWidget>
#include <QLabel>
#include <QStackedWidget>
#include <QTabWidget>

#include "app/console/alert_controller.h"
#include "app/console/breadcrumb.h"
#include "app/console/bulk_migrations.h"
#include "app/console/fork_controller.h"
#include "app/console/group_controller.h"
#include "app/console/host_session.h"
#include "app/console/node_pages.h"
#include "app/console/node_selector.h"
#include "app/console/status_line.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/jobs_panel.h"
#include "widgets/pages/node_tree_panel.h"

#include <algorithm>

namespace gantry::console {

HostSession &MainWindow::add(HostClient &client, const QString &name, const QString &group)
{
    HostSession &session = *m_sessions.emplace_back(std::make_unique<HostSession>(
        client, name, group, m_initial, HostSession::Shared{this, m_hosts, *m_treePanel, m_silenced, *m_tray}));
    m_pages->addWidget(&session.tabs());
    m_alerts->addWidget(&session.alerts());
    m_jobs->addWidget(&session.jobs());
    session.pages().setCheckpointAction(action(ActionId::Checkpoint));
    session.pages().setScheduleAction(action(ActionId::Schedule));
    session.verbs().setForks(*m_forks, session.key());
    session.verbs().setGroups(*m_groups);
    connectSession(session);
    return session;
}

HostKey MainWindow::addHost(HostClient &client, const QString &name, const QString &group, const QString &destination)
{
    HostSession &session = add(client, name, group);
    session.setDestination(destination);
    // As it is chosen now, not as it was at the start.
    session.setLookOnly(action(ActionId::ReadOnly)->isChecked());
    session.alertController().setNotify(action(ActionId::Notifications)->isChecked());
    for (const auto &each : m_sessions)
        each->setNamed(true); // questions name the host from now on
    if (m_initial.selectedPath.startsWith(name + u':'))
        session.selector().select(m_initial.selectedPath.sliced(name.size() + 1));
    return session.key();
}

void MainWindow::removeHost(HostKey host)
{
    HostSession *const session = sessionOf(host);
    if (session == nullptr || session == m_sessions.front().get())
        return;
    if (session == m_current)
        (void)select({m_sessions.front()->key(), NodeId::host()});
    m_history.forget(host);
    disconnect(session, nullptr, this, nullptr);
    std::erase_if(m_sessions, [session](const auto &each) { return each.get() == session; });
    for (const auto &each : m_sessions)
        each->setNamed(m_sessions.size() > 1);
    showCounts();
    updateActions();
}

void MainWindow::renameHost(HostKey host, const QString &name, const QString &group)
{
    if (HostSession *session = sessionOf(host))
        session->rename(name, group);
}

void MainWindow::connectSession(HostSession &session)
{
    connect(&session, &HostSession::linkChanged, this, [this, &session] {
        if (&session == m_current)
            showLink();
    });
    connect(&session.client(), &HostClient::stateChanged, m_migrations, [this, &session](LinkState state) {
        if (state == LinkState::Live)
            m_migrations->settle(session.key());
    });
    connect(&session, &HostSession::changed, this, [this, &session] {
        if (&session == m_current)
            updateActions();
    });
    connect(&session, &HostSession::countsChanged, this, &MainWindow::showCounts);
    connect(&session, &HostSession::jumpRequested, this, [this, &session](NodeId node) {
        jumpTo({session.key(), node});
    });
    connect(&session, &HostSession::message, m_status, &StatusLine::showMessage);
    connect(&session, &HostSession::failed, this, &MainWindow::showFailure);
    connect(&session, &HostSession::selectFailed, this, &MainWindow::selectFailed);
    connect(&session, &HostSession::raiseRequested, this, &MainWindow::raiseAlerts);
}

void MainWindow::raiseAlerts()
{
    show();
    raise();
    activateWindow();
    m_alertsDock->raise();
}

void MainWindow::connectForks()
{
    connect(m_forks, &ForkController::checkpointsChanged, this, [this](HostKey host) {
        if (HostSession *session = sessionOf(host))
            session->pages().refresh();
    });
    connect(m_forks, &ForkController::restored, this, [this](HostKey host, const v1::CheckpointInfo &checkpoint) {
        if (HostSession *session = sessionOf(host))
            session->pages().noteRestored(checkpoint);
    });
}

void MainWindow::connectGroups()
{
    connect(m_groups, &GroupController::checkpointsChanged, this, [this](HostKey host) {
        if (HostSession *session = sessionOf(host))
            session->pages().refresh();
    });
    connect(m_groups, &GroupController::restored, this, [this](HostKey host, const v1::CheckpointInfo &checkpoint) {
        if (HostSession *session = sessionOf(host))
            session->pages().noteRestored(checkpoint);
    });
}

void MainWindow::checkpoint(const std::vector<NodeFacts> &nodes)
{
    for (const NodeFacts &node : nodes) {
        if (nodes.size() > 1 && node.containerName.isEmpty()) {
            showFailure(tr("%1 is no container: only containers can be saved together.").arg(node.name));
            return;
        }
    }
    const QStringList names = containersOf(nodes);
    if (names.size() > 1)
        m_groups->askSave(m_current->key(), names);
    else
        m_current->verbs().checkpoint(nodes.front());
}

std::vector<MigrationPeer> MainWindow::migrationPeers() const
{
    std::vector<MigrationPeer> out;
    for (const auto &session : m_sessions) {
        const bool live = session->client().state() == LinkState::Live;
        out.push_back({{session->key(), session->name(), session->destination(),
                        live ? session->readOnlyReason() : tr("It is not connected.")},
                       live ? session->client().channel() : nullptr});
    }
    return out;
}

QStringList MainWindow::containersOf(const std::vector<NodeFacts> &nodes)
{
    QStringList out;
    for (const NodeFacts &node : nodes) {
        if (!node.containerName.isEmpty() && !out.contains(node.containerName))
            out << node.containerName;
    }
    return out;
}

void MainWindow::migrate(const QStringList &containers, HostKey wanted)
{
    if (containers.size() == 1)
        m_migrations->ask(m_current->key(), containers.front(), wanted);
    else if (!containers.isEmpty())
        m_bulkMigrations->ask(m_current->key(), containers, wanted ? std::vector{wanted} : std::vector<HostKey>(),
                              false);
}

void MainWindow::evacuate()
{
    std::vector<NodeFacts> nodes;
    for (const QString &path : tree().cgroupPaths()) {
        NodeFacts facts = factsOf(tree(), tree().idOfPath(path));
        if (facts.container && facts.runtime != QLatin1String("bare"))
            nodes.push_back(std::move(facts));
    }
    QStringList names = containersOf(nodes);
    names.sort();
    m_bulkMigrations->ask(m_current->key(), names, {}, true);
}

void MainWindow::makeCurrent(HostSession &session)
{
    if (&session != m_current)
        m_current->pages().setNode({});
    m_current = &session;
    m_pages->setCurrentWidget(&session.tabs());
    m_alerts->setCurrentWidget(&session.alerts());
    m_jobs->setCurrentWidget(&session.jobs());
    showCounts();
    showLink();
}

HostSession *MainWindow::sessionOf(HostKey host) const
{
    const auto at = std::ranges::find_if(m_sessions, [host](const auto &each) { return each->key() == host; });
    return at == m_sessions.end() ? nullptr : at->get();
}

void MainWindow::showCounts()
{
    if (m_current == nullptr)
        return;
    const int alerts = m_current->alerts().openCount();
    const int jobs = m_current->jobs().activeCount();
    m_alertsDock->setWindowTitle(alerts == 0 ? tr("Alerts") : tr("Alerts (%1)").arg(alerts));
    m_jobsDock->setWindowTitle(jobs == 0 ? tr("Jobs") : tr("Jobs (%1 running)").arg(jobs));
}

void MainWindow::showLink()
{
    const HostClient &client = m_current->client();
    const QString sentence = linkSentence(client);
    m_banner->setText(sentence);
    m_banner->setVisible(!sentence.isEmpty());
    m_status->setLink(client);
    m_status->setReadOnlyReason(sentence.isEmpty() ? m_current->readOnlyReason() : QString());
    m_status->setHost(m_current->info());
    const QString name = m_current->name();
    showPath();
    setWindowTitle(name.isEmpty() ? tr("Gantry") : tr("%1 – Gantry", "host").arg(name));
}

void MainWindow::showPath()
{
    const NodeFacts facts = factsOf(tree(), m_treePanel->currentNode());
    m_breadcrumb->show(m_current->name(), facts.path, facts.name);
}

void MainWindow::updateHostActions()
{
    const QString thisOne = m_current == m_sessions.front().get() ? tr("This host is always there.") : QString();
    const bool isIdle = m_current->client().state() == LinkState::Idle;
    m_actions->setReason(ActionId::EditHost, thisOne);
    m_actions->setReason(ActionId::RemoveHost, thisOne);
    m_actions->setReason(ActionId::Evacuate,
                         m_sessions.size() > 1 ? QString() : tr("There is no other host that they could go to."));
    m_actions->setReason(ActionId::ConnectHost, isIdle ? QString() : tr("This host is connected, or will be."));
    m_actions->setReason(ActionId::DisconnectHost, !thisOne.isEmpty() ? thisOne
                                                   : isIdle           ? tr("This host is not connected.")
                                                                      : QString());
}

} // namespace gantry::console
