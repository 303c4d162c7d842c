// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "gantry/v1/checkpoint.pb.h"

class QLabel;
class QLineEdit;
class QPushButton;
class QRadioButton;

namespace gantry {

class BusyLine;
class CommandLine;
class PassphraseField;

/// Asks how the store of checkpoints is to be made: with a passphrase, with a key file, or in clear. It stays open
/// until it is made or the user gives up. Open it with open(). Thread: GUI.
class NewStoreDialog final : public QDialog
{
    Q_OBJECT
public:
    /// @param path where it will be.
    explicit NewStoreDialog(const QString &path, QWidget *parent = nullptr);

    /// Answers to storeWanted().
    void setFailure(const QString &sentence);
    void setMade();

    /// What is chosen; actor unset. It has the passphrase: wipe it.
    [[nodiscard]] v1::InitStoreRequest request() const;
    [[nodiscard]] QPushButton *acceptButton() const { return m_accept; }
    /// Why it cannot be made, as it is shown; empty: nothing.
    [[nodiscard]] QString problem() const;

    /// Enter, or the button: asks for an answer.
    void accept() override;

Q_SIGNALS:
    /// request() is wanted: answer with setMade() or setFailure().
    void storeWanted();

private:
    void setBusy(bool busy);
    /// Looks at what was typed.
    void check();
    void tell(const QString &problem);

    bool m_isBusy = false;
    QRadioButton *m_byPassphrase;
    QRadioButton *m_byFile;
    QRadioButton *m_inClear;
    PassphraseField *m_passphrase;
    PassphraseField *m_again;
    QLineEdit *m_keyFile;
    QLabel *m_problem;
    BusyLine *m_busy;
    CommandLine *m_command;
    QPushButton *m_accept = nullptr;
};

} // namespace gantry
