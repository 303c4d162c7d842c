// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/limit_route_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/style/theme.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/limit_change_text.h"
#include "widgets/text/shell.h"
#include "widgets/text/warning_text.h"

#include <QButtonGroup>
#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {

QString managerOf(const v1::SetLimitsReply &preview)
{
    const auto &changes = preview.changes();
    const auto routed = std::ranges::find_if(changes, [](const auto &change) { return !change.route().empty(); });
    return routed == changes.end() ? QString() : text::utf8(routed->route());
}

/// The engine's names of managers: "systemd: UNIT", "systemd of user UID: UNIT". A container's runtime has its own
/// and keeps values in any case.
bool goesThroughSystemd(const v1::SetLimitsReply &preview)
{
    return std::ranges::any_of(preview.changes(),
                               [](const auto &change) { return change.route().starts_with("systemd"); });
}

} // namespace

bool LimitRouteDialog::isNeededFor(const v1::SetLimitsReply &preview)
{
    return !managerOf(preview).isEmpty();
}

LimitRouteDialog::LimitRouteDialog(const v1::SetLimitsRequest &request, const v1::SetLimitsReply &preview,
                                   QWidget *parent)
    : QDialog(parent)
    , m_request(request)
    , m_preview(preview)
    , m_hasChoice(goesThroughSystemd(preview))
    , m_change(paragraph({}, this))
    , m_runtime(new QRadioButton(tr("&Until the unit stops or the host is started again"), this))
    , m_permanent(new QRadioButton(tr("&For ever: it is written to disk as well"), this))
    , m_warnings(new WarningList(this))
    , m_problem(paragraph({}, this))
    , m_admin(new CommandLine({}, this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Apply limits"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 110);
    const QString manager = managerOf(preview);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    QFont bold = font();
    bold.setBold(true);
    m_change->setFont(bold);
    layout->addWidget(m_change);
    const QString question =
        m_hasChoice ? tr("%1 is set through %2. How long is it to hold?", "cgroup, manager and its unit")
                    : tr("%1 is set through %2, which keeps the value.", "cgroup, runtime and its container");
    layout->addWidget(paragraph(question.arg(text::utf8(preview.cgroup_path()), manager), this));
    layout->addWidget(choices(manager));
    layout->addWidget(m_warnings);
    m_problem->hide();
    layout->addWidget(m_problem);
    auto *typed = new QLabel(tr("What an admin would type:"), this);
    typed->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(typed);
    layout->addWidget(m_admin);
    layout->addWidget(m_command);
    layout->addStretch(1);
    m_accept = addDialogButtons(*this, tr("&Apply"));
    m_cancel = findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Cancel);
    (m_request.persistence() == v1::PERSISTENCE_PERMANENT ? m_permanent : m_runtime)->setChecked(true);
    m_request.set_by_file(false);
    for (QRadioButton *button : {m_runtime, m_permanent})
        connect(button, &QRadioButton::clicked, this, &LimitRouteDialog::choose);
    showPreview();
    if (m_hasChoice)
        (m_permanent->isChecked() ? m_permanent : m_runtime)->setFocus();
}

QWidget *LimitRouteDialog::choices(const QString &manager)
{
    auto *box = new QWidget(this);
    box->setAccessibleName(tr("How long it holds"));
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_runtime);
    layout->addWidget(m_permanent);
    m_runtime->setVisible(m_hasChoice);
    m_permanent->setVisible(m_hasChoice);
    auto *more = new QToolButton(box);
    more->setText(tr("&Other ways"));
    more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    more->setArrowType(Qt::RightArrow);
    more->setAutoRaise(true);
    more->setCheckable(true);
    layout->addWidget(more);
    QWidget *file = fileChoice(manager);
    layout->addWidget(file);
    file->hide();
    connect(more, &QToolButton::toggled, this, [this, more, file](bool open) {
        more->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        file->setVisible(open);
        // What is out of sight must not be in force.
        if (!open && m_byFile->isChecked())
            m_byFile->click();
        growToFit(*this);
    });
    return box;
}

QWidget *LimitRouteDialog::fileChoice(const QString &manager)
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(24, 0, 0, 0);
    m_byFile = new QCheckBox(tr("&Write the kernel's file itself"), box);
    layout->addWidget(m_byFile);
    auto *caution = paragraph(tr("%1 does not know of it then: it may undo the change at any time, and the value is "
                                 "gone when the unit stops.",
                                 "manager and its unit")
                                  .arg(manager),
                              box);
    caution->setForegroundRole(QPalette::PlaceholderText);
    layout->addWidget(caution);
    connect(m_byFile, &QCheckBox::clicked, this, &LimitRouteDialog::choose);
    return box;
}

void LimitRouteDialog::choose()
{
    const bool byFile = m_byFile->isChecked();
    for (QRadioButton *button : {m_runtime, m_permanent})
        button->setEnabled(!byFile);
    m_request.set_by_file(byFile);
    m_request.set_persistence(m_permanent->isChecked() && !byFile ? v1::PERSISTENCE_PERMANENT
                                                                  : v1::PERSISTENCE_RUNTIME);
    m_accept->setEnabled(false); // until the dry run has said what this does
    v1::SetLimitsRequest dryRun = m_request;
    dryRun.mutable_target()->set_node_id(m_preview.node_id());
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

void LimitRouteDialog::setPreview(const v1::SetLimitsReply &reply)
{
    m_preview = reply;
    showPreview();
}

void LimitRouteDialog::setFailure(const v1::Failure &failure)
{
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    growToFit(*this);
}

QString LimitRouteDialog::commands() const
{
    QStringList lines;
    for (const v1::LimitChange &change : m_preview.changes())
        lines << text::utf8(change.command());
    return lines.join(QStringLiteral("; "));
}

void LimitRouteDialog::showPreview()
{
    m_problem->hide();
    m_change->setText(text::changesOf(m_preview));
    QStringList sentences;
    bool harmless = !m_request.by_file();
    for (const v1::LimitChange &change : m_preview.changes()) {
        for (const v1::Warning &warning : change.warnings()) {
            harmless = harmless && !text::isDangerous(warning);
            // How long it holds is what the dialog asks; that "for ever" will not be so has to be said.
            if (warning.code() != v1::Warning::CODE_NOT_PERSISTENT ||
                m_request.persistence() == v1::PERSISTENCE_PERMANENT)
                sentences << text::warningSentence(warning, change.key());
        }
    }
    sentences.removeDuplicates();
    m_warnings->setWarnings(sentences);
    m_admin->setLine(commands());
    v1::SetLimitsRequest shown = m_request;
    if (!m_hasChoice)
        shown.clear_persistence();
    m_command->setLine(text::setLimitsCommand(text::utf8(m_preview.cgroup_path()), shown));
    m_accept->setEnabled(true);
    updateDefault(harmless);
    growToFit(*this);
}

void LimitRouteDialog::updateDefault(bool harmless)
{
    m_accept->setText(harmless ? tr("&Apply") : tr("&Apply all the same"));
    m_accept->setAutoDefault(harmless);
    m_cancel->setAutoDefault(!harmless);
    (harmless ? m_accept : m_cancel)->setDefault(true);
}

v1::SetLimitsRequest LimitRouteDialog::request() const
{
    v1::SetLimitsRequest out = m_request;
    out.set_dry_run(false);
    // Were the cgroup made again since the dry run, nothing is written.
    out.mutable_target()->set_node_id(m_preview.node_id());
    return out;
}

} // namespace gantry
