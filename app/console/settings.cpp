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
const QString kSilenced = QStringLiteral("confirmations/silenced");

} // namespace

Settings Settings::load(const QSettings &store)
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
    return out;
}

void Settings::save(QSettings &store) const
{
    visit(*this, [&store](const QString &key, const auto &value) { store.setValue(key, QVariant::fromValue(value)); });
    for (const auto &[name, header] : tableHeaders.asKeyValueRange())
        store.setValue(kTables + name, header);
    store.setValue(kSilenced, QStringList(silencedConfirmations.begin(), silencedConfirmations.end()));
}

} // namespace gantry::console
