// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/console/settings.h"

#include <QSettings>

namespace gantry::console {

namespace {

/// Calls `each(key, value)` for every field but the table headers, which need a group: one list for both directions.
template <class Self, class Each> void visit(Self &settings, Each each)
{
    each(QStringLiteral("window/geometry"), settings.geometry);
    each(QStringLiteral("window/state"), settings.windowState);
    each(QStringLiteral("window/splitter"), settings.splitter);
    each(QStringLiteral("tree/header"), settings.treeHeader);
    each(QStringLiteral("tree/expanded"), settings.expandedPaths);
    each(QStringLiteral("tree/selected"), settings.selectedPath);
    each(QStringLiteral("tree/grouping"), settings.grouping);
    each(QStringLiteral("tree/labelKey"), settings.labelKey);
    each(QStringLiteral("pages/current"), settings.page);
    each(QStringLiteral("pages/chartSeconds"), settings.chartSeconds);
    each(QStringLiteral("alerts/notifications"), settings.notifications);
    each(QStringLiteral("host/readOnly"), settings.readOnly);
}

const QString kTables = QStringLiteral("tables/");
const QString kHosts = QStringLiteral("hosts");
const QString kSilenced = QStringLiteral("confirmations/silenced");

/// What is stored of a host, by key.
template <class Self, class Each> void visitHost(Self &host, Each each)
{
    each(QStringLiteral("name"), host.name);
    each(QStringLiteral("destination"), host.destination);
    each(QStringLiteral("group"), host.group);
    each(QStringLiteral("connectAtStart"), host.connectAtStart);
}

} // namespace

Settings Settings::load(QSettings &store)
{
    Settings out;
    visit(out, [&store]<class T>(const QString &key, T &value) {
        value = store.value(key, QVariant::fromValue(value)).template value<T>();
    });
    for (const QString &key : store.allKeys()) {
        if (key.startsWith(kTables))
            out.tableHeaders.insert(key.sliced(kTables.size()), store.value(key).toByteArray());
    }
    const QStringList silenced = store.value(kSilenced).toStringList();
    out.silencedConfirmations = QSet<QString>(silenced.begin(), silenced.end());
    const int hosts = store.beginReadArray(kHosts);
    for (int i = 0; i < hosts; ++i) {
        store.setArrayIndex(i);
        visitHost(out.hosts.emplaceBack(), [&store]<class T>(const QString &key, T &value) {
            value = store.value(key, QVariant::fromValue(value)).template value<T>();
        });
    }
    store.endArray();
    return out;
}

void Settings::save(QSettings &store) const
{
    visit(*this, [&store](const QString &key, const auto &value) { store.setValue(key, QVariant::fromValue(value)); });
    for (const auto &[name, header] : tableHeaders.asKeyValueRange())
        store.setValue(kTables + name, header);
    store.remove(kHosts);
    store.beginWriteArray(kHosts, static_cast<int>(hosts.size()));
    for (int i = 0; i < hosts.size(); ++i) {
        store.setArrayIndex(i);
        visitHost(hosts[i],
                  [&store](const QString &key, const auto &value) { store.setValue(key, QVariant::fromValue(value)); });
    }
    store.endArray();
    store.setValue(kSilenced, QStringList(silencedConfirmations.begin(), silencedConfirmations.end()));
}

} // namespace gantry::console
