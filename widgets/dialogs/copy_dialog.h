// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/checkpoint.pb.h"
#include "gantry/v1/fork.pb.h"
#include "widgets/dialogs/migrate_dialog.h"

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace gantry {

class CommandLine;
class FindingView;
class SkipRows;
class WarningList;

/// Restores a checkpoint as another container, or as several, on its host or on another one: asks for host, name and
/// number, and lists everything that stands in the way before anything is done. Open it with open(); call start() once
/// its signals are connected. Thread: GUI.
class CopyDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param hosts the first one has the checkpoint; then all others, also those where it may not be done.
    CopyDialog(const v1::CheckpointInfo &checkpoint, std::vector<MigrationHost> hosts, QWidget *parent = nullptr);

    /// Asks for the dry run, or what the other host finds; so does each change of host, name and number.
    void start();
    /// Answers to previewRequested.
    void setPreview(const v1::CopyCheckpointReply &reply);
    void setFailure(const v1::Failure &failure);
    /// Answers to checkRequested; those to an older question are passed over.
    void setJudged(int question, const v1::JudgeForkReply &reply);
    void setCheckFailure(int question, const QString &sentences);

    /// Not a dry run, actor unset.
    [[nodiscard]] v1::CopyCheckpointRequest request() const;
    /// Where it is to run; none: where the checkpoint is.
    [[nodiscard]] HostKey elsewhere() const;
    /// Causes of warnings that are passed over.
    [[nodiscard]] QStringList skipped() const;
    [[nodiscard]] QString line() const;
    [[nodiscard]] QComboBox *hostBox() const { return m_host; }
    [[nodiscard]] QLineEdit *nameEdit() const { return m_name; }
    [[nodiscard]] QSpinBox *countBox() const { return m_count; }
    [[nodiscard]] SkipRows *skipRows() const { return m_skips; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Where the checkpoint is. Answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::CopyCheckpointRequest &dryRun);
    /// Elsewhere. Answer with setJudged() or setCheckFailure().
    void checkRequested(int question, gantry::HostKey host, const gantry::v1::CopyCheckpointRequest &request);

private:
    [[nodiscard]] const MigrationHost &host() const;
    [[nodiscard]] bool isElsewhere() const;
    void fillHosts();
    void showJudged();
    void showCommand();

    const v1::CheckpointInfo m_checkpoint;
    const std::vector<MigrationHost> m_hosts;
    QComboBox *m_host;
    QLineEdit *m_name;
    QSpinBox *m_count;
    QLabel *m_verdict;
    QLabel *m_problem;
    WarningList *m_warnings;
    FindingView *m_findings;
    SkipRows *m_skips;
    CommandLine *m_command;
    QPushButton *m_accept;
    v1::JudgeForkReply m_judged;
    int m_question = 0;
};

} // namespace gantry
