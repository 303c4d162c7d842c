// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/askpass_dialog.h"

#include "widgets/dialogs/dialog_buttons.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

AskpassDialog::Kind AskpassDialog::kindOf(const QString &prompt, const QString &hint)
{
    if (hint == QStringLiteral("confirm"))
        return Kind::Confirm;
    return prompt.contains(QStringLiteral("(yes/no")) ? Kind::Trust : Kind::Secret;
}

AskpassDialog::AskpassDialog(Kind kind, const QString &prompt, QWidget *parent) : QDialog(parent), m_kind(kind)
{
    setWindowTitle(kind == Kind::Trust ? tr("Unknown host – Gantry") : tr("ssh asks – Gantry"));
    auto *layout = new QVBoxLayout(this);
    QString words = prompt.trimmed();
    if (kind == Kind::Trust) // what follows is for who has to type
        words = words.left(words.indexOf(QStringLiteral("(yes/no"))).trimmed() + u'?';
    QLabel *const text = paragraph(words, this);
    // A fingerprint is compared with one that came on another way.
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    layout->addWidget(text);
    if (kind == Kind::Secret) {
        m_secret = new QLineEdit(this);
        m_secret->setEchoMode(QLineEdit::Password);
        m_secret->setAccessibleName(words);
        layout->addWidget(m_secret);
        m_secret->setFocus();
    }
    layout->addStretch(1);
    QPushButton *const yes = addDialogButtons(*this, kind == Kind::Trust     ? tr("&Trust and connect")
                                                     : kind == Kind::Confirm ? tr("&Allow")
                                                                             : tr("&Answer"));
    if (kind != Kind::Secret) { // Enter must not trust anybody
        yes->setDefault(false);
        yes->setAutoDefault(false);
        QPushButton *const no = findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Cancel);
        no->setDefault(true);
        no->setFocus();
    }
    resize(sizeHint().expandedTo({480, 140}));
}

QString AskpassDialog::answer() const
{
    return m_kind == Kind::Secret ? m_secret->text() : QStringLiteral("yes");
}

} // namespace gantry
