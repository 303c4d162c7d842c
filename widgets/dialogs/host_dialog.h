// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include <functional>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace gantry {

/// A host of the console, as the admin wrote it down: a value.
struct HostEntry
{
    QString name;               ///< in the tree; no two hosts have the same
    QString destination;        ///< "user@host", a name of ssh_config(5), "ssh://user@host:port" or "unix:/path"
    QString group;              ///< empty: none
    bool connectAtStart = true; ///< else when it is double clicked

    bool operator==(const HostEntry &) const = default;
};

/// Writes a host down, or changes what was written; says at each key what is wrong. Open it with open(). Thread: GUI.
class HostDialog final : public QDialog
{
    Q_OBJECT
public:
    /// What is wrong with a destination, in a sentence; empty: nothing.
    using Check = std::function<QString(const QString &destination)>;

    /// @param entry shown at first; a new host's is empty. @param taken names of the other hosts. @param groups there
    /// are.
    HostDialog(const HostEntry &entry, const QStringList &taken, const QStringList &groups, Check check,
               QWidget *parent = nullptr);

    /// What a host is called that was given no name: "web1" of "ssh://root@web1:22" and of "root@web1".
    [[nodiscard]] static QString nameOf(const QString &destination);

    /// As typed. A name that was left empty is the destination's.
    [[nodiscard]] HostEntry entry() const;

private:
    [[nodiscard]] QString problem() const;
    void refresh();

    const QStringList m_taken;
    const Check m_check;
    QLineEdit *m_destination;
    QLineEdit *m_name;
    QComboBox *m_group;
    QCheckBox *m_connect;
    QLabel *m_problem;
    QPushButton *m_accept;
};

} // namespace gantry
