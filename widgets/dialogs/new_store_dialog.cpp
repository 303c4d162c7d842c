// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/new_store_dialog.h"

#include "widgets/dialogs/busy_line.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/passphrase_field.h"
#include "widgets/text/shell.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>

namespace gantry {

namespace {

/// What belongs to a choice stands below its words.
QFormLayout *indented(QVBoxLayout &layout)
{
    constexpr int kIndent = 24;
    auto *form = new QFormLayout;
    form->setContentsMargins(kIndent, 0, 0, 0);
    layout.addLayout(form);
    return form;
}

} // namespace

NewStoreDialog::NewStoreDialog(const QString &path, QWidget *parent)
    : QDialog(parent)
    , m_byPassphrase(new QRadioButton(tr("Encrypted with a &passphrase"), this))
    , m_byFile(new QRadioButton(tr("Encrypted with a &key file"), this))
    , m_inClear(new QRadioButton(tr("&Not encrypted"), this))
    , m_passphrase(new PassphraseField(this))
    , m_again(new PassphraseField(this))
    , m_keyFile(new QLineEdit(this))
    , m_problem(paragraph({}, this))
    , m_busy(new BusyLine(tr("The store is being made…"), this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Set up the store of checkpoints"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 80);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(8);
    layout->addWidget(paragraph(tr("It will be %1. How it is encrypted cannot be changed later.").arg(path), this));
    layout->addWidget(m_byPassphrase);
    QFormLayout *words = indented(*layout);
    m_passphrase->edit()->setAccessibleName(tr("Passphrase"));
    m_again->edit()->setAccessibleName(tr("The same passphrase once more"));
    words->addRow(tr("Pa&ssphrase:"), m_passphrase);
    words->addRow(tr("Onc&e more:"), m_again);
    words->addRow(paragraph(tr("Without it no checkpoint can be read, and nobody can tell it again. It is asked for "
                               "after each start of Gantry."),
                            this));
    layout->addWidget(m_byFile);
    QFormLayout *file = indented(*layout);
    m_keyFile->setPlaceholderText(tr("absolute path on the host"));
    file->addRow(tr("&File:"), m_keyFile);
    file->addRow(
        paragraph(tr("32 bytes or more that nobody guesses, readable by its owner alone. Keep a copy of it apart: "
                     "who loses it loses every checkpoint."),
                  this));
    layout->addWidget(m_inClear);
    m_problem->setObjectName(QStringLiteral("problem"));
    layout->addWidget(m_problem);
    layout->addWidget(m_busy);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Make the store", "button"));
    for (const QRadioButton *choice : {m_byPassphrase, m_byFile, m_inClear})
        connect(choice, &QRadioButton::toggled, this, &NewStoreDialog::check);
    for (const QLineEdit *edit : {m_passphrase->edit(), m_again->edit(), m_keyFile})
        connect(edit, &QLineEdit::textChanged, this, &NewStoreDialog::check);
    m_byPassphrase->setChecked(true);
    setBusy(false);
    m_passphrase->setFocus();
}

v1::InitStoreRequest NewStoreDialog::request() const
{
    v1::InitStoreRequest out;
    if (m_byPassphrase->isChecked())
        out.set_passphrase(m_passphrase->edit()->text().toStdString());
    if (m_byFile->isChecked())
        out.set_key_file(m_keyFile->text().toStdString());
    return out;
}

void NewStoreDialog::check()
{
    const bool byWords = m_byPassphrase->isChecked();
    m_passphrase->setEnabled(byWords);
    m_again->setEnabled(byWords);
    m_keyFile->setEnabled(m_byFile->isChecked());
    QString problem;
    bool isGood = m_inClear->isChecked();
    QString line = QStringLiteral("gantryctl repo init");
    if (byWords) {
        const bool isSame = m_passphrase->edit()->text() == m_again->edit()->text();
        if (!isSame && !m_again->edit()->text().isEmpty())
            problem = tr("The two are not the same.");
        isGood = isSame && m_passphrase->isGood();
        line += QStringLiteral(" --passphrase");
    } else if (m_byFile->isChecked()) {
        const QString file = m_keyFile->text();
        isGood = file.startsWith(u'/');
        if (!file.isEmpty() && !isGood)
            problem = tr("The key file is named by its absolute path.");
        line += QStringLiteral(" --key-file ") + text::shellWord(file);
    }
    m_command->setLine(isGood ? line : QString());
    tell(problem);
    m_accept->setEnabled(isGood && !m_isBusy);
}

void NewStoreDialog::tell(const QString &problem)
{
    showProblem(*m_problem, *m_accept, problem);
    m_problem->setHidden(problem.isEmpty());
    growToFit(*this);
}

void NewStoreDialog::setBusy(bool busy)
{
    m_isBusy = busy;
    m_busy->setVisible(busy);
    check();
}

void NewStoreDialog::accept()
{
    if (m_isBusy || !m_accept->isEnabled())
        return;
    // Not on the button, which hands it to Cancel when it is greyed: Enter may be pressed twice.
    QWidget *const chosen = m_byPassphrase->isChecked() ? m_again->edit()
                            : m_byFile->isChecked()     ? static_cast<QWidget *>(m_keyFile)
                                                        : m_inClear;
    chosen->setFocus();
    setBusy(true);
    Q_EMIT storeWanted();
}

void NewStoreDialog::setFailure(const QString &sentence)
{
    setBusy(false);
    tell(sentence);
    m_accept->setEnabled(true);
}

void NewStoreDialog::setMade()
{
    m_passphrase->edit()->clear();
    m_again->edit()->clear();
    QDialog::accept();
}

QString NewStoreDialog::problem() const
{
    return m_problem->isHidden() ? QString() : m_problem->text();
}

} // namespace gantry
