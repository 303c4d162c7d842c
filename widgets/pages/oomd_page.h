// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "gantry/v1/common.pb.h"
#include "widgets/models/oomd_model.h"

class QLabel;

namespace gantry {

class TablePanel;

/// What systemd-oomd watches on the host, how near each is to its limit, and what would be killed first for the
/// selected one. Where it does not run, says so and why. Thread: GUI.
class OomdPage final : public QWidget
{
    Q_OBJECT
public:
    explicit OomdPage(QWidget *parent = nullptr);

    void setState(const v1::OomdState &state);
    /// ENOENT: it does not run.
    void setFailure(const v1::Failure &failure);
    [[nodiscard]] TablePanel *watchedTable() const { return m_watchedTable; }
    [[nodiscard]] TablePanel *candidateTable() const { return m_candidateTable; }

Q_SIGNALS:
    /// "Show in the tree", or a double click.
    void jumpRequested(const QString &cgroupPath);

private:
    void showCandidates();
    void connectTable(TablePanel *table, const QAbstractItemModel &model);

    OomdWatchedModel m_watched;
    OomdCandidateModel m_candidates;
    TablePanel *m_watchedTable;
    TablePanel *m_candidateTable;
    QLabel *m_host;
};

} // namespace gantry
