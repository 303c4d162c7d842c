// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QElapsedTimer>

class QLabel;
class QProgressBar;
class QPushButton;

namespace gantry {

/// How far an export or an import is; it can be cancelled, or go on without this dialog. Thread: GUI.
class TransferDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param what goes where: a sentence. @param note what is to be known of it; may be empty. @param commandLine that
    /// does the same.
    TransferDialog(const QString &title, const QString &what, const QString &note, const QString &commandLine,
                   QWidget *parent = nullptr);

    /// What is done now, where there is more than one thing to do. No figures are shown before setProgress().
    void setPhase(const QString &words);
    /// @param most bytes there may be about; 0: not known.
    void setProgress(quint64 done, quint64 most);
    /// Another thing to be known of it, shown as a warning.
    void setWarning(const QString &words);
    /// It has ended: what came of it.
    void setDone(const QString &sentence);
    void setFailure(const QString &sentence);

Q_SIGNALS:
    void cancelRequested();

protected:
    /// Esc and the window's own button do not end it: it goes on.
    void reject() override;

private:
    void end(const QString &sentence);

    QProgressBar *m_bar;
    QLabel *m_phase;
    QLabel *m_rate;
    QLabel *m_warning;
    QLabel *m_result;
    QPushButton *m_cancel;
    QPushButton *m_close;
    QElapsedTimer m_since;
};

} // namespace gantry
