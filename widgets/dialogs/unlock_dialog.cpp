// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/unlock_dialog.h"

#include "widgets/dialogs/busy_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/passphrase_field.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

UnlockDialog::UnlockDialog(const QString &path, QWidget *parent)
    : QDialog(parent)
    , m_field(new PassphraseField(this))
    , m_problem(paragraph({}, this))
    , m_busy(new BusyLine(tr("Making a key of it…"), this))
{
    setWindowTitle(tr("Unlock the store of checkpoints"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 70);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(path.isEmpty() ? tr("The store is encrypted with a passphrase.")
                                               : tr("The store %1 is encrypted with a passphrase.").arg(path),
                                this));
    auto *form = new QFormLayout;
    m_field->edit()->setAccessibleName(tr("Passphrase of the store"));
    form->addRow(tr("&Passphrase:"), m_field);
    layout->addLayout(form);
    m_problem->setObjectName(QStringLiteral("problem"));
    m_problem->hide();
    layout->addWidget(m_problem);
    layout->addWidget(m_busy);
    auto *note = paragraph(tr("The engine of this host keeps its key in memory until it ends; nothing of it is written "
                              "down."),
                           this);
    note->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(note);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Unlock", "button"));
    connect(m_field->edit(), &QLineEdit::textChanged, this, [this] { m_accept->setEnabled(m_field->isGood()); });
    setBusy(false);
    m_field->setFocus();
}

void UnlockDialog::accept()
{
    if (m_isBusy || !m_field->isGood())
        return;
    m_problem->hide();
    m_field->setFocus(); // not on the button, which hands it to Cancel when it is greyed: Enter may be pressed twice
    setBusy(true);
    Q_EMIT passphraseEntered(m_field->edit()->text());
}

void UnlockDialog::setBusy(bool busy)
{
    m_isBusy = busy;
    m_busy->setVisible(busy);
    m_field->edit()->setReadOnly(busy);
    m_accept->setEnabled(!busy && m_field->isGood());
    growToFit(*this);
}

void UnlockDialog::end(const QString &problem)
{
    setBusy(false);
    showProblem(*m_problem, *m_accept, problem);
    m_accept->setEnabled(m_field->isGood());
    m_problem->show();
    growToFit(*this);
}

void UnlockDialog::setWrong()
{
    m_field->edit()->clear();
    end(tr("That is not the passphrase of this store. Try again; capitals count."));
}

void UnlockDialog::setFailure(const QString &sentence)
{
    m_field->edit()->selectAll();
    end(sentence);
}

void UnlockDialog::setUnlocked()
{
    m_field->edit()->clear();
    setBusy(false);
    QDialog::accept();
}

QString UnlockDialog::problem() const
{
    return m_problem->isHidden() ? QString() : m_problem->text();
}

} // namespace gantry
