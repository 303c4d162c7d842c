// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/check_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/finding_view.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/freeze_text.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>

namespace gantry {

namespace {

constexpr int kSign = 16;

} // namespace

CheckDialog::CheckDialog(const QString &name, const QString &command, QWidget *parent)
    : QDialog(parent)
    , m_name(name)
    , m_sign(new QLabel(this))
    , m_verdict(paragraph({}, this))
    , m_more(paragraph({}, this))
    , m_findings(new FindingView(this))
{
    setWindowTitle(tr("Can it be checkpointed?"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    auto *head = new QGridLayout;
    QFont bold = m_verdict->font();
    bold.setBold(true);
    m_verdict->setFont(bold);
    head->addWidget(m_sign, 0, 0, Qt::AlignTop);
    head->addWidget(m_verdict, 0, 1);
    head->addWidget(m_more, 1, 1);
    head->setColumnStretch(1, 1);
    layout->addLayout(head);
    layout->addWidget(m_findings, 1);
    auto *note = paragraph(tr("Nothing was stopped for this. A process may change a moment later."), this);
    note->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(note);
    layout->addWidget(new CommandLine(command, this));
    QDialogButtonBox &buttons = addCloseButton(*this);
    m_again = buttons.addButton(tr("Check &again"), QDialogButtonBox::ActionRole);
    auto *help = buttons.addButton(tr("&Help"), QDialogButtonBox::HelpRole);
    help->setToolTip(tr("What can be checkpointed and what cannot (F1)"));
    connect(help, &QPushButton::clicked, this, &CheckDialog::helpRequested);
    connect(new QShortcut(QKeySequence(Qt::Key_F1), this), &QShortcut::activated, this, &CheckDialog::helpRequested);
    connect(m_again, &QPushButton::clicked, this, &CheckDialog::start);
    resize(fontMetrics().averageCharWidth() * 110, fontMetrics().height() * 26);
    m_findings->setFocus();
}

void CheckDialog::start()
{
    m_again->setEnabled(false);
    m_findings->clear();
    showVerdict(v1::SEVERITY_NONE, tr("Looking at %1…").arg(m_name), {});
    Q_EMIT checkRequested();
}

void CheckDialog::showVerdict(v1::Severity severity, const QString &verdict, const QString &more)
{
    m_sign->setPixmap(theme::severityIcon(severity, palette()).pixmap(kSign));
    m_verdict->setText(verdict);
    m_more->setText(more);
    m_more->setHidden(more.isEmpty());
}

void CheckDialog::setReply(const v1::CheckReply &reply)
{
    m_again->setEnabled(true);
    QStringList options;
    for (const std::string &option : reply.options())
        options << QStringLiteral("--") + text::utf8(option);
    QString more = tr("%1, %2 of memory. CRIU %3.", "processes, memory, version")
                       .arg(tr("%n process(es)", nullptr, static_cast<int>(reply.processes())),
                            text::bytes(reply.resident_bytes()),
                            reply.criu_version().empty() ? tr("is not there") : text::utf8(reply.criu_version()));
    if (reply.possible() && !options.isEmpty())
        more += QLatin1Char(' ') + tr("It needs %1.", "options").arg(options.join(QLatin1Char(' ')));
    if (reply.possible())
        more += QLatin1Char('\n') + text::expectedFreeze(reply);
    showVerdict(reply.possible() ? v1::SEVERITY_NONE : v1::SEVERITY_CRITICAL,
                reply.possible() ? tr("%1 can be checkpointed.").arg(m_name)
                                 : tr("%1 cannot be checkpointed now.").arg(m_name),
                more);
    m_findings->setFindings({reply.findings().begin(), reply.findings().end()}, tr("Nothing stands in the way."));
}

void CheckDialog::setFailure(const v1::Failure &failure)
{
    m_again->setEnabled(true);
    m_findings->clear();
    showVerdict(v1::SEVERITY_CRITICAL, tr("%1 could not be looked at.").arg(m_name), text::errorSentence(failure));
}

QString CheckDialog::verdict() const
{
    return m_verdict->text() + QLatin1Char(' ') + m_more->text();
}

QString CheckDialog::findings() const
{
    return m_findings->toPlainText();
}

} // namespace gantry
