// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/transfer_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/text/format.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {
constexpr int kSteps = 1'000;
constexpr qint64 kSoonest = 500; ///< ms before a rate says anything
} // namespace

TransferDialog::TransferDialog(const QString &title, const QString &what, const QString &note,
                               const QString &commandLine, QWidget *parent)
    : QDialog(parent)
    , m_bar(new QProgressBar(this))
    , m_phase(paragraph({}, this))
    , m_rate(new QLabel(this))
    , m_warning(paragraph({}, this))
    , m_result(paragraph({}, this))
{
    setWindowTitle(title);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(paragraph(what, this));
    if (!note.isEmpty())
        layout->addWidget(paragraph(note, this));
    m_warning->hide();
    layout->addWidget(m_warning);
    m_phase->hide();
    layout->addWidget(m_phase);
    m_bar->setRange(0, 0);
    m_bar->setAccessibleName(tr("Progress"));
    layout->addWidget(m_bar);
    layout->addWidget(m_rate);
    m_result->setObjectName(QStringLiteral("result"));
    m_result->hide();
    layout->addWidget(m_result);
    layout->addWidget(new CommandLine(commandLine, this));
    layout->addStretch(1);
    auto *buttons = new QDialogButtonBox(this);
    m_close = buttons->addButton(tr("Go on without this window"), QDialogButtonBox::AcceptRole);
    m_cancel = buttons->addButton(tr("Cancel", "transfer"), QDialogButtonBox::DestructiveRole);
    m_close->setDefault(true);
    layout->addWidget(buttons);
    connect(m_close, &QPushButton::clicked, this, &QDialog::accept);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        m_cancel->setEnabled(false);
        Q_EMIT cancelRequested();
    });
    m_since.start();
    resize(sizeHint().expandedTo({560, 200}));
}

void TransferDialog::reject()
{
    accept();
}

void TransferDialog::setProgress(quint64 done, quint64 most)
{
    if (most > 0) {
        m_bar->setRange(0, kSteps);
        m_bar->setValue(
            static_cast<int>(static_cast<double>(std::min(done, most)) / static_cast<double>(most) * kSteps));
    }
    QString words =
        most > 0 ? tr("%1 of about %2", "bytes").arg(text::bytes(done), text::bytes(most)) : text::bytes(done);
    if (const qint64 elapsed = m_since.elapsed(); elapsed > kSoonest) {
        const auto rate = static_cast<quint64>(static_cast<double>(done) * 1'000 / static_cast<double>(elapsed));
        words = tr("%1, %2 a second", "progress, bytes").arg(words, text::bytes(rate));
    }
    m_rate->setText(words);
}

void TransferDialog::setPhase(const QString &words)
{
    m_phase->setText(words);
    m_phase->show();
    m_bar->setRange(0, 0); // until there are figures
}

void TransferDialog::setWarning(const QString &words)
{
    m_warning->setText(tr("Warning: %1").arg(words));
    m_warning->show();
    growToFit(*this);
}

void TransferDialog::end(const QString &sentence)
{
    m_result->setText(sentence);
    m_result->show();
    m_phase->hide();
    m_cancel->hide();
    m_close->setText(tr("Close"));
    growToFit(*this);
}

void TransferDialog::setDone(const QString &sentence)
{
    m_bar->setRange(0, kSteps);
    m_bar->setValue(kSteps);
    m_rate->hide();
    end(sentence);
}

void TransferDialog::setFailure(const QString &sentence)
{
    m_bar->hide();
    m_rate->hide();
    end(sentence);
}

} // namespace gantry
