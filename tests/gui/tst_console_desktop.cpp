// SPDX-License-Identifier: GPL-3.0-or-later
// What the console tells the desktop and takes from it, over a real message bus of the test's own. The services of the
// desktop are played: nothing else can stand in for them on a machine without one.
#include <QtTest>

#include "app/console/desktop_notifier.h"
#include "app/console/desktop_theme.h"
#include "app/console/tray_icon.h"
#include "tests/gui/console_fixture.h"
#include "widgets/models/alert_model.h"
#include "widgets/pages/alerts_panel.h"
#include "widgets/pages/table_panel.h"
#include "widgets/style/theme.h"

#include <QDBusConnection>
#include <QDBusPendingCallWatcher>
#include <QDBusVariant>
#include <QProcess>
#include <QTableView>

#include <algorithm>
#include <iterator>
#include <vector>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;

namespace {

constexpr std::uint64_t kMiB = 1 << 20;

struct Notification
{
    QString summary;
    QString body;
    QStringList actions;
    QVariantMap hints;
};

} // namespace

/// org.freedesktop.Notifications as far as the console uses it.
class NotificationServer : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")
public:
    std::vector<Notification> shown; ///< the number of the first is 1

public Q_SLOTS:
    uint Notify(const QString &program, uint replaces, const QString &icon, const QString &summary, const QString &body,
                const QStringList &actions, const QVariantMap &hints, int timeout)
    {
        Q_UNUSED(program)
        Q_UNUSED(replaces)
        Q_UNUSED(icon)
        Q_UNUSED(timeout)
        shown.push_back({summary, body, actions, hints});
        return static_cast<uint>(shown.size());
    }

Q_SIGNALS:
    void ActionInvoked(uint notification, const QString &action);
    void NotificationClosed(uint notification, uint reason);
};

/// org.freedesktop.portal.Settings with the one setting the console asks for.
class SettingsPortal : public QObject
{
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Settings")
public:
    uint scheme = 1; ///< 1 dark, 2 light

public Q_SLOTS:
    QDBusVariant Read(const QString &group, const QString &key)
    {
        Q_UNUSED(group)
        Q_UNUSED(key)
        // As the real one does: a variant in a variant.
        return QDBusVariant(QVariant::fromValue(QDBusVariant(scheme)));
    }

Q_SIGNALS:
    void SettingChanged(const QString &group, const QString &key, const QDBusVariant &value);
};

class TestConsoleDesktop : public QObject
{
    Q_OBJECT
private:
    static v1::AlertUpdate alert(std::uint64_t id, const char *rule, const char *path = "/a")
    {
        v1::AlertUpdate update;
        v1::Alert &alert = *update.add_alerts();
        alert.set_id(id);
        alert.set_rule_id(rule);
        alert.set_severity(v1::SEVERITY_CRITICAL);
        alert.set_node_id(7);
        alert.set_cgroup_path(path);
        return update;
    }

    /// Registers a service of the desktop on a connection of its own.
    template <class Service>
    void offer(const char *connection, const QString &name, const QString &path, Service *service)
    {
        QDBusConnection bus = QDBusConnection::connectToBus(m_address, QLatin1String(connection));
        QVERIFY(bus.registerObject(path, service, QDBusConnection::ExportAllSlots | QDBusConnection::ExportAllSignals));
        QVERIFY(bus.registerService(name));
    }
    static void withdraw(const char *connection) { QDBusConnection::disconnectFromBus(QLatin1String(connection)); }

    QProcess m_daemon;
    QString m_address;
    std::unique_ptr<NotificationServer> m_server;

private Q_SLOTS:
    void initTestCase()
    {
        m_daemon.start(QStringLiteral("dbus-daemon"),
                       {QStringLiteral("--session"), QStringLiteral("--nofork"), QStringLiteral("--nopidfile"),
                        QStringLiteral("--print-address=1")});
        QVERIFY2(m_daemon.waitForReadyRead(10'000), qPrintable(m_daemon.errorString()));
        m_address = QString::fromUtf8(m_daemon.readLine()).trimmed();
        qputenv("DBUS_SESSION_BUS_ADDRESS", m_address.toUtf8());
        QVERIFY(QDBusConnection::sessionBus().isConnected());
    }
    void cleanupTestCase()
    {
        QDBusConnection::disconnectFromBus(QStringLiteral("qt_default_session_bus"));
        m_daemon.terminate();
        QVERIFY(m_daemon.waitForFinished(10'000));
    }

    void init()
    {
        m_server = std::make_unique<NotificationServer>();
        offer("notifications", QStringLiteral("org.freedesktop.Notifications"),
              QStringLiteral("/org/freedesktop/Notifications"), m_server.get());
    }
    void cleanup()
    {
        withdraw("notifications");
        withdraw("portal");
        m_server.reset();
        QApplication::setPalette(QPalette());
    }

    void notification_hasShowAndAcknowledge()
    {
        DesktopNotifier notifier;
        QSignalSpy shows(&notifier, &DesktopNotifier::showRequested);
        QSignalSpy acknowledges(&notifier, &DesktopNotifier::acknowledgeRequested);
        notifier.apply(alert(1, "oom-kill", "/a<b>"), true);
        QTRY_COMPARE(m_server->shown.size(), 1u);
        const Notification shown = m_server->shown.front();
        QVERIFY(shown.actions.contains(QStringLiteral("Show")));
        QVERIFY(shown.actions.contains(QStringLiteral("Acknowledge")));
        QCOMPARE(shown.hints.value(QStringLiteral("urgency")).toInt(), 2);
        // Names are chosen by others: no markup from them.
        QCOMPARE(shown.body, QStringLiteral("/a&lt;b&gt;"));
        // With several hosts it says whose it is.
        notifier.setHostName(QStringLiteral("lab1"));
        notifier.apply(alert(2, "cpu-throttled", "/a"), true);
        QTRY_COMPARE(m_server->shown.size(), 2u);
        QCOMPARE(m_server->shown.back().body, QStringLiteral("lab1: /a"));

        // Somebody else's notification is none of ours.
        Q_EMIT m_server->ActionInvoked(99, QStringLiteral("acknowledge"));
        Q_EMIT m_server->ActionInvoked(1, QStringLiteral("acknowledge"));
        QTRY_COMPARE(acknowledges.count(), 1);
        QCOMPARE(acknowledges.front().front().toULongLong(), 1u);
        Q_EMIT m_server->ActionInvoked(1, QStringLiteral("show"));
        QTRY_COMPARE(shows.count(), 1);
        Q_EMIT m_server->ActionInvoked(1, QStringLiteral("default"));
        QTRY_COMPARE(shows.count(), 2);
        QCOMPARE(shows.back().front().value<NodeId>().v, 7u);
    }

    void notification_onceARuleAndInterval()
    {
        DesktopNotifier notifier;
        v1::RuleList rules;
        for (const char *id : {"oom-kill", "cpu-throttled"}) {
            v1::AlertRule &rule = *rules.add_rules();
            rule.set_id(id);
            rule.set_repeat_usec(3'600'000'000);
        }
        notifier.setRules(rules);
        notifier.apply(alert(1, "oom-kill"), true);
        notifier.apply(alert(2, "oom-kill"), true);
        notifier.apply(alert(3, "oom-kill", "/b"), true);
        // What is sent is delivered in order: behind the other rule's nothing can be on its way.
        notifier.apply(alert(4, "cpu-throttled", "/last"), true);
        QTRY_VERIFY(!m_server->shown.empty() && m_server->shown.back().body == QStringLiteral("/last"));
        QCOMPARE(m_server->shown.size(), 2u);
    }

    void notification_switchedOff_isNotSent()
    {
        DesktopNotifier notifier;
        notifier.apply(alert(1, "oom-kill"), false);
        notifier.apply(alert(2, "cpu-throttled", "/last"), true);
        QTRY_COMPARE(m_server->shown.size(), 1u);
        QCOMPARE(m_server->shown.front().body, QStringLiteral("/last"));
    }

    void alertOfARealCgroup_isShownAndAcknowledgedFromTheDesktop()
    {
        ChildProcess child(allocate(118 * kMiB)); // more than 90 % and less than 98 %
        const ScratchCgroup cgroup("notify");
        cgroup.write("memory", "memory.limit_in_bytes", strCat(128 * kMiB));
        Console console;
        QTRY_VERIFY_WITH_TIMEOUT(console.window.tree().idOfPath(pathOf(cgroup)), 15'000);
        console.window.select(QStringLiteral("/"));
        QTRY_COMPARE(console.currentPath(), QStringLiteral("/"));
        cgroup.attach(child.pid());
        child.go();
        const auto mine = [&] {
            return std::ranges::find(m_server->shown, pathOf(cgroup), &Notification::body) - m_server->shown.begin();
        };
        QTRY_VERIFY_WITH_TIMEOUT(mine() < std::ssize(m_server->shown), 20'000);
        const auto number = static_cast<uint>(mine() + 1);
        console.window.hide();
        Q_EMIT m_server->ActionInvoked(number, QStringLiteral("show"));
        QTRY_COMPARE(console.currentPath(), pathOf(cgroup));
        QTRY_VERIFY(console.window.isVisible());

        Q_EMIT m_server->ActionInvoked(number, QStringLiteral("acknowledge"));
        const QAbstractItemModel *alerts = console.window.findChild<AlertsPanel *>()->table()->view()->model();
        const auto isAcknowledged = [&] {
            for (int row = 0; row < alerts->rowCount(); ++row) {
                if (alerts->index(row, AlertModel::Where).data().toString() == pathOf(cgroup) &&
                    alerts->index(row, AlertModel::State).data().toString().contains(QStringLiteral("acknowledged")))
                    return true;
            }
            return false;
        };
        QTRY_VERIFY(isAcknowledged());
    }

    void scheme_isTakenFromTheDesktopAndFollowed()
    {
        const auto isDark = [] { return theme::isDark(QApplication::palette()); };
        QVERIFY(!isDark());
        SettingsPortal portal;
        offer("portal", QStringLiteral("org.freedesktop.portal.Desktop"),
              QStringLiteral("/org/freedesktop/portal/desktop"), &portal);
        const DesktopTheme follower;
        QTRY_VERIFY(isDark());
        Q_EMIT portal.SettingChanged(QStringLiteral("org.freedesktop.appearance"), QStringLiteral("color-scheme"),
                                     QDBusVariant(2u));
        QTRY_VERIFY(!isDark());
        Q_EMIT portal.SettingChanged(QStringLiteral("org.freedesktop.appearance"), QStringLiteral("color-scheme"),
                                     QDBusVariant(1u));
        QTRY_VERIFY(isDark());
    }

    void tray_hasAllHosts()
    {
        TrayIcon tray;
        const HostKey first{1};
        const HostKey second{2};
        QVERIFY(!tray.worstHost());
        QCOMPARE(tray.toolTip(), QStringLiteral("Gantry: no open alerts"));
        tray.setOpen(first, {}, v1::SEVERITY_WARNING, 2);
        QCOMPARE(tray.toolTip(), QStringLiteral("Gantry: 2 open alert(s)"));
        tray.setOpen(first, QStringLiteral("lab1"), v1::SEVERITY_WARNING, 2);
        tray.setOpen(second, QStringLiteral("lab2"), v1::SEVERITY_CRITICAL, 1);
        QCOMPARE(tray.toolTip(), QStringLiteral("Gantry: 3 open alert(s)\nlab1: 2\nlab2: 1"));
        QCOMPARE(tray.worstHost(), second);
        tray.remove(second);
        QCOMPARE(tray.worstHost(), first);
        tray.setOpen(first, QStringLiteral("lab1"), v1::SEVERITY_NONE, 0);
        QVERIFY(!tray.worstHost());
    }

    void noDesktopServices_nothingBreaks()
    {
        withdraw("notifications");
        DesktopNotifier notifier;
        const DesktopTheme follower;
        notifier.apply(alert(1, "oom-kill"), true);
        QVERIFY(notifier.findChild<QDBusPendingCallWatcher *>());
        // The bus answers that there is no such service; that is the end of it.
        QTRY_VERIFY(!notifier.findChild<QDBusPendingCallWatcher *>() &&
                    !follower.findChild<QDBusPendingCallWatcher *>());
        QVERIFY(!theme::isDark(QApplication::palette()));
    }
};

QTEST_MAIN(TestConsoleDesktop)
#include "tst_console_desktop.moc"
