// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/desktop_theme.h"

#include <QApplication>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QPalette>

#include "app/console/session_bus.h"
#include "widgets/style/theme.h"

namespace gantry::console {

namespace {

// https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html
const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kKey = QStringLiteral("color-scheme");

enum class Preference : uint { None, Dark, Light };

} // namespace

DesktopTheme::DesktopTheme(QObject *parent) : QObject(parent)
{
    if (!hasSessionBus())
        return;
    QDBusConnection::sessionBus().connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                                          SLOT(onSettingChanged(QString, QString, QDBusVariant)));
    ask();
}

void DesktopTheme::ask()
{
    QDBusMessage message = QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    message << kGroup << kKey;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(message), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid())
            apply(reply.value().variant());
        watcher->deleteLater();
    });
}

void DesktopTheme::onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value)
{
    if (group == kGroup && key == kKey)
        apply(value.variant());
}

void DesktopTheme::apply(const QVariant &scheme)
{
    QVariant plain = scheme;
    // Read() wraps the value twice.
    while (plain.metaType() == QMetaType::fromType<QDBusVariant>())
        plain = plain.value<QDBusVariant>().variant();
    const auto preference = static_cast<Preference>(plain.toUInt());
    QApplication::setPalette(QPalette()); // what Qt took from the desktop
    if (preference != Preference::Dark && preference != Preference::Light)
        return;
    const bool dark = preference == Preference::Dark;
    if (theme::isDark(QApplication::palette()) != dark)
        QApplication::setPalette(theme::palette(dark ? theme::Scheme::Dark : theme::Scheme::Light));
}

} // namespace gantry::console
