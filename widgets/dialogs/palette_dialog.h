// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QList>

class QAction;
class QLineEdit;
class QListWidget;

namespace gantry {

/// Every action by name (Ctrl+K): type to filter, Enter triggers. Actions that are disabled are listed with the reason
/// (their tool tip). Open it with open(). Thread: GUI.
class PaletteDialog final : public QDialog
{
    Q_OBJECT
public:
    /// The actions must outlive the dialog.
    explicit PaletteDialog(const QList<QAction *> &actions, QWidget *parent = nullptr);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void fill(const QString &typed);
    void run();

    QList<QAction *> m_actions;
    QLineEdit *m_typed;
    QListWidget *m_list;
};

} // namespace gantry
