// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/copy_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/finding_view.h"
#include "widgets/dialogs/skip_rows.h"
#include "widgets/dialogs/warning_list.h"
#include "widgets/text/error_text.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {
constexpr int kMostName = 63;
constexpr int kMostCopies = 100;
constexpr int kShownNames = 6;
constexpr int kFindingLines = 7;

QString namesText(const QStringList &all)
{
    QStringList names = all.first(std::min<qsizetype>(all.size(), kShownNames));
    if (all.size() > kShownNames)
        names << QStringLiteral("… ") + all.last();
    return names.join(QStringLiteral(", "));
}

std::vector<MigrationHost> orThisHost(std::vector<MigrationHost> hosts)
{
    if (hosts.empty())
        hosts.push_back({{}, CopyDialog::tr("This host")});
    return hosts;
}
} // namespace

CopyDialog::CopyDialog(const v1::CheckpointInfo &checkpoint, std::vector<MigrationHost> hosts, QWidget *parent)
    : QDialog(parent)
    , m_checkpoint(checkpoint)
    , m_hosts(orThisHost(std::move(hosts)))
    , m_host(new QComboBox(this))
    , m_name(new QLineEdit(this))
    , m_count(new QSpinBox(this))
    , m_verdict(paragraph({}, this))
    , m_problem(paragraph({}, this))
    , m_warnings(new WarningList(this))
    , m_findings(new FindingView(this))
    , m_skips(new SkipRows(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Restore as new container"));
    setMinimumWidth(fontMetrics().averageCharWidth() * 90);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(tr("What %1 was at %2 runs once more: under another name, with files and a log of its "
                                   "own. What runs now is left as it is.")
                                    .arg(text::utf8(checkpoint.subject()), text::dateTime(checkpoint.realtime_usec())),
                                this));
    auto *form = new QFormLayout;
    fillHosts();
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setMaxLength(kMostName);
    m_name->setText(
        tr("%1-copy", "name of a container; letters without accents").arg(text::utf8(checkpoint.subject())));
    m_name->selectAll();
    m_count->setRange(1, kMostCopies);
    m_count->setToolTip(tr("Several get a number behind the name: -1, -2…"));
    form->addRow(tr("&Host:"), m_host);
    form->addRow(tr("&Name:"), m_name);
    form->addRow(tr("N&umber:", "how many containers"), m_count);
    layout->addLayout(form);
    layout->addWidget(m_verdict);
    layout->addWidget(m_problem);
    layout->addWidget(m_warnings);
    layout->addWidget(m_findings, 1);
    layout->addWidget(m_skips);
    layout->addWidget(m_command);
    layout->addStretch(0);
    m_accept = addDialogButtons(*this, tr("&Restore", "button"));
    m_problem->hide();
    m_findings->hide();
    m_findings->setMinimumHeight(fontMetrics().height() * kFindingLines);
    connect(m_host, &QComboBox::currentIndexChanged, this, &CopyDialog::start);
    connect(m_skips, &SkipRows::changed, this, &CopyDialog::showJudged);
    connect(m_name, &QLineEdit::textChanged, this, &CopyDialog::start);
    connect(m_count, &QSpinBox::valueChanged, this, &CopyDialog::start);
    m_name->setFocus();
}

void CopyDialog::fillHosts()
{
    m_host->setObjectName(QStringLiteral("host"));
    m_host->setToolTip(tr("On another host it is restored once the checkpoint is in its store; only what it lacks is "
                          "sent, by way of this console."));
    for (const MigrationHost &one : m_hosts) {
        m_host->addItem(one.name);
        const int row = m_host->count() - 1;
        const QString problem = row == 0 ? QString() : one.problem; // of the first one its own dry run tells
        m_host->setItemData(row, problem, Qt::ToolTipRole);
        if (auto *items = qobject_cast<QStandardItemModel *>(m_host->model()); items != nullptr)
            items->item(row)->setEnabled(problem.isEmpty());
    }
    m_host->setCurrentIndex(0);
}

const MigrationHost &CopyDialog::host() const
{
    return m_hosts[static_cast<std::size_t>(std::max(0, m_host->currentIndex()))];
}

bool CopyDialog::isElsewhere() const
{
    return m_host->currentIndex() > 0;
}

HostKey CopyDialog::elsewhere() const
{
    return isElsewhere() ? host().key : HostKey();
}

QStringList CopyDialog::skipped() const
{
    return isElsewhere() ? m_skips->skipped() : QStringList();
}

QString CopyDialog::line() const
{
    if (m_name->text().isEmpty())
        return {};
    QString out = QStringLiteral("gantryctl");
    if (!m_hosts.front().destination.isEmpty())
        out += QStringLiteral(" --host ") + text::shellWord(m_hosts.front().destination);
    out += QStringLiteral(" restore ") + text::utf8(m_checkpoint.id());
    if (isElsewhere())
        out += QStringLiteral(" --on ") +
               (host().destination.isEmpty() ? QStringLiteral("local") : text::shellWord(host().destination));
    out += QStringLiteral(" --as ") + text::shellWord(m_name->text());
    if (m_count->value() > 1)
        out += QStringLiteral(" --copies %1").arg(m_count->value());
    if (!skipped().isEmpty())
        out += QStringLiteral(" --skip ") + skipped().join(u',');
    return out;
}

void CopyDialog::showCommand()
{
    m_command->setLine(line());
}

void CopyDialog::start()
{
    ++m_question;
    m_accept->setEnabled(false); // until somebody has said that it can be done
    m_judged.Clear();
    m_skips->setFindings({});
    m_findings->clear();
    m_findings->setVisible(isElsewhere());
    m_problem->hide();
    m_warnings->setWarnings({});
    showCommand();
    if (m_name->text().isEmpty()) {
        m_verdict->setText(tr("Give it a name."));
        return;
    }
    if (isElsewhere()) {
        m_verdict->setText(tr("Both hosts look whether it can be done…"));
        Q_EMIT checkRequested(m_question, host().key, request());
        return;
    }
    m_verdict->setText(tr("Looking whether it can be restored…"));
    v1::CopyCheckpointRequest dryRun = request();
    dryRun.set_dry_run(true);
    Q_EMIT previewRequested(dryRun);
}

void CopyDialog::setJudged(int question, const v1::JudgeForkReply &reply)
{
    if (question != m_question)
        return;
    m_judged = reply;
    const std::vector<v1::CheckFinding> found(reply.findings().begin(), reply.findings().end());
    m_findings->setFindings(found, tr("Nothing stands in the way."));
    m_skips->setFindings(found);
    showJudged();
    growToFit(*this);
}

void CopyDialog::showJudged()
{
    const auto errors =
        std::ranges::count(m_judged.findings(), v1::CheckFinding::SEVERITY_ERROR, &v1::CheckFinding::severity);
    QStringList names;
    for (const std::string &name : m_judged.names())
        names << text::utf8(name);
    const int count = static_cast<int>(names.size());
    if (errors > 0)
        m_verdict->setText(tr("%n thing(s) stand in the way:", nullptr, static_cast<int>(errors)));
    else if (!m_skips->allSkipped())
        m_verdict->setText(tr("It can be restored on %1 if what is found is passed over.").arg(host().name));
    else
        m_verdict->setText(tr("%n new container(s) on %1: %2", nullptr, count).arg(host().name, namesText(names)) +
                           u'\n' +
                           (m_judged.known() ? tr("The checkpoint is there already: nothing has to be sent.")
                                             : tr("The checkpoint is sent there first, and stays in its store.")));
    m_accept->setEnabled(errors == 0 && m_skips->allSkipped());
    showCommand();
}

void CopyDialog::setCheckFailure(int question, const QString &sentences)
{
    if (question != m_question)
        return;
    m_verdict->setText(tr("It cannot be restored on %1.").arg(host().name));
    m_problem->show();
    showProblem(*m_problem, *m_accept, sentences);
    growToFit(*this);
}

v1::CopyCheckpointRequest CopyDialog::request() const
{
    v1::CopyCheckpointRequest out;
    out.set_checkpoint(m_checkpoint.id());
    out.set_name(m_name->text().toStdString());
    out.set_copies(m_count->value() == 1 ? 0 : static_cast<std::uint32_t>(m_count->value()));
    return out;
}

void CopyDialog::setPreview(const v1::CopyCheckpointReply &reply)
{
    if (m_name->text().isEmpty() || isElsewhere())
        return; // it was asked for before
    QStringList problems;
    for (const v1::CopyCheckpointReply::Conflict &one : reply.conflicts())
        problems << QStringLiteral("• ") + text::errorSentence(one.failure());
    QStringList names;
    for (const v1::CopyCheckpointReply::Copy &copy : reply.copies())
        names << text::utf8(copy.name());
    const int count = static_cast<int>(names.size());
    m_verdict->setText(problems.isEmpty()
                           ? tr("%n new container(s): %1", nullptr, count).arg(namesText(names))
                           : tr("%n thing(s) stand in the way:", nullptr, static_cast<int>(problems.size())));
    m_problem->setVisible(!problems.isEmpty());
    showProblem(*m_problem, *m_accept, problems.join(u'\n'));
    QStringList notes;
    if (problems.isEmpty())
        for (const std::string &note : reply.notes())
            notes << text::utf8(note);
    m_warnings->setWarnings(notes);
    growToFit(*this);
}

void CopyDialog::setFailure(const v1::Failure &failure)
{
    if (isElsewhere())
        return; // the same
    m_verdict->setText(tr("It cannot be restored as a new container."));
    m_problem->show();
    showProblem(*m_problem, *m_accept, text::errorSentence(failure));
    growToFit(*this);
}

} // namespace gantry
