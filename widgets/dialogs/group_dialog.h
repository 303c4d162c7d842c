// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QStringList>

#include "gantry/v1/group.pb.h"

#include <vector>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTreeWidget;

namespace gantry {

class CommandLine;

/// Several containers that are saved at one instant, or restored together: what stands in the way of each, how to call
/// it, and whether they run on. Open it with open(); call start() once its signal is connected. Thread: GUI.
class GroupDialog final : public QDialog
{
    Q_OBJECT
public:
    enum class Kind { Save, Restore };
    /// What was found of one member, in their order.
    struct Found
    {
        bool possible = false;
        QString text{}; ///< why not, or what is lost; may be empty
    };

    /// @param members as people know them. @param command the line of gantryctl that does the same, without options
    /// that the dialog has.
    GroupDialog(Kind kind, const QStringList &members, const QString &command, QWidget *parent = nullptr);

    /// Asks for a dry run.
    void start();
    /// Answer to checkRequested.
    void setFound(const std::vector<Found> &found);
    /// Instead: why nothing could be found out.
    void setFailure(const QString &why);

    /// Name, note, and whether they end; nothing else.
    [[nodiscard]] v1::GroupBegin request() const;
    [[nodiscard]] QString line() const;
    [[nodiscard]] QTreeWidget *table() const { return m_table; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }

Q_SIGNALS:
    void checkRequested();

private:
    void showCommand();

    const Kind m_kind;
    const QString m_base;
    QString m_line;
    QLabel *m_verdict;
    QTreeWidget *m_table;
    QLineEdit *m_name;
    QLineEdit *m_note;
    QCheckBox *m_stop;
    CommandLine *m_command;
    QPushButton *m_accept;
};

} // namespace gantry
