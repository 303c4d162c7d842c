// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/alerts.pb.h"
#include "gantry/v1/checkpoint.pb.h"

class QLabel;
class QPushButton;

namespace gantry {

class FindingView;

/// Whether something can be checkpointed: the verdict, what CRIU would get, and each finding with why and remedy. Open it
/// with open(); call start() once its signal is connected. Thread: GUI.
class CheckDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param name of the container or cgroup. @param command that does the same.
    CheckDialog(const QString &name, const QString &command, QWidget *parent = nullptr);

    /// Asks for the first answer.
    void start();
    /// Answers to checkRequested.
    void setReply(const v1::CheckReply &reply);
    void setFailure(const v1::Failure &failure);

    /// What is on screen, in words.
    [[nodiscard]] QString verdict() const;
    [[nodiscard]] QString findings() const;

Q_SIGNALS:
    /// Answer with setReply() or setFailure().
    void checkRequested();
    /// F1, or the button: what can be checkpointed and what cannot.
    void helpRequested();

private:
    void showVerdict(v1::Severity severity, const QString &verdict, const QString &more);

    QString m_name;
    QLabel *m_sign;
    QLabel *m_verdict;
    QLabel *m_more;
    FindingView *m_findings;
    QPushButton *m_again;
};

} // namespace gantry
