// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/reclaim_dialog.h"

#include "engine/base/limit.h"
#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace gantry {

ReclaimDialog::ReclaimDialog(std::uint64_t nodeId, const QString &path, QWidget *parent)
    : QDialog(parent)
    , m_nodeId(nodeId)
    , m_path(path)
    , m_amount(new QLineEdit(QStringLiteral("64M"), this))
    , m_usage(new QLabel(text::absent(), this))
    , m_problem(paragraph({}, this))
    , m_warnings(new WarningList(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Reclaim memory"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    auto *row = new QHBoxLayout;
    auto *label = new QLabel(tr("&Take back from %1:").arg(path), this);
    label->setBuddy(m_amount);
    m_amount->setObjectName(QStringLiteral("amount"));
    m_amount->setMaximumWidth(fontMetrics().averageCharWidth() * 20);
    m_amount->setToolTip(tr("An amount: 64M, 1.5G, or bytes"));
    m_amount->selectAll();
    row->addWidget(label);
    row->addWidget(m_amount);
    row->addWidget(m_usage, 1);
    layout->addLayout(row);
    layout->addWidget(m_problem);
    layout->addWidget(m_warnings);
    auto *note = paragraph(tr("The kernel frees caches and swaps out what it can; what is needed again has to be read "
                              "from disk, so the processes may be slow for a while. No process is killed."),
                           this);
    note->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(note);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Reclaim", "button"));
    m_accept->setEnabled(false);
    connect(m_amount, &QLineEdit::textChanged, this, &ReclaimDialog::check);
    m_amount->setFocus();
}

void ReclaimDialog::start()
{
    check();
}

void ReclaimDialog::check()
{
    m_accept->setEnabled(false); // until the dry run has said what this does
    m_bytes.reset();
    // The grammar of the limits, without "max".
    const auto value = parseLimitValue(LimitKey::MemoryMax, m_amount->text().toStdString());
    const auto *bytes = value ? std::get_if<std::uint64_t>(&*value) : nullptr;
    QString problem;
    if (bytes == nullptr || *bytes == 0)
        problem = m_amount->text().isEmpty() ? tr("Type an amount.")
                                             : tr("“%1” is no amount of memory.").arg(m_amount->text());
    m_problem->setHidden(problem.isEmpty());
    showProblem(*m_problem, *m_accept, problem);
    m_accept->setEnabled(false);
    m_command->setLine({});
    if (!problem.isEmpty()) {
        m_warnings->setWarnings({});
        growToFit(*this);
        return;
    }
    m_bytes = *bytes;
    m_command->setLine(QStringLiteral("gantryctl reclaim %1 %2")
                           .arg(text::shellWord(m_path), text::limitInput(LimitKey::MemoryMax, *value)));
    v1::ReclaimRequest dryRun = request();
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

v1::ReclaimRequest ReclaimDialog::request() const
{
    v1::ReclaimRequest out;
    out.mutable_target()->set_node_id(m_nodeId);
    out.set_bytes(m_bytes.value_or(0));
    return out;
}

void ReclaimDialog::setPreview(const v1::ReclaimReply &reply)
{
    m_usage->setText(tr("of %1 in use", "memory").arg(text::bytes(reply.usage_before())));
    if (!m_bytes)
        return; // no amount any more
    QStringList warnings;
    if (*m_bytes > reply.usage_before())
        warnings << tr("It uses only %1: more cannot be taken back.").arg(text::bytes(reply.usage_before()));
    m_warnings->setWarnings(warnings);
    m_problem->hide();
    m_accept->setEnabled(true);
    growToFit(*this);
}

void ReclaimDialog::setFailure(const v1::Failure &failure)
{
    if (!m_bytes)
        return; // no amount any more: that is said already
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    growToFit(*this);
}

} // namespace gantry
