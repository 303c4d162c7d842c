// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

class CommandLine;
class WarningList;

/// Names a new cgroup below a parent; says at each key what is wrong with the name, and for a good one what the engine
/// warns of. Open it with open(). Thread: GUI.
class NewCgroupDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param siblings names that are taken.
    NewCgroupDialog(const QString &parentPath, const QStringList &siblings, QWidget *parent = nullptr);

    /// Answers to previewRequested.
    void setPreview(const v1::CreateCgroupReply &reply);
    void setFailure(const v1::Failure &failure);

    /// Path of the new cgroup; actor unset.
    [[nodiscard]] v1::CreateCgroupRequest request() const;
    /// What is wrong with a name, in a sentence; empty: nothing.
    [[nodiscard]] static QString problemWith(const QString &name, const QStringList &siblings);

Q_SIGNALS:
    /// Another good name was typed: answer with setPreview() or setFailure().
    void previewRequested(const gantry::v1::CreateCgroupRequest &dryRun);

private:
    void check();
    [[nodiscard]] bool isGood() const;

    QString m_parentPath;
    QStringList m_siblings;
    QLineEdit *m_name;
    QLabel *m_problem;
    WarningList *m_warnings;
    CommandLine *m_command;
    QPushButton *m_create;
};

} // namespace gantry
