// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLineEdit;
class QToolButton;

namespace gantry {

/// A line for a passphrase, of which dots are shown until the user asks to see it. Thread: GUI.
class PassphraseField final : public QWidget
{
    Q_OBJECT
public:
    explicit PassphraseField(QWidget *parent = nullptr);

    [[nodiscard]] QLineEdit *edit() const { return m_edit; }
    [[nodiscard]] QToolButton *showButton() const { return m_show; }
    /// Neither empty nor longer than the engine takes (4 096 bytes of UTF-8).
    [[nodiscard]] bool isGood() const;

private:
    QLineEdit *m_edit;
    QToolButton *m_show;
};

} // namespace gantry
