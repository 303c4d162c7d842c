// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"

#include <optional>

class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

class CommandLine;
class WarningList;

/// Asks how much memory the kernel is to take back from a cgroup v2 (memory.reclaim), and shows what it uses. Open it
/// with open(); call start() once its signal is connected. Thread: GUI.
class ReclaimDialog final : public QDialog
{
    Q_OBJECT
public:
    ReclaimDialog(std::uint64_t nodeId, const QString &path, QWidget *parent = nullptr);

    /// Asks for the first dry run, which brings the usage.
    void start();
    /// Answers to previewRequested.
    void setPreview(const v1::ReclaimReply &reply);
    void setFailure(const v1::Failure &failure);

    /// The request as typed; not a dry run, actor unset.
    [[nodiscard]] v1::ReclaimRequest request() const;
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    /// Another amount was typed: answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::ReclaimRequest &dryRun);

private:
    void check();

    std::uint64_t m_nodeId;
    QString m_path;
    std::optional<std::uint64_t> m_bytes; ///< as typed; unset: no amount
    QLineEdit *m_amount;
    QLabel *m_usage;
    QLabel *m_problem;
    WarningList *m_warnings;
    CommandLine *m_command;
    QPushButton *m_accept;
};

} // namespace gantry
