// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLabel;
class QPushButton;

namespace gantry {

class BusyLine;
class PassphraseField;

/// Asks for the passphrase of the store of checkpoints. It stays open until one fits or the user gives up; while one is
/// looked at it says so, and can be closed. Open it with open(). Thread: GUI.
class UnlockDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param path of the store, to be shown; may be empty.
    explicit UnlockDialog(const QString &path, QWidget *parent = nullptr);

    /// Answers to passphraseEntered(). The wrong one: what was typed is gone, and another can be typed.
    void setWrong();
    void setFailure(const QString &sentence);
    /// It fits: closes as accepted.
    void setUnlocked();

    [[nodiscard]] PassphraseField *field() const { return m_field; }
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }
    /// What went wrong, as it is shown; empty: nothing.
    [[nodiscard]] QString problem() const;
    /// An answer is waited for.
    [[nodiscard]] bool isBusy() const { return m_isBusy; }

    /// Enter, or the button: asks for an answer.
    void accept() override;

Q_SIGNALS:
    /// Answer with setUnlocked(), setWrong() or setFailure(). Nobody keeps a copy for longer than that takes.
    void passphraseEntered(const QString &passphrase);

private:
    void setBusy(bool busy);
    void end(const QString &problem);

    bool m_isBusy = false;
    PassphraseField *m_field;
    QLabel *m_problem;
    BusyLine *m_busy;
    QPushButton *m_accept = nullptr;
};

} // namespace gantry
