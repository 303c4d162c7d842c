// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/alerts.pb.h"
#include "widgets/models/event_model.h"

class QCheckBox;

namespace gantry {

class TablePanel;

/// What happened, when, where, by whom. Thread: GUI.
class EventsPage final : public QWidget
{
    Q_OBJECT
public:
    explicit EventsPage(QWidget *parent = nullptr);

    void addEvents(const v1::EventBatch &batch);
    /// Another host.
    void clear();
    /// "Only this cgroup and below" filters by this path; empty: the host.
    void setCgroupPath(const QString &path);
    /// Selects and shows the event; widens the filter where it would hide it.
    void selectEvent(quint64 sequence);
    [[nodiscard]] TablePanel *table() const { return m_table; }

Q_SIGNALS:
    /// "Show in tree".
    void jumpRequested(const QString &cgroupPath);

private:
    void openMenu(const QPoint &position);

    EventModel m_model;
    TablePanel *m_table;
    QCheckBox *m_onlyHere;
    QString m_path;
};

} // namespace gantry
