// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs/migrate_dialog.h"

#include "widgets/dialogs/command_line.h"
#include "widgets/dialogs/dialog_buttons.h"
#include "widgets/dialogs/finding_view.h"
#include "widgets/style/theme.h"
#include "widgets/text/format.h"
#include "widgets/text/shell.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <algorithm>

namespace gantry {

namespace {

constexpr int kSign = 16;
constexpr int kMostName = 63;

} // namespace

MigrateDialog::MigrateDialog(const QString &container, const MigrationHost &source, std::vector<MigrationHost> hosts,
                             HostKey wanted, QWidget *parent)
    : QDialog(parent)
    , m_container(container)
    , m_source(source)
    , m_hosts(std::move(hosts))
    , m_host(new QComboBox(this))
    , m_name(new QLineEdit(container, this))
    , m_rounds(new QSpinBox(this))
    , m_keep(new QCheckBox(tr("&Keep its files and log here, stopped"), this))
    , m_timeline(new QCheckBox(tr("&Take its checkpoints along"), this))
    , m_sign(new QLabel(this))
    , m_verdict(paragraph({}, this))
    , m_findings(new FindingView(this))
    , m_skips(new SkipRows(this))
    , m_command(new CommandLine({}, this))
{
    setWindowTitle(tr("Migrate %1", "container").arg(container));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 12);
    layout->setSpacing(10);
    layout->addWidget(paragraph(
        tr("%1 goes on running on the other host, with its memory and its files. It stands still for a moment in "
           "between; whatever fails before it runs there leaves it running on %2.")
            .arg(container, source.name),
        this));
    auto *form = new QFormLayout;
    int first = -1;
    for (const MigrationHost &one : m_hosts) {
        m_host->addItem(one.name);
        const int row = m_host->count() - 1;
        m_host->setItemData(row, one.problem, Qt::ToolTipRole);
        if (auto *items = qobject_cast<QStandardItemModel *>(m_host->model()); items != nullptr)
            items->item(row)->setEnabled(one.problem.isEmpty());
        if (one.problem.isEmpty() && (first < 0 || one.key == wanted))
            first = row;
    }
    m_host->setCurrentIndex(first);
    m_name->setObjectName(QStringLiteral("name"));
    m_name->setMaxLength(kMostName);
    m_rounds->setRange(0, MigrationOptions::kMostRounds);
    m_rounds->setValue(MigrationOptions::kUsualRounds);
    m_rounds->setToolTip(
        tr("Up to so often it is saved and sent beforehand, so that less is to be sent while it stands "
           "still at the end. Each time it stands still while it is saved, and runs on while that is "
           "sent. 0: all of it is sent while it stands still."));
    form->addRow(tr("&Host:"), m_host);
    form->addRow(tr("&Name there:"), m_name);
    form->addRow(tr("&Rounds beforehand:"), m_rounds);
    m_transport = new TransportRows(*form, source.name, this);
    m_timeline->setToolTip(
        tr("Once it runs there its checkpoints are copied, so that its time line there has its past. Pages that are "
           "there already are not sent again. The copies on %1 stay; should this fail, it runs there all the same.")
            .arg(source.name));
    form->addRow(QString(), m_keep);
    form->addRow(QString(), m_timeline);
    layout->addLayout(form);
    auto *head = new QHBoxLayout;
    head->addWidget(m_sign, 0, Qt::AlignTop);
    head->addWidget(m_verdict, 1);
    layout->addLayout(head);
    layout->addWidget(m_findings, 1);
    layout->addWidget(m_skips);
    layout->addWidget(m_command);
    m_accept = addDialogButtons(*this, tr("&Migrate", "button"));
    auto *buttons = findChild<QDialogButtonBox *>();
    m_again = buttons->addButton(tr("Check &again"), QDialogButtonBox::ActionRole);
    connect(m_again, &QPushButton::clicked, this, &MigrateDialog::start);
    connect(m_host, &QComboBox::currentIndexChanged, this, &MigrateDialog::start);
    connect(m_name, &QLineEdit::textChanged, this, &MigrateDialog::start);
    connect(m_rounds, &QSpinBox::valueChanged, this, &MigrateDialog::showCommand);
    connect(m_transport, &TransportRows::changed, this, &MigrateDialog::showCommand);
    connect(m_skips, &SkipRows::changed, this, &MigrateDialog::showVerdict);
    connect(m_skips, &SkipRows::changed, this, &MigrateDialog::showCommand);
    connect(m_keep, &QCheckBox::toggled, this, &MigrateDialog::showCommand);
    connect(m_timeline, &QCheckBox::toggled, this, &MigrateDialog::showCommand);
    resize(fontMetrics().averageCharWidth() * 100, fontMetrics().height() * 28);
    m_host->setFocus();
}

const MigrationHost *MigrateDialog::host() const
{
    const int row = m_host->currentIndex();
    return row < 0 ? nullptr : &m_hosts[static_cast<std::size_t>(row)];
}

void MigrateDialog::start()
{
    ++m_question;
    m_answered = false;
    m_failure.clear();
    m_found.clear();
    m_skips->setFindings({});
    showVerdict();
    showCommand();
    m_findings->clear();
    if (const MigrationHost *to = host(); to != nullptr && !m_name->text().isEmpty())
        Q_EMIT checkRequested(m_question, to->key, m_name->text());
}

void MigrateDialog::setReply(int question, const v1::JudgeMigrationReply &reply)
{
    if (question != m_question)
        return;
    m_answered = true;
    m_found.assign(reply.findings().begin(), reply.findings().end());
    m_findings->setFindings(m_found, tr("Nothing stands in the way."));
    m_skips->setFindings(m_found);
    showVerdict();
}

void MigrateDialog::setFailure(int question, const QString &sentences)
{
    if (question != m_question)
        return;
    m_answered = true;
    m_failure = sentences;
    showVerdict();
}

void MigrateDialog::showVerdict()
{
    const MigrationHost *to = host();
    const auto errors = std::ranges::count(m_found, v1::CheckFinding::SEVERITY_ERROR, &v1::CheckFinding::severity);
    const bool open = !m_skips->allSkipped();
    v1::Severity sign = v1::SEVERITY_NONE;
    QString words;
    if (to == nullptr) {
        sign = v1::SEVERITY_CRITICAL;
        words = tr("There is no other host that it could go to. Add one, or connect it.");
    } else if (m_name->text().isEmpty()) {
        words = tr("Give it a name.");
    } else if (!m_answered) {
        words = tr("Both hosts look whether it can be done…");
    } else if (!m_failure.isEmpty()) {
        sign = v1::SEVERITY_CRITICAL;
        words = m_failure;
    } else if (errors > 0) {
        sign = v1::SEVERITY_CRITICAL;
        words = tr("%1 cannot go to %2: %n thing(s) stand in the way.", nullptr, static_cast<int>(errors))
                    .arg(m_container, to->name);
    } else if (open) {
        sign = v1::SEVERITY_WARNING;
        words = tr("%1 can go to %2 if what is found is passed over.").arg(m_container, to->name);
    } else {
        words = tr("%1 can go to %2.").arg(m_container, to->name);
    }
    m_sign->setPixmap(theme::severityIcon(sign, palette()).pixmap(kSign));
    m_verdict->setText(words);
    m_again->setEnabled(to != nullptr && m_answered);
    m_accept->setEnabled(to != nullptr && m_answered && m_failure.isEmpty() && errors == 0 && !open &&
                         !m_name->text().isEmpty());
}

void MigrateDialog::showCommand()
{
    const MigrationHost *to = host();
    if (to == nullptr || m_name->text().isEmpty()) {
        m_command->setLine({});
        return;
    }
    const MigrationWish asked = wish();
    QString line = QStringLiteral("gantryctl");
    if (!m_source.destination.isEmpty())
        line += QStringLiteral(" --host ") + text::shellWord(m_source.destination);
    line += QStringLiteral(" migrate %1 %2")
                .arg(text::shellWord(m_container),
                     to->destination.isEmpty() ? QStringLiteral("local") : text::shellWord(to->destination));
    if (asked.name != m_container)
        line += QStringLiteral(" --as ") + text::shellWord(asked.name);
    m_command->setLine(line + asked.words());
}

MigrationWish MigrateDialog::wish() const
{
    MigrationWish out;
    if (const MigrationHost *to = host(); to != nullptr)
        out.host = to->key;
    out.name = m_name->text();
    out.rounds = m_rounds->value();
    out.keep = m_keep->isChecked();
    out.timeline = m_timeline->isChecked();
    out.way = m_transport->way();
    out.limit = m_transport->limit();
    out.skip = m_skips->skipped();
    return out;
}

QString MigrateDialog::verdict() const
{
    return m_verdict->text();
}

QString MigrateDialog::findings() const
{
    return m_findings->toPlainText();
}

} // namespace gantry
