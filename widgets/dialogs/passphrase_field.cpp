// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/passphrase_field.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QToolButton>

namespace gantry {

namespace {
constexpr int kMostBytes = 4'096;
} // namespace

PassphraseField::PassphraseField(QWidget *parent)
    : QWidget(parent), m_edit(new QLineEdit(this)), m_show(new QToolButton(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    m_edit->setEchoMode(QLineEdit::Password);
    m_edit->setInputMethodHints(Qt::ImhHiddenText | Qt::ImhSensitiveData | Qt::ImhNoPredictiveText |
                                Qt::ImhNoAutoUppercase);
    m_edit->setMaxLength(kMostBytes);
    m_show->setText(tr("Show", "a passphrase"));
    m_show->setToolTip(tr("Show what is typed"));
    m_show->setCheckable(true);
    layout->addWidget(m_edit, 1);
    layout->addWidget(m_show);
    setFocusProxy(m_edit);
    connect(m_show, &QToolButton::toggled, this, [this](bool shown) {
        m_edit->setEchoMode(shown ? QLineEdit::Normal : QLineEdit::Password);
        m_edit->setFocus();
    });
}

bool PassphraseField::isGood() const
{
    return !m_edit->text().isEmpty() && m_edit->text().toUtf8().size() <= kMostBytes;
}

} // namespace gantry
