// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/checkpoint.pb.h"
#include "widgets/models/checkpoint_model.h"
#include "widgets/pages/checkpoint_actions.h"

class QPushButton;

namespace gantry {

class StoreBanner;
class TablePanel;

/// What was saved on this host: restore one, remove some. Thread: GUI.
class CheckpointsPage final : public QWidget
{
    Q_OBJECT
public:
    explicit CheckpointsPage(QWidget *parent = nullptr);

    void setList(const v1::ListCheckpointsReply &reply);
    /// The list could not be had; what was there stays.
    void setFailure(const QString &sentence);
    /// Why nothing may be changed; empty: it may.
    void setReadOnlyReason(const QString &reason);
    [[nodiscard]] TablePanel *table() const { return m_table; }

    [[nodiscard]] CheckpointActions *actions() const { return m_actions; }
    /// The line about the store.
    [[nodiscard]] StoreBanner *store() const { return m_store; }
    /// What is wrong with the store, in a sentence; empty: nothing.
    [[nodiscard]] static QString damageText(const v1::ListCheckpointsReply &reply);

Q_SIGNALS:
    void importRequested();

private:
    void updateActions();
    void offerImport();
    void setLocked(bool locked);

    QString m_readOnly;
    CheckpointModel m_model;
    // In the order in which the keyboard goes through them.
    CheckpointActions *m_actions;
    StoreBanner *m_store;
    TablePanel *m_table;
    QPushButton *m_import;
};

} // namespace gantry
