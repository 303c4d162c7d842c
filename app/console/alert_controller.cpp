// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/alert_controller.h"

#include "app/console/actor.h"
#include "app/console/tray_icon.h"
#include "widgets/models/node_tree_model.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/text/error_text.h"

namespace gantry::console {

AlertController::AlertController(HostClient &client, NodeTreeModel &tree, AlertsPanel &panel, TrayIcon &tray,
                                 HostKey host, bool notify, QObject *parent)
    : QObject(parent), m_client(client), m_tree(tree), m_panel(panel), m_tray(tray), m_host(host), m_notify(notify)
{
    connect(&client, &HostClient::alertsUpdated, this, [this](const AlertUpdatePtr &update) { apply(*update); });
    connect(&client, &HostClient::stateChanged, this, [this](LinkState state) {
        if (state == LinkState::Live)
            askRules();
    });
    connectPanel();
    connectNotifier();
}

AlertController::~AlertController()
{
    m_tray.remove(m_host);
}

void AlertController::setHostName(const QString &name)
{
    m_hostName = name;
    m_notifier.setHostName(name);
    tellTray();
}

void AlertController::tellTray()
{
    m_tray.setOpen(m_host, m_hostName, m_panel.worst(), m_panel.openCount());
}

void AlertController::connectPanel()
{
    connect(&m_panel, &AlertsPanel::acknowledgeRequested, this, &AlertController::acknowledge);
    connect(&m_panel, &AlertsPanel::jumpRequested, this, &AlertController::jumpRequested);
    connect(&m_panel, &AlertsPanel::ruleChangeRequested, this, [this](const v1::AlertRule &rule) {
        v1::SetRuleRequest request;
        *request.mutable_rule() = rule;
        changeRules(method::kSetRule, std::move(request));
    });
    connect(&m_panel, &AlertsPanel::ruleDeleteRequested, this, [this](const QString &id) {
        v1::DeleteRuleRequest request;
        request.set_id(id.toStdString());
        changeRules(method::kDeleteRule, std::move(request));
    });
}

void AlertController::connectNotifier()
{
    connect(&m_notifier, &DesktopNotifier::trayMessageDue, this,
            [this](const QString &title, const QString &body, v1::Severity severity) {
                m_tray.showMessage(m_host, title, body, severity); // without a tray the panel has it
            });
    connect(&m_notifier, &DesktopNotifier::showRequested, this, [this](NodeId node) {
        Q_EMIT raiseRequested();
        Q_EMIT jumpRequested(node);
    });
    connect(&m_notifier, &DesktopNotifier::acknowledgeRequested, this, [this](quint64 alert) {
        v1::AcknowledgeRequest request;
        request.add_alert_ids(alert);
        acknowledge(std::move(request));
    });
}

void AlertController::apply(const v1::AlertUpdate &update)
{
    m_tree.apply(update);
    m_panel.apply(update);
    m_notifier.apply(update, m_notify);
    tellTray();
}

void AlertController::askRules()
{
    m_client.call(method::kListRules, v1::ListRulesRequest(), this, [this](const Result<v1::RuleList> &rules) {
        if (!rules) {
            Q_EMIT failed(text::errorSentence(rules.error()));
            return;
        }
        m_panel.setRules(*rules);
        m_notifier.setRules(*rules);
    });
}

void AlertController::acknowledge(v1::AcknowledgeRequest request)
{
    request.set_user(consoleActor().user());
    m_client.call(method::kAcknowledge, request, this, [this](const Result<v1::AcknowledgeReply> &reply) {
        if (!reply)
            Q_EMIT failed(text::errorSentence(reply.error()));
    });
}

template <class Request, class Reply>
void AlertController::changeRules(const Method<Request, Reply> &method, Request request)
{
    *request.mutable_actor() = consoleActor();
    m_client.call(method, request, this, [this](const Result<Reply> &reply) {
        if (!reply)
            Q_EMIT failed(text::errorSentence(reply.error()));
        // Also after a refusal: the panel then shows what really holds.
        askRules();
    });
}

} // namespace gantry::console
