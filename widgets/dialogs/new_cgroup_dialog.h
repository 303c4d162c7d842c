// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/control.pb.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

class CommandLine;

/// Names a new cgroup below a parent; says at each key what is wrong with the name. Open it with open(). Thread: GUI.
class NewCgroupDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param siblings names that are taken.
    NewCgroupDialog(const QString &parentPath, const QStringList &siblings, QWidget *parent = nullptr);

    /// Path of the new cgroup; actor unset.
    [[nodiscard]] v1::CreateCgroupRequest request() const;
    /// What is wrong with a name, in a sentence; empty: nothing.
    [[nodiscard]] static QString problemWith(const QString &name, const QStringList &siblings);

private:
    void check();

    QString m_parentPath;
    QStringList m_siblings;
    QLineEdit *m_name;
    QLabel *m_problem;
    CommandLine *m_command;
    QPushButton *m_create;
};

} // namespace gantry
