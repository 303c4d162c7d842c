// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

QT_FORWARD_DECLARE_CLASS(QDBusVariant)

namespace gantry::console {

/// Follows what the desktop says of dark and light (org.freedesktop.appearance of the settings portal), at the start
/// and while the console runs. Colours are replaced only where the palette Qt took from the desktop says otherwise: a
/// platform plugin that follows by itself keeps its colours. Without a session bus or portal nothing happens.
/// Thread: GUI.
class DesktopTheme : public QObject
{
    Q_OBJECT
    Q_MOC_INCLUDE(<QDBusVariant>)
public:
    explicit DesktopTheme(QObject *parent = nullptr);

private Q_SLOTS:
    // Called by name, from the bus.
    void onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value);

private:
    void ask();
    static void apply(const QVariant &scheme);
};

} // namespace gantry::console
