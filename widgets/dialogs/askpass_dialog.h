// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLineEdit;

namespace gantry {

/// What ssh(1) asks, in a window: a password, or whether the key of a host is trusted. Thread: GUI.
class AskpassDialog final : public QDialog
{
    Q_OBJECT
public:
    enum class Kind {
        Secret,  ///< a password, a passphrase or a code: what is typed is not shown
        Trust,   ///< an unknown key of a host: yes or no
        Confirm, ///< use of a key, as ssh-add(1) -c wants it: yes or no
    };

    /// @param prompt as ssh wrote it. @param hint SSH_ASKPASS_PROMPT of the environment. Source: ssh(1), ENVIRONMENT.
    [[nodiscard]] static Kind kindOf(const QString &prompt, const QString &hint);

    AskpassDialog(Kind kind, const QString &prompt, QWidget *parent = nullptr);

    /// What ssh is to be told where the dialog was accepted.
    [[nodiscard]] QString answer() const;

private:
    const Kind m_kind;
    QLineEdit *m_secret = nullptr; ///< Secret only
};

} // namespace gantry
