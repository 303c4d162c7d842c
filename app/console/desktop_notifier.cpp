// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/desktop_notifier.h"

#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDateTime>

#include "app/console/session_bus.h"
#include "widgets/text/format.h"
#include "widgets/text/labels.h"

namespace gantry::console {

namespace {

// https://specifications.freedesktop.org/notification-spec/latest/
const QString kService = QStringLiteral("org.freedesktop.Notifications");
const QString kPath = QStringLiteral("/org/freedesktop/Notifications");
const QString kClicked = QStringLiteral("default"); // many desktops show no button for it
const QString kShow = QStringLiteral("show");
const QString kAcknowledge = QStringLiteral("acknowledge");

} // namespace

DesktopNotifier::DesktopNotifier(QObject *parent) : QObject(parent), m_hasBus(hasSessionBus() && connectBus()) {}

DesktopNotifier::~DesktopNotifier() = default;

bool DesktopNotifier::connectBus()
{
    QDBusConnection bus = QDBusConnection::sessionBus();
    return bus.connect(kService, kPath, kService, QStringLiteral("ActionInvoked"), this,
                       SLOT(onActionInvoked(uint, QString))) &&
           bus.connect(kService, kPath, kService, QStringLiteral("NotificationClosed"), this,
                       SLOT(onNotificationClosed(uint, uint)));
}

void DesktopNotifier::setRules(const v1::RuleList &rules)
{
    m_policy.setRules(rules);
    m_ruleNames.clear();
    for (const v1::AlertRule &rule : rules.rules())
        m_ruleNames.insert(text::utf8(rule.id()), text::ruleName(rule));
}

void DesktopNotifier::apply(const v1::AlertUpdate &update, bool enabled)
{
    for (const v1::Alert &alert : m_policy.due(update, QDateTime::currentMSecsSinceEpoch() * 1'000)) {
        if (enabled)
            show(alert);
    }
}

void DesktopNotifier::show(const v1::Alert &alert)
{
    const QString id = text::utf8(alert.rule_id());
    const QString title =
        tr("%1: %2", "severity and rule").arg(text::severity(alert.severity()), m_ruleNames.value(id, id));
    const QString body = ofHost(text::utf8(alert.cgroup_path()));
    if (m_hasBus)
        send(alert, title, body);
    else
        Q_EMIT trayMessageDue(title, body, alert.severity());
}

void DesktopNotifier::send(const v1::Alert &alert, const QString &title, const QString &body)
{
    const QVariantMap hints{
        {QStringLiteral("urgency"), QVariant::fromValue(uchar(alert.severity() == v1::SEVERITY_CRITICAL ? 2 : 1))}};
    QDBusMessage message = QDBusMessage::createMethodCall(kService, kPath, kService, QStringLiteral("Notify"));
    constexpr int kServerDecidesWhenItGoes = -1;
    // The body may be read as markup, and a cgroup's name is chosen by others.
    message << QStringLiteral("Gantry") << uint{0} << QStringLiteral("gantry") << title << body.toHtmlEscaped()
            << QStringList{kClicked, tr("Show"), kShow, tr("Show"), kAcknowledge, tr("Acknowledge")} << hints
            << kServerDecidesWhenItGoes;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(message), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher, alert] {
        const QDBusPendingReply<uint> reply = *watcher;
        if (reply.isValid())
            m_alertOf.insert(reply.value(), alert);
        watcher->deleteLater();
    });
}

void DesktopNotifier::onActionInvoked(uint notification, const QString &action)
{
    // Every notification of the desktop is announced, not only ours.
    const auto it = m_alertOf.constFind(notification);
    if (it == m_alertOf.constEnd())
        return;
    if (action == kAcknowledge)
        Q_EMIT acknowledgeRequested(it->id());
    else if (action == kShow || action == kClicked)
        Q_EMIT showRequested(NodeId{it->node_id()});
}

void DesktopNotifier::onNotificationClosed(uint notification, uint reason)
{
    Q_UNUSED(reason)
    m_alertOf.remove(notification);
}

QString DesktopNotifier::ofHost(const QString &text) const
{
    return m_host.isEmpty() ? text : QStringLiteral("%1: %2").arg(m_host, text);
}

} // namespace gantry::console
